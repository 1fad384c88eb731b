"""The burden meter: what visits cost a helper, from what the visits themselves say.

A visit says `effort` – taps, questions, bytes up and down since the last one – and, with consent,
when it began and ended. What a visit does not say is not guessed: it counts in no mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Substr

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.says import facts_in
from yihu.card.models import Household, Person
from yihu.places.models import Place
from yihu.visit.looking import read_entries, visit_of
from yihu.visit.models import Burden

#: Days the meter looks back.
DAYS = 30
#: A visit noted longer than this was left open on the phone: its minutes are no measure.
LONGEST = timedelta(hours=8)
#: A count beyond this is none: a thousand photos are less.
MOST = 2**40
SUMS = ("visits", "days", "timed", "minutes", "tapped", "taps", "asked", "form", "carried_days",
        "up", "down")  # fmt: skip


@dataclass(slots=True)
class Sums:
    """Sums over visits, and the days they were on."""

    visits: int = 0
    timed: int = 0
    minutes: float = 0.0
    tapped: int = 0
    taps: int = 0
    asked: int = 0
    form: int = 0
    up: int = 0
    down: int = 0
    on: set[date] = field(default_factory=set)
    carried_on: set[date] = field(default_factory=set)

    def add(self, on: date, says: Mapping[str, Any], *, minutes: float | None, form: int) -> None:
        """One visit more. form: questions a full form of the family has."""
        self.visits += 1
        self.on.add(on)
        self.form += form
        effort = says.get("effort", {})
        asked, taps, up, down = (_count(effort, name) for name in ("asked", "taps", "up", "down"))
        self.asked += sum(1 for _ in facts_in(says)) if asked is None else asked
        if minutes is not None:
            self.timed, self.minutes = self.timed + 1, self.minutes + minutes
        if taps is not None:
            self.tapped, self.taps = self.tapped + 1, self.taps + taps
        if up is not None or down is not None:
            self.carried_on.add(on)
            self.up += up or 0
            self.down += down or 0

    def row(self) -> dict[str, Any]:
        """The columns of a row."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            **{name: value for name, value in named.items() if name not in ("on", "carried_on")},
            "days": len(self.on), "carried_days": len(self.carried_on),
        }  # fmt: skip


def _count(effort: Mapping[str, Any], name: str) -> int | None:
    """A count as the phone says it; None where it says none, or no count."""
    value = effort.get(name)
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST
    return value if good else None


def full_form(people: int) -> int:
    """Questions a full form of a family of so many people has: all facts the rulebook keeps."""
    levels = [spec.level for spec in dictionary.active().facts.values()]
    return levels.count(dictionary.HOUSEHOLD) + people * levels.count(dictionary.PERSON)


@transaction.atomic
def measure(today: date) -> int:
    """Sum up the visits of the last days anew; returns how many."""
    since = today - timedelta(days=DAYS - 1)
    paths = dict(Household.objects.values_list("book_id", "place_path"))
    people = dict(Person.objects.filter(left_on=None).values_list("household_id")
                  .annotate(n=Count("pk")).order_by())  # fmt: skip
    villages, form = _villages(), cache(full_form)
    sums: dict[tuple[UUID, int], Sums] = {}
    many = 0
    for book, number, author, on, says in read_entries(["visit"], since, today):
        place = _above(paths.get(book, ""), villages)
        if place is None:
            continue
        visit = visit_of(book, number, author, on, says)
        long = visit.until - visit.began if visit.until and visit.began else None
        timed = long is not None and timedelta(0) <= long <= LONGEST
        minutes = long.total_seconds() / 60 if long is not None and timed else None
        own = sums.setdefault((author, place.pk), Sums())
        own.add(on, says, minutes=minutes, form=form(people.get(book, 0)))
        many += 1
    _write(sums, {place.pk: place.path for place in villages.values()}, today)
    return many


def _villages() -> dict[str, Place]:
    return {place.path: place for place in Place.objects.filter(level="village")}


def _above(path: str, villages: Mapping[str, Place]) -> Place | None:
    parts = path.split("/")
    for end in range(1, len(parts)):
        found = villages.get("/".join(parts[:end]) + "/")
        if found:
            return found
    return None


def _write(sums: Mapping[tuple[UUID, int], Sums], paths: Mapping[int, str], today: date) -> None:
    Burden.objects.all().delete()
    rows = [
        Burden(worker_id=worker, place_id=place, place_path=paths[place], until=today, **own.row())
        for (worker, place), own in sums.items()
    ]
    Burden.objects.bulk_create(rows, batch_size=500)


@dataclass(frozen=True, slots=True)
class Meter:
    """Means; None: no visit says it. Minutes, taps a visit; kB a day; questions a visit."""

    visits: int
    helpers: int
    asked: float | None
    form: float | None
    minutes: float | None
    taps: float | None
    up: float | None
    down: float | None


def meter(rows: QuerySet[Burden]) -> Meter:
    """The means over rows: one query."""
    named = {name: Sum(name) for name in SUMS}
    return meter_of(rows.order_by().aggregate(**named, helpers=Count("worker", distinct=True)))


def meter_of(found: Mapping[str, Any]) -> Meter:
    """The means of sums."""
    f = {name: value or 0 for name, value in found.items()}
    return Meter(
        visits=f["visits"], helpers=f["helpers"], asked=_mean(f["asked"], f["visits"]),
        form=_mean(f["form"], f["visits"]), minutes=_mean(f["minutes"], f["timed"]),
        taps=_mean(f["taps"], f["tapped"]), up=_mean(f["up"] / 1000, f["carried_days"]),
        down=_mean(f["down"] / 1000, f["carried_days"]),
    )  # fmt: skip


def by_place(rows: QuerySet[Burden], level: str) -> Iterable[tuple[str, Meter]]:
    """(place, means) by the places of a level that lies at or above villages, in their order."""
    names = dict(Place.objects.filter(level=level).values_list("path", "name"))
    signs = len(next(iter(names), ""))
    named = {name: Sum(name) for name in SUMS}
    grouped = rows.values(at=Substr("place_path", 1, signs)).order_by("at")
    for each in grouped.annotate(**named, helpers=Count("worker", distinct=True)):
        found: dict[str, Any] = dict(each)
        yield names.get(found["at"], ""), meter_of({n: found[n] for n in (*SUMS, "helpers")})


def rows_of(scope: Scope) -> QuerySet[Burden]:
    """Of all who visit in the places a worker reaches; a helper's own."""
    return scope.of(Burden) if scope.paths else Burden.objects.filter(worker=scope.worker)


def _mean(whole: float, many: int) -> float | None:
    return whole / many if many else None
