"""Book → steps and year ends: what changed a household, and its incomes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from yihu.book.order import Dated, undone
from yihu.card.fold import Decision, status_after

#: Incomes whose sum, costs taken off, is the net income of a household in a year.
INCOMES = ("wage_income", "operating_income", "property_income", "transfer_income")
COSTS = "operating_cost"
#: Source of incomes between two known years.
INTERPOLATED = "interpolated"
#: Standings of households that are on the register or were lifted from it.
LISTED = ("poor", "exited", "unstable")


class Said(Dated, Protocol):
    """What is asked of an entry, beside its place in the order."""

    @property
    def source(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Change:
    """One step: see models.Step."""

    on: date
    did: str
    before: str
    after: str
    people_before: int
    people_after: int


@dataclass(frozen=True, slots=True)
class End:
    """The end of one year: see models.YearEnd."""

    year: int
    status: str
    listed: bool
    people: int
    income: int | None
    between: bool


@dataclass(slots=True)
class Walked:
    """A book walked through from its first day to its last."""

    changes: list[Change] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)


@dataclass(slots=True)
class _Now:
    """How the household stands on the way."""

    status: str = ""
    register: str = "general"
    listed: bool = False
    here: set[str] = field(default_factory=set)
    incomes: dict[str, Any] = field(default_factory=dict)
    source: str = ""


def walk(entries: Sequence[Said], *, until: date) -> Walked:
    """Steps of a book, and the ends of all years from its first until a day."""
    gone = undone(entries)
    found, now = Walked(), _Now()
    year = 0
    for entry in sorted(entries, key=lambda e: (e.seen_on, e.number)):
        if entry.number in gone or entry.kind in ("correction", "gap"):
            continue
        for ended in range(year, entry.seen_on.year) if year else ():
            found.ends.append(_end(now, ended))
        year = entry.seen_on.year
        found.changes.extend(_changes(now, entry))
        _take_incomes(now, entry)
    for ended in range(year, until.year) if year else ():
        found.ends.append(_end(now, ended))
    return found


def _changes(now: _Now, entry: Said) -> Iterator[Change]:
    acts: Iterable[dict[str, Any]] = entry.says.get("acts", ())
    steps = [(_did(act), act) for act in acts]
    if entry.kind == "decision":
        steps.append((entry.says["did"], entry.says))
    for did, says in steps:
        before, people = now.status, len(now.here)
        _TAKE.get(says["did"], _decide)(now, says)
        if (before, people) != (now.status, len(now.here)) or entry.kind == "decision":
            yield Change(entry.seen_on, did, before, now.status, people, len(now.here))


def _did(act: dict[str, Any]) -> str:
    return str(act["why"])[:16] if act["did"] in ("joined", "left") else str(act["did"])


def _opened(now: _Now, _act: dict[str, Any]) -> None:
    now.status = now.register


def _joined(now: _Now, act: dict[str, Any]) -> None:
    now.here.add(str(act["person"]))


def _left(now: _Now, act: dict[str, Any]) -> None:
    now.here.discard(str(act["person"]))


def _closed(now: _Now, _act: dict[str, Any]) -> None:
    now.status = ""


def _same(_now: _Now, _act: dict[str, Any]) -> None:
    """Neither size nor standing changes."""


def _decide(now: _Now, says: dict[str, Any]) -> None:
    decision = Decision(date.min, says["did"], says.get("category", ""), 0)
    now.register = status_after(now.register, decision)
    now.listed = now.register in LISTED
    if now.status:
        now.status = now.register


_TAKE = {
    "opened": _opened, "joined": _joined, "left": _left, "closed": _closed, "reopened": _opened,
    "head": _same, "moved": _same,
}  # fmt: skip


def _take_incomes(now: _Now, entry: Said) -> None:
    facts = entry.says.get("household", {})
    for fact in (*INCOMES, COSTS):
        if fact in facts:
            now.incomes[fact] = facts[fact]
            now.source = entry.source


def _end(now: _Now, year: int) -> End:
    values = [now.incomes.get(fact) for fact in (*INCOMES, COSTS)]
    income = None
    if now.status and None not in values:
        *more, less = (Decimal(str(value)) for value in values)
        income = int((sum(more) - less) * 100)
    return End(year, now.status, now.listed, len(now.here), income, now.source == INTERPOLATED)
