"""Columns of values with unknown ones among them, and what can be done with them.

A truth value is a pair of byte arrays, holds and fails; unknown is neither. A column in which
everything is known carries one of the two only. Numbers stand in the smallest integer type that
fits, with their least and largest known value, so that most work is done on one or two bytes.
Meaning: docs/language.md, section 3.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Array: TypeAlias = npt.NDArray[Any]
Bools: TypeAlias = npt.NDArray[np.bool_]

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1
#: Whole numbers up to here are the same in int64 and float64.
EXACT_IN_FLOAT = 2**53


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row; None is unknown."""

    value: bool | int | float | str | None


UNKNOWN = Constant(None)
HOLDS = Constant(True)
FAILS = Constant(False)


class Truth:
    """Where a condition holds and where it fails. One of the two is None if all is known."""

    __slots__ = ("_first", "_pair", "known_all")

    def __init__(self, yes: Bools | None, no: Bools | None) -> None:
        self._pair = [yes, no]
        self._first = 0
        self.known_all = yes is None or no is None

    @property
    def yes(self) -> Bools:
        """Where it holds."""
        return self._side(self._first)

    @property
    def no(self) -> Bools:
        """Where it fails."""
        return self._side(1 - self._first)

    def _side(self, side: int) -> Bools:
        found = self._pair[side]
        if found is None:
            found = self._pair[side] = np.logical_not(self._pair[1 - side])
        return found

    @property
    def stands_as_no(self) -> bool:
        """Only where it fails has been computed so far."""
        return self._pair[self._first] is None

    @property
    def known(self) -> Bools | None:
        """Where it is known; None if everywhere."""
        return None if self.known_all else np.logical_or(self.yes, self.no)

    def swapped(self) -> Truth:
        """Its negation, without touching an array; what either computes later serves both."""
        turned = Truth.__new__(Truth)
        turned._pair = self._pair
        turned._first = 1 - self._first
        turned.known_all = self.known_all
        return turned


class Number:
    """Whole numbers, codes, days or floats.

    sentinel   the value that stands wherever the number is unknown, below all known ones
               (NaN for floats); None if unknown places hold anything, or there are none
    lo, hi     bounds of the known whole numbers; not looked at for floats
    """

    __slots__ = ("_known", "hi", "lo", "sentinel", "values")

    def __init__(
        self,
        values: Array,
        known: Bools | None = None,
        *,
        lo: int = INT64_MIN,
        hi: int = INT64_MAX,
        sentinel: float | None = None,
    ) -> None:
        self.values = values
        self._known = known
        self.lo = lo
        self.hi = hi
        self.sentinel = sentinel

    @property
    def is_float(self) -> bool:
        """It stands in floats; a REAL may also stand in whole numbers."""
        return bool(self.values.dtype.kind == "f")

    @property
    def known(self) -> Bools | None:
        """Where it is known; None if everywhere."""
        if self._known is None and self.sentinel is not None:
            if self.is_float:
                self._known = np.equal(self.values, self.values)
            else:
                self._known = np.not_equal(self.values, self.sentinel)
        return self._known


class Words:
    """Texts as an Arrow array of large strings; unknown is null."""

    __slots__ = ("texts",)

    def __init__(self, texts: pa.LargeStringArray) -> None:
        self.texts = texts

    @property
    def known(self) -> Bools | None:
        """Where it is known; None if everywhere."""
        if not self.texts.null_count:
            return None
        return np.asarray(self.texts.is_valid().to_numpy(zero_copy_only=False), np.bool_)


Value: TypeAlias = Constant | Truth | Number | Words


def both(a: Bools | None, b: Bools | None) -> Bools | None:
    """Where both are known."""
    if a is None:
        return b
    return a if b is None else np.logical_and(a, b)


def int_type(lo: int, hi: int) -> np.dtype[Any]:
    """Smallest integer type for lo..hi; int64 for all that is larger (ruled out by typing)."""
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= lo and hi <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.int64)


# --- conditions -------------------------------------------------------------------------------


def truth_of(value: Value, rows: int) -> Truth:
    """A condition as arrays of `rows`, constants spread out."""
    if isinstance(value, Truth):
        return value
    assert isinstance(value, Constant), value
    if value.value is None:
        return Truth(np.zeros(rows, np.bool_), np.zeros(rows, np.bool_))
    return Truth(np.full(rows, bool(value.value)), None)


def not_(value: Value) -> Truth | Constant:
    """Swaps holds and fails; unknown stays."""
    if isinstance(value, Truth):
        return value.swapped()
    assert isinstance(value, Constant), value
    return UNKNOWN if value.value is None else Constant(not value.value)


def and_(parts: Iterable[Value]) -> Truth | Constant:
    """Fails if one part fails; else unknown if one is unknown; else holds."""
    arrays: list[Truth] = []
    unknown = False
    for part in parts:
        if isinstance(part, Truth):
            arrays.append(part)
        elif part is FAILS or (isinstance(part, Constant) and part.value is False):
            return FAILS
        else:
            assert isinstance(part, Constant), part
            unknown = unknown or part.value is None
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
        return UNKNOWN if b.value is None else _against(op, a, b.value)
    assert isinstance(a, Number)
    assert isinstance(b, Number)
    yes = _UFUNC[op](a.values, b.values)
    return _where_known(yes, both(a.known, b.known))


def _where_known(yes: Bools, known: Bools | None) -> Truth:
    """The answer `yes` where known; `yes` is overwritten."""
    if known is None:
        return Truth(yes, None)
    np.logical_and(yes, known, out=yes)
    return Truth(yes, np.logical_xor(known, yes))


def _against(op: str, a: Value, right: Any) -> Truth | Constant:
    assert isinstance(a, Number), a
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
    if a.sentinel is not None:  # lies below all known values, so it is not among `yes`
        known = a.known
        assert known is not None
        return Truth(yes, np.logical_xor(known, yes))
    return _where_known(yes, a.known)


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
    assert isinstance(a, Number)
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
    assert isinstance(a, Number)
    if a.hi < 1 << bit:
        return settled(a, holds=False)
    return _where_known(np.not_equal(np.bitwise_and(a.values, 1 << bit), 0), a.known)
