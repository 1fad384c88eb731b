"""Whole columns of a file → typed Arrow columns, with the bad cells noted by row.

What a cell means is said once, in `cells`. Here the same is done for many rows: distinct values are
read once and spread out, and plain numbers and texts, nearly all of a large file, take a fast path
that must give the same. Unknown is null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.facts import FactSpec
from yihu.rulebook.intake import cells
from yihu.rulebook.intake.bad_cells import BadCells
from yihu.rulebook.intake.cells import Cell, CellError, Value, is_blank, word_of

#: A column as it comes from a file: an Arrow array, or the cells of a sheet.
Raw: TypeAlias = "pa.Array | list[object]"
Mask: TypeAlias = npt.NDArray[np.bool_]

#: Kind of a fact → type of its column.
ARROW_TYPES: dict[str, pa.DataType] = {
    "yes_no": pa.int8(),
    "code": pa.int16(),
    "codes": pa.int64(),
    "whole": pa.int64(),
    "money": pa.int64(),
    "number": pa.float64(),
    "date": pa.int32(),
    "month": pa.int32(),
    "text": pa.large_string(),
    "identity": pa.large_string(),
}
#: Distinct values remembered from batch to batch.
REMEMBERED = 200_000
_PLAIN = {
    "whole": r"^-?[0-9]{1,13}$",
    "money": r"^-?[0-9]{1,13}(\.[0-9]{1,2})?$",
    "number": r"^-?[0-9]{1,15}(\.[0-9]+)?$",
}
# Constants in the types of the columns they meet.
_TRUE, _FALSE = pa.scalar(True, pa.bool_()), pa.scalar(False, pa.bool_())
_EMPTY, _FEN = pa.scalar("", pa.large_string()), pa.scalar(100, pa.int64())
#: Bytes of the longest id; each stands in a result once for every rule.
LONGEST_KEY = 400
#: Texts that start so are run by spreadsheets; a number may have a sign.
_FORMULA = ("=", "@", "+", "-", "\t", "\r")
_SIGNED = re.compile(r"[+-][0-9.,]*")
_POWER = r"^[+-]?[0-9](\.[0-9]+)?[eE]\+?[0-9]+$"


class FactColumn:
    """Reads the column of one fact, batch after batch."""

    def __init__(self, fact: FactSpec, heading: str, bad: BadCells) -> None:
        self.cell, self.heading, self.bad = Cell(fact), heading, bad
        self.type = ARROW_TYPES[fact.kind]
        self.rounded = 0
        self._read: dict[tuple[type, object], Value | CellError] = {}

    def values(self, raw: Raw, rows: Sequence[int], flags: Raw | None = None) -> pa.Array:
        """The typed column of a batch.

        rows    the row numbers of the batch as people count them
        flags   the flag column of the fact, if it has one
        """
        raw = _settled(raw)
        spec = self.cell.fact.flag
        if spec is None or flags is None:
            return self._converted(raw, rows)
        words = _Distinct(_settled(flags))
        values = self._converted(_blanked(raw, words.are(spec.unknown)), rows)
        return self._filled(values, words.are(spec.not_applicable))

    def _filled(self, values: pa.Array, does_not_apply: Mask) -> pa.Array:
        """Blank where the question does not arise becomes what that stands for."""
        if self.cell.not_applicable is None or not does_not_apply.any():
            return values
        blank = pc.and_(pc.is_null(values), pa.array(does_not_apply))
        return pc.if_else(blank, pa.scalar(self.cell.not_applicable, self.type), values)

    def _converted(self, raw: Raw, rows: Sequence[int]) -> pa.Array:
        if isinstance(raw, list):
            return self._by_distinct(raw, rows)
        fast = _fast(self.cell.fact, raw)
        if fast is None:
            return self._by_distinct(raw, rows)
        values, done = self._allowed(*fast)
        if done.all():
            return values
        rest = np.flatnonzero(~done)
        slow = self._by_distinct(raw.take(pa.array(rest)), [rows[int(i)] for i in rest])
        kept = pc.if_else(pa.array(done), values, pa.scalar(None, self.type))
        return pc.replace_with_mask(kept, pa.array(~done), slow)

    def _allowed(self, values: pa.Array, done: Mask) -> tuple[pa.Array, Mask]:
        """Values out of the fact's range go the slow way, where they are noted."""
        fact = self.cell.fact
        for bound, within in ((fact.low, pc.greater_equal), (fact.high, pc.less_equal)):
            if bound is not None:
                ok = pc.fill_null(within(values, pa.scalar(bound, self.type)), _TRUE)
                done = done & _mask(ok)
        return values, done

    def _by_distinct(self, raw: Raw, rows: Sequence[int]) -> pa.Array:
        distinct = _Distinct(raw)
        found = [self._remembered(value) for value in distinct.values]
        for place, value in enumerate(found):
            if isinstance(value, CellError):
                self._note(distinct, place, rows, value)
            elif value is not None and self.cell.fact.kind == "money":
                self._count_rounded(distinct, place, value)
        known = [None if isinstance(value, CellError) else value for value in found]
        return pa.array(known, self.type).take(distinct.indices)

    def _remembered(self, value: object) -> Value | CellError:
        # 1, 1.0 and True are equal keys of a dict and different cells.
        key = (type(value), value)
        if key in self._read:
            return self._read[key]
        try:
            result: Value | CellError = self.cell.read(value)
        except CellError as error:
            result = error
        if len(self._read) >= REMEMBERED:
            self._read.clear()
        self._read[key] = result
        return result

    def _note(self, distinct: _Distinct, place: int, rows: Sequence[int], error: CellError) -> None:
        where = distinct.rows_of(place)
        value = distinct.values[place]
        found = str(value).lower() if isinstance(value, bool) else word_of(value)
        for row in where[:20]:
            self.bad.add(rows[row], self.heading, found, error)
        if len(where) > 20:
            self.bad.add(rows[where[20]], self.heading, found, error, times=len(where) - 20)

    def _count_rounded(self, distinct: _Distinct, place: int, fen: object) -> None:
        value = distinct.values[place]
        if isinstance(value, float) and isinstance(fen, int) and fen / 100 != value:
            self.rounded += len(distinct.rows_of(place))


