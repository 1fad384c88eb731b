"""Each kind of node printed as Python: lines that compute it, and the local that holds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from yihu.rulebook.evaluate import totals as members
from yihu.rulebook.language.patterns import fits
from yihu.rulebook.tree import (
    Agg,
    And,
    Arith,
    AtLeast,
    Bound,
    Case,
    Compare,
    Const,
    CountTest,
    Fact,
    FloorDiv,
    Has,
    IdentityBirth,
    IdentityMale,
    IdentityOk,
    IdStarts,
    IfUnknown,
    In,
    IsUnknown,
    Length,
    Matches,
    Node,
    Not,
    Number,
    Or,
    Part,
    Ref,
    Repeats,
    Round,
    Type,
    Up,
)

if TYPE_CHECKING:
    from yihu.rulebook.evaluate.text import Body

FLOATS = (Type.REAL, Type.MONEY_REAL)


def _const(b: Body, n: Const) -> str:
    # Kept beside the text: Python warns of a number asked `is None`, of None cut into parts.
    return repr(n.value) if isinstance(n.value, bool) else b.source.keep(n.value)


def _asked(b: Body, n: Node) -> str:
    return b.put(b.asked(n, b.row))


def _up(b: Body, n: Up) -> str:
    row = b.above(b.source.ranks[n.body.level] - b.source.ranks[n.level])
    return b.put(f"None if {row} is None else {b.asked(n.body, row)}")


def _kleene(b: Body, parts: tuple[Node, ...], decides: bool) -> str:
    names = [b.value(p) for p in parts]
    decided = " or ".join(f"{n} is {decides}" for n in names)
    unknown = " or ".join(f"{n} is None" for n in names)
    return b.put(f"{decides} if {decided} else None if {unknown} else {not decides}")


def _at_least(b: Body, n: AtLeast) -> str:
    names = [b.value(p) for p in n.parts]
    sure = " + ".join(f"({x} is True)" for x in names)
    open_ = " + ".join(f"({x} is not False)" for x in names)
    return b.put(f"True if {sure} >= {n.k} else False if {open_} < {n.k} else None")


def _compare(b: Body, n: Compare) -> str:
    op = "==" if n.op == "=" else n.op
    return b.known(f"{b.value(n.left)} {op} {b.value(n.right)}", n.left, n.right)


def _in(b: Body, n: In) -> str:
    values = b.source.keep(frozenset(n.values))
    return b.known(f"{b.value(n.body)} in {values}", n.body)


def _arith(b: Body, n: Arith) -> str:
    left, right = b.value(n.left), b.value(n.right)
    if n.op != "/":
        return b.known(f"{left} {n.op} {right}", n.left, n.right)
    return b.known(f"None if {right} == 0 else {left} / {right}", n.left, n.right)


def _number(b: Body, n: Number) -> str:
    if n.type in FLOATS:
        return b.known(f"float({b.value(n.body)})", n.body)
    return b.value(n.body)


def _round(b: Body, n: Round) -> str:
    x = b.value(n.body)
    scaled = x if n.step == 1 else f"{x} / {n.step}"
    whole = {
        "half_up": f"floor({scaled} + 0.5)",
        "down": f"floor({scaled})",
        "up": f"ceil({scaled})",
    }[n.mode]
    return b.known(whole if n.step == 1 else f"{whole} * {n.step}", n.body)


def _bound(b: Body, n: Bound) -> str:
    left, right = b.value(n.left), b.value(n.right)
    sign = "<=" if n.op == "most" else ">="
    return b.known(f"({left} if {left} {sign} {right} else {right})", n.left, n.right)


def _case(b: Body, n: Case) -> str:
    arms = [(b.value(c), b.value(v)) for c, v in n.arms]
    otherwise = b.value(n.otherwise)
    result = b.put(otherwise)
    word = "if"
    for condition, value in arms:
        b.lines.append(f"{word} {condition} is None: {result} = None")
        b.lines.append(f"elif {condition}: {result} = {value}")
        word = "elif"
    return result


def _matches(b: Body, n: Matches) -> str:
    return b.known(f"{b.source.keep(fits(n.pattern))}({b.value(n.body)})", n.body)


def _part(b: Body, n: Part) -> str:
    x, end = b.value(n.body), n.start - 1 + n.length
    return b.known(f"({x}[{n.start - 1}:{end}] if len({x}) >= {end} else None)", n.body)


def _repeats(b: Body, n: Repeats) -> str:
    body = b.source.function_for(n.body)
    where = b.source.function_for(n.where) if n.where is not None else "None"
    return b.put(f"repeats({b.row}, {b.source.number()}, {body}, {where})")


#: Kind of node → its printer.
PRINTERS: dict[type[Node], Callable[[Body, Any], str]] = {
    Const: _const,
    Fact: _asked,
    Ref: _asked,
    Up: _up,
    And: lambda b, n: _kleene(b, n.parts, False),
    Or: lambda b, n: _kleene(b, n.parts, True),
    Not: lambda b, n: b.known(f"not {b.value(n.body)}", n.body),
    AtLeast: _at_least,
    Compare: _compare,
    In: _in,
    Has: lambda b, n: b.known(f"({b.value(n.body)} >> {n.bit}) & 1 == 1", n.body),
    Arith: _arith,
    FloorDiv: lambda b, n: b.known(f"{b.value(n.body)} // {n.by}", n.body),
    Number: _number,
    Round: _round,
    Bound: _bound,
    Case: _case,
    IfUnknown: lambda b, n: b.put(
        f"{b.value(n.instead)} if {b.value(n.body)} is None else {b.value(n.body)}"
    ),
    IsUnknown: lambda b, n: b.put(f"{b.value(n.body)} is None"),
    Agg: members.agg,
    CountTest: members.count_test,
    Repeats: _repeats,
    Matches: _matches,
    Length: lambda b, n: b.known(f"len({b.value(n.body)})", n.body),
    Part: _part,
    IdentityOk: lambda b, n: b.put(f"identity_ok({b.value(n.body)})"),
    IdentityBirth: lambda b, n: b.put(f"identity_birth({b.value(n.body)})"),
    IdentityMale: lambda b, n: b.put(f"identity_male({b.value(n.body)})"),
    IdStarts: _asked,
}
