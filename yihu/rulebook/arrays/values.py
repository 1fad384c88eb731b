"""Columns of values with unknown ones among them.

A truth value is a pair of byte arrays, holds and fails; unknown is neither. A column in which
everything is known carries one of the two only. Numbers stand in the smallest integer type that
fits, with their least and largest known value, so that most work is done on one or two bytes.
Meaning: docs/language.md, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    __slots__ = ("known_all", "sides", "turned")

    def __init__(self, yes: Bools | None, no: Bools | None) -> None:
        self.known_all = yes is None or no is None
        #: Holds and fails, or fails and holds if `turned`; shared with the negation.
        self.sides = [yes, no]
        self.turned = False

    @property
    def yes(self) -> Bools:
        """Where it holds."""
        return self._side(int(self.turned))

    @property
    def no(self) -> Bools:
        """Where it fails."""
        return self._side(1 - self.turned)

    def _side(self, side: int) -> Bools:
        found, other = self.sides[side], self.sides[1 - side]
        if found is None:
            found = np.ones(0, np.bool_) if other is None else np.logical_not(other)
            self.sides[side] = found
        return found

    @property
    def stands_as_no(self) -> bool:
        """Only where it fails has been computed so far."""
        return self.sides[int(self.turned)] is None

    @property
    def known(self) -> Bools | None:
        """Where it is known; None if everywhere."""
        return None if self.known_all else np.logical_or(self.yes, self.no)

    def swapped(self) -> Truth:
        """Its negation, without touching an array; what either computes later serves both."""
        negation = Truth(None, None)
        negation.known_all = self.known_all
        negation.sides, negation.turned = self.sides, not self.turned
        return negation


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

    __slots__ = ("made", "texts")

    def __init__(self, texts: pa.LargeStringArray) -> None:
        self.texts = texts
        #: What several nodes ask of the same texts, kept once.
        self.made: dict[str, Any] = {}

    @property
    def known(self) -> Bools | None:
        """Where it is known; None if everywhere."""
        if not self.texts.null_count:
            return None
        return np.asarray(self.texts.is_valid().to_numpy(zero_copy_only=False), np.bool_)


Value: TypeAlias = Constant | Truth | Number | Words


def numeric(value: Value) -> Number:
    """The value, which typing has made sure is an array of numbers."""
    if isinstance(value, Number):
        return value
    raise TypeError(value)


def fixed(value: Value) -> Constant:
    """The value, which is the same in every row."""
    if isinstance(value, Constant):
        return value
    raise TypeError(value)


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


def select(mask: Bools, a: Array, b: Any) -> Array:
    """A where marked, b elsewhere, both of one type; b may be one number.

    By bits, without a branch for each row: numpy.where takes ten times as long on mixed masks.
    """
    kind = a.dtype
    if kind.kind == "f":
        other = np.asarray(b, kind).view(np.int64)
        return select(mask, np.ascontiguousarray(a).view(np.int64), other).view(kind)
    bits = np.negative(mask.view(np.int8)).astype(kind, copy=False)
    other = np.asarray(b, kind)
    found = np.bitwise_xor(a, other)
    np.bitwise_and(found, bits, out=found)
    return np.bitwise_xor(found, other, out=found)


def truth_of(value: Value, rows: int) -> Truth:
    """A condition as arrays of `rows`, constants spread out."""
    if isinstance(value, Truth):
        return value
    if fixed(value).value is None:
        return Truth(np.zeros(rows, np.bool_), np.zeros(rows, np.bool_))
    return Truth(np.full(rows, bool(fixed(value).value)), None)
