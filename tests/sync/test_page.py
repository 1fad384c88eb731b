"""The page on which held entries are settled, tried by who may and by who may not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from tests import makers, people
from tests.sync.phones import Phone, helper
from yihu.book.models import Book, Entry
from yihu.card.models import Household
from yihu.sync.models import Arrival

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def conflict():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home, says={"household": {"power": True}, "words": "看过电表"})
    makers.write(home.pk, says={"household": {"power": False}})
    phone.send(entry)
    return home, Arrival.objects.get()


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker)
    return client


def decide(client, row, **other):
    seen = Book.objects.get(pk=row.household_id).last_number
    sent = {"fact:household/power": "ours", "seen": seen, "why": "上门核对过", "decide": "settle"}
    return client.post(f"/sync/{row.pk}/settle/", {**sent, **other})


def test_bo_sees_both_values_and_settles():
    home, row = conflict()
    bo = signed_in(people.bo())

    page = bo.get("/sync/").content.decode()
    done = decide(bo, row)

    assert all(word in page for word in ("是", "否", "看过电表", home.code, "Gu"))
    assert (done.status_code, done["Location"]) == (302, "/sync/")
    assert Household.objects.get(pk=home.pk).facts["power"] is True
    assert "看过电表" not in bo.get("/sync/").content.decode()


def test_who_decides_is_told_whom_it_is_about_who_wrote_and_what_else_hangs_on_it():
    home = makers.household({"name": "黄利庆"})
    (person,) = makers.members(home)
    phone = Phone(helper("Gu", home))
    health = {str(person.pk): {"health": ["healthy"]}}
    says = {"household": {"power": True, "tv": True}, "members": health}
    entry = phone.entry(home, kind="visit", says=says)
    mei = people.mei()
    other = {"members": {str(person.pk): {"health": ["chronic"]}}}
    number = makers.write(home.pk, by=mei, source="paper", says=other).number
    phone.send(entry)
    bo, row = signed_in(people.bo()), Arrival.objects.get()

    page = bo.get("/sync/").content.decode()
    decide(bo, row, **{f"fact:{person.pk}/health": "theirs"})
    book = bo.get(f"/households/{home.pk}/?part=book").content.decode()

    assert "黄利庆 · " in page
    assert f"{mei.name} · 证件或材料 · 2020年10月17日" in page
    assert f"第 {number} 条" in page
    number = Entry.objects.get(pk=entry["id"]).number
    assert "其余内容已经" in page
    assert f"写入户册第 {number} 条" in page
    assert "理由：上门核对过" in book
    assert "手机记录裁定" in book


def test_bo_declines_and_finds_it_among_the_refused():
    home, row = conflict()
    bo = signed_in(people.bo())

    decide(bo, row, decide="decline")

    assert Household.objects.get(pk=home.pk).facts["power"] is False
    assert "上门核对过" in bo.get("/sync/?state=refused").content.decode()


def test_a_decision_without_a_value_says_so_and_changes_nothing():
    _, row = conflict()

    answer = decide(signed_in(people.bo()), row, **{"fact:household/power": ""})

    assert answer.status_code == 400
    assert "请为每一项选定一个值" in answer.content.decode()
    assert Arrival.objects.get().state == "held"


@pytest.mark.parametrize("who", [people.mei, people.dou])
def test_who_does_not_compare_neither_sees_nor_settles(who):
    _, row = conflict()
    client = signed_in(who())

    answers = [client.get("/sync/"), decide(client, row)]

    assert [a.status_code for a in answers] == [403, 403]
    assert Arrival.objects.get().state == "held"


def test_a_decision_that_cannot_be_gives_back_what_was_chosen_and_typed():
    _, row = conflict()

    answer = decide(signed_in(people.bo()), row, why="好")

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "裁定要写明理由" in page
    assert 'value="ours" checked' in page
    assert 'name="why" required minlength="5" maxlength="400" autocomplete="off" value="好"' in page


def test_who_wrote_the_other_value_is_not_asked_which_of_the_two_holds():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home, says={"household": {"power": True}})
    bo, chen = people.bo(), people.chen()
    makers.write(home.pk, by=bo, says={"household": {"power": False}})
    (answer,) = phone.send(entry)
    row = Arrival.objects.get()

    page = signed_in(bo).get("/sync/").content.decode()
    own, other = decide(signed_in(bo), row), decide(signed_in(chen), row)

    assert row.holder == chen
    assert chen.name in answer["why"]["zh"]
    assert "请同事裁定" in page
    assert 'name="why"' not in page
    assert (own.status_code, other.status_code) == (403, 302)
    assert "是您写的" in own.content.decode()


@pytest.mark.parametrize("kind", ["import", "comparison"])
def test_who_loaded_a_sheet_or_settled_before_may_decide(kind):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home, says={"household": {"power": True}})
    bo = people.bo()
    makers.write(home.pk, kind=kind, by=bo, says={"household": {"power": False}})
    phone.send(entry)
    row = Arrival.objects.get()

    assert row.holder == bo
    assert decide(signed_in(bo), row).status_code == 302


def test_of_a_day_nobody_can_have_seen_who_decides_says_which_it_was():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home, seen_on="1900-01-01", says={"household": {"power": True}})
    (held,) = phone.send(entry)
    bo, row = signed_in(people.bo()), Arrival.objects.get()
    ahead = (makers.TODAY + timedelta(days=1)).isoformat()

    page = bo.get("/sync/").content.decode()
    answers = [decide(bo, row, seen_on=day) for day in ("", ahead, "2020-10-01")]

    assert held["code"] == "sync.held_past"
    assert 'type="date" name="seen_on"' in page
    assert [answer.status_code for answer in answers] == [400, 400, 302]
    assert "请填写实际看到的日期" in answers[0].content.decode()
    assert f'value="{ahead}"' in answers[1].content.decode()
    assert Entry.objects.get(pk=entry["id"]).seen_on == date(2020, 10, 1)
    assert Household.objects.get(pk=home.pk).facts["power"] is True


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ({"decide": "decline"}, [["household", "power"]]),
        ({"fact:household/power": "theirs"}, [["household", "power"]]),
        ({}, None),
    ],
)
def test_the_phone_hears_which_of_its_values_were_not_written(sent, left):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    says = {"household": {"power": True, "tv": True}, "words": "看过"}
    entry = phone.entry(home, kind="visit", says=says)
    makers.write(home.pk, says={"household": {"power": False}})
    phone.send(entry)

    decide(signed_in(people.bo()), Arrival.objects.get(), **sent)
    (answer,) = phone.send(entry)

    assert (answer["outcome"], answer.get("left_out")) == ("taken", left)


def test_half_a_sign_in_what_was_refused_keeps_nobody_from_the_page():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.send(phone.entry(home, kind="visit", says={"words": "\ud800看过"}))

    page = signed_in(people.bo()).get("/sync/?state=refused")

    assert Arrival.objects.get().state == "refused"
    assert page.status_code == 200
    assert "看过" in page.content.decode()


def test_the_day_of_who_decides_says_how_many_entries_wait():
    conflict()

    pages = [signed_in(who()).get("/").content.decode() for who in (people.bo, people.mei)]

    assert ["手机记录待裁定：1 条" in page for page in pages] == [True, False]
