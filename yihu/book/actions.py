"""Writing in the book: entries are added here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from yihu.access.models import Worker
from yihu.book import dictionary
from yihu.book import rows as kept
from yihu.book.chain import link
from yihu.book.models import Batch, Book, Entry
from yihu.book.order import Standing, standing
from yihu.book.reading import Read, entries_of
from yihu.book.remembered import at_end, only_gaps_came
from yihu.book.says import (
    EARLIEST,
    facts_in,
    require_shape,
    require_undoes,
    require_writable,
)
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.tables import all_or_nothing, join_one, rows_by

#: Kinds that can change how a household stands, and so must be read before anything is added.
STANDING = ("people", "decision", "correction", "import", "comparison")
#: Kinds a closed household still takes: the ledger closes its gaps, a mistake is undone.
ALWAYS = ("correction", "gap")
LONGEST_SOURCE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be written. For kinds and shapes see `says`.

    book        a household's or place's; one that does not exist is begun by an `opened` act
    based_on    number the writer's copy ended at; None: whatever the book's end is
    written_at  when it was typed; None: now
    sealed      {commitment: token} of sealed values that are carried from another book
    id          made by the writer; sent again, the entry is not written again
    """

    book: UUID
    kind: str
    says: dict[str, Any]
    seen_on: date
    source: str
    based_on: int | None = None
    written_at: datetime | None = None
    undoes: int | None = None
    sealed: Mapping[str, str] | None = None
    id: UUID = field(default_factory=uuid4)


def open_book(*, place: Place | None = None, id: UUID | None = None) -> Book:
    """A new empty book: of a place, or of a household that the first entry will speak of."""
    return Book.objects.create(id=id or uuid4(), place=place)


def open_batch(*, what: str, name: str, by: Worker | None, at: datetime, **says: Any) -> Batch:
    """A batch, for entries that are undone together."""
    return Batch.objects.create(what=what, name=name, by=by, at=at, says=says)


def mark_undone(batch: Batch, by: Batch) -> None:
    """Keep which batch undid which; a batch whose undoing was itself undone is in effect again."""
    Batch.objects.filter(undone_by=batch).update(undone_by=None)
    batch.undone_by = by
    batch.save(update_fields=["undone_by"])


@all_or_nothing()
def add_entries(
    entries: Iterable[NewEntry],
    *,
    by: Worker | None,
    now: datetime,
    today: date,
    batch: Batch | None = None,
) -> list[Entry]:
    """Add entries to their books, all or none, and return them in the order given.

    An entry whose id the book has already is returned as it stands there and not written again.

    Raises  Problem: those of `says.require_shape` and `order.standing`; book.seen_in_future,
            book.seen_too_early, book.behind, book.unknown_fact, book.bad_value, book.later_depends
    """
    given = list(entries)
    for new in given:
        _require_dated(new, today)
    books = _locked(given)
    had = _had_already(given)
    fresh = [new for new in given if new.id not in had]
    ends = {id: book.last_number for id, book in books.items()}
    hashes = {id: bytes(book.last_hash) for id, book in books.items()}
    for new in fresh:
        # Before anything looks inside: what a program sends may be of any shape.
        require_shape(new.kind, new.says, of_place=books[new.book].place is not None)
        require_undoes(new.kind, new.undoes)
    _require_current(fresh, books)
    rows = [row_of(new, books[new.book], by=by, now=now, batch=batch) for new in fresh]
    _require_possible(rows, books, ends, hashes)
    _write(rows, [book for id, book in books.items() if book.last_number > ends[id]])
    if all(row.kind == "gap" for row in rows):
        only_gaps_came({id: (hashes[id], bytes(book.last_hash)) for id, book in books.items()})
    found = had | {row.pk: row for row in rows}
    return [found[new.id] for new in given]


def _write(rows: Sequence[Entry], books: Sequence[Book]) -> None:
    """Rows go in without Django's objects: a first check of a county writes 70,000 at once."""
    kept.insert(Entry, kept.rows_of(rows))
    for row in rows:
        # What tells Django that the row is there has no other name.
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001
    ends = [(book.last_number, book.last_hash, kept.key_of(book.pk)) for book in books]
    kept.change(Book, ["last_number", "last_hash"], ends)


def _require_dated(new: NewEntry, today: date) -> None:
    if new.seen_on > today:
        raise Problem("book.seen_in_future", what=new.kind, seen_on=new.seen_on, today=today)
    if new.seen_on < EARLIEST:
        raise Problem("book.seen_too_early", seen_on=new.seen_on, earliest=EARLIEST)
    if not new.source or len(new.source) > LONGEST_SOURCE:
        raise ValueError(f"source is {new.source!r}; it has 1 to {LONGEST_SOURCE} signs")


