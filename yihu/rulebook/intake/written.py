"""Text files with separators (CSV): the encoding and the separator are found out, not asked for.

Chinese registers come as UTF-8, UTF-8 with a mark in front (as Excel writes it), UTF-16 or GB18030
(which GBK and GB2312 are part of).
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv

from yihu.rulebook.intake.cells import CellError
from yihu.rulebook.intake.headings import LINES, Head
from yihu.rulebook.intake.opened import (
    BATCH,
    ENDLESS_CELL,
    Batch,
    Chooser,
    broken,
    broken_if_it_fails,
    require_width,
)
from yihu.rulebook.refusals import Refused

SEPARATORS = ",\t;|"
_PIECE = 1 << 22
#: Bytes parsed at a time; a row of a register is some hundred bytes.
_BLOCK = 1 << 25
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path) -> str:
    """The encoding of a text file: by its mark, else the first that fits the whole file.

    Raises  Refused (intake.encoding)
    """
    with path.open("rb") as file:
        start = file.read(4)
    marked = [name for mark, name in _MARKS if start.startswith(mark)]
    for name in marked or ("utf-8", "gb18030"):
        if _fits(path, name):
            return name
    raise Refused("intake.encoding", file=path)


def _fits(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if "\0" in decoder.decode(piece):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class WrittenTable:
    """A text file with separators. Rows count from the first line of the file.

    A line break inside quotes does not count as a line.
    """

    is_folder = False

    def __init__(self, path: Path, choose: Chooser) -> None:
        self.path, self.name = path, path.name
        with broken_if_it_fails(path, ENDLESS_CELL):
            self.encoding = encoding_of(path)
            tried = [self._tried(separator, choose) for separator in SEPARATORS]
        # The separator under which most headings fit; of equals, the one that cuts most.
        best = max(tried, key=lambda one: (one[0].fits, one[2]))
        self._head, self.separator, self._width, self._lines = best
        gap = self._width - len(self._head.headings)
        self.headings = [*self._head.headings, *[""] * gap]
        self.first_row = self._head.lines + 1

    def _tried(self, separator: str, choose: Chooser) -> tuple[Head, str, int, int]:
        """Headings, separator, number of columns, and lines of the file up to the headings."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=separator)
            try:
                top = [(row, reader.line_num) for row in islice(reader, LINES + 2)]
            except csv.Error as fault:
                raise broken(self.path, ENDLESS_CELL, fault) from None
        if not top:
            raise Refused("intake.empty", file=self.path)
        require_width(self.path, max(len(row) for row, _ in top))
        head = choose([row for row, _ in top])
        below = [len(row) for row, _ in top[head.lines : head.lines + 1]]
        return head, separator, max(len(head.headings), *below, 1), top[head.lines - 1][1]

    def batches(self, places: Sequence[int], size: int = BATCH) -> Iterator[Batch]:
        """The columns at these places, batch by batch, all as text."""
        names = [str(place) for place in places] or ["0"]
        rows = _Rows(self._head.lines, self._lines)
        with broken_if_it_fails(self.path, ENDLESS_CELL):
            for whole in pv.open_csv(self.path, *self._options(names, rows)):
                for start in range(0, whole.num_rows, size):
                    part = whole.slice(start, size)
                    columns = {p: part.column(str(p)) for p in places}
                    yield Batch(rows.of(part.num_rows), columns, rows.odd())
        yield Batch([], {p: pa.array([], pa.large_string()) for p in places}, rows.odd())

    def _options(
        self, names: list[str], rows: _Rows
    ) -> tuple[pv.ReadOptions, pv.ParseOptions, pv.ConvertOptions]:
        columns = [str(place) for place in range(self._width)]
        return (
            pv.ReadOptions(
                # Without threads Arrow knows the number of an odd row.
                use_threads=False,
                block_size=_BLOCK,
                skip_rows=self._lines,
                column_names=columns,
                encoding=self.encoding.removesuffix("-sig"),
            ),
            pv.ParseOptions(
                delimiter=self.separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=rows.skip,
            ),
            pv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.large_string()),
                strings_can_be_null=False,
                include_columns=names,
            ),
        )


class _Rows:
    """Row numbers of the records that come out, while Arrow leaves out the odd ones.

    heading, lines   rows of headings and the lines of the file they take
    """

    def __init__(self, heading: int, lines: int) -> None:
        self._next = heading + 1
        self._shift = heading - lines
        self._skipped: list[int] = []
        self._odd: list[tuple[int, str, CellError]] = []

    def skip(self, row: pv.InvalidRow) -> str:
        """Leave out a row with too few or too many cells."""
        number = (row.number or 0) + self._shift
        self._skipped.append(number)
        error = CellError("row_width", expected=row.expected_columns, actual=row.actual_columns)
        self._odd.append((number, row.text, error))
        return "skip"

    def of(self, count: int) -> Sequence[int]:
        """Numbers of the next records."""
        gaps = [number for number in self._skipped if number >= self._next]
        if not gaps:
            self._next += count
            return range(self._next - count, self._next)
        numbers = np.arange(self._next, self._next + count + len(gaps))
        rows: list[int] = np.setdiff1d(numbers, gaps)[:count].tolist()
        self._next = rows[-1] + 1 if rows else self._next
        return rows

    def odd(self) -> list[tuple[int, str, CellError]]:
        """Odd rows not handed out yet."""
        handed, self._odd = self._odd, []
        return handed
