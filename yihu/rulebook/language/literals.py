"""Written constants: quoted codes, days, months and texts, read by what they stand beside."""

from __future__ import annotations

import re
from datetime import date

from yihu.rulebook.facts import CodeList
from yihu.rulebook.language.parse import BadText
from yihu.rulebook.refusals import nearest
from yihu.rulebook.tree import day_number

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def code_place(codes: CodeList, text: str, at: int) -> int:
    """Place of a code by its key or Chinese label."""
    meant = [place for place, code in enumerate(codes.codes) if text in (code.key, code.label.zh)]
    if len(meant) > 1:
        shown = ", ".join(codes.codes[place].key for place in meant)
        raise BadText(
            f"“{text}” means different codes at different times; write one of {shown}",
            at,
            zh=f"“{text}”在不同时期表示不同代码，请写 {shown} 之一",
        )
    if meant:
        return meant[0]
    keys = [c.key for c in codes.codes] + [c.label.zh for c in codes.codes]
    raise BadText(
        f"“{text}” is not in the code list “{codes.name}”",
        at,
        zh=f"“{text}”不在代码表“{codes.name}”中",
        near=nearest(text, keys),
    )


def day_of(text: str, at: int = 0) -> int:
    """Day number of YYYY-MM-DD."""
    match = _DAY.fullmatch(text)
    try:
        if match:
            day = date(*(int(g) for g in match.groups()))
            return day_number(day.year, day.month, day.day)
    except ValueError:
        pass
    raise BadText(
        f"“{text}” is not a day; write '2020-01-31'", at, zh=f"“{text}”不是日期；请写 '2020-01-31'"
    )


def month_of(text: str, at: int = 0) -> int:
    """Month number of YYYY-MM."""
    match = _MONTH.fullmatch(text)
    if match and 1 <= int(match[2]) <= 12:
        return int(match[1]) * 12 + int(match[2]) - 1
    raise BadText(
        f"“{text}” is not a month; write '2020-01'", at, zh=f"“{text}”不是月份；请写 '2020-01'"
    )
