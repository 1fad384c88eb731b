"""Types of expressions: which values may meet which, and what comes out.

Each function takes parts that have been typed and gives a typed whole, or refuses the text with
the place of the fault. Numbers written in a rule are plain until they meet a unit: beside money
they mean yuan. Bounds of whole numbers are carried along, so that nothing can leave 64 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from yihu.rulebook.facts import CodeList
from yihu.rulebook.literals import code_place, day_of, month_of
from yihu.rulebook.parse import BadText
from yihu.rulebook.tree import (
    And,
    Arith,
    Case,
    Compare,
    Const,
    FloorDiv,
    In,
    Maker,
    Node,
    Not,
    Number,
    Or,
    Ref,
    Round,
    Type,
)

Constant = bool | int | float | str | None
INTS = (Type.WHOLE, Type.MONEY, Type.DATE, Type.MONTH)
NUMBERS = (Type.WHOLE, Type.REAL)
MONIES = (Type.MONEY, Type.MONEY_REAL)
LIMIT = 2**62

TYPE_WORDS = {
    Type.TRUTH: ("a condition", "条件"),
    Type.WHOLE: ("a whole number", "整数"),
    Type.REAL: ("a number", "数"),
    Type.MONEY: ("money", "金额"),
    Type.MONEY_REAL: ("money", "金额"),
    Type.DATE: ("a day", "日期"),
    Type.MONTH: ("a month", "月份"),
    Type.CODE: ("a code", "代码"),
    Type.CODES: ("several codes", "多项代码"),
    Type.TEXT: ("text", "文本"),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A node with what the tree does not keep.

    plain      made of written numbers or quoted text only: takes the type of what it meets
    codes      the list a CODE or CODES value belongs to
    low, high  bounds of an int value
    """

    node: Node
    plain: bool = False
    codes: CodeList | None = None
    low: int | None = None
    high: int | None = None

    @property
    def type(self) -> Type:
        """Type of the value."""
        return self.node.type


