"""Columns of a register on their way from NumPy to a file.

A column's cells are values or blank. Codes are kept as places in a list of keys; headings and
spellings are chosen when the table is written, from the rulebook's own facts and code lists.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yihu.synthetic.families import Truths
from yihu.synthetic.plan import Ints

#: Column that says of every row that nobody real is meant.
MARK = "synthetic"


def codes(
    places: NDArray[np.integer], keys: Sequence[str], blank: Truths | None = None
) -> pa.Array:
    """Cells of a code fact; places count `keys` from 0."""
    indices = pa.array(places.astype(np.int8), mask=blank)
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


def days(values: Ints, blank: Truths | None = None) -> pa.Array:
    """Cells of dates from days since 1970-01-01."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=blank).cast(pa.date32())


def months(values: Ints, blank: Truths | None = None) -> pa.Array:
    """Cells of months, written 2019-07, from months since January of the year 0."""
    year, month = np.divmod(values, 12)
    text = np.char.add(
        np.char.add(year.astype("U4"), "-"), np.char.zfill((month + 1).astype("U2"), 2)
    )
    return pa.array(text, pa.string(), mask=blank)


def pick(size: int, shares: Sequence[float], *, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw places 0, 1, … with these shares."""
    ends = np.cumsum(shares)
    return np.asarray(np.searchsorted(ends, rng.random(size) * ends[-1], side="right"))


def some(share: float | NDArray[np.floating], size: int, *, rng: np.random.Generator) -> Truths:
    """Draw yes for this share of rows."""
    return np.asarray(rng.random(size, np.float32) < share)
