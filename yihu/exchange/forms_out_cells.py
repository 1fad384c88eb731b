"""Writing into cells of somebody else's workbook and changing nothing else of it.

An xlsx file is a zip of XML parts. A library that reads a workbook and writes it again drops what
it does not know: pictures, buttons, drop-downs, print settings – and an upper level refuses its own
form. So only the bytes of the wanted cells are replaced in the sheet's part; a cell keeps its
format, and every other part of the file stays as it came.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
Value = str | int | float | None


@dataclass(slots=True)
class _Cell:
    column: int
    start: int
    end: int
    style: str = ""
    formula: bool = False


@dataclass(slots=True)
class _Row:
    number: int
    start: int
    end: int = 0
    closed: bool = True  # has a start tag of its own, not <row/>
    inner_end: int = 0
    cells: dict[int, _Cell] = field(default_factory=dict)


@dataclass(slots=True)
class _Sheet:
    """Where rows and cells lie in the bytes of a sheet. prefix: of its names, as "x:"."""

    rows: dict[int, _Row] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    data_end: int = 0
    empty_data: tuple[int, int] | None = None
    prefix: str = ""


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook, in their order."""
    with ZipFile(path) as book:
        return list(_parts(book))


def fill_cells(
    path: Path, out: Path, cells: Mapping[tuple[str, str], Value]
) -> list[tuple[str, str, str]]:
    """Write values into a copy of a workbook.

    cells    (sheet, address as "C5") → value; None is passed over
    Returns  (sheet, address, why) of those left as they were: "formula", "merged", "no_sheet",
             "no_address"
    """
    left: list[tuple[str, str, str]] = []
    with ZipFile(path) as book, ZipFile(out, "w") as made:
        parts = _parts(book)
        by_part: dict[str, dict[tuple[int, int], Value]] = {}
        for (sheet, address), value in cells.items():
            at = _place(address)
            if sheet not in parts:
                left.append((sheet, address, "no_sheet"))
            elif at is None:
                left.append((sheet, address, "no_address"))
            elif value is not None:
                by_part.setdefault(parts[sheet], {})[at] = value
        names = {part: name for name, part in parts.items()}
        for info in book.infolist():
            raw = book.read(info)
            if info.filename in by_part:
                raw, refused = _spliced(raw, by_part[info.filename])
                left += [(names[info.filename], _written(at), why) for at, why in refused]
            elif info.filename == "xl/workbook.xml" and by_part:
                raw = _reckoned_again(raw)
            made.writestr(info, raw)
    return left


def _reckoned_again(raw: bytes) -> bytes:
    """Formulas show what they gave before until the program is told to reckon at opening."""
    if b"fullCalcOnLoad" in raw or b"calcPr" not in raw:
        return raw
    return re.sub(rb"(<(?:\w+:)?calcPr)\b", rb'\1 fullCalcOnLoad="1"', raw, count=1)