def _pieces(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), 500):
        yield ordered[start : start + 500]


def _locked(entries: Sequence[NewEntry]) -> dict[UUID, Book]:
    """The books, locked in one order so that two writers never wait for each other in a ring."""
    ids = {entry.book for entry in entries}
    books = _found(ids)
    missing = ids - books.keys()
    if missing:
        firsts = {entry.book: entry for entry in reversed(entries)}
        begun = {id for id in missing if _opens(firsts[id].says)}
        if begun != missing:
            raise Problem("access.not_yours", status=404)
        Book.objects.bulk_create([Book(id=id) for id in sorted(begun)], batch_size=500)
        books |= _found(begun)
    return books


def _found(ids: set[UUID]) -> dict[UUID, Book]:
    books: dict[UUID, Book] = {}
    for piece in _pieces(ids):
        found = rows_by(Book, "id", piece, lock=True)
        join_one(found, "place")
        books.update({book.pk: book for book in found})
    return books


def hold_books(ids: Iterable[UUID]) -> None:
    """Let nobody else write in these books until the transaction ends.

    What is judged by how something stands is read after this: before, it may be over already.
    """
    if not connection.in_atomic_block:
        raise ValueError("books are held inside a transaction only")
    _found(set(ids))


def _opens(says: object) -> bool:
    acts = says.get("acts") if isinstance(says, dict) else None
    first = acts[0] if isinstance(acts, list) and acts else None
    return isinstance(first, dict) and first.get("did") == "opened"


def _had_already(entries: Sequence[NewEntry]) -> dict[UUID, Entry]:
    found: dict[UUID, Entry] = Entry.objects.in_bulk(_ids_known(entries))
    for new in entries:
        if new.id in found and found[new.id].book_id != new.book:
            raise Problem("book.id_taken", status=409, id=new.id)
    return found


def _ids_known(entries: Sequence[NewEntry]) -> list[UUID]:
    known: list[UUID] = []
    with connection.cursor() as cursor:
        for piece in _pieces({entry.id for entry in entries}):
            marks = ", ".join(["%s"] * len(piece))
            asked = f"SELECT id FROM {Entry._meta.db_table} WHERE id IN ({marks})"  # noqa: S608
            cursor.execute(asked, [kept.key_of(id) for id in piece])
            known += [kept.as_id(id) for (id,) in cursor.fetchall()]
    return known


def _require_current(entries: Sequence[NewEntry], books: Mapping[UUID, Book]) -> None:
    before: dict[UUID, int] = {}
    for new in entries:
        # Entries written together know each other.
        end = books[new.book].last_number
        ends = range(end, end + before.get(new.book, 0) + 1)
        before[new.book] = len(ends)
        if new.based_on is None or new.based_on in ends:
            continue
        mine = {(whose, fact) for whose, fact, _ in facts_in(new.says)}
        # A copy that goes further than the book is none of this book, as after a backup came back.
        known = new.based_on if new.based_on <= end else 0
        later = next((of for _, of in entries_of([new.book], but="gap", after=known)), [])
        for entry in reversed(later):
            both = mine & {(whose, fact) for whose, fact, _ in facts_in(entry.says)}
            if both:
                raise Problem(
                    "book.behind", status=409,
                    fact=min(both)[1], at=entry.number, yours=new.based_on,
                )  # fmt: skip


def row_of(
    new: NewEntry, book: Book, *, by: Worker | None, now: datetime, batch: Batch | None
) -> Entry:
    """The row of an entry, not yet written; the book is told that it ends with it."""
    tokens: dict[str, str] = {}
    says = _as_written(new, book, tokens)
    require_writable(new.kind, says)
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
        undoes=entry.undoes, batch=entry.batch_id, says=entry.says,
    )  # fmt: skip


# --- what can happen after what -------------------------------------------------------------------


def _require_possible(
    rows: Sequence[Entry],
    books: Mapping[UUID, Book],
    ends: Mapping[UUID, int],
    hashes: Mapping[UUID, bytes],
) -> None:
    """Refuse what cannot have happened in a household after what its book says already."""
    of: dict[UUID, list[Entry]] = {}
    for row in rows:
        if row.kind != "gap":
            of.setdefault(row.book_id, []).append(row)
    had_any = {book: made for book, made in of.items() if ends[book]}
    before = _entries_before(had_any, hashes)
    for book, made in of.items():
        had = before.get(book, [])
        _require_undoable(made, had, ends[book])
        if books[book].place is None:
            _require_stands(had, made, ends[book])
    _require_places(rows)


