"""The dry run of an upload: read, plan, count, and write nothing but what was found."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from yihu.access.scope import Scope
from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.book.chain import canonical
from yihu.exchange import submissions_columns
from yihu.exchange.kept import in_clear, keep, path_of, take
from yihu.exchange.known import HIDDEN, masked_now
from yihu.exchange.mapping import open_sheet, require_whole
from yihu.exchange.models import Upload
from yihu.exchange.plan import Change, HomePlan, plans
from yihu.exchange.reading import Progress, Reason, Rows, counted, read
from yihu.exchange.registering import decisions_of
from yihu.exchange.submissions import SubmissionTable
from yihu.exchange.submissions_files import attachments
from yihu.exchange.submissions_plan import VisitPlan, read_answers, visits

KINDS = ("new", "changed", "unchanged", "refused")
#: So many rows of each kind are shown.
SHOWN = 100


@dataclass(slots=True)
class Outcome:
    """What a dry run found; see `Upload` for the shapes."""

    counts: dict[str, int] = field(default_factory=dict)
    facts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    samples: dict[str, list[Any]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    digest: str = ""


def is_answers(upload: Upload) -> bool:
    """Whether a file is one of submissions, not a sheet."""
    return "form" in upload.wishes


def columns_of(upload: Upload) -> dict[int, str]:
    """The mapping of an upload: place of the column → target."""
    return {int(place): target for place, target in upload.columns.items() if target}


def read_rows(upload: Upload, progress: Progress) -> Rows:
    """The rows of an upload in the spelling of the book.

    Raises  Refused (intake.*), Problem (exchange.*)
    """
    columns = columns_of(upload)
    if is_answers(upload):
        submissions_columns.require_whole(columns, upload.headings)
        with in_clear(upload.pk, upload.name) as path:
            progress("opening", 0, 0)
            return read_answers(SubmissionTable(path), columns, progress, upload.seen_on)
    require_whole(columns, upload.headings)
    with in_clear(upload.pk, upload.name) as path:
        progress("opening", 0, 0)
        return read(open_sheet(path, upload.sheet).table, columns, progress, upload.seen_on)


def planned(upload: Upload, rows: Rows, scope: Scope, progress: Progress) -> Iterator[HomePlan]:
    """The plans of an upload under its wishes; `rows.bad` begins anew with what cells say."""
    rows.bad = {row: list(reasons) for row, reasons in rows.cells.items()}
    opens = bool(upload.wishes.get("opens"))
    if not is_answers(upload):
        yield from plans(rows, scope, opens=opens, progress=progress)
        return
    with attachments(upload) as sent:
        yield from visits(
            rows, scope, opens=opens, day=upload.seen_on, has=sent.has, progress=progress
        )


def dry_run(upload: Upload, scope: Scope, progress: Progress = lambda *_: None) -> Outcome:
    """Find out what an upload would write. Keeps the reasons of refused rows beside the file."""
    rows = read_rows(upload, progress)
    outcome, digest, kinds = Outcome(), hashlib.sha256(), Counter[str]()
    for plan in planned(upload, rows, scope, progress):
        _count(plan, rows, outcome, kinds, day=upload.seen_on)
        kinds["entries"] += _add(digest, plan)
    for row, reasons in counted(rows):
        kinds["refused"] += 1
        if len(outcome.samples["refused"]) < SHOWN:
            outcome.samples["refused"] += [_reason(rows, row, reason) for reason in reasons]
    kinds["rows"], kinds["left_out"] = len(rows.numbers), rows.left_out
    outcome.counts, outcome.digest = dict(kinds), digest.hexdigest()
    keep_reasons(upload.pk, rows)
    return outcome


def digest_of(upload: Upload, rows: Rows, scope: Scope, progress: Progress) -> str:
    """What `dry_run` would now give as the digest: of all values before and after."""
    digest = hashlib.sha256()
    for plan in planned(upload, rows, scope, progress):
        _add(digest, plan)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, plan: HomePlan) -> bool:
    says = plan.says()
    if says:
        before = [[change.target, change.before] for change in plan.changes]
        digest.update(canonical([plan.id.hex, says, before]))
    return bool(says)


def _count(plan: HomePlan, rows: Rows, outcome: Outcome, kinds: Counter[str], *, day: date) -> None:
    for row, kind in plan.rows.items():
        # A later row of the household may have refused an earlier one.
        kinds[kind] += row not in rows.bad
        if kind != "changed" and len(outcome.samples[kind]) < SHOWN:
            who = rows.get("person.name", row) or rows.homes[row] or ""
            outcome.samples[kind].append({"row": rows.numbers[row], "who": str(who)})
    if isinstance(plan, VisitPlan):
        kinds["attached"] += len(plan.files)
        kinds["awaited"] += len(plan.awaited)
        kinds["visits"] += not plan.is_empty and not plan.known
    kinds["opened"] += plan.opens
    kinds["reopened"] += any(act["did"] == "reopened" for act in plan.acts)
    kinds["registered"] += bool(decisions_of(plan.register, day=day))
    kinds["joined"] += sum(act["did"] == "joined" for act in plan.acts)
    for change in plan.changes:
        kinds["facts"] += 1
        is_new = change.before is None
        outcome.facts[change.target][not is_new] += 1
        if plan.rows.get(change.row) == "changed" and len(outcome.samples["changed"]) < SHOWN:
            outcome.samples["changed"].append(_changed(plan, rows, change))


def _changed(plan: HomePlan, rows: Rows, change: Change) -> dict[str, Any]:
    """One change as the page shows it. alike: what is masked differs, what is shown does not."""
    before = shown_value(change.target, change.before)
    if change.before == HIDDEN:
        before = masked_now(plan.id, change.person, change.target.partition(".")[2])
    after = shown_value(change.target, change.after)
    return {
        "row": rows.numbers[change.row], "who": change.who, "fact": change.target,
        "before": before, "after": after, "alike": before == after,
    }  # fmt: skip


def shown_value(target: str, value: Any) -> Any:
    """A value as it may stand in a sample: secret ones masked."""
    level, _, fact = target.partition(".")
    if value is None or not dictionary.is_secret(level, fact):
        return value
    return masked(str(value)) if value != HIDDEN else value


def _reason(rows: Rows, row: int, reason: Reason) -> dict[str, Any]:
    return {
        "row": rows.numbers[row],
        "place": reason.place,
        "found": reason.found,
        "zh": reason.sentence("zh"),
        "en": reason.sentence("en"),
    }


# -- reasons beside the file -----------------------------------------------------------------------


def reasons_id(upload: UUID) -> UUID:
    """Under what the reasons of an upload are kept."""
    return uuid5(upload, "reasons")


def keep_reasons(upload: UUID, rows: Rows) -> None:
    """Keep the reasons of all refused rows, as secret as the file itself."""
    said = {
        "rows": [
            [rows.numbers[row], [[r.place, r.sentence("zh"), r.sentence("en")] for r in reasons]]
            for row, reasons in counted(rows)
        ],
        "beside": sorted(rows.numbers[row] for row in _beside(rows)),
        "first": rows.first,
        "last": max(rows.numbers, default=rows.first - 1),
    }
    keep(reasons_id(upload), "reasons.csv", [gzip.compress(json.dumps(said).encode())])


def _beside(rows: Rows) -> Iterator[int]:
    """Rows that are not refused, of households of which a row is."""
    homes = {rows.homes[row] for row in rows.bad} - {None}
    return (row for row, home in enumerate(rows.homes) if home in homes and row not in rows.bad)


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a dry run found wrong, by the row numbers of the file.

    rows         row → (place of the column, sentence in Chinese, in English)
    beside       rows of the same households that were not refused
    first, last  the rows of the table, below its headings
    """

    rows: dict[int, list[tuple[int | None, str, str]]] = field(default_factory=dict)
    beside: frozenset[int] = frozenset()
    first: int = 2
    last: int = 1


def reasons_of(upload: UUID) -> Reasons:
    """The reasons kept of an upload; none where no dry run was done."""
    id = reasons_id(upload)
    if not path_of(id).exists():
        return Reasons()
    said = json.loads(gzip.decompress(b"".join(take(id))))
    rows = {row: [(p, zh, en) for p, zh, en in reasons] for row, reasons in said["rows"]}
    return Reasons(rows, frozenset(said["beside"]), said["first"], said["last"])
