"""What was compared with a line of the rulebook, in a sentence: both values, units, and since when.

“Guarantee of water 68 percent < line “guarantee of water” 90 percent (since 1 Jan 2016)”: a value
beside no line says nothing to who reads why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from yihu.rulebook.book import LineSpec, Rulebook
from yihu.rulebook.days import day_said
from yihu.rulebook.explain import Step, said, sentence_value
from yihu.rulebook.tree import Type
from yihu.rulebook.units import unit_text

#: Comparisons that are said of one answer.
MOST = 3
_SAID = {
    "zh": "{what} {value} {sign} 标准“{title}” {line}{since}",
    "en": "{what} {value} {sign} line “{title}” {line}{since}",
}
_SINCE = {"zh": "（{day}起）", "en": " (since {day})"}


def compared(
    rulebook: Rulebook, whole: Step, on: date, lang: str, name: Callable[[Step], str]
) -> list[str]:
    """The comparisons with lines that decided, once each. name: what a measured step is called."""
    found = dict.fromkeys(
        _sentence(rulebook, measured, line, on, lang, name)
        for measured, line in _pairs(whole)
    )  # fmt: skip
    return list(found)[:MOST]


def _pairs(whole: Step) -> Iterator[tuple[Step, Step]]:
    """(what was measured, the line it was held against), both known."""
    for step in whole.walk():
        # Of members there may be many, and each is held against the line: see the working.
        if step.type is not Type.TRUTH or step.row is not whole.row:
            continue
        lines = [part for part in step.parts if part.kind == "line"]
        others = [part for part in step.parts if part.kind != "line"]
        if len(lines) == len(others) == 1:
            measured, line = others[0], lines[0]
            if _is_amount(measured) and _is_amount(line):
                yield measured, line


def _is_amount(step: Step) -> bool:
    return step.type not in (Type.TRUTH, Type.CODE) and isinstance(step.value, int | float)


def _sentence(
    rulebook: Rulebook, measured: Step, line: Step, on: date, lang: str,
    name: Callable[[Step], str],
) -> str:  # fmt: skip
    spec = rulebook.lines.get(line.key[1])
    unit = spec.unit if spec else ""
    since = _since(spec, on)
    return _SAID[lang].format(
        what=name(measured), value=_value(rulebook, measured, unit, lang),
        sign=_sign(measured, line), title=_title(spec, line, lang),
        line=_value(rulebook, line, unit, lang),
        since=_SINCE[lang].format(day=day_said(since, lang)) if since else "",
    )  # fmt: skip


def _sign(measured: Step, line: Step) -> str:
    if measured.value == line.value:
        return "="
    return "<" if measured.value < line.value else ">"


def _title(spec: LineSpec | None, line: Step, lang: str) -> str:
    if spec is None:
        return line.key[1]
    return spec.title.zh if lang == "zh" else spec.title.en


def _value(rulebook: Rulebook, step: Step, unit: str, lang: str) -> str:
    """A value with the unit of the line: both are measured in it."""
    words = sentence_value(step, rulebook, lang)
    if step.type in (Type.MONEY, Type.MONEY_REAL):
        # The value says its money itself, the rest of the unit is what it is for.
        _, _, per = unit.partition("/")
        return f"{words.replace('.00', '')}{'/' + _in(per, lang) if per else ''}"
    if unit == "share":
        return f"{said.percent(step.value)}"
    return f"{words}{_joint(unit, lang)}{_in(unit, lang)}" if unit else words


def _joint(unit: str, lang: str) -> str:
    return "" if lang == "zh" or unit == "percent" else " "


def _in(unit: str, lang: str) -> str:
    text = unit_text(unit)
    return text.zh if lang == "zh" else text.en.replace("percent", "%")


def _since(spec: LineSpec | None, on: date) -> date | None:
    days = [day for day, _ in spec.steps if day <= on] if spec else []
    return max(days, default=None)
