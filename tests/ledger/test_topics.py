"""The county's own list of topics, and what the rules say of gaps."""

from __future__ import annotations

from datetime import date

import pytest

from yihu.book import dictionary
from yihu.ledger.policy import watched
from yihu.ledger.topics import FILE, lists
from yihu.problems import Problem


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    settings.HOME = tmp_path


def test_the_four_battles_are_there_without_a_file():
    assert list(lists().topics)[:4] == ["education", "medical", "housing", "water"]
    assert watched()["household", "battle_water"].battle == "water"


def test_a_county_adds_a_topic_with_days_and_names_its_departments(settings):
    (settings.HOME / FILE).write_text(
        '[topic.taps]\nzh = "水龙头"\nen = "Taps"\nthemes = ["water"]\ndays = 20\n'
        '[department.water]\nzh = "县水利局"\nen = "Water office"\n',
        encoding="utf-8",
    )

    rule = watched()["household", "battle_water"]

    assert rule.battle == "taps"
    assert rule.due_on(date(2020, 10, 17)) == date(2020, 11, 6)
    assert lists().departments["water"].zh == "县水利局"
    assert watched()["household", "monitoring_missed"].days == 15


def test_what_a_department_says_otherwise_belongs_to_the_topic_of_the_fact(settings):
    def topics(*names):
        facts = dictionary.active().facts
        found = [lists().topic_of_fact(facts[level, name].file) for level, name in names]
        return [topic.name for topic in found if topic]

    asked = (("person", "schooling"), ("household", "house_grade"), ("person", "birth"))
    assert topics(*asked) == ["education", "housing", "data_quality"]
    (settings.HOME / FILE).write_text(
        '[topic.names]\nzh = "姓名"\nen = "Names"\nfacts = ["person_basic"]\n', encoding="utf-8"
    )
    assert topics(*asked) == ["education", "housing", "names"]


@pytest.mark.parametrize(
    "text",
    [
        "[topic.x]\nzh = 1",
        '[topic.x]\nzh = "甲"\nen = "x"\ndays = 0',
        '[topic.x]\nzh = "甲"\nen = "x"\nthemes = "water"',
        '[topic.x]\nzh = "甲"\nen = "x"\nfacts = [1]',
        "[roads]\n",
        "topic = 1",
        "[deadline]\n2020-01-01 = { days = 90 }",
        '[deadline]\nsoon = { days = 90, source = "甲" }',
        "[[[",
    ],
)
def test_a_list_written_wrongly_is_refused_by_name(settings, text):
    (settings.HOME / FILE).write_text(text, encoding="utf-8")

    with pytest.raises(Problem) as refused:
        lists()

    assert refused.value.code == "ledger.bad_list"
    assert "ledger.toml" in refused.value.sentence("zh")


def test_parts_of_a_battle_make_no_gap_of_their_own_and_unknown_is_asked():
    follow = watched()

    assert ("household", "house_safe") not in follow
    assert follow["household", "battle_housing"].bad == {"0": "fails", "2": "unknown"}
    assert follow["household", "monitoring_missed"].bad == {"1": "fails"}
    assert all(of.bad for of in follow.values())


def test_a_department_named_two_ways_has_one_list():
    owners = {of.department for of in watched().values()}

    assert "medical_insurance" in owners
    assert not owners & {"medical", "civil", "labour", "disabled"}
