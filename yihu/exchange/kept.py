"""Files that were sent, kept encrypted: a list of people is as secret as what it says.

A kept file is its key's number, then pieces of 4 MB, each under AES-256-GCM with a nonce of its own
and bound to its place in its file. It is in clear only while it is read, in a folder of the reader.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from yihu.book import dictionary
from yihu.problems import Problem
from yihu.rulebook.intake.sources import require_table
from yihu.rulebook.refusals import Refused

PIECE = 1 << 22
NONCE = 12
TAG = 16
#: First bytes of what may be sent: workbooks (xlsx and ods are zips, xls is the other).
WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
ENDINGS = (".xlsx", ".xls", ".ods", ".csv", ".txt", ".json", ".xml", ".zip")
_TEXTS = (".csv", ".txt", ".json", ".xml")


def path_of(id: UUID) -> Path:
    """Where a kept file lies."""
    return Path(settings.HOME) / "uploads" / id.hex[:2] / id.hex


def keep(id: UUID, name: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Keep what was sent; returns its size in bytes and its SHA-256.

    Raises  Problem: exchange.wrong_kind, exchange.too_large, exchange.nothing_in_it;
            Refused: intake.not_a_table
    """
    _require_ending(name)
    path = path_of(id)
    path.parent.mkdir(parents=True, exist_ok=True)
    rough = path.with_suffix(".new")
    try:
        size, sha256 = _write(rough, id, name, pieces)
        rough.rename(path)
    finally:
        rough.unlink(missing_ok=True)
    return size, sha256


def forget(id: UUID) -> None:
    """Remove a kept file that is no sheet."""
    path_of(id).unlink(missing_ok=True)


def _write(path: Path, id: UUID, name: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    keys = dictionary.keys()
    engine, sha256, size = keys.engine(keys.now), hashlib.sha256(), 0
    with _private(path) as file:
        file.write(keys.now.to_bytes(4, "big"))
        for place, piece in enumerate(_even(pieces)):
            if place == 0:
                _require_table(name, piece)
            size += len(piece)
            if size > settings.LARGEST_UPLOAD:
                most = f"{settings.LARGEST_UPLOAD / 1e6:,.0f}"
                raise Problem("exchange.too_large", status=413, file=name, most=most)
            sha256.update(piece)
            nonce = os.urandom(NONCE)
            body = nonce + engine.encrypt(nonce, piece, _bound(id, place))
            file.write(len(body).to_bytes(4, "big") + body)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise Problem("exchange.nothing_in_it", file=name)
    return size, sha256.hexdigest()


def _private(path: Path) -> BinaryIO:
    """A new file nobody else may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _bound(id: UUID, place: int) -> bytes:
    return id.bytes + place.to_bytes(4, "big")


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of PIECE."""
    rest = bytearray()
    for piece in pieces:
        rest += piece
        while len(rest) >= PIECE:
            yield bytes(rest[:PIECE])
            del rest[:PIECE]
    if rest:
        yield bytes(rest)


def _require_ending(name: str) -> None:
    if not name.lower().endswith(ENDINGS):
        raise Problem("exchange.wrong_kind", file=name, endings=" ".join(ENDINGS))


def _require_table(name: str, start: bytes) -> None:
    """Refuse what calls itself a table and begins like none."""
    is_book = start.startswith(WORKBOOK)
    if not name.lower().endswith(_TEXTS):
        require_table(name, start[:512])
    if name.lower().endswith(_TEXTS) == is_book:
        raise Problem("exchange.wrong_kind", file=name, endings=" ".join(ENDINGS))


@contextmanager
def in_clear(id: UUID, name: str) -> Iterator[Path]:
    """The file under its own name, for as long as it is read.

    Raises  Problem (exchange.file_gone)
    """
    path = path_of(id)
    if not path.exists():
        raise Problem("exchange.file_gone", status=409, file=name)
    with tempfile.TemporaryDirectory(prefix="yihu-") as folder:
        clear = Path(folder) / Path(name).name
        with _private(clear) as file:
            for piece in take(id):
                file.write(piece)
        try:
            yield clear
        except Refused as refused:
            # Who sent the file knows it by its name; where it lay while it was read is ours.
            for word, told in refused.details.items():
                if isinstance(told, Path) or type(told) is str:
                    refused.details[word] = str(told).replace(f"{folder}{os.sep}", "")
            raise


def take(id: UUID) -> Iterator[bytes]:
    """The bytes of a kept file, piece after piece."""
    with path_of(id).open("rb") as file:
        engine = dictionary.keys().engine(int.from_bytes(file.read(4), "big"))
        place = 0
        while size := int.from_bytes(file.read(4), "big"):
            body = file.read(size)
            yield engine.decrypt(body[:NONCE], body[NONCE:], _bound(id, place))
            place += 1
