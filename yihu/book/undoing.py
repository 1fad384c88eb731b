"""Undoing: counter-entries, which take the effect of others away and leave them in the book."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from yihu.book.actions import NewEntry
from yihu.book.models import Batch, Entry
from yihu.book.order import undone
from yihu.problems import Problem

SOURCE = "undo"


def undo_entry(entry: Entry, *, why: str, on: date) -> NewEntry:
    """The counter-entry of one entry. Undoing a counter-entry brings back what it took away.

    `add_entries` refuses it where a later entry depends on this one, or it was undone already.

    Raises  Problem (book.by_ledger): what the ledger wrote follows from the facts
    """
    if entry.kind == "gap":
        raise Problem("book.by_ledger", status=409, number=entry.number)
    return NewEntry(
        book=entry.book_id, kind="correction", says={"why": why}, seen_on=on, source=SOURCE,
        undoes=entry.number,
    )  # fmt: skip


def undo_batch(batch: Batch, *, why: str, on: date) -> list[NewEntry]:
    """Counter-entries of all a batch wrote that is still in effect, the last first.

    Raises  Problem (book.batch_undone): nothing of it is in effect
    """
    entries = list(batch.entries.exclude(kind="gap").order_by("book_id", "-number"))
    books = {entry.book_id for entry in entries}
    gone = _undone_in(books)
    left = [entry for entry in entries if entry.number not in gone[entry.book_id]]
    if not left:
        raise Problem("book.batch_undone", status=409, name=batch.name or batch.what)
    return [undo_entry(entry, why=why, on=on) for entry in left]


def _undone_in(books: Iterable[UUID]) -> dict[UUID, set[int]]:
    ordered = sorted(books)
    found: dict[UUID, list[Entry]] = {book: [] for book in ordered}
    for start in range(0, len(ordered), 500):
        piece = ordered[start : start + 500]
        corrections = Entry.objects.filter(book_id__in=piece, kind="correction")
        for entry in corrections.only("book_id", "number", "undoes"):
            found[entry.book_id].append(entry)
    return {book: undone(of) for book, of in found.items()}
