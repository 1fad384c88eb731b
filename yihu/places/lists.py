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

from django.db import transaction

from yihu.places.actions import Row
from yihu.places.models import Place, PlaceChange, PlaceName
from yihu.problems import Problem
from yihu.rulebook.intake.written import encoding_of

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

    Raises  Problem (places.no_columns, places.blank), Refused (intake.encoding)
    """
    with path.open(encoding=encoding_of(path), newline="") as file:
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
            one = Row(code=(row[code] or "").strip(), name=(row[name] or "").strip())
            if not (one.code or one.name):
                continue  # a line of nothing, as spreadsheets leave them at the end
            if not (one.code and one.name):
                what = name if one.code else code
                raise Problem("places.blank", file=path.name, line=read.line_num, column=what)
            yield one
        for township, called in townships.items():
            yield Row(code=township, name=called)


def history_of(path: File) -> list[Former]:
    """The county code history of a file."""
    with path.open(encoding=encoding_of(path), newline="") as file:
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
    _begin(todo)
    taking = _Taking(source, here, before)
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
                todo.append((former, taking.place_of(former, heir, place)))
                done[former.code, former.since] = todo[-1][1]
        if not todo:
            codes = {code for code, _ in done}
            for former, heir, place in divided:
                if set(former.into) <= codes and (former.code, former.since) not in done:
                    taken += 1
                    todo.append((former, taking.place_of(former, heir, place)))
                    done[former.code, former.since] = todo[-1][1]
    taking.write()
    return taken


def _before(heir: Former, before: dict[str, list[Former]]) -> list[Former]:
    """What ended into a code while it was in use."""
    last = heir.until or 9999
    return [f for f in before[heir.code] if f is not heir and heir.since <= (f.until or 0) <= last]


def _begin(all_here: Iterable[tuple[Former, Place]]) -> None:
    """Say of codes that are in use since when they are, where nobody knew."""
    began = {(place.pk, now.code): date(now.since, 1, 1) for now, place in all_here}
    open_names = PlaceName.objects.filter(since=None)
    named = [name for name in open_names if (name.place_id, name.code) in began]
    for name in named:
        name.since = began[name.place_id, name.code]
    PlaceName.objects.bulk_update(named, ["since"], batch_size=200)


#: A code, its name, and the days it was in use.
Named = tuple[str, str, date | None, date | None]


class _Taking:
    """Former codes on their way into the tables; what stands there is read once."""

    def __init__(
        self, source: str, here: dict[str, Place], before: dict[str, list[Former]]
    ) -> None:
        self.source, self.here, self.before = source, here, before
        self.codes = set(Place.objects.values_list("code", flat=True))
        self.names: dict[Named, dict[int, Place]] = defaultdict(dict)
        for had in PlaceName.objects.select_related("place").order_by("pk"):
            self.names[had.code, had.name, had.since, had.until][had.place_id] = had.place
        self.new_names: list[PlaceName] = []
        self.changes: list[PlaceChange] = []

    def place_of(self, former: Former, heir: Former, place: Place) -> Place:
        """The place a former code belongs to: the heir's own, or one that has ended."""
        since, until = date(former.since, 1, 1), date((former.until or 0) - 1, 12, 31)
        named = former.code, former.name, since, until
        turned = [f for f in self.before[heir.code] if f.until == heir.since and len(f.into) == 1]
        if former.until == heir.since and turned == [former]:
            self._name(place, named)
            return place
        ended = next(iter(self.names[named].values()), None)
        return ended or self._ended_place(former, place, named)

    def _name(self, place: Place, named: Named) -> None:
        if place.pk not in self.names[named]:
            code, name, since, until = named
            self.names[named][place.pk] = place
            self.new_names.append(
                PlaceName(
                    place=place, code=code, name=name, since=since, until=until, source=self.source
                )
            )

    def _ended_place(self, former: Former, heir: Place, named: Named) -> Place:
        # A place is named by its code once; one whose code is in use again is named by its year
        # too.
        code, name, since, until = named
        if code in self.codes:
            code = f"{code}@{since:%Y}"
        made = Place.objects.create(
            parent=heir.parent, level=heir.level, code=code, name=name, since=since, until=until,
            path="",
        )  # fmt: skip
        made.path = f"{heir.parent.path if heir.parent else ''}{made.pk:06d}/"
        made.save(update_fields=["path"])
        self.codes.add(code)
        self._name(made, named)
        kind, on = "merged" if len(former.into) == 1 else "split", date(former.until or 0, 1, 1)
        for heir_code in former.into:
            into = self.here.get(heir_code, heir)
            self.changes.append(
                PlaceChange(kind=kind, from_place=made, to_place=into, on=on, source=self.source)
            )
        return made

    def write(self) -> None:
        """Write what is not written yet."""
        PlaceName.objects.bulk_create(self.new_names)
        PlaceChange.objects.bulk_create(self.changes)
