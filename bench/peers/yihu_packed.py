"""yihu's columns reader over a snapshot, answers written packed: two bits for each of them.

What a nation's run is kept in; anybody can have the columns back from it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.data import Data
from bench.peers.yihu_snapshot import kept, program
from yihu.rulebook import snapshot
from yihu.rulebook.columns import bulk


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    rules, folder = program(), kept(data)

    def run(out: Path) -> None:
        bulk.check_to(rules, snapshot.open(folder), out, form="packed")

    return run
