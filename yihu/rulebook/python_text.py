"""Trees printed as Python: one function for each derived fact and rule, straight through.

Every value is computed into a numbered local once. Members are walked in a loop in which their
own locals are computed. `None` is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from yihu.rulebook.program import Output, Program
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

#: A result not computed yet (None is a value: unknown).
MISSING = object()
FLOATS = (Type.REAL, Type.MONEY_REAL)


class Source:
    """The text of a program; `names` is where it will run and where its constants are kept."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.ranks = {level.name: i for i, level in enumerate(program.levels)}
        self.fact_places = _fact_places(program)
        self.place_of = {key: i for i, key in enumerate(program.definitions)}
        self.places = len(self.place_of)
        self.names: dict[str, Any] = {}
        self._late: list[tuple[str, object]] = []
        self._nodes: dict[int, str] = {}
        self._texts: list[str] = []

    def function_of(self, level: str, name: str) -> str:
        """Name of the function of a derived fact or rule."""
        return f"d{self.place_of[level, name]}"

    def code(self) -> str:
        """The whole program."""
        for key, definition in self.program.definitions.items():
            self._texts.append(self._definition(self.place_of[key], definition.node))
        for level in self.program.levels:
            outputs = [o for o in self.program.outputs if o.level == level.name]
            self._texts.append(self._answers(self.ranks[level.name], outputs))
        return self.last_code()

    def last_code(self) -> str:
        """What was written since the last call; its constants are put in place."""
        text = "\n".join(self._texts)
        self._texts.clear()
        for name, value in self._late:
            self.names[name] = value
        self._late.clear()
        return text

    def keep(self, value: object) -> str:
        """A constant kept beside the text, by a numbered name."""
        name = f"K{len(self.names)}_{len(self._late)}"
        self._late.append((name, value))
        return name

    def function_for(self, node: Node) -> str:
        """Name of a function for a node that has none of its own, written when first asked."""
        if id(node) not in self._nodes:
            name = f"n{len(self._nodes)}"
            self._nodes[id(node)] = name
            body = Body(self, "r")
            result = body.value(node)
            self._texts.append(_function(name, [*body.lines, f"return {result}"]))
        return self._nodes[id(node)]

    def _definition(self, place: int, node: Node) -> str:
        body = Body(self, "r")
        result = body.value(node)
        lines = [
            "v = r.results",
            f"if v[{place}] is not MISSING: return v[{place}]",
            *body.lines,
            f"v[{place}] = {result}",
            f"return v[{place}]",
        ]
        return _function(f"d{place}", lines)

    def _answers(self, rank: int, outputs: list[Output]) -> str:
        lines = ["found = {}"]
        for output in outputs:
            name = self.keep(output.name)
            holds = f"d{self.place_of[output.level, output.name]}(r)"
            if output.amount is None:
                lines.append(f"found[{name}] = Answer({holds})")
                continue
            amount = f"{self.function_for(output.amount)}(r)"
            lines += [f"h = {holds}", f"found[{name}] = Answer(h, {amount} if h is True else None)"]
        return _function(f"answers_{rank}", [*lines, "return found"])


def _function(name: str, lines: list[str]) -> str:
    return f"def {name}(r):\n" + "\n".join(f"    {line}" for line in lines) + "\n"


def _fact_places(program: Program) -> dict[str, dict[str, int]]:
    places: dict[str, dict[str, int]] = {level.name: {} for level in program.levels}
    for level, name in program.facts:
        places[level][name] = len(places[level])
    for level, name in program.last_facts:
        places[level][f"last.{name}"] = len(places[level])
    return places


class Body:
    """Lines of one function or loop. row: the variable that holds the row asked."""

    _numbers = 0

    def __init__(self, source: Source, row: str) -> None:
        self.source, self.row = source, row
        self.lines: list[str] = []
        self.done: dict[int, str] = {}

    def value(self, node: Node) -> str:
        """A local or constant holding the node's value; its lines are written before."""
        if id(node) not in self.done:
            self.done[id(node)] = _PRINTERS[type(node)](self, node)
        return self.done[id(node)]

    def put(self, text: str) -> str:
        """A new local with this value."""
        Body._numbers += 1
        name = f"t{Body._numbers}"
        self.lines.append(f"{name} = {text}")
        return name

    def known(self, text: str, *nodes: Node) -> str:
        """A local with the text's value, unknown where one of the nodes is."""
        names = [self.value(n) for n in nodes if not _is_known(n)]
        if not names:
            return self.put(text)
        unknown = " or ".join(f"{n} is None" for n in names)
        return self.put(f"None if {unknown} else {text}")

    def members(self, node: Agg, inner: Callable[[Body], list[str]]) -> None:
        """A loop over those below; `inner` writes its last lines."""
        Body._numbers += 1
        body = Body(self.source, f"m{Body._numbers}")
        last = inner(body)
        depth = self.source.ranks[node.level] - self.source.ranks[node.over]
        among = f"{self.row}.below" if depth == 1 else f"under({self.row}, {depth})"
        self.lines.append(f"for {body.row} in {among}:")
        self.lines += [f"    {line}" for line in (*body.lines, *last)]


