"""Entries of kind gap → rows of the ledger; thrown away and rebuilt at will."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from yihu.book import rows as kept
from yihu.book.models import Book, Entry
from yihu.book.reading import Read
from yihu.card.models import Household
from yihu.ledger.models import NEVER, Gap, GapFlow
from yihu.ledger.standing import OPEN
from yihu.places.models import Place
from yihu.tables import rows_by

#: (day, place, battle, department) → gaps opened, gaps closed
Flow = tuple[date, int, str, str]
_PART = 500


class _Flows:
    """What opened and closed, counted by day, place, battle and department."""

    def __init__(self) -> None:
        self.opened: Counter[Flow] = Counter()
        self.closed: Counter[Flow] = Counter()

    def moved(self, gap: Gap, on: date, before: bool) -> None:
        """One entry has changed a gap; before: was it open until then?"""
        now = gap.state in OPEN
        if now != before:
            count = self.opened if now else self.closed
            count[on, gap.place_id, gap.battle, gap.department] += 1

    def save(self) -> None:
        """Add the counts to those there are."""
        keys = self.opened.keys() | self.closed.keys()
        with connection.cursor() as cursor:
            cursor.executemany(
                'INSERT INTO yihu_gapflow ("on", place_id, battle, department, opened, closed) '
                "VALUES (%s, %s, %s, %s, %s, %s) "
                'ON CONFLICT (place_id, "on", battle, department) DO UPDATE SET '
                "opened = yihu_gapflow.opened + excluded.opened, "
                "closed = yihu_gapflow.closed + excluded.closed",
                [(*key, self.opened[key], self.closed[key]) for key in sorted(keys)],
            )


def take_in(rows: Sequence[Entry]) -> list[Gap]:
    """Bring the gaps these entries speak of up to date; returns them."""
    ids = list({UUID(row.says["gap"]) for row in rows})
    gaps = {gap.pk: gap for gap in rows_by(Gap, "id", ids)}
    flows = _Flows()
    _applied(rows, gaps, flows)
    _save(gaps.values())
    flows.save()
    return list(gaps.values())


def _applied(rows: Iterable[Entry], gaps: dict[UUID, Gap], flows: _Flows) -> None:
    given = list(rows)
    where = _Where({row.book_id for row in given})
    for row in given:
        id = UUID(row.says["gap"])
        if id not in gaps:
            gaps[id] = _new(id, row)
        gap = gaps[id]
        before = gap.state in OPEN
        apply(gap, row)
        where.put(gap)
        flows.moved(gap, row.seen_on, before)


def _save(gaps: Collection[Gap]) -> None:
    kept.put(Gap, kept.rows_of(list(gaps)), key="id")


class _Where:
    """Where the books of gaps lie: a household's place now, or the place itself."""

    def __init__(self, books: Collection[UUID]) -> None:
        homes = kept.values_by(Household, "book_id", books, "place_id", "place_path")
        self.homes: dict[UUID, tuple[int, str]] = {
            id: (of, path) for id, (of, path) in homes.items()
        }
        self.places: dict[UUID, tuple[int, str]] = {}
        others = [book for book in books if book not in self.homes]
        for start in range(0, len(others), _PART):
            places = Place.objects.filter(book__in=others[start : start + _PART])
            for book, place, path in places.values_list("book", "pk", "path"):
                self.places[book] = (place, path)

    def put(self, gap: Gap) -> None:
        """Say in the row where its book lies."""
        found = self.homes.get(gap.book_id)
        gap.household_id = gap.book_id if found else None
        gap.place_id, gap.place_path = found or self.places[gap.book_id]


def standing_after(rows: Iterable[Entry | Read]) -> list[Gap]:
    """How the gaps of one book stand after these of its entries; nothing of it is written."""
    gaps: dict[UUID, Gap] = {}
    for row in rows:
        if row.kind == "gap":
            id = UUID(row.says["gap"])
            if id not in gaps:
                gaps[id] = _new(id, row)
            apply(gaps[id], row)
    return list(gaps.values())


def _new(id: UUID, row: Entry | Read) -> Gap:
    person = row.says.get("person")
    return Gap(
        id=id, book_id=row.book_id, person_id=UUID(person) if person else None, state="",
        opened_on=row.seen_on, times_opened=0, raised_by_id=row.author_id,
    )  # fmt: skip


