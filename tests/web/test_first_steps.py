"""What somebody new at the desk meets: no post yet, figures to press, a name typed by hand."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from tests import makers, people
from tests.stories.the_day import LEFT_SCHOOL, a_village, writes
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.web.frame import navigation
from yihu.web.household_answers import Answered

pytestmark = pytest.mark.django_db


@pytest.fixture
def village(settings):
    settings.TODAY = makers.TODAY.isoformat()
    return a_village()


def test_who_has_no_post_reads_why_the_day_is_empty(client, village):
    client.force_login(people.dou())

    page = client.get("/").content.decode()

    assert "您还没有岗位" in page
    client.force_login(people.mei())
    assert "您还没有岗位" not in client.get("/").content.decode()


def test_the_figures_of_the_day_open_the_ledger_they_count(client, village):
    mei = people.mei()
    client.force_login(mei)
    writes(mei, village.children[0], **LEFT_SCHOOL)

    page = client.get("/").content.decode()

    for path in ("/ledger/", "/ledger/?late=1", "/ledger/?answer=unknown"):
        assert f'href="{path}"' in page
        assert client.get(path).status_code == 200


def test_what_came_in_is_said_with_the_day_it_was_seen_and_when_it_came(client, village):
    home = village.homes[0]
    makers.write(home.pk, says={"household": {"power": True}}, seen_on=date(2020, 8, 3))
    client.force_login(people.mei())

    page = client.get("/").content.decode()

    assert "所见 2020年8月3日" in page
    assert "收到 2020年10月17日 12:00" in page


def test_a_gap_is_assigned_to_the_only_one_of_a_name(client, village):
    mei, bo = people.mei(), people.bo()
    writes(mei, village.children[0], **LEFT_SCHOOL)
    gap = village.gap(0)
    client.force_login(bo)

    answer = client.post(f"/ledger/{gap.pk}/assign/", {"to": mei.name})

    assert answer.status_code == 302
    assert village.gap(0).responsible == mei


def test_two_of_one_name_are_told_apart_by_the_list_alone(client, village):
    mei, bo = people.mei(), people.bo()
    writes(mei, village.children[0], **LEFT_SCHOOL)
    gap = village.gap(0)
    second = people.worker("Mei2", "village", village.homes[0].place)
    second.name = mei.name
    second.save(update_fields=["name"])
    client.force_login(bo)

    answer = client.post(f"/ledger/{gap.pk}/assign/", {"to": mei.name})

    assert answer.status_code == 400
    assert village.gap(0).responsible is None


def test_a_gap_reads_right_beside_a_rule_named_for_what_is_wrong(client, village):
    mei = people.mei()
    client.force_login(mei)
    writes(mei, village.children[0], **LEFT_SCHOOL)

    pages = [client.get(path).content.decode() for path in ("/", "/ledger/")]

    for page in pages:
        assert "查出问题" in page
        assert "未达标" not in page


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ("returned_to_poverty", {"0": ("正常", "good"), "1": ("查出问题", "bad")}),
        ("exit_power", {"0": ("查出问题", "bad"), "1": ("正常", "good"), "2": ("待核实", "ask")}),
    ],
)
def test_an_answer_says_whether_it_is_well_whichever_way_its_rule_is_written(rule, answers):
    spec = dictionary.active().rule(rule)

    given = {figure: Answered(spec, figure) for figure in answers}

    assert {figure: (each.words, each.mark) for figure, each in given.items()} == answers


def test_who_has_no_post_is_led_to_no_page_that_refuses_him():
    nobody = people.worker("Dou")
    desk = Client()
    desk.force_login(nobody)
    scope = Scope(nobody, makers.TODAY)

    found = [page["url"] for page in navigation("/", scope)]

    assert "/statistics/" not in found
    assert {desk.get(url).status_code for url in found} == {200}
