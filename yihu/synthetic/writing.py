"""Tables to files: Parquet in pieces, CSV in pieces, one xlsx for small runs.

The same tables give the same bytes: nothing of the clock or the machine is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import xlsxwriter

FORMS = ("parquet", "csv", "xlsx")
#: Rows of one Excel sheet below the heading.
SHEET_ROWS = 1_048_575
_XLSX_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in a file for the names inside.

    headings   fact → heading; a fact not named keeps its own name
    spellings  fact → key of a code → what is written; likewise
    yes, no    what is written for yes and no; both empty: the file's own truth values
    asked      facts that have a column, of this type, even where nobody filled it in
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    yes: str = ""
    no: str = ""
    asked: Mapping[str, pa.DataType] = field(default_factory=dict)

    def put_on(self, table: pa.Table) -> pa.Table:
        """Return the table with these headings and spellings."""
        for name, kind in self.asked.items():
            if name not in table.column_names:
                table = table.append_column(name, pa.nulls(table.num_rows, kind))
        columns = [self._spelled(name, table.column(name)) for name in table.column_names]
        return pa.table(columns, [self.headings.get(name, name) for name in table.column_names])

    def _spelled(self, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
        if pa.types.is_dictionary(column.type):
            words = self.spellings.get(name, {})
            return pa.chunked_array([_respelled(piece, words) for piece in column.chunks])
        if pa.types.is_boolean(column.type) and self.yes:
            return pc.if_else(column, self.yes, self.no)
        return column


class Writer(Protocol):
    """Takes the pieces of one table in order."""

    def write(self, piece: pa.Table) -> None:
        """Add rows."""

    def close(self) -> None:
        """Finish the file."""


def open_writer(path: Path) -> Writer:
    """Open the writer for a table; the ending of the path (one of FORMS) says the form."""
    makers: dict[str, Callable[[Path], Writer]] = {
        ".parquet": _Parquet,
        ".csv": _Csv,
        ".xlsx": _Xlsx,
    }
    return makers[path.suffix](path)


class _Parquet:
    """One row group for each piece; codes as dictionaries, all else plain under zstd."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, piece: pa.Table) -> None:
        if self._writer is None:
            coded = [one.name for one in piece.schema if pa.types.is_dictionary(one.type)]
            self._writer = pq.ParquetWriter(
                self._path, piece.schema, compression="zstd", compression_level=1,
                use_dictionary=coded, write_statistics=True,
            )  # fmt: skip
        self._writer.write_table(piece, row_group_size=max(1, piece.num_rows))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _Csv:
    """UTF-8 with a byte order mark, as spreadsheet programs expect Chinese text."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(b"\xef\xbb\xbf")
        self._first = True

    def write(self, piece: pa.Table) -> None:
        options = pyarrow.csv.WriteOptions(include_header=self._first, quoting_style="needed")
        pyarrow.csv.write_csv(_plain(piece), self._file, options)
        self._first = False

    def close(self) -> None:
        self._file.close()


class _Xlsx:
    """One sheet. Identity numbers and codes of places stay text, so no figure is lost."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True})
        self._book.set_properties({"created": _XLSX_DAY})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheet = self._book.add_worksheet(path.stem[:31])
        self._row = 0

    def write(self, piece: pa.Table) -> None:
        piece = _plain(piece)
        if self._row == 0:
            self._sheet.write_row(0, 0, piece.column_names)
            self._row = 1
        if self._row + piece.num_rows > SHEET_ROWS + 1:
            raise ValueError(f"more than {SHEET_ROWS:,} rows do not fit into a sheet")
        for row in zip(*(column.to_pylist() for column in piece.columns), strict=True):
            for at, value in enumerate(row):
                if isinstance(value, str):
                    self._sheet.write_string(self._row, at, value)
                elif hasattr(value, "year"):
                    self._sheet.write_datetime(self._row, at, value, self._day)
                elif value is not None:
                    self._sheet.write(self._row, at, value)
            self._row += 1

    def close(self) -> None:
        self._book.close()


def _respelled(piece: pa.DictionaryArray, words: Mapping[str, str]) -> pa.DictionaryArray:
    # Several codes in one cell have a comma between their keys.
    spelled = [
        "、".join(words[one] for one in key.split(","))
        if all(one in words for one in key.split(","))
        else key
        for key in piece.dictionary.to_pylist()
    ]
    return pa.DictionaryArray.from_arrays(piece.indices, pa.array(spelled, pa.string()))


def _plain(table: pa.Table) -> pa.Table:
    """Return the table with codes as texts, for files that know no dictionaries."""
    columns = [
        column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, table.column_names)
