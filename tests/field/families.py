"""What a phone is given in these tests: two families, some facts, when they are asked, a notice."""

from __future__ import annotations

from typing import Any

HOME, OTHER = "01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-000000000002"
CHILD = "01920000-0000-7000-8000-0000000000c1"


def text(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def fact(level: str, name: str, kind: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "level": level, "name": name, "kind": kind, "label": text(zh, en), "ask": None,
        "unit": None, "low": None, "high": None, "codes": [],
    }  # fmt: skip
    return made | more


FACTS = [
    fact("household", "power", "yes_no", "家里通电", "has power"),
    fact("household", "people", "whole", "家庭人口", "people", low=1, high=30,
         unit=text("人", "persons")),
    fact("household", "house_grade", "code", "住房等级", "grade of the house",
         codes=[{"key": key, "label": text(f"{key.upper()}级", f"grade {key.upper()}")}
                for key in "abcd"]),
    fact("household", "wage_income", "money", "工资性收入", "wages",
         unit=text("元/年", "yuan/year"), low=0, high=10_000_000),
    fact("person", "schooling", "code", "在校生状况", "schooling now",
         ask=text("现在在哪个年级上学？", "In which kind of school is the child now?"),
         codes=[{"key": "primary", "label": text("小学", "primary school")},
                {"key": "dropout", "label": text("辍学", "dropout")}]),
    fact("person", "not_at_school_reason", "code", "未上学原因", "reason not at school",
         codes=[{"key": "ill", "label": text("生病", "illness")},
                {"key": "money", "label": text("家里没钱", "no money")}]),
    fact("household", "dark_since", "month", "停电起始年月", "month since when there is no power",
         low="2015-01", high="2020-10"),
]  # fmt: skip
ASKED_IF = {
    "person.not_at_school_reason": ["in", ["fact", "person", "schooling"], ["dropout"]],
    "household.dark_since": ["not", ["fact", "household", "power"]],
}


def known(value: Any, seen_on: str = "2020-06-01") -> dict[str, Any]:
    return {"value": value, "seen_on": seen_on}


def family(id: str = HOME, head: str = "黄秀英", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": id, "code": "H0001", "number": 7, "head": head, "place": "百谷村那塘屯",
        "status": text("脱贫户", "exited"), "phone": "", "due_on": "2020-10-10",
        "due_why": text("每月走访一次，上次是九月初", "A visit every month"),
        "visited_on": "2020-09-05", "at": None,
        "people": [
            {"id": "01920000-0000-7000-8000-0000000000aa", "name": head, "head": True,
             "facts": {"birth": known("1980-01-01")}},
            {"id": CHILD, "name": "黄小月", "head": False, "facts": {"birth": known("2010-03-01")}},
        ],
        "facts": {"power": known(value=True)},
        "gaps": [
            {"id": "g1", "title": text("适龄儿童少年在校", "Children are in school"),
             "why": text("不知道黄小月现在在哪里上学。", "黄小月: school unknown."),
             "since": "2020-09-20", "until": "2020-10-30"},
        ],
        "dues": [{"title": text("义务教育生活补助", "School living aid"), "amount": 1000,
                  "received": False}],
        "plan": [
            {"level": "person", "fact": "schooling", "person": CHILD, "settles": 4},
            {"level": "person", "fact": "not_at_school_reason", "person": CHILD, "settles": 1},
            {"level": "household", "fact": "house_grade", "settles": 2},
            {"level": "household", "fact": "people", "settles": 1},
            {"level": "household", "fact": "power", "settles": 0},
        ],
        "past": [{"number": 7, "kind": "visit", "seen_on": "2020-09-05", "by": "Mei",
                  "words": "送去化肥两包。"}],
    }  # fmt: skip
    return made | more


def package(*families: dict[str, Any], **own: Any) -> dict[str, Any]:
    notice = {
        "id": "n1", "title": "十月十七日前完成走访",
        "words": "请在10月17日前走完全部家户。", "by": "县扶贫办",
        "at": "2020-10-12T08:00:00+08:00", "read_at": None,
    }  # fmt: skip
    given = families or (family(), family(OTHER, "农大明", due_on="2020-11-01", gaps=[]))
    return {
        "families": list(given),
        "removed": [],
        "answers": [],
        "token": "1",
        "more": False,
        "own": {"rulebook": "guangxi 3", "facts": FACTS, "asked_if": ASKED_IF, "notices": [notice]}
        | own,
    }
