"""Nodes of places and of the population; what lies below them comes from tallies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from yihu.rulebook.arrays.arithmetic import FLOATS
from yihu.rulebook.arrays.texts import starts_with
from yihu.rulebook.arrays.values import FAILS, HOLDS, UNKNOWN, Array, Constant, Truth, Value, Words
from yihu.rulebook.columns.gather import gathered
from yihu.rulebook.columns.kernel import Resolved, Scope
from yihu.rulebook.columns.quantiles import quantile_in_groups
from yihu.rulebook.columns.repeated import Counted, counted_keys
from yihu.rulebook.columns.tallies import Share, Tally, bounds_of
from yihu.rulebook.columns.totals import Operands, Seen, answer, asks_for, tested
from yihu.rulebook.program import POPULATION
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.tree import Agg, CountTest, Fact, IdStarts, Node, Repeats, Type, Up


class PlaceScope(Scope):
    """All levels above households at once; each has its own number of rows.

    tallies   finished totals over persons and households, by node
    """

    def __init__(self, snapshot: Snapshot, resolved: Resolved, tallies: Mapping[int, Tally]):
        super().__init__(resolved)
        self.snapshot, self.tallies = snapshot, tallies
        self._sizes: dict[tuple[str, str], Array] = {}

    def rows(self, level: str) -> int:
        """How many things a level has."""
        return self.snapshot.count(level)

    def fact(self, node: Fact) -> Value:
        """A stored fact; unknown if the snapshot has no such column."""
        name = f"last.{node.name}" if node.last else node.name
        column = self.snapshot.columns.get((node.level, name))
        if column is None:
            return UNKNOWN
        return column.value(0, self.rows(node.level), 0)

    def seen_above(self, node: Up) -> Value:
        """The value of the place above."""
        above = self.resolved.looked_at(node)
        return self.seen_from(self.resolved.node(node.body), above, node.level)

    def seen_from(self, body: Node, above: str, level: str) -> Value:
        """A value of the level `above` in each thing of `level`."""
        value = self.value(body)
        if above == POPULATION:
            return single(value, body.type)
        if above in ("", level):
            return value
        index = self.index(level, above)
        if index is None or not self.rows(level):
            return UNKNOWN
        return gathered(value, index, some_missing=bool((index < 0).any()))

    def index(self, level: str, above: str) -> Array | None:
        """Which thing of `above` each thing of a level belongs to, -1 for none."""
        index = np.arange(self.rows(level), dtype=np.int32)
        while level != above:
            found = self.snapshot.parents.get(level)
            if found is None:
                return None
            level, parents = found
            lost = index < 0
            index = parents.take(index, mode="wrap") if len(parents) else np.full_like(index, -1)
            index = np.where(lost, np.int32(-1), index)
        return index

    def aggregate(self, node: Agg | CountTest) -> Value:
        """An aggregate over a level below: from a tally, or over the places at once."""
        agg = node.agg if isinstance(node, CountTest) else node
        seen = self._seen(agg)
        right = self.value(node.right) if isinstance(node, CountTest) else UNKNOWN
        streamed = agg.over in (self.snapshot.lower, self.snapshot.upper)
        if streamed and id(node) not in self.tallies:
            raise AssertionError(f"{node.level} needs {agg.op} over {agg.over} before its turn")
        if not seen.size.any():
            return UNKNOWN
        tally = self.tallies[id(node)] if streamed else self._tally_of_places(node, agg)
        if agg.op == "median":
            return tally.quantiles()
        given = Operands(tally.value(), UNKNOWN, 0)
        if isinstance(node, CountTest):
            return tested(node, tally.got, seen, right)
        return answer(node, tally.got, given, seen)

    def _tally_of_places(self, node: Agg | CountTest, agg: Agg) -> Tally:
        rows = self.rows(agg.over)
        where = self.value(agg.where) if agg.where is not None else HOLDS
        given = Operands(self.value(agg.value), where, rows, complete=True)
        group = None if agg.level == POPULATION else self.index(agg.over, agg.level)
        tally = Tally(node, self.rows(agg.level))
        if agg.op == "median":
            return self._quantiles_of_places(tally, agg, given, group)
        asks = asks_for(node, given)
        share = Share(asks, group, bounds_of(given.value))
        if "row" in asks:
            share.texts = tally.meant_texts(given, group)
            del asks["row"]
        tally.take(share)
        tally.finish()
        return tally

    def _quantiles_of_places(
        self, tally: Tally, agg: Agg, given: Operands, group: Array | None
    ) -> Tally:
        weight = None if agg.weight is None else self.value(agg.weight)
        rows = np.zeros(given.rows, np.int32) if group is None else group
        tally.settled = quantile_in_groups(agg, given, weight, rows, tally.groups)
        return tally

    def _seen(self, agg: Agg) -> Seen:
        key = (agg.over, agg.level)
        if key not in self._sizes:
            self._sizes[key] = self._sizes_of(*key)
        size = self._sizes[key]
        return Seen(size, bool(len(size)) and int(size.min()) == 0, int(size.max(initial=0)))

    def _sizes_of(self, over: str, level: str) -> Array:
        """How many things of `over` belong to each thing of `level`."""
        snapshot = self.snapshot
        if level == POPULATION:
            return np.array([snapshot.count(over)])
        lower, upper = snapshot.lower, snapshot.upper
        weights: Array | None = None
        start = over
        if over == lower and lower not in snapshot.parents:
            start, weights = upper, snapshot.sizes
        found = snapshot.parents.get(start)
        if found is None:
            return np.zeros(self.rows(level), np.int64)
        near, index = found
        counts = _counted(index, weights, self.rows(near))
        further = self.index(near, level)
        if further is None:
            return np.zeros(self.rows(level), np.int64)
        return _counted(further, counts, self.rows(level))

    def repeats(self, node: Repeats) -> Value:
        """How many places have the same value."""
        rows = self.rows(node.level)
        body = self.value(node.body)
        where = self.value(node.where) if node.where is not None else HOLDS
        counted = Counted(node)
        counted.take(counted_keys(body, where, rows))
        counted.finish()
        return counted.of(body, rows)

    def starts(self, node: IdStarts) -> Value:
        """Whether the id starts so; the population has none, so it fails."""
        if node.level == POPULATION:
            return FAILS
        texts = self.snapshot.ids[node.level].part(0, self.rows(node.level))
        return starts_with(Words(texts), node.prefix)


def single(value: Value, kind: Type) -> Value:
    """The population's value as the same for everybody."""
    if isinstance(value, Constant):
        return value
    if isinstance(value, Words):
        return Constant(value.texts[0].as_py())
    if isinstance(value, Truth):
        return HOLDS if value.yes[0] else Constant(False) if value.no[0] else UNKNOWN
    if value.known is not None and not value.known[0]:
        return UNKNOWN
    number = value.values[0].item()
    return Constant(float(number) if kind in FLOATS else int(number))


def _counted(index: Array, weights: Array | None, groups: int) -> Array:
    """Sum of weights (or number of rows) for each group, exact; -1 belongs to nobody."""
    total = np.zeros(groups, np.int64)
    step = 1 << 20
    for at in range(0, len(index), step):
        part = index[at : at + step]
        there = part >= 0
        amount = 1 if weights is None else weights[at : at + step][there].astype(np.int64)
        np.add.at(total, part[there], amount)
    return total
