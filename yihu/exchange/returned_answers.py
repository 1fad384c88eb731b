"""Refused submissions that go back: their rows as a CSV, with the reasons in a last column.

Put right, the CSV is sent again as it is: it carries the ids of submissions and repeats.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, BinaryIO

from yihu.exchange.harmless import harmless
from yihu.exchange.returned_marks import Marks
from yihu.exchange.submissions import SubmissionTable


def write_answers(path: Path, marks: Marks, into: BinaryIO) -> None:
    """The refused rows of a file of submissions. Raises Problem (exchange.not_submissions)."""
    table, said = SubmissionTable(path), marks.said()
    out = io.TextIOWrapper(into, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*table.headings, marks.words.heading])
    for number, row in enumerate(table.rows, start=1):
        if number in marks.remarks:
            cells = [_plain(row.get(heading)) for heading in table.headings]
            writer.writerow([*cells, _plain(said[number])])
    out.detach()


def _plain(value: Any) -> str:
    return "" if value is None else harmless(str(value))
