"""Values as the book keeps them → in the form of the tree, for one card and for columns.

The book keeps codes by key, days as 2020-09-01 and money in yuan, for years. What is no longer a
value under the active rulebook – its code was taken off the list, its range made narrower – is
unknown; a check must not stop at it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from yihu.rulebook.book import Rulebook
from yihu.rulebook.cards import Reader, Value, value_of
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.tree import DAYS_IN_MONTH_SLOT

#: Values whose meaning is remembered; past it all are forgotten.
MOST_KNOWN = 50_000
Specs = Mapping[tuple[str, str], FactSpec]


class BookReader(Reader):
    """Reads cards whose values come from the book: facts it does not know are passed over.

    A county says the same few thousand values again and again: what one means is looked up.
    """

    def __init__(self, program: Program, rulebook: Rulebook) -> None:
        super().__init__(program, rulebook)
        self._known: dict[tuple[int, type, Any], Any] = {}

    def _value(self, specs: Specs, level: str, name: str, value: Any) -> Value:
        spec = specs.get((level, name))
        if spec is None or value is None:
            return None
        if spec.kind in ("text", "identity") or not isinstance(value, str | int | float):
            return kept_value(spec, value)
        # With its type: to Python yes is 1, to the book it is not.
        key = (id(spec), type(value), value)
        known: Any = self._known.get(key, self)
        if known is self:  # no value is a reader: it was not looked up yet
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = kept_value(spec, value)
        found: Value = known
        return found


def kept_value(spec: FactSpec, value: Any) -> Value:
    """One value in the form of the tree; None where it is none under this rulebook."""
    try:
        if spec.codes is not None and spec.kind == "code":
            return spec.codes.place_of(value)
        if spec.codes is not None:
            return sum(1 << spec.codes.place_of(key) for key in value)
        return value_of(spec, value)
    except (KeyError, Refused):
        return None


# --- columns --------------------------------------------------------------------------------------


def columns_of(texts: Sequence[str | bytes], specs: Mapping[str, FactSpec]) -> dict[str, Any]:
    """Facts of many cards, each as JSON, as Arrow arrays in the form of the tree.

    specs   the facts wanted, by name; a fact nobody has is left out
    """
    if not texts or not specs:
        return {}
    table = _read(texts, specs)
    found: dict[str, Any] = {}
    for name, spec in specs.items():
        column = table.column(name)
        if column.null_count < len(texts):
            found[name] = typed(spec, column.combine_chunks())
    return found


def pairs_of(texts: Sequence[str | bytes], names: Sequence[str]) -> dict[str, list[Any]]:
    """Of many cards' sealed values, each as JSON: name → [commitment, token] or None, by card."""
    if not texts or not names:
        return {}
    pair = pa.list_(pa.string())
    table = _json(texts, pa.schema([(name, pair) for name in names]))
    return {name: table.column(name).to_pylist() for name in names}


def json_columns(texts: Sequence[str | bytes], specs: Mapping[str, FactSpec]) -> dict[str, Any]:
    """Facts of many cards as Arrow arrays as the book writes them: money in yuan, days as text."""
    table = _read(texts, specs)
    return {name: table.column(name).combine_chunks() for name in specs}


def _read(texts: Sequence[str | bytes], specs: Mapping[str, FactSpec]) -> pa.Table:
    schema = pa.schema([(name, _WRITTEN[spec.kind]) for name, spec in specs.items()])
    try:
        return _json(texts, schema)
    except pa.ArrowInvalid:
        # A value of another kind than the rulebook now says: read as one card is, one by one.
        return _one_by_one(texts, specs, schema)


def _json(texts: Sequence[str | bytes], schema: pa.Schema) -> pa.Table:
    options = pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    blocks = pyarrow.json.ReadOptions(block_size=1 << 22)
    lines = b"\n".join(text.encode() if isinstance(text, str) else text for text in texts)
    return pyarrow.json.read_json(
        pa.BufferReader(lines), parse_options=options, read_options=blocks
    )


def _one_by_one(
    texts: Sequence[str | bytes], specs: Mapping[str, FactSpec], schema: pa.Schema
) -> pa.Table:
    cards = [json.loads(text) for text in texts]
    columns = []
    for field in schema:
        spec = specs[field.name]
        given = [card.get(field.name) for card in cards]
        fit = [v if v is not None and kept_value(spec, v) is not None else None for v in given]
        columns.append(pa.array(fit, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


#: Kind of fact → Arrow type of it as the book writes it.
_WRITTEN = {
    "yes_no": pa.bool_(), "whole": pa.int64(), "money": pa.float64(), "number": pa.float64(),
    "date": pa.string(), "month": pa.string(), "code": pa.string(),
    "codes": pa.list_(pa.string()), "text": pa.string(), "identity": pa.string(),
}  # fmt: skip


def typed(spec: FactSpec, column: Any) -> Any:
    """A column as the book writes it, in the form of the tree; null where it is no value."""
    return _bounded(spec, _TYPED[spec.kind](spec, column))


def _bounded(spec: FactSpec, column: Any) -> Any:
    if spec.kind not in ("whole", "money", "number", "date", "month"):
        return column
    low, high = spec.bounds
    fits = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))
    if pc.all(fits, skip_nulls=True).as_py() is not False:
        return column
    return pc.if_else(fits, column, pa.scalar(None, column.type))


def _fen(_spec: FactSpec, column: Any) -> Any:
    return pc.cast(pc.round(pc.multiply(column, 100.0)), pa.int64())


def _figures(column: Any, first: int, last: int) -> Any:
    return pc.cast(pc.utf8_slice_codeunits(column, first, last), pa.int32())


def _months(column: Any) -> Any:
    return pc.subtract(pc.add(pc.multiply(_figures(column, 0, 4), 12), _figures(column, 5, 7)), 1)


def _days(_spec: FactSpec, column: Any) -> Any:
    days = pc.add(pc.multiply(_months(column), DAYS_IN_MONTH_SLOT), _figures(column, 8, 10))
    return pc.subtract(days, 1)


def _place(spec: FactSpec, column: Any) -> Any:
    keys = pa.array([code.key for code in spec.codes.codes] if spec.codes else [], pa.string())
    small = pa.int8() if len(keys) < 127 else pa.int32()
    return pc.cast(pc.index_in(column, value_set=keys), small)


def _mask(spec: FactSpec, column: Any) -> Any:
    """Bit masks of lists of codes; unknown where one of a list is no code."""
    places = _place(spec, column.flatten()).cast(pa.int64())
    unknown = places.is_null().to_numpy(zero_copy_only=False)
    bits = np.left_shift(1, places.fill_null(0).to_numpy(zero_copy_only=False))
    row = column.value_parent_indices() if hasattr(column, "value_parent_indices") else None
    parents = (row if row is not None else pc.list_parent_indices(column)).to_numpy()
    made = np.zeros(len(column), np.int64)
    np.bitwise_or.at(made, parents, bits)
    bad = column.is_null().to_numpy(zero_copy_only=False).copy()
    bad[parents[unknown]] = True
    return pa.array(made, mask=bad)


def _text(_spec: FactSpec, column: Any) -> Any:
    stripped = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(stripped, ""), pa.scalar(None, pa.string()), stripped)


def _same(_spec: FactSpec, column: Any) -> Any:
    return column


_TYPED: dict[str, Callable[[FactSpec, Any], Any]] = {
    "yes_no": _same, "whole": _same, "money": _fen, "number": _same, "date": _days,
    "month": lambda _, column: _months(column), "code": _place, "codes": _mask, "text": _text,
    "identity": _text,
}  # fmt: skip
