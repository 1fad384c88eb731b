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
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile

from yihu.exchange.forms_out_sheet import (
    Reader,
    Row,
    Sheet,
    place_of,
    safe,
    written,
)

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Value = str | int | float | None


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook, in their order; each can be filled.

    Raises  KeyError, ValueError, ExpatError: one of them cannot
    """
    with ZipFile(path) as book:
        parts = _parts(book)
        for part in parts.values():
            Reader(book.read(part)).read()
        _shared(book)
        return list(parts)


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
            at = place_of(address)
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
                left += [(names[info.filename], written(at), why) for at, why in refused]
            elif info.filename == "xl/workbook.xml" and by_part:
                raw = _reckoned_again(raw)
            made.writestr(info, raw)
    return left


@dataclass(frozen=True, slots=True)
class Taken:
    """The first row below the blank ones of a list, and what stands in it."""

    row: int
    says: str


def taken_below(path: Path, sheet: str, first: int) -> Taken | None:
    """The first row from a row on that is no blank one as the first: a total, a signature.

    Running numbers stand in blank rows, and what the first row has: sums of the row, cells merged
    in it. Words, a formula of its own (a total without a word) and other merged cells end a list.
    """
    with ZipFile(path) as book:
        part = _parts(book).get(sheet)
        found = Reader(book.read(part)).read() if part else Sheet()
        shared = _shared(book)
    tall = {max(top, first) for top, _, bottom, _ in found.merged if top < bottom >= first}
    merged = {top for top, _, _, _ in found.merged}
    blank = _shape(found, first)
    for number in sorted(at for at in {*found.rows, *merged, *tall} if at >= first):
        row = found.rows.get(number)
        cells = row.cells.values() if row else ()
        words = [_in_words(cell.says, shared) for cell in cells if not cell.formula]
        if any(words) or number in tall or not _shape(found, number) <= blank:
            return Taken(number, next(filter(None, words), ""))
    return None


def _shape(sheet: Sheet, number: int) -> set[tuple[int, int]]:
    """Formulas of a row and cells merged in it: first and last column of each."""
    row = sheet.rows.get(number)
    formulas = {(at, at) for at, cell in row.cells.items() if cell.formula} if row else set()
    merged = {(left, right) for top, left, end, right in sheet.merged if top == end == number}
    return formulas | merged


def _in_words(says: str, shared: Sequence[str]) -> str:
    if says.startswith("#"):
        number = says[1:].strip()
        at = int(number) if number.isdecimal() else len(shared)
        return shared[at].strip() if at < len(shared) else ""
    return says.strip()


def _shared(book: ZipFile) -> list[str]:
    """The texts the sheets of a workbook share."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    root = ET.fromstring(safe(book.read("xl/sharedStrings.xml")))  # noqa: S314
    return ["".join(t.text or "" for t in each.iter(f"{_NS}t")) for each in root]


def _reckoned_again(raw: bytes) -> bytes:
    """Formulas show what they gave before until the program is told to reckon at opening."""
    if b"fullCalcOnLoad" in raw or b"calcPr" not in raw:
        return raw
    return re.sub(rb"(<(?:\w+:)?calcPr)\b", rb'\1 fullCalcOnLoad="1"', raw, count=1)


def _parts(book: ZipFile) -> dict[str, str]:
    """Name of a sheet → its part in the zip."""
    links = ET.fromstring(safe(book.read("xl/_rels/workbook.xml.rels")))  # noqa: S314
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    root = ET.fromstring(safe(book.read("xl/workbook.xml")))  # noqa: S314
    found = {}
    for sheet in root.iter(f"{_NS}sheet"):
        target = targets.get(sheet.get(_REL, ""), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found[sheet.get("name", "")] = part
    return found


# --- writing --------------------------------------------------------------------------------------


def _spliced(
    raw: bytes, wanted: Mapping[tuple[int, int], Value]
) -> tuple[bytes, list[tuple[tuple[int, int], str]]]:
    sheet, refused = Reader(raw).read(), []
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
    made = _edited(raw, edits)
    _require_all_else(raw, sheet, made, {at for at in wanted if not _why_not(sheet, at)})
    return made, refused


def _require_all_else(raw: bytes, sheet: Sheet, made: bytes, filled: set[tuple[int, int]]) -> None:
    """What is given out is a sheet, and every other cell of it is the one that came.

    Raises  ValueError: a defect; a form is rather not filled than broken
    """
    now = Reader(made).read()
    for number, row in sheet.rows.items():
        for column, cell in row.cells.items():
            if (number, column) in filled:
                continue
            same = now.rows[number].cells.get(column) if number in now.rows else None
            if same is None or made[same.start : same.end] != raw[cell.start : cell.end]:
                raise ValueError(f"the cell {written((number, column))} would not be the same")


def _edited(raw: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    """The bytes with pieces replaced; what is put into one place stays in the order given."""
    parts, at = [], 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        parts += [raw[at:start], text]
        at = end
    return b"".join([*parts, raw[at:]])


def _why_not(sheet: Sheet, at: tuple[int, int]) -> str:
    row = sheet.rows.get(at[0])
    cell = row.cells.get(at[1]) if row else None
    if cell is not None and cell.formula:
        return "formula"
    for top, left, bottom, right in sheet.merged:
        if top <= at[0] <= bottom and left <= at[1] <= right and at != (top, left):
            return "merged"
    return ""


def _in_row(
    raw: bytes, row: Row, values: Mapping[int, Value], prefix: str
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


def _at_the_end(sheet: Sheet, new: bytes) -> tuple[int, int, bytes]:
    if sheet.empty_data is None:
        return sheet.data_end, sheet.data_end, new
    start, end = sheet.empty_data
    tag = f"{sheet.prefix}sheetData"
    return start, end, f"<{tag}>".encode() + new + f"</{tag}>".encode()


def _cell_text(row: int, column: int, value: Value, style: str, prefix: str) -> bytes:
    head = f"<{prefix}c r={quoteattr(written((row, column)))}"
    head += f" s={quoteattr(style)}" if style else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{head}><{prefix}v>{value}</{prefix}v></{prefix}c>".encode()
    text = escape(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", str(value)))
    text = f'<{prefix}t xml:space="preserve">{text}</{prefix}t>'
    return f'{head} t="inlineStr"><{prefix}is>{text}</{prefix}is></{prefix}c>'.encode()
