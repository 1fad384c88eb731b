"""The file that goes back, made with the dry run and kept until it is asked for.

The workbook of a county takes half a minute to write: made when somebody asks, his page and
others' would wait for it. One is kept of an upload, in the language of who began the dry run,
encrypted like the file it came from; another dry run or undoing takes it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from uuid import UUID, uuid5

from yihu.exchange.dry import is_answers
from yihu.exchange.kept import PIECE, forget, keep, path_of, take
from yihu.exchange.models import Upload
from yihu.exchange.returned import refused, write_returned
from yihu.rulebook.refusals import Refused

_LANGUAGES = ("zh", "en")


def make_ready(upload: Upload, lang: str) -> None:
    """Write the file now, if any row was refused. lang: zh or en.

    One that may not be kept – it would be larger than what may be sent – is left to be made when
    somebody asks, who is then told why.
    """
    remarks = refused(upload, lang)
    if not remarks:
        return
    with TemporaryFile(prefix="yihu-") as file, suppress(Refused):
        ending = write_returned(upload, remarks, lang, file)
        file.seek(0)
        keep(_id(upload.pk, lang), f"returned{ending}", iter(lambda: file.read(PIECE), b""))


def take_away(upload: UUID) -> None:
    """Remove what was made: it is of a dry run that counts no longer."""
    for lang in _LANGUAGES:
        forget(_id(upload, lang))


def ready(upload: Upload, lang: str) -> tuple[Iterator[bytes], str] | None:
    """The file and the ending of its name; None where it was not made."""
    id = _id(upload.pk, lang)
    if not path_of(id).exists():
        return None
    pieces = take(id)
    first = next(pieces, b"")
    ending = ".csv" if is_answers(upload) else Path(upload.name).suffix or ".csv"
    ending = ".xlsx" if first.startswith(b"PK\x03\x04") else ending
    return _all(first, pieces), ending


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _id(upload: UUID, lang: str) -> UUID:
    return uuid5(upload, f"returned-{lang}")
