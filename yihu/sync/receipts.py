"""Receipts: where an entry from a phone stands, and the hash that book gave it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from yihu.book import rows
from yihu.book.models import Entry
from yihu.sync.models import Arrival


def hashes_of(arrivals: Iterable[Arrival]) -> dict[UUID, str]:
    """Of entries that were taken under their own ids: id → hash, in hexadecimal signs."""
    taken = [each.entry_id for each in arrivals if each.number is not None]
    found = rows.values_by(Entry, "id", taken, "hash")
    return {id: bytes(kept).hex() for id, (kept,) in found.items()}


def hash_of(arrival: Arrival) -> str:
    """The hash of the entry in its book, in hexadecimal signs; "" where it stands in none."""
    if arrival.book_id is None or arrival.number is None:
        return ""
    rows = Entry.objects.filter(book_id=arrival.book_id, number=arrival.number)
    found = rows.values_list("hash", flat=True).first()
    return bytes(found).hex() if found is not None else ""
