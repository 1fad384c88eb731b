"""Deadlines people set: how far ahead one may lie, and that moving one has a reason.

How many days ahead is dated, like every amount: `ledger.toml` says it, see `topics`. Where it says
nothing for a day, a deadline lies at most at the end of the next year: a setting of yihu's own, for
no source gives one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from yihu.ledger.models import Gap
from yihu.ledger.topics import lists
from yihu.problems import Problem
from yihu.reason import good_reason, require_short

#: Signs a reason has at least: a word is none.
LEAST_REASON = 5
#: Signs the words of an answer or a waiver have at most, as their fields say.
MOST_WORDS = 500


def latest_due(today: date) -> date:
    """The last day a deadline set today may be."""
    days = next((days for since, days in lists().deadlines if since <= today), None)
    return date(today.year + 1, 12, 31) if days is None else today + timedelta(days=days)


def require_due(due_on: date | None, today: date) -> None:
    """Refuse a deadline that is over or absurdly far. Raises Problem (ledger.due_out_of_reach)."""
    latest = latest_due(today)
    if due_on is not None and not today <= due_on <= latest:
        raise Problem("ledger.due_out_of_reach", day=due_on, today=today, latest=latest)


def require_moved_for(gaps: Iterable[Gap], due_on: date | None, why: str) -> None:
    """Refuse to move deadlines without a reason; one that was not set yet needs none.

    Raises  Problem (ledger.due_no_reason, desk.reason_too_long)
    """
    moved = [gap for gap in gaps if due_on is not None and gap.due_on not in (None, due_on)]
    if not moved:
        require_short(why, MOST_WORDS)
        return
    told = {"count": len(moved), "was": moved[0].due_on, "day": due_on}
    good_reason(why, "ledger.due_no_reason", least=LEAST_REASON, most=MOST_WORDS, **told)
