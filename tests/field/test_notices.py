"""Notices on the phone: a meeting is answered without a network, and the answer goes up once."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import package
from tests.field.phones import BUILT

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]

MEETING = {
    "id": "n2", "title": "全县帮扶工作会", "words": "请准时到会。", "by": "县扶贫办",
    "at": "2020-10-12T08:00:00+08:00", "read_at": None, "coming": None,
    "meeting": {"at": "2099-10-20T09:00:00+08:00", "where": "县会议中心"},
}  # fmt: skip


def test_who_cannot_come_says_why_without_a_network(desk, phone):
    desk.package = package(notices=[MEETING])
    phone.open()
    phone.begin()
    phone.ready_offline()
    desk.stop()

    phone.page.goto(phone.url + "/field/#/notices")
    assert "县会议中心" in phone.page.locator("article").inner_text()
    assert phone.page.locator("[data-cannot]").is_disabled()
    phone.page.fill("article input", "住院")
    phone.page.click("[data-cannot]")
    phone.page.wait_for_selector(".tag.soon")
    assert phone.count("waiting") == 1
    desk.start()
    phone.waits_until_all_is_sent()

    (entry,) = desk.entries.values()
    assert (entry["kind"], entry["says"]) == (
        "read", {"notice": "n2", "coming": False, "why": "住院"},
    )  # fmt: skip
    assert phone.said == []


def test_a_withdrawn_meeting_stands_there_with_the_reason_and_asks_nobody(desk, phone):
    desk.package = package(notices=[MEETING])
    phone.open()
    phone.begin()
    desk.package = package(notices=[{**MEETING, "withdrawn": "因暴雨改期"}])
    phone.page.click("[data-sync]")

    phone.page.goto(phone.url + "/field/#/notices")
    phone.page.wait_for_selector("[data-withdrawn]:has-text('因暴雨改期')")
    assert "请准时到会" in phone.page.inner_text("article")
    assert phone.page.locator("[data-comes], [data-cannot]").count() == 0

    phone.page.click("[data-read]")
    phone.page.wait_for_selector("article .tag.good")
    phone.waits_until_all_is_sent()

    (entry,) = desk.entries.values()
    assert (entry["kind"], entry["says"]) == ("read", {"notice": "n2"})
    assert phone.said == []


def test_what_was_read_here_stays_read_while_the_desk_does_not_know_it(desk, phone):
    """The news may have left the desk before the receipt came, and be heard after the tap."""
    desk.package = package(notices=[{**MEETING, "meeting": None}])
    phone.open()
    phone.begin()
    phone.page.goto(phone.url + "/field/#/notices")
    phone.page.click("[data-read]")
    phone.page.wait_for_selector("article .tag.good")
    phone.waits_until_all_is_sent()

    desk.package = package(notices=[{**MEETING, "meeting": None, "title": "改了标题"}])
    phone.page.goto(phone.url + "/field/#/")
    phone.page.click("[data-sync]")
    phone.page.goto(phone.url + "/field/#/notices")
    phone.page.wait_for_selector("article h2:has-text('改了标题')")

    assert phone.page.locator("article .tag.good").count() == 1
    assert phone.page.locator("[data-read]").count() == 0
    assert phone.said == []
