"""What every opened file gives: headings, and wanted columns in batches with their row numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from yihu.rulebook.intake.cells import CellError
from yihu.rulebook.intake.columns import Raw
from yihu.rulebook.intake.headings import Head
from yihu.rulebook.refusals import Refused

#: Rows read at a time. Small enough for bounded memory, large enough for fast columns.
BATCH = 1 << 18

#: Chooses the heading lines among the first lines of a file.
Chooser = Callable[[Sequence[Sequence[str]]], Head]


@dataclass(frozen=True, slots=True)
class Batch:
    """Columns of some rows.

    rows    the row numbers as people count them in the file
    odd     rows that are no rows of the table: row number, its text, why
    """

    rows: Sequence[int]
    columns: dict[int, Raw]
    odd: list[tuple[int, str, CellError]] = field(default_factory=list)


class Table(Protocol):
    """An opened file."""

    name: str
    headings: list[str]
    #: A folder of files: row numbers start anew in each.
    is_folder: bool

    def batches(self, places: Sequence[int], size: int = BATCH) -> Iterator[Batch]:
        """The columns at these places, batch by batch. May be read several times."""


def numbered(
    batches: Iterable[pa.RecordBatch], places: Sequence[int], names: Sequence[str], *, first: int
) -> Iterator[Batch]:
    """Record batches with their columns by place and their row numbers, the first given."""
    for batch in batches:
        columns: dict[int, Raw] = {
            place: batch.column(name) for place, name in zip(places, names, strict=True)
        }
        yield Batch(range(first, first + batch.num_rows), columns)
        first += batch.num_rows


@contextmanager
def broken_if_it_fails(path: Path) -> Iterator[None]:
    """What Arrow or the disk says inside is about the file: refused with the reason."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as fault:
        why = (str(fault).strip() or type(fault).__name__).splitlines()[0]
        raise Refused("intake.broken", file=path, why=why) from None
