"""One TOML entry → one spec: unknown keys, missing parts and wrong values are refused here."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from yihu.rulebook.book import (
    KINDS,
    MARKS,
    Dated,
    DerivedSpec,
    Example,
    LineSpec,
    LineStep,
    RuleSpec,
    TableSpec,
)
from yihu.rulebook.days import number_of
from yihu.rulebook.facts import (
    FACT_TYPES,
    PRIVACY_CLASSES,
    Code,
    CodeList,
    FactSpec,
    Flag,
    Level,
    Text,
)
from yihu.rulebook.literals import month_of
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Refused, suggestion

#: Widest values of facts without a range of their own: ±2^31, ±10 billion yuan in fen.
WHOLE_LIMIT = 2**31
MONEY_LIMIT = 10**12
#: Widest number with a fraction: products of many stay finite in 64-bit floats.
NUMBER_LIMIT = 1e15
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of TOML with its place."""

    key: str
    body: Any
    where: str
    folder: Path

    def refuse(self, why: str, zh: str = "", advice: str = "") -> Refused:
        """The refusal of this entry."""
        return Refused(
            "rulebook.bad_entry",
            at=self.where,
            what=self.key,
            why=why,
            why_zh=zh or why,
            advice=f"{advice} " if advice else "",
        )

    def only(self, *known: str) -> None:
        """Refuse keys that mean nothing."""
        if not isinstance(self.body, Mapping):
            raise self.refuse("expected a table of keys and values", "此处应为键值表")
        for key in self.body:
            if key not in known and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(key)):
                raise self.refuse(
                    f"unknown key “{key}”{suggestion(str(key), known)}",
                    f"未知键“{key}”{suggestion(str(key), known, 'zh')}",
                )

    def need(self, key: str) -> Any:
        """A key that must be there."""
        if key not in self.body:
            raise self.refuse(f"“{key}” is missing", f"缺少“{key}”")
        return self.body[key]

    def choice(self, key: str, known: Collection[str], default: str = "") -> str:
        """A key whose value is one of a few words."""
        word = str(self.body.get(key, default))
        if word not in known and not (word == "" and key not in self.body):
            raise self.refuse(
                f"{key} = “{word}”; expected one of {', '.join(known)}",
                f"{key} = “{word}”，应为 {'、'.join(known)} 之一",
            )
        return word


def text_of(entry: Entry, key: str, default: str | None = None) -> Text:
    """{ zh = "…", en = "…" }."""
    body = entry.body.get(key, {"zh": default, "en": default} if default else None)
    if not isinstance(body, Mapping) or set(body) != {"zh", "en"}:
        raise entry.refuse(f"{key} needs {{ zh = …, en = … }}", f"{key} 需要 zh 与 en 两种文字")
    return Text(str(body["zh"]), str(body["en"]))


def words_of(entry: Entry, key: str) -> tuple[str, ...]:
    """One word or a list of words."""
    value = entry.body.get(key, ())
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return (str(value),)
    if not isinstance(value, Sequence):
        raise entry.refuse(f"{key} is a word or a list of words", f"{key} 应为词或词的列表")
    return tuple(str(v) for v in value)


def level(entry: Entry) -> Level:
    """[[level]]."""
    entry.only("name", "zh", "en", "plural", "alias", "id", "parent")
    return Level(
        str(entry.need("name")),
        Text(str(entry.need("zh")), str(entry.need("en"))),
        str(entry.need("plural")),
        words_of(entry, "id"),
        words_of(entry, "parent"),
        str(entry.body.get("alias", "")),
    )


def code_list(entry: Entry) -> CodeList:
    """[codes.name]."""
    if not isinstance(entry.body, Mapping):
        raise entry.refuse("expected a table of codes", "此处应为代码表")
    title = text_of(entry, "title", entry.key)
    codes = [_code(entry, key, body) for key, body in entry.body.items() if key != "title"]
    seen: dict[str, str] = {}
    for code in codes:
        for word in (code.key, code.label.zh, *code.also):
            if seen.setdefault(word, code.key) != code.key:
                raise entry.refuse(
                    f"“{word}” means both {seen[word]} and {code.key}",
                    f"“{word}”同时表示 {seen[word]} 与 {code.key}",
                )
    return CodeList(entry.key, title, tuple(codes))


