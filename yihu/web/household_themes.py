"""The themes of a card: the groups in which a rulebook's files keep its facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from yihu.book import dictionary
from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import FactSpec, Text
from yihu.rulebook.language.names import level_words, named_in

#: File of facts → what its theme is called; a file nobody named is called by its own name.
TITLES = {
    "household_basic": Text("基本情况与建档立卡", "Basics and register"),
    "household_card_e": Text("收入明白卡", "Income card"),
    "household_clue": Text("预警线索", "Warning signs"),
    "household_exit": Text("双认定与退出", "Exit"),
    "household_help": Text("帮扶与走访", "Help and visits"),
    "household_house": Text("住房", "Housing"),
    "household_inclusion": Text("应纳尽纳", "Inclusion"),
    "household_income_1": Text("收入", "Income"),
    "household_income_2": Text("风险消除后的收入", "Income after the risk"),
    "household_land_1": Text("土地与产业", "Land and trades"),
    "household_land_2": Text("养殖与产业", "Animals and trades"),
    "household_living": Text("饮水、用电、道路", "Water, power, roads"),
    "household_loan": Text("小额信贷与政策兑现", "Loans and policies"),
    "household_monitor": Text("防返贫监测", "Monitoring"),
    "household_register": Text("收入登记各行", "Income register lines"),
    "person_basic": Text("基本情况", "Basics"),
    "person_health": Text("健康与医疗保障", "Health"),
    "person_school": Text("就学", "School"),
    "person_security": Text("低保、特困、养老", "Social security"),
    "person_work": Text("劳动与就业", "Work"),
    "village_economy": Text("产业、培训、组织", "Trades, training, organisation"),
    "village_land": Text("土地、养殖、收入", "Land, animals, income"),
    "village_people_1": Text("人口与劳动力", "People and labour"),
    "village_people_2": Text("文化与劳动力", "Schooling and labour"),
    "village_roads": Text("道路、饮水、用电", "Roads, water, power"),
    "village_services": Text("住房、保障、公共服务", "Housing, security, services"),
    "township": Text("乡镇", "Township"),
    "county": Text("县", "County"),
    "quality": Text("其他", "Other"),
}


@dataclass(frozen=True, slots=True)
class Theme:
    """A group of facts of one level."""

    name: str
    title: Text
    specs: tuple[FactSpec, ...]


@lru_cache(maxsize=8)
def _themes(rulebook: Rulebook, level: str) -> dict[str, Theme]:
    grouped: dict[str, list[FactSpec]] = {}
    for (at, _), spec in rulebook.facts.items():
        if at == level:
            grouped.setdefault(theme_of(spec), []).append(spec)
    return {
        name: Theme(name, TITLES.get(name, Text(name, name)), tuple(specs))
        for name, specs in grouped.items()
    }


def theme_of(spec: FactSpec) -> str:
    """Name of the theme a fact stands in: the file of the rulebook that describes it."""
    return spec.file


@lru_cache(maxsize=2048)
def themes_of_rule(rulebook: Rulebook, level: str, rule: str, on: date) -> frozenset[str]:
    """Themes of the household's card in which a rule is answered.

    Those of the facts its text names, or else of what it names; further down stand facts that many
    rules share, such as who is registered, and no one of them.
    """
    asked, seen = {(level, rule)}, set[tuple[str, str]]()
    while asked - seen:
        seen |= asked
        asked = {key for at in asked for key in _named_by(rulebook, at, on)}
        specs = [rulebook.facts[key] for key in asked if key in rulebook.facts]
        if specs:
            return frozenset(theme_of(s) for s in specs if s.level == dictionary.HOUSEHOLD)
    return frozenset()


def _named_by(rulebook: Rulebook, key: tuple[str, str], on: date) -> Iterator[tuple[str, str]]:
    """What the text of a rule or derived fact names: (level, name)."""
    words = level_words(rulebook)
    for parts in named_in(_text_of(rulebook, key, on)):
        at = key[0] if len(parts) == 1 else words.get(parts[0], "")
        if len(parts) <= 2 and at:
            yield at, parts[-1]


def _text_of(rulebook: Rulebook, key: tuple[str, str], on: date) -> str:
    rule, derived = rulebook.rules.get(key), rulebook.derived.get(key)
    text = rule.holds.on(on) if rule else derived.value.on(on) if derived else None
    return text or "true"


def themes(level: str) -> Iterable[Theme]:
    """All themes of a level, in the order of the rulebook."""
    return _themes(dictionary.active(), level).values()


def theme(level: str, name: str) -> Theme | None:
    """One theme, or None where the rulebook has none of that name."""
    return _themes(dictionary.active(), level).get(name)
