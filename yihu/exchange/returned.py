"""Rows that go back to who sent them: the same columns, with the reason beside what was wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from yihu.exchange.kept import in_clear
from yihu.exchange.mapping import ADDED, open_sheet
from yihu.exchange.models import Upload
from yihu.rulebook.intake.cells import is_blank

#: Row of the file → (place of the column, or None for the whole row, and what is to be said of it)
Remarks = Mapping[int, Sequence[tuple[int | None, str]]]


def workbook(upload: Upload, remarks: Remarks, title: str = "") -> bytes:
    """The rows with remarks as an xlsx, under the headings they came with.

    title   name of the sheet
    Raises  Refused (intake.*), Problem (exchange.file_gone)
    """
    with tempfile.TemporaryDirectory(prefix="yihu-") as folder:
        path = Path(folder) / "returned.xlsx"
        with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
            sheet = book.add_worksheet((title or upload.sheet or "退回")[:31])
            red = book.add_format({"bg_color": "#f8d7da"})
            head = book.add_format({"bold": True, "text_wrap": True})
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            columns = [p for p, h in enumerate(upload.headings) if h not in ADDED]
            headings = [*(upload.headings[place] for place in columns), *ADDED]
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading, head)
            for line, (number, cells) in enumerate(_rows(upload, remarks), start=1):
                wrong = {place for place, _ in remarks[number]}
                for column, place in enumerate(columns):
                    _write(
                        sheet, (line, column), cells[place], red if place in wrong else None, day
                    )
                sheet.write_number(line, len(columns), number)
                sheet.write_string(line, len(columns) + 1, _all(upload, remarks[number]))
                for at, words in remarks[number]:
                    if at in columns:
                        sheet.write_comment(line, columns.index(at), words)
            sheet.freeze_panes(1, 0)
        return path.read_bytes()


def _rows(upload: Upload, remarks: Remarks) -> Iterator[tuple[int, list[object]]]:
    places = list(range(len(upload.headings)))
    with in_clear(upload.pk, upload.name) as path:
        for batch in open_sheet(path, upload.sheet).table.batches(places, 20_000):
            hits = [i for i, number in enumerate(batch.rows) if number in remarks]
            if not hits:
                continue
            columns = [
                raw if isinstance(raw, list) else raw.to_pylist()
                for raw in (batch.columns[place] for place in places)
            ]
            for i in hits:
                yield batch.rows[i], [column[i] for column in columns]


def _all(upload: Upload, remarks: Sequence[tuple[int | None, str]]) -> str:
    """All remarks on a row in one cell, each with its column."""
    said = []
    for place, words in remarks:
        heading = "" if place is None else upload.headings[place].replace("\n", " ")
        said.append(f"{heading}：{words}" if heading else words)
    return "；".join(said)


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    at: tuple[int, int],
    value: object,
    look: xlsxwriter.format.Format | None,
    day: xlsxwriter.format.Format,
) -> None:
    """A cell as it was: text stays text, so that nothing is run and no number loses its end."""
    if is_blank(value):
        sheet.write_blank(*at, None, look)
    elif isinstance(value, bool):
        sheet.write_boolean(*at, value, look)
    elif isinstance(value, int | float):
        sheet.write_number(*at, value, look)
    elif isinstance(value, datetime | date):
        sheet.write_datetime(*at, value, look or day)
    else:
        sheet.write_string(*at, str(value), look)
