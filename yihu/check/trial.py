"""Trying out a changed line over the whole county: who would move, where, and at what cost.

Nothing is written. The county is read once, for every line of the rulebook, and kept in memory;
after an entry only the cards that moved on are read again. What does not depend on the line is thus
paid for once, and any line and value is answered in a moment.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db.models import Max, Sum

from yihu.book import dictionary
from yihu.book.models import Book, Entry
from yihu.check.cards_read import Cards
from yihu.check.store import read_county
from yihu.problems import Problem
from yihu.rulebook import columns
from yihu.rulebook.bind import bind
from yihu.rulebook.book import LineSpec, LineStep
from yihu.rulebook.columns.answers import NO_AMOUNT, Answered
from yihu.rulebook.compare import (
    Pair,
    in_file_order,
    pair,
    places_of,
    table_of,
    tables_by,
    with_line,
)
from yihu.rulebook.program import Program
from yihu.rulebook.snapshot import Snapshot

Table = npt.NDArray[np.int64]
#: Income of a household per person: what a line of that unit is held against.
#: How many of those who move are named.
NAMED = 50
INCOME, PER_PERSON = ("household", "income_per_person"), "yuan/person/year"


@dataclass(frozen=True, slots=True)
class Moved:
    """One rule under both values of the line.

    counts      3 × 3, from (row) to (column): holds, fails, unknown
    by_village  code of the village → the same
    before, after   money due under the rule, whole fen
    who      id as hex → (from, to) of the first that move, those who come to hold first
    """

    level: str
    rule: str
    counts: Table
    by_village: dict[str, Table]
    before: int
    after: int
    who: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What everybody below a line lacks to reach it, in fen a year; households and people below."""

    fen: int
    households: int
    people: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What a changed line does, on a day, for the households of some villages.

    below   (before, after) where the line is one of income per person; else None
    """

    line: str
    before: float | None
    after: float
    on: date
    households: int
    moved: list[Moved]
    below: tuple[Shortfall, Shortfall] | None


def lines_to_try(on: date) -> list[LineSpec]:
    """Lines that have one value on a day, for these can be changed by one number."""
    return [
        line
        for line in dictionary.active().lines.values()
        if not line.by and (step := line.on(on)) is not None and _is_number(step.value)
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def step_of(line: str, on: date) -> LineStep:
    """The value of a line on a day. Raises Problem (check.no_such_line)."""
    found = next((each for each in lines_to_try(on) if each.name == line), None)
    step = found.on(on) if found else None
    if step is None:
        raise Problem("check.no_such_line", line=line, on=on.isoformat())
    return step


def try_line(line: str, value: float, *, on: date, villages: Collection[str]) -> Trial:
    """Hold the county against a line as it is and as it would be.

    value     in the unit of the line
    villages  codes of the villages whose households count
    Raises    Problem (check.no_such_line)
    """
    step = step_of(line, on)
    rulebook = dictionary.active()
    both = pair((rulebook, on), (with_line(rulebook, line, value, on), on))
    snapshot = _county(on, both)
    inside = _Inside(snapshot, villages)
    wanted = _income(both.before)
    before = columns.check(both.before, snapshot, facts=wanted)
    after = columns.check(both.after, snapshot)
    moved = [
        inside.moved(level, rule, before[level], after[level])
        for level, rule in both.changed
        if level in ("household", "person")
    ]
    unit = rulebook.lines[line].unit
    below = None
    if wanted and unit == PER_PERSON:
        was = float(step.value) if _is_number(step.value) else 0.0  # type: ignore[arg-type]
        income = before["household"].facts[INCOME[1]]
        below = (inside.below(income, was), inside.below(income, value))
    old = float(step.value) if _is_number(step.value) else None  # type: ignore[arg-type]
    return Trial(line, old, value, on, inside.households, moved, below)


def _income(program: Program) -> list[tuple[str, str]]:
    return [INCOME] if INCOME in program.definitions else []


class _Inside:
    """The rows of the villages that count."""

    def __init__(self, snapshot: Snapshot, villages: Collection[str]) -> None:
        self.snapshot = snapshot
        self.names = [str(i) for i in columns.ids_of(snapshot, "village").to_pylist()]
        counts = np.array([*(name in villages for name in self.names), False])
        self.place = {level: places_of(snapshot, level, "village") for level in _LEVELS}
        self.rows = {level: counts[at] for level, at in self.place.items()}
        self.sizes = in_file_order(snapshot, snapshot.sizes).astype(np.int64)

    @property
    def households(self) -> int:
        return int(self.rows["household"].sum())

    def moved(self, level: str, rule: str, before: Answered, after: Answered) -> Moved:
        rows = self.rows[level]
        was, now = before.rules[rule][rows], after.rules[rule][rows]
        due = [
            _due(side.rules[rule][rows], side.amounts.get(rule), rows) for side in (before, after)
        ]
        by = tables_by(was, now, self.place[level][rows], self.names)
        moves = {name: table for name, table in by.items() if table.sum() > np.trace(table)}
        ids = before.ids.filter(pa.array(rows))
        who = _who(ids, was, now)
        return Moved(level, rule, table_of(was, now), moves, due[0], due[1], who)

    def below(self, income: Any, line: float) -> Shortfall:
        """Whom the line would reach, by income per person as far as it is known."""
        fen = np.asarray(income.fill_null(NO_AMOUNT).to_numpy(zero_copy_only=False), np.int64)
        lies = (fen != NO_AMOUNT) & (fen < round(line * 100)) & self.rows["household"]
        lack = (round(line * 100) - fen[lies]) * self.sizes[lies]
        return Shortfall(int(lack.sum()), int(lies.sum()), int(self.sizes[lies].sum()))


_LEVELS = ("household", "person")


def _who(ids: Any, was: Any, now: Any) -> dict[str, tuple[str, str]]:
    at = np.flatnonzero(was != now)
    first = at[np.argsort(now[at] != 1, kind="stable")][:NAMED].tolist()
    return {ids[n].as_py(): (_WORDS[int(was[n])], _WORDS[int(now[n])]) for n in first}


_WORDS = {1: "holds", 0: "fails", -1: "unknown"}


def _due(answers: Any, amounts: Any, rows: Any) -> int:
    if amounts is None:
        return 0
    mine = amounts[rows]
    return int(mine[(answers == 1) & (mine != NO_AMOUNT)].sum())


# --- the county in memory -------------------------------------------------------------------------


@dataclass(slots=True)
class _Memory:
    """The county as it was read last, for every line of the rulebook at once.

    asked  rulebook and year that the cards answer;  key  of the snapshot made of them
    """

    asked: tuple[object, ...] = ()
    cards: Cards | None = None
    key: tuple[object, ...] = ()
    snapshot: Snapshot | None = None


_memory = _Memory()
_lock = Lock()


def _county(on: date, both: Pair) -> Snapshot:
    """The county with all that both programs ask."""
    program = _whole(dictionary.active().hash, on)
    sides = (both.before, both.after)
    facts = {key: spec for side in sides for key, spec in side.facts.items()}
    last = {key: spec for side in sides for key, spec in side.last_facts.items()}
    if facts.keys() <= program.facts.keys() and last.keys() <= program.last_facts.keys():
        return _remembered(program, on)
    # With the old value a condition was settled before anybody was asked, with the new it is not.
    wider = replace(
        program, facts={**program.facts, **facts}, last_facts={**program.last_facts, **last}
    )
    return read_county(wider).snapshot(wider)


def _remembered(program: Program, on: date) -> Snapshot:
    """The county as it is now, with all that the rulebook asks on a day.

    Cards stay in memory: after an entry only those that moved on are read again.
    """
    rulebook = dictionary.active().hash
    key = (rulebook, on, *_written())
    with _lock:
        if _memory.snapshot is None or _memory.key != key:
            asked = (rulebook, on.year)
            known = _memory.cards if _memory.asked == asked else None
            county = read_county(program, keep=True, known=known)
            _memory.asked, _memory.cards = asked, county.cards
            _memory.key, _memory.snapshot = key, county.snapshot(program)
        return _memory.snapshot


@lru_cache(maxsize=2)
def _whole(_hash: str, on: date) -> Program:
    return bind(dictionary.active(), on)


def _written() -> Sequence[object]:
    """What changes with every entry, and from one database to another."""
    last = Entry.objects.aggregate(Max("received_at"))["received_at__max"]
    entries = Book.objects.aggregate(Sum("last_number"))["last_number__sum"]
    return [last, entries, Book.objects.order_by("pk").values_list("pk", flat=True).first()]
