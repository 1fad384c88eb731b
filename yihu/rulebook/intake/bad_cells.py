"""Cells that cannot be meant: collected over a whole file, refused once.

Whoever mends a file wants all its faults at once, with row, column, what stands there and what was
expected; a register can hold millions of them, so only the first are kept and the rest counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from yihu.rulebook.intake.cells import CellError
from yihu.rulebook.refusals import SENTENCES, Refused

#: So many are kept with row and text; a sentence shows the first SHOWN of them.
KEPT = 1000
SHOWN = 20
LONGEST = 40


@dataclass(frozen=True, slots=True)
class BadCell:
    """One cell. row counts as in the file, its headings included; column is its heading.

    Where the whole row is meant, the column is empty.
    """

    file: str
    row: int
    column: str
    found: str
    code: str
    details: Mapping[str, object]

    def sentence(self, lang: str) -> str:
        """Where it is, what stands there and what was expected."""
        why = SENTENCES[self.code][lang].format(found=self.found, **self.details)
        if lang == "zh":
            column = f"，“{self.column}”列" if self.column else ""
            return f"第 {self.row} 行{column}：{why}"
        column = f", column “{self.column}”" if self.column else ""
        return f"row {self.row}{column}: {why}"


class BadCells:
    """The bad cells of one file. Counts all, keeps the first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.kept: list[BadCell] = []
        self.counts: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return self.counts.total()

    def add(
        self, row: int, column: str, found: object, error: CellError, *, times: int = 1
    ) -> None:
        """Note a cell; times counts equal cells further down that are not kept one by one."""
        self.counts[column, error.code] += times
        if len(self.kept) < KEPT:
            text = str(found)
            short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
            self.kept.append(
                BadCell(self.file, row, column, short, error.code, dict(error.details))
            )

    def refusal(self) -> Refused:
        """All of them as one refusal; details["cells"] holds the kept ones for programs."""
        first = sorted(self.kept, key=lambda cell: cell.row)
        lists = {f"list_{lang}": self._list(first, lang) for lang in ("zh", "en")}
        return Refused("intake.bad_cells", file=self.file, count=len(self), cells=first, **lists)

    def _list(self, cells: list[BadCell], lang: str) -> str:
        lines = [f"  {cell.sentence(lang)}" for cell in cells[:SHOWN]]
        more = len(self) - len(lines)
        if more > 0:
            lines.append(f"  …… 另有 {more} 处" if lang == "zh" else f"  … and {more} more")
        return "\n".join(lines)


def as_table(cells: list[BadCell], lang: str = "zh") -> pa.Table:
    """Bad cells as a table to hand back with the file: row, column, what stands there, why."""
    return pa.table(
        {
            "file": pa.array([cell.file for cell in cells], pa.string()),
            "row": pa.array([cell.row for cell in cells], pa.int64()),
            "column": pa.array([cell.column for cell in cells], pa.string()),
            "found": pa.array([cell.found for cell in cells], pa.string()),
            "why": pa.array(
                [
                    SENTENCES[cell.code][lang].format(found=cell.found, **cell.details)
                    for cell in cells
                ],
                pa.string(),
            ),
        }
    )
