"""Conditions over columns: and, or, not, comparisons, with unknown values carried along.

A comparison with a constant is made in the column's own small type, and not at all where the
bounds of the column settle it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np

from yihu.rulebook.arrays.values import (
    FAILS,
    HOLDS,
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
    numeric,
)


def not_(value: Value) -> Truth | Constant:
    """Swaps holds and fails; unknown stays."""
    if isinstance(value, Truth):
        return value.swapped()
    answer = fixed(value).value
    return UNKNOWN if answer is None else Constant(not answer)


def and_(parts: Iterable[Value]) -> Truth | Constant:
    """Fails if one part fails; else unknown if one is unknown; else holds."""
    arrays: list[Truth] = []
    unknown = False
    for part in parts:
        if isinstance(part, Truth):
            arrays.append(part)
        elif fixed(part).value is False:
            return FAILS
        else:
            unknown = unknown or fixed(part).value is None
    if not arrays:
        return UNKNOWN if unknown else HOLDS
    known_all = all(part.known_all for part in arrays)
    if unknown:
        no = _gathered(np.logical_or, [part.no for part in arrays])
        return Truth(np.zeros(len(no), np.bool_), no)
    if len(arrays) == 1:
        return arrays[0]
    if known_all:
        return _and_of_known(arrays)
    yes = _gathered(np.logical_and, [part.yes for part in arrays])
    return Truth(yes, _gathered(np.logical_or, [part.no for part in arrays]))


def _and_of_known(parts: list[Truth]) -> Truth:
    """`and_` where all is known: half of the work, and none for turning parts round."""
    negative = [part.no for part in parts if part.stands_as_no]
    positive = [part.yes for part in parts if not part.stands_as_no]
    no = _gathered(np.logical_or, negative) if negative else None
    if not positive:
        return Truth(None, no)
    yes = _gathered(np.logical_and, positive)
    return Truth(yes if no is None else np.greater(yes, no), None)


def or_(parts: Iterable[Value]) -> Truth | Constant:
    """Holds if one part holds; else unknown if one is unknown; else fails."""
    return not_(and_([not_(part) for part in parts]))


def _gathered(ufunc: np.ufunc, masks: list[Bools]) -> Bools:
    if len(masks) == 1:
        return masks[0]
    out: Bools = ufunc(masks[0], masks[1])
    for mask in masks[2:]:
        ufunc(out, mask, out=out)
    return out


def at_least(k: int, parts: list[Value]) -> Truth | Constant:
    """Holds if k parts hold for certain, fails if k can no longer be reached, else unknown."""
    sure = sum(1 for p in parts if isinstance(p, Constant) and p.value is True)
    never = sum(1 for p in parts if isinstance(p, Constant) and p.value is False)
    arrays = [p for p in parts if isinstance(p, Truth)]
    need = k - sure
    if need <= 0:
        return HOLDS
    if len(parts) - never < k:
        return FAILS
    if not arrays:
        return UNKNOWN
    holding = _counted([p.yes for p in arrays])
    yes = np.greater_equal(holding, need)
    if all(p.known_all for p in arrays) and sure + never + len(arrays) == len(parts):
        return Truth(yes, None)
    failing = _counted([p.no for p in arrays])
    return Truth(yes, np.greater(failing, len(parts) - never - k))


def _counted(masks: list[Bools]) -> Array:
    total = np.zeros(len(masks[0]), np.uint8 if len(masks) < 256 else np.int32)
    for mask in masks:
        np.add(total, mask.view(np.uint8), out=total)
    return total


# --- comparisons ------------------------------------------------------------------------------

_PLAIN: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_UFUNC: dict[str, np.ufunc] = {"=": np.equal, ">": np.greater, ">=": np.greater_equal}
MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
#: The operators that are the negation of one in _UFUNC, which is what is computed.
NEGATED = {"!=": "=", "<": ">=", "<=": ">"}


def compare(op: str, a: Value, b: Value) -> Truth | Constant:
    """A comparison of two numbers, codes or days; unknown if a side is unknown."""
    if isinstance(a, Constant) and isinstance(b, Constant):
        if a.value is None or b.value is None:
            return UNKNOWN
        return Constant(_PLAIN[op](a.value, b.value))
    if isinstance(a, Constant):
        op, a, b = MIRRORED[op], b, a
    if op in NEGATED:
        return not_(compare(NEGATED[op], a, b))
    if isinstance(b, Constant):
        return UNKNOWN if b.value is None else _against(op, numeric(a), b.value)
    one, other = numeric(a), numeric(b)
    return _where_known(_UFUNC[op](one.values, other.values), both(one.known, other.known))


def _where_known(yes: Bools, known: Bools | None) -> Truth:
    """The answer `yes` where known; `yes` is overwritten."""
    if known is None:
        return Truth(yes, None)
    np.logical_and(yes, known, out=yes)
    return Truth(yes, np.logical_xor(known, yes))


def _against(op: str, a: Number, right: Any) -> Truth | Constant:
    if a.is_float:
        return _where_known(_UFUNC[op](a.values, right), a.known)
    if isinstance(right, float):
        if op == "=" and not right.is_integer():
            return settled(a, holds=False)
        if math.isinf(right):
            return settled(a, holds=right < 0)
        op, right = (">=", math.floor(right) + 1) if op == ">" else (op, math.ceil(right))
    elif op == ">":
        op, right = ">=", right + 1
    if right > a.hi or (op == "=" and right < a.lo):
        return settled(a, holds=False)
    if op == ">=" and right <= a.lo:
        return settled(a, holds=True)
    yes = _UFUNC[op](a.values, right)
    known = a.known
    if a.sentinel is not None and known is not None:
        # The sentinel lies below all known values, so it is not among `yes`.
        return Truth(yes, np.logical_xor(known, yes))
    return _where_known(yes, known)


def settled(value: Number | Words | Truth, *, holds: bool) -> Truth | Constant:
    """The same answer wherever the value is known."""
    known = value.known
    if known is None:
        return Constant(holds)
    nowhere = np.zeros(len(known), np.bool_)
    return Truth(known, nowhere) if holds else Truth(nowhere, known)


def one_of(a: Value, values: Iterable[int]) -> Truth | Constant:
    """The whole number is one of the values; unknown if it is unknown."""
    if isinstance(a, Constant):
        return UNKNOWN if a.value is None else Constant(a.value in set(values))
    a = numeric(a)
    masks: list[Bools] = []
    for first, last in _runs(v for v in values if a.lo <= v <= a.hi):
        if first == last:
            masks.append(np.equal(a.values, first))
        else:
            masks.append(
                np.logical_and(np.greater_equal(a.values, first), np.less_equal(a.values, last))
            )
    if not masks:
        return settled(a, holds=False)
    yes = reduce(lambda x, y: np.logical_or(x, y, out=x), masks)
    return _where_known(yes, a.known)


def _runs(values: Iterable[int]) -> list[tuple[int, int]]:
    """Whole numbers as runs without a break: 1, 2, 3, 7 → (1, 3), (7, 7)."""
    runs: list[tuple[int, int]] = []
    for value in sorted(set(values)):
        if runs and runs[-1][1] == value - 1:
            runs[-1] = (runs[-1][0], value)
        else:
            runs.append((value, value))
    return runs


def has_bit(a: Value, bit: int) -> Truth | Constant:
    """The set of codes contains the code at place `bit`."""
    if isinstance(a, Constant):
        return UNKNOWN if a.value is None else Constant(bool(int(a.value) >> bit & 1))
    a = numeric(a)
    if a.hi < 1 << bit:
        return settled(a, holds=False)
    return _where_known(np.not_equal(np.bitwise_and(a.values, 1 << bit), 0), a.known)