class KeyColumn:
    """Reads a key: text, or whole numbers as text; several columns joined with "+"."""

    def __init__(self, headings: Sequence[str], bad: BadCells) -> None:
        self.headings, self.bad = headings, bad

    def values(self, raws: Sequence[Raw], rows: Sequence[int]) -> pa.Array:
        """The key of each row; null where a part of it is blank."""
        parts = [
            self._texts(_settled(raw), heading, rows)
            for raw, heading in zip(raws, self.headings, strict=True)
        ]
        for part, heading in zip(parts, self.headings, strict=True):
            self._require_plain(part, heading, rows)
        if len(parts) == 1:
            return parts[0]
        return pc.binary_join_element_wise(*parts, pa.scalar("+", pa.large_string()))

    def _require_plain(self, ids: pa.Array, heading: str, rows: Sequence[int]) -> None:
        """Note ids no register has: endless ones, and formulas that results would carry on."""
        lengths = pc.binary_length(ids)
        formulas = reduce(pc.or_, (pc.starts_with(ids, sign) for sign in _FORMULA))
        odd = pc.or_(formulas, pc.greater(lengths, LONGEST_KEY))
        for place in np.flatnonzero(_mask(pc.fill_null(odd, _FALSE))):
            word, length = ids[int(place)].as_py(), lengths[int(place)].as_py()
            if length > LONGEST_KEY:
                error = CellError("long_key", length=length, most=LONGEST_KEY)
                self.bad.add(rows[int(place)], heading, word, error)
            elif not _SIGNED.fullmatch(word):
                self.bad.add(rows[int(place)], heading, word, CellError("formula_key"))

    def _texts(self, raw: Raw, heading: str, rows: Sequence[int]) -> pa.Array:
        if not isinstance(raw, list):
            fast = _fast_text(raw)
            if fast is not None and fast[1].all():
                return fast[0]
        distinct = _Distinct(raw)
        texts: list[str | None] = []
        for place, value in enumerate(distinct.values):
            word = None if is_blank(value) else word_of(value)
            texts.append(word)
            try:
                cells.require_all_digits(value, word or "")
            except CellError as error:
                where = distinct.rows_of(place)
                self.bad.add(rows[where[0]], heading, word, error, times=len(where))
        return pa.array(texts, pa.large_string()).take(distinct.indices)


class _Distinct:
    """The distinct values of a column and which row holds which."""

    def __init__(self, raw: Raw) -> None:
        self._places: npt.NDArray[np.intp] | None = None
        if isinstance(raw, list):
            seen: dict[tuple[type, object], int] = {}
            indices = [seen.setdefault((type(v), v), len(seen)) for v in raw]
            self.values: list[object] = [value for _, value in seen]
            self.indices = pa.array(indices, pa.int64())
        else:
            encoded = raw.dictionary_encode(null_encoding="encode")
            self.values = encoded.dictionary.to_pylist()
            self.indices = encoded.indices

    @property
    def places(self) -> npt.NDArray[np.intp]:
        """For each row the place of its value."""
        if self._places is None:
            self._places = np.asarray(self.indices.to_numpy(zero_copy_only=False), np.intp)
        return self._places

    def rows_of(self, place: int) -> npt.NDArray[np.intp]:
        """Rows that hold the value at a place."""
        return np.flatnonzero(self.places == place)

    def are(self, words: Sequence[str]) -> Mask:
        """Rows whose value is written like one of the words."""
        hits = [not is_blank(value) and word_of(value) in words for value in self.values]
        return np.asarray(hits, np.bool_)[self.places]


