"""A phone the office has shut out, with the real desk: signed in on it, it sends what waits."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session

from tests import makers, people
from tests.chromium import CHROMIUM
from tests.field.phones import BUILT, PIN, Phone
from tests.sync.phones import helper
from yihu.book.models import Entry
from yihu.loop import this_moment
from yihu.sync.devices import revoke
from yihu.sync.models import Device

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]


@pytest.fixture
def phone(phone_of_the_desk):
    return phone_of_the_desk


def notes(phone: Phone, home, words: str) -> None:
    phone.open_visit(str(home.pk))
    phone.page.fill("[data-words]", words)
    phone.writes()


def shut_out() -> None:
    for device in Device.objects.filter(revoked_at=None):
        revoke(device, by=people.bo(), why="在班车上丢失", at=this_moment())


def words_in_the_book() -> list[str]:
    return list(Entry.objects.filter(kind="visit").values_list("says__words", flat=True))


def test_with_a_session_it_is_registered_anew_by_itself(phone):
    home = makers.household({"name": "黄秀英"})
    helper("Fang", home)
    phone.begins_as("Fang")
    phone.context.set_offline(True)
    notes(phone, home, "停用以后写的")
    shut_out()

    phone.context.set_offline(False)
    phone.waits_until_all_is_sent()

    assert words_in_the_book() == ["停用以后写的"]
    assert Device.objects.get().revoked_at is None
    assert "X-CSRFToken" not in phone.page.inner_text("main")


def test_without_a_session_it_asks_for_the_sign_in_and_then_sends_by_itself(phone):
    home = makers.household({"name": "黄秀英"})
    helper("Fang", home)
    phone.begins_as("Fang")
    phone.context.set_offline(True)
    notes(phone, home, "停用以后写的")
    shut_out()
    Session.objects.all().delete()

    phone.context.set_offline(False)
    phone.page.wait_for_selector("[data-shut-out]")
    waiting = phone.count("waiting")
    phone.signs_in("Fang")
    phone.waits_until_all_is_sent()

    assert waiting == 1
    assert words_in_the_book() == ["停用以后写的"]


def test_a_rescue_file_of_it_waits_and_stops_nothing_else(phone, tmp_path):
    home = makers.household({"name": "黄秀英"})
    helper("Fang", home)
    phone.begins_as("Fang")
    phone.context.set_offline(True)
    notes(phone, home, "在丢失的手机上写的")
    phone.go("/own")
    with phone.page.expect_download() as saved:
        phone.page.click("[data-rescue]")
    saved.value.save_as(tmp_path / "rescue.json")
    phone.close()
    shut_out()
    other = Phone(phone.tool, tmp_path / "other", phone.url)
    other.begins_as("Fang")

    other.takes_in(tmp_path / "rescue.json", PIN)
    notes(other, home, "在新手机上写的")
    other.until(lambda: other.count("waiting") == 1)
    other.page.wait_for_selector("text=已停用的手机")

    assert words_in_the_book() == ["在新手机上写的"]
    other.close()
