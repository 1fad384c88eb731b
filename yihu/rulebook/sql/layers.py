"""The layers of a query: which column is made when, from what, and carried how far.

A definition, an aggregate, a value seen from above or a part that is needed twice becomes a column
of its level at a stage; whatever uses it stands at a later stage. Each stage of a level is one
common table expression. Nothing is ever written inside another definition: inlining makes the
text grow exponentially with the depth of the rules.
"""

# ruff: noqa: S608 -- no text of a rule gets in: names are quoted, constants written by `literal`.
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from yihu.rulebook.program import POPULATION

#: Column names that begin so are the query's own; facts and rules never do.
ROW, ID = "_row", "_id"
#: The row of a thing above on a level nothing here belongs to.
NO_ROW = "CAST(NULL AS BIGINT)"


@dataclass(frozen=True, slots=True)
class Piece:
    """SQL text of a value at a level.

    stage  the columns of the level at this stage are enough to say it
    uses   names of those columns; size grows with the text
    """

    text: str
    level: str = ""
    stage: int = 0
    uses: frozenset[str] = frozenset()
    size: int = 1


def made(text: str, *parts: Piece) -> Piece:
    """A text made of parts."""
    return Piece(
        text,
        level=next((p.level for p in parts if p.level), ""),
        stage=max((p.stage for p in parts), default=0),
        uses=frozenset().union(*(p.uses for p in parts)),
        size=1 + sum(p.size for p in parts),
    )


@dataclass(frozen=True, slots=True)
class Join:
    """What a level's stage is joined to: own text = key of a table expression.

    level, stage  the table expression is that of a level at a stage; else `name` is one
    """

    own: str
    key: str
    name: str = ""
    level: str = ""
    stage: int = 0


@dataclass(frozen=True, slots=True)
class _Column:
    text: str  # "" for what comes from a join under the name `text_in_join`
    stage: int
    join: Join | None = None


@dataclass(slots=True)
class Gathered:
    """A table expression of its own that reads a level at a stage: groups, medians, repeats."""

    name: str
    level: str
    stage: int
    written: Callable[[str, Sequence[str]], str]  # (name read, texts of its columns) → SQL
    columns: list[str] = field(default_factory=list)


