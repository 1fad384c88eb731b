"""Nodes of persons and households over one block of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from yihu.rulebook.arrays.texts import starts_with
from yihu.rulebook.arrays.values import HOLDS, UNKNOWN, Array, Constant, Value, Words
from yihu.rulebook.columns.gather import gathered, lifted
from yihu.rulebook.columns.kernel import Resolved, Scope
from yihu.rulebook.columns.quantiles import quantile_in_groups
from yihu.rulebook.columns.totals import (
    Operands,
    Seen,
    answer,
    asks_for,
    over_members,
    sum_type,
    tested,
)
from yihu.rulebook.program import POPULATION
from yihu.rulebook.snapshot import Block, Snapshot
from yihu.rulebook.tree import Agg, CountTest, Fact, IdStarts, Node, Repeats, Up


@dataclass(frozen=True, slots=True)
class Above:
    """What was computed before the blocks of a pass are.

    values    (node, level it is of, level) → value of the node seen by each thing of that level
    counted   Repeats node → how often each value was found
    """

    values: Mapping[tuple[int, str, str], Value]
    counted: Mapping[int, Callable[[Value, int], Value]]


class BlockScope(Scope):
    """One block: rows are its households and its members."""

    def __init__(
        self,
        snapshot: Snapshot,
        block: Block,
        resolved: Resolved,
        above: Above,
        uses: Mapping[int, int] | None = None,
    ) -> None:
        super().__init__(resolved, uses)
        self.snapshot, self.block, self.above = snapshot, block, above
        self.members = snapshot.members(block)
        self._lifted: dict[tuple[int, str], Value] = {}
        self._slots: dict[str, Array] = {}
        self._index: dict[str, tuple[Array, bool] | None] = {}
        most = int(self.members.sizes[0]) if self.members.groups else 0
        self.seen = Seen(self.members.sizes, self.members.some_empty, most)

    def rows(self, level: str) -> int:
        """How many rows a level has in this block."""
        return self.members.rows if level == self.snapshot.lower else self.members.groups

    def span(self, level: str) -> tuple[int, int]:
        """First row and the row after the last of a level."""
        return self.block.lower if level == self.snapshot.lower else self.block.upper

    def fact(self, node: Fact) -> Value:
        """A stored fact; unknown if the snapshot has no such column."""
        name = f"last.{node.name}" if node.last else node.name
        column = self.snapshot.columns.get((node.level, name))
        if column is None:
            return UNKNOWN
        return column.value(*self.span(node.level), self.block.number)

    # -- what is above -------------------------------------------------------------------------

    def seen_above(self, node: Up) -> Value:
        """The value of the household or place above."""
        body, above = self.resolved.node(node.body), self.resolved.looked_at(node)
        if above == "":
            return self.value(body)
        if above == POPULATION:
            return self.above.values[id(body), above, POPULATION]
        if node.level == self.snapshot.upper:
            return self._from_place(body, above, node.level)
        key = (id(body), above)
        if key not in self._lifted:
            self._lifted[key] = self._for_member(body, above)
        return self._lifted[key]

    def _for_member(self, body: Node, above: str) -> Value:
        lower, upper = self.snapshot.lower, self.snapshot.upper
        if above != upper and lower in self.snapshot.parents:
            return self._from_place(body, above, lower)
        value = self.value(body) if above == upper else self._from_place(body, above, upper)
        if not self.members.groups:
            return UNKNOWN
        strays = self.members.strays > 0
        if isinstance(value, Constant) and not strays:
            return value
        if isinstance(value, Constant | Words):
            return gathered(value, self.household_of_member(), some_missing=strays)
        return lifted(value, self.members)

    def household_of_member(self) -> Array:
        """Row of each member's household, -1 for members of nobody."""
        return self.members.lift(np.arange(self.members.groups), -1)

    def _from_place(self, body: Node, above: str, level: str) -> Value:
        index = self.place_index(level)
        if index is None:
            return UNKNOWN
        value = self.above.values[id(body), above, self.snapshot.parents[level][0]]
        return gathered(value, index[0], some_missing=index[1])

    def place_index(self, level: str) -> tuple[Array, bool] | None:
        """Index of the place of each row, and whether some have none."""
        if level not in self._index:
            found = self.snapshot.parents.get(level)
            if found is None:
                self._index[level] = None
            else:
                part = found[1][slice(*self.span(level))]
                self._index[level] = (part, bool(len(part)) and int(part.min()) < 0)
        return self._index[level]

    # -- what is below -------------------------------------------------------------------------

    def aggregate(self, node: Agg | CountTest) -> Value:
        """An aggregate over the members of each household."""
        agg = node.agg if isinstance(node, CountTest) else node
        given = self.operands(agg)
        right = self.value(node.right) if isinstance(node, CountTest) else UNKNOWN
        if not self.members.rows or not self.members.filled:
            return UNKNOWN
        if agg.op == "median":
            return self._quantile(agg, given)
        if given.value == UNKNOWN and agg.op in ("any", "all", "count") and right == UNKNOWN:
            return UNKNOWN
        asks = asks_for(node, given)
        got = over_members(self.members, asks, sum_type(given.value, self.seen.most))
        if isinstance(node, CountTest):
            return tested(node, got, self.seen, right)
        return answer(node, got, given, self.seen)

    def operands(self, agg: Agg, *, complete: bool = False) -> Operands:
        """Value and condition of an aggregate in each row below."""
        value = self.value(agg.value)
        where = self.value(agg.where) if agg.where is not None else HOLDS
        return Operands(value, where, self.rows(agg.over), complete)

    def _quantile(self, agg: Agg, given: Operands) -> Value:
        group = self.household_of_member()
        return quantile_in_groups(agg, given, self.weight(agg), group, self.members.groups)

    def weight(self, agg: Agg) -> Value | None:
        """The weight of each row below, None if all count alike."""
        return None if agg.weight is None else self.value(agg.weight)

    # -- others --------------------------------------------------------------------------------

    def repeats(self, node: Repeats) -> Value:
        """How many in the population have the same value, counted in an earlier pass."""
        body = self.value(node.body)
        if node.where is not None:
            self.value(node.where)
        return self.above.counted[id(node)](body, self.rows(node.level))

    def starts(self, node: IdStarts) -> Value:
        """Whether the id starts so."""
        start, end = self.span(node.level)
        texts = self.snapshot.ids[node.level].part(start, end)
        answer_ = starts_with(Words(texts), node.prefix)
        return gathered(answer_, self.from_file_order(node.level), some_missing=False)

    def slots(self, level: str) -> Array:
        """Where the rows of the file stand in the block."""
        if level not in self._slots:
            slots = self.snapshot.slots.get(level)
            part = np.empty(0) if slots is None else slots[slice(*self.span(level))]
            # As NumPy wants it; otherwise every column would convert it again.
            self._slots[level] = part.astype(np.intp)
        return self._slots[level]

    def file_rows(self, level: str) -> Array | None:
        """Row of the file of each thing, where the file had another order."""
        rows = self.snapshot.file_rows.get(level)
        return None if rows is None else rows[slice(*self.span(level))]

    def from_file_order(self, level: str) -> Array:
        """Which row of the file stands at each place of the block."""
        slots = self.slots(level)
        order = np.empty_like(slots)
        order[slots] = np.arange(len(slots), dtype=slots.dtype)
        return order
