"""A visit that is open in two windows: each writes what it holds, and nothing typed is lost."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import CHILD, HOME
from tests.field.phones import BUILT, taken_photo

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]


def open_in_two_windows(desk, phone):
    """One visit with the same first words in both; the phone is in the second. The first page."""
    phone.open()
    phone.begin()
    phone.open_visit()
    phone.page.fill("[data-words]", "都好")
    phone.page.wait_for_timeout(300)
    first, phone.page = phone.page, phone.context.new_page()
    phone.page.goto(f"{desk.url}/field/")
    phone.again()
    phone.open_visit()
    phone.page.wait_for_function("document.querySelector('[data-words]').value === '都好'")
    return first


def written_in(page):
    page.click("[data-write]")
    page.wait_for_selector("[data-outbox]")


def test_what_only_the_second_window_holds_is_written_as_an_addition(desk, phone):
    first = open_in_two_windows(desk, phone)
    phone.page.click("[data-ask=schooling] [data-value=dropout]")
    phone.page.click("[data-ask=house_grade] [data-value=c]")
    phone.page.fill("[data-words]", "都好，屋后漏水")
    phone.page.set_input_files("[data-photo]", taken_photo(phone))
    phone.page.wait_for_selector(".photos canvas")

    first.click("[data-ask=schooling] [data-value=primary]")
    written_in(first)
    phone.page.wait_for_selector("[data-adds]")
    shown = phone.page.inner_text("[data-adds]")
    phone.writes()
    phone.waits_until_all_is_sent()

    visit, addition, photo = desk.entries.values()
    assert [each["kind"] for each in (visit, addition, photo)] == ["visit", "facts", "evidence"]
    assert visit["says"]["members"] == {CHILD: {"schooling": "primary"}}
    assert addition["says"]["members"] == {CHILD: {"schooling": "dropout"}}
    assert addition["says"]["household"] == {"house_grade": "c"}
    assert addition["says"]["words"].endswith("：屋后漏水")
    assert photo["says"]["about"]["visit"] == visit["id"]
    assert len(desk.files) == 1
    assert [each in shown for each in ("回答 2 项", "照片 1 张", "已写“小学”，这里是“辍学”")] == [
        True
    ] * 3
    assert phone.said == []


def test_windows_opened_before_anything_was_noted_write_one_visit(desk, phone):
    phone.open()
    phone.begin()
    phone.open_visit()
    first, phone.page = phone.page, phone.context.new_page()
    phone.page.goto(f"{desk.url}/field/")
    phone.again()
    phone.open_visit()
    phone.page.fill("[data-words]", "屋后漏水")

    first.fill("[data-words]", "都好")
    written_in(first)
    phone.page.wait_for_selector("[data-adds]")
    phone.writes()
    phone.waits_until_all_is_sent()

    visit, addition = desk.entries.values()
    assert (visit["kind"], addition["kind"]) == ("visit", "facts")
    assert addition["says"]["words"].endswith("：屋后漏水")
    assert phone.said == []


def test_a_second_window_with_nothing_more_says_so(desk, phone):
    first = open_in_two_windows(desk, phone)

    written_in(first)
    phone.page.wait_for_selector("[data-adds]")

    assert "没有更多内容" in phone.page.inner_text("[data-adds]")
    assert phone.page.is_disabled("[data-write]")
    assert desk.received.total() in {0, 1}


def test_what_a_closed_window_held_is_found_when_the_family_is_visited_again(desk, phone):
    first = open_in_two_windows(desk, phone)
    phone.page.fill("[data-words]", "都好，屋后漏水")
    phone.page.wait_for_timeout(500)
    phone.page.close()
    phone.page = first

    phone.writes()
    phone.go(f"/visit/{HOME}")
    phone.page.wait_for_selector("[data-adds]")

    assert phone.page.input_value("[data-words]") == "屋后漏水"
    assert phone.said == []
