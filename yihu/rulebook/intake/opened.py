"""What every opened file gives: headings, and wanted columns in batches with their row numbers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from yihu.rulebook.intake.cells import CellError
from yihu.rulebook.intake.columns import Raw
from yihu.rulebook.intake.headings import Head
from yihu.rulebook.refusals import Phrase, Refused

#: Rows read at a time. Small enough for bounded memory, large enough for fast columns.
BATCH = 1 << 16

#: Columns of a file: as many as the widest sheet has. More is no table anybody filled in.
MOST_COLUMNS = 16_384

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


#: Why a file cannot be read, in our own words: those of the libraries are English only.
CUT_SHORT = Phrase("its end is missing", "文件末尾缺失，多半没有复制完")
NOT_ITS_FORMAT = Phrase(
    "its content does not follow the format it claims to be in", "内容与它自称的格式不符"
)
ENDLESS_CELL = Phrase(
    "a cell does not end; a quotation mark is not closed perhaps",
    "有一格没有结尾，多半是引号不成对",
)
NO_TEXT = Phrase("a text column holds bytes that are no text", "文字列里有不是文字的内容")
NOT_READ_BY_DISK = Phrase("the disk cannot deliver it", "磁盘读不出来")


def require_width(path: Path, columns: int) -> None:
    """Refuse a table so wide that its headings alone fill the memory.

    Raises  Refused (intake.too_many_columns)
    """
    if columns > MOST_COLUMNS:
        raise Refused(
            "intake.too_many_columns", file=path, columns=f"{columns:,}", most=f"{MOST_COLUMNS:,}"
        )


def broken(path: Path | str, why: Phrase, fault: object = "") -> Refused:
    """The refusal of a damaged file.

    fault   what a library or the system said: for programs and reports of defects, not for people
    """
    said = str(fault).strip().splitlines()
    return Refused("intake.broken", file=path, why=why, library=said[0] if said else "")


@contextmanager
def broken_if_it_fails(path: Path, otherwise: Phrase = NOT_ITS_FORMAT) -> Iterator[None]:
    """What Arrow or the disk says inside is about the file: refused with the reason.

    otherwise   the reason where neither the disk nor a missing end is
    """
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise broken(path, _why(path, fault, otherwise), fault) from None


def _why(path: Path, fault: Exception, otherwise: Phrase) -> Phrase:
    if isinstance(fault, OSError) and fault.errno is not None:
        return NOT_READ_BY_DISK
    return otherwise if _is_whole(path) else CUT_SHORT


def _is_whole(path: Path) -> bool:
    """Whether a file ends as files that begin like it do."""
    with path.open("rb") as file:
        start = file.read(6)
        file.seek(-min(6, path.stat().st_size), os.SEEK_END)
        end = file.read()
    for sign in (b"PAR1", b"ARROW1"):
        if start.startswith(sign):
            return end.endswith(sign) and path.stat().st_size > 2 * len(sign)
    return True
