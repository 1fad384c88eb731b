"""yihu from the Parquet files themselves: intake with all its checks, snapshot, answers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.data import Data
from bench.peers.yihu_snapshot import program, snapshot_of
from yihu.rulebook.columns import bulk


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    rules = program()

    def run(out: Path) -> None:
        with tempfile.TemporaryDirectory(dir=out.parent) as folder:
            bulk.check_to(rules, snapshot_of(data, Path(folder) / "snapshot", rules), out)

    return run
