"""yihu's columns reader over a snapshot, answers only: nothing is written.

To be held against the bare scan, which writes nothing either.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.data import Data
from bench.peers.yihu_snapshot import kept, program
from yihu.rulebook import columns, snapshot
from yihu.rulebook.columns.answers import Answered


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    rules, folder = program(), kept(data)

    def run(_: Path) -> None:
        def forget(part: Answered) -> None:
            del part

        columns.run(rules, snapshot.open(folder), forget)

    return run