def _code(entry: Entry, key: str, body: Any) -> Code:
    inner = Entry(f"{entry.key}.{key}", body, entry.where, entry.folder)
    inner.only("zh", "en", "also", "from", "until", "source", "mark")
    label = Text(str(inner.need("zh")), str(inner.need("en")))
    return Code(key, label, words_of(inner, "also"), body.get("from"), body.get("until"))


def _placed(entry: Entry, levels: Sequence[str], *, population: bool = False) -> tuple[str, str]:
    at, _, name = entry.key.partition(".")
    known = (*levels, POPULATION) if population else tuple(levels)
    if at not in known:
        raise entry.refuse(
            f"there is no level “{at}”{suggestion(at, known)}",
            f"没有层级“{at}”{suggestion(at, known, 'zh')}",
        )
    if not _NAME.fullmatch(name):
        raise entry.refuse(
            f"“{name}” is not a name", f"“{name}”不是名称", "Letters, figures and _ only."
        )
    return at, name


_FACT_KEYS = (
    "type",
    "codes",
    "label",
    "ask",
    "unit",
    "range",
    "privacy",
    "columns",
    "not_applicable",
    "flag",
    "yes",
    "no",
    "source",
    "mark",
    "note",
)


def fact(
    entry: Entry, codes: Mapping[str, CodeList], levels: Sequence[str], money: str
) -> FactSpec:
    """[fact.level.name]."""
    at, name = _placed(entry, levels)
    entry.only(*_FACT_KEYS)
    entry.need("type")
    kind = entry.choice("type", tuple(FACT_TYPES))
    label = text_of(entry, "label")
    code_list_ = _codes_of(entry, kind, codes)
    unit = str(entry.body.get("unit", ""))
    if kind in ("whole", "money", "number") and not unit:
        raise entry.refuse("a number needs a unit", "数值需要单位（unit）")
    if (unit.split("/")[0] == money) is not (kind == "money"):
        raise entry.refuse(
            f"unit “{unit}” and type “{kind}” do not fit", f"单位“{unit}”与类型“{kind}”不符"
        )
    low, high = _range(entry, kind)
    return FactSpec(
        at,
        name,
        kind,
        label,
        ask=text_of(entry, "ask") if "ask" in entry.body else None,
        unit=unit,
        codes=code_list_,
        low=low,
        high=high,
        privacy=entry.choice("privacy", PRIVACY_CLASSES, "household"),
        columns=tuple(dict.fromkeys((name, label.zh, *words_of(entry, "columns")))),
        not_applicable=_not_applicable(entry, kind, code_list_),
        flag=_flag(entry),
        yes=words_of(entry, "yes"),
        no=words_of(entry, "no"),
        source=str(entry.body.get("source", "")),
        where=entry.where,
    )


def _codes_of(entry: Entry, kind: str, codes: Mapping[str, CodeList]) -> CodeList | None:
    if kind not in ("code", "codes"):
        if "codes" in entry.body:
            raise entry.refuse(f"type “{kind}” has no codes", f"类型“{kind}”没有代码表")
        return None
    name = str(entry.need("codes"))
    if name not in codes:
        raise entry.refuse(
            f"there is no code list “{name}”{suggestion(name, codes)}",
            f"没有代码表“{name}”{suggestion(name, codes, 'zh')}",
        )
    if kind == "codes" and len(codes[name].codes) > 62:
        raise entry.refuse("a fact with several codes has at most 62", "多选代码最多 62 项")
    return codes[name]


def _range(entry: Entry, kind: str) -> tuple[int | float | None, int | float | None]:
    limits = {"whole": WHOLE_LIMIT, "money": MONEY_LIMIT, "number": NUMBER_LIMIT}
    if "range" not in entry.body:
        limit = limits.get(kind)
        return (None, None) if limit is None else (-limit, limit)
    value = entry.body["range"]
    if not isinstance(value, list) or len(value) != 2:
        raise entry.refuse("range is [lowest, highest]", "range 应为 [最小, 最大]")
    low, high = (_bound(entry, kind, v) for v in value)
    if low > high:
        raise entry.refuse("the range is upside down", "范围上下颠倒")
    return low, high


