"""What a change does: two rulebooks, two lines or two days over the same households.

Who moves from which answer to which, at what cost, in which place. Only the rules whose trees
differ are run again: both programs are made by one maker, so equal trees are one object.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from yihu.rulebook import columns
from yihu.rulebook.bind import bind
from yihu.rulebook.book import LineStep, Rulebook
from yihu.rulebook.columns.answers import NO_AMOUNT, Answers
from yihu.rulebook.facts import Text
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Refused, suggestion
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.tree import Maker, Node, Ref, parts_of

Key = tuple[str, str]
#: Order of answers in a table of moves; the codes of the batch reader are 1, 0, -1.
WORDS = ("holds", "fails", "unknown")
_PLACE = np.array([1, 0, 2], dtype=np.int64)  # code 0 fails, 1 holds, -1 unknown → place in WORDS


def with_line(rulebook: Rulebook, name: str, value: object, since: date) -> Rulebook:
    """The rulebook with a line that has this value from a day on. Raises Refused."""
    line = rulebook.lines.get(name)
    if line is None:
        raise Refused(
            "compare.no_such_line", name=rulebook.name, line=name,
            suggestion=suggestion(name, rulebook.lines),
            suggestion_zh=suggestion(name, rulebook.lines, "zh"),
        )  # fmt: skip
    kept = [(day, step) for day, step in line.steps if day < since]
    steps = (*kept, (since, LineStep(value, Text("试算", "trial"), "D")))
    lines = {**rulebook.lines, name: replace(line, steps=steps)}
    return replace(rulebook, lines=lines, hash=f"{rulebook.hash}+{name}={value}")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two programs to be compared and the rules whose answers may differ."""

    before: Program
    after: Program
    changed: tuple[Key, ...]
    only_before: tuple[Key, ...]
    only_after: tuple[Key, ...]


def pair(
    before: tuple[Rulebook, date],
    after: tuple[Rulebook, date],
    *,
    rules: Collection[str] | None = None,
) -> Pair:
    """Bind both and find the rules that differ.

    rules   look at these only; a rule in force on one side only is listed apart
    """
    make = Maker()
    sides = [
        bind(book, on, rules=_known(book, on, rules), make=make) for book, on in (before, after)
    ]
    found = [{(o.level, o.name): o for o in side.outputs} for side in sides]
    both = [key for key in found[0] if key in found[1]]
    same = _Same(sides[0], sides[1])
    changed = [
        key
        for key in both
        if not same.node(found[0][key].holds, found[1][key].holds)
        or not same.maybe(found[0][key].amount, found[1][key].amount)
    ]
    return Pair(
        _narrowed(before, sides[0], changed, make),
        _narrowed(after, sides[1], changed, make),
        tuple(changed),
        tuple(key for key in found[0] if key not in found[1]),
        tuple(key for key in found[1] if key not in found[0]),
    )


def _known(book: Rulebook, on: date, rules: Collection[str] | None) -> Collection[str] | None:
    if rules is None:
        return None
    for name in rules:
        if book.rule(name) is None:
            near = suggestion(name, [n for _, n in book.rules])
            raise Refused("rulebook.no_such_rule", name=book.name, rule=name, suggestion=near)
    return [r for r in rules if any(s.name == r and s.in_force(on) for s in book.rules.values())]


def _narrowed(
    side: tuple[Rulebook, date],
    program: Program,
    changed: list[Key],
    make: Maker,
) -> Program:
    names = {name for _, name in changed}
    if not names:
        return replace(program, outputs=())
    narrow = bind(side[0], side[1], rules=names, make=make)
    return replace(narrow, outputs=tuple(o for o in narrow.outputs if (o.level, o.name) in changed))


