"""A notice that no longer holds: it stays, says why, and asks nobody for anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests import makers, people
from tests.sync.phones import Phone, helper
from yihu.access.scope import Scope
from yihu.sync import notices
from yihu.sync.models import Attendance, Notice, NoticeRead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def meeting(by) -> Notice:
    return notices.publish(
        title="七千人大会", words="请到会", place=makers.place("township"), by=by, at=makers.AT,
        meets_at=makers.NOW + timedelta(days=99), meets_where="县礼堂",
    )  # fmt: skip


def withdraw(notice: Notice, by, why="改期"):
    client = Client()
    client.force_login(by)
    return client.post(f"/notices/{notice.pk}/withdraw/", {"why": why})


def test_who_may_write_it_withdraws_it_and_readers_are_told_why():
    gu, bo = helper("Gu", makers.household()), people.bo()
    notice = meeting(bo)
    phone = Phone(gu)
    notices.acknowledge(notice, gu, read_at=makers.NOW, now=makers.NOW)

    assert withdraw(notice, bo).status_code == 302

    desk = Client()
    desk.force_login(gu)
    page = desk.get(f"/notices/{notice.pk}/").content.decode()
    assert ("已撤回" in page, "改期" in page, "我的答复" in page) == (True, True, True)
    assert 'name="coming"' not in page
    assert "已撤回" in desk.get("/").content.decode()
    (told,) = phone.ask("get", "pull").json()["own"]["notices"]
    assert (told["withdrawn"], told["title"]) == ("改期", "七千人大会")
    notice.refresh_from_db()
    assert notice.withdrawn_at is not None
    later = notice.withdrawn_at + timedelta(days=9)
    assert list(notices.pending(Scope(gu, makers.TODAY), later)) == []


def test_nobody_answers_what_was_withdrawn_but_a_phone_may_say_it_was_read():
    home = makers.household()
    gu, bo = helper("Gu", home), people.bo()
    notice = meeting(bo)
    withdraw(notice, bo)
    phone, desk = Phone(gu), Client()
    desk.force_login(gu)

    at_the_desk = desk.post(f"/notices/{notice.pk}/answer/", {"coming": "yes"})
    says = {"notice": str(notice.pk), "coming": True}
    (answer,) = phone.send(phone.entry(home, kind="read", says=says))

    assert (at_the_desk.status_code, answer["outcome"]) == (409, "taken")
    assert Attendance.objects.count() == 0
    assert NoticeRead.objects.filter(notice=notice, worker=gu).count() == 1


@pytest.mark.parametrize("why", ["", "  ", "因" * 201])
def test_without_a_reason_it_stands(why):
    bo = people.bo()
    notice = meeting(bo)

    assert withdraw(notice, bo, why).status_code == 400
    notice.refresh_from_db()
    assert notice.withdrawn_at is None


def test_it_is_withdrawn_once_and_by_none_who_may_not_write_it():
    bo, mei = people.bo(), people.mei()
    notice = meeting(bo)

    assert withdraw(notice, mei).status_code in (403, 404)
    assert withdraw(notice, people.dou()).status_code == 404
    withdraw(notice, bo, "改期")
    again = withdraw(notice, bo, "另一个原因")

    assert again.status_code == 409
    notice.refresh_from_db()
    assert (notice.withdrawn_why, notice.withdrawn_by) == ("改期", bo)