def _bound(entry: Entry, kind: str, value: Any) -> int | float:
    if kind == "date" and isinstance(value, date):
        return number_of(value)
    if kind == "month" and isinstance(value, str):
        return month_of(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if kind == "money":
            return int(Decimal(str(value)) * 100)
        if kind == "number":
            return float(value)
        if kind == "whole" and isinstance(value, int):
            return value
    raise entry.refuse(f"range of a {kind} cannot be {value!r}", f"{kind} 的范围不能是 {value!r}")


def _not_applicable(
    entry: Entry, kind: str, codes: CodeList | None
) -> bool | int | float | str | None:
    if "not_applicable" not in entry.body:
        return None
    value = entry.body["not_applicable"]
    if value == "unknown":
        return None
    if kind == "yes_no" and isinstance(value, bool):
        return value
    if kind == "code" and codes is not None and value in {c.key for c in codes.codes}:
        return codes.place_of(str(value))
    if kind in ("whole", "money", "number", "date", "month") and not isinstance(value, bool):
        return _bound(entry, kind, value)
    if kind in ("text", "identity") and isinstance(value, str):
        return value
    raise entry.refuse(
        f"not_applicable = {value!r} is no value of a {kind}",
        f"not_applicable = {value!r} 不是 {kind} 的值",
    )


def _flag(entry: Entry) -> Flag | None:
    if "flag" not in entry.body:
        return None
    inner = Entry(f"{entry.key}.flag", entry.body["flag"], entry.where, entry.folder)
    inner.only("column", "not_applicable", "unknown")
    return Flag(
        str(inner.need("column")), words_of(inner, "not_applicable"), words_of(inner, "unknown")
    )


def dated(entry: Entry, key: str) -> Dated:
    """One text, or texts by the day they come into force."""
    value = entry.need(key)
    if isinstance(value, str):
        return Dated(((date.min, value),))
    if not isinstance(value, Mapping) or not value:
        raise entry.refuse(f"{key} is a text, or texts by day", f"{key} 应为文本，或按日期的文本")
    try:
        steps = sorted((date.fromisoformat(day), str(text)) for day, text in value.items())
    except ValueError as fault:
        raise entry.refuse(f"{key}: {fault}", f"{key}：日期写法应为 2017-01-01") from None
    return Dated(tuple(steps))


_DERIVED_KEYS = (
    "label",
    "value",
    "unit",
    "round",
    "given",
    "assumes",
    "source",
    "mark",
    "note",
    "title",
)


def derived(entry: Entry, levels: Sequence[str]) -> DerivedSpec:
    """[derived.level.name]."""
    at, name = _placed(entry, levels, population=True)
    entry.only(*_DERIVED_KEYS)
    rounding = str(entry.body.get("round", ""))
    if rounding and not re.fullmatch(r"(fen|yuan|whole) (half_up|down|up)", rounding):
        raise entry.refuse(
            f"round = “{rounding}”; expected “fen half_up”, “yuan down”, …",
            f"round = “{rounding}”，应如“fen half_up”“yuan down”",
        )
    key = "label" if "label" in entry.body else "title"
    return DerivedSpec(
        at,
        name,
        text_of(entry, key, name),
        dated(entry, "value"),
        unit=str(entry.body.get("unit", "")),
        round=rounding,
        given=entry.body.get("given", False) is True,
        assumes=str(entry.body.get("assumes", "")),
        source=str(entry.body.get("source", "")),
        where=entry.where,
    )


_RULE_KEYS = (
    "about",
    "title",
    "holds",
    "wanted",
    "kind",
    "theme",
    "owner",
    "days",
    "amount",
    "from",
    "until",
    "source",
    "mark",
    "examples",
    "assumes",
    "never_unknown",
    "note",
)


def rule(entry: Entry, levels: Sequence[str]) -> RuleSpec:
    """[rule.name]."""
    entry.only(*_RULE_KEYS)
    about = str(entry.need("about"))
    at, name = _placed(
        Entry(f"{about}.{entry.key.rpartition('.')[2]}", entry.body, entry.where, entry.folder),
        levels,
        population=True,
    )
    for key in ("wanted", "kind", "source"):
        entry.need(key)
    days = entry.body.get("days")
    if days is not None and not (isinstance(days, int) and days > 0):
        raise entry.refuse("days is a whole number above 0", "days 应为正整数")
    return RuleSpec(
        at,
        name,
        text_of(entry, "title"),
        dated(entry, "holds"),
        wanted=entry.choice("wanted", ("holds", "fails")),
        kind=entry.choice("kind", KINDS),
        amount=dated(entry, "amount") if "amount" in entry.body else None,
        theme=str(entry.body.get("theme", "")),
        owner=str(entry.body.get("owner", "")),
        days=days,
        since=entry.body.get("from"),
        until=entry.body.get("until"),
        source=str(entry.body["source"]),
        mark=entry.choice("mark", MARKS),
        assumes=str(entry.body.get("assumes", "")),
        never_unknown=entry.body.get("never_unknown", False) is True,
        examples=tuple(_example(entry, e) for e in entry.body.get("examples", ())),
        where=entry.where,
    )


def _example(entry: Entry, body: Any) -> Example:
    inner = Entry(entry.key, body, entry.where, entry.folder)
    inner.only("says", "on", "card", "is", "amount")
    answer = str(inner.need("is"))
    if answer not in ("holds", "fails", "unknown"):
        raise inner.refuse(
            f"an example is holds, fails or unknown, not “{answer}”",
            f"例子的答案应为 holds、fails 或 unknown，不是“{answer}”",
        )
    on = inner.need("on")
    if not isinstance(on, date):
        raise inner.refuse("“on” is a day such as 2020-09-01", "on 应为日期，如 2020-09-01")
    return Example(str(inner.need("says")), on, inner.need("card"), answer, body.get("amount"))


def line(entry: Entry) -> LineSpec:
    """[line.name]."""
    entry.only("title", "unit", "by", "source", "note")
    steps = [
        (date.fromisoformat(str(day)), _step(entry, str(day), body))
        for day, body in entry.body.items()
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(day))
    ]
    if not steps:
        raise entry.refuse(
            "a line needs at least one dated value",
            "标准至少要有一个有日期的值",
            'A value that is not known is written { mark = "HOLE", source = … }.',
        )
    return LineSpec(
        entry.key,
        text_of(entry, "title", entry.key),
        str(entry.need("unit")),
        str(entry.body.get("by", "")),
        tuple(sorted(steps, key=lambda s: s[0])),
        where=entry.where,
    )


