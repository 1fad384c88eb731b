"""Workbooks (xlsx, xls, ods) as tables: the sheet that is named, or whose headings fit best.

Merged cells read as if each part held the value: a household's number that stands once beside all
its members belongs to all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from yihu.rulebook.intake.cells import is_blank, word_of
from yihu.rulebook.intake.error_cells import error_cells
from yihu.rulebook.intake.headings import LINES, Head
from yihu.rulebook.intake.opened import BATCH, NOT_ITS_FORMAT, Batch, Chooser, broken
from yihu.rulebook.intake.unpacked import require_bounded
from yihu.rulebook.refusals import Refused

#: First bytes of an old workbook (xls).
_OLD = b"\xd0\xcf\x11\xe0"
Lines = list[list[object]]


class SheetTable:
    """One sheet of a workbook, held in memory. Rows count as in the workbook.

    first_row  number of the first row below the headings
    heads  headings of every sheet in which something stands; of the one that is named only
    """

    is_folder = False

    def __init__(self, path: Path, choose: Chooser, sheet: str = "") -> None:
        self.path, self.name = path, path.name
        sheets = [(name, lines) for name, lines in _sheets(path, sheet) if lines]
        if not sheets:
            raise Refused("intake.empty", file=path)
        heads = [choose(_words(lines[: LINES + 2])) for _, lines in sheets]
        self.heads = {name: head for (name, _), head in zip(sheets, heads, strict=True)}
        best = max(range(len(sheets)), key=lambda i: heads[i].fits)
        self.sheet, self._lines = sheets[best]
        self._head: Head = heads[best]
        self.headings = self._head.headings
        self.first_row = self._head.lines + 1

    def batches(self, places: Sequence[int], size: int = BATCH) -> Iterator[Batch]:
        """The columns at these places, batch by batch, as the cells of the sheet."""
        for start in range(self._head.lines, len(self._lines), size):
            lines = self._lines[start : start + size]
            columns = {
                place: [line[place] if place < len(line) else None for line in lines]
                for place in places
            }
            yield Batch(range(start + 1, start + 1 + len(lines)), dict(columns))


def _sheets(path: Path, only: str) -> Iterator[tuple[str, Lines]]:
    require_bounded(path)
    try:
        with opened(path) as book:
            for name in book.sheet_names if not only else {only} & set(book.sheet_names):
                wrong = error_cells(path, book.sheet_names.index(name))
                yield name, _lines(book.get_sheet_by_name(name), wrong)
    except PasswordError:
        raise Refused("intake.locked", file=path) from None
    except CalamineError as fault:
        raise broken(path, NOT_ITS_FORMAT, fault) from None


def opened(path: Path) -> CalamineWorkbook:
    """The workbook, whatever its name ends in: an xlsx is often renamed to .xls for an old form."""
    with path.open("rb") as file:
        is_old = file.read(4) == _OLD
    fitting = (".xls",) if is_old else (".xlsx", ".xlsm", ".xlsb", ".ods")
    if path.suffix.lower() in fitting:
        return CalamineWorkbook.from_path(path)
    # Told by its content, and whole in memory for it.
    return CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))


def _lines(sheet: CalamineSheet, wrong: dict[tuple[int, int], str]) -> Lines:
    lines: Lines = [list(line) for line in sheet.to_python(skip_empty_area=False)]
    for (row, column), error in wrong.items():
        if row < len(lines) and column < len(lines[row]):
            lines[row][column] = error
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        for row in range(top, min(bottom + 1, len(lines))):
            for column in range(left, min(right + 1, len(lines[row]))):
                lines[row][column] = lines[top][left]
    return lines


def _words(lines: Lines) -> list[list[str]]:
    return [["" if is_blank(cell) else word_of(cell) for cell in line] for line in lines]
