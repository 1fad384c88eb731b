"""An anchor: where every book ended on a day, kept outside the database. Pure, but for files.

A gz file of lines any program can read: the head, then one line a book in the order of ids,
`["id", last number, "last hash", "number of the household or code of the place"]`.

    leaf  SHA-256 over a byte 0 and the line of a book
    tree  two and two, SHA-256 over a byte 1 and both; one left over goes up as it is
    root  SHA-256 over a byte 2 and the head without `root`, in the spelling of `chain.canonical`

So the root – 64 signs that fit on paper – stands for every line and for the head.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from yihu.book.chain import canonical, moment
from yihu.problems import Problem

#: What the file is called in a backup and in a snapshot.
NAME = "anchor.jsonl.gz"
#: Which of the shapes of an anchor this is.
FORMAT = 1
#: Fewer signs of a root could be met by trying.
LEAST_OF_ROOT = 32
_UNREADABLE = (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile)


class End(NamedTuple):
    """Where one book ended: its id and last hash as hex, its last number, and how it is called."""

    book: str
    number: int
    hash: str
    code: str


@dataclass(frozen=True, slots=True)
class Head:
    """What an anchor says of all books together; `tree` and `root` as hex."""

    anchor: int
    day: str
    made_at: str
    books: int
    entries: int
    tree: str
    root: str = ""

    @property
    def groups(self) -> str:
        """The root in groups of four, as it is written on paper."""
        return " ".join(self.root[at : at + 4] for at in range(0, len(self.root), 4))


@dataclass(frozen=True, slots=True)
class Anchor:
    """An anchor whole, and the file it was read from."""

    head: Head
    ends: list[End]
    path: Path | None = None

    @property
    def codes(self) -> dict[str, str]:
        """How each book was called."""
        return {end.book: end.code for end in self.ends if end.code}


def anchor_of(ends: Iterable[End], *, day: date, now: datetime) -> Anchor:
    """The anchor of books that end so."""
    ends = sorted(ends)
    head = Head(
        anchor=FORMAT, day=day.isoformat(), made_at=moment(now), books=len(ends),
        entries=sum(end.number for end in ends), tree=_tree(map(_line, ends)),
    )  # fmt: skip
    return Anchor(replace(head, root=_root(head)), ends)


def _line(end: End) -> bytes:
    return json.dumps(end, ensure_ascii=False, separators=(",", ":")).encode()


def _tree(lines: Iterable[bytes]) -> str:
    level = [hashlib.sha256(b"\0" + line).digest() for line in lines]
    if not level:
        return hashlib.sha256(b"\0").hexdigest()
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [
            hashlib.sha256(b"\1" + pair[0] + pair[1]).digest() if len(pair) == 2 else pair[0]
            for pair in pairs
        ]
    return level[0].hex()


def _root(head: Head) -> str:
    said = {name: value for name, value in asdict(head).items() if name != "root"}
    return hashlib.sha256(b"\2" + canonical(said)).hexdigest()


# --- files ----------------------------------------------------------------------------------------


def write(anchor: Anchor, path: Path) -> None:
    """Write the file, whole or not at all; the same anchor makes the same bytes."""
    rough = path.with_name(f".{path.name}.part")
    try:
        with rough.open("wb") as file:
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as target:
                target.write(canonical(asdict(anchor.head)) + b"\n")
                target.writelines(_line(end) + b"\n" for end in anchor.ends)
            file.flush()
            os.fsync(file.fileno())
        rough.rename(path)
    finally:
        rough.unlink(missing_ok=True)


def read(path: Path) -> Anchor:
    """The anchor in a file or in a backup, found to be what its root says.

    Raises  Problem: anchor.not_one, anchor.edited
    """
    with _opened(path) as file:
        head = _head(file, path)
        try:
            lines = file.read().splitlines()
            ends = [End(*json.loads(line)) for line in lines]
        except (*_UNREADABLE, TypeError) as wrong:
            raise Problem("anchor.edited", path=path) from wrong
    in_order = all(one.book < other.book for one, other in pairwise(ends))
    entries = sum(end.number for end in ends)
    if not in_order or (head.books, head.entries) != (len(ends), entries):
        raise Problem("anchor.edited", path=path)
    if _tree(lines) != head.tree:
        raise Problem("anchor.edited", path=path)
    return Anchor(head, ends, path)


def _head(file: IO[bytes], path: Path) -> Head:
    try:
        said: dict[str, Any] = json.loads(file.readline())
        head = Head(**said)
    except (*_UNREADABLE, TypeError) as wrong:
        raise Problem("anchor.not_one", path=path) from wrong
    if head.anchor != FORMAT:
        raise Problem("anchor.not_one", path=path)
    if _root(head) != head.root:
        raise Problem("anchor.edited", path=path)
    return head


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The lines of a file, or of the one in a backup. Raises Problem (anchor.not_one)."""
    with ExitStack() as stack:
        try:
            source: IO[bytes] = stack.enter_context(path.open("rb"))
            if zipfile.is_zipfile(source):
                source = stack.enter_context(zipfile.ZipFile(source)).open(NAME)
            else:
                source.seek(0)
        except (*_UNREADABLE, KeyError) as wrong:
            raise Problem("anchor.not_one", path=path) from wrong
        yield cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=source)))


# --- those that are kept --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that holds an anchor, by its head."""

    head: Head
    path: Path


def kept_in(*folders: Path) -> tuple[list[Kept], list[Path]]:
    """Anchors in these folders, newest first; and files that should be one and are not.

    Looked at: files and backups in a folder, and the snapshots below it.
    """
    found, broken = [], []
    for path in sorted({path for folder in folders for path in _candidates(folder)}):
        try:
            with _opened(path) as file:
                found.append(Kept(_head(file, path), path))
        except Problem as wrong:
            # A backup of before there were anchors, or another's gz, is no matter of ours.
            if path.name == NAME or wrong.code == "anchor.edited":
                broken.append(path)
    return sorted(found, key=attrgetter("head.made_at"), reverse=True), broken


def _candidates(folder: Path) -> Sequence[Path]:
    with suppress(OSError):
        return [
            path
            for shape in ("*.gz", "*.zip", f"*/{NAME}")
            for path in folder.glob(shape)
            if path.is_file() and not path.name.startswith(".")
        ]
    return []


def plain_root(text: str) -> str:
    """A root as it was typed from paper: blanks and hyphens dropped.

    Raises  Problem: anchor.bad_root

    >>> plain_root("9F86 D081 884C 7D65 9A2F EAA0 C55A D015")
    '9f86d081884c7d659a2feaa0c55ad015'
    """
    root = "".join(text.replace("-", "").split()).lower()
    if not LEAST_OF_ROOT <= len(root) <= 64 or set(root) - set("0123456789abcdef"):
        raise Problem("anchor.bad_root", found=text, least=LEAST_OF_ROOT)
    return root
