"""Building all cards anew from their books, side by side in several processes.

What stands in the tables afterwards is what `actions.rebuild` makes of each book. Books are read
and folded, and what they make is compared with what stands, in processes of their own; one process
writes what stands otherwise, some hundred households in a transaction.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models, transaction

from yihu.book import dictionary, rows
from yihu.book.models import Book, Entry
from yihu.card.actions import household_values, indexes_of, person_values, words_of
from yihu.card.fold import Card, fold
from yihu.card.models import Household, Person, Sealed, Spelling
from yihu.children import children
from yihu.places.models import Place
from yihu.places.queries import every_code

#: Households built and written together.
CHUNK = 400
#: Columns read of each entry, in the order of the table.
READ = (
    "book_id", "number", "kind", "seen_on", "received_at", "source", "says", "sealed", "undoes",
)  # fmt: skip
#: Tables of cards, and by which column a household is found. The household's own row is the last:
#: it carries the number of the entry it was made of, so what was written while the others were
#: read is seen.
TABLES: Mapping[type[models.Model], str] = {
    Spelling: "household_id", Sealed: "household_id", Person: "household_id", Household: "book_id",
}  # fmt: skip

Progress = Callable[[int, int], None]
Places = Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Built:
    """Cards of some households as rows of the tables.

    ends  household → number of the last entry of its book when that was read, or before
    rows  table → its rows, in the form of the database
    """

    ends: dict[UUID, int]
    rows: dict[type[models.Model], list[rows.Row]]


class _Read(NamedTuple):
    """An entry as it was read, without what no card asks for. received: as the database has it."""

    number: int
    kind: str
    seen_on: date
    received: Any
    source: str
    says: dict[str, Any]
    sealed: dict[str, str] | None
    undoes: int | None

    @property
    def received_at(self) -> datetime:
        """The moment it was received; made only when asked for, which is of the last of a book."""
        if not isinstance(self.received, str):
            return self.received  # type: ignore[no-any-return]  # a moment, with its zone
        return datetime.fromisoformat(self.received).replace(tzinfo=UTC)


def rebuild_all(
    *, now: datetime, processes: int | None = None, progress: Progress | None = None
) -> int:
    """Build every card anew from the books; returns how many households there are.

    processes  how many read and fold at once; one a core unless given. With 0 all is done here,
               which a caller needs whose entries are not yet committed.
    progress   called with (households built, households in all)
    """
    found = Book.objects.filter(place=None).order_by("pk").values_list("pk", "last_number")
    ends = list(found)
    chunks = [dict(ends[start : start + CHUNK]) for start in range(0, len(ends), CHUNK)]
    done = 0
    for chunk, built in zip(
        chunks,
        _otherwise(chunks, now, len(os.sched_getaffinity(0)) if processes is None else processes),
        strict=True,
    ):
        if built.ends:
            write(built, now=now)
        done += len(chunk)
        if progress:
            progress(done, len(ends))
    return done


def cores() -> int:
    """How many processes may work at once; 0 where none can be begun with what this one knows."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 0
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _otherwise(chunks: Sequence[dict[UUID, int]], now: datetime, processes: int) -> Iterator[Built]:
    """Of each chunk in order what is to be written; a few wait ready while one is written."""
    if processes < 1 or len(chunks) < 2:
        places = every_code()
        yield from (otherwise(build(chunk, now=now, places=places)) for chunk in chunks)
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
    _PLACES.update(every_code())


def _in_child(ends: dict[UUID, int], now: datetime) -> Built:
    return otherwise(build(ends, now=now, places=_PLACES))


# --- building -------------------------------------------------------------------------------------


def build(ends: Mapping[UUID, int], *, now: datetime, places: Places) -> Built:
    """Rows of the cards of these households, from their books; writes nothing.

    ends  household → number of the last entry of its book
    """
    built = Built({}, {model: [] for model in TABLES})
    homes, people = _Rows(Household), _Rows(Person)
    keys = dictionary.keys()
    for id, card in cards_of(list(ends)):
        built.ends[id] = ends[id]
        place, home = places[card.place], rows.key_of(id)
        household = household_values(id, card, place, now)
        built.rows[Household].append(homes.row(household))
        sealed, spelled = built.rows[Sealed], built.rows[Spelling]
        for fact, index in indexes_of(household["sealed"], keys, of_person=False):
            sealed.append((home, None, fact, index))
        for order, member in enumerate(card.listed):
            person = person_values(id, member, order, place)
            row = people.row(person)
            built.rows[Person].append(row)
            for fact, index in indexes_of(person["sealed"], keys, of_person=True):
                sealed.append((home, row[0], fact, index))
            for word in words_of(person["name"], person["left_on"]):
                spelled.append((home, row[0], place.path, word))
    return built


