"""Typed tables → the blocks and planes of a snapshot, with bounded memory.

Tables come as record batches with `id`, `parent` (the key of the thing above; null is unknown)
and facts in the form of the tree. A level without a table is made from the keys below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.keys import Unique, among
from yihu.rulebook.members import plane_order, planes_for
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Block, Column, Snapshot, Texts
from yihu.rulebook.snapshot_files import Sink, Stored
from yihu.rulebook.snapshot_join import FILE_ROW, NotAligned, Part, Source, keyed
from yihu.rulebook.snapshot_join import from_below, put_in_order, rechunked, side_by_side
from yihu.rulebook.values import Array, int_type

KEYS = ("id", "parent", FILE_ROW)
#: Members in a block for each of its households: a block of large groups is cut smaller.
MEMBERS_A_GROUP = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build: levels without the population, descriptions of facts, size of a block."""

    levels: tuple[Level, ...]
    specs: Mapping[tuple[str, str], FactSpec]
    block: int
    keep_strays: bool = False

    def level_names(self) -> tuple[str, ...]:
        """Names from the smallest up, without the population."""
        return tuple(level.name for level in self.levels if level.name != POPULATION)

    def key_length(self, level: str) -> int:
        """How much of its own code names the thing above; 0 if it does not."""
        parent = next(at.parent for at in self.levels if at.name == level)
        code = next((p for p in parent if p.startswith("code:")), "code:0")
        return int(code.removeprefix("code:"))


@dataclass(slots=True)
class Facts:
    """A column in the making."""

    kind: str
    sentinel: int
    name: str
    stats: list[tuple[int, int, int]] = field(default_factory=list)

    def pad(self, blocks: int) -> None:
        """Blocks in which the level has no rows have nothing to say about them."""
        self.stats.extend([(0, 0, 0)] * (blocks - len(self.stats)))


class Places:
    """The things of one level above households, by id."""

    def __init__(self, ids: Iterable[str] | None) -> None:
        self.made = ids is None
        self.index = {id_: i for i, id_ in enumerate(ids or ())}
        self.keys: pa.LargeStringArray | None = None

    def places_of(self, keys: pa.LargeStringArray) -> Array:
        """Index of each key, -1 where unknown; a level without table takes in new keys."""
        if not len(keys):
            return np.empty(0, np.int32)
        coded = pc.dictionary_encode(keys, null_encoding="mask")
        words = coded.dictionary.to_pylist()
        if self.made:
            for word in words:
                self.index.setdefault(word, len(self.index))
        known = np.array([*(self.index.get(word, -1) for word in words), -1], np.int32)
        return known[pc.fill_null(coded.indices, len(words)).to_numpy(zero_copy_only=False)]


def build(
    plan: Plan, tables: Mapping[str, Any], sink: Sink, folder: Path | None = None
) -> Snapshot:
    """The snapshot of these tables in a sink.

    folder   where rows that must be sorted first, or can be read only once, are kept meanwhile
    Raises   Refused: snapshot.duplicate_id, snapshot.stray, snapshot.no_id
    """
    import tempfile

    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        sources = {name: Source(table, Path(temporary)) for name, table in tables.items()}
        try:
            return _Builder(plan, sources, sink).built(_parts(plan, sources))
        except NotAligned:
            sink.clear()
            parts = _sorted_parts(plan, sources, Path(temporary))
            return _Builder(plan, sources, sink).built(parts)


def _pair(plan: Plan, sources: Mapping[str, Source]) -> tuple[Source | None, Source | None]:
    names = plan.level_names()
    upper = sources.get(names[1]) if len(names) > 1 else None
    return upper, sources.get(names[0])


def _parts(plan: Plan, sources: Mapping[str, Source]) -> Iterator[Part]:
    upper, lower = _pair(plan, sources)
    if upper is not None:
        return side_by_side(upper, lower or (), plan.block)
    if lower is None:
        return iter(())
    if len(plan.level_names()) > 1 and "parent" in _names(lower):
        return from_below(lower, plan.block)
    return (Part(None, np.empty(0, np.int64), t, len(t)) for t in rechunked(lower, plan.block))


def _names(source: Source) -> list[str]:
    first = next(iter(source), None)
    return [] if first is None else list(first.schema.names)


def _sorted_parts(plan: Plan, sources: Mapping[str, Source], folder: Path) -> Iterator[Part]:
    upper, lower = _pair(plan, sources)
    assert lower is not None
    ordered, lost = put_in_order(lower, upper, folder)
    if lost and not plan.keep_strays:
        raise _stray(plan, lower, upper, lost)
    if upper is not None:
        return side_by_side(upper, ordered, plan.block)
    return from_below(ordered, plan.block)


