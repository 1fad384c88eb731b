"""The whole loop on one page: book → card → check → ledger.

Whoever writes – a page, an import, a phone – writes through here, and all four stand in line
afterwards, or nothing was written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from yihu.access.models import Worker
from yihu.book.actions import NewEntry, add_entries, mark_undone, open_batch
from yihu.book.foreseen import foreseen as entries_foreseen
from yihu.book.models import Batch, Entry
from yihu.book.undoing import undo_batch
from yihu.card.actions import Rebuilt, rebuild
from yihu.card.actions import foreseen as cards_foreseen
from yihu.card.models import Household
from yihu.check.actions import answered, check_households, home_of
from yihu.check.models import Run
from yihu.check.progress import Progress, quiet
from yihu.check.whole import (
    Found,
    Whole,
    finish,
    moved_findings,
    run_of_whole,
    still_current,
    write_findings,
    write_places,
)
from yihu.children import children
from yihu.exchange.disputes import entries_following
from yihu.ledger.actions import bad_answers, entries_after_check, write_gaps
from yihu.ledger.models import Gap
from yihu.ledger.rows import moved
from yihu.ledger.whole import entries_after_whole, entries_of_closed, entries_of_places
from yihu.statistics.actions import refresh
from yihu.tables import all_or_nothing


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


#: Books of one writing at most of which is worked out before the turn what follows.
FEW = 5


def write(
    entries: Iterable[NewEntry],
    *,
    by: Worker | None,
    at: Moment,
    batch: Batch | None = None,
    checked: bool = True,
    followed: bool = True,
) -> list[Entry]:
    """Add entries, build the cards anew, check them, and bring the ledger in line.

    checked   False: the cards are checked after, all at once; until then their findings are stale
    followed  False: the caller lets `follow` do all but the first before its transaction ends
    """
    given = list(entries)
    plain = not any(new.kind in ("gap", "correction") for new in given)
    if followed and checked and plain and _takes_turns() and len({e.book for e in given}) <= FEW:
        _work_out(given, by=by, at=at, batch=batch)
    with all_or_nothing():
        rows = add_entries(given, by=by, now=at.now, today=at.today, batch=batch)
        if followed:
            follow({row.book_id for row in rows if row.kind != "gap"}, at=at, checked=checked)
    return rows


def _takes_turns() -> bool:
    """Does whoever writes now have to wait for others, and has not begun yet?"""
    return connection.vendor == "sqlite" and not connection.in_atomic_block


def _work_out(
    entries: Sequence[NewEntry], *, by: Worker | None, at: Moment, batch: Batch | None
) -> None:
    """Make the cards these entries will make and answer the rules for them, before the turn."""
    read = entries_foreseen(entries, by=by, now=at.now, batch=batch)
    for card in cards_foreseen(read, now=at.now):
        answered(card, at.today)


@all_or_nothing()
def follow(books: Collection[UUID], *, at: Moment, checked: bool = True) -> None:
    """What follows from entries of these books: cards built anew, checked, and the ledger in line.

    checked  as for `write`
    """
    made = rebuild(books, now=at.now)
    moved([each.household.pk for each in made if each.moved])
    # Who goes from one household to another is written in both.
    if len(books) > 1 and (taken := entries_following(books, on=at.today)):
        write_gaps(taken, by=None, now=at.now, today=at.today)
    if checked and made:
        check(made, at=at)


@all_or_nothing()
def check(cards: Sequence[Household | Rebuilt], *, at: Moment) -> list[Gap]:
    """Check some households and bring their gaps in line; returns the gaps that moved.

    cards  a card that was just built is not read again
    """
    found = check_households(cards, on=at.today, now=at.now)
    bad = {
        home.pk: [] if home.closed_on else bad_answers(findings, findings.run.rules)
        for home, findings in zip(map(home_of, cards), found, strict=True)
    }
    entries = entries_after_check(bad, on=at.today)
    return write_gaps(entries, by=None, now=at.now, today=at.today)


def check_all(*, at: Moment, progress: Progress = quiet, processes: int = 0) -> Run:
    """Check everybody in one columnar run and bring the ledger in line; returns the run.

    processes  how many work side by side; 0 where entries are not yet committed

    Written part by part: stopped at any moment, what is written stands and the next run does the
    rest. A household written to meanwhile was checked on its own and is left alone.
    """
    whole = Whole(at.today, progress=progress, processes=processes)
    run = run_of_whole(at.today, at.now)
    for done, part in _to_write(whole, run, processes):
        if part:
            _write_part(part, run, at)
        progress("writing", done, len(whole))
    _finish(whole, run, at)
    refresh(now=at.now, today=at.today)
    return run


@transaction.atomic
def _write_part(part: Sequence[Found], run: Run, at: Moment) -> None:
    current = still_current(part)
    write_findings(current, run)
    entries = entries_after_whole(current, run.rules, on=at.today)
    write_gaps(entries, by=None, now=at.now, today=at.today)


def _to_write(whole: Whole, run: Run, processes: int) -> Iterator[tuple[int, list[Found]]]:
    """(households looked at, those of the last some that may have to be written).

    One night most households stand as they stood. Processes of their own, which have the answers
    and read what is kept, say who does not; whoever is written to meanwhile is checked then.
    """
    spans = whole.spans()
    if processes < 1 or not run.counts or len(spans) <= processes:
        yield from ((span[1], whole.part(span)) for span in spans)
        return
    _ASKED[:] = [(whole, run)]
    try:
        with children(processes) as pool:
            for span, homes in zip(spans, pool.map(_otherwise, spans), strict=True):
                part = whole.part(span) if homes else []
                yield span[1], [each for each in part if each.home in homes]
    finally:
        _ASKED.clear()


#: What forked processes are asked about; they know it from this one.
_ASKED: list[tuple[Whole, Run]] = []


def _otherwise(span: tuple[int, int]) -> set[str]:
    """Households of a part whose findings or gaps are not what the check finds now, as hex."""
    ((whole, run),) = _ASKED
    part = whole.part(span)
    entries = entries_after_whole(part, run.rules, on=whole.on)
    return {*moved_findings(part, run), *(entry.book.hex for entry in entries)}


@transaction.atomic
def _finish(whole: Whole, run: Run, at: Moment) -> None:
    """After the households: places, closed households, and the counts that say it is whole."""
    findings = write_places(whole, run)
    levels = {place.pk: place.level for place in whole.county.places}
    entries = entries_of_places(findings, levels, run.rules, on=at.today)
    entries += entries_of_closed(at.today)
    write_gaps(entries, by=None, now=at.now, today=at.today)
    finish(run, whole, at.now)


@transaction.atomic
def undo(batch: Batch, *, why: str, by: Worker | None, at: Moment) -> Batch:
    """Take the effect of a batch away by counter-entries; returns the batch that holds those.

    Raises  Problem: book.batch_undone, book.later_depends
    """
    entries = undo_batch(batch, why=why, on=at.today)
    undoing = open_batch(what="undo", name=batch.name, by=by, at=at.now, why=why)
    write(entries, by=by, at=at, batch=undoing)
    mark_undone(batch, undoing)
    return undoing


def households(ids: Iterable[UUID]) -> list[Household]:
    """The cards with these ids, with their places."""
    return list(Household.objects.filter(pk__in=list(ids)).select_related("place"))
