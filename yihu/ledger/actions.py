"""Gaps: opened and cleared by the check, assigned, answered and waived by people.

Everything that happens to a gap is an entry of its book; `Gap` rows only say how it stands now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from yihu.access.models import Worker
from yihu.book.actions import NewEntry, add_entries
from yihu.book.models import Batch, Entry
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings
from yihu.ledger.models import Gap
from yihu.ledger.policy import Watched, watched
from yihu.problems import Problem

#: Space of the names of gaps: the same rule and person of one book is always the same gap.
_NAMES = UUID("5f0c1f36-3c0d-5a0e-9d38-8a2d6a0e7a11")
OPEN = ("open", "assigned", "answered")


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad answer found: the rule, of which person, fails or unknown."""

    watched: Watched
    person: str
    answer: str


def gap_id(book: UUID, rule: str, person: str) -> UUID:
    """The id of the gap of a rule, for one person or the whole household."""
    return uuid5(_NAMES, f"{book}/{rule}/{person}")


def bad_answers(findings: HouseholdFindings, rules: Mapping[str, Sequence[str]]) -> list[Bad]:
    """What the ledger must hold open for a household after a check."""
    follow = watched()
    found: list[Bad] = []
    for level, person, figures in (
        ("household", "", findings.answers),
        *(("person", person, figures) for person, figures in findings.people.items()),
    ):
        for rule, figure in zip(rules[level], figures, strict=True):
            of = follow.get((level, rule))
            if of is not None and figure in of.bad:
                found.append(Bad(of, person, of.bad[figure]))
    return found


def entries_after_check(
    household: Household, bad: Iterable[Bad], gaps: Iterable[Gap], *, on: date
) -> list[NewEntry]:
    """Entries that bring the ledger of a household in line with a check.

    gaps  all gaps of the household that come from rules
    """
    wanted = {gap_id(household.pk, b.watched.rule, b.person): b for b in bad}
    had = {gap.pk: gap for gap in gaps}
    made: list[dict[str, Any] | None] = [
        _said(gap, wanted[gap], had.get(gap), on) for gap in wanted
    ]
    made += [
        {"gap": str(gap.pk), "did": "cleared"}
        for gap in had.values()
        if gap.pk not in wanted and gap.state in (*OPEN, "waived")
    ]
    return [
        NewEntry(book=household.pk, kind="gap", says=says, seen_on=on, source="check")
        for says in made
        if says
    ]


def _said(id: UUID, bad: Bad, had: Gap | None, on: date) -> dict[str, Any] | None:
    of = bad.watched
    due_on = of.due_on(on)
    if had is None:
        return {
            "gap": str(id), "did": "opened", "origin": "rule", "rule": of.rule,
            "answer": bad.answer, "department": of.department, "battle": of.battle,
            **({"person": bad.person} if bad.person else {}),
            **({"due_on": due_on.isoformat()} if due_on else {}),
        }  # fmt: skip
    waived_out = had.state == "waived" and had.waived_until and had.waived_until < on
    if had.state == "cleared" or waived_out:
        return {
            "gap": str(id), "did": "reopened", "answer": bad.answer,
            **({"due_on": due_on.isoformat()} if due_on else {}),
        }  # fmt: skip
    if had.answer != bad.answer and had.state != "waived":
        return {"gap": str(id), "did": "seen", "answer": bad.answer}
    return None


@transaction.atomic
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
    rows = add_entries(entries, by=by, now=now, today=today, batch=batch)
    return take_in(rows)


