"""Kinds of values: which are numbers or money, what people call them, how far they may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yihu.rulebook.facts import CodeList
from yihu.rulebook.tree import Const, Node, Number, Type

Constant = bool | int | float | str | None
INTS = (Type.WHOLE, Type.MONEY, Type.DATE, Type.MONTH)
NUMBERS = (Type.WHOLE, Type.REAL)
MONIES = (Type.MONEY, Type.MONEY_REAL)
#: Furthest from 0 that whole numbers and fractions may get; both leave room for a last sum.
LIMIT = 2**62
FLOAT_LIMIT = 1e300
#: Fractions beyond this are not rounded to whole numbers: the result is unknown.
ROUND_LIMIT = 9e15
#: A divisor with a fraction is taken to be 0 or further from 0 than this.
NEAR_ZERO = 1e-60
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}

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
    low, high  bounds of a number, money, day or month
    at         place of a quoted text, for refusals
    """

    node: Node
    plain: bool = False
    codes: CodeList | None = None
    low: float = 0
    high: float = 0
    at: int | None = None

    @property
    def type(self) -> Type:
        """Type of the value."""
        return self.node.type


def fold(op: str, left: Constant, right: Constant) -> Constant:
    """Arithmetic on constants, as every reader does it."""
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return None
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    return None if right == 0 else left / right


def bounds(op: str, left: Typed, right: Typed) -> tuple[float, float]:
    """Least and greatest result of an operation, from those of its sides."""
    a, b, c, d = left.low, left.high, right.low, right.high
    if op == "+":
        return a + c, b + d
    if op == "-":
        return a - d, b - c
    if op == "*":
        corners = (a * c, a * d, b * c, b * d)
        return min(corners), max(corners)
    most = max(-a, b) / _nearest_to_zero(right)
    return (0 if a >= 0 and c >= 0 else -most), most


def _nearest_to_zero(divisor: Typed) -> float:
    if divisor.low > 0 or divisor.high < 0:
        return min(abs(divisor.low), abs(divisor.high))
    node = divisor.node
    whole = isinstance(node, Number) and node.body.type in INTS
    return 1.0 if whole else NEAR_ZERO


def int_of(node: Node) -> int | None:
    """Value of a whole constant; None for anything else."""
    if isinstance(node, Const) and isinstance(node.value, int) and node.type in INTS:
        return node.value
    return None


def level_of(nodes: Sequence[Node]) -> str:
    """The level where the nodes are asked; constants have none."""
    return next((n.level for n in nodes if n.level), "")
