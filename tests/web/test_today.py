"""The start page: others' entries, a line a family and day; what visits cost, apart from work."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests import makers, people
from yihu.access.scope import Scope
from yihu.loop import Moment
from yihu.visit.burden import measure
from yihu.web import today_changes
from yihu.web.today_changes import changes

pytestmark = pytest.mark.django_db
LATER = [Moment(now=makers.NOW + timedelta(minutes=n), today=makers.TODAY) for n in range(1, 40)]
YESTERDAY = makers.at(makers.TODAY - timedelta(days=1))


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def noted(home, when, by, **says):
    """A visit by somebody, with these words."""
    return makers.write(
        home.pk, by=by, when=when, kind="visit", source="visit", says={"words": "看过", **says}
    )


def old_home(**facts):
    """A household of which nobody wrote lately."""
    return makers.household(when=makers.at(makers.TODAY - timedelta(days=30)), **facts)


def test_the_entries_of_a_family_in_a_day_are_one_line_with_their_number():
    one, other, bo, mei = old_home(), old_home(), people.bo(), people.mei()
    for when in LATER[:3]:
        noted(one, when, bo)
    makers.write(one.pk, by=bo, when=LATER[3], says={"household": {"power": True}})
    noted(one, YESTERDAY, bo)
    noted(other, LATER[4], bo)
    noted(other, LATER[5], mei)

    with translation.override("zh-hans"):
        found = changes(Scope(mei, makers.TODAY), LATER[-1])

    assert [(each.book, each.day, len(each.entries)) for each in found] == [
        (other.pk, makers.TODAY, 1), (one.pk, makers.TODAY, 4), (one.pk, YESTERDAY.today, 1),
    ]  # fmt: skip
    assert found[1].kinds == [("填写指标", 1), ("走访", 3)]
    assert found[1].by == [bo.name]
    numbers = [entry["number"] for entry in found[1].entries]
    assert numbers == sorted(numbers, reverse=True)


def test_the_page_opens_a_line_to_its_entries_and_a_single_one_stands_as_it_is(client):
    one, other, bo = old_home(), old_home(), people.bo()
    noted(one, LATER[0], bo)
    last = noted(one, LATER[1], bo)
    single = noted(other, LATER[2], bo)
    client.force_login(people.mei())

    page = client.get("/").content.decode()

    lines = re.findall(r'part=book#entry-(\d+)">(?!走访)', page)
    assert lines == [str(single.number), str(last.number)]
    assert page.count('<details class="news-day">') == 1
    assert "走访 × 2" in page
    assert f'part=book#entry-{last.number - 1}">走访</a>' in page


def test_more_entries_ask_the_database_no_more_often():
    home, bo, mei = old_home(), people.bo(), people.mei()
    asked = []
    for when in (LATER[:1], LATER[1:30]):
        for each in when:
            noted(home, each, bo)
        with CaptureQueriesContext(connection) as queries:
            changes(Scope(mei, makers.TODAY), LATER[-1])
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_where_not_all_were_looked_at_the_number_is_said_to_be_the_least(monkeypatch, client):
    monkeypatch.setattr(today_changes, "LATEST", 2)
    home, bo = old_home(), people.bo()
    for when in LATER[:3]:
        noted(home, when, bo)
    client.force_login(people.mei())

    page = client.get("/").content.decode()

    assert "至少 2 条" in page


def test_what_visits_cost_stands_below_the_work_and_is_said_to_be_none(client):
    home, mei = old_home(), people.mei()
    says = {"effort": {"taps": 40}}
    makers.write(home.pk, by=mei, kind="visit", says=says, seen_on=makers.TODAY)
    measure(makers.TODAY)
    client.force_login(mei)

    page = client.get("/").content.decode()

    assert page.index('class="meter"') > page.index("昨天以来收到的新记录") > page.index("该去走访")
    assert "1 次走访的平均数，不是您的待办" in page
