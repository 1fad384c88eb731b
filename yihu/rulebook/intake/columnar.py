"""Parquet and Arrow files as tables. They have no heading line: row 1 is the first record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yihu.rulebook.intake.opened import (
    BATCH,
    Batch,
    broken_if_it_fails,
    numbered,
    require_width,
)
from yihu.rulebook.refusals import Refused


class ParquetTable:
    """A Parquet file."""

    is_folder = False

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        with broken_if_it_fails(path), pq.ParquetFile(path) as file:
            self._schema = file.schema_arrow
            self.headings = list(self._schema.names)
        require_width(path, len(self.headings))

    def batches(self, places: Sequence[int], size: int = BATCH) -> Iterator[Batch]:
        """The columns at these places, batch by batch. Raises Refused (intake.nested_column)."""
        _require_single_values(self._schema, places, self.name)
        names = [self.headings[place] for place in places]
        with broken_if_it_fails(self.path), pq.ParquetFile(self.path, memory_map=True) as file:
            yield from numbered(file.iter_batches(size, columns=names), places, names, first=1)


class ArrowTable:
    """An Arrow (Feather) file or stream."""

    is_folder = False

    def __init__(self, path: Path, *, is_stream: bool) -> None:
        self.path, self.name, self._is_stream = path, path.name, is_stream
        with broken_if_it_fails(path), pa.memory_map(str(path)) as file:
            opened = pa.ipc.open_stream(file) if is_stream else pa.ipc.open_file(file)
            self._schema = opened.schema
            self.headings = list(self._schema.names)
        require_width(path, len(self.headings))

    def batches(self, places: Sequence[int], size: int = BATCH) -> Iterator[Batch]:
        """The columns at these places, batch by batch. Raises Refused (intake.nested_column)."""
        _require_single_values(self._schema, places, self.name)
        names = [self.headings[place] for place in places]
        with broken_if_it_fails(self.path), pa.memory_map(str(self.path)) as file:
            yield from numbered(_sliced(self._whole(file), size), places, names, first=1)

    def _whole(self, file: pa.NativeFile) -> Iterator[pa.RecordBatch]:
        if self._is_stream:
            yield from pa.ipc.open_stream(file)
            return
        opened = pa.ipc.open_file(file)
        for number in range(opened.num_record_batches):
            yield opened.get_batch(number)


def _require_single_values(schema: pa.Schema, places: Sequence[int], file: str) -> None:
    """Refuse a wanted column of lists, structs or maps; others of the file may be so."""
    for place in places:
        kind = schema.field(place).type
        if pa.types.is_nested(kind):
            raise Refused(
                "intake.nested_column", file=file, column=schema.field(place).name, kind=kind
            )


def _sliced(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        # Arrow trusts the offsets of a file; a damaged one would read memory that is not its own.
        batch.validate(full=True)
        for start in range(0, batch.num_rows, size):
            yield batch.slice(start, size)
