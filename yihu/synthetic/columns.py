"""Columns of a register on their way from NumPy to a file.

A column's cells are values or blank. Codes are kept as places in a list of keys; headings and
spellings are chosen when the table is written, from the rulebook's own facts and code lists.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yihu.synthetic.families import Truths

#: Column that says of every row that nobody real is meant.
MARK = "synthetic"


def codes(
    places: NDArray[np.integer], keys: Sequence[str], blank: Truths | None = None
) -> pa.Array:
    """Cells of a code fact; places count `keys` from 0."""
    small = np.int8 if len(keys) < 128 else np.int16
    indices = pa.array(places.astype(small), mask=blank)
    return pa.DictionaryArray.from_arrays(indices, pa.array(keys, pa.string()))


def truths(values: Truths, blank: Truths | None = None) -> pa.Array:
    """Cells of a yes/no fact."""
    return pa.array(values, pa.bool_(), mask=blank)


def wholes(values: NDArray[np.generic], blank: Truths | None = None) -> pa.Array:
    """Cells of whole numbers, and of money in whole yuan."""
    return pa.array(values.astype(np.int64), pa.int64(), mask=blank)


def numbers(values: NDArray[np.floating], places: int, blank: Truths | None = None) -> pa.Array:
    """Cells of numbers with so many figures behind the point."""
    return pa.array(np.round(values.astype(np.float64), places), pa.float64(), mask=blank)


def days(values: NDArray[np.integer], blank: Truths | None = None) -> pa.Array:
    """Cells of dates from days since 1970-01-01."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=blank).cast(pa.date32())


def months(values: NDArray[np.integer], blank: Truths | None = None) -> pa.Array:
    """Cells of months, written 2019-07, from months since January of the year 0."""
    first = int(values.min()) if len(values) else 0
    last = int(values.max()) if len(values) else 0
    texts = [f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(first, last + 1)]
    indices = pa.array((values - first).astype(np.int16), mask=blank)
    return pa.DictionaryArray.from_arrays(indices, pa.array(texts))


def pick(size: int, shares: Sequence[float], *, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw places 0, 1, … with these shares."""
    ends = np.cumsum(shares)
    return np.asarray(np.searchsorted(ends, rng.random(size) * ends[-1], side="right"))


def some(share: float | NDArray[np.floating], size: int, *, rng: np.random.Generator) -> Truths:
    """Draw yes for this share of rows."""
    return np.asarray(rng.random(size, np.float32) < share)


def blanked(texts: pa.Array, blank: Truths) -> pa.Array:
    """The texts with these cells blank."""
    return pc.if_else(pa.array(blank), pa.scalar(None, pa.string()), texts)


def cut(texts: pa.Array, rows: pa.Array, length: int) -> pa.Array:
    """The texts, cut to a length in these rows."""
    return pc.if_else(rows, pc.utf8_slice_codeunits(texts, 0, length), texts)


def extended(texts: pa.Array, ends: pa.Array, *, rows: Truths) -> pa.Array:
    """The texts with an end behind them in these rows."""
    return pc.if_else(pa.array(rows), pc.binary_join_element_wise(texts, ends, ""), texts)
