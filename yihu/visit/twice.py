"""What was asked twice: a fact of one family that two people wrote in some days; none is the aim.

Counting it means reading what a month of visits said. What a book said is read once and kept by
this process, without any value, until the book goes on. Where looking for what went on takes long,
as on an evening when seven thousand phones hand in, the last figure is shown for a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Max, Min, QuerySet, Value
from django.db.models.functions import Cast, Concat

from yihu.access.scope import Scope
from yihu.book.models import KINDS, Entry
from yihu.book.says import facts_in
from yihu.card.models import Household

#: Books asked for in one query.
BOOKS = 500
#: Entries past which a look takes long; then no other is taken for so many times what it took.
MANY, RESTS = 20_000, 30
#: whose and which fact; whose: "household", "place" or a person's id
Twice = frozenset[tuple[str, str]]


@dataclass(slots=True)
class _Known:
    """What was found since a moment.

    end    how many entries there were and when the last was received: another, and something came
    books  book → how many of its entries, the last of them, and what is written twice in it
    rests  until this moment of the process's clock it is not looked at again
    """

    since: datetime
    end: Any = None
    books: dict[UUID, tuple[Any, Twice]] = field(default_factory=dict)
    rests: float = 0.0


_known: dict[datetime, _Known] = {}
_one_at_a_time = Lock()


def asked_twice(scope: Scope, since: datetime) -> int:
    """How many facts of the families a worker reaches two people wrote since a moment."""
    with _one_at_a_time:
        twice = _found(since)
    reached: set[UUID] = set()
    for part in _parts(list(twice)):
        reached.update(scope.of(Household).filter(pk__in=part).values_list("pk", flat=True))
    return sum(len(twice[book]) for book in reached)


def _found(since: datetime) -> dict[UUID, Twice]:
    known = _known.get(since)
    if known is None:
        _known.clear()
        known = _known[since] = _Known(since)
    begun = monotonic()
    if begun >= known.rests:
        rows = _written(since)
        end = tuple(rows.aggregate(n=Count("received_at"), last=Max("received_at")).values())
        if end != known.end:
            known.books = _renewed(known.books, rows)
            known.end = end
        if end[0] >= MANY:
            known.rests = begun + (monotonic() - begun) * RESTS
    return {book: twice for book, (_, twice) in known.books.items() if twice}


def _written(since: datetime) -> QuerySet[Entry]:
    rows = Entry.objects.filter(received_at__gte=since).exclude(author=None).order_by()
    # By what they are not, so that SQLite takes the index of days and not that of kinds.
    return rows.exclude(kind__in=set(KINDS) - {"facts", "visit"})


def _renewed(
    known: dict[UUID, tuple[Any, Twice]], rows: QuerySet[Entry]
) -> dict[UUID, tuple[Any, Twice]]:
    """Only books in which more than one person wrote are read, and only if they went on."""
    # Grouped by a text, for SQLite would go through all entries in the order of the books' index.
    by_book = rows.values(of=Concat(Cast("book_id", CharField()), Value("")))
    # As a text as well: PostgreSQL knows no least id.
    author = Cast("author_id", CharField())
    several = by_book.annotate(
        first=Min(author), last=Max(author), n=Count("received_at"), at=Max("received_at")
    ).exclude(first=F("last"))
    ends = {UUID(row["of"]): (row["n"], row["at"]) for row in several}
    moved = [book for book, end in ends.items() if known.get(book, (None,))[0] != end]
    read = _read(rows, moved)
    return {
        book: (end, read[book]) if book in read else known.get(book, (end, frozenset()))
        for book, end in ends.items()
    }


def _read(rows: QuerySet[Entry], books: list[UUID]) -> dict[UUID, Twice]:
    writers: dict[UUID, dict[tuple[str, str], set[Any]]] = {
        book: defaultdict(set) for book in books
    }
    for part in _parts(books):
        found = rows.filter(book_id__in=part).values_list("book_id", "says", "author_id")
        for book, says, author in found:
            for whose, fact, value in facts_in(says):
                if value is not None:
                    writers[book][whose, fact].add(author)
    return {
        book: frozenset(key for key, who in of.items() if len(who) > 1)
        for book, of in writers.items()
    }


def _parts(books: list[UUID]) -> Iterable[list[UUID]]:
    return (books[n : n + BOOKS] for n in range(0, len(books), BOOKS))
