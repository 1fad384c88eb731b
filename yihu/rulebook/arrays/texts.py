"""Texts over columns: patterns, lengths and parts are Arrow's work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.arrays.values import (
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


def starts_with(a: Words, prefix: str) -> Truth:
    """Whether each text starts so."""
    return truth_from(pc.starts_with(a.texts, prefix))


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


def bytes_of_size(raw: Array, starts: Array, sizes: Array, size: int) -> tuple[Array, Array]:
    """The rows whose texts have this size, and a table of their bytes."""
    rows = np.flatnonzero(sizes == size)
    first = starts[rows]
    if len(rows) and first[-1] - first[0] == (len(rows) - 1) * size:
        # They lie one after the other, as in a column of numbers of one length.
        return rows, raw[first[0] : first[0] + len(rows) * size].reshape(-1, size)
    return rows, raw[first[:, None] + np.arange(size)]