class Layers:
    """Collects the columns of all levels, then writes the table expressions."""

    def __init__(self, levels: Sequence[str], parents: Mapping[str, str]) -> None:
        self.levels = tuple(levels)
        self._parents = parents
        self._columns: dict[str, dict[str, _Column]] = {level: {} for level in levels}
        self._facts: dict[str, dict[str, None]] = {level: {} for level in levels}
        self._above: dict[str, set[str]] = {level: set() for level in levels}
        self._needed: dict[tuple[str, str], int] = defaultdict(lambda: -1)
        self._gathered: dict[tuple[object, ...], Gathered] = {}
        self._count = 0

    def fresh(self, word: str) -> str:
        """A name no fact or rule has."""
        self._count += 1
        return f"_{word}_{self._count}"

    # -- columns ----------------------------------------------------------------------------------

    def fact(self, level: str, name: str) -> Piece:
        """A column of the level's table."""
        self._facts[level][name] = None
        return self._column(level, name, 0)

    def above(self, level: str, upper: str) -> Piece:
        """The row of the thing above that this one belongs to."""
        self._above[level].add(upper)
        return self._column(level, f"_{upper}", 0)

    def row(self, level: str) -> Piece:
        """The place of the thing in its table."""
        return self._column(level, ROW, 0)

    def id(self, level: str) -> Piece:
        """The id of the thing."""
        return self._column(level, ID, 0)

    def keep(self, piece: Piece, name: str = "") -> Piece:
        """The piece as a column of its own, at the next stage."""
        if not piece.level:
            return piece
        name = name or self.fresh("part")
        self._use(piece, piece.stage)
        self._columns[piece.level][name] = _Column(piece.text, piece.stage + 1)
        return self._column(piece.level, name, piece.stage + 1)

    def seen(self, level: str, body: Piece, name: str) -> Piece:
        """A column of a level above, seen from below; unknown where nothing is above."""
        (column,) = body.uses
        own = self.above(level, body.level)
        self._need(body.level, (column, ROW), body.stage)
        join = Join(own.text, quoted(ROW), level=body.level, stage=body.stage)
        return self._joined(level, own, body.stage, name, join, quoted(column))

    def grouped(self, level: str, over: str, word: str, text: Piece) -> Piece:
        """An aggregate over the things of a lower level that belong to each of this one."""
        group = self.above(over, level)
        stage = text.stage

        def written(read: str, columns: Sequence[str]) -> str:
            inner = ", ".join([f"{group.text} AS {quoted(ROW)}", *columns])
            return (
                f"SELECT {inner} FROM {read} AS t "
                f"WHERE {group.text} IS NOT NULL GROUP BY {group.text}"
            )

        name = f"{over}_by_{level}_{stage}"
        source = self._gathered.setdefault(
            ("group", level, over, stage), Gathered(name, over, stage, written)
        )
        self._need(over, (*text.uses, *group.uses), stage)
        column = self.fresh(word)
        source.columns.append(f"{text.text} AS {quoted(column)}")
        own = self.row(level)
        join = Join(own.text, quoted(ROW), name=name)
        return self._joined(level, own, stage, column, join, quoted(column))

    def gathered(  # one table expression with one column, joined to a level by `own`
        self, word: str, reads: Piece, written: Callable[[str, str], str], own: Piece, key: str
    ) -> Piece:
        """A table expression written by the caller, who gives one column and a key.

        reads    pieces at the level read, at the stage they can be read at
        written  (name of the table expression read, name of the column to make) → SQL
        """
        column = self.fresh(word)
        self._gathered["own", column] = Gathered(
            column, reads.level, reads.stage, lambda read, _: written(read, quoted(column))
        )
        self._need(reads.level, reads.uses, reads.stage)
        join = Join(own.text, key, name=column)
        stage = max(reads.stage, own.stage)
        return self._joined(own.level, own, stage, column, join, quoted(column))

    def _joined(
        self, level: str, own: Piece, stage: int, name: str, join: Join, text: str
    ) -> Piece:
        self._use(own, stage)
        self._columns[level][name] = _Column(text, stage + 1, join)
        return self._column(level, name, stage + 1)

    def _column(self, level: str, name: str, stage: int) -> Piece:
        return Piece(f"t.{quoted(name)}", level, stage, frozenset([name]))

    def _use(self, piece: Piece, stage: int) -> None:
        self._need(piece.level, piece.uses, stage)

    def _need(self, level: str, names: Iterable[str], stage: int) -> None:
        for name in names:
            self._needed[level, name] = max(self._needed[level, name], stage)

    # -- text -------------------------------------------------------------------------------------

    def written(self, level: str, pieces: Sequence[tuple[str, Piece]]) -> str:
        """The whole query: one row for each thing of a level, in the order of its table."""
        last = self._last_stage()
        asked = [(ROW, self.row(level)), (ID, self.id(level)), *pieces]
        for _, piece in asked:
            self._need(level, piece.uses, last)
        texts = [
            f"{piece.text} AS {quoted(name[1:] if name in (ROW, ID) else name)}"
            for name, piece in asked
        ]
        parts = self._expressions(last)
        return (
            "WITH " + ",\n".join(parts) + f"\nSELECT {', '.join(texts)}\n"
            f"FROM {self._name(level, last)} AS t\nORDER BY {quoted('row')}"
        )

    def _last_stage(self) -> int:
        return max((c.stage for cs in self._columns.values() for c in cs.values()), default=0)

    def _expressions(self, last: int) -> list[str]:
        found = [self._base(level) for level in self._used_levels()]
        for stage in range(1, last + 1):
            for source in self._gathered.values():
                if source.stage == stage - 1:
                    read = self._name(source.level, source.stage)
                    found.append(_expression(source.name, source.written(read, source.columns)))
            found.extend(
                self._step(level, stage) for level in self.levels if stage in self._stages(level)
            )
        return found

    def _used_levels(self) -> list[str]:
        used = {level for level, _ in self._needed} | {POPULATION}
        return [level for level in self.levels if level in used]

    def _stages(self, level: str) -> set[int]:
        return {0, *(c.stage for c in self._columns[level].values())}

    def _name(self, level: str, stage: int) -> str:
        """The table expression that holds a level's columns up to a stage."""
        return quoted(f"{level}_{max(s for s in self._stages(level) if s <= stage)}")

    def _step(self, level: str, stage: int) -> str:
        """A level at a stage: what is still needed of before, and its new columns."""
        columns = self._columns[level]
        before = self._name(level, stage - 1)
        kept = [f"t.{quoted(name)}" for name in self._carried(level, stage)]
        joins: dict[Join, str] = {}
        for name, column in columns.items():
            if column.stage == stage and self._needed[level, name] >= stage:
                text = column.text
                if column.join is not None:
                    alias = joins.setdefault(column.join, f"j{len(joins) + 1}")
                    text = f"{alias}.{column.text}"
                kept.append(f"{text} AS {quoted(name)}")
        return _expression(
            f"{level}_{stage}",
            f"SELECT {', '.join(kept)} FROM {before} AS t"
            + "".join(map(self._join, *_both(joins))),
        )

    def _join(self, join: Join, alias: str) -> str:
        name = quoted(join.name) if join.name else self._name(join.level, join.stage)
        return f" LEFT JOIN {name} AS {alias} ON {join.own} = {alias}.{join.key}"

    def _carried(self, level: str, stage: int) -> list[str]:
        """Names of earlier columns that this stage or a later one still needs."""
        columns = self._columns[level]
        base = [ROW, ID, *(f"_{u}" for u in self.levels), *self._facts[level]]
        earlier = [*base, *(n for n, c in columns.items() if c.stage < stage)]
        return [n for n in earlier if n == ROW or self._needed[level, n] >= stage]

    def _base(self, level: str) -> str:
        """Stage 0: the level's table with the rows of what is above."""
        if level == POPULATION and not self._facts[level]:
            return _expression(
                f"{level}_0",
                f"SELECT CAST(0 AS BIGINT) AS {quoted(ROW)}, "
                f"CAST('{POPULATION}' AS VARCHAR) AS {quoted(ID)}",
            )
        columns = [f"t.{quoted('row')} AS {quoted(ROW)}", f"t.{quoted('id')} AS {quoted(ID)}"]
        joins, found = self._ancestors(level)
        found[POPULATION] = "CAST(0 AS BIGINT)"
        columns.extend(
            f"{found.get(upper, NO_ROW)} AS {quoted('_' + upper)}"
            for upper in sorted(self._above[level])
        )
        columns.extend(f"t.{quoted(name)}" for name in self._facts[level])
        return _expression(
            f"{level}_0", f"SELECT {', '.join(columns)} FROM {quoted(level)} AS t{''.join(joins)}"
        )

    def _ancestors(self, level: str) -> tuple[list[str], dict[str, str]]:
        """Joins that follow `parent` upwards as far as anything is asked, and the rows found."""
        joins: list[str] = []
        found: dict[str, str] = {}
        below, upper = "t", self._parents.get(level)
        while upper is not None and self._above[level] - {POPULATION} - set(found):
            alias = f"u{len(joins) + 1}"
            joins.append(
                f" LEFT JOIN {quoted(upper)} AS {alias} "
                f"ON {below}.{quoted('parent')} = {alias}.{quoted('id')}"
            )
            found[upper] = f"{alias}.{quoted('row')}"
            below, upper = alias, self._parents.get(upper)
        return joins, found


def quoted(name: str) -> str:
    """A name as SQL reads it, whatever signs are in it."""
    return '"' + name.replace('"', '""') + '"'


def _expression(name: str, query: str) -> str:
    return f"{quoted(name)} AS ({query})"


def _both(joins: dict[Join, str]) -> tuple[list[Join], list[str]]:
    return list(joins), list(joins.values())
