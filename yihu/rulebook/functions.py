"""The functions a rule may call: the whole allow-list, each with its meaning in a phrase.

A function takes typed parts and gives a typed node; anything not in FUNCTIONS is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yihu.rulebook.parse import BadText, Call, Name, Str, Syntax
from yihu.rulebook.patterns import plain_pattern
from yihu.rulebook.program import POPULATION
from yihu.rulebook.tree import (
    DAYS_IN_MONTH_SLOT,
    DAYS_IN_YEAR_SLOT,
    Agg,
    Arith,
    AtLeast,
    Bound,
    Const,
    FloorDiv,
    Has,
    IdentityBirth,
    IdentityMale,
    IdentityOk,
    IdStarts,
    IfUnknown,
    Length,
    Matches,
    Node,
    Number,
    Or,
    Part,
    Repeats,
    Type,
)
from yihu.rulebook.typed import LIMIT, MONIES, NUMBERS, TYPE_WORDS, Typed

if TYPE_CHECKING:
    from yihu.rulebook.meaning import Meaning

#: Most people a household may have; bounds sums so that they stay inside 64 bits.
MOST_MEMBERS = 100_000


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how it is written and what it means."""

    form: str
    zh: str
    en: str
    make: Callable[[Meaning, Call], Typed]


def call(meaning: Meaning, syntax: Call) -> Typed:
    """Type a call of an allowed function. Raises BadText for any other."""
    function = FUNCTIONS[syntax.name[-1]]
    if syntax.where is not None and "where" not in function.form:
        raise BadText(
            f"{syntax.name[-1]} takes no “where”",
            syntax.where.at,
            zh=f"{syntax.name[-1]} 不能用 where",
        )
    if syntax.weight is not None and "weight" not in function.form:
        raise BadText(
            f"{syntax.name[-1]} takes no weight", syntax.weight.at, zh=f"{syntax.name[-1]} 没有权重"
        )
    return function.make(meaning, syntax)


def _args(syntax: Call, least: int, most: int | None = None) -> tuple[Syntax, ...]:
    most = least if most is None else most
    if not least <= len(syntax.args) <= most:
        form = FUNCTIONS[syntax.name[-1]].form
        raise BadText(
            f"{syntax.name[-1]} is written {form}",
            syntax.at,
            zh=f"{syntax.name[-1]} 的写法是 {form}",
        )
    return syntax.args


# -- over members ---------------------------------------------------------------------------------


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


def _truths(meaning: Meaning, syntax: Call) -> Typed:
    (inner,) = _args(syntax, 1)
    below = meaning.below(syntax)
    value = below.condition(below.typed(inner), inner.at)
    return Typed(_agg(meaning, Type.TRUTH, syntax.name[-1], below.level, value.node))


def _count(meaning: Meaning, syntax: Call) -> Typed:
    (inner,) = _args(syntax, 1)
    below = meaning.below(syntax)
    if isinstance(inner, Name) and len(inner.parts) == 1 and meaning.level_named(inner.parts[0]):
        value = meaning.typer.constant(Type.TRUTH, True).node
    else:
        value = below.condition(below.typed(inner), inner.at).node
    node = _agg(meaning, Type.WHOLE, "count", below.level, value)
    return Typed(node, low=0, high=2**40)


def _share(meaning: Meaning, syntax: Call) -> Typed:
    (inner,) = _args(syntax, 1)
    below = meaning.below(syntax)
    value = below.condition(below.typed(inner), inner.at).node
    where = _where(below, syntax) or below.typer.constant(Type.TRUTH, True).node
    return Typed(_agg(meaning, Type.REAL, "share", below.level, value, where))


def _where(below: Meaning, syntax: Call) -> Node | None:
    if syntax.where is None:
        return None
    return below.condition(below.typed(syntax.where), syntax.where.at).node


