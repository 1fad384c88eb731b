"""The whole loop on one page: book → card → check → ledger.

Whoever writes – a page, an import, a phone – writes through here, and all four stand in line
afterwards, or nothing was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from yihu.access.models import Worker
from yihu.book.actions import NewEntry, add_entries
from yihu.book.models import Batch, Entry
from yihu.card.actions import rebuild
from yihu.card.models import Household
from yihu.check.actions import check_household
from yihu.ledger.actions import bad_answers, entries_after_check, write_gaps
from yihu.ledger.models import Gap


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is done: the moment, and the day it is where the county lies."""

    now: datetime
    today: date


def this_moment() -> Moment:
    """Now, by the clock; on the day YIHU_TODAY names if it names one."""
    now = timezone.localtime()
    if settings.TODAY:
        day = date.fromisoformat(settings.TODAY)
        now = now.replace(year=day.year, month=day.month, day=day.day)
    return Moment(now=now, today=now.date())


@transaction.atomic
def write(
    entries: Iterable[NewEntry],
    *,
    by: Worker | None,
    at: Moment,
    batch: Batch | None = None,
    checked: bool = True,
) -> list[Entry]:
    """Add entries, build the cards anew, check them, and bring the ledger in line.

    checked  False: the cards are checked after, all at once; until then their findings are stale
    """
    rows = add_entries(entries, by=by, now=at.now, today=at.today, batch=batch)
    homes = {row.book_id for row in rows if row.kind != "gap"}
    rebuild(homes, now=at.now)
    if not checked:
        return rows
    for household in Household.objects.filter(pk__in=homes).select_related("place"):
        check(household, at=at)
    return rows


@transaction.atomic
def check(household: Household, *, at: Moment) -> list[Gap]:
    """Check one household and bring its gaps in line; returns the gaps that moved."""
    findings = check_household(household, on=at.today, now=at.now)
    bad = [] if household.closed_on else bad_answers(findings, findings.run.rules)
    gaps = Gap.objects.filter(book_id=household.pk, origin="rule")
    entries = entries_after_check(household, bad, gaps, on=at.today)
    return write_gaps(entries, by=None, now=at.now, today=at.today)


def households(ids: Iterable[UUID]) -> list[Household]:
    """The cards with these ids, with their places."""
    return list(Household.objects.filter(pk__in=list(ids)).select_related("place"))
