"""Writing many new books at once: a register of years taken over whole, a county for trying.

The entries are those `add_entries` would have written, one after another, on the days they were
received: same spelling, same sealing, same chain, same bytes. New books only; whoever writes in a
book that exists uses `add_entries`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yihu.book import dictionary, rows
from yihu.book.actions import NewEntry
from yihu.book.chain import link
from yihu.book.models import Book, Entry
from yihu.book.order import standing
from yihu.book.says import EARLIEST, LARGEST, require_shape, require_writable
from yihu.places.models import Place
from yihu.problems import Problem

#: Values of facts come again and again; one spelled is not spelled a second time.
_SPELLED: dict[tuple[str, str, type, Any], Any] = {}
_MOST_SPELLED = 400_000
#: (hash of the rulebook, level) → facts that are sealed.
_SECRETS: dict[tuple[str, str], frozenset[str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An entry with whoever wrote it, the moment it was received, and its batch."""

    new: NewEntry
    by: UUID | None
    at: datetime
    batch: UUID | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """Books in the form of the database: may travel between processes.

    places  codes of the places they speak of
    """

    books: list[rows.Row] = field(default_factory=list)
    entries: list[rows.Row] = field(default_factory=list)
    places: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Dated:
    """What the order of a book asks of an entry."""

    number: int
    kind: str
    seen_on: date
    says: dict[str, Any]
    undoes: int | None


def pack(books: Iterable[Sequence[Received]], *, today: date) -> Packed:
    """Number, spell, seal and chain the entries of new books; writes nothing.

    books   of each household's book all entries, in the order received
    Raises  Problem: as `add_entries` does
    """
    packed = Packed()
    as_book, as_entry = rows.values_of(Book), rows.values_of(Entry)
    for entries in books:
        before, dated = b"", []
        for number, received in enumerate(entries, start=1):
            values = _values(received, number, before, today=today)
            before, says = values[-1], values[10]
            dated.append(_Dated(number, received.new.kind, received.new.seen_on, says, values[12]))
            packed.places.update(a["place"] for a in says.get("acts", ()) if "place" in a)
            row = tuple(f(v) for f, v in zip(as_entry, values, strict=True))
            if len(row[10]) > LARGEST:  # never shorter than the spelling that is measured
                require_writable(received.new.kind, says)
            packed.entries.append(row)
        standing(dated)
        book = (entries[0].new.book, None, len(entries), before)
        packed.books.append(tuple(f(v) for f, v in zip(as_book, book, strict=True)))
    return packed


@transaction.atomic
def store(packed: Packed) -> None:
    """Write what was packed, all or nothing.

    Raises  Problem (book.no_such_place); IntegrityError: one of the books is there already
    """
    known = set(Place.objects.filter(code__in=packed.places).values_list("code", flat=True))
    if unknown := packed.places - known:
        raise Problem("book.no_such_place", place=min(unknown))
    rows.insert(Book, packed.books)
    rows.insert(Entry, packed.entries)


def _values(received: Received, number: int, before: bytes, *, today: date) -> tuple[Any, ...]:
    """The fields of an entry in the order of its table."""
    new = received.new
    if new.seen_on > today:
        raise Problem("book.seen_in_future", what=new.kind, seen_on=new.seen_on, today=today)
    if new.seen_on < EARLIEST:
        raise Problem("book.seen_too_early", seen_on=new.seen_on, earliest=EARLIEST)
    require_shape(new.kind, new.says, of_place=False)
    tokens: dict[str, str] = {}
    says = _as_written(new.says, tokens)
    based_on = number - 1 if new.based_on is None else new.based_on
    written_at = new.written_at or received.at
    try:
        of = link(
            before, id=new.id, book=new.book, number=number, kind=new.kind, seen_on=new.seen_on,
            written_at=written_at, received_at=received.at, author=received.by, source=new.source,
            based_on=based_on, undoes=new.undoes, batch=received.batch, says=says,
        )  # fmt: skip
    except (TypeError, ValueError):
        require_writable(new.kind, says)
        raise
    return (
        new.id, new.book, number, new.kind, new.seen_on, written_at, received.at, received.by,
        new.source, based_on, says, tokens or None, new.undoes, received.batch, of,
    )  # fmt: skip


def _as_written(says: Mapping[str, Any], tokens: dict[str, str]) -> dict[str, Any]:
    made = dict(says)
    if "household" in says:
        made["household"] = _facts("household", says["household"], tokens)
    if "members" in says:
        made["members"] = {
            person: _facts("person", facts, tokens) for person, facts in says["members"].items()
        }
    return made


def _facts(level: str, facts: Mapping[str, Any], tokens: dict[str, str]) -> dict[str, Any]:
    made = {fact: spelled(level, fact, value) for fact, value in facts.items()}
    if _secrets(level).isdisjoint(made):
        return made
    return dictionary.sealed(level, made, tokens)


def _secrets(level: str) -> frozenset[str]:
    """Facts of a level that are sealed."""
    known = dictionary.active()
    found = _SECRETS.get((known.hash, level))
    if found is None:
        names = (fact for of, fact in known.facts if of == level)
        found = frozenset(fact for fact in names if dictionary.is_secret(level, fact))
        _SECRETS[known.hash, level] = found
    return found


def spelled(level: str, fact: str, value: Any) -> Any:
    """What `dictionary.written` makes of a value, remembered. Raises Problem, as it does."""
    if isinstance(value, dict | list):
        return dictionary.written(level, fact, value)
    key = (level, fact, type(value), value)
    try:
        return _SPELLED[key]
    except KeyError:
        found = dictionary.written(level, fact, value)
    if len(_SPELLED) < _MOST_SPELLED:
        _SPELLED[key] = found
    return found
