"""Lists of places from files: division lists, and the code history of counties.

The history is a CSV made from the ministry's yearly lists: 代码, 一级行政区, 二级行政区, 名称,
级别, 状态, 启用时间, 变更/弃用时间 (exclusive), 新代码 (with ";", and "[year]" where a part went
in another year). It knows years only: a change counts from 1 January.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path as File
from typing import Any

from django.db import transaction

from yihu.places.actions import Row
from yihu.places.models import Place, PlaceChange, PlaceName
from yihu.problems import Problem

#: Headings a list may have for code and name, first found first taken.
CODES = ("code", "代码", "区划代码", "village_code")
NAMES = ("name", "名称", "village")


@dataclass(frozen=True, slots=True)
class Former:
    """A code that was in use from a year to another (exclusive, None: still), and what followed."""

    code: str
    name: str
    since: int
    until: int | None
    into: tuple[str, ...]


def rows_of(path: File) -> Iterator[Row]:
    """Places of a CSV list: columns code and name, or township and village beside each other.

    Raises  Problem (places.no_columns)
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = csv.DictReader(file)
        heads = read.fieldnames or []
        code = next((head for head in CODES if head in heads), None)
        name = next((head for head in NAMES if head in heads), None)
        if code is None or name is None:
            found = ", ".join(heads)
            raise Problem("places.no_columns", file=path.name, found=found)
        townships: dict[str, str] = {}
        for row in read:
            if row.get("township_code"):
                townships.setdefault(row["township_code"], row["township"])
            yield Row(code=row[code].strip(), name=row[name].strip())
        for township, called in townships.items():
            yield Row(code=township, name=called)


def history_of(path: File) -> list[Former]:
    """The county code history of a file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            Former(
                code=row["代码"], name=row["名称"], since=int(row["启用时间"]),
                until=int(row["变更/弃用时间"]) if row["变更/弃用时间"] else None,
                into=tuple(part.partition("[")[0] for part in row["新代码"].split(";") if part),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


@transaction.atomic
def take_history(history: Iterable[Former], *, source: str) -> int:
    """Give the places here the codes they had before; returns how many former codes were taken.

    A code that ended as its only heir began is the heir's own older code or name. One that went
    into a place that was there already was merged; one with several heirs was divided, and is
    taken only where all heirs are here.
    """
    all_of = list(history)
    before: dict[str, list[Former]] = defaultdict(list)
    for former in all_of:
        if former.until is not None:
            for code in former.into:
                before[code].append(former)
    here = {place.code: place for place in Place.objects.filter(until=None)}
    todo = [(former, here[former.code]) for former in all_of
            if former.until is None and former.code in here]  # fmt: skip
    for now, place in todo:
        _begin(place, now)
    done: dict[tuple[str, int], Place] = {(f.code, f.since): place for f, place in todo}
    divided: list[tuple[Former, Former, Place]] = []
    taken = 0
    while todo:
        heir, place = todo.pop()
        for former in _before(heir, before):
            if len(former.into) > 1:
                divided.append((former, heir, place))
            elif (former.code, former.since) not in done:
                taken += 1
                todo.append((former, _taken(former, heir, place, before, source)))
                done[former.code, former.since] = todo[-1][1]
        if not todo:
            codes = {code for code, _ in done}
            for former, heir, place in divided:
                if set(former.into) <= codes and (former.code, former.since) not in done:
                    taken += 1
                    todo.append((former, _taken(former, heir, place, before, source)))
                    done[former.code, former.since] = todo[-1][1]
    return taken


def _before(heir: Former, before: dict[str, list[Former]]) -> list[Former]:
    """What ended into a code while it was in use."""
    last = heir.until or 9999
    return [f for f in before[heir.code] if f is not heir and heir.since <= (f.until or 0) <= last]


def _begin(place: Place, now: Former) -> None:
    place.names.filter(since=None, code=now.code).update(since=date(now.since, 1, 1))


def _taken(
    former: Former,
    heir: Former,
    place: Place,
    before: dict[str, list[Former]],
    source: str,
) -> Place:
    """The place a former code belongs to: the heir's own, or one that has ended."""
    since, until = date(former.since, 1, 1), date((former.until or 0) - 1, 12, 31)
    named = {"code": former.code, "name": former.name, "since": since, "until": until}
    turned = [f for f in before[heir.code] if f.until == heir.since and len(f.into) == 1]
    if former.until == heir.since and turned == [former]:
        PlaceName.objects.get_or_create(place=place, **named, defaults={"source": source})
        return place
    ended = PlaceName.objects.filter(**named).select_related("place").first()
    if ended is not None:
        return ended.place
    made = _ended_place(place, named, source)
    for heir_code in former.into:
        into = Place.objects.filter(code=heir_code, until=None).first() or place
        PlaceChange.objects.create(
            kind="merged" if len(former.into) == 1 else "split", from_place=made, to_place=into,
            on=date(former.until or 0, 1, 1), source=source,
        )  # fmt: skip
    return made


def _ended_place(heir: Place, named: dict[str, Any], source: str) -> Place:
    # A place is named by its code once; one whose code is in use again is named by its year too.
    code, since = named["code"], named["since"]
    if Place.objects.filter(code=code).exists():
        code = f"{code}@{since:%Y}"
    made = Place.objects.create(
        parent=heir.parent, level=heir.level, code=code, name=named["name"], since=since,
        until=named["until"], path="",
    )  # fmt: skip
    made.path = f"{heir.parent.path if heir.parent else ''}{made.pk:06d}/"
    made.save(update_fields=["path"])
    PlaceName.objects.create(place=made, **named, source=source)
    return made
