"""Makers of small rulebooks: a test writes only the expression or the entries that matter.

The ordinary rulebook has persons, households, villages and counties with a handful of facts each.
Nothing is left on disk: a rulebook is read and its folder removed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from yihu.rulebook import read
from yihu.rulebook.bind import bind
from yihu.rulebook.book import Dated, DerivedSpec, Rulebook, RuleSpec
from yihu.rulebook.cards import Reader, root_for
from yihu.rulebook.evaluate import compiled, tie
from yihu.rulebook.facts import Text
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Refused

ON = date(2020, 9, 1)
HEAD = """
[rulebook]
name = "small"
title = { zh = "小规则书", en = "Small" }
version = "1"
money = "yuan"
[[level]]
name = "person"
zh = "成员"
en = "person"
plural = "members"
alias = "member"
id = ["person_id"]
parent = ["household_id"]
[[level]]
name = "household"
zh = "家庭"
en = "household"
plural = "households"
id = ["household_id"]
parent = ["village_code"]
[[level]]
name = "village"
zh = "行政村"
en = "village"
plural = "villages"
id = ["village_code"]
parent = "code:6"
[[level]]
name = "county"
zh = "县"
en = "county"
plural = "counties"
id = ["county_code"]
"""
FACTS = """
[codes.schooling]
none = { zh = "非在校生", en = "not at school" }
primary = { zh = "小学", en = "primary school" }
junior = { zh = "初中", en = "junior school" }
[codes.grade]
a = { zh = "A级", en = "grade A" }
b = { zh = "B级", en = "grade B" }
c = { zh = "C级", en = "grade C" }
d = { zh = "D级", en = "grade D" }

[fact.person]
birth = { type = "date", label = { zh = "出生日期", en = "day of birth" } }
sick = { type = "yes_no", label = { zh = "患病", en = "ill" } }
works = { type = "yes_no", label = { zh = "务工", en = "works" } }
schooling = { type = "code", codes = "schooling", label = { zh = "在校生状况", en = "schooling" } }
gets = { type = "codes", codes = "grade", label = { zh = "享受政策", en = "benefits" } }
wage = { type = "money", unit = "yuan/year", label = { zh = "工资（元）", en = "wage" } }
size = { type = "number", unit = "m", label = { zh = "身高", en = "height" } }
card = { type = "identity", label = { zh = "证件号码", en = "identity number" } }
name = { type = "text", label = { zh = "姓名", en = "name" } }
weight = { type = "number", unit = "n", range = [0, 99999], label = { zh = "权重", en = "weight" } }
since = { type = "month", label = { zh = "起始年月", en = "month of beginning" } }

[fact.household]
income = { type = "money", unit = "yuan/year", label = { zh = "纯收入", en = "income" } }
debt = { type = "money", unit = "yuan", label = { zh = "负债", en = "debt" } }
rooms = { type = "whole", unit = "n", range = [0, 200], label = { zh = "房间数", en = "rooms" } }
area = { type = "number", unit = "m2", range = [0, 100000], label = { zh = "面积", en = "area" } }
grade = { type = "code", codes = "grade", label = { zh = "住房等级", en = "grade of house" } }
school = { type = "code", codes = "schooling", label = { zh = "学段", en = "school" } }
water = { type = "yes_no", label = { zh = "有水", en = "has water" } }
power = { type = "yes_no", label = { zh = "有电", en = "has power" } }
road = { type = "yes_no", label = { zh = "有路", en = "has a road" } }
visited = { type = "date", label = { zh = "走访日期", en = "day of visit" } }
left_in = { type = "month", label = { zh = "脱贫年月", en = "month of leaving" } }
phone = { type = "text", label = { zh = "电话", en = "telephone" } }

