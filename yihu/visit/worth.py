"""What visits brought: facts nobody knew before, and gaps that were cleared after them.

Summed up by night for each helper and village, from the books and the ledger. It says what came of
going there, so that a visit is no tick in a list; it rates nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.book.says import facts_in
from yihu.card.models import Household
from yihu.ledger.models import Gap
from yihu.places.models import Place
from yihu.visit.models import VisitSum

#: Days looked back, and books read at once.
DAYS, BOOKS = 30, 500


@dataclass(slots=True)
class Sums:
    """What one helper's visits in one village brought."""

    visits: int = 0
    learned: int = 0
    cleared: int = 0
    homes: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as it is asked here."""

    number: int
    kind: str
    author: UUID | None
    on: date
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Worth:
    """One visit, and how many facts it told of which nothing was known."""

    author: UUID
    on: date
    learned: int


def visits_in(book: list[Told], since: date) -> Iterator[Worth]:
    """The visits of a book from a day on; what stands in it before tells what was known."""
    known: set[tuple[str, str]] = set()
    for entry in sorted(book, key=lambda each: (each.on, each.number)):
        told = {(whose, fact) for whose, fact, value in facts_in(entry.says) if value is not None}
        if entry.kind == "visit" and entry.author and entry.on >= since:
            yield Worth(entry.author, entry.on, len(told - known))
        known |= told


@transaction.atomic
def weigh(today: date) -> int:
    """Sum up the visits of the last days anew; returns how many there were."""
    since = today - timedelta(days=DAYS - 1)
    villages = {place.path: place for place in Place.objects.filter(level="village")}
    paths = dict(Household.objects.values_list("book_id", "place_path"))
    sums: dict[tuple[UUID, str], Sums] = {}
    visited = Entry.objects.filter(kind="visit", seen_on__range=(since, today)).order_by()
    books = sorted(set(visited.exclude(author=None).values_list("book_id", flat=True)) & set(paths))
    for start in range(0, len(books), BOOKS):
        some = books[start : start + BOOKS]
        gaps = _cleared(some, since)
        for id, book in _read(some, today):
            village = _village(paths[id], villages)
            if village is not None:
                _add(sums, village, id, list(visits_in(book, since)), gaps.get(id, []))
    VisitSum.objects.all().delete()
    VisitSum.objects.bulk_create(_rows(sums, villages, today), batch_size=500)
    return sum(each.visits for each in sums.values())


def _add(
    sums: dict[tuple[UUID, str], Sums], village: str, id: UUID, visits: list[Worth],
    gaps: list[tuple[date, date]],
) -> None:  # fmt: skip
    for each in visits:
        own = sums.setdefault((each.author, village), Sums())
        own.visits, own.learned = own.visits + 1, own.learned + each.learned
        own.homes.add(id)
    for opened, cleared in gaps:
        # Of several visits the last before it was cleared: it counts once.
        before = [each for each in visits if opened <= each.on <= cleared]
        if before:
            last = max(before, key=lambda each: each.on)
            sums[last.author, village].cleared += 1


def _cleared(books: list[UUID], since: date) -> dict[UUID, list[tuple[date, date]]]:
    """Book → (opened, cleared) of gaps cleared since a day."""
    found: dict[UUID, list[tuple[date, date]]] = {}
    rows = Gap.objects.filter(Q(book__in=books, state="cleared", cleared_on__gte=since))
    for book, opened, cleared in rows.values_list("book_id", "opened_on", "cleared_on"):
        if cleared is not None:
            found.setdefault(book, []).append((opened, cleared))
    return found


def _read(books: list[UUID], today: date) -> Iterator[tuple[UUID, list[Told]]]:
    rows = Entry.objects.filter(book_id__in=books, seen_on__lte=today)
    rows = rows.exclude(kind__in=("gap", "evidence", "signature")).order_by("book_id", "number")
    named = rows.values_list("book_id", "number", "kind", "author_id", "seen_on", "says", "undoes")
    for book, of in groupby(named.iterator(chunk_size=2000), key=lambda row: row[0]):
        entries = list(of)
        gone = {undoes for *_, undoes in entries if undoes}
        yield book, [Told(*row[1:6]) for row in entries if row[1] not in gone]


def _village(path: str, villages: Mapping[str, Place]) -> str | None:
    """Path of the village a household lies in, also where it stands in a hamlet of it."""
    step = len(path.split("/", maxsplit=1)[0]) + 1
    return next((path[:end] for end in range(len(path), 0, -step) if path[:end] in villages), None)


def _rows(
    sums: Mapping[tuple[UUID, str], Sums], villages: Mapping[str, Place], today: date
) -> list[VisitSum]:
    return [
        VisitSum(
            worker_id=worker, place=villages[path], place_path=path, until=today,
            visits=of.visits, homes=len(of.homes), learned=of.learned, cleared=of.cleared,
        )
        for (worker, path), of in sums.items()
    ]  # fmt: skip


def sums_of(scope: Scope) -> QuerySet[VisitSum]:
    """Of all who visit in the places a worker reaches; a helper's own."""
    return scope.of(VisitSum) if scope.paths else VisitSum.objects.filter(worker=scope.worker)
