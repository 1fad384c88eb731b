"""Do books and cards agree? Every book looked at, its card built anew and laid beside the kept one.

With several processes two million entries take a couple of minutes; nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models

from yihu.access.sealing import Keys
from yihu.book import audit
from yihu.book.audit import Fault
from yihu.book.models import Book
from yihu.book.reading import Read, entries_of
from yihu.card.actions import household_row, person_row, sealed_rows
from yihu.card.fold import Card, fold
from yihu.card.models import Household, Person, Sealed
from yihu.children import children
from yihu.places.models import Place
from yihu.places.queries import every_code

#: Books looked at together.
CHUNK = 400
#: More is of no use to a reader; the count says how many there are.
MOST_KEPT = 1000

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Found:
    """What an audit looked at, and what is wrong."""

    books: int = 0
    entries: int = 0
    count: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take in what another process found."""
        self.books += other.books
        self.entries += other.entries
        self.tell(other.faults)
        self.count += other.count - len(other.faults)

    def tell(self, faults: Sequence[Fault]) -> None:
        """Keep faults, and count those that are too many to keep."""
        self.count += len(faults)
        self.faults += faults[: max(0, MOST_KEPT - len(self.faults))]


def audit_all(
    *,
    books: Sequence[UUID] | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> Found:
    """Look at every book, or at some.

    processes  1: all is done here, which a caller needs whose entries are not yet committed
    progress   called with (books looked at, books in all)
    """
    found = Found()
    ids = sorted(books) if books is not None else sorted(Book.objects.values_list("pk", flat=True))
    if audit.keys_at_hand() is None:
        found.tell([Fault("keys.missing")])
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    for part in _parts(chunks, processes):
        found.add(part)
        if progress:
            progress(found.books, len(ids))
    found.tell(list(audit.faults_of_files(books)))
    if books is None:
        found.tell([*audit.lost_entries(), *_extra_cards()])
    return found


def _parts(chunks: Sequence[list[UUID]], processes: int) -> Iterator[Found]:
    if processes < 2 or len(chunks) < 2:
        places = every_code()
        yield from (_look_at(chunk, places) for chunk in chunks)
        return
    with children(processes, _begin) as pool:
        yield from pool.map(_in_child, chunks)


_PLACES: dict[str, Place] = {}


def _begin() -> None:
    _PLACES.update(every_code())


def _in_child(chunk: list[UUID]) -> Found:
    return _look_at(chunk, _PLACES)


def _extra_cards() -> list[Fault]:
    extra = Household.objects.exclude(pk__in=Book.objects.filter(place=None).values("pk"))
    return [Fault("card.extra", id) for id in extra.values_list("pk", flat=True)[:MOST_KEPT]]


def _look_at(chunk: Sequence[UUID], places: dict[str, Place]) -> Found:
    found = Found(books=len(chunk))
    books = Book.objects.in_bulk(chunk)
    keys = audit.keys_at_hand()
    kept = _Kept(chunk)
    with_entries = dict(entries_of(chunk))
    for id, book in books.items():
        entries = with_entries.get(id, [])
        found.entries += len(entries)
        faults = list(audit.faults_of(entries, book, keys))
        if book.place_id is None and entries:
            faults += _faults_of_card(book, entries, kept, places, keys)
        found.tell(faults)
    return found


class _Kept:
    """The cards of some households as they stand in the tables."""

    def __init__(self, ids: Sequence[UUID]) -> None:
        self.households = Household.objects.in_bulk(ids)
        self.people: dict[UUID, dict[UUID, Person]] = {}
        for person in Person.objects.filter(household_id__in=ids):
            self.people.setdefault(person.household_id, {})[person.pk] = person
        self.sealed: dict[UUID, set[Any]] = {}
        for row in Sealed.objects.filter(household_id__in=ids):
            self.sealed.setdefault(row.household_id, set()).add(_index(row))


def _index(row: Sealed) -> tuple[UUID | None, str, bytes]:
    return row.person_id, row.fact, bytes(row.index)


def _faults_of_card(
    book: Book, entries: Sequence[Read], kept: _Kept, places: dict[str, Place], keys: Keys | None
) -> Iterator[Fault]:
    id, card = book.pk, fold(entries)
    row = kept.households.get(id)
    if row is None or card.place not in places or card.changed_at is None:
        yield Fault("card.missing", id)
        return
    made = household_row(id, card, places[card.place], card.changed_at)
    if different := _different(made, row):
        yield Fault("card.differs", id, None, different)
    place = places[card.place]
    yield from _faults_of_people(id, card, kept.people.get(id, {}), place)
    if keys is not None:
        yield from _faults_of_indexes(id, card, kept.sealed.get(id, set()))


def _faults_of_people(
    id: UUID, card: Card, kept: dict[UUID, Person], place: Place
) -> Iterator[Fault]:
    made = {
        UUID(member.id): person_row(id, member, order, place)
        for order, member in enumerate(card.listed)
    }
    for person in made.keys() | kept.keys():
        if person not in kept or person not in made:
            yield Fault("person.differs", id, None, str(person))
        elif different := _different(made[person], kept[person]):
            yield Fault("person.differs", id, None, f"{person}: {different}")


def _faults_of_indexes(id: UUID, card: Card, kept: set[Any]) -> Iterator[Fault]:
    try:
        made = {_index(row) for row in sealed_rows(id, card)}
    except ValueError:
        return  # told already: the entry's sealed value cannot be opened
    if made != kept:
        yield Fault("index.differs", id)


def _different(made: models.Model, kept: models.Model) -> str:
    """Names of the columns that differ."""
    names = (field.attname for field in made._meta.concrete_fields)
    return ", ".join(name for name in names if getattr(made, name) != getattr(kept, name))
