"""Gaps follow the family: who takes it over from a helper is responsible for what was the helper's.

A helper reaches a family by the pairing alone. When that ends, his gaps would stay his in name, and
he could neither see nor answer them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F

from yihu.access.models import Pairing, Worker
from yihu.access.queries import in_force
from yihu.access.scope import Scope
from yihu.book.actions import NewEntry
from yihu.ledger.actions import write_gaps
from yihu.ledger.models import Gap


@transaction.atomic
def follow_pairings(
    *, by: Worker | None, now: datetime, today: date, households: Collection[UUID] | None = None
) -> int:
    """Give gaps of helpers whose pairing has ended to who took the family over; returns how many.

    by          who handed over; None: the night, for a hand-over that was set for this day
    households  of these only; all unless given
    """
    entries = [
        NewEntry(
            book=left.book, kind="gap", seen_on=today, source="desk",
            says={"gap": str(left.gap), "did": "assigned", "to": str(taker)},
        )
        for left, taker in _with_takers(_left(today, households), today)
    ]  # fmt: skip
    write_gaps(entries, by=by, now=now, today=today)
    return len(entries)


class _Left(NamedTuple):
    """An open gap whose responsible was paired with its household until a day."""

    gap: UUID
    book: UUID
    helper: UUID
    until: date


def _left(today: date, households: Collection[UUID] | None) -> list[_Left]:
    ended = Pairing.objects.filter(until__lt=today)
    if households is not None:
        ended = ended.filter(household_id__in=households)
    rows = Gap.objects.filter(
        todo=1, household__pairings__in=ended, responsible=F("household__pairings__worker")
    ).order_by("household__pairings__until")
    names = ("pk", "book_id", "responsible_id", "household__pairings__until")
    # Of several endings the last.
    last = {left.gap: left for left in map(_Left._make, rows.values_list(*names))}
    mine: dict[UUID, list[_Left]] = defaultdict(list)
    for left in last.values():
        mine[left.helper].append(left)
    found: list[_Left] = []
    for worker in Worker.objects.filter(pk__in=mine):
        ids = [left.gap for left in mine[worker.pk]]
        reached = Scope(worker, today).of(Gap, "answer").filter(pk__in=ids)
        still = set(reached.values_list("pk", flat=True))
        found += [left for left in mine[worker.pk] if left.gap not in still]
    return sorted(found)


def _with_takers(those: Sequence[_Left], today: date) -> Iterator[tuple[_Left, UUID]]:
    """Each with who took the family over: on the day after, or on the last itself."""
    takers = _takers({left.book for left in those}, today)
    for left in those:
        for day in (left.until + timedelta(days=1), left.until):
            if (left.book, day) in takers:
                yield left, takers[left.book, day]
                break


def _takers(households: Collection[UUID], today: date) -> dict[tuple[UUID, date], UUID]:
    """(household, the day a pairing in force began) → the helper."""
    rows = Pairing.objects.filter(
        in_force(today), household_id__in=households, worker__is_active=True
    )
    return {(each.household_id, each.since): each.worker_id for each in rows.order_by("pk")}
