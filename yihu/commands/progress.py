"""A progress bar for what takes longer than a second, and only where somebody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Show = Callable[[int, int], None]
AFTER = 1.0


@contextmanager
def progress(label: str) -> Iterator[Show]:
    """A function to call with (done, total); draws on standard error, nothing into a file."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    bar = _bar()
    task = bar.add_task(label, total=None)
    began = time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() - began > AFTER:
            bar.start()
            bar.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        bar.stop()


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
