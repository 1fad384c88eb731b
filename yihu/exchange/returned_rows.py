"""The rows of a sheet of an xlsx file, read and written again piece by piece.

Rows that go back get the reason behind their last column; the others are hidden, as a filter on
the reasons would. Nothing else in a row is touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from yihu.exchange.workbook_parts import column_of, letters, written

PIECE = 1 << 22
_HIDDEN = re.compile(rb"""\s(?:hidden|spans)=["'][^"']*["']""")
_NUMBER = re.compile(rb"""\sr=["'](\d+)["']""")
_CELL = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])([^>]*?)(?:/>|>.*?</(?:[\w.-]+:)?c>)", re.DOTALL)
_ADDRESS = re.compile(rb"""\sr=["']([A-Za-z]{1,3})[0-9]+["']""")
_STYLE = re.compile(rb"""\ss=["'](\d+)["']""")


@dataclass(slots=True)
class Lines:
    """What is written into the rows of a sheet.

    column       where the reasons stand, counted from 0
    first, last  rows of the table below its headings
    said         row → the reason, for rows that stay in sight; the heading's own row too
    looks        number of the style of a cell with a reason, by row; None: that of the cell before
    """

    column: int
    first: int
    last: int
    said: Mapping[int, str]
    look: int


def rows_rewritten(
    read: Callable[[int], bytes], start: bytes, lines: Lines, prefix: bytes
) -> Iterator[bytes]:
    """What stands between <sheetData> and its end, changed; the last piece is what comes after.

    start  what was read already, from behind <sheetData> on
    """
    row = re.compile(rb"<%brow((?:\s[^>]*?)?)(?:/>|>(.*?)</%brow>)" % (prefix, prefix), re.DOTALL)
    end = b"</%bsheetData" % prefix
    writer, buffer = _Writer(lines, prefix), start
    while True:
        stop = buffer.find(end)
        region = buffer if stop < 0 else buffer[:stop]
        done = 0
        for found in row.finditer(region):
            yield region[done : found.start()]
            yield from writer.row(found[1], found[2])
            done = found.end()
        if stop >= 0:
            yield region[done:]
            yield from writer.missing(lines.last + 1)
            yield buffer[stop:]
            return
        piece = read(PIECE)
        if not piece:
            yield buffer[done:]
            return
        buffer = buffer[done:] + piece


class _Writer:
    """Writes one row after another."""

    def __init__(self, lines: Lines, prefix: bytes) -> None:
        self._lines, self._p = lines, prefix
        self._next = 1
        self._waiting = iter([*sorted(lines.said), None])
        self._wanted = next(self._waiting)
        self._letters = letters(lines.column).encode()

    def row(self, attributes: bytes, cells: bytes | None) -> Iterator[bytes]:
        """A row that stands in the sheet, after those before it that do not."""
        said = _NUMBER.search(attributes)
        number = int(said[1]) if said else self._next
        yield from self.missing(number)
        self._next = number + 1
        if number == self._wanted:
            self._wanted = next(self._waiting)
            yield self._made(number, _HIDDEN.sub(b"", attributes), cells or b"")
        elif self._lines.first <= number <= self._lines.last:
            hidden = _HIDDEN.sub(b"", attributes) + b' hidden="1"'
            yield self._row(hidden, self._without_reason(cells or b""))
        else:
            yield self._row(attributes, cells or b"")

    def missing(self, before: int) -> Iterator[bytes]:
        """Rows with a reason that stand nowhere in the sheet: all their cells are merged ones."""
        while self._wanted is not None and self._wanted < before:
            yield self._made(self._wanted, b' r="%d"' % self._wanted, b"")
            self._wanted = next(self._waiting)

    def _row(self, attributes: bytes, cells: bytes) -> bytes:
        return b"<%brow%b>%b</%brow>" % (self._p, attributes, cells, self._p)

    def _made(self, number: int, attributes: bytes, cells: bytes) -> bytes:
        at, end, style, column = 0, 0, None, -1
        for cell in _CELL.finditer(cells):
            address = _ADDRESS.search(cell[1])
            column = column_of(address[1].decode()) if address else column + 1
            if column >= self._lines.column:
                at, end = cell.start(), cell.end() if column == self._lines.column else cell.start()
                break
            at = end = cell.end()
            style = _STYLE.search(cell[1])
        look = self._lines.look
        if number < self._lines.first:
            # A heading looks as the one before it.
            look = int(style[1]) if style else 0
        reason = written(self._lines.said[number])
        made = b'<%bc r="%b%d" s="%d" t="inlineStr"><%bis><%bt xml:space="preserve">%b</%bt></%bis></%bc>' % (  # noqa: E501
            self._p, self._letters, number, look, self._p, self._p, reason,
            self._p, self._p, self._p,
        )  # fmt: skip
        return self._row(attributes, cells[:at] + made + cells[end:])

    def _without_reason(self, cells: bytes) -> bytes:
        """The cells without what an earlier return wrote beside them."""
        if b'"%b' % self._letters not in cells:
            return cells
        return _CELL.sub(self._unless_reason, cells)

    def _unless_reason(self, cell: re.Match[bytes]) -> bytes:
        address = _ADDRESS.search(cell[1])
        return b"" if address and address[1].upper() == self._letters else cell[0]


def widest(file: IO[bytes]) -> int:
    """Columns up to the furthest cell of a sheet."""
    found, last = {b"A"}, b""
    while piece := file.read(PIECE):
        found |= set(_ADDRESS.findall(last + piece))
        last = piece[-40:]
    return 1 + max(column_of(name.decode()) for name in found)
