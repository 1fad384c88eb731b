"""A program run over a snapshot on the reader asked for, its answers written and counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from yihu.commands.answer_files import opened
from yihu.commands.answer_tables import FactTable, Long, Wide
from yihu.commands.progress import Show
from yihu.commands.waiting import Waiting
from yihu.commands.whole_file import whole_file
from yihu.rulebook import columns
from yihu.rulebook.book import Rulebook
from yihu.rulebook.columns.answers import NO_AMOUNT, Answered
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.snapshot.scratch import scratch

if TYPE_CHECKING:
    from yihu.rulebook.sql import LevelAnswers

Key = tuple[str, str]


@dataclass(slots=True)
class Tally:
    """How often a rule holds, fails and is unknown, and the sum of its amounts in fen."""

    holds: int = 0
    fails: int = 0
    unknown: int = 0
    amount: int | None = None


@dataclass(slots=True)
class Checked:
    """What a check gave: a tally for each rule, facts of the population, the files written."""

    tallies: dict[Key, Tally] = field(default_factory=dict)
    everybody: dict[str, Any] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    things: dict[str, int] = field(default_factory=dict)


def checked(
    program: Program,
    snapshot: Snapshot,
    out: Path,
    *,
    rulebook: Rulebook,
    facts: Sequence[Key],
    wide: bool,
    reader: Literal["columns", "sql"],
    threads: int | None,
    show: Show,
) -> Checked:
    """Answer all rules for everybody, and write the answers whole or not at all.

    Raises  Refused (command.facts_need_columns, command.too_many_rows), OSError of the disk
    """
    if facts and reader == "sql":
        raise Refused("command.facts_need_columns")
    found = Checked()
    extra = out.with_name(f"{out.stem}.facts{out.suffix}")
    forms: dict[Path, Long | Wide | FactTable] = {
        out: (Wide if wide else Long)(program, rulebook, facts)
    }
    if facts and not wide:
        forms[extra] = FactTable(program, rulebook, facts)
    found.files = list(forms)
    with ExitStack() as files:
        # All are finished before the first takes its place.
        beside = {path: files.enter_context(whole_file(path)) for path in forms}
        writers = [
            (form, files.enter_context(opened(beside[path], form.schema, shown=path)))
            for path, form in forms.items()
        ]

        def keep(part: Answered) -> None:
            _count(found, part)
            for form, write in writers:
                for batch in form.batches(part):
                    write(batch)

        _run(program, snapshot, keep, facts, reader, threads, show, out)
    return found


def _run(
    program: Program,
    snapshot: Snapshot,
    keep: Callable[[Answered], None],
    facts: Sequence[Key],
    reader: Literal["columns", "sql"],
    threads: int | None,
    show: Show,
    out: Path,
) -> None:
    if reader == "sql":
        # SQLGlot takes as long to load as a small check takes to run.
        from yihu.rulebook import sql  # noqa: PLC0415

        for level, answers in sql.check(program, snapshot).items():
            keep(_from_sql(level, answers))
        return
    with ExitStack() as files:
        # A pipe has no folder of its own to leave things in.
        beside = Path(gettempdir()) / "yihu" if out.exists() and not out.is_file() else out
        folder = files.enter_context(scratch(beside))
        ordered = _InFileOrder(snapshot, keep, folder, files)
        columns.run(program, snapshot, ordered.take, facts=facts, threads=threads, progress=show)
        ordered.finish()


class _InFileOrder:
    """Hands answers on level after level, each in the order of its file.

    The first level, the persons as a rule, goes on as it comes; the others wait on disk, and so
    does a level whose file had to be sorted.
    """

    def __init__(
        self, snapshot: Snapshot, keep: Callable[[Answered], None], folder: Path, files: ExitStack
    ) -> None:
        self.snapshot, self.keep, self.folder, self.files = snapshot, keep, folder, files
        self.waiting: dict[str, Waiting] = {}
        self.places: list[Answered] = []
        self.first = ""

    def take(self, part: Answered) -> None:
        """Called block by block; levels of one block come one after the other."""
        self.first = self.first or part.level
        if part.level not in (self.snapshot.lower, self.snapshot.upper):
            self.places.append(part)
        elif part.level == self.first and part.level not in self.snapshot.file_rows:
            self.keep(part)
        else:
            self._waiting(part.level).add(part)

    def _waiting(self, level: str) -> Waiting:
        if level not in self.waiting:
            ids, rows = self.snapshot.ids[level], self.snapshot.file_rows.get(level)
            made = Waiting(self.folder, level, ids, rows)
            self.waiting[level] = self.files.enter_context(made)
        return self.waiting[level]

    def finish(self) -> None:
        """Called after the last block."""
        for waiting in self.waiting.values():
            for part in waiting.parts():
                self.keep(part)
        for part in self.places:
            self.keep(part)


def _from_sql(level: str, answers: LevelAnswers) -> Answered:
    amounts = {
        name: np.where(answers.answers[name] == 1, column, NO_AMOUNT)
        for name, column in answers.amounts.items()
    }
    return Answered(level, pa.array(answers.ids, pa.large_string()), answers.answers, amounts)


def _count(found: Checked, part: Answered) -> None:
    found.things[part.level] = found.things.get(part.level, 0) + len(part)
    for name, counts in part.counts().items():
        tally = found.tallies.setdefault((part.level, name), Tally())
        tally.holds += counts["holds"]
        tally.fails += counts["fails"]
        tally.unknown += counts["unknown"]
        if name in part.amounts:
            due = part.amounts[name][part.amounts[name] != NO_AMOUNT]
            tally.amount = (tally.amount or 0) + int(due.sum())
    if part.level == POPULATION:
        found.everybody |= {name: values[0].as_py() for name, values in part.facts.items()}
