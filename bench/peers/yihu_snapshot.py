"""yihu's columns reader over a snapshot that was made before, answers written to Parquet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.data import TODAY, Data
from bench.equal import RULEBOOK
from yihu.rulebook import read, snapshot
from yihu.rulebook.bind import bind
from yihu.rulebook.columns import bulk
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


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work; making the snapshot is measured apart."""
    rules, folder = program(), kept(data)

    def run(out: Path) -> None:
        bulk.check_to(rules, snapshot.open(folder), out)

    return run