class Typer:
    """Makes typed nodes; `level` of a node is where its parts are asked."""

    def __init__(self, make: Maker, definitions: dict[tuple[str, str], Typed]) -> None:
        self.make = make
        self.definitions = definitions

    def constant(self, kind: Type, value: Constant, *, plain: bool = False) -> Typed:
        """A constant of a type, unknown when the value is None."""
        node = self.make(Const, kind, "", value)
        if kind in INTS and isinstance(value, int):
            return Typed(node, plain=plain, low=value, high=value)
        return Typed(node, plain=plain, low=0 if kind in INTS else None, high=0)

    def condition(self, part: Typed, at: int) -> Typed:
        """The part, which must be a condition."""
        if part.type is not Type.TRUTH:
            raise BadText(
                f"expected a condition, this is {TYPE_WORDS[part.type][0]}; "
                "compare it with something, or write in (…) for several values",
                at,
                zh=f"此处应为条件，却是{TYPE_WORDS[part.type][1]}；请与某值比较，多个值请写 in (…)",
            )
        return part

    def both(self, op: str, parts: Sequence[Typed], at: int) -> Typed:
        """and, or."""
        nodes = tuple(self.condition(p, at).node for p in parts)
        return Typed(self.make(And if op == "and" else Or, Type.TRUTH, _level(nodes), nodes))

    def negated(self, part: Typed, at: int) -> Typed:
        """not: two in a row fall away."""
        node = self.condition(part, at).node
        if isinstance(node, Not):
            return Typed(node.body)
        return Typed(self.make(Not, Type.TRUTH, node.level, node))

    def compare(self, op: str, left: Typed, right: Typed, at: int) -> Typed:
        """Both sides are brought to one type; ages are compared as days."""
        left, right = self.alike(left, right, at)
        if op not in ("=", "!=") and left.type in (Type.TRUTH, Type.CODE, Type.TEXT):
            raise BadText(
                f"{TYPE_WORDS[left.type][0]} has no order; use = or in (…)",
                at,
                zh=f"{TYPE_WORDS[left.type][1]}没有大小；请用 = 或 in (…)",
            )
        if left.type is Type.CODES:
            raise BadText("several codes are asked with has(…)", at, zh="多项代码请用 has(…)")
        folded = self._folded_age(op, left, right)
        if folded is not None:
            return folded
        level = _level((left.node, right.node))
        return Typed(self.make(Compare, Type.TRUTH, level, op, left.node, right.node))

    def _folded_age(self, op: str, left: Typed, right: Typed) -> Typed | None:
        # floor((day - x) / by) >= k  is  x <= day - by * k: no division for each person.
        node = left.node
        if isinstance(node, Ref) and (node.level, node.name) in self.definitions:
            node = self.definitions[node.level, node.name].node
        by = 1
        if isinstance(node, FloorDiv):
            by, node = node.by, node.body
        if not (isinstance(node, Arith) and node.op == "-" and isinstance(node.left, Const)):
            return None
        number = node.right
        if not (isinstance(number, Number) and isinstance(right.node, Const)):
            return None
        day, k = node.left.value, right.node.value
        if number.body.type not in (Type.DATE, Type.MONTH) or type(day) is not type(k):
            return None
        assert isinstance(day, int) and isinstance(k, int)
        return self._age_test(op, number.body, day, by, k)

    def _age_test(self, op: str, body: Node, day: int, by: int, k: int) -> Typed:
        def side(sign: str, years: int) -> Node:
            limit = self.make(Const, body.type, "", day - by * years)
            return self.make(Compare, Type.TRUTH, body.level, sign, body, limit)

        if op in (">=", "<"):
            return Typed(side("<=" if op == ">=" else ">", k))
        if op in (">", "<="):
            return Typed(side("<=" if op == ">" else ">", k + 1))
        equal = (side("<=", k), side(">", k + 1))
        node = self.make(And, Type.TRUTH, body.level, equal)
        return Typed(node if op == "=" else self.make(Not, Type.TRUTH, body.level, node))

    def among(self, body: Typed, values: Sequence[Typed], at: int) -> Typed:
        """in (…): constants of the body's type."""
        found: list[int | str] = []
        for value in values:
            other = self.alike(body, value, at)[1]
            if not isinstance(other.node, Const) or isinstance(other.node.value, bool | None):
                raise BadText("in (…) takes fixed values only", at, zh="in (…) 只接受固定值")
            if isinstance(other.node.value, float):
                raise BadText("in (…) takes whole values only", at, zh="in (…) 只接受整数值")
            found.append(other.node.value)
        if body.type in (Type.REAL, Type.MONEY_REAL, Type.CODES):
            raise BadText(
                "in (…) needs whole numbers, codes or text", at, zh="in (…) 需要整数、代码或文本"
            )
        values_of = tuple(sorted(set(found), key=lambda v: (str(type(v)), v)))
        return Typed(self.make(In, Type.TRUTH, body.node.level, body.node, values_of))

    def arithmetic(self, op: str, left: Typed, right: Typed, at: int) -> Typed:
        """+ - * / with the units of money."""
        for part in (left, right):
            if part.type not in (*NUMBERS, *MONIES):
                raise BadText(
                    f"{TYPE_WORDS[part.type][0]} is not a number",
                    at,
                    zh=f"{TYPE_WORDS[part.type][1]}不是数",
                )
        if op in "+-":
            left, right = self.alike(left, right, at)
            return self._computed(op, left, right, left.type, at)
        money = (left.type in MONIES, right.type in MONIES)
        if op == "*":
            if all(money):
                raise BadText("money times money has no meaning", at, zh="金额不能乘以金额")
            return self._times(left, right, any(money), at)
        if money == (False, True):
            raise BadText("a number divided by money has no meaning", at, zh="数不能除以金额")
        kind = Type.MONEY_REAL if money == (True, False) else Type.REAL
        return self._computed(op, self.as_float(left), self.as_float(right), kind, at)

    def _times(self, left: Typed, right: Typed, money: bool, at: int) -> Typed:
        whole = left.type in INTS and right.type in INTS
        kind = (
            (Type.MONEY if whole else Type.MONEY_REAL)
            if money
            else (Type.WHOLE if whole else Type.REAL)
        )
        if not whole:
            left, right = self.as_float(left), self.as_float(right)
        return self._computed("*", left, right, kind, at)

    def _computed(self, op: str, left: Typed, right: Typed, kind: Type, at: int) -> Typed:
        low, high = _bounds(op, left, right) if kind in INTS else (None, None)
        if low is not None and high is not None and max(-low, high) > LIMIT:
            raise BadText(
                "the result could leave 64 bits; give the facts a range",
                at,
                zh="结果可能超出 64 位；请给所用指标规定范围（range）",
            )
        plain = left.plain and right.plain
        if isinstance(left.node, Const) and isinstance(right.node, Const):
            value = fold(op, left.node.value, right.node.value)
            return replace(self.constant(kind, value), plain=plain)
        level = _level((left.node, right.node))
        node = self.make(Arith, kind, level, op, left.node, right.node)
        return Typed(node, low=low, high=high)

    def alike(self, left: Typed, right: Typed, at: int) -> tuple[Typed, Typed]:
        """Both brought to one type, written constants to the type of the other side."""
        if left.plain and not right.plain:
            left = self.taken_as(left, right, at)
        elif right.plain:
            right = self.taken_as(right, left, at)
        if left.type is right.type:
            if left.codes is not right.codes and left.codes and right.codes:
                raise BadText(
                    f"codes of the lists “{left.codes.name}” and “{right.codes.name}” "
                    "cannot be compared",
                    at,
                    zh=f"代码表“{left.codes.name}”与“{right.codes.name}”不能相比",
                )
            return left, right
        if {left.type, right.type} in ({*NUMBERS}, {*MONIES}):
            return self.as_float(left), self.as_float(right)
        raise BadText(
            f"{TYPE_WORDS[left.type][0]} and {TYPE_WORDS[right.type][0]} do not go together",
            at,
            zh=f"{TYPE_WORDS[left.type][1]}与{TYPE_WORDS[right.type][1]}不能放在一起",
        )

    def taken_as(self, part: Typed, other: Typed, at: int) -> Typed:
        """A written constant as the type of what it stands beside."""
        assert isinstance(part.node, Const)
        value = part.node.value
        if isinstance(value, str):
            return self.quoted(value, other, at)
        if other.type in MONIES and part.type in NUMBERS and value is not None:
            return self.yuan(value)
        return part

    def quoted(self, text: str, other: Typed, at: int) -> Typed:
        """Quoted text as a code, day, month or text."""
        if other.codes is not None:
            place = code_place(other.codes, text, at)
            return Typed(self.make(Const, Type.CODE, "", place), codes=other.codes)
        if other.type is Type.DATE:
            return self.constant(Type.DATE, day_of(text, at))
        if other.type is Type.MONTH:
            return self.constant(Type.MONTH, month_of(text, at))
        if other.type is Type.TEXT:
            return self.constant(Type.TEXT, text)
        raise BadText(
            f"“{text}” stands beside {TYPE_WORDS[other.type][0]}",
            at,
            zh=f"“{text}”旁边是{TYPE_WORDS[other.type][1]}",
        )

    def yuan(self, value: int | float) -> Typed:
        """A written number as money."""
        fen = Decimal(repr(value)) * 100
        if fen == int(fen):
            return self.constant(Type.MONEY, int(fen))
        return self.constant(Type.MONEY_REAL, float(fen))

    def as_float(self, part: Typed) -> Typed:
        """WHOLE as REAL, MONEY as MONEY_REAL; floats stay."""
        if part.type not in (Type.WHOLE, Type.MONEY):
            return part
        kind = Type.REAL if part.type is Type.WHOLE else Type.MONEY_REAL
        if isinstance(part.node, Const):
            value = part.node.value
            return replace(
                self.constant(kind, None if value is None else float(value)), plain=part.plain
            )
        return Typed(self.make(Number, kind, part.node.level, part.node))

    def rounded(self, part: Typed, mode: str, step: int, at: int) -> Typed:
        """To a whole multiple of step (of fen for money, of one for numbers)."""
        if part.type not in (*NUMBERS, *MONIES):
            raise BadText("only numbers and money are rounded", at, zh="只有数和金额可以取整")
        if part.type in INTS and step == 1:
            return part
        kind = Type.MONEY if part.type in MONIES else Type.WHOLE
        body = self.as_float(part).node
        return Typed(
            self.make(Round, kind, body.level, mode, step, body), low=-LIMIT // 8, high=LIMIT // 8
        )

    def choice(self, arms: Sequence[tuple[Typed, Typed]], otherwise: Typed, at: int) -> Typed:
        """case: every value brought to one type."""
        values = self.all_alike([*(value for _, value in arms), otherwise], at)
        conditions = [self.condition(c, at).node for c, _ in arms]
        pairs = tuple(zip(conditions, (v.node for v in values), strict=False))
        level = _level((*conditions, *(v.node for v in values)))
        node = self.make(Case, values[0].type, level, pairs, values[-1].node)
        lows = [v.low for v in values if v.low is not None]
        highs = [v.high for v in values if v.high is not None]
        ints = values[0].type in INTS
        return Typed(
            node,
            codes=next((v.codes for v in values if v.codes), None),
            low=min(lows, default=0) if ints else None,
            high=max(highs, default=0) if ints else None,
        )

    def all_alike(self, values: list[Typed], at: int) -> list[Typed]:
        """Several values brought to one type; unknown constants take any."""
        lead = next((v for v in values if not v.plain), values[0])
        for value in values:
            lead = self.alike(lead, value, at)[0]
        if lead.type is Type.REAL and lead.plain is False:
            values = [self.as_float(v) for v in values]
        return [self.alike(lead, v, at)[1] for v in values]


def fold(op: str, left: Constant, right: Constant) -> Constant:
    """Arithmetic on constants, as every reader does it."""
    if left is None or right is None or isinstance(left, str) or isinstance(right, str):
        return None
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    return None if right == 0 else left / right


def _bounds(op: str, left: Typed, right: Typed) -> tuple[int, int]:
    a, b = left.low or 0, left.high or 0
    c, d = right.low or 0, right.high or 0
    if op == "+":
        return a + c, b + d
    if op == "-":
        return a - d, b - c
    corners = (a * c, a * d, b * c, b * d)
    return min(corners), max(corners)


def _level(nodes: Sequence[Node]) -> str:
    return next((n.level for n in nodes if n.level), "")
