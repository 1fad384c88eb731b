"""TOML entries of levels, code lists and facts → their specs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from yihu.rulebook.book import MARKS, AskedSpec
from yihu.rulebook.days import number_of
from yihu.rulebook.facts import (
    ASKED_AT,
    FACT_TYPES,
    PRIVACY_CLASSES,
    WIDEST,
    Code,
    CodeList,
    FactSpec,
    Flag,
    Form,
    Level,
    Text,
)
from yihu.rulebook.language.entries import Entry, is_day, is_number
from yihu.rulebook.language.literals import month_of
from yihu.rulebook.language.parse import BadText
from yihu.rulebook.language.patterns import plain_pattern
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import meant, nearest

#: Words before a point that mean something else than a level.
_PREFIXES = ("line", "table", "last", POPULATION, "全体")
#: Codes a fact with several codes may have: one bit each of a 64-bit number.
MOST_CODES_AT_ONCE = 62
#: Codes of one list.
MOST_CODES = 30_000
_FACT_KEYS = ("type", "codes", "form", "label", "ask", "unit", "range", "privacy", "columns",
    "not_applicable", "flag", "yes", "no", "source", "mark", "note", "given", "keep", "asked_at",
    "asked_if", "asked_source", "asked_mark")  # fmt: skip


def level(entry: Entry) -> Level:
    """[[level]]."""
    entry.only("name", "zh", "en", "plural", "alias", "id", "parent")
    names = [entry.text(key, None) for key in ("name", "plural")]
    names += [entry.text("alias")] if "alias" in entry.body else []
    for name in names:
        if entry.name(name) in _PREFIXES:
            raise entry.refuse(f"“{name}” cannot name a level", f"“{name}”不能作层级名称")
    for parent in entry.words("parent"):
        if parent.startswith("code:") and not re.fullmatch(r"code:[1-9][0-9]?", parent):
            raise entry.refuse(f"“{parent}”; write “code:9”", f"“{parent}”应如“code:9”")
    return Level(
        names[0],
        Text(entry.text("zh", None), entry.text("en", None)),
        names[1],
        entry.words("id"),
        entry.words("parent"),
        entry.text("alias"),
    )


def code_list(entry: Entry) -> CodeList:
    """[codes.name]."""
    if not isinstance(entry.body, Mapping):
        raise entry.refuse("expected a table of codes", "此处应为代码表")
    title = entry.both("title", entry.key)
    codes = [_code(entry, key, body) for key, body in entry.body.items() if key != "title"]
    if not 0 < len(codes) <= MOST_CODES:
        raise entry.refuse(
            f"a list has 1 to {MOST_CODES} codes, not {len(codes)}",
            f"代码表应有 1 至 {MOST_CODES} 项，现有 {len(codes)} 项",
        )
    _require_one_meaning(entry, codes)
    return CodeList(entry.key, title, tuple(codes))


def _require_one_meaning(entry: Entry, codes: Sequence[Code]) -> None:
    """On no day does a word mean two codes; a key is never another code's word."""
    seen: dict[str, list[Code]] = {code.key: [code] for code in codes}
    for code in codes:
        for word in (code.label.zh, *code.also):
            others = seen.setdefault(word, [])
            other = next((o for o in others if o is not code and _collide(word, o, code)), None)
            if other is not None:
                raise entry.refuse(
                    f"“{word}” means both {other.key} and {code.key}",
                    f"“{word}”同时表示 {other.key} 与 {code.key}",
                )
            others.append(code)


def _collide(word: str, one: Code, other: Code) -> bool:
    return word in (one.key, other.key) or one.meets(other)


def _code(entry: Entry, key: str, body: Any) -> Code:
    inner = entry.inner(key, body)
    inner.only("zh", "en", "also", "from", "until", "source", "mark")
    label = Text(inner.text("zh", None), inner.text("en", None))
    since, until = inner.day("from"), inner.day("until")
    if since and until and until < since:
        raise inner.refuse(
            f"until {until} is before from {since}", f"until {until} 早于 from {since}"
        )
    return Code(key, label, inner.words("also"), since, until)


def forms(entry: Entry) -> tuple[Form, ...]:
    """[form.name]."""
    if not isinstance(entry.body, Mapping) or not entry.body:
        raise entry.refuse("expected a table of forms", "此处应为格式表")
    return tuple(_form(entry, key, body) for key, body in entry.body.items())


def _form(entry: Entry, key: str, body: Any) -> Form:
    inner = entry.inner(key, body)
    inner.only("zh", "en", "pattern", "from", "until", "source", "mark")
    label = Text(inner.text("zh", None), inner.text("en", None))
    try:
        pattern = plain_pattern(inner.text("pattern", None), 0)
    except BadText as fault:
        raise inner.refuse(f"pattern: {fault.why}", f"pattern：{fault.zh}") from None
    return Form(key, label, pattern, inner.day("from"), inner.day("until"))


def placed(entry: Entry, levels: Sequence[str], *, population: bool = False) -> tuple[str, str]:
    """Level and name of an entry whose key is level.name."""
    at, _, name = entry.key.partition(".")
    known = (*levels, POPULATION) if population else tuple(levels)
    if at not in known:
        near = meant(nearest(at, known))
        raise entry.refuse(f"there is no level “{at}”{near}", f"没有层级“{at}”{near.zh}")
    return at, entry.name(name)


