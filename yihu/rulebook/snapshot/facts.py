"""Facts on their way into a snapshot: smallest type, sentinel for unknown, bounds of each block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.texts import raw_bytes
from yihu.rulebook.arrays.values import Array, int_type
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.snapshot import Column, Texts
from yihu.rulebook.snapshot.files import Sink
from yihu.rulebook.snapshot.join import TEXT, one_piece, without_empty

Key = tuple[str, str]


@dataclass(slots=True)
class Growing:
    """A column in the making; kind and sentinel as in `Column`, 0 for the least of its type."""

    kind: str
    sentinel: int
    name: str
    stats: list[tuple[int, int, int]] = field(default_factory=list)

    def pad(self, blocks: int) -> None:
        """Blocks in which the level has no rows have nothing to say about them."""
        self.stats.extend([(0, 0, 0)] * (blocks - len(self.stats)))


class FactColumns:
    """All columns of a snapshot in the making."""

    def __init__(self, specs: Mapping[Key, FactSpec], sink: Sink) -> None:
        self.specs, self.sink = specs, sink
        self.growing: dict[Key, Growing] = {}
        self._ends: dict[str, int] = {}

    def add(self, key: Key, column: Any, order: Array, *, before: int) -> None:
        """The next rows of a column, brought into an order; `before`: blocks there were."""
        array = one_piece(column)
        if pa.types.is_null(array.type):
            array = array.cast(self._type_of_nothing(key))
        if key not in self.growing:
            self.growing[key] = self._described(key, array.type)
        growing = self.growing[key]
        growing.pad(before)
        if growing.kind == "text":
            texts = without_empty(array).take(pa.array(order))
            self.add_texts(growing.name, texts)
            growing.stats.append((0, 0, texts.null_count))
            return
        unknown = array.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)[order]
        zero = pa.scalar(0, pa.int8()).cast(array.type)
        values = array.fill_null(zero).to_numpy(zero_copy_only=False)[order]
        growing.stats.append(self._add_numbers(growing, values, unknown))

    def _type_of_nothing(self, key: Key) -> pa.DataType:
        kind = self.growing[key].kind if key in self.growing else ""
        if not kind and key in self.specs:
            kind = {"yes_no": "truth", "text": "text", "identity": "text"}.get(
                self.specs[key].kind, ""
            )
        return {"text": TEXT, "truth": pa.bool_()}.get(kind, pa.int8())

    def _described(self, key: Key, kind: pa.DataType) -> Growing:
        spec = self.specs.get(key)
        name = f"facts/{key[0]}/{key[1]}"
        if pa.types.is_boolean(kind) or (spec is not None and spec.kind == "yes_no"):
            return Growing("truth", -1, name)
        if pa.types.is_floating(kind) or (spec is not None and spec.kind == "number"):
            return Growing("float", 0, name)
        if not pa.types.is_integer(kind):
            return Growing("text", 0, name)
        return Growing("whole", -1 if spec is not None and spec.kind == "code" else 0, name)

    def _add_numbers(self, growing: Growing, values: Array, unknown: Array) -> tuple[int, int, int]:
        count = int(np.count_nonzero(unknown))
        if growing.kind == "float":
            values = values.astype(np.float64)
            values[unknown] = np.nan
            self.sink.add(growing.name, values)
            return 0, 0, count
        if values.dtype.kind == "b":
            values = values.view(np.int8)
        known = values[~unknown] if count else values
        lo, hi = (int(known.min()), int(known.max())) if len(known) else (0, 0)
        coded = growing.sentinel == -1
        kind = int_type(-1, hi) if coded else int_type(lo - 1, hi)
        small = values.astype(kind)
        small[unknown] = -1 if coded else np.iinfo(kind).min
        self.sink.add(growing.name, small)
        return lo, hi, count

    def add_texts(self, name: str, texts: pa.LargeStringArray) -> None:
        """The next texts of a column, or of the ids of a level."""
        raw, starts, sizes = raw_bytes(texts)
        if name not in self._ends:
            self.sink.add(f"{name}.starts", np.zeros(1, np.int64))
            self._ends[name] = 0
        self.sink.add(f"{name}.starts", self._ends[name] + np.cumsum(sizes))
        first = int(starts[0]) if len(starts) else 0
        total = int(sizes.sum())
        self.sink.add(f"{name}.data", raw[first : first + total])
        self._ends[name] += total

    def texts(self, name: str) -> Texts:
        """A finished column of texts."""
        return Texts(
            self.sink.finish(f"{name}.starts").values, self.sink.finish(f"{name}.data").values
        )

    def finished(self, blocks: Mapping[str, int]) -> dict[Key, Column]:
        """All columns; blocks: how many each level has (1 for places)."""
        found = {}
        for key, growing in self.growing.items():
            growing.pad(blocks.get(key[0], 1))
            values, sentinel = self._finished(growing)
            stats = np.array(growing.stats, np.int64).reshape(-1, 3)
            found[key] = Column(growing.kind, values, sentinel, stats)
        return found

    def _finished(self, growing: Growing) -> tuple[Any, int]:
        if growing.kind == "text":
            return self.texts(growing.name), 0
        least = growing.kind == "whole" and growing.sentinel != -1
        values = self.sink.finish(growing.name, sentinel_is_least=least).values
        return values, int(np.iinfo(values.dtype).min) if least else growing.sentinel
