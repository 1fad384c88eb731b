"""The work on a sheet: dry run, writing, undoing. That on a department's list is in `list_work`.

Small files are done while the page waits, large ones in a process of their own, so that nobody
else's pages wait for them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from yihu import loop
from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book.actions import NewEntry, mark_undone, open_batch, open_book
from yihu.book.models import Batch
from yihu.exchange import submissions_columns, withdrawal, work
from yihu.exchange.dry import digest_of, dry_run, is_answers, planned, read_rows
from yihu.exchange.kept import forget, in_clear, keep
from yihu.exchange.known import in_parts
from yihu.exchange.mapping import Opened, open_sheet, remembered, sheet_before
from yihu.exchange.models import Upload
from yihu.exchange.plan import HomePlan
from yihu.exchange.reading import Progress
from yihu.exchange.returned_ready import make_ready, take_away
from yihu.exchange.submissions import SubmissionTable
from yihu.exchange.submissions_files import attachments, entries_of_visit, keep_beside
from yihu.exchange.submissions_plan import VisitPlan
from yihu.exchange.submissions_read import is_submissions
from yihu.exchange.taking_back import look
from yihu.exchange.writing import BOOKS_AT_ONCE, entries_against, entries_of
from yihu.loop import Moment
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused
from yihu.web import list_work

#: Bytes of a file a page waits for.
SMALL = 400_000
#: Households that are checked one by one as they are written; more are checked all at once after.
FEW = 400


def receive(
    name: str,
    pieces: Iterable[bytes],
    *,
    by: Worker,
    place: Place,
    at: Moment,
    seen_on: date,
    use: str = "import",
    department: str = "",
    opens: bool = False,
    beside: tuple[str, Iterable[bytes]] | None = None,
) -> Upload:
    """Keep a file that was sent and propose what its columns are.

    beside  name and bytes of a zip of attachments, for submissions
    Raises  Problem (exchange.*, book.seen_in_future), Refused (intake.*)
    """
    if seen_on > at.today:
        raise Problem("book.seen_in_future", what=name, seen_on=seen_on, today=at.today)
    id, name = uuid4(), name[-200:]
    size, sha256 = keep(id, name, pieces)
    told = {
        "id": id, "use": use, "name": name, "size": size, "sha256": sha256, "by": by, "at": at.now,
        "place": place, "place_path": place.path, "department": department, "seen_on": seen_on,
    }  # fmt: skip
    try:
        if use == "import" and (answers := _answers(id, name, beside)) is not None:
            return _kept_answers(answers, told, opens=opens)
        with in_clear(id, name) as clear:
            opened = open_sheet(clear)
            sheets = list(opened.heads)
            whose = department if use == "list" else ""
            chosen = sheet_before(opened.heads, whose)
            if chosen and chosen != _sheet_of(opened):
                opened = open_sheet(clear, chosen)
    except Refused:
        forget(id)
        raise
    before = remembered(opened.table.headings, whose)
    columns = opened.proposed if before is None else before
    return work.uploads(
        **told, sheet=_sheet_of(opened), headings=opened.table.headings,
        columns={str(p): target for p, target in columns.items()},
        wishes={"opens": opens, "remembered": before is not None, "sheets": sheets,
                "chosen": bool(chosen)},
    )  # fmt: skip


def _answers(
    id: UUID, name: str, beside: tuple[str, Iterable[bytes]] | None
) -> SubmissionTable | None:
    """The file as submissions, its attachments kept; None where it is a sheet. Raises Problem."""
    with in_clear(id, name) as clear:
        if not is_submissions(clear):
            return None
        found = SubmissionTable(clear)
    if beside is not None:
        keep_beside(id, *beside)
    return found


def _kept_answers(table: SubmissionTable, told: dict[str, Any], *, opens: bool) -> Upload:
    before = submissions_columns.remembered(table.form, table.headings)
    columns = submissions_columns.proposed(table.headings) if before is None else before
    return work.uploads(
        **told, headings=table.headings,
        columns={str(place): target for place, target in columns.items()},
        wishes={"opens": opens, "remembered": before is not None, "form": table.form,
                "partial": table.partial},
    )  # fmt: skip


def _sheet_of(opened: Opened) -> str:
    return getattr(opened.table, "sheet", "")


def turn_to(upload: Upload, sheet: str) -> None:
    """Read another sheet of the workbook; what its columns are is proposed anew.

    Raises  Problem: exchange.no_such_sheet, exchange.not_in_state, exchange.no_headings
    """
    sheets = upload.wishes.get("sheets", [])
    if sheet not in sheets:
        raise Problem("exchange.no_such_sheet", found=sheet, known="、".join(sheets) or "—")
    if upload.state not in ("kept", "read", "failed"):
        raise Problem("exchange.not_in_state", status=409, state=upload.state)
    with in_clear(upload.pk, upload.name) as clear:
        opened = open_sheet(clear, sheet)
    take_away(upload.pk)
    before = remembered(opened.table.headings, upload.department if upload.use == "list" else "")
    columns = opened.proposed if before is None else before
    work.set_state(
        upload, "kept", sheet=sheet, headings=opened.table.headings, counts={}, samples={},
        columns={str(p): target for p, target in columns.items()}, digest="", problem={},
        wishes={**upload.wishes, "remembered": before is not None, "chosen": True},
    )  # fmt: skip


def begin(upload: Upload, what: str, *, at: Moment, here: bool = False) -> None:
    """Do the work now, or have it done in a process of its own.

    what    "read", "write", "undo" or, of a list, "withdraw"
    here    now, however large the file
    Raises  Problem (exchange.not_in_state); of a small file also what is wrong with it
    """
    states, state = BEGUN[what]
    if upload.use == "list" and what == "read":
        # With other columns, or whom somebody has recognised since, it is compared again.
        states = (*states, "written")
    work.claim(upload, states, state)
    if here or upload.size <= SMALL:
        do(upload, what, at=at)
    else:
        call("work", str(upload.pk), what)


def call(*words: str) -> None:
    """Call `yihu imports` in a process of its own, which goes on when the page is done."""
    # What is called is this program itself.
    subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "yihu.commands", "imports", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


#: work → the states it may begin in, and the state it is in meanwhile.
BEGUN = {
    "read": (("kept", "read", "failed"), "reading"),
    "write": (("read", "failed"), "writing"),
    "undo": (("written", "failed"), "writing"),
    "withdraw": (withdrawal.STATES, "writing"),
}


def do(upload: Upload, what: str, *, at: Moment) -> None:
    """Do the work; a refusal is kept with the upload and raised again."""
    try:
        WORK[what](upload, at)
    except Refused as refused:
        work.failed(upload.pk, refused)
        raise


def read(upload: Upload, at: Moment) -> None:
    """The dry run, with the reach of who sent the file."""
    if upload.use == "list":
        list_work.read(upload, at)
        return
    scope, told = Scope(upload.by, at.today), work.Told(upload)
    take_away(upload.pk)
    outcome = dry_run(upload, scope, told)
    if upload.size > SMALL:
        work.Told(upload)("returning", 0, 0)  # one of its own, so that it is told at once
        make_ready(upload, upload.wishes.get("lang", "zh"))
    work.found(upload, outcome)


def write(upload: Upload, at: Moment) -> None:
    """Write what the dry run has shown, and nothing else.

    Each part of BOOKS_AT_ONCE households is a transaction; cut off in between, the same file goes
    on where it stopped, as what is written already is not written again.
    Raises  Problem (exchange.changed_since)
    """
    if upload.use == "list":
        list_work.write(upload, at)
        return
    told, scope = work.Told(upload), Scope(upload.by, at.today)
    rows = read_rows(upload, told)
    if upload.batch is None and digest_of(upload, rows, scope, told) != upload.digest:
        raise Problem("exchange.changed_since", status=409)
    batch = upload.batch or _batch(upload, at)
    checked = upload.counts.get("entries", 0) <= FEW
    plans = planned(upload, rows, scope, told)
    for done, part in enumerate(in_parts(plans, BOOKS_AT_ONCE)):
        _write_part(part, upload, batch, at, checked=checked)
        told("writing", done * BOOKS_AT_ONCE, upload.counts.get("entries", 0))
    if not checked:
        told("checking", 0, 0)
        loop.check_all(at=at, progress=told)
    work.set_state(upload, "written")


def _batch(upload: Upload, at: Moment) -> Batch:
    with transaction.atomic():
        batch = open_batch(
            what="import", name=upload.name, by=upload.by, at=at.now, upload=str(upload.pk)
        )
        work.set_state(upload, "writing", batch=batch)
    return batch


@transaction.atomic
def _write_part(
    part: Iterable[HomePlan], upload: Upload, batch: Batch, at: Moment, *, checked: bool
) -> None:
    entries: list[NewEntry] = []
    if is_answers(upload):
        with attachments(upload) as sent:
            for plan in part:
                if isinstance(plan, VisitPlan):
                    entries += entries_of_visit(plan, sent, by=upload.by, now=at.now)
        part = ()
    for plan in part:
        new = entries_of(plan, upload)
        if new and plan.opens:
            open_book(id=plan.id)
        entries += new
    if entries:
        loop.write(entries, by=upload.by, at=at, batch=batch, checked=checked)


def undo(upload: Upload, at: Moment) -> None:
    """Take the effect of an import away, by counter-entries.

    Who does it and why stands with the upload; households that stay whole are counted there too.
    """
    if upload.batch is None:
        raise Problem("exchange.not_in_state", status=409, state=upload.state)
    by, why = work.asked_back(upload)
    found = look(upload.batch)
    told = work.Told(upload)
    why = f"{why} · {upload.name}" if why else ""
    undo_batch(upload.batch, by=by, at=at, told=told, kept=found.kept, why=why)
    take_away(upload.pk)
    after = {"undone": found.entries, "undone_homes": found.homes, "kept_homes": len(found.kept)}
    work.set_state(upload, "undone", counts={**upload.counts, **after})


def undo_batch(
    batch: Batch,
    *,
    by: Worker,
    at: Moment,
    told: Progress = lambda *_: None,
    kept: Collection[UUID] = (),
    why: str = "",
) -> Batch:
    """Counter-entries to a whole batch, themselves a batch.

    kept    books that are left as they are
    Raises  Problem (exchange.not_in_state): it is undone already
    """
    why = (why or f"undo {batch.what}: {batch.name}")[:400]
    parts = entries_against(batch, today=at.today, why=why, kept=kept)
    after = open_batch(what="undo", name=batch.name, by=by, at=at.now, undoes=str(batch.pk))
    total = batch.entries.count()
    for done, part in enumerate(parts):
        loop.write(part, by=by, at=at, batch=after, checked=total <= FEW)
        told("undoing", done * BOOKS_AT_ONCE, total)
    if total > FEW:
        loop.check_all(at=at, progress=told)
    mark_undone(batch, after)
    return after


WORK: dict[str, Callable[[Upload, Moment], None]] = {
    "read": read, "write": write, "undo": undo, "withdraw": list_work.withdraw,
}  # fmt: skip
