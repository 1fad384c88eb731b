"""Filling an upper level's own form from the book, by a mapping that is kept beside the form.

A mapping says of each cell, or of each column of a list, what stands there: a fact, a count, or a
figure. What cannot be filled is not guessed: it is listed with its reason.

    {"sheet": "表1", "cells": {"C5": "household.attribute", "C6": "place.village"}}
    {"sheet": "名单", "first_row": 4, "columns": {"A": "row", "B": "household.code",
                                                  "C": "person.name"}}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.models import Household, Person
from yihu.exchange.forms_out_cells import Value, fill_cells
from yihu.exchange.known import in_parts
from yihu.exchange.out_cells import cell, unsealed
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.rulebook.facts import Text

#: Names that are no facts of the rulebook.
OWN = {
    "row": Text("序号", "running number"),
    "household.code": Text("户编号", "code of the household"),
    "household.size": Text("在册人数", "people"),
    "place.province": Text("省", "province"),
    "place.city": Text("市", "city"),
    "place.county": Text("县", "county"),
    "place.township": Text("乡镇", "township"),
    "place.village": Text("行政村", "village"),
    "today": Text("填表日期", "day"),
}
WHY = {
    "unknown": Text("户册中没有", "not in the book"),
    "not_shown": Text("您的岗位不能查看", "your post does not show it"),
    "formula": Text("该格是公式", "the cell is a formula"),
    "merged": Text("该格被合并，不是左上角", "inside merged cells, not their corner"),
    "no_sheet": Text("没有这张工作表", "no such sheet"),
    "no_address": Text("单元格写法不对", "no such cell"),
    "no_fact": Text("规则书里没有这个指标", "no such fact in the rulebook"),
}


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A cell that stayed as it was. what: the fact asked for."""

    sheet: str
    address: str
    what: str
    why: str


def fill_form(
    form: Path,
    out: Path,
    mapping: Mapping[str, Any],
    homes: Sequence[Household],
    *,
    scope: Scope,
    now: datetime,
) -> list[Unfilled]:
    """Fill a copy of a form for one household (cells) or for many (columns), and log it.

    homes    reached by the scope; one of them for a mapping of cells
    Returns  what could not be filled, cell by cell
    Raises   Problem: access.may_not, access.not_yours, exchange.no_mapping
    """
    scope.require("export")
    allowed = set(
        scope.of(Household, "export").filter(pk__in=[home.pk for home in homes])
        .values_list("pk", flat=True)
    )  # fmt: skip
    if not homes or any(home.pk not in allowed for home in homes):
        raise Problem("access.not_yours", status=404)
    if not (mapping.get("cells") or mapping.get("columns")):
        raise Problem("exchange.no_mapping")
    sheet = str(mapping.get("sheet", ""))
    asked = list(_asked(mapping, homes, scope))
    cells = {(sheet, at): value for at, _, value, _ in asked}
    left = {at: why for _, at, why in fill_cells(form, out, cells)}
    log_reading(
        scope.worker, what="exported", now=now, facts=[what for _, what, _, _ in asked],
        rows=len(homes), why=f"form {form.name}"[:200],
    )  # fmt: skip
    return [
        Unfilled(sheet, at, what, left.get(at, why))
        for at, what, value, why in asked
        if at in left or value is None
    ]


def _asked(
    mapping: Mapping[str, Any], homes: Sequence[Household], scope: Scope
) -> Iterator[tuple[str, str, Value, str]]:
    """(address, what, value, why there is none) of every cell."""
    cells: Mapping[str, str] = mapping.get("cells", {})
    head = _head(homes[0]) if cells else None
    for address, what in cells.items():
        yield (address, what, *_value(what, homes[0], head, 1, scope))
    columns: Mapping[str, str] = mapping.get("columns", {})
    row = int(mapping.get("first_row", 2))
    of_people = any(what.startswith("person.") for what in columns.values())
    number = 0
    for home, members in _with_people(homes, of_people=of_people):
        for person in members:
            number += 1
            for column, what in columns.items():
                yield (f"{column}{row}", what, *_value(what, home, person, number, scope))
            row += 1


def _with_people(
    homes: Sequence[Household], *, of_people: bool
) -> Iterator[tuple[Household, list[Person | None]]]:
    """Each household with its rows: its members, or one row for itself."""
    for part in in_parts(homes):
        members = defaultdict[UUID, list[Person | None]](list)
        for one in Person.objects.filter(household__in=part, left_on=None) if of_people else ():
            members[one.household_id].append(one)
        for home in part:
            yield home, members[home.pk] if of_people else [None]


def _people(home: Household) -> Iterator[Person]:
    yield from Person.objects.filter(household=home, left_on=None)


def _head(home: Household) -> Person | None:
    return next((person for person in _people(home) if person.is_head), None)


def _value(
    what: str, home: Household, person: Person | None, number: int, scope: Scope
) -> tuple[Value, str]:
    if what in OWN:
        found = _own(what, home, number, scope)
        return found or None, "" if found else "unknown"
    level, _, name = what.partition(".")
    spec = dictionary.active().facts.get((level, name))
    of = {"household": home, "person": person}.get(level)
    if spec is None or level not in ("household", "person"):
        return None, "no_fact"
    if not scope.sees(spec.privacy, home):
        return None, "not_shown"
    if of is None:
        return None, "unknown"
    if spec.privacy == "secret":
        found = unsealed(of.sealed.get(name), whole=False)
    else:
        found = cell(spec, of.facts.get(name))
        if found is None and what == "household.head_name":
            # Nobody writes what the card knows by who the head is.
            found = home.head_name or None
    return found, "" if found is not None else "unknown"


def _own(what: str, home: Household, number: int, scope: Scope) -> Value:
    if what == "row":
        return number
    if what == "today":
        return scope.today.isoformat()
    if what.startswith("household."):
        return home.code if what == "household.code" else home.size
    at: Place | None = home.place
    while at is not None and at.level != what.removeprefix("place."):
        at = at.parent
    return at.name if at else None
