"""Leaving a phone, or losing its PIN: nothing that was begun on it goes without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import HOME
from tests.field.phones import BUILT, PIN, Phone, note_a_visit, taken_photo

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
BEGUN = "门口写了一半"


def leaves(phone: Phone) -> None:
    phone.go("/own")
    phone.page.click("[data-leave]")
    phone.page.wait_for_selector("[data-leaving]")


def test_a_visit_begun_survives_a_forgotten_pin_in_the_rescue_file(desk, phone, tmp_path):
    phone.open()
    phone.begin()
    phone.open_visit()
    phone.page.fill("[data-words]", BEGUN)
    phone.page.set_input_files("[data-photo]", taken_photo(phone))
    phone.page.wait_for_selector(".photos canvas")
    phone.lock()

    phone.forgets_the_pin()
    phone.page.wait_for_selector("[data-rescue]")
    with phone.page.expect_download() as saved:
        phone.page.click("[data-rescue]")
    saved.value.save_as(tmp_path / "rescue.json")
    phone.close()
    other = Phone(phone.tool, tmp_path / "other", desk.url)
    other.open()
    other.begin("604913")
    other.takes_in(tmp_path / "rescue.json", PIN)
    told = other.page.inner_text(".toast")
    other.open_visit()
    other.until(lambda: other.page.input_value("[data-words]") != "")

    assert BEGUN not in Path(tmp_path / "rescue.json").read_text("utf-8")
    assert "没写完的走访 1 次" in told
    assert other.page.input_value("[data-words]") == BEGUN
    assert other.page.locator(".photos canvas").count() == 1
    other.writes()
    other.waits_until_all_is_sent()
    other.close()
    assert sorted(each["kind"] for each in desk.entries.values()) == ["evidence", "visit"]


def test_a_visit_begun_that_two_phones_write_comes_from_both(desk, phone, tmp_path):
    phone.open()
    phone.begin()
    phone.begins_a_visit(BEGUN)
    phone.go("/own")
    with phone.page.expect_download() as saved:
        phone.page.click("[data-rescue]")
    saved.value.save_as(tmp_path / "rescue.json")
    phone.close()
    other = Phone(phone.tool, tmp_path / "other", desk.url)
    other.open()
    other.begin("604913")
    other.until(lambda: len(desk.keys) == 2)
    for _ in range(2):
        other.takes_in(tmp_path / "rescue.json", PIN)
        other.go("/")
        other.page.wait_for_selector("[data-family]")
    other.open_visit()
    other.until(lambda: other.page.input_value("[data-words]") == BEGUN)
    other.writes()
    other.waits_until_all_is_sent()
    other.close()

    phone.open()
    phone.again()
    phone.open_visit()
    phone.until(lambda: phone.page.input_value("[data-words]") == BEGUN)
    phone.page.fill("[data-words]", f"{BEGUN}，第一部手机又能用了")
    phone.writes()
    phone.waits_until_all_is_sent()

    words = [each["says"]["words"] for each in desk.entries.values()]
    assert words == [BEGUN, f"{BEGUN}，第一部手机又能用了"]


def test_leaving_says_what_would_be_lost_and_wipes_only_after_the_file(phone):
    phone.open()
    phone.begin()
    phone.begins_a_visit(BEGUN)

    leaves(phone)
    lost = phone.page.inner_text("[data-lost]")
    before = phone.page.locator("[data-wipe]").count()
    phone.page.click("[data-stay]")
    phone.open_visit()
    phone.until(lambda: phone.page.input_value("[data-words]") != "")
    kept = phone.page.input_value("[data-words]")
    leaves(phone)
    with phone.page.expect_download():
        phone.page.click("[data-rescue-first]")
    phone.page.click("[data-wipe]")
    phone.page.wait_for_selector("h1:has-text('设一个 6 位 PIN')")

    assert "没写完的走访 1 次（黄秀英）" in lost
    assert (before, kept) == (0, BEGUN)


def test_leaving_asks_also_when_nothing_is_unsent(phone):
    phone.open()
    phone.begin()

    leaves(phone)
    asked = phone.page.inner_text("[data-leaving]")
    phone.go("/")
    still = phone.page.locator(f"[data-family='{HOME}']")
    still.wait_for()
    leaves(phone)
    phone.page.click("[data-wipe]")
    phone.page.wait_for_selector("h1:has-text('设一个 6 位 PIN')")

    assert "2 户" in asked
    assert phone.page.locator("[data-lost]").count() == 0


def test_a_wipe_ends_the_session_before_anything_is_fetched_also_without_a_network(desk, phone):
    phone.open()
    phone.begin()
    phone.until(lambda: desk.keys)
    phone.lock()
    phone.ready_offline()
    desk.stop()

    phone.forgets_the_pin()
    phone.page.wait_for_selector("h1:has-text('设一个 6 位 PIN')")
    desk.asked.clear()
    desk.start()
    phone.enter("604913")
    phone.page.wait_for_selector("h1:has-text('再输一遍')")
    phone.enter("604913")
    phone.page.wait_for_selector("[data-sign-in]")

    assert desk.left == list(desk.keys)
    assert desk.left_by_pin == [True]
    assert desk.asked[:2] == ["hello", "leave"]
    assert "pull" not in desk.asked
    assert phone.page.locator("[data-family]").count() == 0


def test_a_session_that_was_over_leaves_it_to_the_next_registration(desk, phone):
    phone.open()
    phone.begin()
    phone.until(lambda: desk.keys)
    phone.lock()
    (before,) = desk.keys
    desk.signed_in = False

    phone.forgets_the_pin()
    phone.page.wait_for_selector("h1:has-text('设一个 6 位 PIN')")
    phone.until(lambda: not phone.page.evaluate(SESSION_IS_TO_END))
    desk.signed_in = True
    phone.begin("604913")
    phone.until(lambda: len(desk.keys) == 2)

    assert desk.left == []
    assert desk.replaced == [before]


SESSION_IS_TO_END = "JSON.parse(localStorage.getItem('yihu-field-left') ?? '{}').session ?? false"


def test_what_a_rescue_file_holds_still_goes_up_by_the_phone_it_was_written_on(
    desk, phone, tmp_path
):
    phone.open()
    phone.begin()
    phone.until(lambda: desk.keys)
    desk.refusing = True
    note_a_visit(phone)
    leaves(phone)
    with phone.page.expect_download() as saved:
        phone.page.click("[data-rescue-first]")
    saved.value.save_as(tmp_path / "rescue.json")
    phone.page.click("[data-wipe]")
    phone.page.wait_for_selector("h1:has-text('设一个 6 位 PIN')")
    phone.until(lambda: len(desk.left) == 1)
    assert desk.left_by_pin == [False]
    desk.refusing, desk.signed_in = False, True

    phone.begin("604913")
    phone.takes_in(tmp_path / "rescue.json", PIN)
    phone.until(lambda: desk.received)
    phone.waits_until_all_is_sent()

    assert (desk.left, desk.replaced) == ([""], [])
    assert list(desk.received.values()) == [1]


def test_a_visit_begun_is_seen_on_today_and_at_its_family_and_counts_as_nothing_to_send(phone):
    phone.open()
    phone.begin()
    phone.open_visit()
    phone.page.set_input_files("[data-photo]", taken_photo(phone))
    phone.page.wait_for_selector(".photos canvas")

    phone.go("/")
    phone.page.wait_for_selector(f"[data-family='{HOME}'] [data-begun]")
    header = phone.page.inner_text("[data-sync]")
    phone.go(f"/family/{HOME}")
    phone.page.wait_for_selector("[data-visit]:has-text('继续走访（未写完）')")

    assert "待传" not in header
    assert phone.photos_kept() == 1


def test_an_app_nobody_chose_a_language_for_speaks_that_of_the_browser(desk, phone):
    phone.options["locale"] = "en-GB"
    phone.open()

    phone.page.wait_for_selector("h1")

    assert "Choose a PIN" in phone.page.inner_text("h1")
