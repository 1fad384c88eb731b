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
from yihu.exchange.forms_out_cells import Value, fill_cells, taken_below
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
    "person.code": Text("人编号", "person number"),
    "place.province": Text("省", "province"),
    "place.city": Text("市", "city"),
    "place.county": Text("县", "county"),
    "place.township": Text("乡镇", "township"),
    "place.village": Text("行政村", "village"),
    "place.hamlet": Text("自然村（所在地）", "hamlet it lies in"),
    "today": Text("填表日期", "day"),
}
WHY = {
    "unknown": Text("户册中没有", "not in the book"),
    "not_shown": Text("您的岗位不能查看", "your post does not show it"),
    "masked": Text("号码已遮盖", "the number is masked"),
    "formula": Text("该格是公式", "the cell is a formula"),
    "merged": Text("该格被合并，不是左上角", "inside merged cells, not their corner"),
    "no_sheet": Text("没有这张工作表", "no such sheet"),
    "no_address": Text("单元格写法不对", "no such cell"),
    "unmapped": Text("没有指定填什么", "nobody said what stands in it"),
    "no_fact": Text("规则书里没有这个指标", "no such fact in the rulebook"),
}


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A cell that stayed as it was. what: the fact asked for; whose: who stands in its row.

    Of a column nobody mapped, the whole of it: the address is its letters, what its heading.
    """

    sheet: str
    address: str
    what: str
    why: str
    whose: str = ""


def fill_form(
    form: Path,
    out: Path,
    mapping: Mapping[str, Any],
    homes: Sequence[Household],
    *,
    scope: Scope,
    whole: bool = False,
) -> list[Unfilled]:
    """Fill a copy of a form for one household (cells) or for many (columns).

    homes    reached by the scope; one of them for a mapping of cells
    whole    numbers in full, not masked: for who may unmask
    Returns  what could not be filled, cell by cell
    Raises   Problem: access.may_not, access.not_yours, exchange.no_mapping, exchange.form_full
    """
    scope.require("export")
    act = "unmask" if whole else "export"
    scope.require(act)
    allowed = set(
        scope.of(Household, act).filter(pk__in=[home.pk for home in homes])
        .values_list("pk", flat=True)
    )  # fmt: skip
    if not homes or any(home.pk not in allowed for home in homes):
        raise Problem("access.not_yours", status=404)
    if not (mapping.get("cells") or mapping.get("columns")):
        raise Problem("exchange.no_mapping")
    sheet = str(mapping.get("sheet", ""))
    asked = list(_asked(mapping, homes, scope, whole=whole))
    _require_room(form, mapping, [at for at, *_ in asked])
    cells = {(sheet, at): value for at, _, value, _, _ in asked}
    left = {at: why for _, at, why in fill_cells(form, out, cells)}
    return [
        Unfilled(sheet, at, what, left.get(at, why), whose)
        for at, what, value, why, whose in asked
        if at in left or value is None or why == "masked"
    ]


def log_form(
    mapping: Mapping[str, Any], name: str, homes: Sequence[Household], *, scope: Scope,
    now: datetime, whole: bool = False, why: str = "",
) -> None:  # fmt: skip
    """Keep that a filled form was given out; looking at what it will lack is no export."""
    facts = [*mapping.get("cells", {}).values(), *mapping.get("columns", {}).values()]
    log_reading(
        scope.worker, what="unmasked export" if whole else "exported", now=now, facts=facts,
        rows=len(homes), why=f"form {name} {why}"[:200].strip(),
    )  # fmt: skip


def _require_room(form: Path, mapping: Mapping[str, Any], asked: Sequence[str]) -> None:
    """A list ends above what the form has below it: its total and who signs are not written over.

    Raises  Problem (exchange.form_full)
    """
    if not mapping.get("columns"):
        return
    first = int(mapping.get("first_row", 2))
    last = max((int(at.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for at in asked), default=first)
    taken = taken_below(form, str(mapping.get("sheet", "")), first)
    if taken is not None and taken.row <= last:
        needed, room = last - first + 1, taken.row - first
        raise Problem(
            "exchange.form_full", status=409, needed=needed, room=room, more=needed - room,
            first=first, row=taken.row, says=taken.says[:40] or "—",
        )  # fmt: skip


def _asked(
    mapping: Mapping[str, Any], homes: Sequence[Household], scope: Scope, *, whole: bool
) -> Iterator[tuple[str, str, Value, str, str]]:
    """(address, what, value, why there is none, who stands there) of every cell."""
    cells: Mapping[str, str] = mapping.get("cells", {})
    head = _head(homes[0]) if cells else None
    for address, what in cells.items():
        yield (address, what, *_value(what, homes[0], head, 1, scope, whole=whole), "")
    columns: Mapping[str, str] = mapping.get("columns", {})
    row = int(mapping.get("first_row", 2))
    of_people = any(what.startswith("person.") for what in columns.values())
    number = 0
    for home, members in _with_people(homes, of_people=of_people):
        for person in members:
            number += 1
            for column, what in columns.items():
                who = f"{home.code} {person.name if person else home.head_name}"
                found = _value(what, home, person, number, scope, whole=whole)
                yield (f"{column}{row}", what, *found, who)
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
    what: str, home: Household, person: Person | None, number: int, scope: Scope, *, whole: bool
) -> tuple[Value, str]:
    if what in OWN:
        if what == "person.code":
            return (str(person.pk), "") if person else (None, "unknown")
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
        found = unsealed(of.sealed.get(name), whole=whole)
        if found is not None and not whole:
            return found, "masked"
    else:
        found = cell(spec, of.facts.get(name))
        if found is None and what == "household.head_name":
            # Nobody writes what the card knows by who the head is.
            found = home.head_name or None
        elif found is None and what == "household.hamlet":
            found = _own("place.hamlet", home, number, scope)
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
