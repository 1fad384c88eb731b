"""A progress bar for what takes longer than a second, and only where somebody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

AFTER = 1.0


class Show(Protocol):
    """Told how much of how much is done; of is 0 where nobody knows how much there is."""

    def __call__(self, done: int, of: int) -> None:
        """Called now and then."""


@contextmanager
def progress(label: str) -> Iterator[Show]:
    """A function to call with (done, of); draws on standard error, nothing into a file."""
    if not sys.stderr.isatty():
        yield _nobody_looks
        return
    bar = _bar()
    task = bar.add_task(label, total=None)
    began = time.monotonic()

    def show(done: int, of: int) -> None:
        if time.monotonic() - began > AFTER:
            bar.start()
            bar.update(task, completed=done, total=of or None)

    try:
        yield show
    finally:
        bar.stop()


def _nobody_looks(done: int, of: int) -> None:
    """Into a file or a pipe nothing is drawn."""


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
