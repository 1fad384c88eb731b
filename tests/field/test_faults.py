"""What can go wrong between a phone and the desk: each time everything arrives, and once."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import CHILD, HOME, OTHER, family, package
from tests.field.phones import BUILT, PIN, Phone, note_a_visit, taken_photo
from yihu.web.field import FILES

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]


def test_a_reply_that_is_lost_after_the_desk_has_written_writes_nothing_twice(desk, phone):
    phone.open()
    phone.begin()
    desk.lose_replies = 1

    note_a_visit(phone)
    phone.page.wait_for_function(
        "() => document.querySelector('[data-sync]')?.innerText.includes('1')"
    )
    phone.page.click("[data-sync]")
    phone.waits_until_all_is_sent()

    assert list(desk.received.values()) == [2]
    assert len(desk.entries) == 1
    assert phone.count("taken") == 1


def test_a_desk_that_answers_again_is_found_without_a_press(desk, phone):
    phone.open()
    phone.begin()
    desk.stop()

    note_a_visit(phone)
    phone.page.wait_for_selector("[data-send]:not([disabled])")
    assert phone.count("waiting") == 1
    desk.start()
    phone.waits_until_all_is_sent()

    assert list(desk.received.values()) == [1]
    assert phone.count("taken") == 1


def test_a_phone_that_is_told_to_wait_says_so_and_comes_back_by_itself(desk, phone):
    phone.open()
    phone.begin()
    desk.in_line = 2

    note_a_visit(phone)
    phone.page.wait_for_selector("[data-in-line]")
    assert phone.count("waiting") == 1
    phone.waits_until_all_is_sent()

    assert desk.in_line == 0
    assert list(desk.received.values()) == [1]


def test_a_session_that_ended_hinders_no_entry_and_no_photo(desk, phone):
    phone.open()
    phone.begin()
    desk.signed_in = False

    note_a_visit(phone, photo=taken_photo(phone))
    phone.waits_until_all_is_sent()

    assert len(desk.entries) == 2
    assert phone.page.locator("[data-sign-in]").count() == 1
    (photo,) = desk.files.values()
    assert photo[:3] == b"\xff\xd8\xff"


def test_half_a_photo_goes_on_where_it_broke_off(desk, phone):
    phone.open()
    phone.begin()
    desk.break_pieces = 1

    note_a_visit(phone, photo=taken_photo(phone))
    phone.page.wait_for_function(
        "() => document.querySelector('[data-sync]')?.innerText.includes('1')"
    )
    phone.page.click("[data-sync]")
    phone.waits_until_all_is_sent()

    (evidence,) = (each for each in desk.entries.values() if each["kind"] == "evidence")
    (photo,) = desk.files.values()
    assert evidence["says"]["size"] == len(photo)
    assert evidence["says"]["about"] == {
        "visit": evidence["says"]["about"]["visit"],
        "of": "house",
    }


def test_two_tabs_send_each_entry_once(desk, phone):
    phone.open()
    phone.begin()
    desk.stop()
    note_a_visit(phone)
    second = phone.context.new_page()
    first, phone.page = phone.page, second
    second.goto(f"{desk.url}/field/")
    phone.again()
    note_a_visit(phone, "第二个标签页写的")
    desk.start()

    for tab in (first, second):
        tab.evaluate("document.querySelector('[data-sync]').click()")
    for phone.page in (first, second):
        phone.waits_until_all_is_sent()

    assert sorted(desk.received.values()) == [1, 1]
    assert first.locator("[data-state=taken]").count() == 2


def test_what_is_held_shows_both_values_and_what_is_refused_its_reason(desk, phone):
    why = {"zh": "已有更新的记录，由李主任裁定。", "en": "A person decides."}
    differs = {
        "whose": "household", "fact": "power", "label": {"zh": "家里通电", "en": "power"},
        "name": "家里通电", "ours": "是", "theirs": "否",
    }  # fmt: skip
    desk.about = {"power": {"outcome": "held", "why": why, "differs": [differs]}}
    phone.open()
    phone.begin()

    note_a_visit(phone)
    phone.page.wait_for_selector("[data-state=held]")
    shown = phone.page.inner_text("[data-state=held]")
    desk.about = {"power": {"outcome": "refused", "why": {"zh": "这一户不归您。", "en": "no"}}}
    note_a_visit(phone)
    phone.page.wait_for_selector("[data-state=refused]")

    assert [each in shown for each in ("您写的", "是", "否", "李主任")] == [True] * 4
    assert "这一户不归您" in phone.page.inner_text("[data-state=refused]")
    assert phone.page.locator("[data-entry]").count() == 2


def test_a_clock_that_is_wrong_by_a_day_is_told_to_the_desk(desk, phone):
    desk.ahead = timedelta(days=1)
    phone.open()
    phone.begin()

    note_a_visit(phone)
    phone.waits_until_all_is_sent()

    (entry,) = desk.entries.values()
    clock = datetime.fromisoformat(desk.clocks[-1])
    written = datetime.fromisoformat(entry["written_at"])
    assert timedelta(0) <= clock - written < timedelta(minutes=1)
    assert abs(clock - datetime.now(UTC)) < timedelta(minutes=1)
    assert entry["seen_on"] == entry["written_at"][:10]


def test_a_new_version_is_put_on_by_a_tap_and_the_queue_stays(desk, phone, tmp_path):
    desk.files_from = _another_build(tmp_path / "first", "一")
    phone.open()
    phone.begin()
    phone.ready_offline()
    desk.refusing = True
    note_a_visit(phone)
    desk.files_from = _another_build(tmp_path / "second", "二")

    phone.page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update())")
    phone.page.wait_for_selector("[data-put-on]")
    before = phone.page.title()
    phone.page.click("[data-put-on]")
    phone.page.wait_for_function("() => document.title.endsWith('二')")
    phone.again()

    assert (before, phone.page.title()) == ("一户 · 走访 一", "一户 · 走访 二")
    assert phone.count("waiting") == 1
    desk.refusing = False
    phone.page.click("[data-sync]")
    phone.waits_until_all_is_sent()
    assert list(desk.received.values()) == [1]


def _another_build(folder: Path, mark: str) -> Path:
    """The app as built, with another title: another version."""
    shutil.copytree(FILES, folder)
    page, worker = folder / "index.html", folder / "worker.js"
    page.write_text(page.read_text("utf-8").replace("· 走访<", f"· 走访 {mark}<"), "utf-8")
    worker.write_text(worker.read_text("utf-8").replace('"field-', f'"field-{mark}'), "utf-8")
    return folder


def test_a_family_that_moved_on_leaves_the_phone(desk, phone):
    phone.open()
    phone.begin()
    assert phone.page.locator("[data-family]").count() == 2

    desk.package = package() | {"families": [family()], "removed": [OTHER]}
    phone.page.click("[data-sync]")
    phone.page.wait_for_function("() => document.querySelectorAll('[data-family]').length === 1")

    assert phone.page.get_attribute("[data-family]", "data-family") == HOME
    assert "1 户不再由您帮扶" in phone.page.inner_text("[data-away]")
    assert next(f["head"] for f in package()["families"] if f["id"] == OTHER) in (
        phone.page.inner_text("[data-away]")
    )
    phone.lock()
    phone.enter()
    phone.page.wait_for_selector(".app")
    phone.go("/")
    phone.page.click("[data-away-seen]")
    phone.page.wait_for_selector("[data-away]", state="detached")


def test_somebody_else_who_signs_in_sees_nothing_new_and_sends_nothing_as_himself(desk, phone):
    phone.open()
    phone.begin()
    desk.name = "Dou"
    desk.package = package() | {"removed": [HOME]}

    note_a_visit(phone)
    phone.page.wait_for_selector("[data-all-sent]")

    assert "登录的却是Dou" in phone.page.inner_text("main")
    phone.go("/")
    phone.page.wait_for_selector("[data-family]")
    assert phone.page.locator("[data-family]").count() == 2


def test_a_wrong_pin_opens_nothing_and_the_last_one_keeps_what_is_unsent(desk, phone):
    phone.open()
    phone.begin()
    desk.stop()
    note_a_visit(phone)
    phone.lock()

    phone.forgets_the_pin()
    phone.page.wait_for_selector("[data-rescue]")
    with phone.page.expect_download() as saved:
        phone.page.click("[data-rescue]")

    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert phone.count("waiting") == 1
    assert "yihu" in text
    assert CHILD not in text
    assert "新装了水管" not in text


def saved_and_closed(desk, phone, tmp_path):
    """A visit with a photo in a rescue file; the phone it was written on is gone."""
    phone.open()
    phone.begin()
    phone.until(lambda: desk.keys)
    desk.stop()
    note_a_visit(phone, photo=taken_photo(phone))
    phone.go("/own")
    with phone.page.expect_download() as saved:
        phone.page.click("[data-rescue]")
    saved.value.save_as(tmp_path / "rescue.json")
    phone.close()
    desk.start()
    other = Phone(phone.tool, tmp_path / "other", desk.url)
    other.open()
    other.begin("604913")
    other.until(lambda: len(desk.keys) == 2)
    return other


def test_a_rescue_file_is_taken_in_by_another_phone_once(desk, phone, tmp_path):
    other = saved_and_closed(desk, phone, tmp_path)

    for _ in range(2):
        other.takes_in(tmp_path / "rescue.json", PIN)
        other.waits_until_all_is_sent()
    note_a_visit(other, "另一部手机写的")
    other.waits_until_all_is_sent()
    other.close()

    visits = {
        each["says"]["words"]: id for id, each in desk.entries.items() if "words" in each["says"]
    }
    assert sorted(each["kind"] for each in desk.entries.values()) == ["evidence", "visit", "visit"]
    assert set(desk.received.values()) == {1}
    assert len(desk.files) == 1
    # Each in the name of the phone it was written on.
    first, second = desk.keys.values()
    assert desk.handed_in_by[visits["新装了水管"]] == first
    assert desk.handed_in_by[visits["另一部手机写的"]] == second


def test_of_a_damaged_rescue_file_all_that_can_be_read_is_taken_in(desk, phone, tmp_path):
    other = saved_and_closed(desk, phone, tmp_path)
    file = json.loads((tmp_path / "rescue.json").read_text("utf-8"))
    damaged = file["entries"][1]["data"]
    file["entries"].insert(
        0, file["entries"][1] | {"data": damaged[:8] + damaged[:8] + damaged[16:]}
    )
    file["names"].insert(0, None)
    (tmp_path / "rescue.json").write_text(json.dumps(file), "utf-8")

    other.go("/own")
    other.page.click("summary:has-text('从文件取出')")
    other.page.set_input_files("[data-rescue-file]", tmp_path / "rescue.json")
    other.page.fill("details[open] input[type=password]", PIN)
    other.page.click("[data-rescue-take]")
    other.page.wait_for_selector(".toast.bad")
    told = other.page.inner_text(".toast.bad")
    other.waits_until_all_is_sent()
    other.close()

    assert "取出 2 条" in told
    assert "1 项损坏" in told
    assert sorted(each["kind"] for each in desk.entries.values()) == ["evidence", "visit"]
    assert len(desk.files) == 1


def test_what_a_phone_wrote_that_was_shut_out_stays_and_says_whom_to_ask(desk, phone, tmp_path):
    other = saved_and_closed(desk, phone, tmp_path)
    desk.shut_out = {next(iter(desk.keys.values()))}

    other.takes_in(tmp_path / "rescue.json", PIN)
    other.go("/outbox")
    other.page.wait_for_selector("text=已停用的手机")
    note_a_visit(other, "另一部手机写的")
    other.until(lambda: len(desk.entries) == 1)

    (entry,) = desk.entries.values()
    assert entry["says"]["words"] == "另一部手机写的"
    # The answer reaches the phone a moment after the entry reached the desk.
    other.until(lambda: other.count("waiting") == 2)
    other.close()