def _entries_before(
    made: Mapping[UUID, Sequence[Entry]], hashes: Mapping[UUID, bytes]
) -> dict[UUID, Sequence[Read]]:
    """What stands in the books already and bears on what is added, by book."""
    known = {book: at_end(book, hashes[book]) for book in made}
    found = {book: entries for book, entries in known.items() if entries is not None}
    unread = made.keys() - found.keys()
    # Where something is undone, anything may depend on it.
    whole = {book for book in unread if any(row.kind == "correction" for row in made[book])}
    found.update(entries_of(sorted(unread - whole), kinds=STANDING))
    found.update(entries_of(sorted(whole), but="gap"))
    return found


def _require_undoable(made: Sequence[Entry], had: Sequence[Read], end: int) -> None:
    if not any(row.undoes for row in made):
        return
    known = {entry.number for entry in had}
    by = {e.undoes: e.number for e in _in_effect(had) if e.undoes is not None}
    for row in made:
        if row.undoes is None:
            continue
        if row.undoes not in known:
            raise Problem("book.no_such_entry", status=404, number=row.undoes, last=end)
        if row.undoes in by:
            raise Problem("book.undone_already", status=409, number=row.undoes, by=by[row.undoes])
        by[row.undoes] = row.number


def _in_effect(entries: Sequence[Read]) -> list[Read]:
    gone: set[int] = set()
    kept = []
    for entry in sorted(entries, key=lambda e: -e.number):
        if entry.number not in gone:
            kept.append(entry)
            if entry.undoes is not None:
                gone.add(entry.undoes)
    return kept


def _require_stands(had: Sequence[Read], made: Sequence[Entry], end: int) -> None:
    # A book whose own past is impossible – taken in before this was looked at – can be mended.
    _require_open(_standing_now(had), made)
    try:
        after = standing([*had, *made])
    except Problem as wrong:
        number = wrong.details["number"]
        if isinstance(number, int) and number <= end:
            raise Problem("book.later_depends", status=409, by=number) from wrong
        raise
    if after.opened is None and any(row.kind not in ALWAYS for row in made):
        raise Problem("book.not_opened", on=made[0].seen_on, number=made[0].number)


def _standing_now(had: Sequence[Read]) -> Standing:
    try:
        return standing(had)
    except Problem:
        return Standing()


def _require_open(now: Standing, made: Sequence[Entry]) -> None:
    first = made[0]
    if now.closed is None or first.kind in ALWAYS:
        return
    acts = first.says.get("acts", [])
    if not acts or acts[0]["did"] != "reopened":
        raise Problem("book.closed", status=409, on=now.closed.seen_on, why=now.closed_why)


def _require_places(rows: Sequence[Entry]) -> None:
    codes = {
        act["place"] for row in rows for act in row.says.get("acts", ()) if "place" in act
    }  # fmt: skip
    for start in range(0, len(codes), 500):
        piece = sorted(codes)[start : start + 500]
        known = set(Place.objects.filter(code__in=piece).values_list("code", flat=True))
        if known != set(piece):
            raise Problem("book.no_such_place", place=min(set(piece) - known))


# --- values ---------------------------------------------------------------------------------------


def _as_written(new: NewEntry, book: Book, tokens: dict[str, str]) -> dict[str, Any]:
    """What is said, each value in the one spelling of the book and secret ones sealed."""
    says, carried = new.says, new.sealed or {}
    made = dict(says)
    if "household" in says:
        made["household"] = _facts("household", says["household"], carried, tokens)
    if "place" in says and book.place is not None:
        made["place"] = _facts(book.place.level, says["place"], carried, tokens)
    if "members" in says:
        made["members"] = {
            person: _facts("person", facts, carried, tokens)
            for person, facts in says["members"].items()
        }
    return made


def _facts(
    level: str, facts: Mapping[str, Any], carried: Mapping[str, str], tokens: dict[str, str]
) -> dict[str, Any]:
    spelled = {
        fact: _carried(level, fact, value, carried, tokens)
        if isinstance(value, dict)
        else dictionary.written(level, fact, value)
        for fact, value in facts.items()
    }
    dictionary.require_kept(level, spelled)
    return dictionary.sealed(level, spelled, tokens)


def _carried(
    level: str, fact: str, value: dict[str, Any], carried: Mapping[str, str], tokens: dict[str, str]
) -> dict[str, Any]:
    """A value that was sealed already: it comes with its token, and the two belong together."""
    spec = dictionary.spec_of(level, fact)
    commitment = value.get("sealed")
    token = carried.get(commitment) if isinstance(commitment, str) else None
    if set(value) != {"sealed"} or token is None or not dictionary.is_secret(level, fact):
        raise Problem("book.bad_sealed", fact=spec.label.en, fact_zh=spec.label.zh)
    dictionary.keys().open(str(commitment), token)
    tokens[str(commitment)] = token
    return value
