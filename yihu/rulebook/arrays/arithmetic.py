"""Numbers and choices over columns, unknown values carried along.

Whole numbers stand in the smallest integer type their bounds allow and are widened only when a
result needs it. A whole number read as a fraction stays in integers as long as it is exact there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.arrays.texts import texts_of
from yihu.rulebook.arrays.values import (
    EXACT_IN_FLOAT,
    INT64_MAX,
    INT64_MIN,
    UNKNOWN,
    Array,
    Bools,
    Constant,
    Number,
    Truth,
    Value,
    Words,
    both,
    fixed,
    int_type,
    numeric,
    select,
    truth_of,
)
from yihu.rulebook.tree import Type

FLOATS = (Type.REAL, Type.MONEY_REAL)


def bounds(value: Value) -> tuple[int, int]:
    """Least and largest whole number it can be."""
    if isinstance(value, Number):
        return value.lo, value.hi
    one = int(fixed(value).value or 0)
    return one, one


def _raw(value: Value) -> tuple[Any, Bools | None]:
    """Array or plain number, and where it is known."""
    if isinstance(value, Number):
        return value.values, value.known
    return fixed(value).value, None


def _unknown(*values: Value) -> bool:
    return any(isinstance(v, Constant) and v.value is None for v in values)


def arith(op: str, kind: Type, a: Value, b: Value) -> Value:
    """+ - * / of two numbers; unknown if a side is unknown, and for a division by zero."""
    if _unknown(a, b):
        return UNKNOWN
    if op == "/":
        return divided(a, b)
    if isinstance(a, Constant) and isinstance(b, Constant):
        return Constant(_plain(op, a.value, b.value, kind))
    (x, known_a), (y, known_b) = _raw(a), _raw(b)
    ufunc = {"+": np.add, "-": np.subtract, "*": np.multiply}[op]
    known = both(known_a, known_b)
    if kind in FLOATS:
        return Number(ufunc(x, y, dtype=np.float64), known)
    lo, hi = _bounds_after(op, bounds(a), bounds(b))
    return Number(
        ufunc(x, y, dtype=_wide_enough(lo, hi, a, b), casting="unsafe"), known, lo=lo, hi=hi
    )


def _wide_enough(lo: int, hi: int, *parts: Value) -> np.dtype[Any]:
    # A side outside the type of the result would lose bits before the work is done.
    sides = [bounds(part) for part in parts]
    return int_type(min(lo, *(s[0] for s in sides)), max(hi, *(s[1] for s in sides)))


def _bounds_after(op: str, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    if op == "+":
        return a[0] + b[0], a[1] + b[1]
    if op == "-":
        return a[0] - b[1], a[1] - b[0]
    products = [x * y for x in a for y in b]
    return min(products), max(products)


def _plain(op: str, a: Any, b: Any, kind: Type) -> int | float:
    if kind in FLOATS:
        a, b = float(a), float(b)
    result: int | float = a + b if op == "+" else a - b if op == "-" else a * b
    return result


def divided(a: Value, b: Value) -> Value:
    """A division in floats, unknown where b is zero."""
    if isinstance(b, Constant):
        by = float(b.value or 0)
        if by == 0:
            return UNKNOWN
        if isinstance(a, Constant):
            return Constant(float(a.value or 0) / by)
    (x, known_a), (y, known_b) = _raw(a), _raw(b)
    known = both(known_a, known_b)
    if isinstance(b, Number) and (b.is_float or (b.lo <= 0 and b.hi >= 0)):
        known = both(known, np.not_equal(y, 0))
    return Number(np.true_divide(x, y, dtype=np.float64), known)


def floor_divided(a: Value, by: int) -> Value:
    """Whole division by a constant above 0, towards minus infinity."""
    if isinstance(a, Constant):
        return UNKNOWN if a.value is None else Constant(int(a.value) // by)
    a = numeric(a)
    lo, hi = a.lo // by, a.hi // by
    kind = int_type(min(a.lo, by), max(a.hi, by))
    if a.values.dtype.itemsize > kind.itemsize:
        kind = a.values.dtype
    return Number(
        np.floor_divide(a.values, by, dtype=kind, casting="unsafe"), a.known, lo=lo, hi=hi
    )


def as_number(a: Value, kind: Type) -> Value:
    """The same value as another type of number."""
    if kind not in FLOATS:
        return a
    if isinstance(a, Constant):
        return UNKNOWN if a.value is None else Constant(float(a.value))
    a = numeric(a)
    if a.is_float or (a.lo >= -EXACT_IN_FLOAT and a.hi <= EXACT_IN_FLOAT):
        return a
    return Number(a.values.astype(np.float64), a.known)


def rounded(a: Value, mode: str, step: int) -> Value:
    """A float brought to a whole multiple of step, as an int."""
    if isinstance(a, Constant):
        return UNKNOWN if a.value is None else Constant(round_one(float(a.value), mode, step))
    a = numeric(a)
    x: Array = a.values if step == 1 else np.true_divide(a.values, step, dtype=np.float64)
    if mode == "half_up":
        x = np.add(x, 0.5, dtype=np.float64)
    whole = (np.ceil if mode == "up" else np.floor)(x).astype(np.int64)
    if step != 1:
        np.multiply(whole, step, out=whole)
    return Number(whole, a.known)


def round_one(x: float, mode: str, step: int) -> int:
    """`Round` of one float."""
    x = x if step == 1 else x / step
    if mode == "half_up":
        return math.floor(x + 0.5) * step
    return (math.ceil(x) if mode == "up" else math.floor(x)) * step


def bounded(op: str, a: Value, b: Value) -> Value:
    """The smaller (most) or larger (least) of both; unknown if a side is."""
    if _unknown(a, b):
        return UNKNOWN
    if isinstance(a, Constant) and isinstance(b, Constant):
        pick = min if op == "most" else max
        return Constant(pick(a.value, b.value))  # type: ignore[type-var]
    (x, known_a), (y, known_b) = _raw(a), _raw(b)
    ufunc = np.minimum if op == "most" else np.maximum
    known = both(known_a, known_b)
    if _is_float(a) or _is_float(b):
        return Number(ufunc(x, y, dtype=np.float64), known)
    pick = min if op == "most" else max
    lo, hi = pick(bounds(a)[0], bounds(b)[0]), pick(bounds(a)[1], bounds(b)[1])
    kind = _wide_enough(lo, hi, a, b)
    return Number(ufunc(x, y, dtype=kind, casting="unsafe"), known, lo=lo, hi=hi)


def _is_float(value: Value) -> bool:
    if isinstance(value, Number):
        return value.is_float
    return isinstance(value, Constant) and isinstance(value.value, float)


# --- choices ----------------------------------------------------------------------------------


def chosen(condition: Value, value: Value, rest: Value, rows: int) -> Value:
    """`value` where the condition holds, `rest` where it fails, else unknown."""
    if isinstance(condition, Constant):
        if condition.value is None:
            return UNKNOWN
        return value if condition.value else rest
    if _unknown(value) and _unknown(rest):
        return UNKNOWN
    truth = truth_of(condition, rows)
    if _are_truths(value, rest):
        return _chosen_truth(truth, truth_of(value, rows), truth_of(rest, rows))
    if isinstance(value, Words) or isinstance(rest, Words) or _is_text(value) or _is_text(rest):
        return _chosen_words(truth, texts_of(value, rows), texts_of(rest, rows))
    return _chosen_number(truth, value, rest)


def _are_truths(*values: Value) -> bool:
    return all(
        isinstance(v, Truth) or (isinstance(v, Constant) and isinstance(v.value, bool | None))
        for v in values
    )


def _is_text(value: Value) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, str)


def _chosen_truth(condition: Truth, value: Truth, rest: Truth) -> Truth:
    yes = np.logical_or(
        np.logical_and(condition.yes, value.yes), np.logical_and(condition.no, rest.yes)
    )
    if condition.known_all and value.known_all and rest.known_all:
        return Truth(yes, None)
    no = np.logical_or(
        np.logical_and(condition.yes, value.no), np.logical_and(condition.no, rest.no)
    )
    return Truth(yes, no)


def _chosen_number(condition: Truth, value: Value, rest: Value) -> Number:
    known = _chosen_known(condition, value, rest)
    sides = [0 if _unknown(v) else _raw(v)[0] for v in (value, rest)]
    if any(_is_float(v) for v in (value, rest)):
        kind, lo, hi = np.dtype(np.float64), INT64_MIN, INT64_MAX
    else:
        parts = [v for v in (value, rest) if not _unknown(v)]
        lo, hi = min(bounds(p)[0] for p in parts), max(bounds(p)[1] for p in parts)
        kind = int_type(lo, hi)
    first, second = (np.asarray(side).astype(kind, copy=False) for side in sides)
    if not first.ndim:
        mask, first, second = np.logical_not(condition.yes), second, first
    else:
        mask = condition.yes
    if not first.ndim:
        first = np.full(len(mask), first)
    return Number(select(mask, first, second), known, lo=lo, hi=hi)


def _chosen_known(condition: Truth, value: Value, rest: Value) -> Bools | None:
    first = _known_of(value, condition.yes)
    second = _known_of(rest, condition.no)
    if first is condition.yes and second is condition.no:
        return condition.known
    return np.logical_or(first, second)


def _known_of(value: Value, where: Bools) -> Bools:
    if _unknown(value):
        return np.zeros(len(where), np.bool_)
    known = None if isinstance(value, Constant) else value.known
    return where if known is None else np.logical_and(where, known)


def _chosen_words(condition: Truth, value: Any, rest: Any) -> Words:
    decided = np.logical_or(condition.yes, condition.no)
    holds = pa.array(condition.yes, mask=np.logical_not(decided))
    return Words(pc.if_else(holds, value, rest))


def if_unknown(body: Value, instead: Value, rows: int) -> Value:
    """The body, or `instead` where it is unknown."""
    if isinstance(body, Constant):
        return instead if body.value is None else body
    known = body.known
    if known is None:
        return body
    return chosen(Truth(known, None), body, instead, rows)


def is_unknown(body: Value) -> Truth | Constant:
    """Where the body is unknown; never itself unknown."""
    if isinstance(body, Constant):
        return Constant(body.value is None)
    known = body.known
    return Constant(False) if known is None else Truth(None, known)


def truths_equal(a: Value, b: Value, rows: int) -> Truth | Constant:
    """Two conditions have the same answer; unknown if one is."""
    if _unknown(a, b):
        return UNKNOWN
    x, y = truth_of(a, rows), truth_of(b, rows)
    yes = np.logical_or(np.logical_and(x.yes, y.yes), np.logical_and(x.no, y.no))
    no = np.logical_or(np.logical_and(x.yes, y.no), np.logical_and(x.no, y.yes))
    return Truth(yes, no)
