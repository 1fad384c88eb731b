"""Whose a gap is: who worked on it, and who helped its household while it stood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from yihu.access.models import Pairing, Worker
from yihu.book.models import Entry
from yihu.ledger.models import Gap

#: Books whose gaps are looked at in one question.
BOOKS_AT_ONCE = 500


def worked_on_by(worker: Worker, gaps: Sequence[Gap]) -> set[UUID]:
    """Those of the gaps he was made responsible for, or answered, since they opened the last time.

    Handing a gap to a colleague first does not make it somebody else's.
    """
    wanted = {str(gap.pk) for gap in gaps}
    books = sorted({gap.book_id for gap in gaps})
    had: set[str] = set()
    worked: set[str] = set()
    for start in range(0, len(books), BOOKS_AT_ONCE):
        rows = Entry.objects.filter(kind="gap", book_id__in=books[start : start + BOOKS_AT_ONCE])
        for author, says in rows.order_by("book_id", "number").values_list("author_id", "says"):
            gap, did = says["gap"], says["did"]
            if gap not in wanted:
                continue
            if did == "assigned":
                (had.add if says["to"] == str(worker.pk) else had.discard)(gap)
            if did == "reopened":
                # It goes back to who had it; what others did about it before is over.
                worked.discard(gap)
            if gap in had or (did == "answered" and author == worker.pk):
                worked.add(gap)
    return {UUID(each) for each in worked}


def last_helped(worker: Worker) -> dict[UUID, date]:
    """Household → the last day it was paired with the worker.

    A pairing that is ended today leaves the gaps of its time his own.
    """
    found: dict[UUID, date] = {}
    for household, until in Pairing.objects.filter(worker=worker).values_list(
        "household_id", "until"
    ):
        found[household] = max(found.get(household, date.min), until or date.max)
    return found
