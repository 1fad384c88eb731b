"""Writing in the book: entries are added here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from yihu.access.models import Worker
from yihu.book import dictionary
from yihu.book.chain import link
from yihu.book.models import Batch, Book, Entry
from yihu.book.says import facts_in
from yihu.places.models import Place
from yihu.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be written. For kinds and shapes see `says`.

    based_on    number the writer's copy ended at; None: whatever the book's end is
    written_at  when it was typed; None: now
    """

    book: UUID
    kind: str
    says: dict[str, Any]
    seen_on: date
    source: str
    based_on: int | None = None
    written_at: datetime | None = None
    undoes: int | None = None
    id: UUID = field(default_factory=uuid4)


def open_book(*, place: Place | None = None, id: UUID | None = None) -> Book:
    """A new empty book: of a place, or of a household that the first entry will speak of."""
    return Book.objects.create(id=id or uuid4(), place=place)


def open_batch(*, what: str, name: str, by: Worker | None, at: datetime, **says: Any) -> Batch:
    """A batch, for entries that are undone together."""
    return Batch.objects.create(what=what, name=name, by=by, at=at, says=says)


@transaction.atomic
def add_entries(
    entries: Iterable[NewEntry],
    *,
    by: Worker | None,
    now: datetime,
    today: date,
    batch: Batch | None = None,
) -> list[Entry]:
    """Add entries to their books, all or none, and return them in the order given.

    Raises  Problem: book.seen_in_future, book.behind, book.unknown_fact, book.bad_value
    """
    given = list(entries)
    books = _locked({entry.book for entry in given})
    _require_current(given, books)
    rows = [_row(new, books[new.book], by=by, now=now, today=today, batch=batch) for new in given]
    Entry.objects.bulk_create(rows, batch_size=500)
    Book.objects.bulk_update(books.values(), ["last_number", "last_hash"], batch_size=200)
    return rows


def _locked(ids: set[UUID]) -> dict[UUID, Book]:
    """The books, locked in one order so that two writers never wait for each other in a ring."""
    books: dict[UUID, Book] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), 500):
        found = Book.objects.filter(pk__in=ordered[start : start + 500]).order_by("pk")
        if connection.features.has_select_for_update:
            found = found.select_for_update()
        books.update({book.pk: book for book in found})
    missing = ids - books.keys()
    if missing:
        raise Problem("access.not_yours", status=404)
    return books


def _require_current(entries: Sequence[NewEntry], books: Mapping[UUID, Book]) -> None:
    for new in entries:
        if new.based_on is None or new.based_on >= books[new.book].last_number:
            continue
        mine = {(whose, fact) for whose, fact, _ in facts_in(new.says)}
        later = Entry.objects.filter(book_id=new.book, number__gt=new.based_on)
        for entry in later.order_by("-number"):
            both = mine & {(whose, fact) for whose, fact, _ in facts_in(entry.says)}
            if both:
                raise Problem(
                    "book.behind", status=409,
                    fact=min(both)[1], at=entry.number, yours=new.based_on,
                )  # fmt: skip


def _row(
    new: NewEntry, book: Book, *, by: Worker | None, now: datetime, today: date, batch: Batch | None
) -> Entry:
    if new.seen_on > today:
        raise Problem("book.seen_in_future", what=new.kind, seen_on=new.seen_on, today=today)
    tokens: dict[str, str] = {}
    says = _as_written(new.says, tokens)
    based_on = book.last_number if new.based_on is None else new.based_on
    book.last_number += 1
    row = Entry(
        id=new.id, book=book, number=book.last_number, kind=new.kind, seen_on=new.seen_on,
        written_at=new.written_at or now, received_at=now, author=by, source=new.source,
        based_on=based_on, says=says, sealed=tokens or None, undoes=new.undoes, batch=batch,
    )  # fmt: skip
    row.hash = book.last_hash = link_of(row, bytes(book.last_hash))
    return row


def link_of(entry: Entry, before: bytes) -> bytes:
    """The hash an entry must have after the hash before it."""
    return link(
        before, id=entry.id, book=entry.book_id, number=entry.number, kind=entry.kind,
        seen_on=entry.seen_on, written_at=entry.written_at, received_at=entry.received_at,
        author=entry.author_id, source=entry.source, based_on=entry.based_on,
        undoes=entry.undoes, says=entry.says,
    )  # fmt: skip


def _as_written(says: dict[str, Any], tokens: dict[str, str]) -> dict[str, Any]:
    """What is said, each value in the one spelling of the book and secret ones sealed."""
    made = dict(says)
    if "household" in says:
        made["household"] = _facts("household", says["household"], tokens)
    if "place" in says:
        made["place"] = says["place"]
    if "members" in says:
        made["members"] = {
            str(person): _facts("person", facts, tokens)
            for person, facts in says["members"].items()
        }
    return made


def _facts(level: str, facts: Mapping[str, Any], tokens: dict[str, str]) -> dict[str, Any]:
    spelled = {
        fact: value if isinstance(value, dict) else dictionary.written(level, fact, value)
        for fact, value in facts.items()
    }
    return dictionary.sealed(level, spelled, tokens)
