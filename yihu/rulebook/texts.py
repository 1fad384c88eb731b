"""Texts and identity numbers over columns.

Patterns, lengths and parts are Arrow's work; identity numbers are looked at as a table of bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook import identity
from yihu.rulebook.tree import DAYS_IN_MONTH_SLOT
from yihu.rulebook.values import (
    UNKNOWN,
    Array,
    Bools,
    Constant,
    Number,
    Truth,
    Value,
    Words,
    fixed,
)

TEXT = pa.large_string()
_ORDER = {"=": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater"}
_DAYS_IN_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int16)


def texts_of(value: Value, rows: int) -> pa.LargeStringArray:
    """A text as an Arrow array of `rows`."""
    if isinstance(value, Words):
        return value.texts
    return pa.repeat(pa.scalar(fixed(value).value, TEXT), rows)


def truth_from(answers: Any) -> Truth:
    """An Arrow boolean array as a truth value."""
    if not answers.null_count:
        return Truth(np.asarray(answers.to_numpy(zero_copy_only=False), np.bool_), None)
    yes = np.asarray(answers.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)
    known = np.asarray(answers.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    return Truth(yes, np.logical_xor(known, yes))


def compare_texts(op: str, a: Value, b: Value) -> Truth | Constant:
    """A comparison of two texts, by code point; unknown if a side is unknown."""
    if UNKNOWN in (a, b):
        return UNKNOWN
    name = _ORDER.get(op, "greater_equal")
    sides = [v.texts if isinstance(v, Words) else pa.scalar(fixed(v).value, TEXT) for v in (a, b)]
    found = getattr(pc, name)(*sides)
    if isinstance(found, pa.Scalar):
        return Constant(found.as_py())
    return truth_from(found)


def _words(value: Value) -> Words:
    """The value, which typing has made sure is an array of texts."""
    if isinstance(value, Words):
        return value
    raise TypeError(value)


def one_of_texts(a: Value, values: tuple[str, ...]) -> Truth | Constant:
    """The text is one of the values; unknown if it is unknown."""
    if isinstance(a, Constant):
        return UNKNOWN if a.value is None else Constant(a.value in values)
    a = _words(a)
    found = pc.is_in(a.texts, value_set=pa.array(values, TEXT))
    return _with_unknown(np.asarray(found.to_numpy(zero_copy_only=False), np.bool_), a.known)


def _with_unknown(yes: Bools, known: Bools | None) -> Truth:
    if known is None:
        return Truth(yes, None)
    yes = np.logical_and(yes, known)
    return Truth(yes, np.logical_xor(known, yes))


def matches(a: Value, pattern: str) -> Truth | Constant:
    """The whole text fits the pattern."""
    words, single = _as_words(a)
    found = truth_from(pc.match_substring_regex(words.texts, f"^(?:{pattern})$"))
    return Constant(bool(found.yes[0])) if single and a != UNKNOWN else _or_unknown(a, found)


def _as_words(a: Value) -> tuple[Words, bool]:
    if isinstance(a, Words):
        return a, False
    return Words(texts_of(a, 1)), True


def _or_unknown(a: Value, found: Any) -> Any:
    return UNKNOWN if a == UNKNOWN else found


def length(a: Value) -> Number | Constant:
    """Number of characters."""
    if isinstance(a, Constant):
        return UNKNOWN if a.value is None else Constant(len(str(a.value)))
    a = _words(a)
    counts = pc.fill_null(pc.utf8_length(a.texts), 0).to_numpy(zero_copy_only=False)
    return Number(counts, a.known, lo=0, hi=2**31)


def part(a: Value, start: int, size: int) -> Words | Constant:
    """Characters start..start+size-1, counted from 1; unknown if the text is shorter."""
    if isinstance(a, Constant):
        text = "" if a.value is None else str(a.value)
        return (
            Constant(text[start - 1 : start - 1 + size])
            if len(text) >= start - 1 + size
            else UNKNOWN
        )
    a = _words(a)
    long_enough = pc.greater_equal(pc.utf8_length(a.texts), start - 1 + size)
    cut = pc.utf8_slice_codeunits(a.texts, start - 1, start - 1 + size)
    return Words(pc.if_else(long_enough, cut, pa.scalar(None, TEXT)))


# --- identity numbers -------------------------------------------------------------------------


class Identity:
    """The figures of identity numbers, one row a number.

    figures    18 columns of 0..10 (10 is X), with 19 put before the year of the old 15 figures
    fits       whether the text is 17 figures and a figure or X, or 15 figures
    old        whether it is of the old form, which has no check figure
    """

    def __init__(self, words: Words) -> None:
        texts = words.texts
        self.known = words.known
        raw, starts, sizes = raw_bytes(texts)
        self.figures = np.zeros((len(texts), 18), np.uint8)
        self.fits = np.zeros(len(texts), np.bool_)
        self.old = np.equal(sizes, 15)
        for size, places in ((18, np.arange(18)), (15, np.r_[0:6, 8:17])):
            rows = np.flatnonzero(sizes == size)
            if not len(rows):
                continue
            bytes_ = raw[starts[rows][:, None] + np.arange(size)]
            figures = bytes_ - np.uint8(ord("0"))
            good = np.all(figures[:, : min(size, 17)] <= 9, axis=1)
            if size == 18:
                is_x = (bytes_[:, 17] | 32) == ord("x")
                figures[is_x, 17] = 10
                good &= figures[:, 17] <= 10
                good &= is_x | (figures[:, 17] <= 9)
            table = np.zeros((len(rows), 18), np.uint8)
            table[:, places] = figures
            if size == 15:
                table[:, 6:8] = (1, 9)
            self.figures[rows] = table
            self.fits[rows] = good

    def birth(self) -> tuple[Array, Bools]:
        """Day of birth as a day number, and whether that day exists."""
        f = self.figures.astype(np.int32)
        year = f[:, 6] * 1000 + f[:, 7] * 100 + f[:, 8] * 10 + f[:, 9]
        month, day = f[:, 10] * 10 + f[:, 11], f[:, 12] * 10 + f[:, 13]
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        most = _DAYS_IN_MONTH[np.where(month <= 12, month, 0)] + (leap & (month == 2))
        exists = self.fits & (year >= 1) & (day >= 1) & (day <= most)
        return (year * 12 + month - 1) * DAYS_IN_MONTH_SLOT + day - 1, exists

    def checked(self) -> Bools:
        """Whether the check figure is right; the old form has none."""
        total = self.figures[:, :17].astype(np.int32) @ np.array(identity.WEIGHTS, np.int32)
        figures = np.array([10 if c == "X" else int(c) for c in identity.CHECK_FIGURES], np.uint8)
        return np.asarray(self.old | (figures[total % 11] == self.figures[:, 17]), np.bool_)


def raw_bytes(texts: pa.LargeStringArray) -> tuple[Array, Array, Array]:
    """All bytes of the texts, where each begins and how many it has (0 for unknown)."""
    _, offsets, data = texts.buffers()
    if offsets is None or not len(texts):
        return np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64)
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    raw = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    sizes = np.diff(ends)
    if texts.null_count:
        sizes = np.where(texts.is_valid().to_numpy(zero_copy_only=False), sizes, 0)
    return raw, ends[:-1], sizes


def identity_ok(a: Value) -> Truth | Constant:
    """A valid identity number."""
    words, single = _as_words(a)
    numbers = Identity(words)
    answer = _with_unknown(numbers.birth()[1] & numbers.checked(), numbers.known)
    return _single(a, answer, single)


def identity_male(a: Value) -> Truth | Constant:
    """The sex figure is odd; unknown as for the day of birth."""
    words, single = _as_words(a)
    numbers = Identity(words)
    exists = numbers.birth()[1]
    odd = (numbers.figures[:, 16] & 1).astype(np.bool_)
    return _single(a, Truth(odd & exists, exists & ~odd), single)


def identity_birth(a: Value) -> Number | Constant:
    """The day of birth."""
    words, single = _as_words(a)
    days, exists = Identity(words).birth()
    if single:
        return Constant(int(days[0])) if exists[0] else UNKNOWN
    return Number(days, exists, lo=0, hi=10_000 * 372)


def _single(a: Value, answer: Truth, single: bool) -> Truth | Constant:
    if not single:
        return answer
    if a == UNKNOWN or not (answer.yes[0] or answer.no[0]):
        return UNKNOWN
    return Constant(bool(answer.yes[0]))


def starts_with(a: Words, prefix: str) -> Truth:
    """Whether each text starts so."""
    return truth_from(pc.starts_with(a.texts, prefix))