[fact.village]
poor = { type = "yes_no", label = { zh = "贫困村", en = "poor village" } }
people = { type = "whole", unit = "persons", label = { zh = "人口", en = "people" } }
[fact.county]
budget = { type = "money", unit = "yuan", label = { zh = "预算", en = "budget" } }
old = { type = "yes_no", label = { zh = "老区", en = "old base area" } }
"""
RULE = """
[rule.it]
about = "{about}"
title = {{ zh = "试", en = "it" }}
holds = {text}
wanted = "holds"
kind = "assurance"
source = "a test"
assumes = "a test"
"""
DERIVED = """
[derived.{about}.it]
label = {{ zh = "它", en = "it" }}
value = {text}
unit = "{unit}"
assumes = "a test"
"""


def rulebook(text: str = "", *, head: str = HEAD, facts: str = FACTS, **sheets: str) -> Rulebook:
    """Read a rulebook of these entries; sheets are CSV files by name. Raises Refused."""
    with tempfile.TemporaryDirectory() as folder:
        base = written(Path(folder) / "small", text, head=head, facts=facts, **sheets)
        return read.rulebook(base)


def written(
    folder: Path, text: str = "", *, head: str = HEAD, facts: str = FACTS, **sheets: str
) -> Path:
    """Write the files of a rulebook."""
    folder.mkdir(parents=True)
    files = {"rulebook.toml": head, "facts.toml": facts, "rules.toml": text}
    files |= {f"{name}.csv": sheet for name, sheet in sheets.items()}
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def refused(text: str = "", **parts: str) -> Refused:
    """The refusal of a rulebook of these entries."""
    try:
        rulebook(text, **parts)
    except Refused as refusal:
        return refusal
    raise AssertionError("the rulebook was read")


def refusal_of(do: Callable[[], object]) -> Refused | None:
    """The refusal of something done, told in both languages; None where nothing is refused."""
    try:
        do()
    except Refused as refusal:
        if not (refusal.sentence("zh") and refusal.sentence("en")):
            raise
        return refusal
    return None


def faults_in(refusal: Refused) -> list[Refused]:
    """The faults a refusal tells: several, or itself."""
    faults = refusal.details.get("faults")
    return faults if isinstance(faults, list) else [refusal]


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


@lru_cache(maxsize=500)
def _rule_book(text: str, about: str, more: str) -> Rulebook:
    return rulebook(RULE.format(about=about, text=quoted(text)) + more)


def holds(
    text: str,
    card: Mapping[str, Any] | None = None,
    *,
    about: str = "household",
    on: date = ON,
    more: str = "",
) -> bool | None:
    """The answer of a rule with this text for one card: True, False or None for unknown."""
    book = _rule_book(text, about, more)
    return OneCard(book, on, about, ["it"]).answers(card or {})["it"].holds


def fault(text: str, *, about: str = "household", more: str = "") -> Refused:
    """The refusal of a rule with this text."""
    return refused(RULE.format(about=about, text=quoted(text)) + more)


def value(
    text: str,
    card: Mapping[str, Any] | None = None,
    *,
    unit: str = "",
    about: str = "household",
    on: date = ON,
    more: str = "",
) -> Any:
    """The value of a derived fact with this text for one card, in the form of the tree.

    more follows the entry of the derived fact: keys of its own first, then other entries.
    """
    book = _derived_book(text, about, unit, more)
    root = POPULATION if about == POPULATION else root_for(book.levels, about)
    program = bind(book, on, root=root, rules=[], values=[(about, "it")])
    family = Reader(program, book).card(card or {}, about)
    run = compiled(program)

    def row(thing):
        made = run.row(thing.level, thing.id, thing.values)
        tie(made, [row(child) for child in thing.below])
        return made

    asked = below = row(family.top)
    for thing in family.above:
        above = run.row(thing.level, thing.id, thing.values)
        tie(above, [below])
        below = above
    while program.levels[asked.level].name != about:
        asked = asked.below[0]
    return run.value(asked, about, "it")


@lru_cache(maxsize=500)
def _derived_book(text: str, about: str, unit: str, more: str) -> Rulebook:
    return rulebook(DERIVED.format(about=about, text=quoted(text), unit=unit) + more)


def members(*cards: Mapping[str, Any], **household: Any) -> dict[str, Any]:
    """A household card with these members."""
    return {**household, "members": list(cards)}


@lru_cache(maxsize=1)
def ordinary() -> Rulebook:
    """The ordinary rulebook without rules."""
    return rulebook()


def with_text(text: str, about: str = "household", kind: str = "holds") -> Rulebook:
    """The ordinary rulebook with one text that came from anywhere, not through TOML.

    kind says where it stands: holds or amount of a rule, or value of a derived fact.
    """
    book = ordinary()
    here = Dated(((date.min, text),))
    if kind == "value":
        spec = DerivedSpec(
            about, "it", Text("它", "it"), here, unit="n", assumes=Text("a test", "a test")
        )
        return replace(book, derived={(about, "it"): spec})
    holds_, amount = (here, None) if kind == "holds" else (Dated(((date.min, "true"),)), here)
    rule = RuleSpec(
        about,
        "it",
        Text("试", "it"),
        holds_,
        wanted="holds",
        kind="assurance",
        amount=amount,
        assumes=Text("a test", "a test"),
        where="small/rules.toml:2",
    )
    return replace(book, rules={(about, "it"): rule})
