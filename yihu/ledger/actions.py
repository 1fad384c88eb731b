"""Gaps: opened and cleared by the check, raised, assigned, answered and waived by people.

Everything that happens to a gap is an entry of its book; `Gap` rows only say how it stands now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import transaction

from yihu.access.models import Worker
from yihu.book.actions import NewEntry, add_entries, hold_books
from yihu.book.models import Batch
from yihu.check.models import HouseholdFindings
from yihu.ledger.deadlines import (
    LEAST_REASON,
    MOST_WORDS,
    latest_due,
    require_due,
    require_moved_for,
)
from yihu.ledger.models import ORIGINS, Gap
from yihu.ledger.policy import watched
from yihu.ledger.rows import take_in
from yihu.ledger.standing import (
    OPEN,
    Bad,
    Key,
    Standing,
    bad_of,
    gap_id,
    says_after_check,
)
from yihu.ledger.topics import lists
from yihu.ledger.whose import BOOKS_AT_ONCE, last_helped, worked_on_by
from yihu.problems import Problem
from yihu.reason import good_reason
from yihu.tables import all_or_nothing, rows_by

__all__ = [
    "OPEN",
    "Raised",
    "answer",
    "assign",
    "bad_answers",
    "clear",
    "entries_after_check",
    "gap_id",
    "raise_gaps",
    "set_due",
    "take_back_waiver",
    "waive",
    "write_gaps",
]

#: Signs of the longest title of a problem.
LONGEST_TITLE = 200
#: Space of the ids of problems that come by a form.
_SENT = UUID("0a7c9d55-3f0e-5b8e-8f43-6f1d2c9b7e55")

# --- after a check --------------------------------------------------------------------------------


def bad_answers(findings: HouseholdFindings, rules: Mapping[str, Sequence[str]]) -> list[Bad]:
    """What the ledger must hold open for a household after a check."""
    follow = watched()
    found = bad_of("household", "", findings.answers, rules["household"], follow)
    for person, figures in findings.people.items():
        found += bad_of("person", person, figures, rules["person"], follow)
    return found


def entries_after_check(bad: Mapping[UUID, Iterable[Bad]], *, on: date) -> list[NewEntry]:
    """Entries that bring the ledger of some households in line with a check. bad: by household."""
    had: dict[UUID, dict[Key, Standing]] = {home: {} for home in bad}
    for gap in rows_by(Gap, "book_id", bad):
        if gap.origin == "rule":
            had[gap.book_id][key_of(gap)] = standing_of(gap)
    return [
        check_entry(home, says, on)
        for home, found in bad.items()
        for says in says_after_check(home, found, had[home], on=on)
    ]


def key_of(gap: Gap) -> Key:
    """What tells a rule's gap from the others of its book."""
    return gap.rule, str(gap.person_id) if gap.person_id else ""


def standing_of(gap: Gap) -> Standing:
    """How a gap stands."""
    return Standing(str(gap.pk), gap.state, gap.answer, gap.waived_until)


def check_entry(book: UUID, says: dict[str, Any], on: date) -> NewEntry:
    """An entry the check writes."""
    return NewEntry(book=book, kind="gap", says=says, seen_on=on, source="check")


@all_or_nothing()
def write_gaps(
    entries: Sequence[NewEntry],
    *,
    by: Worker | None,
    now: datetime,
    today: date,
    batch: Batch | None = None,
) -> list[Gap]:
    """Add entries of kind gap and bring their rows up to date; returns the rows."""
    if not entries:
        return []
    return take_in(add_entries(entries, by=by, now=now, today=today, batch=batch))


