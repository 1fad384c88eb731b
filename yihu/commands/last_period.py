"""Values of the period before, from files of their own, set beside those of this period by id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.intake import Intake
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Refused

Batches = Callable[[], Iterator[pa.RecordBatch]]


def with_last(
    program: Program,
    tables: Mapping[str, Batches],
    files: Mapping[str, Path],
    *,
    missing: Literal["refuse", "unknown"],
) -> dict[str, Batches]:
    """The tables with columns `last.<fact>` from the files of the period before (level → file).

    Who is not in the file of that period has no values of it: unknown.
    Raises  Refused (command.last_without_now, command.last_twice, intake.*)
    """
    found = dict(tables)
    for level, path in files.items():
        if level not in tables:
            raise Refused("command.last_without_now", file=path, level=level)
        before = _read(program, level, path, missing)
        if before.num_columns > 1:
            found[level] = partial(_joined, tables[level], before)
    return found


def _read(
    program: Program, level: str, path: Path, missing: Literal["refuse", "unknown"]
) -> pa.Table:
    facts = [spec for (at, _), spec in program.last_facts.items() if at == level]
    opened = Intake(program.levels, facts, {level: path}, missing=missing)
    batches = list(opened.batches(level))
    table = (
        pa.Table.from_batches(batches) if batches else pa.table({"id": pa.array([], pa.string())})
    )
    kept = table.select([name for name in table.column_names if name != "parent"])
    ids = kept.column("id")
    if len(ids.unique()) < len(ids):
        raise Refused("command.last_twice", file=path)
    names = ["id" if name == "id" else f"last.{name}" for name in kept.column_names]
    return kept.rename_columns(names).combine_chunks()


def _joined(read: Batches, before: pa.Table) -> Iterator[pa.RecordBatch]:
    known = before.column("id")
    for batch in read():
        place = pc.index_in(batch.column("id").cast(known.type), value_set=known)
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        for name in before.column_names[1:]:
            taken = before.column(name).take(place)
            columns[name] = taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken
        yield pa.RecordBatch.from_pydict(columns)