def _stray(plan: Plan, lower: Source, upper: Source | None, count: int) -> Refused:
    known = {i for batch in upper or () for i in keyed(batch, "id").to_pylist()}
    for batch in lower:
        for id_, key in zip(
            keyed(batch, "id").to_pylist(), keyed(batch, "parent").to_pylist(), strict=True
        ):
            if key not in known:
                return _refused_stray(plan, count, id_, key)
    raise AssertionError


def _refused_stray(plan: Plan, count: int, id_: object, key: object) -> Refused:
    low, up = plan.levels[0].label, plan.levels[1].label
    return Refused(
        "snapshot.stray",
        count=count,
        level=low.en,
        level_zh=low.zh,
        above=up.en,
        above_zh=up.zh,
        id=id_,
        key="" if key is None else key,
    )


class _Builder:
    """Takes parts in turn, cuts them into blocks and writes the columns."""

    def __init__(self, plan: Plan, sources: Mapping[str, Source], sink: Sink) -> None:
        self.plan, self.sink = plan, sink
        names = plan.level_names()
        self.lower, self.upper = names[0], names[1] if len(names) > 1 else ""
        self.facts: dict[tuple[str, str], Facts] = {}
        self.text_ends: dict[str, int] = {}
        self.counts = dict.fromkeys(names, 0)
        self.blocks: list[Block] = []
        self.unique = {name: Unique() for name in names}
        self.sources = sources
        self.above: dict[str, str] = {}
        self.reordered = False
        self.places = {name: self._read_places(name) for name in names[2:]}
        self._read_population()

    # -- places --------------------------------------------------------------------------------

    def _read_places(self, level: str) -> Places:
        source = self.sources.get(level)
        batches = list(source) if source else []
        if not batches:
            return Places(None)
        table = pa.Table.from_batches(batches)
        ids = self._ids(level, table)
        places = Places(ids.to_pylist())
        for name in table.column_names:
            if name not in KEYS and not name.startswith("parent:"):
                self._add_facts(level, name, table.column(name), np.arange(len(table)))
        places.keys, self.above[level] = self._parent_keys(level, table)
        return places

    def _read_population(self) -> None:
        batches = list(self.sources.get(POPULATION) or ())
        if batches:
            table = pa.Table.from_batches(batches)
            for name in table.column_names:
                if name not in KEYS:
                    self._add_facts(POPULATION, name, table.column(name), np.arange(len(table)))

    def _parent_keys(self, level: str, table: pa.Table) -> tuple[Any, str]:
        """Keys of the things above and the level they are of, the next unless said otherwise."""
        names = self.plan.level_names()
        following = names[names.index(level) + 1 : names.index(level) + 2]
        for name in table.column_names:
            if name.startswith("parent:"):
                return keyed(table, name), name.removeprefix("parent:")
        if not following:
            return None, ""
        if "parent" in table.column_names:
            return keyed(table, "parent"), following[0]
        return self._own_code(level, keyed(table, "id")), following[0]

    def _own_code(self, level: str, ids: pa.LargeStringArray) -> Any:
        length = self.plan.key_length(level)
        if not length:
            return None
        whole = pc.greater_equal(pc.utf8_length(ids), length)
        key = pc.utf8_slice_codeunits(ids, 0, length)
        return pc.if_else(whole, key, pa.scalar(None, pa.large_string()))

    # -- blocks --------------------------------------------------------------------------------

    def built(self, parts: Iterator[Part]) -> Snapshot:
        """All parts as one snapshot."""
        for part in parts:
            if part.strays and self.upper and not self.plan.keep_strays:
                self._refuse_strays(part)
            for piece in _cut(part, self.plan.block * MEMBERS_A_GROUP):
                self._add_block(piece)
        return self._finished()

    def _refuse_strays(self, part: Part) -> None:
        # Without any household at all, persons stand for themselves.
        if self.upper not in self.sources and not self.counts[self.upper] and part.upper is None:
            return
        assert part.lower is not None
        first = keyed(part.lower, "id")[len(part.lower) - part.strays].as_py()
        raise _refused_stray(self.plan, part.strays, first, None)

    def _add_block(self, part: Part) -> None:
        planes, households, members = 0, np.empty(0, np.int64), np.empty(0, np.int64)
        if part.upper is not None:
            planes = planes_for(np.sort(part.sizes)[::-1])
            households, members = plane_order(part.sizes, planes)
            self.sink.add("sizes", _small(part.sizes[households]))
            self._add_rows(self.upper, part.upper, households)
        if part.lower is not None:
            placed = len(part.lower) - part.strays
            members = np.concatenate([members, np.arange(placed, len(part.lower))])
            self._add_rows(self.lower, part.lower, members)
        up, low = self.counts[self.upper] if self.upper else 0, self.counts[self.lower]
        start = self.blocks[-1] if self.blocks else Block(-1, (0, 0), (0, 0), 0)
        ends = (start.upper[1], up), (start.lower[1], low)
        self.blocks.append(Block(start.number + 1, *ends, planes))

    def _add_rows(self, level: str, table: pa.Table, order: Array) -> None:
        ids = self._ids(level, table)
        slots = np.empty(len(order), np.int32)
        slots[order] = np.arange(len(order), dtype=np.int32)
        self.sink.add(f"slots/{level}", slots)
        if FILE_ROW in table.column_names:
            self.reordered = True
            self.sink.add(f"rows/{level}", table.column(FILE_ROW).to_numpy())
        names = [n for n in table.column_names if n not in KEYS and not n.startswith("parent:")]
        for name in names:
            self._add_facts(level, name, table.column(name), order)
        if level == self.upper or not self.upper or "parent:" in "".join(table.column_names):
            keys, above = self._parent_keys(level, table)
            if keys is not None and above in self.places:
                self.above[level] = above
                index = self.places[above].places_of(keys)
                self.sink.add(f"parents/{level}", index[order])
        assert len(order) == len(ids)

    def _ids(self, level: str, table: pa.Table) -> pa.LargeStringArray:
        ids = keyed(table, "id")
        if ids.null_count:
            row = self.counts[level] + int(np.argmin(ids.is_valid().to_numpy(False))) + 1
            raise Refused("snapshot.no_id", level=level, row=row)
        self._add_texts(f"ids/{level}", ids)
        self.unique[level].add(ids)
        self.counts[level] += len(ids)
        return ids

    # -- columns -------------------------------------------------------------------------------

    def _add_facts(self, level: str, name: str, column: pa.ChunkedArray, order: Array) -> None:
        key = (level, name)
        if pa.types.is_null(column.type):
            column = column.cast(self._null_type(key))
        if key not in self.facts:
            self.facts[key] = self._described(key, column.type)
        facts = self.facts[key]
        if level in (self.lower, self.upper):
            facts.pad(len(self.blocks))
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        if facts.kind == "text":
            texts = keyed(pa.table({"t": array}), "t").take(pa.array(order))
            self._add_texts(facts.name, texts)
            facts.stats.append((0, 0, texts.null_count))
            return
        unknown = array.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
        zero = pa.scalar(0, pa.int8()).cast(array.type)
        values = pc.fill_null(array, zero).to_numpy(zero_copy_only=False)[order]
        unknown = unknown[order]
        facts.stats.append(self._add_numbers(facts, values, unknown))

    def _null_type(self, key: tuple[str, str]) -> pa.DataType:
        return {"text": pa.large_string(), "truth": pa.bool_()}.get(
            self.facts[key].kind if key in self.facts else "", pa.int8()
        )

    def _described(self, key: tuple[str, str], kind: pa.DataType) -> Facts:
        spec = self.plan.specs.get(key)
        name = f"facts/{key[0]}/{key[1]}"
        if pa.types.is_boolean(kind) or (spec is not None and spec.kind == "yes_no"):
            return Facts("truth", -1, name)
        if pa.types.is_floating(kind) or (spec is not None and spec.kind == "number"):
            return Facts("float", 0, name)
        if not pa.types.is_integer(kind):
            return Facts("text", 0, name)
        return Facts("whole", -1 if spec is not None and spec.kind == "code" else 0, name)

    def _add_numbers(self, facts: Facts, values: Array, unknown: Array) -> tuple[int, int, int]:
        count = int(np.count_nonzero(unknown))
        if facts.kind == "float":
            values = values.astype(np.float64)
            values[unknown] = np.nan
            self.sink.add(facts.name, values)
            return 0, 0, count
        known = values[~unknown] if count else values
        if facts.kind == "truth":
            known = known.astype(np.int8)
        lo, hi = (int(known.min()), int(known.max())) if len(known) else (0, 0)
        kind = int_type(-1, hi) if facts.sentinel == -1 else int_type(lo - 1, hi)
        small = values.astype(kind)
        small[unknown] = -1 if facts.sentinel == -1 else np.iinfo(kind).min
        self.sink.add(facts.name, small)
        return lo, hi, count

    def _add_texts(self, name: str, texts: pa.LargeStringArray) -> None:
        from yihu.rulebook.texts import raw_bytes

        raw, starts, sizes = raw_bytes(texts)
        if name not in self.text_ends:
            self.sink.add(f"{name}.starts", np.zeros(1, np.int64))
            self.text_ends[name] = 0
        ends = self.text_ends[name] + np.cumsum(sizes)
        self.sink.add(f"{name}.starts", ends)
        first = int(starts[0]) if len(starts) else 0
        total = int(sizes.sum())
        self.sink.add(f"{name}.data", raw[first : first + total])
        self.text_ends[name] += total

    # -- the end -------------------------------------------------------------------------------

    def _finished(self) -> Snapshot:
        self._require_unique()
        parents = {}
        for level in (self.lower, self.upper):
            if level in self.above and self.counts[self.above[level]] + self._made(level):
                parents[level] = (self.above[level], self._array(f"parents/{level}"))
        self._finish_places(parents)
        for (level, _), facts in self.facts.items():
            facts.pad(len(self.blocks) if level in (self.lower, self.upper) else 1)
        columns = {
            key: Column(f.kind, *self._column(f), np.array(f.stats, np.int64).reshape(-1, 3))
            for key, f in self.facts.items()
        }
        pair = [level for level in (self.lower, self.upper) if level and self.counts[level]]
        return Snapshot(
            levels=self.plan.level_names(),
            ids={level: self._texts(f"ids/{level}") for level in self.plan.level_names()},
            columns=columns,
            parents=parents,
            sizes=self._array("sizes"),
            slots={level: self._array(f"slots/{level}") for level in pair},
            blocks=self.blocks,
            file_rows={self.lower: self._array(f"rows/{self.lower}")} if self.reordered else {},
        )

    def _made(self, level: str) -> int:
        above = self.places.get(self.above[level])
        return len(above.index) if above else 0

    def _finish_places(self, parents: dict[str, tuple[str, Array]]) -> None:
        for level, places in self.places.items():
            if places.made and places.index:
                ids = pa.array(list(places.index), pa.large_string())
                table = pa.table({"id": ids})
                self._ids(level, table)
                places.keys, self.above[level] = self._parent_keys(level, table)
            if places.keys is not None and self.above[level]:
                index = self.places[self.above[level]].places_of(places.keys)
                self.sink.add(f"parents/{level}", index)
                parents[level] = (self.above[level], self._array(f"parents/{level}"))

    def _require_unique(self) -> None:
        names = self.plan.level_names()
        for level in names:
            keys = self.unique[level].twice()
            if not len(keys):
                continue
            if level == self.upper and level not in self.sources:
                raise NotAligned  # one household's members in two places of the file
            self._refuse_twice(level, keys)

    def _refuse_twice(self, level: str, keys: Array) -> None:
        seen: dict[str, int] = {}
        row = 0
        for batch in self.sources[level]:
            ids = keyed(batch, "id")
            for i in among(ids, keys).tolist():
                id_ = ids[i].as_py()
                if id_ in seen:
                    rows = (seen[id_], row + i + 1)
                    raise Refused(
                        "snapshot.duplicate_id", level=level, id=id_, first=rows[0], second=rows[1]
                    )
                seen[id_] = row + i + 1
            row += batch.num_rows

    def _column(self, facts: Facts) -> tuple[Any, int]:
        if facts.kind == "text":
            return self._texts(facts.name), 0
        least = facts.kind == "whole" and facts.sentinel != -1
        values = self._array(facts.name, least=least)
        sentinel = int(np.iinfo(values.dtype).min) if least else facts.sentinel
        return values, sentinel

    def _texts(self, name: str) -> Texts:
        return Texts(self._array(f"{name}.starts"), self._array(f"{name}.data"))

    def _array(self, name: str, *, least: bool = False) -> Array:
        stored: Stored = self.sink.finish(name, sentinel_is_least=least)
        return stored.values


def _small(sizes: Array) -> Array:
    most = int(sizes[0]) if len(sizes) else 0
    return sizes.astype(np.uint8 if most < 256 else np.int32)


def _cut(part: Part, most: int) -> Iterator[Part]:
    """The part in pieces of at most so many members, if its households allow it."""
    ends = np.cumsum(part.sizes)
    if part.upper is None or not len(ends) or ends[-1] <= most:
        yield part
        return
    assert part.lower is not None
    first = row = 0
    while first < len(ends):
        last = max(int(np.searchsorted(ends, row + most, side="right")), first + 1)
        end = int(ends[last - 1]) if last < len(ends) else len(part.lower)
        strays = part.strays if last == len(ends) else 0
        lower = part.lower.slice(row, end - row)
        yield Part(part.upper.slice(first, last - first), part.sizes[first:last], lower, strays)
        first, row = last, end
