"""Files of evidence, each kept once under the SHA-256 of its bytes: files/ab/cdef…

A file stands under its name only when it is whole and on the disk, so an entry that names it can
rely on it. What it is, is read from its first bytes; the name it came with proves nothing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from yihu.access.models import Worker
from yihu.book import rows
from yihu.book.actions import NewEntry
from yihu.book.models import StoredFile
from yihu.problems import Problem
from yihu.tables import rows_by

#: A page photographed by a phone has 2 to 8 MB; a scanned agreement of forty pages under 20.
LARGEST = 25 * 1024 * 1024
PIECE = 1024 * 1024
#: First bytes → type. What a browser might run as a page or a script is not among them.
_SIGNS = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"%PDF-", "application/pdf"),
    # What was said at the door: Chromium and Firefox record WebM or Ogg, Safari MP4.
    (0, b"\x1a\x45\xdf\xa3", "audio/webm"),
    (0, b"OggS", "audio/ogg"),
    *((4, b"ftyp" + brand, "audio/mp4") for brand in (b"M4A ", b"mp41", b"mp42", b"isom")),
    *((4, b"ftyp" + brand, "audio/mp4") for brand in (b"iso5", b"iso6")),
)


def path_of(sha256: str) -> Path:
    """Where a file stands, or would stand."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"{sha256!r} is no SHA-256")
    return Path(settings.FILES) / sha256[:2] / sha256[2:]


def keep(content: Iterable[bytes], *, name: str, by: Worker | None, now: datetime) -> StoredFile:
    """Keep a file, once however often it comes, and return its row.

    Raises  Problem: file.empty, file.too_large, file.wrong_type
    """
    folder = Path(settings.FILES)
    folder.mkdir(parents=True, exist_ok=True)
    handle, rough = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        sha256, size, type_ = _write(handle, content, name)
        place = path_of(sha256)
        place.parent.mkdir(exist_ok=True)
        Path(rough).rename(place)
        _sync_folder(place.parent)
    except BaseException:
        Path(rough).unlink(missing_ok=True)
        raise
    row = StoredFile(
        sha256=sha256, size=size, type=type_, name=name[:200], first_at=now, by=by
    )  # fmt: skip
    # Another may keep the same at the same time: whose row stands, stands.
    return row if rows.add_unless_there(row) else kept(sha256) or row


def _write(handle: int, content: Iterable[bytes], name: str) -> tuple[str, int, str]:
    digest, size, first = hashlib.sha256(), 0, b""
    with os.fdopen(handle, "wb") as file:
        for piece in content:
            size += len(piece)
            if size > LARGEST:
                raise Problem("file.too_large", status=413, name=name, most=LARGEST // 2**20)
            first = first if len(first) >= 32 else first + piece[:32]
            digest.update(piece)
            file.write(piece)
        type_ = type_of(first, name)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size, type_


def type_of(first: bytes, name: str) -> str:
    """What a file is, by its first 32 bytes. Raises Problem: file.empty, file.wrong_type."""
    if not first:
        raise Problem("file.empty", name=name)
    for at, sign, type_ in _SIGNS:
        if first[at : at + len(sign)] == sign:
            return type_
    raise Problem("file.wrong_type", status=415, name=name)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def content_of(sha256: str) -> bytes:
    """The bytes of a file, found to be those that were kept.

    Raises  Problem: file.missing, file.changed
    """
    place = path_of(sha256)
    if not place.exists():
        raise Problem("file.missing", status=404, sha256=sha256[:12])
    content = place.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Problem("file.changed", status=500, sha256=sha256[:12])
    return content


def kept(sha256: str) -> StoredFile | None:
    """What is known of a file by its digest; None for a file that was never taken in."""
    return next(iter(rows_by(StoredFile, "sha256", [sha256])), None)


def types_of(sums: Collection[str]) -> dict[str, str]:
    """SHA-256 → type of those that are kept: of entries somebody may see, no more."""
    return dict(StoredFile.objects.filter(pk__in=sums).values_list("pk", "type"))


def is_whole(sha256: str) -> bool | None:
    """Does the file hold what was kept? None: it is not there."""
    place = path_of(sha256)
    if not place.exists():
        return None
    digest = hashlib.sha256()
    with place.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest() == sha256


def all_kept() -> Iterator[str]:
    """SHA-256 of every file that stands in the folder."""
    folder = Path(settings.FILES)
    for inner in sorted(folder.iterdir()) if folder.exists() else ():
        if len(inner.name) == 2 and inner.is_dir():
            yield from (inner.name + file.name for file in sorted(inner.iterdir()))


def evidence(file: StoredFile, *, book: UUID, seen_on: date, source: str, **says: Any) -> NewEntry:
    """The entry that puts a kept file into a book. says: words, person, about."""
    says = {
        "sha256": file.sha256, "type": file.type, "size": file.size, "name": file.name, **says
    }  # fmt: skip
    return NewEntry(book=book, kind="evidence", says=says, seen_on=seen_on, source=source)
