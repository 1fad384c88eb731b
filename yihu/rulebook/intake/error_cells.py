"""Cells of a workbook in which a formula went wrong (#DIV/0!): its reader gives them as empty.

An empty cell says nothing and changes nothing; one with an error was meant to say something, and
its row has to be refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

_MARK = b't="e"'
_PIECE = 1 << 20
_SHEET = re.compile(rb'<(?:\w+:)?sheet\b[^>]*?\bname="([^"]*)"[^>]*?\b\w+:id="([^"]*)"')
_PART = re.compile(rb"<Relationship\b[^>]*>")
_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(.*?)</(?:\w+:)?c>',
    re.DOTALL,
)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>")


def error_cells(path: Path, place: int) -> dict[tuple[int, int], str]:
    """(row, column) from 0 → what stands there, in the sheet at a place of an xlsx.

    place  of the sheet among those of the workbook, in the order of its tabs
    """
    if not is_zipfile(path):
        return {}
    try:
        with ZipFile(path) as packed:
            name = _part_of(packed, place)
            if not name or not _has_mark(packed, name):
                return {}
            return {
                (int(found[2]) - 1, _column(found[1])): _shown(found[3])
                for found in _CELL.finditer(packed.read(name))
            }
    except (BadZipFile, KeyError, OSError):
        # The reader of the workbook says what is wrong with it.
        return {}


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
    tail = b""
    with packed.open(name) as file:
        while piece := file.read(_PIECE):
            if _MARK in tail + piece:
                return True
            tail = piece[-len(_MARK) :]
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
