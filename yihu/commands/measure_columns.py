"""Columns of a file by their headings: numbers and labels, a bad cell named by row and column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.intake.headings import LINES, Head
from yihu.rulebook.intake.sources import open_table
from yihu.rulebook.refusals import Refused, suggestion

Floats = npt.NDArray[np.float64]
_BLANK = {"", "-", "NA", "NaN", "nan", "null", "None"}


class Columns:
    """Some columns of a file, read once: heading → cells, and the row number of each."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        """Read them. Raises Refused (measure.no_column, intake.*)."""
        self.path = path
        table = open_table(path, partial(_heading_line, names))
        wanted = list(dict.fromkeys(names))
        places = [_place(table.headings, name, path) for name in wanted]
        self.rows: list[int] = []
        self.cells: dict[str, list[Any]] = {name: [] for name in wanted}
        for batch in table.batches(places):
            self.rows.extend(batch.rows)
            for name, place in zip(wanted, places, strict=True):
                self.cells[name].append(batch.columns[place])
        if not self.rows:
            raise Refused("measure.no_rows", file=path)


def _heading_line(names: Sequence[str], top: Sequence[Sequence[str]]) -> Head:
    """The first line that names what is asked for; titles may stand above it."""
    lines = [[cell.strip() for cell in line] for line in top[:LINES]]
    fits = [len(set(names) & set(line)) for line in lines]
    filled = [sum(map(bool, line)) for line in lines]
    best = max(range(len(lines)), key=lambda i: (fits[i], filled[i], -i))
    return Head(best + 1, lines[best], fits[best])


def _place(headings: Sequence[str], name: str, path: Path) -> int:
    if name in headings:
        return list(headings).index(name)
    raise Refused(
        "measure.no_column",
        file=path,
        column=name,
        found=", ".join(headings[:30]) + (" …" if len(headings) > 30 else ""),
        suggestion=suggestion(name, headings),
        suggestion_zh=suggestion(name, headings, "zh"),
    )


def numbers(columns: Columns, name: str, *, negative: bool = True) -> Floats:
    """A column of numbers; blank is NaN. Raises Refused (measure.not_a_number) by row."""
    parts, before = [], 0
    for raw in columns.cells[name]:
        part = _plain(raw)
        if part is None:
            listed = raw.to_pylist() if isinstance(raw, pa.Array | pa.ChunkedArray) else raw
            rows = columns.rows[before : before + len(listed)]
            part = np.array(
                [_number(cell, row, name, columns) for cell, row in zip(listed, rows, strict=True)]
            )
        before += len(part)
        parts.append(part)
    found: Floats = np.concatenate(parts)
    bad = np.isinf(found) if negative else np.isinf(found) | (found < 0)
    if bad.any():
        at = int(bad.argmax())
        raise _not_a_number(columns, name, columns.rows[at], found[at])
    return found


def _plain(raw: Any) -> Floats | None:
    """Cells that are numbers already."""
    if isinstance(raw, pa.Array) and (
        pa.types.is_integer(raw.type)
        or pa.types.is_floating(raw.type)
        or pa.types.is_decimal(raw.type)
        or pa.types.is_boolean(raw.type)
    ):
        floats = pc.cast(raw, pa.float64(), safe=False)
        found: Floats = floats.to_numpy(zero_copy_only=False)
        return found
    return None


def _number(cell: object, row: int, name: str, columns: Columns) -> float:
    if cell is None or (isinstance(cell, str) and cell.strip() in _BLANK):
        return math.nan
    try:
        # "1,234.5" is how sheets write it.
        return float(cell.replace(",", "") if isinstance(cell, str) else cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise _not_a_number(columns, name, row, cell) from None


def _not_a_number(columns: Columns, name: str, row: int, found: object) -> Refused:
    return Refused("measure.not_a_number", file=columns.path, column=name, row=row, found=found)


def labels(columns: Columns, name: str, *, blank: str | None = None) -> npt.NDArray[np.str_]:
    """A column of labels as text. blank stands for cells without one; without it they are refused.

    Raises  Refused (measure.blank_label)
    """
    found: list[str] = []
    for raw in columns.cells[name]:
        listed = raw.to_pylist() if isinstance(raw, pa.Array | pa.ChunkedArray) else raw
        for cell in listed:
            word = "" if cell is None or cell != cell else _label(cell)  # noqa: PLR0124  NaN
            if not word and blank is None:
                row = columns.rows[len(found)]
                raise Refused("measure.blank_label", file=columns.path, column=name, row=row)
            found.append(word or str(blank))
    return np.array(found)


def _label(cell: object) -> str:
    # A sheet gives the code 12 as 12.0.
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else str(cell).strip()  # type: ignore[call-overload]