def _settled(raw: Raw) -> Raw:
    """Arrow columns in the few types dealt with below."""
    if isinstance(raw, list):
        return raw
    if isinstance(raw, pa.ChunkedArray):
        raw = raw.combine_chunks()
    kind = raw.type
    if pa.types.is_dictionary(kind):
        return _settled(raw.dictionary_decode())
    if pa.types.is_timestamp(kind):
        local = raw if kind.tz is None else pc.local_timestamp(raw)
        return local.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_null(kind) or pa.types.is_string(kind) or pa.types.is_string_view(kind):
        return raw.cast(pa.large_string())
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        # 0.1 as a 32-bit float is 0.1, not 0.10000000149: through its shortest text.
        return raw.cast(pa.float32()).cast(pa.large_string()).cast(pa.float64())
    return raw


def _blanked(raw: Raw, where: Mask) -> Raw:
    if not where.any():
        return raw
    if isinstance(raw, list):
        return [None if blank else value for value, blank in zip(raw, where, strict=True)]
    return pc.if_else(pa.array(where), pa.scalar(None, raw.type), raw)


def _mask(array: pa.Array) -> Mask:
    return np.asarray(array.to_numpy(zero_copy_only=False), np.bool_)


def _fast(fact: FactSpec, raw: pa.Array) -> tuple[pa.Array, Mask] | None:
    """Values of the rows that are plain, and which rows those are (blank ones among them)."""
    kind = fact.kind
    if kind in {"text", "identity"}:
        return _fast_text(raw)
    if kind in _PLAIN:
        if pa.types.is_large_string(raw.type):
            return _fast_written(kind, raw)
        if pa.types.is_integer(raw.type):
            return _fast_whole(kind, raw)
        if pa.types.is_float64(raw.type):
            return _fast_float(kind, raw)
    return None


def _fast_text(raw: pa.Array) -> tuple[pa.Array, Mask] | None:
    if pa.types.is_integer(raw.type):
        return raw.cast(pa.large_string()), np.ones(len(raw), np.bool_)
    if not pa.types.is_large_string(raw.type):
        return None
    trimmed = pc.utf8_trim_whitespace(raw)
    texts = pc.if_else(pc.equal(trimmed, _EMPTY), pa.scalar(None, trimmed.type), trimmed)
    special = pa.array(sorted(cells.NOT_APPLICABLE), trimmed.type)
    odd = pc.or_(pc.is_in(texts, special), pc.match_substring_regex(texts, _POWER))
    return texts, ~_mask(pc.fill_null(odd, _FALSE))


def _fast_written(kind: str, raw: pa.Array) -> tuple[pa.Array, Mask]:
    blank = pc.or_kleene(pc.is_null(raw), pc.equal(raw, _EMPTY))
    fits = pc.fill_null(pc.match_substring_regex(raw, _PLAIN[kind]), _FALSE)
    texts = pc.if_else(fits, raw, pa.scalar(None, raw.type))
    done = _mask(pc.or_(fits, blank))
    if kind == "money":
        return _unscaled(texts.cast(pa.decimal128(18, 2))), done
    return texts.cast(ARROW_TYPES[kind]), done


def _unscaled(amounts: pa.Array) -> pa.Array:
    """Fen of decimal yuan: the low half of the stored number, which is already in hundredths."""
    halves = np.frombuffer(amounts.buffers()[1], np.int64)[2 * amounts.offset :: 2]
    known = _mask(amounts.is_valid())
    return pa.array(halves[: len(amounts)], pa.int64(), mask=~known)


def _fast_whole(kind: str, raw: pa.Array) -> tuple[pa.Array, Mask]:
    most = pa.scalar(cells.LARGEST // 100, pa.int64())
    small = pc.and_(pc.less_equal(raw, most), pc.greater_equal(raw, pc.negate(most)))
    done = _mask(pc.fill_null(small, _TRUE))
    values = pc.if_else(pa.array(done), raw, pa.scalar(None, raw.type)).cast(pa.int64())
    if kind == "money":
        values = pc.multiply(values, _FEN)
    return values.cast(ARROW_TYPES[kind]), done


def _fast_float(kind: str, raw: pa.Array) -> tuple[pa.Array, Mask]:
    numbers = np.asarray(raw.to_numpy(zero_copy_only=False), np.float64)
    blank = np.isnan(numbers)
    if kind == "number":
        values, done = numbers, np.isfinite(numbers) | blank
    else:
        values, done = _exact(numbers * 100 if kind == "money" else numbers)
        done |= blank
    return pa.array(values.astype(_NUMPY[kind]), ARROW_TYPES[kind], mask=blank | ~done), done


_NUMPY: dict[str, Any] = {"number": np.float64, "whole": np.int64, "money": np.int64}


def _exact(numbers: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], Mask]:
    """Floats that are whole but for the last bits of a float, as whole floats; and which."""
    with np.errstate(invalid="ignore"):
        whole = np.rint(numbers)
        close = np.abs(numbers - whole) <= 4 * np.finfo(np.float64).eps * np.abs(numbers)
        done = close & (np.abs(numbers) <= cells.LARGEST)
    return np.where(done, whole, 0.0), done
