"""A plan as entries, and the entries that undo a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from uuid import UUID

from yihu.book.actions import NewEntry
from yihu.book.models import Batch, Entry
from yihu.book.order import undone
from yihu.book.undoing import undo_entry
from yihu.exchange.known import in_parts
from yihu.exchange.models import Upload
from yihu.exchange.plan import UNDONE, HomePlan
from yihu.exchange.registering import decisions_of
from yihu.problems import Problem

SOURCE = "import"
#: Books written in one transaction: between two of them others get their turn.
BOOKS_AT_ONCE = 200


def entries_of(plan: HomePlan, upload: Upload) -> list[NewEntry]:
    """What a household gets from a file: one entry, none where the file says nothing new.

    A household the file opens gets the decisions of the register too: see `registering`.
    """
    says = plan.says()
    if not says:
        return []
    entry = NewEntry(
        book=plan.id, kind="import", says={**says, "file": upload.name, "sheet": upload.sheet},
        seen_on=upload.seen_on, source=SOURCE, based_on=plan.based_on,
    )  # fmt: skip
    decided = decisions_of(plan.register, day=upload.seen_on)
    return [entry] + [
        NewEntry(book=plan.id, kind="decision", says=says, seen_on=on, source=SOURCE)
        for on, says in decided
    ]


def entries_against(
    batch: Batch, *, today: date, why: str, kept: Collection[UUID] = ()
) -> Iterator[list[NewEntry]]:
    """Counter-entries to all of a batch, book by book, in parts of BOOKS_AT_ONCE books.

    kept    books that are left as they are: see `taking_back`
    A household the batch opened is closed: nothing is ever deleted.
    Raises  Problem (exchange.not_in_state): it is undone already
    """
    if batch.undone_by_id is not None:
        raise Problem("exchange.not_in_state", status=409, state="undone")
    books = batch.entries.values_list("book_id", flat=True).distinct().order_by("book_id")
    for part in in_parts([book for book in books if book not in kept], BOOKS_AT_ONCE):
        corrections = defaultdict[UUID, list[Entry]](list)
        for entry in Entry.objects.filter(book_id__in=part, kind="correction"):
            corrections[entry.book_id].append(entry)
        gone = {book: undone(of) for book, of in corrections.items()}
        entries = batch.entries.filter(book_id__in=part).exclude(kind="gap")
        yield [
            against(entry, today=today, why=why)
            for entry in entries.order_by("book_id", "-number")
            if entry.number not in gone.get(entry.book_id, ())
        ]


def against(entry: Entry, *, today: date, why: str) -> NewEntry:
    """The entry that takes the effect of another away."""
    if any(act["did"] in ("opened", "reopened") for act in entry.says.get("acts", ())):
        says = {"acts": [{"did": "closed", "why": UNDONE}], "words": why}
        return NewEntry(book=entry.book_id, kind="people", says=says, seen_on=today, source="desk")
    return undo_entry(entry, why=why, on=today)
