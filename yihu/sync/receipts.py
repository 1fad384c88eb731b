"""Receipts: where an entry from a phone stands, and the hash that book gave it."""

from __future__ import annotations

from yihu.book.models import Entry
from yihu.sync.models import Arrival


def hash_of(arrival: Arrival) -> str:
    """The hash of the entry in its book, in hexadecimal signs; "" where it stands in none."""
    if arrival.book_id is None or arrival.number is None:
        return ""
    rows = Entry.objects.filter(book_id=arrival.book_id, number=arrival.number)
    found = rows.values_list("hash", flat=True).first()
    return bytes(found).hex() if found is not None else ""