def apply(gap: Gap, entry: Entry | Read) -> None:
    """What one entry does to a gap."""
    says = entry.says
    did = says["did"]
    gap.last_number = entry.number
    _APPLY.get(did, _nothing)(gap, entry, says)
    gap.answer = says.get("answer", gap.answer)
    gap.department = says.get("department", gap.department)
    if "due_on" in says:
        gap.due_on = _day(says["due_on"])
    gap.todo, gap.due_by = int(gap.state in OPEN), gap.due_on or NEVER


def _opened(gap: Gap, _entry: Entry | Read, says: Mapping[str, Any]) -> None:
    for name in ("origin", "rule", "title", "battle"):
        setattr(gap, name, says.get(name, getattr(gap, name)))
    gap.cleared_on, gap.waived_until = None, None
    gap.state = "assigned" if gap.responsible_id else "open"
    gap.times_opened += 1


def _assigned(gap: Gap, _entry: Entry | Read, says: Mapping[str, Any]) -> None:
    gap.state, gap.responsible_id = "assigned", UUID(says["to"])


def _answered(gap: Gap, _entry: Entry | Read, _says: Mapping[str, Any]) -> None:
    gap.state = "answered"


def _waived(gap: Gap, _entry: Entry | Read, says: Mapping[str, Any]) -> None:
    gap.state, gap.waived_until = "waived", _day(says["until"])


def _unwaived(gap: Gap, _entry: Entry | Read, _says: Mapping[str, Any]) -> None:
    gap.state, gap.waived_until = "assigned" if gap.responsible_id else "open", None


def _cleared(gap: Gap, entry: Entry | Read, _says: Mapping[str, Any]) -> None:
    gap.state, gap.cleared_on, gap.waived_until = "cleared", entry.seen_on, None


def _nothing(_gap: Gap, _entry: Entry | Read, _says: Mapping[str, Any]) -> None:
    """For seen and due: they say only what all entries may say."""


_APPLY = {
    "opened": _opened, "reopened": _opened, "assigned": _assigned, "answered": _answered,
    "waived": _waived, "unwaived": _unwaived, "cleared": _cleared,
}  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# --- anew -----------------------------------------------------------------------------------------


@transaction.atomic
def rebuild(books: Collection[UUID] | None = None) -> int:
    """Make the rows of these books, or of all, anew from the entries; returns how many."""
    gaps, entries = Gap.objects.all(), Entry.objects.all()
    if books is not None:
        gaps, entries = gaps.filter(book_id__in=books), entries.filter(book_id__in=books)
    places = set(gaps.values_list("place_id", flat=True).distinct())
    gaps.delete()
    count, flows = 0, _Flows()
    for rows in _by_book(entries):
        made: dict[UUID, Gap] = {}
        _applied(rows, made, flows)
        _save(made.values())
        places |= {gap.place_id for gap in made.values()}
        count += len(made)
    if books is not None:
        recount(places)
        return count
    # All entries were read: to read them again place by place took longer than all cards.
    GapFlow.objects.all().delete()
    flows.save()
    return count


def moved(households: Collection[UUID]) -> int:
    """Let the gaps of households that moved lie where the households lie now."""
    if not households:
        return 0
    rows = Gap.objects.filter(household_id__in=list(households))
    gaps = list(rows.exclude(place_id=F("household__place_id")).select_related("household"))
    if not gaps:
        return 0
    places = {gap.place_id for gap in gaps}
    where = _Where({gap.book_id for gap in gaps})
    for gap in gaps:
        where.put(gap)
    Gap.objects.bulk_update(gaps, ["place", "place_path"], batch_size=_PART)
    recount(places | {gap.place_id for gap in gaps})
    return len(gaps)


def recount(places: Collection[int]) -> None:
    """Count anew what opened and closed in these places, from the entries of what lies there."""
    GapFlow.objects.filter(place_id__in=places).delete()
    flows = _Flows()
    for place in sorted(places):
        # Not as one condition: joined by "or", each place would look through all books.
        for here in (Q(household__place_id=place), Q(place_id=place)):
            for rows in _by_book(Entry.objects.filter(book__in=Book.objects.filter(here))):
                _applied(rows, {}, flows)
    flows.save()


def _by_book(entries: QuerySet[Entry]) -> Iterable[list[Entry]]:
    """Entries of kind gap, many books at a time, each book whole. None of them is ever undone."""
    rows = entries.filter(kind="gap").order_by("book_id", "number").iterator(chunk_size=5000)
    part: list[Entry] = []
    for _, of in groupby(rows, key=lambda entry: entry.book_id):
        part += of
        if len(part) >= 5000:
            yield part
            part = []
    yield part
