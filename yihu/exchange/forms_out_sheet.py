"""Where rows and cells lie in the bytes of a sheet of a workbook."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(slots=True)
class Cell:
    """A cell. says: its text as it stands there; of a shared one, # and its number."""

    column: int
    start: int
    end: int
    style: str = ""
    formula: bool = False
    says: str = ""


@dataclass(slots=True)
class Row:
    """A row of the sheet and its cells by column."""

    number: int
    start: int
    end: int = 0
    closed: bool = True  # has a start tag of its own, not <row/>
    inner_end: int = 0
    cells: dict[int, Cell] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """Where rows and cells lie in the bytes of a sheet. prefix: of its names, as "x:"."""

    rows: dict[int, Row] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    data_end: int = 0
    empty_data: tuple[int, int] | None = None
    prefix: str = ""


class Reader:
    """Finds where the rows and cells of a sheet lie.

    Rows and cells may leave out where they are: then each is the next one.

    Raises  ValueError, ExpatError: no sheet that can be filled
    """

    def __init__(self, raw: bytes) -> None:
        self.raw, self.sheet = raw, Sheet()
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._text
        self.row: Row | None = None
        self.cell: Cell | None = None
        self.kind = self.text = ""
        self.inside = False  # a button has rows and columns too, behind those of the sheet
        self.open: list[tuple[int, bool]] = []  # of each open tag: behind it, and is it <c/>?

    def read(self) -> Sheet:
        """The whole part."""
        self.parser.Parse(safe(self.raw), True)
        return self.sheet

    def _start(self, tag: str, given: dict[str, str]) -> None:
        at, name = self.parser.CurrentByteIndex, tag.rpartition(":")[2]
        behind = _behind(self.raw, at)
        self.open.append((behind, self.raw[behind - 2 : behind] == b"/>"))
        if name == "sheetData":
            self.inside, self.sheet.prefix = True, tag[: -len(name)]
            self.sheet.empty_data = (at, behind) if self.open[-1][1] else None
        elif name == "row" and self.inside:
            before = self.row.number if self.row else 0
            number = _behind_the_last(int(given.get("r") or before + 1), before)
            self.row = Row(number, at, closed=not self.open[-1][1])
            self.sheet.rows[number] = self.row
        elif name == "c" and self.row is not None and self.inside:
            lies, before = place_of(given.get("r", "")), max(self.row.cells, default=0)
            column = _behind_the_last(lies[1] if lies else before + 1, before)
            self.cell, self.kind = Cell(column, at, 0, given.get("s", "")), given.get("t", "")
            self.row.cells[column] = self.cell
        elif name == "f" and self.cell is not None:
            self.cell.formula = True
        elif name == "mergeCell":
            first, _, last = given["ref"].partition(":")
            one, two = place_of(first), place_of(last or first)
            if one and two:
                self.sheet.merged.append((*one, *two))
        self.text = ""

    def _text(self, text: str) -> None:
        self.text += text

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        behind, empty = self.open.pop()
        # Of an empty element the parser says now where it begins, now where it ends.
        begins = behind if empty else self.parser.CurrentByteIndex
        ends = behind if empty else _behind(self.raw, begins)
        if name in ("v", "t") and self.cell is not None and self.kind in ("s", "inlineStr", "str"):
            self.cell.says += f"#{self.text}" if self.kind == "s" else self.text
        elif name == "c" and self.cell is not None:
            self.cell.end, self.cell = ends, None
        elif name == "row" and self.row is not None and self.inside:
            self.row.end, self.row.inner_end = ends, begins
        elif name == "sheetData":
            self.inside, self.sheet.data_end = False, begins
        self.text = ""


def _behind_the_last(number: int, last: int) -> int:
    """The same number. A row or cell that comes twice, or too early, has no place of its own."""
    if number <= last:
        raise ValueError(f"{number} stands behind {last}")
    return number


def _behind(raw: bytes, at: int) -> int:
    """Behind the tag that begins at a place; what stands in quotes ends none."""
    found = _TAG.match(raw, at)
    if found is None:
        raise ValueError("a tag without an end")
    return found.end()


_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")


def safe(raw: bytes) -> bytes:
    """The same bytes. Raises ValueError: they have a document type, or are not UTF-8."""
    # Two bytes a sign would hide a document type, and no piece of UTF-8 can be put among them.
    declared = _ENCODING.match(raw)
    if b"\0" in raw or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")):
        raise ValueError("a workbook part that is not UTF-8")
    # Spreadsheets have no document types; one that has is an attempt to fill the memory.
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ValueError("a workbook part with a document type")
    return raw


_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)""")


def place_of(address: str) -> tuple[int, int] | None:
    """Row and column, counted from 1.

    >>> place_of("AB12")
    (12, 28)
    """
    found = _ADDRESS.fullmatch(address.replace("$", "").upper())
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def written(at: tuple[int, int]) -> str:
    """An address as people write it.

    >>> written((12, 28))
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
