"""Books this process has just read, so that what follows an entry does not read them again.

A phone hands in and asks for what is new a moment later. Where a book ended tells what it holds,
because each hash covers all before it: what is remembered under an end is right or is never found.
Where it ends now is asked of the database each time. Tokens of sealed values alone are renewed
without a new end: a book is remembered only as the key that seals now has sealed it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from yihu.book import dictionary
from yihu.book.models import Book
from yihu.book.reading import Read, entries_of
from yihu.recent import Recent

#: (book, the hash it ended with) → its entries without those of gaps, by number; some ten kilobytes
#: each. Whoever is given them changes nothing in them: others are given the same.
_BOOKS: Recent[tuple[UUID, bytes], Sequence[Read]] = Recent(most=100, seconds=60.0)


def remember(book: UUID, end: bytes, entries: Sequence[Read]) -> None:
    """Remember what a book holds where it ends with this hash, gaps left out."""
    _BOOKS.keep((book, end), entries)


def at_end(book: UUID, end: bytes) -> Sequence[Read] | None:
    """Entries of a book that ends with this hash, without those of gaps; None if not remembered."""
    entries = _BOOKS.get((book, end))
    return entries if entries is not None and _sealed_now(entries) else None


def only_gaps_came(ends: Mapping[UUID, tuple[bytes, bytes]]) -> None:
    """Entries of gaps alone were written: all else stands as it stood. book → (end before, now)"""
    for book, (before, now) in ends.items():
        entries = _BOOKS.get((book, before))
        if entries is not None:
            _BOOKS.keep((book, now), entries)


def without_gaps(books: Collection[Book], *, keep: bool = False) -> dict[UUID, Sequence[Read]]:
    """Entries of books without those of gaps, by number; of a book that has none, nothing.

    books  as they are read from the database in this moment
    keep   remember what had to be read
    """
    found = {book.pk: at_end(book.pk, bytes(book.last_hash)) for book in books}
    known = {id: entries for id, entries in found.items() if entries is not None}
    ends = {book.pk: book for book in books if book.pk not in known}
    for id, entries in entries_of(list(ends), but="gap"):
        book = ends[id]
        # What somebody wrote since the book was looked at lies behind this end.
        known[id] = [entry for entry in entries if entry.number <= book.last_number]
        if keep:
            remember(id, bytes(book.last_hash), known[id])
    return {id: known[id] for id in found if known.get(id)}


def _sealed_now(entries: Sequence[Read]) -> bool:
    """Has the key that seals now sealed all that is sealed in them?"""
    tokens = [token for entry in entries if entry.sealed for token in entry.sealed.values()]
    if not tokens:
        return True
    mark = f"{dictionary.keys().now}."
    return all(token.startswith(mark) for token in tokens)
