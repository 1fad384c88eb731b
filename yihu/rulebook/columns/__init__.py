"""The batch reader: a program over a whole snapshot.

`check` gives the answers as arrays in memory, `check_to` writes them to files block by block.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.values import UNKNOWN, Array
from yihu.rulebook.columns.answers import Answered, Answers, Wanted, answered, fact_array
from yihu.rulebook.columns.blocks import BlockScope
from yihu.rulebook.columns.kernel import Resolved
from yihu.rulebook.columns.stages import Progress, Range, Runner
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.snapshot import Snapshot


def check(
    program: Program,
    snapshot: Snapshot,
    *,
    threads: int | None = None,
    rules: Iterable[str] | None = None,
    facts: Iterable[tuple[str, str]] = (),
    progress: Progress | None = None,
) -> Answers:
    """Every rule's answer for everybody, in memory.

    threads   how many blocks are worked on at once; all processors unless given. The answers do
              not depend on it.
    rules     names of the rules to answer; all unless given
    facts     (level, name) of derived facts whose values are wanted too
    """
    parts: dict[str, list[Answered]] = {}

    def keep(part: Answered) -> None:
        parts.setdefault(part.level, []).append(part)

    asked = Check(program, snapshot, rules=rules, facts=facts, threads=threads, progress=progress)
    asked.run(keep)
    rows = snapshot.file_rows
    return Answers(
        {
            wanted.level: in_file_order(
                joined(parts.get(wanted.level) or [_nobody(wanted)]), rows.get(wanted.level)
            )
            for wanted in asked.wanted
        }
    )


def run(
    program: Program,
    snapshot: Snapshot,
    keep: Callable[[Answered], None],
    *,
    threads: int | None = None,
    rules: Iterable[str] | None = None,
    facts: Iterable[tuple[str, str]] = (),
    progress: Progress | None = None,
) -> None:
    """Show all answers to `keep`, block by block in the order of the file, then the places'."""
    check = Check(program, snapshot, rules=rules, facts=facts, threads=threads, progress=progress)
    check.run(keep)


class Check:
    """A program and what is asked of it, ready to go through a snapshot."""

    def __init__(
        self,
        program: Program,
        snapshot: Snapshot,
        *,
        rules: Iterable[str] | None,
        facts: Iterable[tuple[str, str]],
        threads: int | None,
        progress: Progress | None,
    ) -> None:
        self.snapshot = snapshot
        self.wanted = wanted_of(program, snapshot, rules, facts)
        pair = (snapshot.lower, snapshot.upper)
        self.streamed = [level for level in self.wanted if level.level in pair]
        self.runner = Runner(
            snapshot,
            Resolved(program),
            [node for level in self.wanted for node in level.nodes()],
            threads=threads or os.cpu_count() or 1,
            progress=progress,
        )
        self._nodes = [node for level in self.streamed for node in level.nodes()]

    def run(self, keep: Callable[[Answered], None]) -> None:
        """Show all answers to `keep`, in order."""
        visit = _Visit(self.streamed, self.snapshot, keep) if self.streamed else None
        self.runner.run(self._nodes, visit)
        for part in self.of_places():
            keep(part)

    def run_apart(self, opened: Callable[[int, list[Wanted]], Range]) -> None:
        """Answer ranges of blocks, each by a thread of its own, in what `opened` gives for it."""
        if self.streamed:
            self.runner.run_apart(self._nodes, lambda number: opened(number, self.streamed))
        else:
            self.runner.run(self._nodes, None)

    def of_places(self) -> Iterator[Answered]:
        """The answers of places and of the population, after the blocks."""
        with np.errstate(all="ignore"):
            for level in self.wanted:
                if level not in self.streamed:
                    ids = ids_of(self.snapshot, level.level)
                    yield answered(self.runner.places, level, ids)


def wanted_of(
    program: Program,
    snapshot: Snapshot,
    rules: Iterable[str] | None,
    facts: Iterable[tuple[str, str]],
) -> list[Wanted]:
    """Rules and derived facts by level, from the smallest up."""
    chosen = None if rules is None else set(rules)
    shown = list(facts)
    found = []
    for level in (*snapshot.levels, POPULATION):
        outputs = tuple(
            o for o in program.outputs if o.level == level and (chosen is None or o.name in chosen)
        )
        derived = tuple(program.definitions[key] for key in shown if key[0] == level)
        if outputs or derived:
            found.append(Wanted(level, outputs, derived))
    return found


def ids_of(snapshot: Snapshot, level: str) -> pa.LargeStringArray:
    """All ids of a level; the population is called so itself."""
    if level == POPULATION:
        return pa.array([POPULATION], pa.large_string())
    return snapshot.ids[level].part(0, snapshot.count(level))


class _Visit:
    """Answers each block and hands the answers on in order."""

    def __init__(
        self, wanted: Sequence[Wanted], snapshot: Snapshot, keep: Callable[[Answered], None]
    ) -> None:
        self.wanted, self.snapshot, self.keep = wanted, snapshot, keep

    def share(self, scope: BlockScope) -> list[Answered]:
        """Done by the worker that has the block."""
        found = []
        for level in self.wanted:
            ids = self.snapshot.ids[level.level].part(*scope.span(level.level))
            found.append(answered(scope, level, ids))
        return found

    def take(self, share: Any) -> None:
        """Called in the order of the blocks."""
        for part in share:
            self.keep(part)


def _nobody(wanted: Wanted) -> Answered:
    """Answers of a level without anybody."""
    return Answered(
        wanted.level,
        pa.array([], pa.large_string()),
        {rule.name: np.empty(0, np.int8) for rule in wanted.rules},
        {rule.name: np.empty(0, np.int64) for rule in wanted.rules if rule.amount is not None},
        {fact.name: fact_array(UNKNOWN, fact.type, 0) for fact in wanted.facts},
    )


def in_file_order(answers: Answered, file_rows: Array | None) -> Answered:
    """Answers in the order of a file that had to be sorted for the snapshot."""
    if file_rows is None:
        return answers
    order = np.argsort(file_rows)
    return Answered(
        answers.level,
        answers.ids.take(pa.array(order)),
        {name: column[order] for name, column in answers.rules.items()},
        {name: column[order] for name, column in answers.amounts.items()},
        {name: column.take(pa.array(order)) for name, column in answers.facts.items()},
    )


def joined(parts: Sequence[Answered]) -> Answered:
    """Answers of several blocks as one."""
    first = parts[0]
    if len(parts) == 1:
        return first

    def together(columns: list[Array]) -> Array:
        return np.concatenate(columns)

    return Answered(
        first.level,
        pa.concat_arrays([p.ids for p in parts]),
        {n: together([p.rules[n] for p in parts]) for n in first.rules},
        {n: together([p.amounts[n] for p in parts]) for n in first.amounts},
        {n: pa.concat_arrays([p.facts[n] for p in parts]) for n in first.facts},
    )
