"""What cannot be written as it stands is said before a visit is written, and left out knowingly."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.phones import BUILT

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]


def types_what_cannot_be(phone) -> None:
    phone.open()
    phone.begin()
    phone.open_visit()
    phone.page.fill("[data-words]", "都好")
    phone.page.fill("[data-ask=people] input", "99")
    phone.page.click("[data-income] summary")
    phone.page.fill("[data-ask=wage_income] input", "-99999999")
    phone.page.click("[data-write]")
    phone.page.wait_for_selector("text=不写这 2 项")


def test_the_first_is_come_to_and_nothing_is_written_until_it_is_said_again(desk, phone):
    types_what_cannot_be(phone)

    told = phone.page.inner_text(".toast")
    seen = phone.page.evaluate("document.activeElement.closest('[data-ask]').dataset.ask")
    before = phone.count("waiting")
    phone.writes()
    phone.waits_until_all_is_sent()

    assert "有 2 项填的写不进去" in told
    assert (seen, before) == ("people", 0)
    (entry,) = desk.entries.values()
    assert entry["says"]["words"] == "都好"
    assert "household" not in entry["says"]


def test_what_is_put_right_is_written(desk, phone):
    types_what_cannot_be(phone)

    phone.page.fill("[data-ask=people] input", "3")
    phone.page.fill("[data-ask=wage_income] input", "12000")
    phone.page.focus("[data-words]")
    phone.page.wait_for_selector("[data-write]:has-text('写入（答了')")
    phone.writes()
    phone.waits_until_all_is_sent()

    (entry,) = desk.entries.values()
    assert entry["says"]["household"] == {"people": 3, "wage_income": 12000}
