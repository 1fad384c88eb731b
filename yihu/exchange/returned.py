"""A file that goes back to who sent it: the same file, with the reasons beside what was wrong.

A workbook comes back as that workbook (`returned_book`), text with separators as such text. Old
formats (xls, ods) are written anew as xlsx: the same cells, without their looks.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from yihu.exchange.dry import Reasons, is_answers, reasons_of
from yihu.exchange.kept import in_clear
from yihu.exchange.models import Upload
from yihu.exchange.returned_answers import write_answers
from yihu.exchange.returned_book import write_book
from yihu.exchange.returned_lines import write_anew, write_text
from yihu.exchange.returned_marks import WORDS, Marks, Remarks

_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
#: What the file is → what stands behind its name, in both languages.
CALLED = {"returned": ("退回", "returned"), "errors": ("差错清单", "errors")}


def refused(upload: Upload, lang: str) -> Remarks:
    """The remarks of the last dry run. lang: zh or en."""
    return {row: told_in(lang, reasons) for row, reasons in reasons_of(upload.pk).rows.items()}


def told_in(lang: str, reasons: list[tuple[int | None, str, str]]) -> list[tuple[int | None, str]]:
    """Reasons in one language."""
    return [(place, zh if lang == "zh" else en) for place, zh, en in reasons]


def write_returned(upload: Upload, remarks: Remarks, lang: str, into: BinaryIO) -> str:
    """Write the file with the remarks; the ending of its name.

    Raises  Refused (intake.*), Problem (exchange.file_gone)
    """
    marks = _marks(upload, remarks, reasons_of(upload.pk), lang)
    with in_clear(upload.pk, upload.name) as path:
        if is_answers(upload):
            write_answers(path, marks, into)
            return ".csv"
        if not _is_workbook(path):
            write_text(path, marks, into)
            return path.suffix or ".csv"
        if not write_book(path, upload.sheet, marks, into):
            write_anew(path, marks, into)
        return ".xlsx"


def _marks(upload: Upload, remarks: Remarks, found: Reasons, lang: str) -> Marks:
    beside = found.beside - remarks.keys()
    last = max(found.last, *remarks, found.first)
    return Marks(
        remarks, upload.headings, WORDS[lang], upload.sheet, beside, found.first, last
    )  # fmt: skip


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(_WORKBOOK)


def name_of(upload: Upload, what: str, lang: str, ending: str) -> str:
    """What the file is called: 花名册（退回）.xlsx, or list (returned).xlsx in English.

    what  a key of CALLED
    """
    zh, en = CALLED[what]
    stem = upload.name.rpartition(".")[0] or upload.name
    for again in (f"（{zh}）", f" ({en})"):
        # A file that was returned before is called so already.
        stem = stem.removesuffix(again)
    return f"{stem}（{zh}）{ending}" if lang == "zh" else f"{stem} ({en}){ending}"
