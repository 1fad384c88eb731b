"""What entries of one request have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from yihu import loop
from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book import rows
from yihu.book.actions import NewEntry
from yihu.book.models import Book, Entry
from yihu.book.says import facts_in
from yihu.card.models import Household
from yihu.loop import Moment
from yihu.sync.models import Arrival, Device
from yihu.sync.sent import Clock
from yihu.tables import rows_by

#: (whose, fact)
Key = tuple[str, str]


@dataclass(slots=True)
class Known:
    """What is asked of many entries of one request, read once.

    arrivals  of the ids of the request: id → digest → what became of it
    written   those of the ids that are entries of a book
    homes     households
    scopes    what the worker reaches on a day
    """

    arrivals: dict[UUID, dict[str, Arrival]] = field(default_factory=dict)
    written: set[UUID] = field(default_factory=set)
    homes: dict[UUID, Household | None] = field(default_factory=dict)
    scopes: dict[date, Scope] = field(default_factory=dict)

    @classmethod
    def of(cls, ids: Iterable[UUID]) -> Known:
        """Of the ids of one request."""
        wanted = list(ids)
        found = cls(arrivals={id: {} for id in wanted})
        for arrival in rows_by(Arrival, "entry_id", wanted):
            found.arrivals[arrival.entry_id][arrival.digest] = arrival
        found.written = set(rows.count_by(Entry, "id", wanted))
        return found

    def look_up(self, homes: Iterable[UUID]) -> None:
        """Read at once which of these households there are."""
        wanted = sorted(set(homes) - self.homes.keys())
        found = rows_by(Household, "book_id", wanted)
        self.homes |= dict.fromkeys(wanted) | {home.pk: home for home in found}

    def add(self, arrival: Arrival) -> None:
        """One more was judged."""
        self.arrivals.setdefault(arrival.entry_id, {})[arrival.digest] = arrival

    def home(self, id: UUID | None) -> Household | None:
        """The household of this id."""
        if id is not None and id not in self.homes:
            self.homes[id] = next(iter(rows_by(Household, "book_id", [id])), None)
        return self.homes[id] if id is not None else None

    def writes(self, by: Worker, home: Household, day: date) -> bool:
        """May the worker write about the household on a day?"""
        if day not in self.scopes:
            self.scopes[day] = Scope(by, day)
        return self.scopes[day].may("write", home)


@dataclass(slots=True)
class OpenBook:
    """A book nobody else writes in now, and what waits to be written in it.

    book    its row; last_number counts what waits, too
    end     number of the last entry that is written
    waits   (number, facts it says) of those that wait
    later   what others wrote: after entry n → (whose, fact) → value, as far as it was read
    """

    book: Book
    end: int
    waits: list[tuple[int, set[Key]]] = field(default_factory=list)
    later: dict[int, dict[Key, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Waiting:
    """Entries of one request that were judged, to be written at once.

    What is judged next is judged as if they stood in their books already: their books are locked
    and their numbers are known. To write ten entries one by one took twice the time of the rest.
    """

    new: list[NewEntry] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    books: dict[UUID, OpenBook] = field(default_factory=dict)

    def open(self, ids: Iterable[UUID]) -> None:
        """Lock books in one order, so that two requests never wait for each other in a ring."""
        wanted = sorted(set(ids) - self.books.keys())
        for book in rows_by(Book, "id", wanted, lock=True):
            self.books[book.pk] = OpenBook(book, book.last_number)

    def add(self, new: NewEntry, arrival: Arrival) -> None:
        """One more waits; it is told its number."""
        of = self.books[new.book]
        of.book.last_number += 1
        of.waits.append(
            (of.book.last_number, {(whose, fact) for whose, fact, _ in facts_in(new.says)})
        )
        arrival.book_id, arrival.number = new.book, of.book.last_number
        self.new.append(new)
        self.arrivals.append(arrival)

    def write(self, by: Worker, at: Moment) -> None:
        """Write what waits. Raises Problem where an entry cannot stand: then none is written."""
        if not self.new:
            return
        written = loop.write(self.new, by=by, at=at, followed=False)
        for row, arrival in zip(written, self.arrivals, strict=True):
            if (row.book_id, row.number) != (arrival.book_id, arrival.number):
                raise RuntimeError(
                    f"{arrival.entry_id} stands at {row.number}, not {arrival.number}"
                )
        rows.insert(Arrival, rows.rows_of(self.arrivals))
        self.new, self.arrivals, self.books = [], [], {}


@dataclass(frozen=True, slots=True)
class Batch:
    """Who hands in, by which phone, when it came and what the phone's clock said.

    waiting   what is written at once after the last, and what follows from it; None: each entry
              is written by itself
    known     what was read for all of them
    """

    by: Worker
    device: Device | None
    clock: Clock
    at: Moment
    waiting: Waiting | None = None
    known: Known = field(default_factory=Known)