class _Same:
    """Whether two trees of one maker mean the same, what they refer to included."""

    def __init__(self, before: Program, after: Program) -> None:
        self.before, self.after = before, after
        self.known: dict[int, bool] = {}

    def maybe(self, a: Node | None, b: Node | None) -> bool:
        return a is b if a is None or b is None else self.node(a, b)

    def node(self, a: Node, b: Node) -> bool:
        """Equal text gives one object; then all definitions it uses must be equal too."""
        if a is not b:
            return False
        if id(a) not in self.known:
            self.known[id(a)] = True
            self.known[id(a)] = self._inner(a)
        return self.known[id(a)]

    def _inner(self, node: Node) -> bool:
        if isinstance(node, Ref):
            key = (node.level, node.name)
            return self.node(self.before.definitions[key].node, self.after.definitions[key].node)
        return all(self.node(part, part) for part in parts_of(node))


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves of one rule.

    counts   3 × 3, from (row) to (column) in the order of WORDS
    amount_before, amount_after   money due, whole fen, over those for whom the rule holds
    by_place   place id → the same counts, where asked
    """

    level: str
    rule: str
    counts: npt.NDArray[np.int64]
    amount_before: int
    amount_after: int
    by_place: Mapping[str, npt.NDArray[np.int64]]

    @property
    def moved(self) -> int:
        """How many changed their answer."""
        return int(self.counts.sum() - np.trace(self.counts))

    def came(self, word: str) -> int:
        """How many have this answer now and had another before."""
        column = WORDS.index(word)
        return int(self.counts[:, column].sum() - self.counts[column, column])

    def left(self, word: str) -> int:
        """How many had this answer before and have another now."""
        row = WORDS.index(word)
        return int(self.counts[row].sum() - self.counts[row, row])


def table_of(before: npt.NDArray[np.int8], after: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    """3 × 3 counts of moves between two columns of answers (1 holds, 0 fails, -1 unknown)."""
    cells = _PLACE[before] * 3 + _PLACE[after]
    return np.bincount(cells, minlength=9).reshape(3, 3)


def tables_by(
    before: npt.NDArray[np.int8],
    after: npt.NDArray[np.int8],
    place: npt.NDArray[np.int64],
    names: Collection[str],
) -> dict[str, npt.NDArray[np.int64]]:
    """Moves in each place; place[i] is the place of row i in `names`, -1 for none."""
    cells = (_PLACE[before] * 3 + _PLACE[after]) + (place + 1) * 9
    counts = np.bincount(cells, minlength=9 * (len(names) + 1)).reshape(-1, 3, 3)
    return {name: counts[i + 1] for i, name in enumerate(names) if counts[i + 1].any()}


def places_of(snapshot: Snapshot, level: str, place: str) -> npt.NDArray[np.int64]:
    """For each thing of a level, in the order of answers, its place as an index; -1 for none."""
    if level == snapshot.lower and snapshot.upper:
        above = places_of(snapshot, snapshot.upper, place)
        return np.repeat(above, in_file_order(snapshot, snapshot.sizes).astype(np.int64))
    at, index = snapshot.parents.get(level, ("", np.empty(0, np.int64)))
    found: npt.NDArray[np.int64] = index.astype(np.int64)
    if level == snapshot.upper:
        found = in_file_order(snapshot, found)
    while at and at != place:
        at, index = snapshot.parents.get(at, ("", np.empty(0, np.int64)))
        found = np.where(found < 0, -1, index.astype(np.int64)[found]) if at else found
    if not at:
        return np.full(snapshot.count(level), -1, np.int64)
    return found


def in_file_order(snapshot: Snapshot, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A column of households, stored block by block, in the order of the file."""
    slots = snapshot.slots.get(snapshot.upper)
    if slots is None:
        return column
    found = np.empty_like(column)
    for block in snapshot.blocks:
        span = slice(*block.upper)
        found[span] = column[span][slots[span]]
    return found


def moves(
    pair_: Pair, snapshot: Snapshot, *, place: str | None = None, threads: int | None = None
) -> list[Moves]:
    """Answers before and after over one snapshot: a table of moves for each changed rule.

    place    also by each place of this level
    threads  as for columns.check
    """
    before = columns.check(pair_.before, snapshot, threads=threads)
    after = columns.check(pair_.after, snapshot, threads=threads)
    return [_moves_of(key, before, after, snapshot, place) for key in pair_.changed]


def _moves_of(
    key: Key, before: Answers, after: Answers, snapshot: Snapshot, place: str | None
) -> Moves:
    level, rule = key
    sides = before[level], after[level]
    was, now = (side.rules[rule] for side in sides)
    by_place = {}
    if place is not None and place != level and place in snapshot.levels:
        names = [str(i) for i in columns.ids_of(snapshot, place).to_pylist()]
        by_place = tables_by(was, now, places_of(snapshot, level, place), names)
    amounts = [_due(side.rules[rule], side.amounts.get(rule)) for side in sides]
    return Moves(level, rule, table_of(was, now), amounts[0], amounts[1], by_place)


def _due(answers: npt.NDArray[np.int8], amounts: npt.NDArray[np.int64] | None) -> int:
    if amounts is None:
        return 0
    return int(amounts[(answers == 1) & (amounts != NO_AMOUNT)].sum())
