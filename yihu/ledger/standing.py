"""What a check says to the ledger: which gaps open, reopen, change or clear. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from yihu.ledger.policy import Watched

#: Space of the names of gaps: the same rule and person of one book is always the same gap.
_NAMES = UUID("5f0c1f36-3c0d-5a0e-9d38-8a2d6a0e7a11")
OPEN = ("open", "assigned", "answered")
#: (rule, person as hyphened id or "")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a gap stands before the check. until: last day of a waiver."""

    id: str
    state: str
    answer: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad answer found: the rule, of which person, fails or unknown."""

    watched: Watched
    person: str
    answer: str

    @property
    def key(self) -> Key:
        """What tells it from the others of the book."""
        return self.watched.rule, self.person


def gap_id(book: UUID, rule: str, person: str) -> UUID:
    """The id of the gap of a rule, for one person or the whole household."""
    return uuid5(_NAMES, f"{book}/{rule}/{person}")


def bad_of(
    level: str, person: str, figures: str, rules: Sequence[str],
    follow: Mapping[tuple[str, str], Watched],
) -> list[Bad]:  # fmt: skip
    """The bad answers among the figures of one household, person or place."""
    found = []
    for rule, figure in zip(rules, figures, strict=True):
        of = follow.get((level, rule))
        if of is not None and figure in of.bad:
            found.append(Bad(of, person, of.bad[figure]))
    return found


def says_after_check(
    book: UUID, bad: Iterable[Bad], had: Mapping[Key, Standing], *, on: date,
    kept: Collection[Key] = (),
) -> list[dict[str, Any]]:  # fmt: skip
    """What the entries say that bring the gaps of a book in line with a check.

    had   all gaps of the book that come from rules
    kept  gaps no answer was asked for, which stay as they are
    """
    wanted = {each.key: each for each in bad}
    made = [_said(book, each, had.get(key), on) for key, each in wanted.items()]
    made += [
        {"gap": gap.id, "did": "cleared"}
        for key, gap in had.items()
        if key not in wanted and key not in kept and gap.state in (*OPEN, "waived")
    ]
    return [says for says in made if says]


def _said(book: UUID, bad: Bad, had: Standing | None, on: date) -> dict[str, Any] | None:
    of = bad.watched
    due_on = of.due_on(on)
    due = {"due_on": due_on.isoformat()} if due_on else {}
    if had is None:
        return {
            "gap": str(gap_id(book, of.rule, bad.person)), "did": "opened", "origin": "rule",
            "rule": of.rule, "answer": bad.answer, "department": of.department,
            "battle": of.battle, **({"person": bad.person} if bad.person else {}), **due,
        }  # fmt: skip
    if had.state == "cleared" or waiver_over(had, on):
        return {"gap": had.id, "did": "reopened", "answer": bad.answer, **due}
    if had.answer != bad.answer:
        return {"gap": had.id, "did": "seen", "answer": bad.answer}
    return None


def waiver_over(gap: Standing, on: date) -> bool:
    """Has the last day of its waiver gone by?"""
    return gap.state == "waived" and gap.until is not None and gap.until < on
