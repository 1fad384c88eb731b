"""Members of households as planes, so that looking at all members needs no loop over households.

A block holds some ten thousand households, the largest first, and their members position by
position: plane k holds the k-th member of every household with more than k members. So the k-th
members are neighbours, plane k lies beside the first rows of the households' columns, and `any`
over members is one vector operation per plane. Behind the planes stands the tail: the further
members of the few households larger than the number of planes, household by household. Behind
the tail stand members that belong to nobody in the block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from yihu.rulebook.arrays.values import Array, Bools

#: A plane shorter than this costs more than the same members in the tail.
SHORTEST_PLANE = 32


def planes_for(sizes: Array) -> int:
    """How many planes households of these sizes (largest first) get."""
    return int(sizes[SHORTEST_PLANE - 1]) if len(sizes) >= SHORTEST_PLANE else 0


class Members:
    """Where the members of one block of households stand.

    sizes    number of members of each household, largest first
    planes   how many planes there are
    rows     number of members, those of nobody included
    """

    def __init__(self, sizes: Array, planes: int, rows: int) -> None:
        self.sizes = sizes
        self.groups = len(sizes)
        self.rows = rows
        rising = sizes[::-1]
        counts = self.groups - np.searchsorted(rising, np.arange(planes + 1), side="right")
        self.planes: list[tuple[int, int, int]] = []
        start = 0
        for count in counts[:planes].tolist():
            self.planes.append((start, start + count, count))
            start += count
        self.tail_start = start
        self._tailed = int(counts[planes])
        extra = sizes[: self._tailed].astype(np.int64) - planes
        self.tail_end = start + int(extra.sum())
        self._tail_sizes = extra
        self._tail_starts = np.cumsum(extra) - extra
        self.filled = self.planes[0][2] if planes else self._tailed
        self.some_empty = self.filled < self.groups

    @property
    def strays(self) -> int:
        """Members that belong to nobody in the block."""
        return self.rows - self.tail_end

    def any(self, mask: Bools) -> Bools:
        """Whether one member is marked."""
        return self._reduced(np.logical_or, mask, np.zeros(self.groups, np.bool_))

    def all(self, mask: Bools) -> Bools:
        """Whether all members are marked; not where there is nobody."""
        out = np.ones(self.groups, np.bool_)
        out[self.filled :] = False
        return self._reduced(np.logical_and, mask, out)

    def count(self, mask: Bools) -> Array:
        """How many members are marked."""
        out = np.zeros(self.groups, self.sizes.dtype)
        ones = mask.view(np.uint8)
        if out.dtype == np.uint8 or not self.planes:
            return self._reduced(np.add, ones, out)
        for start, end, count in self.planes:
            np.add(out[:count], ones[start:end], out=out[:count])
        return self._with_tail(np.add, ones, out)

    def sum(self, values: Array, dtype: np.dtype[np.generic]) -> Array:
        """Sum over members, in their order (which matters for floats)."""
        out = np.zeros(self.groups, dtype)
        for start, end, count in self.planes:
            np.add(out[:count], values[start:end], out=out[:count])
        return self._with_tail(np.add, values, out)

    def least(self, values: Array, *, most: bool = False) -> Array:
        """Smallest (or largest) value; meaningless where there is nobody."""
        ufunc, kind = (np.maximum if most else np.minimum), values.dtype
        out = np.full(self.groups, _bottom(kind) if most else _top(kind), kind)
        return self._reduced(ufunc, values, out)

    def lift(self, values: Array, nobody: object) -> Array:
        """The household's value beside each member, `nobody` for members of no household."""
        out = np.empty(self.rows, values.dtype)
        for start, end, count in self.planes:
            out[start:end] = values[:count]
        if self._tailed:
            out[self.tail_start : self.tail_end] = np.repeat(
                values[: self._tailed], self._tail_sizes
            )
        out[self.tail_end :] = nobody
        return out

    def _reduced(self, ufunc: np.ufunc, values: Array, out: Array) -> Array:
        planes = self.planes
        if planes:
            start, end, count = planes[0]
            out[:count] = values[start:end]
        for start, end, count in planes[1:]:
            part = out[:count]
            ufunc(part, values[start:end], out=part)
        return self._with_tail(ufunc, values, out)

    def _with_tail(self, ufunc: np.ufunc, values: Array, out: Array) -> Array:
        if not self._tailed:
            return out
        tail, part = values[self.tail_start : self.tail_end], out[: self._tailed]
        if out.dtype.kind == "f" and ufunc is np.add:
            # reduceat adds floats in pairs; here the order of the members counts.
            np.add.at(part, np.repeat(np.arange(self._tailed), self._tail_sizes), tail)
            return out
        found = ufunc.reduceat(tail, self._tail_starts, dtype=out.dtype)
        ufunc(part, found, out=part)
        return out


def _top(kind: np.dtype[Any]) -> object:
    return np.inf if kind.kind == "f" else np.iinfo(kind).max


def _bottom(kind: np.dtype[Any]) -> object:
    return -np.inf if kind.kind == "f" else np.iinfo(kind).min


def plane_order(sizes: Array, planes: int) -> tuple[Array, Array]:
    """How to bring a block into planes.

    sizes    members of each household in the order of the file
    Gives two index arrays: households (which household of the file stands at each place, the
    largest first) and members (which member, counted household by household).
    """
    households = np.argsort(-sizes.astype(np.int64), kind="stable")
    sorted_sizes = sizes[households].astype(np.int64)
    first = (np.cumsum(sizes, dtype=np.int64) - sizes)[households]
    pieces = [first[: np.count_nonzero(sorted_sizes > k)] + k for k in range(planes)]
    tailed = np.count_nonzero(sorted_sizes > planes)
    extra = sorted_sizes[:tailed] - planes
    if extra.sum():
        within = np.arange(extra.sum()) - np.repeat(np.cumsum(extra) - extra, extra)
        pieces.append(np.repeat(first[:tailed] + planes, extra) + within)
    members = np.concatenate(pieces) if pieces else np.empty(0, np.int64)
    return households, members
