"""Books this process has just read, so that what follows an entry does not read them again.

A phone hands in and asks for what is new a moment later. Where a book ended tells what it holds,
because each hash covers all before it: what is remembered under an end is right or is never found.
Where it ends now is asked of the database each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from threading import Lock
from time import monotonic
from uuid import UUID

from yihu.book.models import Book
from yihu.book.reading import Read, entries_of

#: Books at most, some ten kilobytes each.
MOST = 100
#: Seconds a book is remembered: tokens of sealed values are renewed without a new end (new keys).
SECONDS = 60.0

#: Book → where it ended, its entries without those of gaps by number, and until when.
_BOOKS: OrderedDict[UUID, tuple[bytes, list[Read], float]] = OrderedDict()
_LOCK = Lock()


def remember(book: UUID, entries: list[Read]) -> None:
    """Remember a book as it was just read, without its entries of gaps: it ends with the last."""
    with _LOCK:
        _BOOKS[book] = (entries[-1].hash, entries, monotonic() + SECONDS)
        _BOOKS.move_to_end(book)
        while len(_BOOKS) > MOST:
            _BOOKS.popitem(last=False)


def only_gaps_came(ends: Mapping[UUID, tuple[bytes, bytes]]) -> None:
    """Entries of gaps alone were written: all else stands as it stood. book → (end before, now)"""
    with _LOCK:
        for book, (before, now) in ends.items():
            end, entries, until = _BOOKS.get(book, (b"", [], 0.0))
            if entries and end == before:
                _BOOKS[book] = (now, entries, until)


def without_gaps(books: Collection[Book]) -> dict[UUID, Sequence[Read]]:
    """Entries of books without those of gaps, by number; of a book that has none, nothing.

    books  as they are read from the database in this moment
    """
    found: dict[UUID, Sequence[Read]] = {}
    with _LOCK:
        for book in books:
            end, entries, until = _BOOKS.get(book.pk, (b"", [], 0.0))
            if entries and end == bytes(book.last_hash) and monotonic() < until:
                found[book.pk] = entries
    found.update(entries_of([each.pk for each in books if each.pk not in found], but="gap"))
    return found
