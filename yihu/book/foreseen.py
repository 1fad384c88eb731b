"""Before the writer's turn: what books will hold once entries stand in them.

SQLite lets one write at a time, and most of what follows an entry is work that needs no turn. It is
done before, for the book as it ends now, and kept under the end the book will have. In the turn it
is found there, as the hash of an end covers all before it; where somebody else wrote in between,
the book ends otherwise, nothing is found and all is done then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from yihu.access.models import Worker
from yihu.book.actions import NewEntry, row_of
from yihu.book.models import Batch, Book, Entry
from yihu.book.order import standing
from yihu.book.reading import Read
from yihu.book.remembered import remember, without_gaps
from yihu.book.says import require_shape, require_undoes
from yihu.problems import Problem
from yihu.tables import join_one, rows_by


def foreseen(
    entries: Sequence[NewEntry], *, by: Worker | None, now: datetime, batch: Batch | None
) -> dict[UUID, Sequence[Read]]:
    """Book → its entries, gaps left out, as they will be; books of which that cannot be told lack.

    Nothing is refused here: who writes is told in his turn.
    """
    books = {book.pk: book for book in rows_by(Book, "id", {each.book for each in entries})}
    join_one(list(books.values()), "place")
    had = without_gaps(list(books.values()), keep=True)
    found: dict[UUID, Sequence[Read]] = {}
    for id, of in had.items():
        book = books[id]
        try:
            rows = [row_of(new, book, by=by, now=now, batch=batch) for new in _of(book, entries)]
            read = [*of, *map(_as_read, rows)]
            if book.place is None:
                standing(read)
        except Problem:
            continue
        # A value sealed twice has two tokens; the one of the turn is the one that is kept.
        if not any(row.sealed for row in rows):
            remember(id, bytes(book.last_hash), read)
            found[id] = read
    return found


def _of(book: Book, entries: Sequence[NewEntry]) -> Iterator[NewEntry]:
    """Those of a book. Raises Problem."""
    for new in entries:
        if new.book == book.pk:
            require_shape(new.kind, new.says, of_place=book.place is not None)
            require_undoes(new.kind, new.undoes)
            yield new


def _as_read(row: Entry) -> Read:
    says: dict[str, Any] = json.loads(json.dumps(row.says))
    return Read(
        row.book_id, row.pk, row.number, row.kind, row.seen_on, row.written_at.astimezone(UTC),
        row.received_at.astimezone(UTC), row.author_id, row.source, row.based_on, row.undoes,
        row.batch_id, bytes(row.hash), says, None,
    )  # fmt: skip
