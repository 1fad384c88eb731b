"""Typed tables → the blocks and planes of a snapshot, with bounded memory.

Tables come as record batches with `id`, `parent` (the key of the thing above; null is unknown)
and facts in the form of the tree. A level without a table is made from the keys below it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.members import plane_order, planes_for
from yihu.rulebook.arrays.values import Array
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Block, Snapshot, Texts
from yihu.rulebook.snapshot.facts import FactColumns
from yihu.rulebook.snapshot.files import Sink
from yihu.rulebook.snapshot.join import (
    FILE_ROW,
    NotAligned,
    Part,
    Source,
    from_below,
    keyed,
    put_in_order,
    rechunked,
    side_by_side,
)
from yihu.rulebook.snapshot.keys import Rising, among, doubled
from yihu.rulebook.snapshot.places import PARENT_OF, Places, parent_keys
from yihu.rulebook.snapshot.plan import Plan

KEYS = ("id", "parent", FILE_ROW)
#: Members in a block for each of its households: a block of large groups is cut smaller.
MEMBERS_A_GROUP = 8
#: Ids looked through at a time.
ROWS = 1 << 18

__all__ = ["Plan", "build"]


def build(
    plan: Plan, tables: Mapping[str, Any], sink: Sink, folder: Path | None = None
) -> Snapshot:
    """The snapshot of these tables in a sink.

    tables   level → record batches: something to go through more than once, or a function that
             gives them anew; what can be read only once is put on disk first
    folder   where such rows, and rows that must be sorted first, are kept meanwhile
    Raises   Refused: snapshot.duplicate_id, snapshot.stray, snapshot.no_id
    """
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        here = Path(temporary)
        sources = {name: Source(table, here) for name, table in tables.items()}
        try:
            return _Builder(plan, sources, sink, here).built(_parts(plan, sources))
        except NotAligned:
            sink.clear()
            parts = _sorted_parts(plan, sources, here)
            return _Builder(plan, sources, sink, here).built(parts)


def _parts(plan: Plan, sources: Mapping[str, Source]) -> Iterator[Part]:
    upper, lower = sources.get(plan.upper), sources.get(plan.lower)
    if upper is not None:
        return side_by_side(upper, lower or (), plan.block)
    if lower is None:
        return iter(())
    if plan.upper and lower.has("parent"):
        return from_below(lower, plan.block)
    return (Part(None, np.empty(0, np.int64), t, len(t)) for t in rechunked(lower, plan.block))


def _sorted_parts(plan: Plan, sources: Mapping[str, Source], folder: Path) -> Iterator[Part]:
    upper, lower = sources.get(plan.upper), sources[plan.lower]
    ordered, lost = put_in_order(lower, upper, folder)
    if lost and not plan.keep_strays:
        raise _stray(plan, lower, upper, lost)
    if upper is not None:
        return side_by_side(upper, ordered, plan.block)
    return from_below(ordered, plan.block)


def _stray(plan: Plan, lower: Source, upper: Source | None, count: int) -> Refused:
    known = {i for batch in upper or () for i in keyed(batch, "id").to_pylist()}
    pairs = (
        pair
        for batch in lower
        for pair in zip(*(keyed(batch, n).to_pylist() for n in ("id", "parent")), strict=True)
    )
    return plan.stray(count, *next(p for p in pairs if p[1] is not None and p[1] not in known))


class _Builder:
    """Takes parts in turn, cuts them into blocks and writes the columns."""

    def __init__(self, plan: Plan, sources: Mapping[str, Source], sink: Sink, folder: Path) -> None:
        self.plan, self.sources, self.sink = plan, sources, sink
        names = plan.level_names()
        self.facts = FactColumns(plan.specs, sink)
        self.counts = dict.fromkeys(names, 0)
        self.blocks: list[Block] = []
        self.folder = folder
        self.rising = {name: Rising() for name in names}
        self.above: dict[str, str] = {}
        self.reordered = False
        self.places = {name: self._read_places(name) for name in names[2:]}
        self._read_facts_of(POPULATION)

    # -- places --------------------------------------------------------------------------------

    def _read_places(self, level: str) -> Places:
        table = self._read_facts_of(level)
        if table is None:
            return Places(None)
        places = Places(self._ids(level, table).to_pylist())
        places.keys, self.above[level] = parent_keys(self.plan, level, table)
        return places

    def _read_facts_of(self, level: str) -> pa.Table | None:
        batches = list(self.sources.get(level) or ())
        if not batches:
            return None
        table = pa.Table.from_batches(batches)
        self._add_facts(level, table, np.arange(len(table)))
        return table

    # -- blocks --------------------------------------------------------------------------------

    def built(self, parts: Iterator[Part]) -> Snapshot:
        """All parts as one snapshot."""
        for part in parts:
            if part.strays:
                self._require_place(part)
            for piece in _cut(part, self.plan.block * MEMBERS_A_GROUP):
                self._add_block(piece)
        return self._finished()

    def _require_place(self, part: Part) -> None:
        upper = self.plan.upper
        if self.plan.keep_strays or not upper or part.lower is None:
            return
        # Without any household at all, persons stand for themselves.
        if upper not in self.sources and not self.counts[upper] and part.upper is None:
            return
        first = keyed(part.lower, "id")[len(part.lower) - part.strays].as_py()
        raise self.plan.stray(part.strays, first, None)

    def _add_block(self, part: Part) -> None:
        planes, households, members = 0, np.empty(0, np.int64), np.empty(0, np.int64)
        if part.upper is not None:
            planes = planes_for(np.sort(part.sizes)[::-1])
            households, members = plane_order(part.sizes, planes)
            self.sink.add("sizes", _small(part.sizes[households]))
            self._add_rows(self.plan.upper, part.upper, households)
        if part.lower is not None:
            placed = len(part.lower) - part.strays
            members = np.concatenate([members, np.arange(placed, len(part.lower))])
            self._add_rows(self.plan.lower, part.lower, members)
        before = self.blocks[-1] if self.blocks else Block(-1, (0, 0), (0, 0), 0)
        upper = (before.upper[1], self.counts.get(self.plan.upper, 0))
        lower = (before.lower[1], self.counts[self.plan.lower])
        self.blocks.append(Block(before.number + 1, upper, lower, planes))

    def _add_rows(self, level: str, table: pa.Table, order: Array) -> None:
        self._ids(level, table)
        slots = np.empty(len(order), np.int32)
        slots[order] = np.arange(len(order), dtype=np.int32)
        self.sink.add(f"slots/{level}", slots)
        if FILE_ROW in table.column_names:
            self.reordered = True
            self.sink.add(f"rows/{level}", table.column(FILE_ROW).to_numpy())
        self._add_facts(level, table, order)
        keys, above = parent_keys(self.plan, level, table)
        if keys is not None and above in self.places:
            self.above[level] = above
            self.sink.add(f"parents/{level}", self.places[above].places_of(keys)[order])

    def _add_facts(self, level: str, table: pa.Table, order: Array) -> None:
        before = len(self.blocks) if level in (self.plan.lower, self.plan.upper) else 0
        for name in table.column_names:
            if name not in KEYS and not name.startswith(PARENT_OF):
                self.facts.add((level, name), table.column(name), order, before=before)

    def _ids(self, level: str, table: pa.Table) -> pa.LargeStringArray:
        ids = keyed(table, "id")
        if ids.null_count:
            missing = int(np.argmin(ids.is_valid().to_numpy(zero_copy_only=False)))
            row = self.counts[level] + missing + 1
            raise Refused("snapshot.no_id", **self.plan.said(level), row=row)
        self.facts.add_texts(f"ids/{level}", ids)
        self.rising[level].add(ids)
        self.counts[level] += len(ids)
        return ids

    # -- the end -------------------------------------------------------------------------------

    def _finished(self) -> Snapshot:
        pair = [level for level in (self.plan.lower, self.plan.upper) if level]
        parents = {
            level: (self.above[level], self._array(f"parents/{level}"))
            for level in pair
            if level in self.above and self.places[self.above[level]].index
        }
        self._finish_places(parents)
        names = self.plan.level_names()
        ids = {level: self.facts.texts(f"ids/{level}") for level in names}
        self._require_unique(ids)
        return Snapshot(
            levels=names,
            ids=ids,
            columns=self.facts.finished(dict.fromkeys(pair, len(self.blocks))),
            parents=parents,
            sizes=self._array("sizes"),
            slots={level: self._array(f"slots/{level}") for level in pair if self.counts[level]},
            blocks=self.blocks,
            file_rows=self._file_rows(),
        )

    def _file_rows(self) -> dict[str, Array]:
        lower = self.plan.lower
        return {lower: self._array(f"rows/{lower}")} if self.reordered else {}

    def _finish_places(self, parents: dict[str, tuple[str, Array]]) -> None:
        for level, places in self.places.items():
            if places.made and places.index:
                table = places.ids()
                self._ids(level, table)
                places.keys, self.above[level] = parent_keys(self.plan, level, table)
            if places.keys is not None and self.above[level] in self.places:
                index = self.places[self.above[level]].places_of(places.keys)
                self.sink.add(f"parents/{level}", index)
                parents[level] = (self.above[level], self._array(f"parents/{level}"))

    def _require_unique(self, ids: Mapping[str, Texts]) -> None:
        for level, texts in ids.items():
            if self.rising[level].so_far:
                continue
            steps = range(0, len(texts), ROWS)
            parts = (texts.part(at, min(at + ROWS, len(texts))) for at in steps)
            keys = doubled(parts, self.folder)
            if not len(keys):
                continue
            if level == self.plan.upper and level not in self.sources:
                raise NotAligned  # one household's members in two places of the file
            self._refuse_twice(level, keys)

    def _refuse_twice(self, level: str, keys: Array) -> None:
        seen: dict[str, int] = {}
        before = 0
        for batch in self.sources[level]:
            ids = keyed(batch, "id")
            for at in among(ids, keys).tolist():
                id_, row = ids[at].as_py(), before + at + 1
                if id_ in seen:
                    rows = {"first": seen[id_], "second": row}
                    raise Refused("snapshot.duplicate_id", **self.plan.said(level), id=id_, **rows)
                seen[id_] = row
            before += batch.num_rows

    def _array(self, name: str) -> Array:
        return self.sink.finish(name).values


def _small(sizes: Array) -> Array:
    most = int(sizes[0]) if len(sizes) else 0
    return sizes.astype(np.uint8 if most < 256 else np.int32)


def _cut(part: Part, most: int) -> Iterator[Part]:
    """The part in pieces of at most so many members, if its households allow it."""
    ends = np.cumsum(part.sizes)
    if part.upper is None or part.lower is None or not len(ends) or ends[-1] <= most:
        yield part
        return
    first = row = 0
    while first < len(ends):
        last = max(int(np.searchsorted(ends, row + most, side="right")), first + 1)
        end = int(ends[last - 1]) if last < len(ends) else len(part.lower)
        strays = part.strays if last == len(ends) else 0
        lower = part.lower.slice(row, end - row)
        yield Part(part.upper.slice(first, last - first), part.sizes[first:last], lower, strays)
        first, row = last, end
