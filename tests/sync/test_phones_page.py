"""The page of phones: which there are, lost ones shut out, photos that have not come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests import makers, people
from tests.sync.phones import Phone, helper
from yihu.access.models import Reading
from yihu.sync import devices
from yihu.sync.models import Arrival, Device

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings, tmp_path):
    settings.TODAY, settings.FILES = makers.TODAY.isoformat(), tmp_path


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker)
    return client


def test_a_phone_is_shown_with_its_version_and_what_it_has_still_to_send():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.register()
    phone.send(phone.entry(home, app="0.3.1"))
    phone.ask("get", "hello", data={"device": phone.device, "unsent": 7})

    page = signed_in(people.bo()).get("/sync/phones/").content.decode()

    row = Device.objects.get()
    assert (row.app, row.unsent) == ("0.3.1", 7)
    assert all(words in page for words in ("红米", "0.3.1", ">7<"))


def test_what_a_phone_has_sent_since_it_said_so_is_no_longer_to_be_sent():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.register()
    Device.objects.update(unsent=3)

    phone.send(phone.entry(home))
    first = Device.objects.get().unsent
    phone.send(*(phone.entry(home, based_on=9) for _ in range(4)))

    assert (first, Device.objects.get().unsent) == (2, 0)


def test_whose_phone_was_shut_out_is_signed_out_on_it_and_nobody_else_is():
    home = makers.household()
    phone, other = Phone(helper("Gu", home)), signed_in(people.mei())
    phone.register()
    own = signed_in(phone.worker)
    bo = signed_in(people.bo())

    bo.post(f"/sync/phones/{phone.device}/revoke/", {"why": "手机在集市上丢了"})

    assert [each.get("/").status_code for each in (own, phone.client)] == [302, 302]
    assert [each.get("/").status_code for each in (other, bo)] == [200, 200]


def test_who_shuts_out_his_own_phone_stays_signed_in_where_he_does():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.register()
    here = signed_in(phone.worker)

    here.post(f"/sync/phones/{phone.device}/revoke/", {"why": "手机在集市上丢了"})

    assert (here.get("/").status_code, phone.client.get("/").status_code) == (200, 302)


def test_a_lost_phone_hands_in_no_more_and_who_shut_it_out_is_logged():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.register()
    bo = signed_in(people.bo())

    bare = bo.post(f"/sync/phones/{phone.device}/revoke/", {"why": "丢"})
    still = Device.objects.get().revoked_at
    done = bo.post(f"/sync/phones/{phone.device}/revoke/", {"why": "在班车上丢失"})
    again = bo.post(f"/sync/phones/{phone.device}/revoke/", {"why": "在班车上丢失"})
    phone.sign_out()

    assert [bare.status_code, done.status_code, again.status_code] == [400, 302, 409]
    assert still is None
    assert phone.sending(phone.entry(home)).status_code == 401
    assert not Arrival.objects.exists()
    assert "在班车上丢失" in Reading.objects.get(what="phone").why
    assert "在班车上丢失" in bo.get("/sync/phones/").content.decode()


def test_of_a_phone_its_helper_left_the_page_says_so_in_its_own_language():
    phone = Phone(helper("Gu", makers.household()))
    phone.register()
    devices.leave(Device.objects.get(), at=makers.AT)

    page = signed_in(people.bo()).get("/sync/phones/").content.decode()

    assert "本人在手机上退出并清空" in page
    assert "left and wiped" not in page


def test_a_helper_shuts_out_his_own_phone_and_nobody_elses():
    mine, other = Phone(helper("Gu")), Phone(helper("Wu"))
    mine.register()
    other.register()
    gu = signed_in(mine.worker)

    page = gu.get("/sync/phones/").content.decode()
    strange = gu.post(f"/sync/phones/{other.device}/revoke/", {"why": "在班车上丢失"})
    own = gu.post(f"/sync/phones/{mine.device}/revoke/", {"why": "在班车上丢失"})

    # With what surrounds a name: the key of a form is made by chance and may have both signs.
    assert ">Wu<" not in page
    assert "Wu " not in page
    assert [strange.status_code, own.status_code] == [404, 302]
    assert Device.objects.get(worker=other.worker).revoked_at is None


def test_who_keeps_a_village_sees_its_phones_and_shuts_none_out():
    phone = Phone(helper("Gu"))
    phone.register()
    mei = signed_in(people.mei())

    refused = mei.post(f"/sync/phones/{phone.device}/revoke/", {"why": "在班车上丢失"})

    assert "Gu" in mei.get("/sync/phones/").content.decode()
    assert refused.status_code == 403
    assert Device.objects.get().revoked_at is None


def test_a_photo_is_awaited_until_it_is_here():
    home = makers.household({"name": "农一"})
    phone = Phone(helper("Gu", home))
    says = {"sha256": "a" * 64, "type": "image/jpeg", "size": 9}
    phone.send(phone.entry(home, kind="evidence", says=says))
    Arrival.objects.update(received_at=makers.NOW - timedelta(days=2))

    page = signed_in(people.bo()).get("/sync/photos/").content.decode()
    elsewhere = people.worker("Su", "township", makers.place("township", "451022108"))

    assert "农一" in page
    assert "2020年10月15日" in page
    assert "农一" not in signed_in(elsewhere).get("/sync/photos/").content.decode()
