"""TOML entries of derived facts, rules, lines and decision tables → their specs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from yihu.rulebook.book import (
    GAPS,
    KINDS,
    MARKS,
    DerivedSpec,
    Example,
    LineSpec,
    LineStep,
    RuleSpec,
    TableSpec,
)
from yihu.rulebook.language.entries import Entry, is_day, is_number
from yihu.rulebook.language.entries_facts import placed
from yihu.rulebook.refusals import Phrase

#: Days a gap may be given to clear: fifty years.
MOST_DAYS = 20_000
_DERIVED_KEYS = ("label", "value", "unit", "round", "given", "assumes", "source", "mark", "note",
    "title")  # fmt: skip
_RULE_KEYS = ("about", "title", "holds", "wanted", "kind", "theme", "owner", "days", "amount",
    "from", "until", "source", "mark", "examples", "assumes", "never_unknown", "gap",
    "note")  # fmt: skip


def derived(entry: Entry, levels: Sequence[str]) -> DerivedSpec:
    """[derived.level.name]."""
    at, name = placed(entry, levels, population=True)
    entry.only(*_DERIVED_KEYS)
    rounding = entry.text("round")
    if rounding and not re.fullmatch(r"(fen|yuan|whole) (half_up|down|up)", rounding):
        raise entry.refuse(
            f"round = “{rounding}”; expected “fen half_up”, “yuan down”, …",
            f"round = “{rounding}”，应如“fen half_up”“yuan down”",
        )
    return DerivedSpec(
        at,
        name,
        entry.both("label" if "label" in entry.body else "title", name),
        entry.dated("value"),
        unit=entry.text("unit"),
        round=rounding,
        given=entry.truth("given"),
        assumes=entry.cited("assumes"),
        source=entry.cited("source"),
        where=entry.where,
    )


def rule(entry: Entry, levels: Sequence[str]) -> RuleSpec:
    """[rule.name]."""
    entry.only(*_RULE_KEYS)
    name = entry.key.rpartition(".")[2]
    about = Entry(f"{entry.text('about', None)}.{name}", entry.body, entry.where, entry.folder)
    at, name = placed(about, levels, population=True)
    for key in ("wanted", "kind"):
        entry.need(key)
    since, until = entry.day("from"), entry.day("until")
    if since and until and since > until:
        raise entry.refuse("“from” is after “until”", "from 晚于 until")
    return RuleSpec(
        at,
        name,
        entry.both("title"),
        entry.dated("holds"),
        wanted=entry.choice("wanted", ("holds", "fails")),
        kind=entry.choice("kind", KINDS),
        amount=entry.dated("amount") if "amount" in entry.body else None,
        theme=entry.text("theme"),
        owner=entry.text("owner"),
        days=_days(entry),
        since=since,
        until=until,
        source=entry.need_cited("source"),
        mark=entry.choice("mark", MARKS),
        assumes=entry.cited("assumes"),
        never_unknown=entry.truth("never_unknown"),
        gap=entry.choice("gap", GAPS),
        examples=_examples(entry),
        where=entry.where,
    )


def _days(entry: Entry) -> int | None:
    days = entry.body.get("days")
    if days is None:
        return None
    if isinstance(days, bool) or not isinstance(days, int) or not 0 < days <= MOST_DAYS:
        raise entry.refuse("days is a whole number above 0", "days 应为正整数")
    return days


def _examples(entry: Entry) -> tuple[Example, ...]:
    listed = entry.body.get("examples", [])
    if not isinstance(listed, list):
        raise entry.refuse("examples is a list", "examples 应为列表")
    return tuple(_example(entry, body) for body in listed)


def _example(entry: Entry, body: Any) -> Example:
    inner = entry.inner("", body)
    inner.only("says", "on", "card", "is", "amount")
    answer = inner.need("is")
    if answer not in ("holds", "fails", "unknown"):
        raise inner.refuse(
            f"an example is holds, fails or unknown, not “{answer}”",
            f"例子的答案应为 holds、fails 或 unknown，不是“{answer}”",
        )
    on, card, amount = inner.need("on"), inner.need("card"), body.get("amount")
    if not is_day(on):
        raise inner.refuse("“on” is a day such as 2020-09-01", "on 应为日期，如 2020-09-01")
    if not isinstance(card, Mapping):
        raise inner.refuse("a card is a table of facts", "card 应为指标的键值表")
    if amount is not None and not is_number(amount):
        raise inner.refuse("amount is a number of yuan", "amount 应为金额数")
    return Example(inner.text("says", None), on, card, answer, amount)


def line(entry: Entry) -> LineSpec:
    """[line.name]."""
    entry.only("title", "unit", "by", "source", "note", days=True)
    words = ("title", "unit", "by", "source", "note")
    steps = [
        (entry.day_of(day), _step(entry, str(day), body))
        for day, body in entry.body.items()
        if day not in words
    ]
    if not steps:
        raise entry.refuse(
            "a line needs at least one dated value",
            "标准至少要有一个有日期的值",
            Phrase(
                'A value that is not known is written { mark = "HOLE", source = … }. ',
                '不知道的值写作 { mark = "HOLE", source = … }。',
            ),
        )
    kinds = {_kind(value) for _, step in steps for value in _values(step.value)}
    if len(kinds) > 1:
        raise entry.refuse(
            "a line's values are all numbers or all days", "标准的值应全为数或全为日期"
        )
    return LineSpec(
        entry.key,
        entry.both("title", entry.key),
        entry.text("unit", None),
        entry.text("by"),
        tuple(sorted(steps, key=lambda s: s[0])),
        where=entry.where,
    )


def _step(entry: Entry, day: str, body: Any) -> LineStep:
    inner = entry.inner(day, body)
    inner.only("value", "source", "mark", "note")
    value = body.get("value")
    if value is None and body.get("mark") != "HOLE":
        raise inner.refuse(
            "there is no value",
            "没有值",
            Phrase('Write mark = "HOLE" if none is known. ', '不知道时写 mark = "HOLE"。'),
        )
    if isinstance(value, Mapping):
        if not entry.body.get("by"):
            raise inner.refuse("a value for each key needs “by”", "按键取值需要写 by")
        if not value or "" in value:
            raise inner.refuse("a value needs a key, “*” for all others", "每个值需要键，其余写“*”")
    for amount in _values(value):
        if not is_number(amount) and not is_day(amount):
            raise inner.refuse(f"{amount!r} is no amount", f"{amount!r} 不是数值")
    return LineStep(value, inner.need_cited("source"), inner.choice("mark", MARKS))


def _values(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return [] if value is None else [value]


def _kind(value: object) -> str:
    return "day" if is_day(value) else "number"


#: Keys of a decision table.
TABLE_KEYS = ("about", "file", "value", "title", "otherwise", "first", "source", "mark", "note")


def table(entry: Entry, rows: list[tuple[str, ...]], levels: Sequence[str]) -> TableSpec:
    """[table.name] with the rows of its sheet, heading first."""
    entry.only(*TABLE_KEYS)
    about = entry.text("about", None)
    if about not in levels:
        raise entry.refuse(f"there is no level “{about}”", f"没有层级“{about}”")
    _require_sheet(entry, rows)
    otherwise = entry.body.get("otherwise")
    if otherwise is not None and otherwise != "unknown" and not is_number(otherwise):
        raise entry.refuse("otherwise is an amount or “unknown”", "otherwise 应为数值或 unknown")
    return TableSpec(
        entry.key,
        about,
        entry.both("title", entry.key),
        entry.text("value", None),
        tuple(cell.strip() for cell in rows[0][:-1]),
        tuple(rows[1:]),
        None if otherwise is None else str(otherwise),
        entry.truth("first"),
        source=entry.cited("source"),
        where=entry.where,
    )


def _require_sheet(entry: Entry, rows: list[tuple[str, ...]]) -> None:
    if len(rows) < 2 or len(rows[0]) < 2:
        raise entry.refuse(
            "the sheet needs a heading, keys and a value", "决策表需要表头、键列与值列"
        )
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise entry.refuse(
                f"row {number} has {len(row)} cells, the heading {len(rows[0])}",
                f"第 {number} 行有 {len(row)} 格，表头有 {len(rows[0])} 格",
            )
        if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", row[-1].strip()):
            raise entry.refuse(
                f"row {number}: “{row[-1]}” is no amount", f"第 {number} 行：“{row[-1]}”不是数值"
            )
