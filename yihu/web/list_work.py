"""The work on a department's list: its dry run, keeping what was confirmed, withdrawing it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from yihu.access.actions import log_reading
from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book.actions import open_batch
from yihu.book.models import Batch
from yihu.exchange import comparison, withdrawal, work
from yihu.exchange.compared import counts_of, samples_of
from yihu.exchange.disputes import GONE, entries_clearing, entries_opening, gap_of
from yihu.exchange.dry import keep_reasons
from yihu.exchange.known import in_parts
from yihu.exchange.models import Difference, Upload
from yihu.exchange.reading import Progress
from yihu.ledger.actions import write_gaps
from yihu.loop import Moment
from yihu.problems import Problem


def read(upload: Upload, at: Moment) -> None:
    """The dry run: what differs is counted and shown, and nothing of it is kept."""
    found = comparison.compare(upload, Scope(upload.by, at.today), work.Told(upload))
    keep_reasons(upload.pk, found.rows)
    work.set_state(
        upload, "read", counts=counts_of(found), samples=samples_of(found),
        digest=comparison.digest_of(found),
    )  # fmt: skip


def write(upload: Upload, at: Moment) -> None:
    """Keep what the dry run has shown as work items and gaps, and nothing else.

    Raises  Problem (exchange.list_changed): it would be something else now
    """
    told = work.Told(upload)
    found = comparison.compare(upload, Scope(upload.by, at.today), told)
    if comparison.digest_of(found) != upload.digest:
        raise Problem("exchange.list_changed", status=409)
    batch = open_batch(
        what="list", name=upload.name, by=upload.by, at=at.now, upload=str(upload.pk)
    )
    # Gaps close before their differences are gone: cut off in between, it can be done again.
    _close(found.gone, upload.by, at, batch, why=GONE, evidence=upload.name)
    comparison.keep(upload, found)
    _open(found.differences, upload.by, at, batch, told)
    work.set_state(upload, "written", batch=batch)


def _open(
    differences: Sequence[Difference], by: Worker, at: Moment, batch: Batch, told: Progress
) -> None:
    """Differences are gaps of the department."""
    for done, part in enumerate(entries_opening(differences, on=at.today)):
        write_gaps(part, by=by, now=at.now, today=at.today, batch=batch)
        told("opening_gaps", done * len(part), len(differences))


def _close(
    gone: Sequence[Difference], by: Worker, at: Moment, batch: Batch, *, why: str, evidence: str,
    withdrawn: bool = False,
) -> None:  # fmt: skip
    for some in in_parts(gone):
        cleared = entries_clearing(
            some, why=why, evidence=evidence, on=at.today, withdrawn=withdrawn
        )
        write_gaps(cleared, by=by, now=at.now, today=at.today, batch=batch)


def withdraw(upload: Upload, at: Moment) -> None:
    """Close what a list left open, with the reason in the history of each gap.

    Who does it and why stands with the upload: see `work.ask_back`.
    """
    by, why = work.asked_back(upload)
    told = work.Told(upload)
    told("withdrawing", 0, 0)
    found = withdrawal.found_of(upload)
    if not withdrawal.was_confirmed(upload):
        # Nothing was written of it: its file and the log are all that is left.
        _log(upload, found, by, why, at)
        work.set_state(upload, "undone")
        return
    batch = open_batch(
        what="withdrawal", name=upload.name, by=by, at=at.now, upload=str(upload.pk), why=why
    )
    again: set[UUID] = {gap_of(each) for each in found.again}
    over = [each for each in found.closed if gap_of(each) not in again]
    _close(over, by, at, batch, why=why, evidence=upload.name, withdrawn=True)
    withdrawal.withdraw(upload, found)
    _open(found.again, by, at, batch, told)
    _log(upload, found, by, why, at)
    work.set_state(upload, "undone")


def _log(upload: Upload, found: withdrawal.Withdrawn, by: Worker, why: str, at: Moment) -> None:
    log_reading(
        by, what="withdrew", now=at.now, rows=len(found.closed),
        facts={each.fact for each in found.closed}, why=f"{why} · {upload.name}"[:200],
    )  # fmt: skip
