"""Functions of days and months: ages, whole months, parts of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yihu.rulebook.days import moved
from yihu.rulebook.language.kinds import FLIPPED, TYPE_WORDS, Typed, int_of
from yihu.rulebook.language.parse import BadText, Call, Str, Syntax
from yihu.rulebook.tree import (
    DAYS_IN_MONTH_SLOT,
    DAYS_IN_YEAR_SLOT,
    Arith,
    Const,
    FloorDiv,
    Node,
    Number,
    Type,
)

if TYPE_CHECKING:
    from yihu.rulebook.language.meaning import Meaning

#: Furthest day counted from the check day: some 2000 years.
MOST_DAYS = 730_000
_YEARS = 10_000


def since(meaning: Meaning, syntax: Call) -> Typed:
    """Whole years and months since a day, to now or to a second day: age, months_since."""
    first = syntax.args[0]
    day = meaning.typed(first)
    months = syntax.name[-1] == "months_since"
    now = meaning.scope.day if len(syntax.args) == 1 else _fixed_day(meaning, syntax.args[1])
    if now is None:
        return meaning.typer.constant(Type.WHOLE, None)
    if day.type is Type.MONTH and months:
        return _difference(meaning, now // DAYS_IN_MONTH_SLOT, day, 1)
    _require_day(syntax, day)
    return _difference(meaning, now, day, DAYS_IN_MONTH_SLOT if months else DAYS_IN_YEAR_SLOT)


def _require_day(syntax: Call, day: Typed) -> None:
    if day.type is not Type.DATE:
        raise BadText(
            f"{syntax.name[-1]} takes a day, this is {TYPE_WORDS[day.type][0]}",
            syntax.args[0].at,
            zh=f"{syntax.name[-1]} 需要日期，这里是{TYPE_WORDS[day.type][1]}",
        )


def _difference(meaning: Meaning, now: int, day: Typed, by: int) -> Typed:
    if isinstance(day.node, Const):
        then = int_of(day.node)
        return meaning.typer.constant(Type.WHOLE, None if then is None else (now - then) // by)
    number = meaning.make(Number, Type.WHOLE, day.node.level, day.node)
    start = meaning.make(Const, Type.WHOLE, "", now)
    node: Node = meaning.make(Arith, Type.WHOLE, day.node.level, "-", start, number)
    if by != 1:
        node = meaning.make(FloorDiv, Type.WHOLE, day.node.level, node, by)
    return Typed(node, low=-(10**7), high=10**7)


def _fixed_day(meaning: Meaning, syntax: Syntax) -> int | None:
    """The day's number; None for a dated line that has no value yet."""
    part = meaning.typed(syntax)
    if isinstance(syntax, Str):
        part = meaning.typer.quoted(syntax.text, meaning.typer.constant(Type.DATE, 0), syntax.at)
    if not isinstance(part.node, Const) or part.type is not Type.DATE:
        raise BadText(
            "expected on, year_start, year_end or a fixed day",
            syntax.at,
            zh="此处应为 on、year_start、year_end 或固定日期",
        )
    return int_of(part.node)


def calendar(meaning: Meaning, syntax: Call) -> Typed:
    """Parts of a day: year, month, month_of."""
    day, name = meaning.typed(syntax.args[0]), syntax.name[-1]
    _require_day(syntax, day)
    if isinstance(day.node, Const):
        return _of_constant(meaning, name, int_of(day.node))
    level = day.node.level
    number = meaning.make(Number, Type.WHOLE, level, day.node)
    months, years = _YEARS * 12, _YEARS
    if name == "month_of":
        node = meaning.make(FloorDiv, Type.MONTH, level, number, DAYS_IN_MONTH_SLOT)
        return Typed(node, low=0, high=months)
    year = meaning.make(FloorDiv, Type.WHOLE, level, number, DAYS_IN_YEAR_SLOT)
    if name == "year":
        return Typed(year, low=0, high=years)
    month = meaning.make(FloorDiv, Type.WHOLE, level, number, DAYS_IN_MONTH_SLOT)
    typer, at = meaning.typer, syntax.at
    twelve = typer.arithmetic(
        "*", Typed(year, low=0, high=years), typer.constant(Type.WHOLE, 12), at
    )
    rest = typer.arithmetic("-", Typed(month, low=0, high=months), twelve, at)
    found = typer.arithmetic("+", rest, typer.constant(Type.WHOLE, 1), at)
    return Typed(found.node, low=1, high=12)


def _of_constant(meaning: Meaning, name: str, day: int | None) -> Typed:
    kind = Type.MONTH if name == "month_of" else Type.WHOLE
    if day is None:
        return meaning.typer.constant(kind, None)
    month = day // DAYS_IN_MONTH_SLOT
    values = {"year": day // DAYS_IN_YEAR_SLOT, "month": month % 12 + 1, "month_of": month}
    return meaning.typer.constant(kind, values[name])


def days_since(meaning: Meaning, op: str, call: Call, other: Syntax) -> Typed:
    """Days since a day, compared with a fixed whole number: a day compared with a day."""
    if len(call.args) != 1 or call.where is not None or call.weight is not None:
        raise BadText("days_since takes one day", call.at, zh="days_since 只有一个日期")
    day, limit = meaning.typed(call.args[0]), meaning.typed(other)
    if day.type is not Type.DATE or limit.type is not Type.WHOLE or limit.node.level:
        raise BadText(
            "days_since(day) is compared with a fixed whole number",
            call.at,
            zh="days_since(日期) 只能与固定整数比较",
        )
    if not isinstance(limit.node, Const) or max(-limit.low, limit.high) > MOST_DAYS:
        raise BadText(
            f"the number of days is fixed and at most {MOST_DAYS}",
            other.at,
            zh=f"天数应为固定数，最多 {MOST_DAYS}",
        )
    days = int_of(limit.node)
    then = None if days is None else moved(meaning.scope.day, -days)
    at = meaning.typer.constant(Type.DATE, then)
    return meaning.typer.compare(FLIPPED[op], day, at, call.at)