def take_in(rows: Sequence[Entry]) -> list[Gap]:
    """Bring the gaps these entries speak of up to date."""
    ids = {UUID(row.says["gap"]) for row in rows}
    gaps: dict[UUID, Gap] = {}
    ordered = list(ids)
    for start in range(0, len(ordered), 500):
        gaps.update(Gap.objects.in_bulk(ordered[start : start + 500]))
    homes = Household.objects.in_bulk({row.book_id for row in rows})
    for row in rows:
        gap = gaps.get(UUID(row.says["gap"]))
        if gap is None:
            gap = gaps[UUID(row.says["gap"])] = _new(row, homes[row.book_id])
        apply(gap, row)
    fields = [f.name for f in Gap._meta.concrete_fields if f.name != "id"]
    Gap.objects.bulk_create(
        gaps.values(), update_conflicts=True, unique_fields=["id"], update_fields=fields,
        batch_size=300,
    )  # fmt: skip
    return list(gaps.values())


def _new(row: Entry, household: Household) -> Gap:
    person = row.says.get("person")
    return Gap(
        id=UUID(row.says["gap"]), book_id=row.book_id, household=household,
        place_id=household.place_id, place_path=household.place_path,
        person_id=UUID(person) if person else None, opened_on=row.seen_on, times_opened=0,
    )  # fmt: skip


def apply(gap: Gap, entry: Entry) -> None:
    """What one entry does to a gap."""
    says = entry.says
    did = says["did"]
    gap.last_number = entry.number
    if did in ("opened", "reopened"):
        gap.state, gap.cleared_on, gap.waived_until = "open", None, None
        gap.times_opened += 1
        for name in ("origin", "rule", "title", "department", "battle"):
            setattr(gap, name, says.get(name, getattr(gap, name)))
        if did == "reopened" and gap.responsible_id:
            gap.state = "assigned"
    if did == "assigned":
        gap.state = "assigned"
        gap.responsible_id = UUID(says["to"])
    if did == "answered":
        gap.state = "answered"
    if did == "waived":
        gap.state, gap.waived_until = "waived", _day(says.get("until"))
    if did == "cleared":
        gap.state, gap.cleared_on = "cleared", entry.seen_on
    gap.answer = says.get("answer", gap.answer)
    gap.department = says.get("department", gap.department)
    if "due_on" in says:
        gap.due_on = _day(says["due_on"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# --- what people do ------------------------------------------------------------------------------


def assign(
    gaps: Sequence[Gap], *, to: Worker, due_on: date | None, by: Worker, now: datetime, today: date
) -> list[Gap]:
    """Make somebody responsible, for one gap or for many."""
    for gap in gaps:
        _require_open(gap, "assigned")
    says = {"did": "assigned", "to": str(to.pk)}
    if due_on:
        says["due_on"] = due_on.isoformat()
    return _write(gaps, says, by=by, now=now, today=today)


def answer(gaps: Sequence[Gap], *, words: str, by: Worker, now: datetime, today: date) -> list[Gap]:
    """Say what was done. A rule's gap stays open until the check sees the facts."""
    for gap in gaps:
        _require_open(gap, "answered")
    return _write(gaps, {"did": "answered", "words": words}, by=by, now=now, today=today)


def clear(
    gaps: Sequence[Gap], *, words: str, evidence: str, by: Worker, now: datetime, today: date
) -> list[Gap]:
    """Clear gaps that no rule can judge, on evidence.

    Raises  Problem (ledger.only_evidence): a rule's gap is cleared by facts only
    """
    for gap in gaps:
        _require_open(gap, "cleared")
        if gap.origin == "rule":
            raise Problem("ledger.only_evidence", status=409, rule=gap.rule)
    says = {"did": "cleared", "words": words, "evidence": evidence}
    return _write(gaps, says, by=by, now=now, today=today)


def waive(
    gaps: Sequence[Gap], *, why: str, until: date, by: Worker, now: datetime, today: date
) -> list[Gap]:
    """Let gaps rest until a day, for a reason. Nobody waives a gap he is responsible for."""
    for gap in gaps:
        _require_open(gap, "waived")
        if gap.responsible_id == by.pk:
            raise Problem("ledger.own_waiver", status=403)
    says = {"did": "waived", "why": why, "until": until.isoformat()}
    return _write(gaps, says, by=by, now=now, today=today)


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
