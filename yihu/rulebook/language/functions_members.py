"""Functions over many: members of a household, households of a place, everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yihu.rulebook.language.kinds import LIMIT, MONIES, NUMBERS, TYPE_WORDS, Typed
from yihu.rulebook.language.parse import BadText, Call, Name
from yihu.rulebook.program import POPULATION
from yihu.rulebook.tree import Agg, Const, Node, Repeats, Type

if TYPE_CHECKING:
    from yihu.rulebook.language.meaning import Meaning

#: Most people a household and a run may have; they bound sums, which must stay inside 64 bits.
MOST_MEMBERS = 100_000
MOST_PEOPLE = 2 * 10**9
#: Sums over places stay below this: they are bounded by what a country has (in fen, hundreds of
#: trillions of yuan), and not by the widest value a fact may have times everybody.
MOST_IN_SUM = LIMIT // 64


def truths(meaning: Meaning, syntax: Call) -> Typed:
    """Whether one, whether every one: any, all."""
    below = meaning.below(syntax)
    value = below.truth(syntax.args[0])
    return Typed(_agg(meaning, Type.TRUTH, syntax.name[-1], below.level, value))


def count(meaning: Meaning, syntax: Call) -> Typed:
    """How many hold, or how many there are: count."""
    inner = syntax.args[0]
    below = meaning.below(syntax)
    if isinstance(inner, Name) and len(inner.parts) == 1 and meaning.level_named(inner.parts[0]):
        value = meaning.typer.constant(Type.TRUTH, True).node
    else:
        value = below.truth(inner)
    node = _agg(meaning, Type.WHOLE, "count", below.level, value)
    return Typed(node, low=0, high=_most(meaning, below))


def share(meaning: Meaning, syntax: Call) -> Typed:
    """How many of those meant: share."""
    below = meaning.below(syntax)
    value = below.truth(syntax.args[0])
    where = below.where(syntax) or below.typer.constant(Type.TRUTH, True).node
    return Typed(_agg(meaning, Type.REAL, "share", below.level, value, where), low=0, high=1)


def numbers(meaning: Meaning, syntax: Call) -> Typed:
    """One number of many: sum, min, max, avg."""
    inner, op = syntax.args[0], syntax.name[-1]
    below = meaning.below(syntax)
    value = below.typed(inner)
    allowed = (*NUMBERS, *MONIES, *(() if op in ("sum", "avg") else (Type.DATE, Type.MONTH)))
    if value.type not in allowed:
        raise BadText(
            f"{op} takes numbers or money, this is {TYPE_WORDS[value.type][0]}",
            inner.at,
            zh=f"{op} 只接受数或金额，这里是{TYPE_WORDS[value.type][1]}",
        )
    if op == "avg":
        value = below.typer.as_float(value)
    node = _agg(meaning, value.type, op, below.level, value.node, below.where(syntax))
    if op != "sum":
        return Typed(node, low=value.low, high=value.high)
    people = _most(meaning, below)
    most = MOST_IN_SUM if value.type in (Type.WHOLE, Type.MONEY) else float("inf")
    low, high = min(value.low, 0) * people, max(value.high, 0) * people
    return Typed(node, low=max(low, -most), high=min(high, most))


def only(meaning: Meaning, syntax: Call) -> Typed:
    """Value of the single one meant: only."""
    below = meaning.below(syntax)
    value = below.typed(syntax.args[0])
    node = _agg(meaning, value.type, "only", below.level, value.node, below.where(syntax))
    return Typed(node, codes=value.codes, low=value.low, high=value.high)


def quantile(meaning: Meaning, syntax: Call) -> Typed:
    """Weighted quantiles: median, quantile."""
    below = meaning.below(syntax)
    value = below.typer.as_float(below.number(syntax.args[0]))
    p = meaning.fixed(syntax.args[1], 0, 1) if syntax.name[-1] == "quantile" else 0.5
    weight = None
    if syntax.weight is not None:
        weight = below.typer.as_float(below.number(syntax.weight)).node
    where = below.where(syntax)
    node = _agg(meaning, value.type, "median", below.level, value.node, where, weight, p)
    return Typed(node, low=value.low, high=value.high)


def repeats(meaning: Meaning, syntax: Call) -> Typed:
    """How many in the population have the same value: repeats."""
    inner = syntax.args[0]
    body = meaning.typed(inner)
    if body.type in (Type.REAL, Type.MONEY_REAL, Type.TRUTH) or body.plain:
        raise BadText(
            "repeats takes a fact of text, a code, a day or a whole number",
            inner.at,
            zh="repeats 只接受文本、代码、日期或整数指标",
        )
    where = meaning.where(syntax)
    node: Node = meaning.make(Repeats, Type.WHOLE, meaning.level, body.node, where)
    if not meaning.scope.is_complete(POPULATION):
        node = meaning.make(Const, Type.WHOLE, "", None)
    return Typed(node, low=0, high=MOST_PEOPLE)


def _most(meaning: Meaning, below: Meaning) -> int:
    """How many there may be below: members of a household, people of a place."""
    is_home = meaning.rank(below.level) == 0 and meaning.rank(meaning.level) == 1
    return MOST_MEMBERS if is_home else MOST_PEOPLE


def _agg(
    meaning: Meaning,
    kind: Type,
    op: str,
    over: str,
    value: Node,
    where: Node | None = None,
    weight: Node | None = None,
    p: float | None = None,
) -> Node:
    if not meaning.scope.is_complete(meaning.level):
        return meaning.make(Const, kind, "", None)
    return meaning.make(Agg, kind, meaning.level, op, over, value, where, weight, p)
