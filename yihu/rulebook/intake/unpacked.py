"""How large a workbook is once it is unpacked, found out before anything asks for that memory.

xlsx and ods are packed: a file of a few thousand bytes may stand for gigabytes, by mistake (a
formatted column to the last row) or by malice.
"""

from __future__ import annotations

import os
import re
import zlib
from functools import reduce
from pathlib import Path
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, is_zipfile

from yihu.rulebook.intake.opened import CUT_SHORT, NOT_ITS_FORMAT, broken
from yihu.rulebook.refusals import Refused

#: Cells from the first to the furthest one of a sheet; all of them are held in memory.
MOST_CELLS = 40_000_000
#: Merged cells of a sheet: a register of 200,000 households that merges ten columns has as many.
MOST_MERGED = 2_000_000
#: Megabytes all parts of a workbook may have together, unless the variable says otherwise: a sheet
#: of a million rows and 30 columns has about a thousand.
MOST_MB, MOST_MB_SET = 2_000, "YIHU_MOST_UNPACKED_MB"
#: Times its own size a workbook may unpack to where that is more than a few megabytes; a register
#: of 200,000 people has some 15.
MOST_TIMES, FEW_MB = 60, 64
_PIECE = 1 << 22
_ADDRESS = re.compile(rb"""\br=["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated")


def require_bounded(path: Path, *, merged: int = MOST_MERGED) -> None:
    """Refuse a workbook that would fill the memory, or take minutes to understand.

    merged  merged cells a sheet may have
    Raises  Refused (intake.unpacks_too_large, intake.sheet_too_wide, intake.too_many_merged,
            intake.broken)
    """
    if not is_zipfile(path):
        with path.open("rb") as file:
            if file.read(2) == b"PK":
                raise broken(path, CUT_SHORT)
        return
    try:
        with ZipFile(path) as book:
            _require_unpacked(path, book)
            for part in book.infolist():
                # A workbook may keep its sheets under any name.
                _require_sheet(path, book, part.filename, merged)
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error) as fault:
        raise broken(path, NOT_ITS_FORMAT, fault) from None


def _most_mb(packed: int) -> int:
    said = os.environ.get(MOST_MB_SET, "")
    if said.isdigit():
        return int(said)
    return min(MOST_MB, max(FEW_MB, MOST_TIMES * packed // 1_000_000))


def _require_unpacked(path: Path, book: ZipFile) -> None:
    # What unpacks to more than its own description says is refused when it is read: its checksum
    # does not fit what comes out.
    own = path.stat().st_size
    size, most = sum(part.file_size for part in book.infolist()), _most_mb(own)
    if size > most * 1_000_000:
        packed, unpacked = (f"{number / 1e6:,.1f}" for number in (own, size))
        raise Refused(
            "intake.unpacks_too_large",
            file=path,
            packed=packed,
            unpacked=unpacked,
            most=f"{most:,}",
            setting=MOST_MB_SET,
        )


def _require_sheet(path: Path, book: ZipFile, name: str, merged: int) -> None:
    """Refuse a sheet with a stray cell far out: the reader would ask for memory up to there."""
    rows, columns, last, repeats, ranges = 1, {b"A"}, b"", False, 0
    with book.open(name) as file:
        while piece := file.read(_PIECE):
            found = _ADDRESS.findall(last + piece)
            columns |= {column for column, _ in found}
            rows = max(rows, *(int(row) for row in {row for _, row in found}), 1)
            repeats = repeats or _REPEATED.search(last + piece) is not None
            # One between two pieces may be missed: it is about their number, not about each.
            ranges += piece.count(b"mergeCell ")
            last = piece[-40:]
    if ranges > merged:
        raise Refused("intake.too_many_merged", file=path, found=f"{ranges:,}", most=f"{merged:,}")
    width = max(map(_column, columns))
    if repeats:
        rows, width = _repeated(book, name)
    if rows * width > MOST_CELLS:
        raise Refused("intake.sheet_too_wide", file=path, rows=rows, columns=width)


def _column(letters: bytes) -> int:
    """The number of a column: A 1, Z 26, AA 27."""
    return reduce(lambda number, letter: number * 26 + letter - 64, letters.upper(), 0)


def _repeated(book: ZipFile, name: str) -> tuple[int, int]:
    """Rows and columns of the largest table of an ods part, up to the last cell with a content."""
    table = _Repeats()
    parser = expat.ParserCreate()
    parser.StartElementHandler = table.start
    parser.EndElementHandler = table.end
    try:
        with book.open(name) as file:
            while piece := file.read(_PIECE):
                parser.Parse(piece)
    except expat.ExpatError as fault:
        raise BadZipFile(str(fault)) from None
    return table.largest


class _Repeats:
    """Adds up rows and cells that stand once and count many times."""

    def __init__(self) -> None:
        self.largest = (1, 1)
        self._start_table()

    def _start_table(self) -> None:
        self.rows = self.filled_rows = self.width = 0

    def start(self, tag: str, given: dict[str, str]) -> None:
        """An element begins."""
        match tag.rpartition(":")[2]:
            case "table":
                self._start_table()
            case "table-row":
                self.times = _times(given, "table:number-rows-repeated")
                self.cells = self.filled = 0
            case "table-cell":
                self.cells += _times(given, "table:number-columns-repeated")
                if any(name.startswith("office:") for name in given):
                    self.filled = self.cells

    def end(self, tag: str) -> None:
        """An element ends."""
        match tag.rpartition(":")[2]:
            case "table-row":
                self.rows += self.times
                if self.filled:
                    self.filled_rows, self.width = self.rows, max(self.width, self.filled)
            case "table":
                found = (self.filled_rows, self.width)
                self.largest = max(self.largest, found, key=lambda size: size[0] * size[1])


def _times(given: dict[str, str], name: str) -> int:
    said = given.get(name, "1")
    return int(said) if said.isdecimal() and len(said) < 10 else 1
