"""Closing an account: what follows is shown before it is done, and it is done for a reason."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from tests import makers, people
from yihu.access.models import Pairing, Reading, Worker
from yihu.sync.models import Device

pytestmark = pytest.mark.django_db
SINCE = date(2020, 1, 1)


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def gu() -> Worker:
    """A helper with two families, of which another helps one too, and a phone."""
    village = makers.place()
    worker, other = (people.worker(name, "helper", village) for name in ("Gu", "Fang"))
    alone, shared = makers.household({"name": "农单"}), makers.household({"name": "农双"})
    for who, home in ((worker, alone), (worker, shared), (other, shared)):
        Pairing.objects.create(worker=who, household=home, since=SINCE)
    Device.objects.create(
        worker=worker, name="红米 9", hash="x", made_at=makers.NOW, seen_at=makers.NOW, unsent=3
    )
    return worker


def administrator() -> Client:
    client = Client()
    client.force_login(people.worker("Ann", "administrator", makers.place("county")))
    return client


def test_the_first_press_shows_what_follows_and_closes_nothing(gu):
    page = administrator().post(f"/people/{gu.pk}/close/").content.decode()

    gu.refresh_from_db()
    assert gu.is_active
    assert "农单" in page
    assert "农双" not in page
    for words in ("户将没有帮扶人", "红米 9", "最近报的是 3 条", "停用的理由"):
        assert words in page
    assert Pairing.objects.filter(worker=gu, until=None).count() == 2


@pytest.mark.parametrize("why", ["", "   "])
def test_without_a_reason_it_is_not_closed_and_the_page_stands(gu, why):
    answer = administrator().post(f"/people/{gu.pk}/close/", {"sure": "1", "why": why})

    gu.refresh_from_db()
    assert answer.status_code == 400
    assert "请写明理由" in answer.content.decode()
    assert "农单" in answer.content.decode()
    assert gu.is_active


def test_with_a_reason_it_is_closed_and_the_reason_stands(gu):
    answer = administrator().post(f"/people/{gu.pk}/close/", {"sure": "1", "why": "调到县里"})

    gu.refresh_from_db()
    assert answer.status_code == 302
    assert not gu.is_active
    ended = Pairing.objects.filter(worker=gu).values_list("until", "why_ended")
    assert set(ended) == {(makers.TODAY, "账号停用：调到县里")}
    assert "调到县里" in Reading.objects.get(what="account").why


def test_nobody_closes_his_own_account_or_one_he_does_not_keep(gu):
    client = Client()
    ann = people.worker("Ann", "administrator", makers.place("county"))
    client.force_login(ann)
    own = client.post(f"/people/{ann.pk}/close/", {"sure": "1", "why": "累了"})
    client.force_login(people.bo())
    other = client.post(f"/people/{gu.pk}/close/", {"sure": "1", "why": "不知道"})

    assert (own.status_code, other.status_code) == (409, 403)
    assert Worker.objects.filter(is_active=False).count() == 0
