"""Whose number in a register (人编号) is whose: what earlier files said, as the books keep it.

An import writes {"numbers": {person id: number}} for whoever a file numbers and the book does not
know by that number yet. A corrected name is then still the same person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from yihu.book.models import Entry
from yihu.book.order import undone

#: Household → person id → number.
Numbers = dict[UUID, dict[str, str]]


def numbers_of(homes: Collection[UUID]) -> Numbers:
    """The numbers of the people of these households; of two the later one."""
    told = Q(kind="import", says__has_key="numbers") | Q(kind="correction")
    books = defaultdict[UUID, list[Entry]](list)
    for entry in Entry.objects.filter(told, book_id__in=homes).order_by("book_id", "number"):
        books[entry.book_id].append(entry)
    found: Numbers = {}
    for book, entries in books.items():
        gone = undone(entries)
        known = found.setdefault(book, {})
        for entry in entries:
            if entry.number not in gone:
                known.update(entry.says.get("numbers", {}))
    return found
