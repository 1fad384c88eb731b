"""A rulebook as one readable page: contents, search, facts, lines, rules, examples, assumptions.

One HTML file in both languages; it asks nothing of the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from yihu.report.card_text import CardText
from yihu.report.expressions import Painter
from yihu.report.kinds import KINDS
from yihu.report.section_titles import file_name, section_titles
from yihu.report.units import unit_text
from yihu.rulebook.book import Dated, DerivedSpec, LineSpec, LineStep, Rulebook, RuleSpec
from yihu.rulebook.days import day_of, month_text
from yihu.rulebook.explain.asked_words import asked_since
from yihu.rulebook.facts import FactSpec, Text
from yihu.rulebook.language.layers import SHIPPED
from yihu.rulebook.program import POPULATION

TEMPLATES = Path(__file__).parent / "templates"

ANSWERS = {
    "holds": Text("成立", "holds"),
    "fails": Text("不成立", "fails"),
    "unknown": Text("未知", "unknown"),
}
MARKS = {
    "S": Text("有出处", "read in a source"),
    "K": Text("待核实", "not confirmed"),
    "D": Text("推算", "derived"),
    "HOLE": Text("空缺", "not known"),
}
TYPES = {
    "yes_no": Text("是/否", "yes or no"),
    "whole": Text("整数", "whole number"),
    "money": Text("金额", "money"),
    "number": Text("数值", "number"),
    "date": Text("日期", "day"),
    "month": Text("年月", "month"),
    "code": Text("单选代码", "one code"),
    "codes": Text("多选代码", "several codes"),
    "text": Text("文字", "text"),
    "identity": Text("身份证号", "identity number"),
}
PRIVACY = {
    "public": Text("公开", "public"),
    "household": Text("户内", "household"),
    "sensitive": Text("敏感", "sensitive"),
    "secret": Text("机密", "secret"),
}
ROUNDING = {
    "fen": Text("分", "fen"),
    "yuan": Text("元", "yuan"),
    "whole": Text("整数", "whole units"),
    "half_up": Text("四舍五入", "half up"),
    "down": Text("舍去", "down"),
    "up": Text("进位", "up"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that stand under one heading, of one file of the rulebook."""

    anchor: str
    title: Text
    entries: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Assumption:
    """An assumption with where it is made."""

    anchor: str
    title: Text
    text: Text


def page(rulebook: Rulebook, *, lang: str = "zh", folder: Path | None = None) -> str:
    """The whole page.

    lang     the language it opens in: zh or en; the reader can switch
    folder   of the rulebook, where it is not a shipped one: what its parts are called stands there
    """
    titles = section_titles([*sorted(SHIPPED.iterdir()), *([folder] if folder else [])])
    painter, cards = Painter(rulebook), CardText(rulebook)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"both": both, "day": _day_shown, "since": _since, "bound": _bound}
    environment.filters["unit"] = lambda unit: both(unit_text(unit))
    shown = environment.get_template("rulebook.html.j2").render(
        book=rulebook,
        lang=lang,
        levels=_level_names(rulebook),
        rules=_by_level(rulebook, rulebook.rules.values(), titles),
        derived=_by_level(rulebook, rulebook.derived.values(), titles),
        facts=_by_level(rulebook, rulebook.facts.values(), titles),
        holes=_holes(rulebook),
        unconfirmed=_unconfirmed(rulebook),
        assumptions=_assumptions(rulebook),
        paint=painter.paint,
        card=cards.html,
        rounding=_rounding,
        step_values=_step_values,
        asked=lambda fact: _asked(rulebook, fact),
        counts=_counts(rulebook),
        KINDS=KINDS,
        ANSWERS=ANSWERS,
        MARKS=MARKS,
        TYPES=TYPES,
        PRIVACY=PRIVACY,
    )
    # What the loops leave behind is a third of a large page.
    return "\n".join(line for line in (raw.strip() for raw in shown.split("\n")) if line) + "\n"


def both(text: Text | None) -> Markup:
    """A phrase in both languages, the one not chosen hidden; once where they are the same."""
    if text is None:
        return Markup("")
    if text.zh == text.en:
        return escape(text.zh)
    return Markup('<span class="zh">{}</span><span class="en" lang="en">{}</span>').format(
        text.zh, text.en
    )


def _level_names(rulebook: Rulebook) -> dict[str, Text]:
    names = {level.name: level.label for level in rulebook.levels}
    return {**names, POPULATION: Text("全体", "population")}


