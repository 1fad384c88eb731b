"""What a check gives: for every rule holds, fails or unknown, and amounts, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.arithmetic import FLOATS
from yihu.rulebook.arrays.texts import texts_of
from yihu.rulebook.arrays.values import INT64_MIN, Array, Bools, Value, select, truth_of
from yihu.rulebook.columns.blocks import BlockScope
from yihu.rulebook.columns.gather import gathered
from yihu.rulebook.columns.kernel import Scope
from yihu.rulebook.columns.totals import number_of
from yihu.rulebook.program import Definition, Output
from yihu.rulebook.tree import Node, Type

#: Answers as they stand in columns.
HOLDS, FAILS, UNKNOWN = 1, 0, -1
#: An amount that is unknown, or not due because the rule does not hold.
NO_AMOUNT = INT64_MIN


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compute for one level: rules with amounts, and derived facts to be shown."""

    level: str
    rules: tuple[Output, ...]
    facts: tuple[Definition, ...] = ()

    def nodes(self) -> list[Node]:
        """The nodes to compute, in order."""
        found: list[Node] = []
        for rule in self.rules:
            found.append(rule.holds)
            if rule.amount is not None:
                found.append(rule.amount)
        return [*found, *(fact.node for fact in self.facts)]


@dataclass(slots=True)
class Answered:
    """Answers of one level, or of some of its rows.

    ids       in the order of the file, persons by household
    rules     rule → int8 array: 1 holds, 0 fails, -1 unknown
    amounts   rule → int64 array in fen; NO_AMOUNT where unknown or where the rule does not hold
    facts     derived fact → Arrow array, null where unknown
    """

    level: str
    ids: pa.LargeStringArray
    rules: dict[str, Array] = field(default_factory=dict)
    amounts: dict[str, Array] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, start: int, end: int) -> Answered:
        """Rows start..end-1, over the same memory."""
        rows = slice(start, end)
        return Answered(
            self.level,
            self.ids[rows],
            {name: column[rows] for name, column in self.rules.items()},
            {name: column[rows] for name, column in self.amounts.items()},
            {name: column[rows] for name, column in self.facts.items()},
        )

    def counts(self) -> dict[str, dict[str, int]]:
        """Rule → how many hold, fail and are unknown."""
        return {name: counted(column) for name, column in self.rules.items()}


@dataclass(slots=True)
class Answers:
    """Answers of a whole check, by level."""

    levels: Mapping[str, Answered]

    def __getitem__(self, level: str) -> Answered:
        return self.levels[level]


def counted(column: Array) -> dict[str, int]:
    """How many hold, fail and are unknown."""
    holds = int(np.count_nonzero(column == HOLDS))
    fails = int(np.count_nonzero(column == FAILS))
    return {"holds": holds, "fails": fails, "unknown": len(column) - holds - fails}


def answers_of(value: Value, rows: int) -> Array:
    """A truth value as int8: 1, 0, -1."""
    truth = truth_of(value, rows)
    if truth.known_all:
        return truth.yes.view(np.int8)
    # 2 * holds + fails - 1 is 1, 0, -1.
    yes = truth.yes.view(np.int8)
    found = np.add(yes, yes)
    np.add(found, truth.no.view(np.int8), out=found)
    return np.subtract(found, np.int8(1), out=found)


def amounts_of(value: Value, holds: Bools, rows: int) -> Array:
    """An amount where the rule holds, NO_AMOUNT elsewhere."""
    number = number_of(value, rows)
    due = holds if number.known is None else np.logical_and(holds, number.known)
    return select(due, number.values.astype(np.int64, copy=False), NO_AMOUNT)


def fact_array(value: Value, kind: Type, rows: int) -> Any:
    """A derived fact as an Arrow array, null where unknown."""
    if kind is Type.TEXT:
        return texts_of(value, rows)
    if kind is Type.TRUTH:
        truth = truth_of(value, rows)
        unknown = None if truth.known is None else np.logical_not(truth.known)
        return pa.array(truth.yes, mask=unknown)
    number = number_of(value, rows)
    unknown = None if number.known is None else np.logical_not(number.known)
    values = number.values.astype(np.float64 if kind in FLOATS else np.int64, copy=False)
    return pa.array(values, mask=unknown)


def answered(scope: Scope, wanted: Wanted, ids: pa.LargeStringArray) -> Answered:
    """The answers in a scope's rows, in the order of the file."""
    rows = scope.rows(wanted.level)
    slots = scope.slots(wanted.level) if isinstance(scope, BlockScope) else None
    found = Answered(wanted.level, ids)
    for rule in wanted.rules:
        value = scope.value(rule.holds)
        column = answers_of(value, rows)
        found.rules[rule.name] = column if slots is None else column.take(slots, mode="wrap")
        if rule.amount is not None:
            amount = amounts_of(scope.value(rule.amount), truth_of(value, rows).yes, rows)
            found.amounts[rule.name] = amount if slots is None else amount.take(slots, mode="wrap")
    for fact in wanted.facts:
        value = scope.value(fact.node)
        if slots is not None:
            value = gathered(value, slots, some_missing=False)
        found.facts[fact.name] = fact_array(value, fact.type, rows)
    return found
