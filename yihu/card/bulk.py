"""Building all cards anew from their books, side by side in several processes.

What stands in the tables afterwards is what `actions.rebuild` makes of each book. Books are read
and folded in processes of their own; one process writes, some hundred households in a transaction.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from yihu.book import rows
from yihu.book.models import Book, Entry
from yihu.card.actions import household_row, person_row, sealed_rows, spellings
from yihu.card.fold import Card, fold
from yihu.card.models import Household, Person, Sealed, Spelling
from yihu.children import children
from yihu.places.models import Place
from yihu.places.queries import every_code

#: Households built and written together.
CHUNK = 400
#: Columns read of each entry.
READ = (
    "book_id", "number", "kind", "seen_on", "received_at", "source", "says", "sealed", "undoes",
)  # fmt: skip

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """Rows of some households in the form of the database."""

    ids: list[UUID]
    households: list[rows.Row]
    people: list[rows.Row]
    sealed: list[rows.Row]
    spellings: list[rows.Row]


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry as it was read, without what no card asks for."""

    number: int
    kind: str
    seen_on: date
    received_at: datetime
    source: str
    says: dict[str, Any]
    sealed: dict[str, str] | None
    undoes: int | None


def rebuild_all(
    *, now: datetime, processes: int | None = None, progress: Progress | None = None
) -> int:
    """Build every card anew from the books; returns how many households there are.

    processes  how many read and fold at once; one a core unless given. With 0 all is done here,
               which a caller needs whose entries are not yet committed.
    progress   called with (households built, households in all)
    """
    ids = list(Book.objects.filter(place=None).order_by("pk").values_list("pk", flat=True))
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    done = 0
    for built in _built(
        chunks, now, len(os.sched_getaffinity(0)) if processes is None else processes
    ):
        write(built)
        done += len(built.ids)
        if progress:
            progress(done, len(ids))
    return done


def cores() -> int:
    """How many processes may work at once; 0 where none can be begun with what this one knows."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 0
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _built(chunks: Sequence[list[UUID]], now: datetime, processes: int) -> Iterator[Built]:
    """Chunks in order; a few wait ready while one is written."""
    if processes < 1 or len(chunks) < 2:
        places = _places()
        yield from (build(chunk, now=now, places=places) for chunk in chunks)
        return
    with children(processes, _begin) as pool:
        waiting: deque[Any] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(_in_child, chunk, now))
            if len(waiting) > processes * 3:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_PLACES: dict[str, Place] = {}


def _begin() -> None:
    _PLACES.update(_places())


def _in_child(ids: list[UUID], now: datetime) -> Built:
    return build(ids, now=now, places=_PLACES)


def _places() -> dict[str, Place]:
    return every_code()


def build(ids: Sequence[UUID], *, now: datetime, places: dict[str, Place]) -> Built:
    """Rows of the cards of these households, from their books; writes nothing."""
    built = Built([], [], [], [], [])
    tables: tuple[type[models.Model], ...] = (Household, Person, Sealed, Spelling)
    make = {model: rows.values_of(model) for model in tables}

    def row(of: models.Model) -> rows.Row:
        fields = [f for f in of._meta.concrete_fields if not isinstance(f, models.AutoField)]
        values = (getattr(of, field.attname) for field in fields)
        return tuple(as_kept(v) for as_kept, v in zip(make[type(of)], values, strict=True))

    for id, card in cards_of(ids):
        built.ids.append(id)
        built.households.append(row(household_row(id, card, places[card.place], now)))
        listed = enumerate(card.listed)
        people = [person_row(id, member, order, places[card.place]) for order, member in listed]
        built.people.extend(map(row, people))
        built.spellings.extend(map(row, spellings(people)))
        built.sealed.extend(row(sealed) for sealed in sealed_rows(id, card))
    return built


def cards_of(ids: Sequence[UUID]) -> Iterator[tuple[UUID, Card]]:
    """(household, card now) of these books, gaps left unread."""
    marks = ", ".join(["%s"] * len(ids))
    table = Entry._meta.db_table
    asked = (
        f"SELECT {', '.join(READ)} FROM {table} WHERE book_id IN ({marks}) "  # noqa: S608
        "AND kind <> 'gap' ORDER BY book_id, number"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, [rows.key_of(id) for id in ids])
        found = cursor.fetchall()
    for book, of in groupby(found, key=lambda row: row[0]):
        yield _uuid(book), fold([_read(row) for row in of])


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _read(row: Sequence[Any]) -> _Read:
    _, number, kind, seen_on, received_at, source, says, sealed, undoes = row
    if isinstance(seen_on, str):
        seen_on = date.fromisoformat(seen_on)
    if received_at.tzinfo is None:
        received_at = received_at.replace(tzinfo=UTC)
    return _Read(
        number, kind, seen_on, received_at, source, json.loads(says),
        json.loads(sealed) if sealed else None, undoes,
    )  # fmt: skip


@transaction.atomic
def write(built: Built) -> None:
    """Put the rows in place of those that stood there."""
    ids = built.ids
    rows.put(Household, _other(Household, "book_id", ids, built.households), key="book_id")
    known = Person.objects.filter(household_id__in=ids).values_list("pk", flat=True)
    now = {row[0] for row in built.people}
    rows.remove(Person, "id", [pk for pk in known if rows.key_of(pk) not in now])
    rows.put(Person, _other(Person, "household_id", ids, built.people), key="id")
    _put_in_place(Sealed, ids, built.sealed)
    _put_in_place(Spelling, ids, built.spellings)


def _other(
    model: type[models.Model], column: str, ids: Sequence[UUID], made: Sequence[rows.Row]
) -> Sequence[rows.Row]:
    """Of these rows those that do not stand there already: reading one costs less than writing.

    PostgreSQL gives JSON back in a form of its own; there all are written.
    """
    if connection.vendor == "postgresql":
        return made
    had = set(rows.standing(model, column, ids))
    return [row for row in made if row not in had]


def _put_in_place(model: type[models.Model], ids: Sequence[UUID], made: Sequence[rows.Row]) -> None:
    """Rows of households in place of theirs, where theirs are others: a county has a million."""
    at = rows.columns_of(model).index("household_id")
    had, now = _by_home(rows.standing(model, "household_id", ids), at), _by_home(made, at)
    moved = [id for id in ids if had.get(rows.key_of(id)) != now.get(rows.key_of(id))]
    rows.remove(model, "household_id", moved)
    changed = {rows.key_of(id) for id in moved}
    rows.insert(model, [row for row in made if row[at] in changed])


def _by_home(found: Iterable[rows.Row], at: int) -> dict[Any, Counter[rows.Row]]:
    made: dict[Any, Counter[rows.Row]] = {}
    for row in found:
        made.setdefault(row[at], Counter())[row] += 1
    return made
