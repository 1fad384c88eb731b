"""Values that repeat: how often each value occurs in the whole population.

Two numbers stand for each value (see `keys`). They go to a file that has no name, and are counted
part by part, so that memory stays small whatever the number of persons. Values that occur once
are not kept, unless a condition says who is counted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.values import (
    HOLDS,
    INT64_MAX,
    UNKNOWN,
    Array,
    Constant,
    Number,
    Truth,
    Value,
    Words,
    truth_of,
)
from yihu.rulebook.columns.blocks import BlockScope
from yihu.rulebook.columns.totals import number_of
from yihu.rulebook.snapshot.files import raw_of
from yihu.rulebook.snapshot.keys import scrambled, text_keys
from yihu.rulebook.tree import Repeats

#: Keys looked through at a time; parts of all keys, by their highest bits; bytes kept in memory.
ROWS = 1 << 18
PARTS = 8
IN_MEMORY = 1 << 26


class Counted:
    """How often each value of a node occurs."""

    def __init__(self, node: Repeats) -> None:
        self.node = node
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  kept open
        self._first = np.empty(0, np.uint64)
        self._second = np.empty(0, np.uint64)
        self._counts = np.empty(0, np.int64)

    def share(self, scope: BlockScope) -> Array:
        """Keys of the values a block counts."""
        where = scope.value(self.node.where) if self.node.where is not None else HOLDS
        return counted_keys(scope.value(self.node.body), where, scope.rows(self.node.level))

    def take(self, share: Array) -> None:
        """Add keys."""
        self._file.write(raw_of(share))

    def finish(self) -> None:
        """Count."""
        kept = [
            _counts(self._part(part), alone=self.node.where is not None) for part in range(PARTS)
        ]
        self._file.close()
        self._first, self._second, self._counts = (
            np.concatenate(columns) for columns in zip(*kept, strict=True)
        )

    def _part(self, part: int) -> Array:
        self._file.seek(0)
        found = [np.empty((0, 2), np.uint64)]
        found += [keys[keys[:, 0] >> np.uint64(61) == part] for keys in self._all()]
        return np.concatenate(found)

    def _all(self) -> Iterator[Array]:
        while raw := self._file.read(ROWS * 16):
            yield np.frombuffer(raw, np.uint64).reshape(-1, 2)

    def of(self, body: Value, rows: int) -> Value:
        """How often each value occurs; unknown where the value is."""
        if body == UNKNOWN:
            return UNKNOWN
        first, second, known = value_keys(body, rows)
        found = np.full(rows, 1 if self.node.where is None else 0, np.int64)
        at = np.searchsorted(self._first, first)
        waiting = np.flatnonzero(at < len(self._first))
        while len(waiting):  # one round, unless two values share their first key
            waiting = waiting[self._first[at[waiting]] == first[waiting]]
            same = self._second[at[waiting]] == second[waiting]
            found[waiting[same]] = self._counts[at[waiting[same]]]
            waiting = waiting[~same]
            at[waiting] += 1
            waiting = waiting[at[waiting] < len(self._first)]
        return Number(found, known, lo=0, hi=INT64_MAX)


def _counts(keys: Array, *, alone: bool) -> tuple[Array, Array, Array]:
    """Rising keys and how often each occurs; `alone`: also those that occur once."""
    keys = keys[np.argsort(keys[:, 0])]
    first, second = keys[:, 0], keys[:, 1]
    shared = first[1:] == first[:-1]
    if np.any(shared & (second[1:] != second[:-1])):  # hardly ever
        keys = keys[np.lexsort((second, first))]
        first, second = keys[:, 0], keys[:, 1]
    new = np.ones(len(keys), np.bool_)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    starts = np.flatnonzero(new)
    counts = np.diff(starts, append=len(keys))
    kept = np.ones(len(counts), np.bool_) if alone else counts > 1
    return first[starts[kept]], second[starts[kept]], counts[kept]


def counted_keys(body: Value, where: Value, rows: int) -> Array:
    """Keys of the known values where the condition holds, two columns."""
    first, second, known = value_keys(body, rows)
    meant = np.logical_and(known, truth_of(where, rows).yes)
    return np.column_stack([first[meant], second[meant]])


def _is_truth(value: Value) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, bool)


def value_keys(value: Value, rows: int) -> tuple[Array, Array, Array]:
    """Two numbers for each value, equal for equal values only, and where it is known."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        value = Words(pa.repeat(pa.scalar(value.value, pa.large_string()), rows))
    if isinstance(value, Words):
        if "keys" not in value.made:
            value.made["keys"] = text_keys(value.texts)
        first, second = value.made["keys"]
        known = value.known
    elif isinstance(value, Truth) or _is_truth(value):
        truth = truth_of(value, rows)
        first, known = scrambled(truth.yes.astype(np.uint64)), truth.known
        second = np.zeros(rows, np.uint64)
    else:
        number = number_of(value, rows)
        known = number.known
        # 0.0 and -0.0 are equal and have different bits.
        wide = number.values + 0.0 if number.is_float else number.values.astype(np.int64)
        first = scrambled(np.ascontiguousarray(wide).view(np.uint64))
        second = np.zeros(rows, np.uint64)
    return first, second, np.ones(rows, np.bool_) if known is None else known
