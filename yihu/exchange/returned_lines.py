"""Files that go back and are no xlsx: text with separators, and old workbooks written anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import xlsxwriter
from python_calamine import CalamineSheet

from yihu.exchange.harmless import harmless
from yihu.exchange.mapping import open_sheet
from yihu.exchange.returned_marks import Marks, reasons_before
from yihu.rulebook.intake.cells import is_blank
from yihu.rulebook.intake.sheets import opened
from yihu.rulebook.intake.written import WrittenTable

#: Encodings in which a spreadsheet opens text as what it is; others get a mark in front.
_MARKED = {"utf-8": "utf-8-sig"}
_PALE, _RED = "#f8d7da", "#b02a37"


def write_text(path: Path, marks: Marks, into: BinaryIO) -> None:
    """The lines above the table and its rows with a reason, which stands in a last column.

    Text has no filter: rows of households of which no row is refused are left out.
    Raises  Refused (intake.*)
    """
    table = open_sheet(path).table
    if not isinstance(table, WrittenTable):
        raise TypeError("not text with separators")
    said, column = marks.said(), _column(marks)
    encoding = _MARKED.get(table.encoding, table.encoding)
    out = io.TextIOWrapper(into, encoding=encoding, newline="", write_through=True)
    writer = csv.writer(out, delimiter=table.separator, lineterminator="\r\n")
    with path.open(encoding=table.encoding, newline="") as file:
        for number, line in enumerate(csv.reader(file, delimiter=table.separator), start=1):
            if number in said:
                words = said[number]
                cells = [*line, *[""] * (column + 1 - len(line))]
                cells[column] = words
                writer.writerow(map(harmless, cells))
            elif number < marks.first:
                writer.writerow(map(harmless, line))
    out.detach()


def _column(marks: Marks) -> int:
    before = reasons_before(marks.headings)
    return len(marks.headings) if before is None else before


def write_anew(path: Path, marks: Marks, into: BinaryIO) -> None:
    """All sheets of an old workbook as xlsx: values and merged cells, and what `marks` says."""
    options = {"constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
    with opened(path) as old, xlsxwriter.Workbook(into, options) as book:
        for name in old.sheet_names:
            sheet = old.get_sheet_by_name(name)
            _Anew(book, sheet).write(marks if name == marks.sheet else None)


class _Anew:
    """One sheet written anew."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: CalamineSheet) -> None:
        self.old, self.new = sheet, book.add_worksheet(sheet.name)
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.wrong = book.add_format({"bg_color": _PALE})
        self.wrong_day = book.add_format({"bg_color": _PALE, "num_format": "yyyy-mm-dd"})
        self.reason = book.add_format({"text_wrap": True, "font_color": _RED, "valign": "top"})
        self.head = book.add_format({"bold": True})

    def write(self, marks: Marks | None) -> None:
        """The cells, and the marks where they are on this sheet."""
        wrong = {(row, place) for row, place, _ in marks.cells()} if marks else set()
        for row, column, value in self._cells():
            self._put(row, column, value, is_wrong=(row + 1, column) in wrong)
        for (top, left), (bottom, right) in self.old.merged_cell_ranges or []:
            if (top, left) != (bottom, right):
                self.new.merge_range(top, left, bottom, right, "")
                self._put(top, left, self._value(top, left), is_wrong=False)
        if marks is not None:
            self._mark(marks)

    def _cells(self) -> Iterator[tuple[int, int, object]]:
        self._lines = self.old.to_python(skip_empty_area=False)
        for row, line in enumerate(self._lines):
            for column, value in enumerate(line):
                if not is_blank(value):
                    yield row, column, value

    def _value(self, row: int, column: int) -> object:
        line = self._lines[row] if row < len(self._lines) else []
        return line[column] if column < len(line) else None

    def _put(self, row: int, column: int, value: object, *, is_wrong: bool) -> None:
        """A cell as it was: text stays text, so that nothing is run and no number loses its end."""
        look = self.wrong if is_wrong else None
        if isinstance(value, bool):
            self.new.write_boolean(row, column, value, look)
        elif isinstance(value, int | float):
            self.new.write_number(row, column, value, look)
        elif isinstance(value, datetime | date):
            self.new.write_datetime(row, column, value, self.wrong_day if is_wrong else self.day)
        elif not is_blank(value):
            self.new.write_string(row, column, str(value), look)
        elif is_wrong:
            self.new.write_blank(row, column, None, look)

    def _mark(self, marks: Marks) -> None:
        column, said = _column(marks), marks.said()
        for row, words in said.items():
            look = self.reason if row >= marks.first else self.head
            self.new.write_string(row - 1, column, words, look)
        self.new.set_column(column, column, 60)
        self.new.autofilter(marks.first - 2, 0, marks.last - 1, column)
        self.new.filter_column(column, "x == NonBlanks")
        for row in range(marks.first, marks.last + 1):
            if row not in said:
                self.new.set_row(row - 1, None, None, {"hidden": True})
        for row, place, words in marks.cells():
            self.new.write_comment(row - 1, place, words)
