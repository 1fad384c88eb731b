"""A family's checks: by topic, what is to be done first and counted, what is well folded away."""

from __future__ import annotations

import re

import pytest

from tests import makers, people
from tests.web.browsing import MARKS, sign_in
from yihu.web.household_answers import Answered, by_topic, counted


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def test_topics_with_most_to_do_come_first_and_what_is_well_stands_apart():
    rules = {name: Rule(name, kind) for name, kind in (
        ("a", "exit"), ("b", "exit"), ("c", "risk"), ("d", "risk"), ("e", "quality"),
    )}  # fmt: skip
    found = [
        Answered(rules[name], figure)
        for name, figure in (("a", "1"), ("b", "2"), ("c", "0"), ("d", "2"), ("e", "1"))
    ]

    topics = by_topic(found)

    assert [(t.name, t.bad, t.ask, len(t.good)) for t in topics] == [
        ("risk", 1, 1, 0), ("exit", 0, 1, 1), ("quality", 0, 0, 1),
    ]  # fmt: skip
    assert [each.rule.name for each in topics[0].todo] == ["c", "d"]
    assert counted(topics) == {"bad": 1, "ask": 2, "good": 2}


class Rule:
    """A rule that should hold, as far as its answer is shown."""

    wanted = "holds"

    def __init__(self, name, kind):
        self.name, self.kind = name, kind


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["checks", "all"])
def test_only_what_is_to_be_done_stands_open_and_paper_has_all(client, part):
    home = makers.household({"birth": "1980-01-01"}, power=False)
    client.force_login(people.mei())

    page = client.get(f"/households/{home.pk}/?part={part}").content.decode()

    topics = re.findall(r'<details class="card topic" id="topic-(\w+)"( open)?>', page)
    good = re.findall(r'<details class="topic-good"( open)?>', page)
    todo = {name for name, is_open in topics if is_open}
    assert "exit" in todo
    assert len(good) > 0
    if part == "all":
        assert todo == {name for name, _ in topics}
        assert set(good) == {" open"}
    else:
        assert set(good) == {""}
        for name in todo:
            section = page.partition(f'id="topic-{name}"')[2].partition("</summary>")[0]
            assert "mark-bad" in section or "mark-ask" in section
    exits = page.partition('id="topic-exit"')[2].partition("topic-good")[0]
    assert exits.index("/why/exit_power/") < len(exits)
    assert "mark-good" not in exits.partition("</summary>")[2]


class TestByKeyboard:
    """In a browser."""

    pytestmark = MARKS

    def test_topics_open_and_fold_by_the_keyboard_and_all_at_once(self, page):
        people.mei()
        home = makers.household({"birth": "1980-01-01"}, power=False)
        sign_in(page, "Mei")
        page.goto(f"/households/{home.pk}/?part=checks")
        topics = page.locator("#topics > details")
        page.focus("#topic-exit > summary")

        page.keyboard.press("Enter")

        assert page.locator("#topic-exit").get_attribute("open") is None
        page.focus("[data-unfolds]")
        page.keyboard.press("Enter")
        assert page.locator("#topics > details[open]").count() == topics.count()
        page.keyboard.press("Enter")
        assert page.locator("#topics > details[open]").count() == 0
        assert page.said == []
