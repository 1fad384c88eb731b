"""yihu making a snapshot from the Parquet files: what is paid once for a day and a place."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.data import Data
from bench.peers.yihu_snapshot import program, snapshot_of


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work; no answers."""
    rules = program()

    def run(out: Path) -> None:
        with tempfile.TemporaryDirectory(dir=out.parent) as folder:
            snapshot_of(data, Path(folder) / "snapshot", rules)

    return run