# --- what people do -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A problem somebody found, at a household or a place.

    origin    inspection, census, visit, complaint or difference
    measures  what is to be done; evidence: what shows it
    sent      what tells this sending from others; the same problem sent again opens no other gap
    """

    book: UUID
    origin: str
    title: str
    department: str
    battle: str = ""
    person: UUID | None = None
    due_on: date | None = None
    measures: str = ""
    evidence: str = ""
    sent: str = ""

    def says(self) -> dict[str, Any]:
        """What its entry says.

        Raises  Problem: ledger.no_title, ledger.title_too_long, ledger.no_such_department
        """
        if self.origin not in ORIGINS or self.origin == "rule":
            raise ValueError(f"origin is {self.origin!r}; expected one of {ORIGINS[1:]}")
        if not self.title.strip():
            raise Problem("ledger.no_title")
        if len(self.title.strip()) > LONGEST_TITLE:
            raise Problem(
                "ledger.title_too_long", found=len(self.title.strip()), most=LONGEST_TITLE
            )
        if self.department and self.department not in lists().departments:
            raise Problem("ledger.no_such_department", found=self.department)
        more = {
            "person": str(self.person) if self.person else "",
            "due_on": self.due_on.isoformat() if self.due_on else "",
            "measures": self.measures.strip(),
            "evidence": self.evidence.strip(),
        }
        return {
            "gap": str(uuid4()), "did": "opened", "origin": self.origin,
            "title": self.title.strip(), "department": self.department,
            "battle": self.battle, **{name: text for name, text in more.items() if text},
        }  # fmt: skip

    def id(self, by: Worker) -> UUID:
        """The id of its gap; of one that comes by a form the same whenever it is sent again.

        What it says belongs to it: a form that is filled in anew is another problem.
        """
        if not self.sent:
            return uuid4()
        said = {**self.says(), "gap": "", "sent": self.sent, "book": self.book.hex}
        return uuid5(_SENT, f"{by.pk}/{json.dumps(said, sort_keys=True)}")


@transaction.atomic
def raise_gaps(problems: Sequence[Raised], *, by: Worker, now: datetime, today: date) -> list[Gap]:
    """Open gaps for problems people found; one that was sent before is returned as it stands.

    Raises  Problem: ledger.no_title, ledger.title_too_long, ledger.no_such_department,
            ledger.due_out_of_reach
    """
    made = {each.id(by): each for each in problems}
    # Pressed twice, a button sends twice: the second waits here until the first is written.
    hold_books({each.book for each in problems})
    had = Gap.objects.in_bulk(list(made))
    entries = []
    for id, each in made.items():
        if id not in had:
            require_due(each.due_on, today)
            says = {**each.says(), "gap": str(id)}
            entries.append(
                NewEntry(book=each.book, kind="gap", says=says, seen_on=today, source="desk")
            )
    had |= {gap.pk: gap for gap in write_gaps(entries, by=by, now=now, today=today)}
    return [had[id] for id in made]


@transaction.atomic
def assign(
    gaps: Sequence[Gap],
    *,
    to: Worker,
    due_on: date | None,
    by: Worker,
    now: datetime,
    today: date,
    why: str = "",
) -> list[Gap]:
    """Make somebody responsible, for one gap or for many.

    why     a deadline that stood there is moved
    Raises  Problem (ledger.due_out_of_reach, ledger.due_no_reason)
    """
    require_due(due_on, today)
    gaps = _as_they_stand(gaps)
    for gap in gaps:
        _require_open(gap, "assigned")
    require_moved_for(gaps, due_on, why)
    says = {"did": "assigned", "to": str(to.pk), **_due_said(due_on, why)}
    return _write(gaps, says, by=by, now=now, today=today)


@transaction.atomic
def set_due(
    gaps: Sequence[Gap], *, due_on: date, by: Worker, now: datetime, today: date, why: str = ""
) -> list[Gap]:
    """Set the last day to clear gaps, or move it for a reason.

    Raises  Problem (ledger.due_out_of_reach, ledger.due_no_reason)
    """
    require_due(due_on, today)
    gaps = _as_they_stand(gaps)
    for gap in gaps:
        _require_open(gap, "due")
    require_moved_for(gaps, due_on, why)
    return _write(gaps, {"did": "due", **_due_said(due_on, why)}, by=by, now=now, today=today)


def _due_said(due_on: date | None, why: str) -> dict[str, str]:
    if due_on is None:
        return {}
    return {"due_on": due_on.isoformat(), **({"why": why.strip()} if why.strip() else {})}


@transaction.atomic
def answer(gaps: Sequence[Gap], *, words: str, by: Worker, now: datetime, today: date) -> list[Gap]:
    """Say what was done. A rule's gap stays open until the check sees the facts."""
    _require_reason(words)
    gaps = _as_they_stand(gaps)
    for gap in gaps:
        _require_open(gap, "answered")
    return _write(gaps, {"did": "answered", "words": words}, by=by, now=now, today=today)


