"""Telling whoever waits how far a long reading or writing is."""

from __future__ import annotations

from collections.abc import Callable

#: Called with (stage, done, of how many; 0 where that is not known).
Progress = Callable[[str, int, int], None]


def quiet(_stage: str, _done: int, _of: int) -> None:
    """Nobody looks."""