class _Rows:
    """Values by the names of their columns → rows of a table."""

    def __init__(self, model: type[models.Model]) -> None:
        self.made = list(zip(rows.columns_of(model), rows.values_of(model), strict=True))

    def row(self, values: Mapping[str, Any]) -> rows.Row:
        """One of them."""
        return tuple([as_kept(values[name]) for name, as_kept in self.made])


def cards_of(ids: Sequence[UUID]) -> Iterator[tuple[UUID, Card]]:
    """(household, card now) of these books, gaps left unread."""
    marks = ", ".join(["%s"] * len(ids))
    asked = (
        f"SELECT {rows.selected(Entry, READ)} FROM {Entry._meta.db_table} "  # noqa: S608
        f"WHERE book_id IN ({marks}) AND kind <> 'gap' ORDER BY book_id, number"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, [rows.key_of(id) for id in ids])
        found = cursor.fetchall()
    for book, of in groupby(found, key=lambda row: row[0]):
        yield rows.as_id(book), fold(_entries(list(of)))


def _entries(found: Sequence[rows.Row]) -> list[_Read]:
    # Read as one text, names that all entries of a book repeat are made once.
    said = json.loads(f"[{','.join([row[6] for row in found])}]")
    return [
        _Read(
            row[1], row[2], _day(row[3]) if isinstance(row[3], str) else row[3], row[4], row[5],
            says, json.loads(row[7]) if row[7] else None, row[8],
        )
        for row, says in zip(found, said, strict=True)
    ]  # fmt: skip


_day = lru_cache(maxsize=16384)(date.fromisoformat)


# --- writing --------------------------------------------------------------------------------------


def otherwise(built: Built) -> Built:
    """Of these households those whose rows do not stand so; reading costs less than writing."""
    moved: set[Any] = set()
    for model, column in TABLES.items():
        at = rows.columns_of(model).index(column)
        stand = _counted(model, rows.standing(model, column, list(built.ends)))
        made = _counted(model, built.rows[model])
        moved |= {row[at] for row, _ in stand.items() ^ made.items()}
    return _only(built, moved)


def _counted(model: type[models.Model], of: Sequence[rows.Row]) -> Counter[rows.Row]:
    """Rows by how often they stand, in one spelling: PostgreSQL gives JSON back in its own."""
    own = [
        at
        for at, name in enumerate(rows.columns_of(model))
        if isinstance(model._meta.get_field(name), models.JSONField)
    ]
    if not own or connection.vendor != "postgresql":
        return Counter(of)
    return Counter(
        tuple(
            json.dumps(json.loads(value), sort_keys=True) if at in own else value
            for at, value in enumerate(row)
        )
        for row in of
    )


def _only(built: Built, keys: set[Any]) -> Built:
    """keys: of the households, as they stand in a row."""
    ends = {id: end for id, end in built.ends.items() if rows.key_of(id) in keys}
    if len(ends) == len(built.ends):
        return built
    made = {}
    for model, of in built.rows.items():
        at = rows.columns_of(model).index(TABLES[model])
        made[model] = [row for row in of if row[at] in keys]
    return Built(ends, made)


@transaction.atomic
def write(built: Built, *, now: datetime) -> None:
    """Put the rows in place of those that stand there.

    A book that went on since it was read is read again: a card never falls behind its book.
    """
    # In the order in which writers of entries lock them.
    books = Book.objects.select_for_update().filter(pk__in=built.ends).order_by("pk")
    late = {id: end for id, end in books.values_list("pk", "last_number") if end > built.ends[id]}
    _put(_only(built, {rows.key_of(id) for id in built.ends.keys() - late.keys()}))
    if late:
        _put(build(late, now=now, places=every_code()))


def _put(built: Built) -> None:
    ids = list(built.ends)
    rows.put(Household, built.rows[Household], key="book_id")
    known = Person.objects.filter(household_id__in=ids).values_list("pk", flat=True)
    made = {row[0] for row in built.rows[Person]}
    rows.remove(Person, "id", [pk for pk in known if rows.key_of(pk) not in made])
    rows.put(Person, built.rows[Person], key="id")
    for model in (Sealed, Spelling):
        rows.remove(model, "household_id", ids)
        rows.insert(model, built.rows[model])
