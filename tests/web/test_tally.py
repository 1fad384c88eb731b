"""Checks beside the ledger: one sentence says why the two count differently."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from tests import makers, people
from yihu.ledger import actions
from yihu.ledger.actions import Raised
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db
CHILD = {"name": "小月", "birth": "2008-03-01", "relation": "05", "schooling": "none",
         "home_taught": False, "absence_proved": False}  # fmt: skip


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def home():
    """A child out of school, no power, and much that nobody has asked."""
    return makers.household({"name": "覃一", "birth": "1980-01-01"}, CHILD, power=False)


def checks(client, home, **days):
    return client.get(reverse("household", args=[home.pk]), {"part": "checks", **days})


def test_what_was_found_is_in_the_ledger_or_says_why_not(client, home):
    client.force_login(people.mei())

    answer = checks(client, home)

    tally, page = answer.context["tally"], answer.content.decode()
    assert tally.found == answer.context["answered"]["bad"]
    assert tally.listed + sum(n for _, n in tally.left) == tally.found
    assert tally.gaps == Gap.objects.filter(book_id=home.pk, todo=1).count()
    assert tally.listed + tally.asked + tally.raised + tally.before == tally.gaps
    assert "“退出”类只看进度，不入账" in page
    assert f"查出问题 {tally.found} 条" in page
    gap = Gap.objects.get(book_id=home.pk, rule="child_in_school")
    assert f'href="{reverse("gap", args=[gap.pk])}">在台账</a>' in page


def test_a_problem_people_raised_and_one_that_was_waived_are_told_apart(client, home):
    bo, chen = people.bo(), people.chen()
    when = {"now": makers.NOW, "today": makers.TODAY}
    problem = Raised(book=home.pk, origin="visit", title="屋顶漏雨", department="housing")
    actions.raise_gaps([problem], by=bo, **when)
    gap = Gap.objects.get(book_id=home.pk, rule="child_in_school")
    actions.waive([gap], why="住院治疗，出院返校", until=date(2021, 1, 1), by=chen, **when)
    client.force_login(people.mei())

    answer = checks(client, home)

    tally = answer.context["tally"]
    assert tally.raised == 1
    assert ("已豁免", 1) in tally.left
    assert "人员提出或部门比对 1 条" in answer.content.decode()


def test_of_a_past_day_both_counts_are_those_of_that_day(client, home):
    client.force_login(people.mei())

    tally = checks(client, home, as_of=makers.TODAY.isoformat()).context["tally"]

    assert tally.listed + tally.asked + tally.raised + tally.before == tally.gaps > 0


def test_the_words_say_whether_an_answer_is_well_whichever_way_its_rule_is_written(client, home):
    client.force_login(people.mei())
    client.cookies["yihu_language"] = "en"

    page = checks(client, home).content.decode()

    words = {"bad": "problem", "ask": "unknown", "good": "well"}
    marks = [f'<span class="mark mark-{kind}">{word}</span>' for kind, word in words.items()]
    assert all(mark in page for mark in marks)
    assert ">holds</span>" not in page
    assert ">fails</span>" not in page
