"""Text, identity numbers and place codes as SQL: only substrings, comparisons and whole numbers."""

from __future__ import annotations

from yihu.rulebook import tree
from yihu.rulebook.program import POPULATION
from yihu.rulebook.sql.layers import Piece, made
from yihu.rulebook.sql.nodes import Printer, literal, printed
from yihu.rulebook.tree import Type

#: Weights of the 17 figures before the check digit, and check digits by remainder (GB 11643).
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@printed.register
def _(node: tree.Matches, to: Printer) -> Piece:
    body = to.of(node.body)
    return made(to.dialect.matches(body.text, literal(Type.TEXT, node.pattern)), body)


@printed.register
def _(node: tree.Length, to: Printer) -> Piece:
    body = to.of(node.body)
    return made(f"CAST(LENGTH({body.text}) AS BIGINT)", body)


@printed.register
def _(node: tree.Part, to: Printer) -> Piece:
    body = to.twice(to.of(node.body))
    last = node.start + node.length - 1
    part = f"SUBSTRING({body.text}, {node.start}, {node.length})"
    return made(f"CASE WHEN LENGTH({body.text}) >= {last} THEN {part} END", body)


@printed.register
def _(node: tree.IdStarts, to: Printer) -> Piece:
    if node.level == POPULATION:
        return Piece(literal(Type.TRUTH, False))
    own = to.layers.id(node.level)
    start = f"SUBSTRING(CAST({own.text} AS VARCHAR), 1, {len(node.prefix)})"
    return made(f"COALESCE({start} = {literal(Type.TEXT, node.prefix)}, FALSE)", own)


@printed.register
def _(node: tree.IdentityBirth, to: Printer) -> Piece:
    return _identity(node.body, to)[1]


@printed.register
def _(node: tree.IdentityMale, to: Printer) -> Piece:
    figures, birth = _identity(node.body, to)
    odd = f"CAST(SUBSTRING({figures.text}, 17, 1) AS BIGINT) % 2 = 1"
    return made(f"CASE WHEN {birth.text} IS NOT NULL THEN {odd} END", figures, birth)


@printed.register
def _(node: tree.IdentityOk, to: Printer) -> Piece:
    body = to.twice(to.of(node.body))
    figures, birth = _identity(node.body, to)
    total = " + ".join(
        f"{weight} * CAST(SUBSTRING({figures.text}, {i}, 1) AS BIGINT)"
        for i, weight in enumerate(_WEIGHTS, start=1)
    )
    right = f"SUBSTRING('{_CHECKS}', ({total}) % 11 + 1, 1)"
    last = f"SUBSTRING({body.text}, 18, 1)"
    last = f"CASE {last} WHEN 'x' THEN 'X' ELSE {last} END"
    return made(
        f"CASE WHEN {body.text} IS NULL THEN NULL WHEN {birth.text} IS NULL THEN FALSE "
        f"WHEN LENGTH({body.text}) = 15 THEN TRUE ELSE {right} = {last} END",
        body,
        figures,
        birth,
    )


def _identity(number: tree.Node, to: Printer) -> tuple[Piece, Piece]:
    """The first 17 figures of a number (15 old ones read as 19xx), and its day of birth."""
    if id(number) not in to.identities:
        figures = to.layers.keep(_figures(to.twice(to.of(number))))
        to.identities[id(number)] = figures, to.layers.keep(_birth(figures, to))
    return to.identities[id(number)]


def _figures(body: Piece) -> Piece:
    def all_figures(count: int) -> str:
        return " AND ".join(
            f"SUBSTRING({body.text}, {i}, 1) BETWEEN '0' AND '9'" for i in range(1, count + 1)
        )

    last = f"SUBSTRING({body.text}, 18, 1)"
    new = f"LENGTH({body.text}) = 18 AND ({last} BETWEEN '0' AND '9' OR {last} IN ('X', 'x'))"
    old = f"SUBSTRING({body.text}, 1, 6) || '19' || SUBSTRING({body.text}, 7, 9)"
    return made(
        f"CASE WHEN {new} AND {all_figures(17)} THEN SUBSTRING({body.text}, 1, 17) "
        f"WHEN LENGTH({body.text}) = 15 AND {all_figures(15)} THEN {old} END",
        body,
    )


def _birth(figures: Piece, to: Printer) -> Piece:
    def number(start: int, length: int) -> Piece:
        part = f"CAST(SUBSTRING({figures.text}, {start}, {length}) AS BIGINT)"
        return to.layers.keep(made(part, figures))

    year, month, day = number(7, 4), number(11, 2), number(13, 2)
    y = year.text
    leap = f"{y} % 4 = 0 AND ({y} % 100 <> 0 OR {y} % 400 = 0)"
    longest = (
        f"CASE WHEN {month.text} = 2 THEN CASE WHEN {leap} THEN 29 ELSE 28 END "
        f"WHEN {month.text} IN (4, 6, 9, 11) THEN 30 ELSE 31 END"
    )
    exists = f"{y} >= 1 AND {month.text} BETWEEN 1 AND 12 AND {day.text} BETWEEN 1 AND {longest}"
    slots = f"({y} * 12 + {month.text} - 1) * {tree.DAYS_IN_MONTH_SLOT} + {day.text} - 1"
    return made(f"CASE WHEN {exists} THEN {slots} END", year, month, day)
