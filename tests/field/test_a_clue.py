"""A family that is not on the list, taken down at the door."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import FACTS, fact, package, text
from tests.field.phones import BUILT

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
MOBILE = {"label": text("11位手机号", "a mobile number of 11 figures"),
          "pattern": "1[3-9][0-9]{9}", "from": None, "until": None}  # fmt: skip


def test_numbers_that_cannot_be_right_are_told_and_may_be_kept_as_told(desk, phone):
    asked = fact("household", "phone", "text", "户联系电话", "phone", forms=[MOBILE])
    desk.package = package(facts=[*FACTS, asked])
    phone.open()
    phone.begin()
    phone.go("/new")
    page = phone.page
    page.fill("[data-new-head]", "韦某")
    page.fill("[data-new-words]", "房子塌了一角")
    page.fill("#new-phone", "不知道")
    page.fill("#new-identity", "45102219491231002")
    page.fill("#new-people", "4")

    page.wait_for_selector("[data-wrong=identity]")
    held_back = page.is_disabled("[data-new-write]")
    said = page.inner_text("[data-wrong=identity]")
    page.click("[data-as-told=phone]")
    page.click("[data-as-told=identity]")
    page.click("[data-new-write]")
    page.wait_for_selector("[data-outbox]")
    phone.waits_until_all_is_sent()

    (entry,) = desk.entries.values()
    assert held_back
    assert "17 位" in said
    assert entry["says"]["as_told"] == ["phone", "identity"]
    assert entry["says"]["identity"] == "45102219491231002"
    assert "未核对" in page.inner_text("[data-group]")
    assert phone.said == []


def test_what_is_typed_of_a_clue_survives_the_battery_and_is_sent_once(desk, phone):
    phone.open()
    phone.begin()
    phone.go("/new")
    phone.page.fill("[data-new-head]", "韦某")
    phone.page.fill("[data-new-words]", "房子塌了一角")
    phone.page.wait_for_timeout(300)
    phone.kill()
    phone.open()
    phone.again()
    phone.go("/new")
    phone.until(lambda: phone.page.input_value("[data-new-head]") == "韦某")

    phone.page.click("[data-new-write]")
    phone.page.wait_for_selector("[data-outbox]")
    phone.waits_until_all_is_sent()
    phone.go("/new")
    phone.page.wait_for_selector("[data-new-head]")
    phone.page.wait_for_timeout(300)

    assert phone.page.input_value("[data-new-head]") == ""
    assert [each["says"]["words"] for each in desk.entries.values()] == ["房子塌了一角"]
    assert phone.said == []
