"""yihu's columns reader over a snapshot that was made before, answers written to Parquet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import TODAY, Data
from bench.equal import RULEBOOK
from yihu.rulebook import columns, read, snapshot
from yihu.rulebook.answers import NO_AMOUNT, UNKNOWN, Answered
from yihu.rulebook.bind import bind
from yihu.rulebook.intake import intake
from yihu.rulebook.program import Program
from yihu.rulebook.snapshot import Snapshot


def program() -> Program:
    """The benchmark's rules on its day."""
    return bind(read.rulebook(RULEBOOK, check=False), on=TODAY)


def snapshot_of(data: Data, folder: Path, rules: Program) -> Snapshot:
    """A new snapshot of both files with the facts the rules use."""
    tables: Any = intake(rules, {"household": data.households, "person": data.persons}).tables()
    return snapshot.write(folder, rules.levels, tables, specs=dict(rules.facts))


def kept(data: Data) -> Path:
    """The snapshot beside the files, made once."""
    folder = data.folder / "snapshot"
    if not folder.exists():
        snapshot_of(data, folder, program())
    return folder


def written(rules: Program, found: Snapshot, out: Path) -> None:
    """All answers into one Parquet file, block by block."""
    writer: pq.ParquetWriter | None = None

    def keep(part: Answered) -> None:
        nonlocal writer
        table = _table(part)
        if writer is None:
            writer = pq.ParquetWriter(out, table.schema, compression="snappy")
        writer.write_table(table)

    columns.run(rules, found, keep)
    assert writer is not None
    writer.close()


def _table(part: Answered) -> Any:
    found: dict[str, Any] = {"household_id": part.ids.cast(pa.int64())}
    for rule, values in part.rules.items():
        found[rule] = pa.array(values == 1, mask=values == UNKNOWN)
    for rule, values in part.amounts.items():
        found[f"{rule}.amount"] = pa.array(values, mask=values == NO_AMOUNT)
    return pa.table(found)


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work; making the snapshot is measured apart."""
    rules, folder = program(), kept(data)

    def run(out: Path) -> None:
        written(rules, snapshot.open(folder), out)

    return run
