"""A list as csv, xlsx or Parquet, written row by row: memory does not grow with the list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from yihu.exchange.harmless import harmless
from yihu.exchange.out import Listing

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
#: Rows of a sheet below its headings, by the format.
ROWS_OF_SHEET = 2**20 - 1
AT_ONCE = 2000


def parts_of_csv(listing: Listing) -> Iterator[bytes]:
    """UTF-8 with its mark, for spreadsheets take anything else for GBK; some rows at a time."""
    yield "\ufeff".encode() + _lines([[column.heading for column in listing.columns]])
    rows = listing.rows()
    while part := list(islice(rows, AT_ONCE)):
        yield _lines(part)


def _lines(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([harmless(v) if isinstance(v, str) else v for v in row])
    return text.getvalue().encode()


def write_xlsx(listing: Listing, path: Path) -> None:
    """One sheet, or several where the format ends; headings stay in sight."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E3EFEC", "text_wrap": True})
        rows = listing.rows()
        for number in range(1, 1 + max(1, -(-listing.count // ROWS_OF_SHEET))):
            name = listing.what if number == 1 else f"{listing.what} {number}"
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for at, column in enumerate(listing.columns):
                sheet.set_column(at, at, min(24, max(8, len(column.heading) * 2)))
                sheet.write_string(0, at, column.heading, bold)
            for at, row in enumerate(islice(rows, ROWS_OF_SHEET), 1):
                _row(sheet, at, row)


def _row(sheet: Any, at: int, row: list[Any]) -> None:
    for place, value in enumerate(row):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            # Never as a formula or a link, whatever it looks like.
            sheet.write_string(at, place, value)
        else:
            sheet.write_number(at, place, value)


def write_parquet(listing: Listing, path: Path) -> None:
    """Columns of text and of numbers, named by their headings."""
    schema = pa.schema(
        [(column.heading, pa.float64() if column.number else pa.string())
         for column in listing.columns]
    )  # fmt: skip
    rows = listing.rows()
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        while part := list(islice(rows, AT_ONCE * 10)):
            columns = zip(*part, strict=True)
            made = [pa.array(list(v), f.type) for v, f in zip(columns, schema, strict=True)]
            file.write_table(pa.Table.from_arrays(made, schema=schema))
