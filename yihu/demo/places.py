"""Places of the demo county, each with its book: public names down to the township, then neutral.

A village keeps the code of the public list, so that formats fit, and is called by township and
number: what is drawn for it is true of no village of that code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction

from yihu.book import bulk, dictionary
from yihu.book.actions import NewEntry, add_entries
from yihu.book.models import Book
from yihu.demo.county import TODAY, County, id_of
from yihu.places.actions import Row, load
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.rulebook.facts import FactSpec
from yihu.synthetic.places import EXIT_SHARES, EXIT_YEARS
from yihu.synthetic.plan import apportion

ABOVE = (Row("45", "广西壮族自治区"), Row("4510", "百色市"))
SINCE = date(2014, 1, 1)


def rows_of(county: County) -> list[Row]:
    """All places from province to hamlet."""
    drawn = county.plan
    found = [*ABOVE, Row(drawn.code, drawn.name)]
    found += [Row(place.code, place.name) for place in drawn.townships]
    for number, place in enumerate(drawn.villages):
        town = drawn.townships[drawn.township[number]]
        word = "社区" if place.code[9] == "0" else "村"
        short = town.name.removesuffix("瑶族乡").removesuffix("镇")
        found.append(Row(place.code, f"{short}{_counted(int(drawn.within[number]) + 1)}{word}"))
        here = county.hamlet[county.village == number]
        found += [
            Row(f"{place.code}{hamlet:03d}", f"{hamlet}屯", "hamlet")
            for hamlet in range(1, int(here.max(initial=0)) + 1)
        ]
    return found


def _counted(number: int) -> str:
    """A number below 100 as names of villages have it.

    >>> [_counted(n) for n in (3, 10, 12, 20, 31)]
    ['三', '十', '十二', '二十', '三十一']
    """
    tens, ones = divmod(number, 10)
    figures = "零一二三四五六七八九"
    return (
        ("" if tens < 2 else figures[tens])
        + ("十" if tens else "")
        + (figures[ones] if ones else "")
    )


def exit_years(county: County) -> dict[str, int]:
    """Code of each poverty village → year it left; 2020 for those that have yet to leave."""
    codes = [
        place.code
        for place, listed in zip(county.plan.villages, county.plan.poverty, strict=True)
        if listed
    ]
    counts = apportion(len(codes), EXIT_SHARES) if codes else np.zeros(5, np.int64)
    years = np.repeat(EXIT_YEARS, counts)
    order = np.random.default_rng([county.seed, 5]).permutation(len(codes))
    return {codes[at]: int(year) for at, year in zip(order, years, strict=True)}


@transaction.atomic
def make_places(county: County) -> None:
    """The tree, the poverty villages with their years, and the books of all above the hamlet."""
    load(rows_of(county))
    out = exit_years(county)
    for place in Place.objects.filter(code__in=out):
        last = f"{out[place.code]}-12-15" if out[place.code] <= TODAY.year - 1 else None
        place.poverty_village = [[SINCE.isoformat(), last]]
        place.save(update_fields=["poverty_village"])
    places = {place.code: place for place in Place.objects.exclude(level="hamlet")}
    entries = []
    for number, place in enumerate(places.values()):
        book = Book.objects.create(id=id_of(county.seed, "place", number), place=place)
        entries += _entries(county, place, book, out)
    now = datetime(2020, 8, 31, 9, tzinfo=UTC)
    add_entries(entries, by=None, now=now, today=TODAY)


def _entries(county: County, place: Place, book: Book, out: Mapping[str, int]) -> list[NewEntry]:
    row = _row(county, place)
    if row is None:
        return []
    if place.level == "village":
        year = out.get(place.code)
        row |= {
            "poverty_village": year is not None, "planned_exit_year": year,
            "village_exited": year is not None and year < TODAY.year,
            "village_exit_year": year if year and year < TODAY.year else None,
        }  # fmt: skip
    says = {"place": facts(place.level, row)}
    return [
        NewEntry(book=book.pk, kind="facts", says=says, seen_on=date(2020, 8, 20), source="census")
    ]


def _row(county: County, place: Place) -> dict[str, Any] | None:
    tables: dict[str, tuple[pa.Table, str]] = {
        "village": (county.villages, "village_code"),
        "township": (county.townships, "township_code"),
        "county": (county.county, "county_code"),
    }
    if place.level not in tables:
        return None
    table, key = tables[place.level]
    at = table[key].to_pylist().index(place.code)
    return dict(table.slice(at, 1).to_pylist()[0])


def facts(level: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a drawn row the rulebook knows and the book takes; the rest was never written."""
    known = dictionary.active().facts
    asked = {name: known[level, name] for name in row if (level, name) in known}
    found = {name: _written(spec, level, row[name]) for name, spec in asked.items()}
    return {name: value for name, value in found.items() if value is not None}


def facts_of(level: str, table: pa.Table) -> list[dict[str, Any]]:
    """The same of every row of a drawn table; each value of a column is spelled once."""
    known = dictionary.active().facts
    found: list[dict[str, Any]] = [{} for _ in range(len(table))]
    for name in table.column_names:
        spec = known.get((level, name))
        if spec is None:
            continue
        spelled: dict[Any, Any] = {}
        for row, value in zip(found, table[name].to_pylist(), strict=True):
            if value not in spelled:
                spelled[value] = _written(spec, level, value)
            written = spelled[value]
            if written is not None:
                # Each household has a list of its own, for it may be changed.
                row[name] = [*written] if spec.kind == "codes" else written
    return found


def _written(spec: FactSpec, level: str, value: Any) -> Any:
    """A value as it stands in a book; None where there is none, or none that a book takes."""
    if value is None:
        return None
    if spec.kind == "codes" and isinstance(value, str):
        value = value.split(",")
    try:
        return bulk.spelled(level, spec.name, value)
    except Problem:
        return None
