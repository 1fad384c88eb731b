"""Each node of the tree as SQL text with the meaning of docs/language.md.

Plain SQL differs in `case` (unknown goes on to `else`), aggregates (unknown is skipped), `least`
(unknown is skipped) and division; those are written out here. Constants carry their type, dates
are whole numbers, and no function is used whose meaning differs between engines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import singledispatch

from yihu.rulebook import tree
from yihu.rulebook.program import POPULATION, Definition, Output, Program
from yihu.rulebook.sql.dialects import Dialect
from yihu.rulebook.sql.layers import Layers, Piece, made
from yihu.rulebook.tree import Node, Type

FLOATS = (Type.REAL, Type.MONEY_REAL)
#: A part written twice in a text becomes a column when it is larger than this.
_SMALL = 3

_SQL_TYPES = {
    Type.TRUTH: "BOOLEAN",
    Type.REAL: "DOUBLE",
    Type.MONEY_REAL: "DOUBLE",
    Type.TEXT: "VARCHAR",
}


class Printer:
    """Prints the outputs of a program into layers; nothing is computed twice."""

    def __init__(
        self,
        program: Program,
        outputs: tuple[Output, ...],
        dialect: Dialect,
        parents: Mapping[str, str],
    ) -> None:
        self.dialect = dialect
        self.layers = Layers(program.level_names(), parents)
        self.identities: dict[int, tuple[Piece, Piece]] = {}
        self._pieces: dict[int, Piece] = {}
        self._definitions: dict[tuple[str, str], Piece] = {}
        needed = _needed(program, outputs)
        self._uses = _uses([*_roots(outputs), *(d.node for d in needed)])
        for definition in needed:
            self._define(definition, given=program.facts)

    def _define(self, definition: Definition, given: Collection[tuple[str, str]]) -> None:
        key = (definition.level, definition.name)
        # A file may bring the value of a derived fact: then the table has a column of this name.
        name = f"{definition.name}.derived" if key in given else definition.name
        piece = self.layers.keep(printed(definition.node, self), name)
        self._definitions[key] = self._pieces[id(definition.node)] = piece

    def of(self, node: Node) -> Piece:
        """The text of a node."""
        found = self._pieces.get(id(node))
        if found is None:
            found = printed(node, self)
            if self._uses[id(node)] > 1:
                found = self.twice(found)
            self._pieces[id(node)] = found
        return found

    def twice(self, piece: Piece) -> Piece:
        """The piece for use at several places of one text."""
        return self.layers.keep(piece) if piece.size > _SMALL else piece

    def answer(self, node: Node) -> Piece:
        """A condition as 1 (holds), 0 (fails) or NULL (unknown)."""
        body = self.of(node)
        return made(f"CASE {body.text} WHEN TRUE THEN 1 WHEN FALSE THEN 0 END", body)

    def amount(self, holds: Node, node: Node) -> Piece:
        """An amount where the rule holds, NULL elsewhere."""
        due, amount = self.of(holds), self.of(node)
        return made(f"CASE WHEN {due.text} THEN {amount.text} END", due, amount)

    def definition(self, level: str, name: str) -> Piece:
        """The column of a derived fact or a rule."""
        return self._definitions[level, name]


def _roots(outputs: tuple[Output, ...]) -> list[Node]:
    return [n for o in outputs for n in (o.holds, o.amount) if n is not None]


def _needed(program: Program, outputs: tuple[Output, ...]) -> list[Definition]:
    """The definitions the outputs use, earlier ones first."""
    wanted: set[tuple[str, str]] = set()
    seen: set[int] = set()
    waiting = _roots(outputs)
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting.extend(tree.parts_of(node))
        if isinstance(node, tree.Ref) and (node.level, node.name) not in wanted:
            wanted.add((node.level, node.name))
            waiting.append(program.definitions[node.level, node.name].node)
    return [d for key, d in program.definitions.items() if key in wanted]


def _uses(roots: list[Node]) -> Counter[int]:
    """How often each node stands inside others."""
    uses: Counter[int] = Counter()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        uses[id(node)] += 1
        if uses[id(node)] == 1:
            waiting.extend(tree.parts_of(node))
    return uses


@singledispatch
def printed(node: Node, _to: Printer) -> Piece:
    """The SQL text of one node; `Printer.of` keeps it."""
    raise TypeError(type(node).__name__)


def literal(kind: Type, value: bool | float | str | None) -> str:
    """A constant with its type.

    Fractions are read from quoted text: that is exact in every engine, while `0.1` bare is a
    decimal in some and `1e-1` is rounded twice in others.
    """
    if value is None:
        return f"CAST(NULL AS {_SQL_TYPES.get(kind, 'BIGINT')})"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if kind in FLOATS:
        return f"CAST('{float(value)!r}' AS DOUBLE)"
    return f"CAST({value} AS BIGINT)"


@printed.register
def _(node: tree.Const, _to: Printer) -> Piece:
    return Piece(literal(node.type, node.value))


@printed.register
def _(node: tree.Fact, to: Printer) -> Piece:
    return to.layers.fact(node.level, f"last.{node.name}" if node.last else node.name)


@printed.register
def _(node: tree.Ref, to: Printer) -> Piece:
    return to.definition(node.level, node.name)


@printed.register
def _(node: tree.Up, to: Printer) -> Piece:
    body = to.of(node.body)
    if not body.level:
        return _constant_above(node, body, to)
    if body.size > 1:
        body = to.layers.keep(body)
    return to.layers.seen(node.level, body, to.layers.fresh(body.level))


def _constant_above(node: tree.Up, body: Piece, to: Printer) -> Piece:
    if node.body.level in {"", POPULATION}:
        return body
    own = to.layers.above(node.level, node.body.level)
    return made(f"CASE WHEN {own.text} IS NOT NULL THEN {body.text} END", own, body)


@printed.register
def _(node: tree.And, to: Printer) -> Piece:
    parts = [to.of(p) for p in node.parts]
    return made("(" + " AND ".join(p.text for p in parts) + ")", *parts)


@printed.register
def _(node: tree.Or, to: Printer) -> Piece:
    parts = [to.of(p) for p in node.parts]
    return made("(" + " OR ".join(p.text for p in parts) + ")", *parts)


@printed.register
def _(node: tree.Not, to: Printer) -> Piece:
    body = to.of(node.body)
    return made(f"(NOT {body.text})", body)


@printed.register
def _(node: tree.AtLeast, to: Printer) -> Piece:
    parts = [to.twice(to.of(p)) for p in node.parts]
    certain = " + ".join(f"CASE WHEN {p.text} THEN 1 ELSE 0 END" for p in parts) or "0"
    possible = " + ".join(f"CASE WHEN NOT {p.text} THEN 0 ELSE 1 END" for p in parts) or "0"
    return made(
        f"CASE WHEN {certain} >= {node.k} THEN TRUE WHEN {possible} < {node.k} THEN FALSE END",
        *parts,
    )


@printed.register
def _(node: tree.Compare, to: Printer) -> Piece:
    left, right = to.of(node.left), to.of(node.right)
    op = "<>" if node.op == "!=" else node.op
    return made(f"({left.text} {op} {right.text})", left, right)


@printed.register
def _(node: tree.In, to: Printer) -> Piece:
    body = to.of(node.body)
    if not node.values:
        return made(f"CASE WHEN {body.text} IS NOT NULL THEN FALSE END", body)
    values = ", ".join(literal(node.body.type, v) for v in node.values)
    return made(f"({body.text} IN ({values}))", body)


@printed.register
def _(node: tree.Has, to: Printer) -> Piece:
    body = to.of(node.body)
    bit = literal(Type.WHOLE, 1 << node.bit)
    return made(f"((CAST({body.text} AS BIGINT) & {bit}) <> CAST(0 AS BIGINT))", body)


@printed.register
def _(node: tree.Arith, to: Printer) -> Piece:
    left, right = to.of(node.left), to.of(node.right)
    if node.op == "/":
        return made(f"({left.text} / NULLIF({right.text}, CAST('0.0' AS DOUBLE)))", left, right)
    if node.type in FLOATS:
        return made(f"({left.text} {node.op} {right.text})", left, right)
    return made(f"({wide(node.left, left)} {node.op} {wide(node.right, right)})", left, right)


def wide(node: Node, piece: Piece) -> str:
    """A whole number in 64 bits: facts are stored as small as they fit."""
    if isinstance(node, tree.Const | tree.Arith | tree.FloorDiv | tree.Round):
        return piece.text
    return f"CAST({piece.text} AS BIGINT)"


@printed.register
def _(node: tree.FloorDiv, to: Printer) -> Piece:
    # Engines differ in whole division of negative numbers. Bodies are days and months, far
    # inside the whole numbers a double holds, so the floor of the quotient is exact.
    body = to.of(node.body)
    quotient = f"CAST({body.text} AS DOUBLE) / {literal(Type.REAL, node.by)}"
    return made(f"CAST(FLOOR({quotient}) AS BIGINT)", body)


@printed.register
def _(node: tree.Number, to: Printer) -> Piece:
    body = to.of(node.body)
    if node.type in FLOATS and node.body.type not in FLOATS:
        return made(f"CAST({body.text} AS DOUBLE)", body)
    return body


@printed.register
def _(node: tree.Round, to: Printer) -> Piece:
    body = to.of(node.body)
    text = body.text
    if node.step != 1:
        text = f"{text} / {literal(Type.REAL, node.step)}"
    if node.mode == "half_up":
        text = f"{text} + CAST('0.5' AS DOUBLE)"
    floor = "CEIL" if node.mode == "up" else "FLOOR"
    whole = f"CAST({floor}({text}) AS BIGINT)"
    return made(f"({whole} * {literal(Type.WHOLE, node.step)})" if node.step != 1 else whole, body)


@printed.register
def _(node: tree.Bound, to: Printer) -> Piece:
    left, right = to.twice(to.of(node.left)), to.twice(to.of(node.right))
    keeps, gives_way = ("<=", ">") if node.op == "most" else (">=", "<")
    return made(
        f"CASE WHEN {left.text} {keeps} {right.text} THEN {left.text} "
        f"WHEN {left.text} {gives_way} {right.text} THEN {right.text} END",
        left,
        right,
    )


@printed.register
def _(node: tree.Case, to: Printer) -> Piece:
    conditions = [to.twice(to.of(c)) for c, _ in node.arms]
    values = [to.of(v) for _, v in node.arms]
    otherwise = to.of(node.otherwise)
    arms = " ".join(
        f"WHEN {c.text} THEN {v.text} WHEN {c.text} IS NULL THEN NULL"
        for c, v in zip(conditions, values, strict=True)
    )
    if not arms:
        return otherwise
    return made(f"CASE {arms} ELSE {otherwise.text} END", *conditions, *values, otherwise)


@printed.register
def _(node: tree.IfUnknown, to: Printer) -> Piece:
    body, instead = to.of(node.body), to.of(node.instead)
    return made(f"COALESCE({body.text}, {instead.text})", body, instead)


@printed.register
def _(node: tree.IsUnknown, to: Printer) -> Piece:
    body = to.of(node.body)
    return made(f"({body.text} IS NULL)", body)