def _by_level(rulebook: Rulebook, specs: Iterable[Any], titles: Mapping[str, Text]) -> list[Group]:
    """Specs by level, then by the file they stand in, in the order of the rulebook."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for spec in specs:
        groups.setdefault((spec.level, _file_of(spec)), []).append(spec)
    names = _level_names(rulebook)
    # Households first: they are what a rulebook is about.
    order = sorted(names, key=lambda name: name != "household")
    found = []
    for (level, file), entries in sorted(groups.items(), key=lambda g: order.index(g[0][0])):
        label, word = names[level], titles.get(file) or file_name(file)
        title = Text(f"{label.zh} · {word.zh}", f"{label.en} · {word.en}")
        kind = type(entries[0]).__name__.removesuffix("Spec").lower()
        found.append(Group(f"{kind}-{level}-{file.replace('/', '-')}", title, entries))
    return found


def _file_of(spec: FactSpec | DerivedSpec | RuleSpec) -> str:
    return spec.where.rpartition(":")[0].removesuffix(".toml")


def _counts(rulebook: Rulebook) -> list[tuple[int, Text, str]]:
    examples = sum(len(rule.examples) for rule in rulebook.rules.values())
    counts = [
        (len(rulebook.rules), Text("条规则", "rules"), "rules"),
        (examples, Text("个例子", "examples"), "rules"),
        (len(rulebook.facts), Text("个指标", "facts"), "facts"),
        (len(rulebook.derived), Text("个推算指标", "derived facts"), "derived"),
        (len(rulebook.lines), Text("条标准线", "lines"), "lines"),
        (len(_holes(rulebook)), Text("处空缺", "holes"), "doubts"),
    ]
    return [count for count in counts if count[0] or count[2] == "doubts"]


def _holes(rulebook: Rulebook) -> list[tuple[LineSpec | RuleSpec, date | None, Text]]:
    found: list[tuple[LineSpec | RuleSpec, date | None, Text]] = []
    for line in rulebook.lines.values():
        found += [(line, day, step.source) for day, step in line.steps if step.value is None]
    found += [(r, r.since, r.source) for r in rulebook.rules.values() if r.mark == "HOLE"]
    return found


def _unconfirmed(rulebook: Rulebook) -> int:
    steps = (step for line in rulebook.lines.values() for _, step in line.steps)
    marked = sum(rule.mark == "K" for rule in rulebook.rules.values())
    marked += sum(asked.mark == "K" for asked in rulebook.asked.values())
    return marked + sum(step.mark == "K" for step in steps)


def _assumptions(rulebook: Rulebook) -> list[Assumption]:
    specs: list[DerivedSpec | RuleSpec] = [*rulebook.derived.values(), *rulebook.rules.values()]
    return [
        Assumption(f"{s.level}.{s.name}", rulebook.label_of(s.level, s.name), s.assumes)
        for s in specs
        if s.assumes
    ]


def _step_values(step: LineStep) -> list[tuple[str, str]]:
    """(key, value) for each value of a step; the key is empty where there is only one."""
    if isinstance(step.value, Mapping):
        return [(str(key), _number(value)) for key, value in step.value.items()]
    return [] if step.value is None else [("", _number(step.value))]


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}"


def _rounding(spec: DerivedSpec) -> Text:
    what, mode = spec.round.split()
    zh = f"{ROUNDING[mode].zh}到{ROUNDING[what].zh}"
    return Text(zh, f"rounded {ROUNDING[mode].en} to {ROUNDING[what].en}")


def _asked(rulebook: Rulebook, fact: FactSpec) -> list[tuple[str, Text]]:
    """When a fact is asked, in words, by its first day; no day where it was always so."""
    found = asked_since(rulebook, fact.level, fact.name)
    return [(_day_shown(since), words) for since, words in found]


def _day_shown(day: date | None) -> str:
    return "" if day is None or day == date.min else day.isoformat()


def _since(dated: Dated) -> list[tuple[str, str]]:
    """(first day, text) of a dated text; the day is empty where it always holds."""
    return [(_day_shown(day), text) for day, text in dated.texts]


def _bound(fact: FactSpec) -> str:
    """The range a fact may have, unless it is only what its type allows."""
    if fact.low is None or fact.high is None or abs(fact.low) >= 2**31 or abs(fact.high) >= 2**31:
        return ""
    shown: Any = {"date": day_of, "month": month_text, "money": lambda fen: fen / 100}
    write = shown.get(fact.kind, lambda x: x)
    low, high = (write(int(x) if fact.kind != "number" else x) for x in (fact.low, fact.high))
    return f"{low}–{high}"
