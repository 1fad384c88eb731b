"""A file is written whole or not at all: beside its place first, then put there in one step."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot.scratch import scratch


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write instead; it takes the file's place when the block ends well.

    Whatever stood there stays until then, and stays for good when the block is left by an error.
    Raises  Refused (command.folder_missing, command.is_a_folder), OSError of the disk
    """
    require_writable(path)
    if path.exists() and not path.is_file():  # /dev/stdout, a named pipe
        yield path
        return
    with scratch(path) as folder:
        # The name stays, because writers choose their form by its ending.
        beside = folder / path.name
        yield beside
        _settle(beside)
        beside.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with whole_file(path) as beside:
        beside.write_text(text, encoding="utf-8")


def require_writable(path: Path) -> None:
    """Refuse a place that cannot be written, before the work and not after it."""
    if path.is_dir():
        raise Refused("command.is_a_folder", path=path)
    folder = path.parent
    if not folder.is_dir():
        raise Refused("command.folder_missing", path=path, folder=folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused("command.not_writable", path=path, folder=folder)


def require_apart(path: Path, sources: Iterable[Path | None]) -> None:
    """Refuse to write over a file that is read. Raises Refused (command.out_is_input)."""
    for source in sources:
        # A device or a pipe (/dev/stdin, /dev/stdout) may well be both.
        if source and path.is_file() and source.exists() and path.samefile(source):
            raise Refused("command.out_is_input", path=path)


def _settle(path: Path) -> None:
    # A full disk may show only when the data is brought down to it.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
