"""Tables on their way into a file, batch by batch: Parquet, CSV or a workbook, by its ending."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import xlsxwriter

from yihu.rulebook.refusals import Refused

Write = Callable[[pa.RecordBatch], None]
#: Rows a sheet of a workbook can hold.
SHEET_ROWS = 1_048_576


@contextmanager
def opened(path: Path, schema: pa.Schema, *, shown: Path) -> Iterator[Write]:
    """What writes batches of a schema into a new file.

    shown   the name people know the file by, for refusals
    Raises  Refused (command.too_many_rows), OSError
    """
    form = path.suffix.lower()
    if form == ".parquet":
        with pq.ParquetWriter(path, schema, compression="zstd") as parquet:
            yield parquet.write_batch
    elif form == ".csv":
        plain = pa.schema([(f.name, _plain(f.type)) for f in schema])
        with path.open("wb") as file:
            pa.csv.write_csv(plain.empty_table(), file, _csv(header=True, quoted=_special(schema)))
            yield lambda batch: _write_csv(file, _cast(batch, plain))
    else:
        with _Workbook(path, schema, shown) as workbook:
            yield workbook.write


def _write_csv(file: IO[bytes], batch: pa.RecordBatch) -> None:
    texts = [column for column in batch.columns if pa.types.is_string(column.type)]
    texts += [column for column in batch.columns if pa.types.is_large_string(column.type)]
    quoted = any(pc.any(pc.match_substring_regex(text, _SIGNS)).as_py() for text in texts)
    pa.csv.write_csv(batch, file, _csv(header=False, quoted=quoted))


#: Signs for which a text has to stand in quotes. Arrow's own “needed” quotes every text, and then
#: a search for `,H-12,` on the command line finds nothing.
_SIGNS = '[,"\r\n]'


def _special(schema: pa.Schema) -> bool:
    return any(re.search(_SIGNS, name) for name in schema.names)


def _csv(*, header: bool, quoted: bool) -> pa.csv.WriteOptions:
    style = "needed" if quoted else "none"
    return pa.csv.WriteOptions(include_header=header, quoting_style=style, quoting_header=style)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [column.cast(f.type) for column, f in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Workbook:
    """One sheet, written row by row with little memory; ids stay text."""

    def __init__(self, path: Path, schema: pa.Schema, shown: Path) -> None:
        self.path, self.schema, self.shown = path, schema, shown
        self.row = 1

    def __enter__(self) -> Self:
        # What it keeps on disk meanwhile lies beside the half-written result and goes with it.
        options = {"constant_memory": True, "tmpdir": str(self.path.parent)}
        self.book = xlsxwriter.Workbook(self.path, options)
        self.sheet = self.book.add_worksheet("answers")
        self.sheet.freeze_panes(1, 2)
        bold = self.book.add_format({"bold": True})
        self.money = self.book.add_format({"num_format": "#,##0.00"})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        for i, name in enumerate(self.schema.names):
            self.sheet.write_string(0, i, name, bold)
            self.sheet.set_column(i, i, max(10, min(28, len(name) + 2)))
        return self

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch. Raises Refused (command.too_many_rows)."""
        if self.row + batch.num_rows > SHEET_ROWS:
            raise Refused("command.too_many_rows", path=self.shown, most=SHEET_ROWS - 1)
        columns = [column.to_pylist() for column in batch.columns]
        for values in zip(*columns, strict=True):
            for place, value in enumerate(values):
                if value is not None:
                    self._cell(place, value)
            self.row += 1

    def _cell(self, place: int, value: Any) -> None:
        kind = self.schema.field(place).type
        if pa.types.is_decimal(kind):
            self.sheet.write_number(self.row, place, float(value), self.money)
        elif isinstance(value, bool):
            self.sheet.write_boolean(self.row, place, value)
        elif isinstance(value, int | float):
            self.sheet.write_number(self.row, place, value)
        elif pa.types.is_date(kind):
            self.sheet.write_datetime(self.row, place, value, self.day)
        else:
            self.sheet.write_string(self.row, place, str(value))

    def __exit__(self, kind: object, fault: object, trace: object) -> None:
        try:
            if fault is None:
                self.sheet.autofilter(0, 0, max(self.row - 1, 1), len(self.schema.names) - 1)
                self.book.close()
        finally:
            # A workbook that was stopped is not written out; only its rows are let go.
            self.sheet.row_data_fh.close()
