"""Workbooks (xlsx, xls, ods) as tables: the sheet whose headings fit best.

Merged cells read as if each part held the value: a household's number that stands once beside all
its members belongs to all of them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from yihu.rulebook.intake.cells import is_blank, word_of
from yihu.rulebook.intake.headings import LINES, Head
from yihu.rulebook.intake.opened import BATCH, Batch, Chooser
from yihu.rulebook.refusals import Refused

Lines = list[list[object]]
#: Cells from the first to the furthest one of a sheet; all of them are held in memory.
MOST_CELLS = 40_000_000
_PIECE = 1 << 22
_ADDRESS = re.compile(rb"""\br=["']([A-Za-z]{1,3})([0-9]{1,7})["']""")


class SheetTable:
    """One sheet of a workbook, held in memory. Rows count as in the workbook."""

    is_folder = False

    def __init__(self, path: Path, choose: Chooser) -> None:
        self.path, self.name = path, path.name
        sheets = [(name, lines) for name, lines in _sheets(path) if lines]
        if not sheets:
            raise Refused("intake.empty", file=path)
        heads = [choose(_words(lines[: LINES + 2])) for _, lines in sheets]
        best = max(range(len(sheets)), key=lambda i: heads[i].fits)
        self.sheet, self._lines = sheets[best]
        self._head: Head = heads[best]
        self.headings = self._head.headings

    def batches(self, places: Sequence[int], size: int = BATCH) -> Iterator[Batch]:
        """The columns at these places, batch by batch, as the cells of the sheet."""
        for start in range(self._head.lines, len(self._lines), size):
            lines = self._lines[start : start + size]
            columns = {
                place: [line[place] if place < len(line) else None for line in lines]
                for place in places
            }
            yield Batch(range(start + 1, start + 1 + len(lines)), dict(columns))


def _sheets(path: Path) -> Iterator[tuple[str, Lines]]:
    _require_size(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                yield name, _lines(book.get_sheet_by_name(name))
    except CalamineError as fault:
        raise Refused("intake.broken", file=path, why=fault) from None


def _require_size(path: Path) -> None:
    """Refuse a sheet with a stray cell far out: the reader would ask for memory up to there."""
    if not is_zipfile(path):
        return
    try:
        with ZipFile(path) as book:
            for name in book.namelist():
                # A workbook may keep its sheets under any name.
                _require_sheet_size(path, book, name)
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error) as fault:
        raise Refused("intake.broken", file=path, why=fault) from None


def _require_sheet_size(path: Path, book: ZipFile, name: str) -> None:
    rows, columns, last = 1, {b"A"}, b""
    with book.open(name) as file:
        while piece := file.read(_PIECE):
            found = _ADDRESS.findall(last + piece)
            columns |= {column for column, _ in found}
            rows = max(rows, *(int(row) for row in {row for _, row in found}), 1)
            last = piece[-20:]
    width = max(map(_column, columns))
    if rows * width > MOST_CELLS:
        raise Refused("intake.sheet_too_wide", file=path, rows=rows, columns=width)


def _column(letters: bytes) -> int:
    """The number of a column: A 1, Z 26, AA 27."""
    return reduce(lambda number, letter: number * 26 + letter - 64, letters.upper(), 0)


def _lines(sheet: CalamineSheet) -> Lines:
    lines: Lines = [list(line) for line in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        for row in range(top, min(bottom + 1, len(lines))):
            for column in range(left, min(right + 1, len(lines[row]))):
                lines[row][column] = lines[top][left]
    return lines


def _words(lines: Lines) -> list[list[str]]:
    return [["" if is_blank(cell) else word_of(cell) for cell in line] for line in lines]