def _step(entry: Entry, day: str, body: Any) -> LineStep:
    inner = Entry(f"{entry.key}.{day}", body, entry.where, entry.folder)
    inner.only("value", "source", "mark", "note")
    value = body.get("value")
    if value is None and body.get("mark") != "HOLE":
        raise inner.refuse("there is no value", "没有值", 'Write mark = "HOLE" if none is known.')
    if isinstance(value, bool | str):
        raise inner.refuse(f"{value!r} is no amount", f"{value!r} 不是数值")
    if isinstance(value, Mapping) and not entry.body.get("by"):
        raise inner.refuse("a value for each key needs “by”", "按键取值需要写 by")
    return LineStep(value, str(inner.need("source")), inner.choice("mark", MARKS))


def table(entry: Entry, rows: list[tuple[str, ...]], levels: Sequence[str]) -> TableSpec:
    """[table.name] with the rows of its sheet, heading first."""
    entry.only("about", "file", "value", "title", "otherwise", "first", "source", "mark", "note")
    about = str(entry.need("about"))
    if about not in levels:
        raise entry.refuse(f"there is no level “{about}”", f"没有层级“{about}”")
    if len(rows) < 2 or len(rows[0]) < 2:
        raise entry.refuse(
            "the sheet needs a heading, keys and a value", "决策表需要表头、键列与值列"
        )
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise entry.refuse(
                f"row {number} has {len(row)} cells, the heading {len(rows[0])}",
                f"第 {number} 行有 {len(row)} 格，表头有 {len(rows[0])} 格",
            )
    for number, row in enumerate(rows[1:], 2):
        if not re.fullmatch(r"-?\d+(\.\d+)?", row[-1].strip()):
            raise entry.refuse(
                f"row {number}: “{row[-1]}” is no amount", f"第 {number} 行：“{row[-1]}”不是数值"
            )
    otherwise = entry.body.get("otherwise")
    return TableSpec(
        entry.key,
        about,
        text_of(entry, "title", entry.key),
        str(entry.need("value")),
        tuple(cell.strip() for cell in rows[0][:-1]),
        tuple(rows[1:]),
        None if otherwise is None else str(otherwise),
        entry.body.get("first", False) is True,
        source=str(entry.body.get("source", "")),
        where=entry.where,
    )