def _is_known(node: Node) -> bool:
    return isinstance(node, Const) and node.value is not None


# -- printers -------------------------------------------------------------------------------------


def _const(b: Body, n: Const) -> str:
    # Numbers are kept beside the text too: they may stand where `is None` is asked of them.
    return repr(n.value) if n.value is None or isinstance(n.value, bool) else b.source.keep(n.value)


def _fact(b: Body, n: Fact) -> str:
    name = f"last.{n.name}" if n.last else n.name
    return b.put(f"{b.row}.facts[{b.source.fact_places[n.level][name]}]")


def _ref(b: Body, n: Ref) -> str:
    return b.put(f"d{b.source.place_of[n.level, n.name]}({b.row})")


def _up(b: Body, n: Up) -> str:
    steps = b.source.ranks[n.body.level] - b.source.ranks[n.level]
    row = b.row
    for _ in range(steps):
        row = b.put(f"None if {row} is None else {row}.above")
    inner = b.source.function_for(n.body)
    return b.put(f"None if {row} is None else {inner}({row})")


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
    found = b.known(f"None if {right} == 0 else {left} / {right}", n.left, n.right)
    return found


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
    test = b.source.keep(re.compile(n.pattern).fullmatch)
    return b.known(f"{test}({b.value(n.body)}) is not None", n.body)


def _part(b: Body, n: Part) -> str:
    x, end = b.value(n.body), n.start - 1 + n.length
    return b.known(f"({x}[{n.start - 1}:{end}] if len({x}) >= {end} else None)", n.body)


def _repeats(b: Body, n: Repeats) -> str:
    body = b.source.function_for(n.body)
    where = b.source.function_for(n.where) if n.where is not None else "None"
    return b.put(f"repeats({b.row}, {id(n)}, {body}, {where})")


def _agg(b: Body, n: Agg) -> str:
    if n.op in ("any", "all"):
        return _any_all(b, n)
    if n.op == "count":
        sure, perhaps, nobody = _counts(b, n)
        return b.put(f"None if {nobody} or {perhaps} else {sure}")
    if n.op == "share":
        return _share(b, n)
    if n.op == "median":
        return _quantile(b, n)
    return _number_of(b, n)


def _any_all(b: Body, n: Agg) -> str:
    decides = n.op == "any"
    result = b.put("MISSING")

    def inner(m: Body) -> list[str]:
        x = m.value(n.value)
        return [
            f"if {x} is {decides}:",
            f"    {result} = {decides}",
            "    break",
            f"if {x} is None: {result} = None",
            f"elif {result} is MISSING: {result} = {not decides}",
        ]

    b.members(n, inner)
    b.lines.append(f"if {result} is MISSING: {result} = None")
    return result


def _counts(b: Body, n: Agg) -> tuple[str, str, str]:
    """Locals: how many hold, how many are unknown, whether there is nobody."""
    sure, perhaps, nobody = b.put("0"), b.put("0"), b.put("True")

    def inner(m: Body) -> list[str]:
        x = m.value(n.value)
        return [
            f"{nobody} = False",
            f"if {x} is True: {sure} += 1",
            f"elif {x} is None: {perhaps} += 1",
        ]

    b.members(n, inner)
    return sure, perhaps, nobody


def _share_counts(b: Body, n: Agg) -> list[str]:
    """Locals a, b, c, d of CountTest, then how many are unknown."""
    names = [b.put("0") for _ in range(5)]
    least_yes, least_no, most_yes, most_no, unknown = names
    assert n.where is not None
    where = n.where

    def inner(m: Body) -> list[str]:
        w, x = m.value(where), m.value(n.value)
        return [
            f"if {w} is True:",
            f"    if {x} is True: {least_yes} += 1; {most_yes} += 1",
            f"    elif {x} is False: {least_no} += 1; {most_no} += 1",
            f"    else: {least_no} += 1; {most_yes} += 1; {unknown} += 1",
            f"elif {w} is None:",
            f"    {unknown} += 1",
            f"    if {x} is not True: {least_no} += 1",
            f"    if {x} is not False: {most_yes} += 1",
        ]

    b.members(n, inner)
    return names