def _numbers(meaning: Meaning, syntax: Call) -> Typed:
    (inner,) = _args(syntax, 1)
    op = syntax.name[-1]
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
    node = _agg(meaning, value.type, op, below.level, value.node, _where(below, syntax))
    low, high = value.low, value.high
    if op == "sum" and low is not None and high is not None:
        # A place's sums are bounded by the country's, not by the widest value times everybody.
        people = MOST_MEMBERS if meaning.is_lowest_group(below.level) else LIMIT
        low, high = max(min(low, 0) * people, -LIMIT // 4), min(max(high, 0) * people, LIMIT // 4)
    return Typed(node, low=low, high=high)


def _only(meaning: Meaning, syntax: Call) -> Typed:
    (inner,) = _args(syntax, 1)
    below = meaning.below(syntax)
    value = below.typed(inner)
    node = _agg(meaning, value.type, "only", below.level, value.node, _where(below, syntax))
    return Typed(node, codes=value.codes, low=value.low, high=value.high)


def _quantile(meaning: Meaning, syntax: Call) -> Typed:
    op = syntax.name[-1]
    args = _args(syntax, 1 if op == "median" else 2)
    below = meaning.below(syntax)
    value = below.typer.as_float(below.number(args[0]))
    p = 0.5
    if op == "quantile":
        p = _fixed(meaning, args[1], 0.0, 1.0)
    weight = None
    if syntax.weight is not None:
        weight = below.typer.as_float(below.number(syntax.weight)).node
    where = _where(below, syntax)
    return Typed(_agg(meaning, value.type, "median", below.level, value.node, where, weight, p))


def _fixed(meaning: Meaning, syntax: Syntax, low: float, high: float) -> float:
    node = meaning.typed(syntax).node
    if isinstance(node, Const) and isinstance(node.value, int | float):
        if low <= node.value <= high:
            return float(node.value)
    raise BadText(
        f"expected a fixed number from {low:g} to {high:g}",
        syntax.at,
        zh=f"此处应为 {low:g} 到 {high:g} 的固定数",
    )


def _repeats(meaning: Meaning, syntax: Call) -> Typed:
    (inner,) = _args(syntax, 1)
    body = meaning.typed(inner)
    if body.type in (Type.REAL, Type.MONEY_REAL, Type.TRUTH):
        raise BadText(
            "repeats takes text, codes, days or whole numbers",
            inner.at,
            zh="repeats 只接受文本、代码、日期或整数",
        )
    where = _where(meaning, syntax)
    node: Node = meaning.make(Repeats, Type.WHOLE, meaning.level, body.node, where)
    if not meaning.scope.is_complete(POPULATION):
        node = meaning.make(Const, Type.WHOLE, "", None)
    return Typed(node, low=0, high=2**40)


# -- conditions and assumptions -------------------------------------------------------------------


def _at_least(meaning: Meaning, syntax: Call) -> Typed:
    first, *rest = _args(syntax, 2, 200)
    k = _fixed(meaning, first, 0, 200)
    if k != int(k):
        raise BadText("at_least takes a whole number first", first.at, zh="at_least 先写一个整数")
    parts = tuple(meaning.condition(meaning.typed(p), p.at).node for p in rest)
    return Typed(meaning.make(AtLeast, Type.TRUTH, meaning.level, int(k), parts))


def _if_unknown(meaning: Meaning, syntax: Call) -> Typed:
    first, second = _args(syntax, 2)
    body, instead = meaning.typer.alike(meaning.typed(first), meaning.typed(second), syntax.at)
    meaning.note_assumption(syntax)
    node = meaning.make(IfUnknown, body.type, meaning.level, body.node, instead.node)
    lows, highs = (body.low, instead.low), (body.high, instead.high)
    return Typed(
        node,
        codes=body.codes,
        low=min(lows) if None not in lows else None,  # type: ignore[type-var]
        high=max(highs) if None not in highs else None,  # type: ignore[type-var]
    )


def _bound(meaning: Meaning, syntax: Call) -> Typed:
    first, second = _args(syntax, 2)
    left, right = meaning.typer.alike(meaning.typed(first), meaning.typed(second), syntax.at)
    if left.type in (Type.TRUTH, Type.CODE, Type.CODES, Type.TEXT):
        raise BadText("this has no order", syntax.at, zh="此类值没有大小")
    op = "most" if syntax.name[-1] == "capped" else "least"
    node = meaning.make(Bound, left.type, meaning.level, op, left.node, right.node)
    if left.low is None or right.low is None or left.high is None or right.high is None:
        return Typed(node)
    return Typed(node, low=min(left.low, right.low), high=max(left.high, right.high))


def _round(meaning: Meaning, syntax: Call) -> Typed:
    args = _args(syntax, 1, 2)
    mode = {"round": "half_up", "round_down": "down", "round_up": "up"}[syntax.name[-1]]
    body = meaning.number(args[0])
    step = 1
    if len(args) == 2:
        step = int(_fixed(meaning, args[1], 1, 1e9)) * (100 if body.type in MONIES else 1)
    return meaning.typer.rounded(body, mode, step, syntax.at)


# -- days -----------------------------------------------------------------------------------------


def _since(meaning: Meaning, syntax: Call) -> Typed:
    args = _args(syntax, 1, 2)
    day = meaning.typed(args[0])
    months = syntax.name[-1] == "months_since"
    if day.type is Type.MONTH and months:
        now = meaning.scope.month
        return _difference(meaning, now, day, 1)
    if day.type is not Type.DATE:
        raise BadText(
            f"{syntax.name[-1]} takes a day, this is {TYPE_WORDS[day.type][0]}",
            args[0].at,
            zh=f"{syntax.name[-1]} 需要日期，这里是{TYPE_WORDS[day.type][1]}",
        )
    now = meaning.scope.day if len(args) == 1 else _day(meaning, args[1])
    return _difference(meaning, now, day, DAYS_IN_MONTH_SLOT if months else DAYS_IN_YEAR_SLOT)


def _difference(meaning: Meaning, now: int, day: Typed, by: int) -> Typed:
    number = meaning.make(Number, Type.WHOLE, day.node.level, day.node)
    start = meaning.make(Const, Type.WHOLE, "", now)
    node: Node = meaning.make(Arith, Type.WHOLE, day.node.level, "-", start, number)
    if by != 1:
        node = meaning.make(FloorDiv, Type.WHOLE, day.node.level, node, by)
    return Typed(node, low=-(10**7), high=10**7)


def _day(meaning: Meaning, syntax: Syntax) -> int:
    part = meaning.typed(syntax)
    if isinstance(syntax, Str):
        part = meaning.typer.quoted(syntax.text, meaning.typer.constant(Type.DATE, 0), syntax.at)
    if isinstance(part.node, Const) and part.type is Type.DATE:
        assert isinstance(part.node.value, int)
        return part.node.value
    raise BadText(
        "expected on, year_start, year_end or a fixed day",
        syntax.at,
        zh="此处应为 on、year_start、year_end 或固定日期",
    )


def _calendar(meaning: Meaning, syntax: Call) -> Typed:
    (inner,) = _args(syntax, 1)
    day = meaning.typed(inner)
    if day.type is not Type.DATE:
        raise BadText(f"{syntax.name[-1]} takes a day", inner.at, zh=f"{syntax.name[-1]} 需要日期")
    typer, level = meaning.typer, day.node.level
    if isinstance(day.node, Const):
        assert isinstance(day.node.value, int)
        whole = day.node.value // DAYS_IN_YEAR_SLOT
        if syntax.name[-1] == "year":
            return typer.constant(Type.WHOLE, whole)
    number = meaning.make(Number, Type.WHOLE, level, day.node)
    months = meaning.make(FloorDiv, Type.WHOLE, level, number, DAYS_IN_MONTH_SLOT)
    if syntax.name[-1] == "month_of":
        months = meaning.make(FloorDiv, Type.MONTH, level, number, DAYS_IN_MONTH_SLOT)
        return Typed(months, low=0, high=120_000)
    years = meaning.make(FloorDiv, Type.WHOLE, level, number, DAYS_IN_YEAR_SLOT)
    if syntax.name[-1] == "year":
        return Typed(years, low=0, high=10_000)
    twelve = typer.arithmetic(
        "*", Typed(years, low=0, high=10_000), typer.constant(Type.WHOLE, 12), syntax.at
    )
    rest = typer.arithmetic("-", Typed(months, low=0, high=120_000), twelve, syntax.at)
    return typer.arithmetic("+", rest, typer.constant(Type.WHOLE, 1), syntax.at)


# -- codes and text -------------------------------------------------------------------------------


def _has(meaning: Meaning, syntax: Call) -> Typed:
    first, *rest = _args(syntax, 2, 2 if syntax.name[-1] == "has" else 60)
    body = meaning.typed(first)
    if body.type is not Type.CODES:
        raise BadText(
            "has(…) asks a fact with several codes; use = or in (…)",
            first.at,
            zh="has(…) 用于多项代码；单项请用 = 或 in (…)",
        )
    parts = []
    for word in rest:
        code = (
            meaning.typer.alike(body, meaning.typed(word), word.at)[1]
            if not isinstance(word, Str)
            else meaning.typer.quoted(word.text, body, word.at)
        )
        assert isinstance(code.node, Const) and isinstance(code.node.value, int)
        parts.append(meaning.make(Has, Type.TRUTH, body.node.level, body.node, code.node.value))
    if len(parts) == 1:
        return Typed(parts[0])
    return Typed(meaning.make(Or, Type.TRUTH, body.node.level, tuple(parts)))


def _text(meaning: Meaning, syntax: Syntax) -> Typed:
    body = meaning.typed(syntax)
    if body.type is not Type.TEXT or body.plain:
        raise BadText(
            f"expected a text fact, this is {TYPE_WORDS[body.type][0]}",
            syntax.at,
            zh=f"此处应为文本指标，却是{TYPE_WORDS[body.type][1]}",
        )
    return body


def _word(syntax: Syntax) -> str:
    if not isinstance(syntax, Str) or not syntax.text:
        raise BadText("expected quoted text", syntax.at, zh="此处应为引号中的文本")
    return syntax.text


def _matches(meaning: Meaning, syntax: Call) -> Typed:
    first, second = _args(syntax, 2)
    pattern = _word(second)
    if syntax.name[-1] == "starts_with":
        pattern = "".join(f"\\{c}" if c in ".-()[]{}?*+|\\^$" else c for c in pattern) + ".*"
    body = _text(meaning, first).node
    plain = plain_pattern(pattern, second.at)
    return Typed(meaning.make(Matches, Type.TRUTH, body.level, body, plain))


def _length(meaning: Meaning, syntax: Call) -> Typed:
    body = _text(meaning, _args(syntax, 1)[0]).node
    return Typed(meaning.make(Length, Type.WHOLE, body.level, body), low=0, high=2**31)


def _part(meaning: Meaning, syntax: Call) -> Typed:
    first, second, third = _args(syntax, 3)
    start = int(_fixed(meaning, second, 1, 1000))
    length = int(_fixed(meaning, third, 1, 1000))
    body = _text(meaning, first).node
    return Typed(meaning.make(Part, Type.TEXT, body.level, body, start, length))


def _identity(meaning: Meaning, syntax: Call) -> Typed:
    body = _text(meaning, _args(syntax, 1)[0]).node
    kinds: dict[str, tuple[type[Node], Type]] = {
        "identity_ok": (IdentityOk, Type.TRUTH),
        "identity_birth": (IdentityBirth, Type.DATE),
        "identity_male": (IdentityMale, Type.TRUTH),
    }
    kind, gives = kinds[syntax.name[-1]]
    node = meaning.make(kind, gives, body.level, body)
    return Typed(node, low=0, high=4 * 10**6) if gives is Type.DATE else Typed(node)


def _place_in(meaning: Meaning, syntax: Call) -> Typed:
    words = [_word(w) for w in _args(syntax, 1, 200)]
    level = meaning.level if len(syntax.name) == 1 else meaning.level_of(syntax.name[0], syntax.at)
    nodes: list[Node] = [meaning.make(IdStarts, Type.TRUTH, level, w) for w in words]
    node = nodes[0] if len(nodes) == 1 else meaning.make(Or, Type.TRUTH, level, tuple(nodes))
    return meaning.seen(Typed(node), level, syntax.at)


def _f(form: str, zh: str, en: str, make: Callable[[Meaning, Call], Typed]) -> Function:
    return Function(form, zh, en, make)


FUNCTIONS: dict[str, Function] = {
    "any": _f("any(c)", "至少一名成员满足", "one member at least", _truths),
    "all": _f("all(c)", "全部成员满足", "every member", _truths),
    "count": _f(
        "count(c), count(member)", "满足的人数；总人数", "how many; how many there are", _count
    ),
    "share": _f("share(c where d)", "占比（0 到 1）", "share of those with d, 0 to 1", _share),
    "sum": _f("sum(x where d)", "合计", "total", _numbers),
    "min": _f("min(x where d)", "最小", "smallest", _numbers),
    "max": _f("max(x where d)", "最大", "largest", _numbers),
    "avg": _f("avg(x where d)", "平均", "mean", _numbers),
    "only": _f("only(x where d)", "唯一满足者的值", "value of the only member with d", _only),
    "median": _f("median(x, weight = w where d)", "加权中位数", "weighted median", _quantile),
    "quantile": _f(
        "quantile(x, p, weight = w where d)", "加权分位数", "weighted quantile", _quantile
    ),
    "repeats": _f("repeats(x where d)", "全体中同值的个数", "how many share this value", _repeats),
    "at_least": _f("at_least(k, a, b, …)", "至少 k 项成立", "k or more hold", _at_least),
    "if_unknown": _f("if_unknown(x, v)", "未知时按 v（假定）", "v where x is unknown", _if_unknown),
    "capped": _f("capped(x, limit)", "不超过", "the smaller of the two", _bound),
    "not_below": _f("not_below(x, limit)", "不低于", "the larger of the two", _bound),
    "round": _f("round(x), round(x, 100)", "四舍五入", "half up to whole units", _round),
    "round_down": _f(
        "round_down(x), round_down(x, 100)", "向下取整", "down to whole units", _round
    ),
    "round_up": _f("round_up(x), round_up(x, 100)", "向上取整", "up to whole units", _round),
    "age": _f("age(d), age(d, at)", "周岁", "whole years", _since),
    "months_since": _f("months_since(d)", "满几个月", "whole months", _since),
    "year": _f("year(d)", "年份", "year", _calendar),
    "month": _f("month(d)", "月份（1–12）", "month, 1 to 12", _calendar),
    "month_of": _f("month_of(d)", "所在月份", "the month a day is in", _calendar),
    "has": _f("has(x, 'code')", "包含该代码", "the code is among them", _has),
    "has_any": _f("has_any(x, 'a', 'b')", "包含其一", "one of the codes is among them", _has),
    "matches": _f("matches(t, 'pattern')", "整段符合模式", "the whole text fits", _matches),
    "starts_with": _f("starts_with(t, 'ab')", "以…开头", "the text starts so", _matches),
    "length": _f("length(t)", "字符数", "number of characters", _length),
    "part": _f("part(t, start, length)", "其中一段", "some characters of it", _part),
    "identity_ok": _f("identity_ok(t)", "证件号码有效", "valid identity number", _identity),
    "identity_birth": _f("identity_birth(t)", "证件中的出生日期", "day of birth in it", _identity),
    "identity_male": _f("identity_male(t)", "证件性别为男", "its sex figure is male", _identity),
    "place_in": _f("place_in('451022', …)", "地区代码以此开头", "place code starts so", _place_in),
}
