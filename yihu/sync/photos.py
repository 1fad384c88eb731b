"""Photos and recordings, handed in piece by piece under the SHA-256 of the whole.

A broken line costs one piece. Only a file that an entry speaks of is taken: the words come first.
A piece stands in the data folder beside the kept files until the whole is there and is what the
entry says it is.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from yihu.access.models import Worker
from yihu.book import files
from yihu.problems import Problem
from yihu.sync.models import Arrival
from yihu.tables import rows_by

PARTS = ".parts"


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file that are here; whole: it is kept and its hash is right."""

    offset: int
    whole: bool


def offset_of(sha256: str, *, by: Worker) -> Part:
    """How much of a file is here. Raises Problem (sync.not_awaited)."""
    _require_awaited(sha256, by)
    kept = files.kept(sha256)
    if kept is not None:
        return Part(kept.size, whole=True)
    place = _part(sha256, by)
    return Part(place.stat().st_size if place.exists() else 0, whole=False)


def add_piece(
    sha256: str, piece: bytes, *, offset: int, size: int, by: Worker, now: datetime
) -> Part:
    """Add a piece that begins at an offset; at any other offset nothing is written.

    size    bytes of the whole file
    Raises  Problem: sync.not_awaited, file.too_large, file.empty, sync.wrong_size,
            sync.wrong_hash, file.wrong_type; after the last three the file begins anew
    """
    _require_awaited(sha256, by)
    if size > files.LARGEST:
        name = sha256[:12]
        raise Problem("file.too_large", status=413, name=name, most=files.LARGEST // 2**20)
    if size < 1:
        raise Problem("file.empty", name=sha256[:12])
    kept = files.kept(sha256)
    if kept is not None:
        return Part(kept.size, whole=True)
    place = _part(sha256, by)
    if offset == 0 and len(piece) == size and not place.exists():
        # Most photos come in one piece: no need to lay it aside first.
        _require_is(sha256, hashlib.sha256(piece))
        files.keep([piece], name=sha256[:12], by=by, now=now)
        return Part(size, whole=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("ab") as file:
        # Two tabs of one phone: the second finds the offset moved and writes nothing.
        fcntl.flock(file, fcntl.LOCK_EX)
        have = _append(file.fileno(), piece, offset, size, place)
        if have < size:
            return Part(have, whole=False)
        _keep(sha256, place, by, now)
    return Part(size, whole=True)


def _append(handle: int, piece: bytes, offset: int, size: int, place: Path) -> int:
    have = os.fstat(handle).st_size
    if have != offset:
        return min(have, size)
    if have + len(piece) > size:
        place.unlink(missing_ok=True)
        raise Problem("sync.wrong_size", status=422, size=size)
    os.write(handle, piece)
    os.fsync(handle)
    return os.fstat(handle).st_size


def _keep(sha256: str, place: Path, by: Worker, now: datetime) -> None:
    """Keep the whole file under its name, if it is what the entry says."""
    if not place.exists():
        return  # another request was first, and has kept it
    try:
        digest = hashlib.sha256()
        for piece in _pieces(place):
            digest.update(piece)
        _require_is(sha256, digest)
        files.keep(_pieces(place), name=sha256[:12], by=by, now=now)
    finally:
        place.unlink(missing_ok=True)


def _require_is(sha256: str, digest: hashlib._Hash) -> None:
    if digest.hexdigest() != sha256:
        raise Problem("sync.wrong_hash", status=422)


def _pieces(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        while piece := file.read(files.PIECE):
            yield piece


def _part(sha256: str, by: Worker) -> Path:
    # A folder for each worker: nobody spoils what another has half sent.
    return Path(settings.FILES) / PARTS / f"{by.pk.hex}-{sha256}"


def _require_awaited(sha256: str, by: Worker) -> None:
    if all(each.worker_id != by.pk for each in rows_by(Arrival, "photo", [sha256])):
        raise Problem("sync.not_awaited", status=404)


def awaited(hashes: set[str]) -> set[str]:
    """Of these files, those that phones have named and that are not here yet."""
    missing = {each for each in hashes if files.kept(each) is None}
    rows = Arrival.objects.filter(photo__in=missing)
    return set(rows.values_list("photo", flat=True))
