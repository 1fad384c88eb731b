"""Households (or places) whose facts stand in the rows of their members.

Registers are often one sheet: a row per person, the household's facts repeated on each row or only
on the head's. A fact's value is the one that stands there; two different ones are a bad cell.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.intake.cells import Cell, CellError
from yihu.rulebook.intake.rows import LevelRows

_ROW = "\0row"


def assembled(rows: LevelRows, size: int) -> Iterator[pa.RecordBatch]:
    """Record batches of the level above, each of its things once, in the order of the file.

    Rows without its key belong to nobody and are left to the level below.
    Raises  Refused (intake.bad_cells) where members say different things of one household
    """
    parts = []
    for batch, numbers in rows.numbered(size):
        named = batch.append_column(_ROW, pa.array(np.asarray(numbers, np.int64)))
        parts.append(named.filter(named.column("id").is_valid()))
    whole = pa.Table.from_batches(parts).combine_chunks() if parts else None
    things = None if whole is None else _things(whole, rows)
    rows.finish()
    if things is not None:
        rows.report.rows[rows.columns.level.name] = things.num_rows
        yield from things.to_batches(max_chunksize=size)


def _things(whole: pa.Table, rows: LevelRows) -> pa.Table:
    names = [name for name in whole.column_names if name not in {"id", _ROW}]
    wanted = [(name, how) for name in names for how in ("min", "max")]
    grouped = whole.group_by("id", use_threads=False).aggregate([*wanted, (_ROW, "min")])
    columns = {"id": grouped.column("id")}
    for name in names:
        least, most = grouped.column(f"{name}_min"), grouped.column(f"{name}_max")
        differ = pc.fill_null(pc.not_equal(least, most), pa.scalar(False, pa.bool_()))
        if pc.any(differ).as_py():
            _note(rows, name, grouped.filter(differ))
            least = pc.if_else(differ, pa.scalar(None, least.type), least)
        columns[name] = least
    return pa.table(columns)


def _note(rows: LevelRows, name: str, groups: pa.Table) -> None:
    key = rows.columns.parent if name == "parent" else (rows.columns.facts[name],)
    heading = " + ".join(rows.table.headings[place] for place in key or ())
    for group in groups.select([f"{name}_min", f"{name}_max", f"{_ROW}_min", "id"]).to_pylist():
        first, second = (_shown(rows, name, group[f"{name}_{how}"]) for how in ("min", "max"))
        error = CellError("two_values", other=second, thing=group["id"])
        rows.bad.add(group[f"{_ROW}_min"], heading, first, error)


def _shown(rows: LevelRows, name: str, value: object) -> str:
    column = rows.facts.get(name)
    if column is None or not isinstance(value, int | float):
        return str(value)
    fact = column.cell.fact
    if fact.codes is not None and fact.kind == "code":
        return fact.codes.codes[int(value)].label.zh
    if fact.kind == "yes_no":
        return "是" if value else "否"
    return Cell(fact).shown(value)
