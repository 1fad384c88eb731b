"""Totals over blocks: what persons and households add up to, seen from a place or from everybody.

Blocks are taken in their order, rows in the order of the file, so that sums of fractions are the
same whatever the number of threads and the size of the blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.texts import texts_of
from yihu.rulebook.arrays.values import (
    INT64_MAX,
    INT64_MIN,
    UNKNOWN,
    Array,
    Constant,
    Number,
    Value,
    Words,
    truth_of,
)
from yihu.rulebook.columns.blocks import BlockScope
from yihu.rulebook.columns.gather import gathered
from yihu.rulebook.columns.quantiles import meant_rows, quantile_point, quantiles_of
from yihu.rulebook.columns.totals import Ask, Asks, Operands, asks_for
from yihu.rulebook.tree import Agg, CountTest, Type

FLOATS = (Type.REAL, Type.MONEY_REAL)


@dataclass(slots=True)
class Share:
    """What one block gives to a total: reductions to make, and the group of each row."""

    asks: Asks
    group: Array | None  # None: all rows are of one group
    bounds: tuple[int, int] = (0, 0)
    texts: Any = None
    sample: Array | None = None
    weights: Array | None = None
    rows: Array | None = None  # of the file, where that had another order


class Tally:
    """One aggregate over persons or households, seen from a level of places or from everybody."""

    def __init__(self, node: Agg | CountTest, groups: int) -> None:
        self.node = node
        self.agg = node.agg if isinstance(node, CountTest) else node
        self.groups = groups
        self.got: dict[str, Array] = {}
        self.bounds = (INT64_MAX, INT64_MIN)
        self._shares: list[Share] = []
        self._texts: list[tuple[Array, Any]] = []
        self._samples: list[Share] = []
        self.settled: Value | None = None
        self.ordered = self.agg.op == "median" or self.agg.value.type in FLOATS

    def share(self, scope: BlockScope, group: Array | None) -> Share:
        """What a block gives; done by the worker that has the block."""
        given = scope.operands(self.agg, complete=True)
        rows = None
        if self.ordered:
            given, group = self._in_file_order(scope, given, group)
            rows = scope.file_rows(self.agg.over)
        if self.agg.op == "median":
            weight = self._weight_in_file_order(scope)
            meant, values, weights = meant_rows(given, weight)
            of = np.zeros(int(meant.sum()), np.int32) if group is None else group[meant]
            rows = None if rows is None else rows[meant]
            return Share({}, of, sample=values, weights=weights, rows=rows)
        asks = asks_for(self.node, given)
        share = Share(asks, group, bounds_of(given.value), rows=rows)
        if "row" in asks:
            share.texts = self.meant_texts(given, group)
            del asks["row"]
        return share

    def _in_file_order(
        self, scope: BlockScope, given: Operands, group: Array | None
    ) -> tuple[Operands, Array | None]:
        slots = scope.slots(self.agg.over)
        value, where = (
            gathered(side, slots, some_missing=False) for side in (given.value, given.where)
        )
        return given._replace(value=value, where=where), None if group is None else group[slots]

    def _weight_in_file_order(self, scope: BlockScope) -> Value | None:
        weight = scope.weight(self.agg)
        if weight is None:
            return None
        return gathered(weight, scope.slots(self.agg.over), some_missing=False)

    def meant_texts(self, given: Operands, group: Array | None) -> tuple[Array, Any]:
        """Groups and texts of the rows that are meant."""
        rows = np.flatnonzero(truth_of(given.where, given.rows).yes)
        of = np.zeros(len(rows), np.int32) if group is None else group[rows]
        return of, texts_of(given.value, given.rows).take(pa.array(rows))

    def take(self, share: Share) -> None:
        """Add a block's share; called in the order of the blocks."""
        if share.sample is not None:
            self._samples.append(share)
            return
        if share.texts is not None:
            self._texts.append(share.texts)
        self.bounds = (min(self.bounds[0], share.bounds[0]), max(self.bounds[1], share.bounds[1]))
        if share.rows is not None:
            self._shares.append(share)
        else:
            self._add_share(share)

    def _add_share(self, share: Share) -> None:
        for name, ask in share.asks.items():
            if name not in self.got:
                self.got[name] = np.full(self.groups, *_start(ask))
            _add(self.got[name], ask, share.group)

    def value(self) -> Value:
        """A value that stands for the operand when the totals are put together."""
        if self._texts:
            return Words(pa.concat_arrays([texts for _, texts in self._texts]))
        if self.agg.value.type in FLOATS:
            return Number(np.empty(0))
        return Number(np.empty(0, np.int64), lo=self.bounds[0], hi=self.bounds[1])

    def finish(self) -> None:
        """Called when all blocks are in."""
        if self._shares:
            self._add_share(_in_order_of_rows(self._shares))
            self._shares.clear()
        if self._texts:
            of = np.concatenate([group for group, _ in self._texts])
            row = np.zeros(self.groups, np.int64)
            row[of[of >= 0]] = np.flatnonzero(of >= 0)
            self.got["row"] = row

    def quantiles(self) -> Value:
        """The quantile of each group."""
        samples = self._samples
        if self.settled is not None:
            return self.settled
        if not samples:
            return UNKNOWN
        values = np.concatenate([s.sample for s in samples if s.sample is not None])
        weights = [s.weights for s in samples if s.weights is not None]
        group = np.concatenate([s.group for s in samples if s.group is not None])
        together = np.concatenate(weights) if weights else None
        rows = [s.rows for s in samples if s.rows is not None]
        if rows:
            order = np.argsort(np.concatenate(rows))
            values, group = values[order], group[order]
            together = None if together is None else together[order]
        return quantiles_of(quantile_point(self.agg), values, together, group, self.groups)


