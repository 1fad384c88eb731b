"""Topics of the ledger: the four battles (四大战役), and the county's own list.

A county writes its list and its days in `ledger.toml` of the data folder:

    [topic.roads]
    zh = "道路攻坚"
    en = "Roads"
    themes = ["exit_village"]      # of rules; a theme belongs to the first topic that names it
    facts = ["village_roads"]      # files of facts: what a department says otherwise of them
    days = 30                      # to clear, where the rule itself sets none

    [department.water]
    zh = "水利局"
    en = "Water office"

    [deadline]
    2026-01-01 = { days = 365, source = "…" }   # a deadline lies at most so many days ahead

What it names is added to the list below, or replaces what has the same name there. No source gives
days to clear for most rules, so none are set here: a gap without days has no deadline.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from yihu.problems import Problem
from yihu.rulebook.facts import Text

FILE = "ledger.toml"


@dataclass(frozen=True, slots=True)
class Topic:
    """A battle or another matter that gaps are counted by.

    themes  of rules
    facts   files of facts of the rulebook
    days    to clear a gap, where its rule sets none
    """

    name: str
    label: Text
    themes: tuple[str, ...]
    days: int | None = None
    facts: tuple[str, ...] = ()


def _topic(name: str, zh: str, en: str, *themes: str, facts: str = "") -> Topic:
    return Topic(name, Text(zh, en), themes or (name,), facts=tuple(facts.split()))


#: The four battles by the themes of the rulebook; the groups after them are yihu's own.
TOPICS = (
    _topic("education", "义务教育保障", "Education", facts="person_school"),
    _topic("medical", "基本医疗保障", "Medical care", facts="person_health"),
    _topic("housing", "住房安全保障", "Safe housing", facts="household_house"),
    _topic("water", "饮水安全保障", "Safe water"),
    _topic("two_three", "两不愁", "Food and clothing"),
    _topic("return", "防止返贫", "No return to poverty", "return", "removal", "monitoring_flow",
           "monitoring_help", "inclusion"),
    _topic("duty", "帮扶责任", "Duties of helpers", "duty", "three_rates"),
    _topic("policy", "政策落实", "Policies", "policy", "security", "loan",
           facts="person_security household_loan"),
    _topic("data_quality", "数据质量", "Data quality", "data_quality", "consistency", "income",
           "handbook"),
)  # fmt: skip
#: Topic of what a department says otherwise where no topic names the file of the fact.
OF_DIFFERENCES = "data_quality"
BATTLES = ("education", "medical", "housing", "water")

#: Departments as rules name them. K: how a county calls its own is its own to say.
DEPARTMENTS = {
    "agriculture": Text("农业农村局", "Agriculture"),
    "broadcasting": Text("广电部门", "Broadcasting"),
    "civil_affairs": Text("民政局", "Civil affairs"),
    "disabled_federation": Text("残联", "Disabled persons' federation"),
    "education": Text("教育局", "Education"),
    "finance": Text("财政局", "Finance"),
    "forestry": Text("林业局", "Forestry"),
    "health": Text("卫生健康局", "Health"),
    "housing": Text("住房和城乡建设局", "Housing"),
    "human_resources": Text("人力资源和社会保障局", "Human resources and social security"),
    "medical_insurance": Text("医疗保障局", "Medical insurance"),
    "organisation": Text("组织部", "Organisation department"),
    "poverty_office": Text("扶贫办", "Poverty office"),
    "power": Text("供电公司", "Power supply"),
    "relocation": Text("搬迁部门", "Relocation"),
    "transport": Text("交通运输局", "Transport"),
    "water": Text("水利局", "Water"),
}
#: Short names some rules use for a department that others name in full: one desk, one list.
SAME = {
    "civil": "civil_affairs", "disabled": "disabled_federation", "labour": "human_resources",
    "medical": "medical_insurance",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Topics and departments of this county.

    deadlines  (from which day, how many days ahead a deadline lies at most), the newest first
    """

    topics: Mapping[str, Topic]
    departments: Mapping[str, Text]
    deadlines: tuple[tuple[date, int], ...] = ()

    def topic_of(self, theme: str) -> Topic | None:
        """The topic a rule's theme belongs to."""
        return next((t for t in self.topics.values() if theme and theme in t.themes), None)

    def topic_of_fact(self, file: str) -> Topic | None:
        """The topic of what a department says otherwise of a fact. file: that describes it"""
        named = (t for t in self.topics.values() if file and file in t.facts)
        return next(named, self.topics.get(OF_DIFFERENCES))


def lists() -> Lists:
    """The lists in use; the file is read again when it changes. Raises Problem (ledger.bad_list)"""
    path = Path(settings.HOME) / FILE
    return _read(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Lists:
    own = _own(path) if changed else {}
    topics = {topic.name: topic for topic in TOPICS}
    # The county's come first: a theme belongs to the first topic that names it.
    added = {name: _topic_in(path, name, body) for name, body in own.get("topic", {}).items()}
    departments = dict(DEPARTMENTS)
    for name, body in own.get("department", {}).items():
        departments[name] = _text_in(path, name, body)
    far = [_deadline_in(path, day, body) for day, body in own.get("deadline", {}).items()]
    return Lists(
        {**added, **{n: t for n, t in topics.items() if n not in added}}, departments,
        tuple(sorted(far, reverse=True)),
    )  # fmt: skip


def _own(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise Problem("ledger.bad_list", path=path.name, at="", why=fault) from None
    strange = [name for name in found if name not in ("topic", "department", "deadline")]
    if strange or not all(isinstance(part, dict) for part in found.values()):
        raise Problem("ledger.bad_list", path=path.name, at=", ".join(strange), why="topic?")
    return found


def _text_in(path: Path, name: str, body: Any) -> Text:
    if not isinstance(body, dict) or not all(isinstance(body.get(k), str) for k in ("zh", "en")):
        raise Problem("ledger.bad_list", path=path.name, at=name, why='zh = "…", en = "…"')
    return Text(body["zh"], body["en"])


def _topic_in(path: Path, name: str, body: Any) -> Topic:
    label = _text_in(path, name, body)
    themes, facts, days = body.get("themes", [name]), body.get("facts", []), body.get("days")
    for key, listed in (("themes", themes), ("facts", facts)):
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise Problem("ledger.bad_list", path=path.name, at=name, why=f'{key} = ["…"]')
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
        raise Problem("ledger.bad_list", path=path.name, at=name, why="days = 1, 2, 3, …")
    return Topic(name, label, tuple(themes), days, tuple(facts))


def _deadline_in(path: Path, day: str, body: Any) -> tuple[date, int]:
    days = body.get("days") if isinstance(body, dict) else None
    try:
        if type(days) is int and days >= 1 and str(body.get("source", "")).strip():
            return date.fromisoformat(day), days
    except ValueError:
        pass  # no day
    why = 'YYYY-MM-DD = { days = 1, 2, 3, …, source = "…" }'
    raise Problem("ledger.bad_list", path=path.name, at=day, why=why)


def department_label(name: str) -> Text:
    """What a department is called; its own short name where the list does not know it."""
    return lists().departments.get(name) or Text(name, name)


def topic_label(name: str) -> Text:
    """What a topic is called."""
    found = lists().topics.get(name)
    return found.label if found else Text(name, name)
