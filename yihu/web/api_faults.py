"""What is wrong with the shape of a request: where, what was found there, what was expected."""

from __future__ import annotations

import json
from typing import Any

from yihu.web.says import said

#: First words of a kind of fault → what was expected, filled with the fault's own details.
EXPECTED: dict[str, tuple[str, str]] = {
    "string_too_short": ("至少 {min_length} 个字", "{min_length} characters at least"),
    "string_too_long": ("至多 {max_length} 个字", "{max_length} characters at most"),
    "string_pattern_mismatch": ("形如 {pattern} 的文字", "a text of the form {pattern}"),
    "string": ("文字", "a text"),
    "int": ("整数", "a whole number"),
    "float": ("数", "a number"),
    "finite_number": ("数", "a number"),
    "bool": ("true 或 false", "true or false"),
    "greater_than_equal": ("不小于 {ge}", "{ge} or more"),
    "greater_than": ("大于 {gt}", "more than {gt}"),
    "less_than_equal": ("不大于 {le}", "{le} or less"),
    "less_than": ("小于 {lt}", "less than {lt}"),
    "literal_error": ("其中之一：{expected}", "one of {expected}"),
    "enum": ("其中之一：{expected}", "one of {expected}"),
    "uuid": ("一个 UUID", "a UUID"),
    "datetime": ("时刻，如 2020-10-17T12:00:00+08:00", "a moment, as 2020-10-17T12:00:00+08:00"),
    "timezone": ("写明时区的时刻", "a moment with its time zone"),
    "date": ("日期，如 2020-10-17", "a day, as 2020-10-17"),
    "list": ("列表", "a list"),
    "dict": ("对象（键和值）", "an object of keys and values"),
    "model": ("对象（键和值）", "an object of keys and values"),
    "too_short": ("至少 {min_length} 项", "{min_length} items at least"),
    "too_long": ("至多 {max_length} 项", "{max_length} items at most"),
}
#: As no other kind of fault is known to be named.
DESCRIBED = ("/api/v1/docs 中所写的格式", "the shape described at /api/v1/docs")
#: Signs of what was sent that are said again.
SHOWN = 40


def fault(kind: str, at: tuple[Any, ...], found: object, details: dict[str, Any]) -> str:
    """One fault in words: kind and details as pydantic names them, at: the way to it.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     fault("int_parsing", ("query", "limit"), "x", {})
    'query.limit: found “x”, expected a whole number'
    """
    where = ".".join(map(str, at))
    if kind == "missing":
        return said(f"{where}：没有给出，必须有", f"{where}: missing, and it is needed")
    expected = said(*_expected(kind)).format_map(_Spelled(details))
    shown = _shown(found)
    return said(
        f"{where}：收到{shown}，应为{expected}", f"{where}: found {shown}, expected {expected}"
    )


def _expected(kind: str) -> tuple[str, str]:
    fits = (words for name, words in EXPECTED.items() if kind.startswith(name))
    return next(fits, DESCRIBED)


class _Spelled(dict[str, Any]):
    """Details of a fault; the words of a list without the English between them."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return value.replace(" or ", ", ") if name == "expected" else value

    def __missing__(self, name: str) -> str:
        return "…"


def _shown(found: object) -> str:
    """What was sent, in short; of what holds other things only that it does."""
    if isinstance(found, dict):
        return said("一个对象", "an object")
    if isinstance(found, list | tuple):
        return said("一个列表", "a list")
    text = found if isinstance(found, str) else json.dumps(found, default=str)
    return f"“{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}”"
