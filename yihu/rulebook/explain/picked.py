"""Single things out of the files of many: their cards as rows of the reference reader.

The batch reader answers everybody; to say why, the reference reader needs one card. What the card
cannot know – values over the whole population, over a place, or how often a number repeats – is
taken over from the batch reader's run, so both say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.cards import Thing, root_for
from yihu.rulebook.columns.answers import Answers
from yihu.rulebook.evaluate import Row, tie
from yihu.rulebook.explain import Explainer
from yihu.rulebook.facts import Level
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.tree import Node, Repeats, Type, parts_of

Key = tuple[str, str]
Tables = Mapping[str, Callable[[], Iterator[pa.RecordBatch]]]


def beyond_a_card(program: Program, about: str) -> list[Key]:
    """Definitions a single card cannot compute: those above its level, and repeated values."""
    names = program.level_names()
    root = names.index(root_for(program.levels[:-1], about) if about != POPULATION else about)
    return [
        key
        for key, definition in program.definitions.items()
        if (names.index(key[0]) > root or _repeats(definition.node))
        and definition.type is not Type.TEXT
    ]


def _repeats(node: Node) -> bool:
    return isinstance(node, Repeats) or any(_repeats(part) for part in parts_of(node))


class Picker:
    """Picks things of the rule's level out of typed tables (level → batches).

    known   answers of the batch reader that hold the values of `beyond_a_card`
    """

    def __init__(self, explainer: Explainer, tables: Tables, known: Answers | None) -> None:
        self.explainer, self.tables, self.known = explainer, tables, known
        self.levels: Sequence[Level] = explainer.program.levels
        self.names = explainer.program.level_names()
        self.about = explainer.rule.level
        self.kinds = _kinds(explainer.program)
        self._places: dict[Key, dict[str, int]] = {}

    def pick(self, ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these ids inside their whole cards; ids that are nowhere are left out."""
        wanted = set(ids)
        root = root_for(self.levels[:-1], self.about)
        if root == self.about:
            tops = self._things(root, "id", wanted)
        else:
            persons = self._parents(self.about, wanted)
            tops = self._things(root, "id", set(persons.values()))
        rows = [self.explainer.tied(thing) for thing in self._with_below(root, tops)]
        self._set_above(root, rows, [parent for _, parent in tops])
        found: dict[str, Row] = {}
        for row in rows:
            for asked in self._at(row):
                if asked.id in wanted:
                    found[asked.id] = asked
                self._fill(asked)
        return found

    def _at(self, row: Row) -> list[Row]:
        rows = [row]
        while rows and self.names[rows[0].level] != self.about:
            rows = [child for r in rows for child in r.below]
        return rows

    # -- out of the tables ------------------------------------------------------------------------

    def _things(self, level: str, column: str, keys: set[str]) -> list[tuple[Thing, str | None]]:
        """Things whose id or parent is among keys, each with the key of the one above."""
        found: list[tuple[Thing, str | None]] = []
        if level not in self.tables:
            return [(Thing(level, key), self._code(level, key)) for key in sorted(keys)]
        chosen = pa.array(sorted(keys), pa.large_string())
        for batch in self.tables[level]():
            mask = pc.is_in(batch.column(column).cast(pa.large_string()), chosen)
            for body in batch.filter(mask).to_pylist():
                id_, parent = str(body.pop("id")), body.pop("parent", None)
                values = {name: self._value(level, name, v) for name, v in body.items()}
                found.append((Thing(level, id_, values), parent or self._code(level, id_)))
        return found

    def _parents(self, level: str, keys: set[str]) -> dict[str, str]:
        return {thing.id: str(parent) for thing, parent in self._things(level, "id", keys)}

    def _code(self, level: str, id_: str) -> str | None:
        parent = self.levels[self.names.index(level)].parent
        if parent and parent[0].startswith("code:"):
            return id_[: int(parent[0].removeprefix("code:"))]
        return None

    def _value(self, level: str, name: str, value: Any) -> Any:
        if value is not None and self.kinds.get((level, name)) == "yes_no":
            return bool(value)
        return value

    def _with_below(self, level: str, tops: list[tuple[Thing, str | None]]) -> list[Thing]:
        things = [thing for thing, _ in tops]
        by_id = {thing.id: thing for thing in things}
        rank = self.names.index(level)
        while rank > 0 and by_id:
            rank -= 1
            below = self._things(self.names[rank], "parent", set(by_id))
            for child, parent in below:
                by_id[str(parent)].below.append(child)
            by_id = {child.id: child for child, _ in below}
        return things

    def _set_above(self, level: str, rows: list[Row], parents: Sequence[str | None]) -> None:
        """Put the rows of the levels above over each row, one row for each place."""
        upper = self.names[self.names.index(level) + 1 :]
        for name in upper:
            keys = {p for p in parents if p} if name != POPULATION else {POPULATION}
            above = {
                thing.id: (self._above(thing), parent)
                for thing, parent in self._things(name, "id", keys)
            }
            following: list[Row] = []
            next_parents: list[str | None] = []
            for row, parent in zip(rows, parents, strict=True):
                key = POPULATION if name == POPULATION else parent
                if key is None or key not in above:
                    row.above = self._above(Thing(name, ""))
                    following.append(row.above)
                    next_parents.append(None)
                    continue
                row.above = above[key][0]
                following.append(above[key][0])
                next_parents.append(above[key][1])
            rows, parents = following, next_parents

    def _above(self, thing: Thing) -> Row:
        row = self.explainer.compiled.row(thing.level, thing.id, thing.values)
        tie(row, [])
        self._fill(row)
        return row

    # -- values of the batch reader ---------------------------------------------------------------

    def _fill(self, row: Row) -> None:
        if self.known is None:
            return
        level = self.names[row.level]
        for key in self.explainer.fixed:
            if key[0] != level or level not in self.known.levels:
                continue
            place = self._place(level).get(row.id)
            column = self.known[level].facts.get(key[1])
            if column is not None:
                found = None if place is None else column[place].as_py()
                row.results[self.explainer.compiled.source.place_of[key]] = found

    def _place(self, level: str) -> dict[str, int]:
        key = (level, "")
        if key not in self._places:
            ids = self.known[level].ids.to_pylist() if self.known else []
            self._places[key] = {id_: place for place, id_ in enumerate(ids)}
        return self._places[key]


def _kinds(program: Program) -> dict[Key, str]:
    found = {key: spec.kind for key, spec in program.facts.items()}
    for (level, name), spec in program.last_facts.items():
        found[level, f"last.{name}"] = spec.kind
    return found
