"""Types of expressions: which values may meet which, and what comes out.

Each function takes parts that have been typed and gives a typed whole, or refuses the text with
the place of the fault. Numbers written in a rule are plain until they meet a unit: beside money
they mean yuan. Bounds of whole numbers are carried along, so that nothing can leave 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from yihu.rulebook.language.kinds import (
    FLIPPED,
    FLOAT_LIMIT,
    INTS,
    LIMIT,
    MONIES,
    NUMBERS,
    ROUND_LIMIT,
    TYPE_WORDS,
    Constant,
    Typed,
    bounds,
    fold,
    int_of,
    level_of,
)
from yihu.rulebook.language.literals import code_place, day_of, month_of
from yihu.rulebook.language.parse import BadText
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


class Typer:
    """Makes typed nodes; `level` of a node is where its parts are asked."""

    def __init__(self, make: Maker, definitions: dict[tuple[str, str], Typed]) -> None:
        self.make = make
        self.definitions = definitions

    def constant(self, kind: Type, value: Constant, *, plain: bool = False) -> Typed:
        """A constant of a type, unknown when the value is None."""
        node = self.make(Const, kind, "", value)
        bound = value if isinstance(value, int | float) else 0
        return Typed(node, plain=plain, low=bound, high=bound)

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
        """A condition of several, joined by and, or."""
        nodes = tuple(self.condition(p, at).node for p in parts)
        return Typed(self.make(And if op == "and" else Or, Type.TRUTH, level_of(nodes), nodes))

    def negated(self, part: Typed, at: int) -> Typed:
        """A condition denied: two in a row fall away."""
        node = self.condition(part, at).node
        if isinstance(node, Not):
            return Typed(node.body)
        return Typed(self.make(Not, Type.TRUTH, node.level, node))

    def compare(self, op: str, left: Typed, right: Typed, at: int) -> Typed:
        """Both sides are brought to one type, a constant to the right; ages become days."""
        left, right = self.alike(left, right, at)
        if op not in ("=", "!=") and left.type in (Type.TRUTH, Type.CODE, Type.TEXT):
            raise BadText(
                f"{TYPE_WORDS[left.type][0]} has no order; use = or in (…)",
                at,
                zh=f"{TYPE_WORDS[left.type][1]}没有大小；请用 = 或 in (…)",
            )
        if left.type is Type.CODES:
            raise _asked_with_has(at)
        if isinstance(left.node, Const) and not isinstance(right.node, Const):
            op, left, right = FLIPPED[op], right, left
        folded = self._folded_age(op, left, right)
        if folded is not None:
            return folded
        level = level_of((left.node, right.node))
        return Typed(self.make(Compare, Type.TRUTH, level, op, left.node, right.node))

    def _folded_age(self, op: str, left: Typed, right: Typed) -> Typed | None:
        # floor((day - x) / by) >= k  is  x <= day - by * k: no division for each person.
        node = left.node
        if isinstance(node, Ref) and (node.level, node.name) in self.definitions:
            node = self.definitions[node.level, node.name].node
        by = 1
        if isinstance(node, FloorDiv):
            by, node = node.by, node.body
        if not (isinstance(node, Arith) and node.op == "-" and isinstance(node.right, Number)):
            return None
        if node.right.body.type not in (Type.DATE, Type.MONTH):
            return None
        day, k = int_of(node.left), int_of(right.node)
        if day is None or k is None or max(-k, k) > LIMIT // by:
            return None
        return self._age_test(op, node.right.body, day, by, k)

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
        """A condition x in (…): constants of the body's type."""
        if body.type in (Type.REAL, Type.MONEY_REAL, Type.CODES, Type.TRUTH):
            raise BadText(
                "in (…) needs whole numbers, money, days, codes or text",
                at,
                zh="in (…) 需要整数、金额、日期、代码或文本",
            )
        found: set[int | str] = set()
        for value in values:
            part = self.alike(body, value, at)[1]
            if not isinstance(part.node, Const):
                raise BadText("in (…) takes fixed values only", at, zh="in (…) 只接受固定值")
            if part.type is not body.type:
                raise BadText("in (…) takes whole values only", at, zh="in (…) 只接受整数值")
            if not isinstance(part.node.value, int | str):
                raise BadText("in (…) takes known values only", at, zh="in (…) 只接受已知值")
            found.add(part.node.value)
        ordered = tuple(sorted(found, key=lambda v: (isinstance(v, str), v)))
        return Typed(self.make(In, Type.TRUTH, body.node.level, body.node, ordered))

    def arithmetic(self, op: str, left: Typed, right: Typed, at: int) -> Typed:
        """Sums, differences, products and quotients, with the units of money."""
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
        if right.plain and isinstance(right.node, Const) and right.node.value == 0:
            raise BadText("a division by zero", at, zh="除数为零")
        kind = Type.MONEY_REAL if money == (True, False) else Type.REAL
        return self._computed(op, self.as_float(left), self.as_float(right), kind, at)

    def _times(self, left: Typed, right: Typed, money: bool, at: int) -> Typed:
        if left.type in INTS and right.type in INTS:
            return self._computed("*", left, right, Type.MONEY if money else Type.WHOLE, at)
        kind = Type.MONEY_REAL if money else Type.REAL
        return self._computed("*", self.as_float(left), self.as_float(right), kind, at)

    def _computed(self, op: str, left: Typed, right: Typed, kind: Type, at: int) -> Typed:
        low, high = bounds(op, left, right)
        if not max(-low, high) <= (LIMIT if kind in INTS else FLOAT_LIMIT):
            raise BadText(
                "the result could leave 64 bits; give the facts a range",
                at,
                zh="结果可能超出 64 位；请给所用指标规定范围（range）",
            )
        if isinstance(left.node, Const) and isinstance(right.node, Const):
            value = fold(op, left.node.value, right.node.value)
            return self.constant(kind, value, plain=left.plain and right.plain)
        level = level_of((left.node, right.node))
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
        if {left.type, right.type} == {Type.CODE, Type.CODES}:
            raise _asked_with_has(at)
        raise BadText(
            f"{TYPE_WORDS[left.type][0]} and {TYPE_WORDS[right.type][0]} do not go together",
            at,
            zh=f"{TYPE_WORDS[left.type][1]}与{TYPE_WORDS[right.type][1]}不能放在一起",
        )

    def taken_as(self, part: Typed, other: Typed, at: int) -> Typed:
        """What is made of written constants, as the type of what it stands beside."""
        if part.type is Type.TEXT:
            at = at if part.at is None else part.at
            return self._leaves(part, lambda leaf: self.quoted(str(leaf.value), other, at), at)
        if other.type in MONIES and part.type in NUMBERS:
            return self.as_money(part, at)
        return part

    def as_money(self, part: Typed, at: int) -> Typed:
        """Written numbers as yuan."""
        return self._leaves(part, self._yuan, at)

    def _leaves(self, part: Typed, read: Callable[[Const], Typed], at: int) -> Typed:
        """A written constant, or a choice of some, each read anew."""
        if isinstance(part.node, Const):
            return read(part.node)
        if isinstance(part.node, Case):
            values = (*(value for _, value in part.node.arms), part.node.otherwise)
            found = [self._leaves(Typed(v, plain=True), read, at) for v in values]
            conditions = [Typed(condition) for condition, _ in part.node.arms]
            return self.choice(list(zip(conditions, found, strict=False)), found[-1], at)
        raise TypeError(part.node)

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
            if text != text.strip():
                raise BadText(
                    "texts are trimmed, so none begins or ends with a space",
                    at,
                    zh="文本首尾空格会去掉，因此没有首尾带空格的文本",
                )
            return self.constant(Type.TEXT, text, plain=other.plain)
        raise BadText(
            f"“{text}” stands beside {TYPE_WORDS[other.type][0]}",
            at,
            zh=f"“{text}”旁边是{TYPE_WORDS[other.type][1]}",
        )

    def _yuan(self, leaf: Const) -> Typed:
        if not isinstance(leaf.value, int | float):
            return self.constant(Type.MONEY, None)
        fen = Decimal(repr(leaf.value)) * 100
        if fen == int(fen):
            return self.constant(Type.MONEY, int(fen))
        return self.constant(Type.MONEY_REAL, float(fen))

    def as_float(self, part: Typed) -> Typed:
        """WHOLE as REAL, MONEY as MONEY_REAL; floats stay."""
        if part.type not in (Type.WHOLE, Type.MONEY):
            return part
        kind = Type.REAL if part.type is Type.WHOLE else Type.MONEY_REAL
        if part.plain and isinstance(part.node, Case):
            return self._leaves(part, lambda leaf: self.as_float(Typed(leaf, plain=True)), 0)
        if isinstance(part.node, Const):
            value = int_of(part.node)
            return self.constant(kind, None if value is None else float(value), plain=part.plain)
        node = self.make(Number, kind, part.node.level, part.node)
        return Typed(node, low=float(part.low), high=float(part.high))

    def rounded(self, part: Typed, mode: str, step: int, at: int) -> Typed:
        """To a whole multiple of step (of fen for money, of one for numbers)."""
        if part.type not in (*NUMBERS, *MONIES):
            raise BadText("only numbers and money are rounded", at, zh="只有数和金额可以取整")
        if part.type in INTS and step == 1:
            return part
        kind = Type.MONEY if part.type in MONIES else Type.WHOLE
        body = self._within(self.as_float(part))
        low, high = (int(side // step + extra) * step for side, extra in
                     ((body.low, 0), (body.high, 1)))  # fmt: skip
        node = self.make(Round, kind, body.node.level, mode, step, body.node)
        return Typed(node, low=low, high=high)

    def _within(self, part: Typed) -> Typed:
        # A quotient has no bound of its own: what is too large to be a whole number is unknown.
        if max(-part.low, part.high) <= ROUND_LIMIT:
            return part
        node, kind = part.node, part.type
        sides = tuple(
            self.make(Compare, Type.TRUTH, node.level, op, node, self.make(Const, kind, "", limit))
            for op, limit in (("<=", ROUND_LIMIT), (">=", -ROUND_LIMIT))
        )
        inside = self.make(And, Type.TRUTH, node.level, sides)
        unknown = self.make(Const, kind, "", None)
        whole = self.make(Case, kind, node.level, ((inside, node),), unknown)
        return Typed(whole, low=-ROUND_LIMIT, high=ROUND_LIMIT)

    def choice(self, arms: Sequence[tuple[Typed, Typed]], otherwise: Typed, at: int) -> Typed:
        """A case: every value brought to one type; of written numbers only, it stays written."""
        values = self.all_alike([*(value for _, value in arms), otherwise], at)
        conditions = [self.condition(c, at).node for c, _ in arms]
        pairs = tuple(zip(conditions, (v.node for v in values), strict=False))
        level = level_of((*conditions, *(v.node for v in values)))
        return Typed(
            self.make(Case, values[0].type, level, pairs, values[-1].node),
            plain=all(v.plain for v in values),
            codes=next((v.codes for v in values if v.codes), None),
            low=min(v.low for v in values),
            high=max(v.high for v in values),
        )

    def all_alike(self, values: list[Typed], at: int) -> list[Typed]:
        """Several values brought to one type; written constants take that of the others."""
        lead = next((v for v in values if not v.plain), values[0])
        for value in values:
            lead = self.alike(lead, value, at)[0]
        return [self.alike(lead, v, at)[1] for v in values]


def _asked_with_has(at: int) -> BadText:
    return BadText(
        "several codes are asked with has(x, 'code')", at, zh="多项代码请用 has(x, '代码')"
    )
