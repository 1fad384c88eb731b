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


def types_help(phone) -> None:
    """Kind and amount of help, and no tap on the button that notes it."""
    phone.open_visit()
    phone.page.click("[data-help]")
    phone.page.click("button:text-is('慰问')")
    phone.page.fill("#help-yuan", "300")


def helped(desk):
    return [each["says"] for each in desk.entries.values() if each["kind"] == "help"]


def test_help_typed_and_not_noted_holds_the_visit_up_and_is_written_once_noted(desk, phone):
    phone.open()
    phone.begin()
    types_help(phone)
    phone.page.fill("[data-words]", "都好")

    phone.page.click("[data-write]")
    phone.page.wait_for_selector("text=不写这 1 项")
    told, before = phone.page.inner_text(".toast"), phone.count("waiting")
    phone.page.click("[data-add-help]")
    phone.page.wait_for_selector("[data-write]:has-text('写入（答了')")
    phone.writes()
    phone.waits_until_all_is_sent()

    assert "有一项帮扶填了没有记下" in told
    assert before == 0
    assert helped(desk) == [{"measure": "慰问", "amount": {"yuan": 300}}]


def test_help_not_noted_is_kept_when_the_screen_is_left_and_is_no_visit_alone(desk, phone):
    phone.open()
    phone.begin()
    types_help(phone)

    phone.go("/")
    phone.page.wait_for_selector("[data-begun]")
    phone.open_visit()
    phone.page.wait_for_selector("[data-unnoted]")
    kept = phone.page.input_value("#help-yuan")
    for _ in range(2):
        phone.page.click("[data-write]")
        phone.page.wait_for_selector("text=不写这 1 项")
    phone.until(lambda: "没有别的可写" in phone.page.inner_text(".toast"))
    phone.page.fill("[data-words]", "都好")
    phone.writes()
    phone.waits_until_all_is_sent()

    assert kept == "300"
    assert helped(desk) == []
    assert [each["kind"] for each in desk.entries.values()] == ["visit"]