def _in_order_of_rows(shares: list[Share]) -> Share:
    """All shares as one, in the order of the file."""
    order = np.argsort(np.concatenate([s.rows for s in shares if s.rows is not None]))
    groups = [s.group for s in shares if s.group is not None]
    group = np.concatenate(groups)[order] if groups else None
    asks = {
        name: Ask(ask.kind, np.concatenate([s.asks[name].values for s in shares])[order])
        for name, ask in shares[0].asks.items()
    }
    return Share(asks, group)


def bounds_of(value: Value) -> tuple[int, int]:
    """Least and largest whole number a value can be."""
    if isinstance(value, Number):
        return value.lo, value.hi
    if isinstance(value, Constant) and isinstance(value.value, int):
        return int(value.value), int(value.value)
    return 0, 0


def _start(ask: Ask) -> tuple[Any, Any]:
    kind = ask.values.dtype
    if ask.kind in ("any", "all"):
        return ask.kind == "all", np.bool_
    if ask.kind == "count":
        return 0, np.int64
    if ask.kind == "sum":
        return 0, kind
    top, bottom = (np.inf, -np.inf) if kind.kind == "f" else (INT64_MAX, INT64_MIN)
    return top if ask.kind == "min" else bottom, kind


def _add(total: Array, ask: Ask, group: Array | None) -> None:
    if group is None:
        _add_all(total, ask)
        return
    placed = np.greater_equal(group, 0)
    if ask.kind in ("any", "all"):
        wanted = ask.values if ask.kind == "any" else np.logical_not(ask.values)
        total[group[np.logical_and(wanted, placed)]] = ask.kind == "any"
        return
    if ask.kind == "count":
        rows = group[np.logical_and(ask.values, placed)]
        if len(rows):
            first = int(rows.min())
            found = np.bincount(rows - first)
            total[first : first + len(found)] += found
        return
    ufunc = {"sum": np.add, "min": np.minimum, "max": np.maximum}[ask.kind]
    # Where a value is unknown NaN may stand, which makes the total unknown by `bad`.
    with np.errstate(invalid="ignore"):
        if placed.all():
            ufunc.at(total, group, ask.values)
        else:
            ufunc.at(total, group[placed], ask.values[placed])


def _add_all(total: Array, ask: Ask) -> None:
    values = ask.values
    if not len(values):
        return
    if ask.kind == "any":
        total[0] |= values.any()
    elif ask.kind == "all":
        total[0] &= values.all()
    elif ask.kind == "count":
        total[0] += np.count_nonzero(values)
    elif ask.kind == "min":
        total[0] = min(total[0], values.min())
    elif ask.kind == "max":
        total[0] = max(total[0], values.max())
    elif values.dtype.kind == "f":
        # One after the other, as the definition says; `sum` would add in pairs.
        total[0] = np.cumsum(np.concatenate([total, values]))[-1]
    else:
        total[0] += values.sum(dtype=np.int64)
