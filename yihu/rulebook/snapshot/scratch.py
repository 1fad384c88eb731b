"""Folders for what is half done, and the clearing away of those whose run was killed.

A run that is killed outright cannot clear up. Each folder therefore holds a file its run keeps
locked; the system lets go of the lock when the run ends, however it ends. Whoever makes the next
folder in the same place removes those that nobody holds any more.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

if sys.platform != "win32":  # without such locks nothing of others is ever removed
    import fcntl

#: How the names of these folders end, so that no folder of anybody else is looked at.
ENDING = ".yihu-part"
_LOCK = "held"


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """A new folder next to a path, on the same disk; gone when the block is left.

    beside   what will be put in place from it: the folder is hidden and carries its name
    Raises   OSError where the place cannot be written
    """
    _clear(beside.parent)
    folder, held = _made(beside)
    try:
        yield folder
    finally:
        # First the folder: as long as the lock is held nobody else touches it.
        shutil.rmtree(folder, ignore_errors=True)
        held.close()
        shutil.rmtree(folder, ignore_errors=True)  # where an open file cannot be removed


def _made(beside: Path) -> tuple[Path, IO[bytes]]:
    # A name of 255 bytes is as long as disks allow; the hidden one is longer than the given one.
    prefix = f".{beside.name.encode()[:120].decode(errors='ignore')}."
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=ENDING, dir=beside.parent))
        # Another run may take the folder for left over before the lock is held: then anew.
        with suppress(FileNotFoundError):
            held = (folder / _LOCK).open("wb")
            if _locked(held, unsure=True) and (folder / _LOCK).exists():
                return folder, held
            held.close()


def _clear(place: Path) -> None:
    """Remove the folders in a place whose run has ended without doing so."""
    for folder in place.glob(f".*{ENDING}"):
        # Not readable, just gone, of somebody else: none of ours to remove.
        with suppress(OSError):
            if folder.is_symlink() or not _is_ours(folder):
                continue
            if not (folder / _LOCK).exists():
                folder.rmdir()  # killed before it held anything; one with content stays
                continue
            with (folder / _LOCK).open("rb+") as held:
                if _locked(held, unsure=False):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and (not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid())


def _locked(held: IO[bytes], *, unsure: bool) -> bool:
    """Take the lock, unless another run has it; `unsure` where the disk knows no locks."""
    if sys.platform == "win32":
        return unsure
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return unsure
    return True