def _share(b: Body, n: Agg) -> str:
    yes, no, _, _, unknown = _share_counts(b, n)
    return b.put(f"None if {unknown} or {yes} + {no} == 0 else {yes} / ({yes} + {no})")


def _count_test(b: Body, n: CountTest) -> str:
    right = b.value(n.right)
    if n.agg.op == "share":
        least_yes, least_no, most_yes, most_no, _ = _share_counts(b, n.agg)
        nobody = b.put(f"{least_yes} + {least_no} == 0 or {most_yes} + {most_no} == 0")
        low = b.put(f"None if {nobody} else {least_yes} / ({least_yes} + {least_no})")
        high = b.put(f"None if {nobody} else {most_yes} / ({most_yes} + {most_no})")
    else:
        low, perhaps, nobody = _counts(b, n.agg)
        high = b.put(f"{low} + {perhaps}")
    if n.op in ("=", "!="):
        same = f"{low} == {high} == {right}"
        apart = f"{right} < {low} or {right} > {high}"
        yes, no = (same, apart) if n.op == "=" else (apart, same)
    else:
        both = [f"{low} {n.op} {right}", f"{high} {n.op} {right}"]
        yes, no = " and ".join(both), f"not ({both[0]} or {both[1]})"
    return b.put(
        f"None if {nobody} or {right} is None else True if {yes} else False if {no} else None"
    )


def _number_of(b: Body, n: Agg) -> str:
    """sum, min, max, avg, only."""
    zero = "0.0" if n.type in FLOATS else "0"
    total, how_many, nobody = b.put(zero), b.put("0"), b.put("True")
    take = {
        "sum": f"{total} += X",
        "avg": f"{total} += X",
        "only": f"{total} = X",
        "min": f"{total} = X if not {how_many} or X < {total} else {total}",
        "max": f"{total} = X if not {how_many} or X > {total} else {total}",
    }[n.op]

    def inner(m: Body) -> list[str]:
        x = m.value(n.value)
        where = m.value(n.where) if n.where is not None else "True"
        stop = [f"    {nobody} = None", "    break"]
        return [
            f"{nobody} = False",
            f"if {where} is None:",
            *stop,
            f"if {where}:",
            f"    if {x} is None:",
            *(f"    {line}" for line in stop),
            f"    {take.replace('X', x)}",
            f"    {how_many} += 1",
        ]

    b.members(n, inner)
    found = {
        "sum": total,
        "avg": f"(None if {how_many} == 0 else {total} / {how_many})",
        "only": f"({total} if {how_many} == 1 else None)",
    }.get(n.op, f"(None if {how_many} == 0 else {total})")
    return b.put(f"None if {nobody} is not False else {found}")


def _quantile(b: Body, n: Agg) -> str:
    pairs = b.put("[]")

    def inner(m: Body) -> list[str]:
        x = m.value(n.value)
        weight = m.value(n.weight) if n.weight is not None else "1.0"
        where = m.value(n.where) if n.where is not None else "True"
        return [
            f"if {where} and {x} is not None and {weight} is not None: {pairs} += [({x}, {weight})]"
        ]

    b.members(n, inner)
    return b.put(f"quantile({pairs}, {n.p!r})")


_PRINTERS: dict[type[Node], Callable[[Body, Any], str]] = {
    Const: _const,
    Fact: _fact,
    Ref: _ref,
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
    Agg: _agg,
    CountTest: _count_test,
    Repeats: _repeats,
    Matches: _matches,
    Length: lambda b, n: b.known(f"len({b.value(n.body)})", n.body),
    Part: _part,
    IdentityOk: lambda b, n: b.put(f"identity_ok({b.value(n.body)})"),
    IdentityBirth: lambda b, n: b.put(f"identity_birth({b.value(n.body)})"),
    IdentityMale: lambda b, n: b.put(f"identity_male({b.value(n.body)})"),
    IdStarts: lambda b, n: b.put(f"{b.row}.id.startswith({b.source.keep(n.prefix)})"),
}
