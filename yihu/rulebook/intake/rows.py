"""The rows of one file as typed record batches of one level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.intake.bad_cells import BadCells
from yihu.rulebook.intake.cells import CellError
from yihu.rulebook.intake.columns import FactColumn, KeyColumn, Mask
from yihu.rulebook.intake.heads import Heads, HeadsAbove
from yihu.rulebook.intake.opened import NO_TEXT, Batch, Table, broken
from yihu.rulebook.intake.report import Report

TEXT = pa.large_string()
#: What a register writes where a number of its own would stand: the line adds the others up.
TOTALS = ("合计", "总计", "小计", "共计")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file make up a level; places count from 0.

    key     places of its key; None: the file has none, rows are named by their number
    parent  places of the key above, None if the file does not give it
    facts, flags, specs   by name of the fact
    heads   how members find their household where it has no key of its own
    own     the rows of the file are this level's things (else those of a level below)
    """

    level: Level
    key: tuple[int, ...] | None
    parent: tuple[int, ...] | None
    facts: Mapping[str, int]
    flags: Mapping[str, int]
    specs: Mapping[str, FactSpec]
    heads: Heads | None = None
    own: bool = True

    def places(self) -> list[int]:
        """All columns to read."""
        keys = [*(self.key or ()), *(self.parent or ())]
        relation = [self.heads.relation] if self.heads else []
        return sorted({*keys, *relation, *self.facts.values(), *self.flags.values()})


class LevelRows:
    """Reads the rows of a file for one level. Made anew for each reading."""

    def __init__(
        self, table: Table, columns: Columns, bad: BadCells, report: Report, *, refuse: bool
    ) -> None:
        self.table, self.columns, self.bad = table, columns, bad
        self.report, self.refuse = report, refuse
        self._name = columns.level.name
        self._key = self._key_column(columns.key)
        self._parent = self._key_column(columns.parent)
        self._heads = HeadsAbove(columns.heads) if columns.heads else None
        self.facts = {
            name: FactColumn(columns.specs[name], table.headings[place], bad)
            for name, place in columns.facts.items()
        }

    def _key_column(self, places: tuple[int, ...] | None) -> KeyColumn | None:
        if not places:
            return None
        return KeyColumn([self.table.headings[place] for place in places], self.bad)

    def batches(self, size: int) -> Iterator[pa.RecordBatch]:
        """Typed batches; at the end a file with bad cells is refused."""
        for batch, _ in self.numbered(size):
            yield batch
        self.finish()

    def numbered(self, size: int) -> Iterator[tuple[pa.RecordBatch, Sequence[int]]]:
        """Typed batches with the row numbers of the file."""
        self.report.rows[self._name] = self.report.blank[self._name] = 0
        for raw in self.table.batches(self.columns.places(), size):
            for row, text, error in raw.odd:
                self.bad.add(row, "", text, error)
            if len(raw.rows):
                batch, rows = self._typed_or_broken(raw)
                self.report.rows[self._name] += len(rows)
                yield batch, rows

    def finish(self) -> None:
        """Say what was rounded; refuse the file if cells were bad."""
        for name, column in self.facts.items():
            if column.rounded:
                self.report.rounded[self._name, name] = column.rounded
        if len(self.bad) and self.refuse:
            raise self.bad.refusal()

    def _typed_or_broken(self, raw: Batch) -> tuple[pa.RecordBatch, Sequence[int]]:
        try:
            return self._typed(raw)
        except (pa.ArrowInvalid, UnicodeDecodeError) as fault:
            # Text that is no text: Parquet does not look at what its columns hold.
            raise broken(self.table.name, NO_TEXT, fault) from None

    def _typed(self, raw: Batch) -> tuple[pa.RecordBatch, Sequence[int]]:
        keys = self._keys(raw)
        facts = {name: self._fact(name, raw) for name in self.facts}
        kept = self._kept(keys, facts, len(raw.rows))
        arrays = {**keys, **facts}
        rows = raw.rows
        if not kept.all():
            arrays = {name: array.filter(pa.array(kept)) for name, array in arrays.items()}
            rows = [rows[int(i)] for i in np.flatnonzero(kept)]
            self.report.blank[self._name] += len(raw.rows) - len(rows)
        arrays["id"] = self._named(arrays["id"], rows)
        return pa.RecordBatch.from_pydict(arrays), rows

    def _fact(self, name: str, raw: Batch) -> pa.Array:
        flag = self.columns.flags.get(name)
        flags = None if flag is None else raw.columns[flag]
        return self.facts[name].values(raw.columns[self.columns.facts[name]], raw.rows, flags)

    def _keys(self, raw: Batch) -> dict[str, pa.Array]:
        """Columns `id` and, where the file gives it, `parent`."""
        count = len(raw.rows)
        key, parent = self._read_key(self._key, raw), self._read_key(self._parent, raw)
        if self._heads is not None:
            made = self._heads.keys(raw, parent if self.columns.own else key, self._prefix())
            key, parent = (key, made) if self.columns.own else (made, parent)
        found = {"id": pa.nulls(count, TEXT) if key is None else key}
        return found if parent is None else found | {"parent": parent}

    def _read_key(self, column: KeyColumn | None, raw: Batch) -> pa.Array | None:
        if column is None:
            return None
        places = self.columns.key if column is self._key else self.columns.parent
        return column.values([raw.columns[place] for place in places or ()], raw.rows)

    def _kept(self, keys: Mapping[str, pa.Array], facts: Mapping[str, pa.Array], n: int) -> Mask:
        """All rows but those in which nothing stands and those that add the others up."""
        kept = np.ones(n, np.bool_)
        if keys["id"].null_count:
            blank = np.ones(n, np.bool_)
            for array in (*keys.values(), *facts.values()):
                blank &= np.asarray(array.is_null().to_numpy(zero_copy_only=False), np.bool_)
            kept &= ~blank
        total = pc.is_in(keys["id"], pa.array(TOTALS, TEXT))
        return kept & ~np.asarray(total.to_numpy(zero_copy_only=False), np.bool_)

    def _named(self, ids: pa.Array, rows: Sequence[int]) -> pa.Array:
        """Rows without key: named by their number where the file has no keys, else bad."""
        if not ids.null_count or not self.columns.own:
            return ids
        if self._key is not None:
            heading = " + ".join(self._key.headings)
            for place in np.flatnonzero(ids.is_null().to_numpy(zero_copy_only=False)):
                self.bad.add(rows[int(place)], heading, "", CellError("blank_key"))
        prefix = self._prefix()
        numbers = pa.array([f"{prefix}{row}" for row in rows], TEXT)
        return pc.if_else(ids.is_null(), numbers, ids)

    def _prefix(self) -> str:
        """In a folder row numbers start anew in each file, so the file names them too."""
        return f"{self.table.name}:" if self.table.is_folder else ""
