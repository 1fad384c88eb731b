"""Values by row number: the thing above each row, rows in another order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.members import Members
from yihu.rulebook.arrays.values import UNKNOWN, Array, Bools, Constant, Number, Truth, Value, Words
from yihu.rulebook.columns.totals import picked


def gathered(value: Value, index: Array, *, some_missing: bool) -> Value:
    """The value at each index; unknown at -1 (`some_missing`: there may be -1)."""
    if isinstance(value, Constant):
        return _constant_where(value, index) if some_missing else value
    if isinstance(value, Words):
        return picked(value, index)
    if isinstance(value, Truth):
        return _gathered_truth(value, index, some_missing)
    known = value.known
    lost = np.equal(index, -1) if some_missing else None
    if len(value.values) == 0:
        return UNKNOWN
    found = value.values.take(index, mode="wrap")
    there: Bools | None = None if known is None else known.take(index, mode="wrap")
    if lost is not None:
        there = np.logical_not(lost) if there is None else np.greater(there, lost)
    return Number(found, there, lo=value.lo, hi=value.hi)


def _gathered_truth(value: Truth, index: Array, some_missing: bool) -> Value:
    if value.known_all and not some_missing:
        return Truth(value.yes.take(index, mode="wrap"), None)
    if not len(value.yes):
        return UNKNOWN
    yes, no = value.yes.take(index, mode="wrap"), value.no.take(index, mode="wrap")
    if some_missing:
        there = np.not_equal(index, -1)
        np.logical_and(yes, there, out=yes)
        np.logical_and(no, there, out=no)
    return Truth(yes, no)


def _constant_where(value: Constant, index: Array) -> Value:
    there = np.not_equal(index, -1)
    if value.value is None or there.all():
        return value
    if isinstance(value.value, bool):
        nowhere = np.zeros(len(index), np.bool_)
        return Truth(there, nowhere) if value.value else Truth(nowhere, there)
    if isinstance(value.value, str):
        return Words(pa.array([value.value if t else None for t in there], pa.large_string()))
    whole = value.value if isinstance(value.value, int) else 0
    values = np.full(len(index), value.value, None if isinstance(value.value, float) else np.int64)
    return Number(values, there, lo=whole, hi=whole)


def lifted(value: Truth | Number, members: Members) -> Value:
    """A household's value beside each member, unknown for members of nobody."""
    lift, strays = members.lift, members.strays > 0
    if isinstance(value, Truth):
        if value.known_all and not strays:
            return Truth(lift(value.yes, False), None)
        return Truth(lift(value.yes, False), lift(value.no, False))
    if value.sentinel is not None:
        values = lift(value.values, value.sentinel)
        return Number(values, lo=value.lo, hi=value.hi, sentinel=value.sentinel)
    known = value.known
    if known is None and strays:
        known = np.ones(len(value.values), np.bool_)
    there = None if known is None else lift(known, False)
    return Number(lift(value.values, 0), there, lo=value.lo, hi=value.hi)
