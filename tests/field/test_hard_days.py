"""Hard days of a phone with the real desk, which runs in processes of its own and may be killed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chromium import CHROMIUM
from tests.field.phones import BUILT, Phone, taken_photo
from tests.field.served import served

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
READY = "from yihu.commands import installation as i; i.ready()\n"
NO_SESSIONS = (
    READY + "from django.contrib.sessions.models import Session as S; S.objects.all().delete()"
)
#: Gu's phone is known since the day before yesterday; yesterday was his last day.
TRANSFERRED = (
    READY
    + """
from datetime import timedelta
from yihu.access.actions import end_pairing
from yihu.access.models import Pairing
from yihu.loop import this_moment
from yihu.sync.models import Device
at = this_moment()
Device.objects.update(made_at=at.now - timedelta(days=2))
for each in Pairing.objects.filter(worker__username="gu"):
    end_pairing(each, last_day=at.today - timedelta(days=1), why="调整")
"""
)
CLOSED = (
    READY
    + """
from yihu.access.actions import close_account
from yihu.access.models import Worker
from yihu.loop import this_moment
from tests import people
at = this_moment()
close_account(Worker.objects.get(username="tan"), by=people.bo(), now=at.now, today=at.today)
"""
)
#: The phone's clock, so many milliseconds back.
CLOCK = "back => { Date.now = () => new Date().getTime() - back }"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    yield from served(tmp_path_factory.mktemp("desk"), 1, "Fang", "Gu", "Tan")


@pytest.fixture
def phone(desk, playwright, tmp_path):
    # The way between is played with: the worker, which would stand before it, is left out.
    made = Phone(playwright, tmp_path / "phone", desk.url, service_workers="block")
    yield made
    made.close()


def notes(phone: Phone, words: str, photo: bool = False) -> None:
    """At the only family of this helper."""
    phone.go("/")
    phone.page.locator("[data-family]").click()
    phone.page.click("[data-visit]")
    phone.page.fill("[data-words]", words)
    if photo:
        phone.page.set_input_files("[data-photo]", taken_photo(phone))
        phone.page.wait_for_selector(".photos canvas")
    phone.writes()


def stands_once(desk, words: str) -> dict[str, Any]:
    """The visit is in the books once, its photo whole, every chain too."""
    found = desk.books()
    assert found["words"].count(words) == 1
    assert set(found["awaited"]) == set(found["photos"])
    assert (found["whole"], found["faults"]) == (True, [])
    return found


def test_a_session_that_ended_while_offline_costs_nothing(desk, phone):
    phone.begins_as("Fang")
    phone.context.set_offline(True)
    notes(phone, "没有信号时写的", photo=True)
    desk.installation.script(NO_SESSIONS)

    phone.context.set_offline(False)
    phone.waits_until_all_is_sent()

    stands_once(desk, "没有信号时写的")
    assert phone.page.locator("[data-sign-in]").is_visible()


def test_a_reply_lost_after_the_desk_had_written_is_asked_for_again(desk, phone):
    phone.begins_as("Fang")
    lost = []

    def lose(route):
        route.fetch()
        lost.append(route.request.post_data_json["entries"][0]["id"])
        route.abort()

    phone.page.route("**/sync/entries", lose, times=1)
    notes(phone, "回信丢了")
    phone.waits_until_all_is_sent()

    found = stands_once(desk, "回信丢了")
    assert found["entries"].count(lost[0]) == 1
    assert len(lost) == 1


def test_a_desk_killed_while_words_and_photos_come_up_has_each_once(desk, phone):
    phone.begins_as("Fang")
    killed = []

    def kill_while_it_writes(route):
        killed.append("words")
        route.continue_()
        desk.kill()

    def kill_with_half_a_photo(route):
        killed.append("photo")
        sent = route.request.post_data_buffer
        route.fetch(post_data=sent[: len(sent) // 2])
        desk.kill()
        route.abort()

    phone.page.route("**/sync/entries", kill_while_it_writes, times=1)
    phone.page.route("**/sync/files/*", kill_with_half_a_photo, times=1)
    notes(phone, "县里停电", photo=True)
    for at in (1, 2):
        phone.until(lambda at=at: len(killed) == at)
        phone.page.wait_for_selector("[data-send]:not([disabled])")
        desk.start()
        phone.page.click("[data-send]")
    phone.waits_until_all_is_sent()

    stands_once(desk, "县里停电")
    assert killed == ["words", "photo"]


def test_a_transferred_helper_hands_in_what_he_wrote_and_then_the_family_leaves(desk, phone):
    phone.begins_as("Gu")
    phone.page.evaluate(CLOCK, 24 * 3600 * 1000)
    phone.context.set_offline(True)
    notes(phone, "调走前写的", photo=True)
    phone.page.evaluate(CLOCK, 0)
    desk.installation.script(TRANSFERRED)

    phone.context.set_offline(False)
    phone.waits_until_all_is_sent()
    phone.page.click("[data-send]")
    phone.go("/")
    phone.page.wait_for_selector("[data-first-sync]")

    stands_once(desk, "调走前写的")
    assert phone.page.locator("[data-family]").count() == 0


def test_what_a_disabled_helper_wrote_is_held_with_its_reason_and_stays_in_sight(desk, phone):
    phone.begins_as("Tan")
    phone.context.set_offline(True)
    notes(phone, "停用前写的")
    desk.installation.script(CLOSED)

    phone.context.set_offline(False)
    phone.page.wait_for_selector("[data-state=held]")

    found = desk.books()
    assert "停用前写的" not in found["words"]
    assert found["aside"] == 1
    assert "停用前写的" in phone.page.inner_text("[data-state=held]")
    assert phone.page.locator("[data-state=held] .note").inner_text()
