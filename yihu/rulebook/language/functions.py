"""The functions a rule may call: the whole allow-list, each with its meaning in a phrase.

A function takes typed parts and gives a typed node; anything not in FUNCTIONS is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yihu.rulebook.language import functions_days as days
from yihu.rulebook.language import functions_members as members
from yihu.rulebook.language import functions_texts as texts
from yihu.rulebook.language.kinds import MONIES, Typed
from yihu.rulebook.language.parse import BadText, Call
from yihu.rulebook.tree import AtLeast, Bound, IfUnknown, Type

if TYPE_CHECKING:
    from yihu.rulebook.language.meaning import Meaning

#: Parts a function with any number of them may have.
MANY = 200


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how it is written, what it means, how many parts it takes."""

    form: str
    zh: str
    en: str
    make: Callable[[Meaning, Call], Typed]
    least: int = 1
    most: int = 1


def call(meaning: Meaning, syntax: Call) -> Typed:
    """Type a call of an allowed function. Raises BadText for any other."""
    name = syntax.name[-1]
    function = FUNCTIONS[name]
    if syntax.where is not None and "where" not in function.form:
        raise BadText(f"{name} takes no “where”", syntax.where.at, zh=f"{name} 不能用 where")
    if syntax.weight is not None and "weight" not in function.form:
        raise BadText(f"{name} takes no weight", syntax.weight.at, zh=f"{name} 没有权重")
    if not function.least <= len(syntax.args) <= function.most:
        raise BadText(
            f"{name} is written {function.form}", syntax.at, zh=f"{name} 的写法是 {function.form}"
        )
    return function.make(meaning, syntax)


def _at_least(meaning: Meaning, syntax: Call) -> Typed:
    first, *rest = syntax.args
    k = meaning.whole(first, 0, MANY)
    parts = tuple(meaning.truth(part) for part in rest)
    return Typed(meaning.make(AtLeast, Type.TRUTH, meaning.level, k, parts))


def _if_unknown(meaning: Meaning, syntax: Call) -> Typed:
    first, second = syntax.args
    body, instead = meaning.typer.alike(meaning.typed(first), meaning.typed(second), syntax.at)
    meaning.scope.assume(syntax)
    node = meaning.make(IfUnknown, body.type, meaning.level, body.node, instead.node)
    low, high = min(body.low, instead.low), max(body.high, instead.high)
    return Typed(node, codes=body.codes or instead.codes, low=low, high=high)


def _bound(meaning: Meaning, syntax: Call) -> Typed:
    first, second = syntax.args
    left, right = meaning.typer.alike(meaning.typed(first), meaning.typed(second), syntax.at)
    if left.type in (Type.TRUTH, Type.CODE, Type.CODES, Type.TEXT):
        raise BadText("this has no order", syntax.at, zh="此类值没有大小")
    most = syntax.name[-1] == "capped"
    node = meaning.make(
        Bound, left.type, meaning.level, "most" if most else "least", left.node, right.node
    )
    of = min if most else max
    return Typed(node, low=of(left.low, right.low), high=of(left.high, right.high))


def _round(meaning: Meaning, syntax: Call) -> Typed:
    mode = {"round": "half_up", "round_down": "down", "round_up": "up"}[syntax.name[-1]]
    body = meaning.number(syntax.args[0])
    step = 1
    if len(syntax.args) == 2:
        step = meaning.whole(syntax.args[1], 1, 10**9) * (100 if body.type in MONIES else 1)
    return meaning.typer.rounded(body, mode, step, syntax.at)


FUNCTIONS: dict[str, Function] = {
    "any": Function("any(c)", "至少一名成员满足", "one member at least", members.truths),
    "all": Function("all(c)", "全部成员满足", "every member", members.truths),
    "count": Function(
        "count(c), count(member)",
        "满足的人数；总人数",
        "how many; how many there are",
        members.count,
    ),
    "share": Function(
        "share(c where d)", "占比（0 到 1）", "share of those with d, 0 to 1", members.share
    ),
    "sum": Function("sum(x where d)", "合计", "total", members.numbers),
    "min": Function("min(x where d)", "最小", "smallest", members.numbers),
    "max": Function("max(x where d)", "最大", "largest", members.numbers),
    "avg": Function("avg(x where d)", "平均", "mean", members.numbers),
    "only": Function(
        "only(x where d)", "唯一满足者的值", "value of the only member with d", members.only
    ),
    "median": Function(
        "median(x, weight = w where d)", "加权中位数", "weighted median", members.quantile
    ),
    "quantile": Function(
        "quantile(x, p, weight = w where d)",
        "加权分位数",
        "weighted quantile",
        members.quantile,
        least=2,
        most=2,
    ),
    "repeats": Function(
        "repeats(x where d)", "全体中同值的个数", "how many share this value", members.repeats
    ),
    "at_least": Function(
        "at_least(k, a, b, …)", "至少 k 项成立", "k or more hold", _at_least, 2, MANY
    ),
    "if_unknown": Function(
        "if_unknown(x, v)", "未知时按 v（假定）", "v where x is unknown", _if_unknown, 2, 2
    ),
    "capped": Function("capped(x, limit)", "不超过", "the smaller of the two", _bound, 2, 2),
    "not_below": Function("not_below(x, limit)", "不低于", "the larger of the two", _bound, 2, 2),
    "round": Function(
        "round(x), round(x, 100)", "四舍五入", "half up to whole units", _round, most=2
    ),
    "round_down": Function(
        "round_down(x), round_down(x, 100)", "向下取整", "down to whole units", _round, most=2
    ),
    "round_up": Function(
        "round_up(x), round_up(x, 100)", "向上取整", "up to whole units", _round, most=2
    ),
    "age": Function("age(d), age(d, at)", "周岁", "whole years", days.since, most=2),
    "months_since": Function(
        "months_since(d), months_since(d, at)", "满几个月", "whole months", days.since, most=2
    ),
    "year": Function("year(d)", "年份", "year", days.calendar),
    "month": Function("month(d)", "月份（1–12）", "month, 1 to 12", days.calendar),
    "month_of": Function("month_of(d)", "所在月份", "the month a day is in", days.calendar),
    "has": Function("has(x, 'code')", "包含该代码", "the code is among them", texts.has, 2, 2),
    "has_any": Function(
        "has_any(x, 'a', 'b')", "包含其一", "one of the codes is among them", texts.has, 2, MANY
    ),
    "matches": Function(
        "matches(t, 'pattern')", "整段符合模式", "the whole text fits", texts.matches, 2, 2
    ),
    "starts_with": Function(
        "starts_with(t, 'ab')", "以…开头", "the text starts so", texts.starts_with, 2, 2
    ),
    "length": Function("length(t)", "字符数", "number of characters", texts.length),
    "part": Function(
        "part(t, start, length)", "其中一段", "some characters of it", texts.part, 3, 3
    ),
    "identity_ok": Function(
        "identity_ok(t)", "证件号码有效", "valid identity number", texts.identity
    ),
    "identity_birth": Function(
        "identity_birth(t)", "证件中的出生日期", "day of birth in it", texts.identity
    ),
    "identity_male": Function(
        "identity_male(t)", "证件性别为男", "its sex figure is male", texts.identity
    ),
    "place_in": Function(
        "place_in('451022', …)", "地区代码以此开头", "place code starts so", texts.place_in, 1, MANY
    ),
}