def _parts(book: ZipFile) -> dict[str, str]:
    """Name of a sheet → its part in the zip."""
    links = ET.fromstring(_safe(book.read("xl/_rels/workbook.xml.rels")))  # noqa: S314
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    root = ET.fromstring(_safe(book.read("xl/workbook.xml")))  # noqa: S314
    found = {}
    for sheet in root.iter(f"{_NS}sheet"):
        target = targets.get(sheet.get(_REL, ""), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found[sheet.get("name", "")] = part
    return found


def _safe(raw: bytes) -> bytes:
    # Spreadsheets have no document types; one that has is an attempt to fill the memory.
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ValueError("a workbook part with a document type")
    return raw


# --- reading where things lie ---------------------------------------------------------------------


def _read(raw: bytes) -> _Sheet:
    sheet, reader = _Sheet(), expat.ParserCreate()
    row: list[_Row] = []
    cell: list[_Cell] = []

    def start(tag: str, given: dict[str, str]) -> None:
        at, name = reader.CurrentByteIndex, tag.rpartition(":")[2]
        if name == "sheetData":
            sheet.prefix = tag[: -len(name)]
            end = raw.index(b">", at)
            sheet.empty_data = (at, end + 1) if raw[end - 1 : end] == b"/" else None
        elif name == "row":
            row[:] = [_Row(int(given["r"]), at)]
            sheet.rows[row[0].number] = row[0]
        elif name == "c" and "r" in given:
            place = _place(given["r"])
            cell[:] = [_Cell(place[1] if place else 0, at, 0, given.get("s", ""))]
            row[0].cells[cell[0].column] = cell[0]
        elif name == "f" and cell:
            cell[0].formula = True
        elif name == "mergeCell":
            first, _, last = given["ref"].partition(":")
            one, two = _place(first), _place(last or first)
            if one and two:
                sheet.merged.append((*one, *two))

    def end(tag: str) -> None:
        at, name = reader.CurrentByteIndex, tag.rpartition(":")[2]
        if name == "c" and cell:
            cell[0].end = _after(raw, at)
            cell.clear()
        elif name == "row":
            row[0].end, row[0].inner_end = _after(raw, at), at
            row[0].closed = raw[at : at + 2] == b"</"
        elif name == "sheetData":
            sheet.data_end = at

    reader.StartElementHandler, reader.EndElementHandler = start, end
    reader.Parse(_safe(raw), True)
    return sheet


def _after(raw: bytes, at: int) -> int:
    """Behind the tag that begins at a place. (For <c/> the parser gives its beginning.)"""
    return raw.index(b">", at) + 1


# --- writing --------------------------------------------------------------------------------------


def _spliced(
    raw: bytes, wanted: Mapping[tuple[int, int], Value]
) -> tuple[bytes, list[tuple[tuple[int, int], str]]]:
    sheet, refused = _read(raw), []
    edits: list[tuple[int, int, bytes]] = []
    rows: dict[int, dict[int, Value]] = {}
    for at, value in wanted.items():
        why = _why_not(sheet, at)
        if why:
            refused.append((at, why))
        else:
            rows.setdefault(at[0], {})[at[1]] = value
    new, known_rows = b"", sorted(sheet.rows)
    for number in sorted(rows):
        known = sheet.rows.get(number)
        if known is None:
            new_row = _row_text(number, rows[number], sheet.prefix)
            after = bisect(known_rows, number)
            if after < len(known_rows):
                behind = sheet.rows[known_rows[after]].start
                edits.append((behind, behind, new_row))
            else:
                new += new_row
        else:
            edits += _in_row(raw, known, rows[number], sheet.prefix)
    if new:
        edits.append(_at_the_end(sheet, new))
    return _edited(raw, edits), refused


def _edited(raw: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    """The bytes with pieces replaced; what is put into one place stays in the order given."""
    parts, at = [], 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        parts += [raw[at:start], text]
        at = end
    return b"".join([*parts, raw[at:]])


def _why_not(sheet: _Sheet, at: tuple[int, int]) -> str:
    row = sheet.rows.get(at[0])
    cell = row.cells.get(at[1]) if row else None
    if cell is not None and cell.formula:
        return "formula"
    for top, left, bottom, right in sheet.merged:
        if top <= at[0] <= bottom and left <= at[1] <= right and at != (top, left):
            return "merged"
    return ""


def _in_row(
    raw: bytes, row: _Row, values: Mapping[int, Value], prefix: str
) -> list[tuple[int, int, bytes]]:
    if not row.closed:
        # <row r="5" …/> has no inside yet.
        tag = raw[row.start : row.end].rstrip(b">").rstrip(b"/")
        inner = b"".join(_cell_text(row.number, c, values[c], "", prefix) for c in sorted(values))
        return [(row.start, row.end, tag + b">" + inner + f"</{prefix}row>".encode())]
    edits = []
    for column in sorted(values):
        cell = row.cells.get(column)
        style = cell.style if cell else ""
        text = _cell_text(row.number, column, values[column], style, prefix)
        if cell is not None:
            edits.append((cell.start, cell.end, text))
            continue
        behind = [c.start for at, c in row.cells.items() if at > column]
        at = min(behind, default=row.inner_end)
        same = next((i for i, e in enumerate(edits) if e[0] == at == e[1]), None)
        if same is None:
            edits.append((at, at, text))
        else:
            edits[same] = (at, at, edits[same][2] + text)
    return edits


def _row_text(number: int, values: Mapping[int, Value], prefix: str) -> bytes:
    cells = b"".join(_cell_text(number, c, values[c], "", prefix) for c in sorted(values))
    return f'<{prefix}row r="{number}">'.encode() + cells + f"</{prefix}row>".encode()


def _at_the_end(sheet: _Sheet, new: bytes) -> tuple[int, int, bytes]:
    if sheet.empty_data is None:
        return sheet.data_end, sheet.data_end, new
    start, end = sheet.empty_data
    tag = f"{sheet.prefix}sheetData"
    return start, end, f"<{tag}>".encode() + new + f"</{tag}>".encode()


def _cell_text(row: int, column: int, value: Value, style: str, prefix: str) -> bytes:
    head = f"<{prefix}c r={quoteattr(_written((row, column)))}"
    head += f" s={quoteattr(style)}" if style else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{head}><{prefix}v>{value}</{prefix}v></{prefix}c>".encode()
    text = escape(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", str(value)))
    text = f'<{prefix}t xml:space="preserve">{text}</{prefix}t>'
    return f'{head} t="inlineStr"><{prefix}is>{text}</{prefix}is></{prefix}c>'.encode()


def _place(address: str) -> tuple[int, int] | None:
    """Row and column, counted from 1.

    >>> _place("AB12")
    (12, 28)
    """
    found = _ADDRESS.fullmatch(address.replace("$", "").upper())
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _written(at: tuple[int, int]) -> str:
    """An address as people write it.

    >>> _written((12, 28))
    'AB12'
    """
    row, column = at
    return f"{column_letters(column)}{row}"


def column_letters(column: int) -> str:
    """A column, counted from 1, as people write it.

    >>> column_letters(28)
    'AB'
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