def fact(
    entry: Entry,
    codes: Mapping[str, CodeList],
    levels: Sequence[str],
    money: str,
    forms: Mapping[str, tuple[Form, ...]] = MappingProxyType({}),
) -> FactSpec:
    """[fact.level.name]."""
    at, name = placed(entry, levels)
    entry.only(*_FACT_KEYS)
    entry.need("type")
    kind = entry.choice("type", tuple(FACT_TYPES))
    label = entry.both("label")
    listed = _codes_of(entry, kind, codes)
    low, high = _range(entry, kind)
    return FactSpec(
        at,
        name,
        kind,
        label,
        ask=entry.both("ask") if "ask" in entry.body else None,
        unit=_unit(entry, kind, money),
        codes=listed,
        low=low,
        high=high,
        privacy=entry.choice("privacy", PRIVACY_CLASSES, "household"),
        columns=tuple(dict.fromkeys((name, label.zh, *entry.words("columns")))),
        not_applicable=_not_applicable(entry, kind, listed),
        flag=_flag(entry),
        yes=entry.words("yes"),
        no=entry.words("no"),
        source=entry.cited("source"),
        forms=_forms_of(entry, kind, forms),
        given=entry.truth("given"),
        keep=entry.truth("keep"),
        asked_at=entry.choice("asked_at", ASKED_AT, "door"),
        where=entry.where,
    )


def asked(entry: Entry, levels: Sequence[str]) -> AskedSpec | None:
    """When [fact.level.name] is asked; None: of everybody."""
    at, name = placed(entry, levels)
    if "asked_if" not in entry.body:
        for key in ("asked_source", "asked_mark"):
            if key in entry.body:
                raise entry.refuse(f"{key} without asked_if", f"有 {key} 却没有 asked_if")
        return None
    return AskedSpec(
        at,
        name,
        entry.dated("asked_if"),
        source=entry.cited("asked_source"),
        mark=entry.choice("asked_mark", MARKS),
        where=entry.where,
    )


def _forms_of(entry: Entry, kind: str, forms: Mapping[str, tuple[Form, ...]]) -> tuple[Form, ...]:
    if "form" not in entry.body:
        return ()
    name = entry.choice("form", tuple(forms))
    if kind != "text":
        raise entry.refuse(f"type “{kind}” has no form", f"类型“{kind}”没有格式")
    return forms[name]


def _unit(entry: Entry, kind: str, money: str) -> str:
    unit = entry.text("unit")
    if kind in ("whole", "money", "number") and not unit:
        raise entry.refuse("a number needs a unit", "数值需要单位（unit）")
    if (unit.split("/", 1)[0] == money) is not (kind == "money"):
        raise entry.refuse(
            f"unit “{unit}” and type “{kind}” do not fit", f"单位“{unit}”与类型“{kind}”不符"
        )
    return unit


def _codes_of(entry: Entry, kind: str, codes: Mapping[str, CodeList]) -> CodeList | None:
    if kind not in ("code", "codes"):
        if "codes" in entry.body:
            raise entry.refuse(f"type “{kind}” has no codes", f"类型“{kind}”没有代码表")
        return None
    name = entry.text("codes", None)
    if name not in codes:
        near = meant(nearest(name, codes))
        raise entry.refuse(f"there is no code list “{name}”{near}", f"没有代码表“{name}”{near.zh}")
    if kind == "codes" and len(codes[name].codes) > MOST_CODES_AT_ONCE:
        raise entry.refuse(
            f"a fact with several codes has at most {MOST_CODES_AT_ONCE}",
            f"多选代码最多 {MOST_CODES_AT_ONCE} 项",
        )
    return codes[name]


def _range(entry: Entry, kind: str) -> tuple[int | float | None, int | float | None]:
    if "range" not in entry.body:
        return WIDEST[kind] if kind in ("whole", "money", "number") else (None, None)
    value = entry.body["range"]
    if not isinstance(value, list) or len(value) != 2:
        raise entry.refuse("range is [lowest, highest]", "range 应为 [最小, 最大]")
    low, high = (_bound(entry, "range", kind, v) for v in value)
    if low > high:
        raise entry.refuse("the range is upside down", "范围上下颠倒")
    return low, high


def _bound(entry: Entry, key: str, kind: str, value: Any) -> int | float:
    """A written number, day or month in the form of the tree."""
    if kind == "date" and is_day(value):
        return number_of(value)
    if kind == "month" and isinstance(value, str):
        try:
            return month_of(value)
        except BadText as fault:
            raise entry.refuse(f"{key}: {fault.why}", f"{key}：{fault.zh}") from None
    if is_number(value):
        if kind == "money":
            return int(Decimal(str(value)) * 100)
        if kind == "number":
            return float(value)
        if kind == "whole" and isinstance(value, int):
            return value
    raise entry.refuse(
        f"{key} of a {kind} cannot be {value!r}", f"{kind} 的 {key} 不能是 {value!r}"
    )


def _not_applicable(
    entry: Entry, kind: str, codes: CodeList | None
) -> bool | int | float | str | None:
    value = entry.body.get("not_applicable", "unknown")
    if isinstance(value, str) and value == "unknown":
        return None
    if kind == "yes_no" and isinstance(value, bool):
        return value
    if kind == "code" and codes is not None and isinstance(value, str):
        if value in {code.key for code in codes.codes}:
            return codes.place_of(value)
    elif kind in ("text", "identity") and isinstance(value, str) and value.strip():
        return value.strip()
    elif kind in ("whole", "money", "number", "date", "month"):
        return _bound(entry, "not_applicable", kind, value)
    raise entry.refuse(
        f"not_applicable = {value!r} is no value of a {kind}",
        f"not_applicable = {value!r} 不是 {kind} 的值",
    )


def _flag(entry: Entry) -> Flag | None:
    if "flag" not in entry.body:
        return None
    inner = entry.inner("flag", entry.body["flag"])
    inner.only("column", "not_applicable", "unknown")
    return Flag(inner.text("column", None), inner.words("not_applicable"), inner.words("unknown"))
