"""Questions about signs: asked, answered and closed in the ledger, as gaps of an inspection.

The gap of a question has the id of its sign, so that nothing is asked twice, and its first entry
says which entries the question is about: it outlives the sign.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from yihu.access.models import Pairing, Worker
from yihu.book.actions import NewEntry
from yihu.ledger.actions import clear, write_gaps
from yihu.ledger.deadlines import LEAST_REASON
from yihu.ledger.models import Gap
from yihu.problems import Problem
from yihu.reason import good_reason
from yihu.visit.models import Sign

DEPARTMENT, BATTLE = "poverty_office", "duty"


@transaction.atomic
def ask(sign: Sign, *, question: str, by: Worker, now: datetime, today: date) -> Gap:
    """Ask who wrote the visits; where he no longer helps the household, his superiors answer.

    Raises  Problem (signs.asked)
    """
    entries = [_entry(sign, _opened(sign, question), today)]
    if _helps(sign, today):
        entries.append(_entry(sign, {"did": "assigned", "to": str(sign.worker_id)}, today))
    (gap,) = _first(sign, entries, by=by, now=now, today=today)
    return gap


@transaction.atomic
def close(
    sign: Sign, *, question: str, why: str, by: Worker, now: datetime, today: date
) -> list[Gap]:
    """Close a question for a reason, or say why a sign needs none; both stand in the book.

    Raises  Problem (ledger.no_reason, ledger.own_clearing, ledger.not_in_state)
    """
    why = good_reason(why, "ledger.no_reason", least=LEAST_REASON)
    if sign.worker_id == by.pk:
        raise Problem("ledger.own_clearing", status=403)
    gap = Gap.objects.filter(pk=sign.pk).first()
    if gap is not None:
        return clear([gap], words=why, evidence=why, by=by, now=now, today=today)
    says = {"did": "cleared", "words": why, "evidence": why}
    entries = [_entry(sign, _opened(sign, question), today), _entry(sign, says, today)]
    return _first(sign, entries, by=by, now=now, today=today)


def _first(
    sign: Sign, entries: list[NewEntry], *, by: Worker, now: datetime, today: date
) -> list[Gap]:
    """Write the first entries about a sign: of two who ask at once, one is told that it is so."""
    Sign.objects.select_for_update().get(pk=sign.pk)
    if Gap.objects.filter(pk=sign.pk).exists():
        raise Problem("signs.asked", status=409)
    return write_gaps(entries, by=by, now=now, today=today)


def _opened(sign: Sign, question: str) -> dict[str, Any]:
    return {
        "did": "opened", "origin": "inspection", "title": question[:200],
        "department": DEPARTMENT, "battle": BATTLE,
        "sign": {"kind": sign.kind, "entries": sign.entries, "figures": sign.figures},
    }  # fmt: skip


def _entry(sign: Sign, says: dict[str, Any], on: date) -> NewEntry:
    says = {"gap": str(sign.pk), **says}
    return NewEntry(book=sign.book_id, kind="gap", says=says, seen_on=on, source="desk")


def _helps(sign: Sign, today: date) -> bool:
    rows = Pairing.objects.filter(worker_id=sign.worker_id, household_id=sign.book_id)
    return rows.filter(Q(until=None) | Q(until__gte=today), since__lte=today).exists()
