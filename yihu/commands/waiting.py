"""Answers that must wait for their turn, set aside on disk: levels are written one after the other.

Blocks give answers about persons and households together, and in a result the persons come first.
A nation's households are too many to keep in memory meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.values import Array
from yihu.rulebook.columns.answers import Answered
from yihu.rulebook.snapshot import Texts
from yihu.rulebook.snapshot.files import mapped, raw_of

#: Rows handed on at a time.
ROWS = 1 << 16


class Waiting:
    """The answers of one level, in flat files: one a rule, one an amount, one for derived facts.

    ids         of the level, in the order of the blocks
    file_rows   row of the file for each of them, where the file had another order; then the order
                is found in memory: eight bytes for each row
    """

    def __init__(self, folder: Path, level: str, ids: Texts, file_rows: Array | None) -> None:
        self.folder, self.level, self.ids, self.file_rows = folder, level, ids, file_rows
        self.rows = 0
        self._files: dict[tuple[str, str], IO[bytes]] = {}
        self._facts: pa.RecordBatchStreamWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the files; the folder is removed by whoever made it."""
        self._close()

    def add(self, part: Answered) -> None:
        """The answers of the next block. Raises OSError of the disk."""
        self.rows += len(part)
        for kind, columns in (("rule", part.rules), ("amount", part.amounts)):
            for name, values in columns.items():
                self._file(kind, name).write(raw_of(values))
        if part.facts:
            batch = pa.RecordBatch.from_pydict(part.facts)
            if self._facts is None:
                self._facts = pa.ipc.new_stream(str(self._path("facts")), batch.schema)
            self._facts.write_batch(batch)

    def parts(self) -> Iterator[Answered]:
        """All answers in the order of the file, some rows at a time."""
        self._close()
        columns = {
            (kind, name): mapped(Path(file.name), np.dtype(np.int8 if kind == "rule" else np.int64))
            for (kind, name), file in self._files.items()
        }
        facts = self._stored_facts()
        ids = self.ids.part(0, self.rows)
        order = None if self.file_rows is None else np.argsort(self.file_rows)
        for start in range(0, self.rows, ROWS):
            end = min(start + ROWS, self.rows)
            rows: Any = slice(start, end) if order is None else order[start:end]
            found = Answered(self.level, _taken(ids, rows))
            for (kind, name), values in columns.items():
                (found.rules if kind == "rule" else found.amounts)[name] = values[rows]
            for name, values in facts.items():
                found.facts[name] = _taken(values, rows)
            yield found

    def _path(self, name: object) -> Path:
        return self.folder / f"{self.level}.{name}"

    def _file(self, kind: str, name: str) -> IO[bytes]:
        if (kind, name) not in self._files:
            # Numbered: names of rules may be long, or differ in case only.
            self._files[kind, name] = self._path(len(self._files)).open("wb")
        return self._files[kind, name]

    def _stored_facts(self) -> dict[str, pa.ChunkedArray]:
        if self._facts is None:
            return {}
        with pa.memory_map(str(self._path("facts"))) as stored:
            table = pa.ipc.open_stream(stored).read_all()
        return dict(zip(table.column_names, table.columns, strict=True))

    def _close(self) -> None:
        for file in self._files.values():
            file.close()
        if self._facts is not None:
            self._facts.close()


def _taken(values: Any, rows: Any) -> Any:
    """Some rows of an Arrow column, as one array."""
    if isinstance(rows, slice):
        found = values.slice(rows.start, rows.stop - rows.start)
    else:
        found = values.take(pa.array(rows))
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
