"""The reference reader: a program as plain Python, for one card.

The trees are printed once as Python functions, one for each derived fact and rule, and compiled.
Only what this file writes goes into that source: names are numbers; constants
and patterns are kept beside the source. No text of a rule is ever run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yihu.rulebook import identity
from yihu.rulebook.evaluate.text import MISSING, Source
from yihu.rulebook.program import Program
from yihu.rulebook.tree import Node


class Row:
    """One thing of a level: facts by place, results by place, those below, the one above."""

    __slots__ = ("above", "below", "facts", "id", "level", "results", "seen")

    def __init__(self, level: int, id_: str, facts: list[Any], places: int) -> None:
        self.level, self.id, self.facts = level, id_, facts
        self.results: list[Any] = [MISSING] * places
        self.below: list[Row] = []
        self.above: Row | None = None
        self.seen: dict[int, dict[Any, int]] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """holds is True, False or None (unknown); amount in whole fen, only where the rule holds."""

    holds: bool | None
    amount: int | None = None

    @property
    def word(self) -> str:
        """holds, fails or unknown."""
        return {True: "holds", False: "fails", None: "unknown"}[self.holds]


HOLDS = Answer(True)
#: The answers without an amount, made once.
ANSWERS = {True: HOLDS, False: Answer(False), None: Answer(None)}


class Compiled:
    """A program ready for cards. Make it once, use it for many."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.source = Source(program)
        self.places = self.source.places
        self.fact_places = self.source.fact_places
        self.ranks = {level.name: i for i, level in enumerate(program.levels)}
        self._run = _compiled(self.source)
        self._nodes: dict[int, Callable[[Row], Any]] = {}

    def row(self, level: str, id_: str, facts: Mapping[str, Any]) -> Row:
        """A row from values in the form of the tree by fact name, `last.x` of the last period."""
        places = self.fact_places[level]
        values = [facts.get(name) for name in places]
        return Row(self.ranks[level], id_, values, self.places)

    def answers(self, row: Row, level: str) -> dict[str, Answer]:
        """Every rule about the level, for one row whose tree is complete."""
        return self._run[f"answers_{self.ranks[level]}"](row)  # type: ignore[no-any-return]

    def value(self, row: Row, level: str, name: str) -> Any:
        """Value of a derived fact or rule for one row."""
        return self._run[self.source.function_of(level, name)](row)

    def node(self, node: Node) -> Callable[[Row], Any]:
        """A function giving the value of any node of this program, for explanations."""
        if id(node) not in self._nodes:
            name = self.source.function_for(node)
            exec(self.source.last_code(), self._run)  # noqa: S102  the text is our own, as below
            self._nodes[id(node)] = self._run[name]
        return self._nodes[id(node)]


def compiled(program: Program) -> Compiled:
    """The program as Python functions."""
    return Compiled(program)


def tie(parent: Row, children: list[Row]) -> None:
    """Make rows belong to a row."""
    parent.below = children
    for child in children:
        child.above = parent


def _compiled(source: Source) -> dict[str, Any]:
    names: dict[str, Any] = {
        "__builtins__": {},
        "MISSING": MISSING,
        "Answer": Answer,
        "ANSWERS": ANSWERS,
        "HOLDS": HOLDS,
        "float": float,
        "len": len,
        "floor": _floor,
        "ceil": _ceil,
        "under": _under,
        "quantile": weighted_quantile,
        "repeats": _repeats,
        "identity_ok": identity.is_valid,
        "identity_birth": identity.birth,
        "identity_male": identity.is_male,
    }
    source.names = names
    exec(source.code(), names)  # noqa: S102  the text is written by python_text alone
    return names


def _floor(x: float) -> int:
    return int(x // 1)


def _ceil(x: float) -> int:
    return int(-(-x // 1))


def _under(row: Row, depth: int) -> Iterator[Row]:
    if depth == 1:
        yield from row.below
        return
    for child in row.below:
        yield from _under(child, depth - 1)


def weighted_quantile(pairs: list[tuple[float, float]], p: float) -> float | None:
    """Smallest x whose cumulated weight share is greater than p.

    Where a share equals p exactly, the mean of that x and the next. None for nobody.
    Source: the definition of the R package laeken.
    """
    if not pairs:
        return None
    ordered = sorted(pairs, key=lambda pair: pair[0])
    total = 0.0
    for _, weight in ordered:
        total += weight
    if total <= 0:
        return None
    so_far = 0.0
    for i, (x, weight) in enumerate(ordered):
        so_far += weight
        if so_far / total > p:
            return x
        if so_far / total == p and i + 1 < len(ordered):
            return (x + ordered[i + 1][0]) / 2
    return ordered[-1][0]


def _repeats(
    row: Row,
    key: int,
    body: Callable[[Row], Any],
    where: Callable[[Row], Any] | None,
) -> int | None:
    value = body(row)
    if value is None:
        return None
    top, steps = row, 0
    while top.above is not None:
        top, steps = top.above, steps + 1
    if key not in top.seen:
        counts: dict[Any, int] = {}
        for other in _under(top, steps) if steps else [top]:
            if where is None or where(other) is True:
                found = body(other)
                counts[found] = counts.get(found, 0) + 1
        top.seen[key] = counts
    return top.seen[key].get(value, 0)