@transaction.atomic
def clear(
    gaps: Sequence[Gap], *, words: str, evidence: str, by: Worker, now: datetime, today: date
) -> list[Gap]:
    """Clear gaps that no rule can judge, on evidence, by somebody else than who did the work.

    Raises  Problem: ledger.only_evidence (a rule's gap is cleared by facts only),
            ledger.no_evidence, ledger.own_clearing (responsible, was so, or answered it),
            ledger.own_finding (raised it, and it is nobody's yet)
    """
    gaps = _as_they_stand(gaps)
    worked = worked_on_by(by, gaps)
    for gap in gaps:
        _require_open(gap, "cleared")
        if gap.origin == "rule":
            raise Problem("ledger.only_evidence", status=409, rule=gap.rule)
        if gap.responsible_id == by.pk or gap.pk in worked:
            raise Problem("ledger.own_clearing", status=403)
        if gap.raised_by_id == by.pk and gap.state == "open":
            raise Problem("ledger.own_finding", status=403)
    if not evidence.strip():
        raise Problem("ledger.no_evidence")
    says = {"did": "cleared", "words": words, "evidence": evidence}
    return _write(gaps, says, by=by, now=now, today=today)


@transaction.atomic
def waive(
    gaps: Sequence[Gap], *, why: str, until: date, by: Worker, now: datetime, today: date
) -> list[Gap]:
    """Let gaps rest until a day, for a reason: never one's own.

    Raises  Problem: ledger.own_waiver (responsible, was so, answered it, raised it, or has helped
            the household since it opened), ledger.no_reason, ledger.due_gone,
            ledger.waived_too_long (past the last day a deadline may have)
    """
    gaps = _as_they_stand(gaps)
    worked, helped = worked_on_by(by, gaps), last_helped(by)
    for gap in gaps:
        _require_open(gap, "waived")
        own = by.pk in (gap.responsible_id, gap.raised_by_id) or gap.pk in worked
        if own or helped.get(gap.book_id, date.min) >= gap.opened_on:
            raise Problem("ledger.own_waiver", status=403)
    _require_reason(why)
    if until <= today:
        raise Problem("ledger.due_gone", day=until, today=today)
    latest = latest_due(today)
    if until > latest:
        raise Problem("ledger.waived_too_long", day=until, latest=latest)
    says = {"did": "waived", "why": why, "until": until.isoformat()}
    return _write(gaps, says, by=by, now=now, today=today)


@transaction.atomic
def take_back_waiver(
    gaps: Sequence[Gap], *, why: str, by: Worker, now: datetime, today: date
) -> list[Gap]:
    """Let what rested stand open again, for a reason: whose it was, it is again.

    Raises  Problem: ledger.not_in_state (it is not waived), ledger.no_reason
    """
    gaps = _as_they_stand(gaps)
    for gap in gaps:
        if gap.state != "waived":
            raise Problem("ledger.not_in_state", status=409, state=gap.state, did="unwaived")
    _require_reason(why)
    return _write(gaps, {"did": "unwaived", "why": why}, by=by, now=now, today=today)


def _as_they_stand(gaps: Sequence[Gap]) -> list[Gap]:
    """The same gaps, read anew while nobody else writes in their books.

    Between the page and its button a colleague may have cleared one, or made it one's own.
    """
    hold_books({gap.book_id for gap in gaps})
    ids = [gap.pk for gap in gaps]
    now: dict[UUID, Gap] = {}
    for start in range(0, len(ids), BOOKS_AT_ONCE):
        now.update(Gap.objects.in_bulk(ids[start : start + BOOKS_AT_ONCE]))
    return [now[id] for id in ids]


def _write(
    gaps: Sequence[Gap], says: dict[str, Any], *, by: Worker, now: datetime, today: date
) -> list[Gap]:
    entries = [
        NewEntry(
            book=gap.book_id, kind="gap", says={"gap": str(gap.pk), **says}, seen_on=today,
            source="desk",
        )
        for gap in gaps
    ]  # fmt: skip
    return write_gaps(entries, by=by, now=now, today=today)


def _require_open(gap: Gap, did: str) -> None:
    if gap.state not in OPEN:
        raise Problem("ledger.not_in_state", status=409, state=gap.state, did=did)


def _require_reason(words: str) -> None:
    good_reason(words, "ledger.no_reason", least=LEAST_REASON, most=MOST_WORDS)
