"""Cells of a workbook whose formula went wrong (#DIV/0!) or was never reckoned: read as empty.

An empty cell says nothing and changes nothing; these were meant to say something, and their rows
have to be refused. A program that writes a workbook without opening it leaves formulas without
what they give.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import unescape
from zipfile import BadZipFile, ZipFile, is_zipfile

#: Of an error, and of a formula. A sheet without any is not read a second time.
_MARKS = (b't="e"', b"<f>", b"<f ", b":f>", b":f ")
_PIECE = 1 << 20
#: Begins what is given for a formula without a value.
UNRECKONED = "#="
_SHEET = re.compile(rb'<(?:\w+:)?sheet\b[^>]*?\bname="([^"]*)"[^>]*?\b\w+:id="([^"]*)"')
_PART = re.compile(rb"<Relationship\b[^>]*>")
_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(.*?)</(?:\w+:)?c>',
    re.DOTALL,
)
#: One that gave a text has a kind, and may have given none.
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt=")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>([^<]*)</(?:\w+:)?f>)(.*?)</(?:\w+:)?c>",
    re.DOTALL,
)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)</(?:\w+:)?v>")


def error_cells(path: Path, place: int) -> dict[tuple[int, int], str]:
    """(row, column) from 0 → what stands there, in the sheet at a place of an xlsx.

    An error as it is shown; a formula nobody has reckoned with UNRECKONED before it.

    place  of the sheet among those of the workbook, in the order of its tabs
    """
    if not is_zipfile(path):
        return {}
    try:
        with ZipFile(path) as packed:
            name = _part_of(packed, place)
            if not name or not _has_mark(packed, name):
                return {}
            raw = packed.read(name)
            return _unreckoned(raw) | {
                (int(found[2]) - 1, _column(found[1])): _shown(found[3])
                for found in _CELL.finditer(raw)
            }
    except (BadZipFile, KeyError, OSError):
        # The reader of the workbook says what is wrong with it.
        return {}


def _unreckoned(raw: bytes) -> dict[tuple[int, int], str]:
    return {
        (int(found[2]) - 1, _column(found[1])): f"{UNRECKONED}{unescape(_text(found[3]))}"
        for found in _FORMULA.finditer(raw)
        if not _VALUE.search(found[4])
    }


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace").strip()


def _part_of(packed: ZipFile, place: int) -> str:
    sheets = _SHEET.findall(packed.read("xl/workbook.xml"))
    if place >= len(sheets):
        return ""
    for part in _PART.findall(packed.read("xl/_rels/workbook.xml.rels")):
        if b'Id="' + sheets[place][1] + b'"' in part:
            target = re.search(rb'Target="([^"]*)"', part)
            name = target[1].decode("utf-8", "replace") if target else ""
            return name.lstrip("/") if name.startswith("/") else f"xl/{name}"
    return ""


def _has_mark(packed: ZipFile, name: str) -> bool:
    """Is there any? A sheet without one, as nearly all are, is not read into memory for it."""
    tail, longest = b"", max(map(len, _MARKS))
    with packed.open(name) as file:
        while piece := file.read(_PIECE):
            if any(mark in tail + piece for mark in _MARKS):
                return True
            tail = piece[-longest:]
    return False


def _column(letters: bytes) -> int:
    """The place of a column from 0.

    >>> [_column(letters) for letters in (b"A", b"Z", b"AA")]
    [0, 25, 26]
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _shown(cell: bytes) -> str:
    found = _VALUE.search(cell)
    return found[1].decode("utf-8", "replace") if found else "#N/A"
