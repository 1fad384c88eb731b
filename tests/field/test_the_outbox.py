"""The outbox by visit: one card, what is in it, and what became of it."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import HOME, OTHER
from tests.field.phones import BUILT, PIN, Phone, taken_photo

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
#: The toast, and what is under it that can be pressed.
OVER = """() => {
  const toast = document.querySelector(".toast").getBoundingClientRect();
  const over = [...document.querySelectorAll("footer button, footer a, nav a, header button")];
  return over.filter((each) => {
    const at = each.getBoundingClientRect();
    return at.top < toast.bottom && toast.top < at.bottom && at.height > 0;
  }).length;
}"""


def visited(phone, photos=2):
    """Two facts, photos, a signature and words of one visit are written."""
    phone.open_visit()
    phone.page.click("[data-ask=schooling] [data-value=primary]")
    phone.page.click("[data-ask=power] [data-same]")
    phone.page.fill("[data-words]", "新装了水管")
    for n in range(photos):
        phone.page.set_input_files("[data-photo]", taken_photo(phone))
        phone.page.wait_for_selector(f".photos figure:nth-child({n + 1}) canvas")
    phone.page.click("text=电话确认")
    phone.writes()


def test_a_visit_is_one_card_that_says_what_is_in_it(desk, phone):
    phone.open()
    phone.begin()
    desk.stop()

    visited(phone)
    phone.page.wait_for_selector("[data-state=waiting]")
    card = phone.page.locator("[data-group]")

    assert card.count() == 1
    for each in ("黄秀英 · 走访", "情况 2 项、照片 2 张、签名 1 个", "逐条看（4 条）", "待传"):
        assert each in card.inner_text()
    assert phone.page.inner_text("[data-count=waiting]") == "待传 1"
    card.locator("summary").click()
    assert card.locator("[data-entry]").count() == 4
    assert "照片：房屋" in card.inner_text()


def test_a_toast_lies_over_no_button(desk, phone):
    phone.open()
    phone.begin()
    desk.stop()

    visited(phone, photos=0)
    phone.page.wait_for_selector(".toast")

    assert phone.page.evaluate(OVER) == 0
    phone.page.click("[data-send]", timeout=2_000)
    assert phone.page.locator(".toast").is_visible()


def test_a_visit_of_which_one_entry_is_refused_says_which_and_why_once(desk, phone):
    why = {"zh": "这一户不归您。", "en": "This family is not yours."}
    desk.about = {"power": {"outcome": "refused", "why": why, "code": "sync.not_yours"}}
    phone.open()
    phone.begin()

    visited(phone)
    phone.page.wait_for_selector("[data-state=refused]")
    phone.page.wait_for_selector("[data-state=refused] [data-receipt]")
    card = phone.page.locator("[data-group]")

    assert card.count() == 1
    assert card.inner_text().count(why["zh"]) == 1
    assert "1 条被退回" in card.inner_text()
    assert card.locator("[data-receipt]").count() == 3


def gone_families(desk):
    """The desk says that both families are no longer this helper's."""
    desk.package |= {"families": [], "removed": [HOME, OTHER]}


def test_an_entry_says_whose_it_is_after_the_family_has_left_the_phone(desk, phone):
    phone.open()
    phone.begin()
    visited(phone, photos=0)
    phone.page.wait_for_selector("[data-group] [data-receipt]", state="attached")
    gone_families(desk)

    phone.go("/outbox")
    phone.page.click("[data-send]")
    phone.go("/")
    phone.page.wait_for_selector("[data-first-sync]")
    phone.lock()
    phone.enter()
    phone.page.wait_for_selector(".app")
    phone.go("/outbox")
    card = phone.page.locator("[data-group]")
    card.locator("summary").click()

    assert "黄秀英 · 走访" in card.inner_text()
    assert "黄小月 · 在校生状况" in card.inner_text()
    assert "names" not in next(iter(desk.entries.values()))


def test_a_rescue_file_names_families_that_are_not_on_the_phone_that_takes_it_in(
    desk, phone, tmp_path
):
    phone.open()
    phone.begin()
    desk.stop()
    visited(phone, photos=0)
    phone.begins_a_visit("又写了一半")
    phone.go("/own")
    with phone.page.expect_download() as saved:
        phone.page.click("[data-rescue]")
    saved.value.save_as(tmp_path / "rescue.json")
    phone.close()
    gone_families(desk)
    desk.refusing = True
    desk.start()

    other = Phone(phone.tool, tmp_path / "other", desk.url)
    other.open()
    other.enter("604913")
    other.page.wait_for_selector("h1:has-text('再输一遍')")
    other.enter("604913")
    other.page.wait_for_selector(".app")
    other.takes_in(tmp_path / "rescue.json", PIN)
    other.page.click("[data-leave]")
    lost = other.page.inner_text("[data-lost]")
    other.go("/outbox")
    card = other.page.locator("[data-group]")
    card.wait_for()

    assert "黄秀英" not in (tmp_path / "rescue.json").read_text("utf-8")
    assert "没写完的走访 1 次（黄秀英）" in lost
    assert "黄秀英 · 走访" in card.inner_text()
    other.close()


NAMELESS = """() => new Promise((done) => {
  const asked = indexedDB.open("yihu-field");
  asked.onsuccess = () => {
    const rows = asked.result.transaction("entries", "readwrite").objectStore("entries");
    rows.openCursor().onsuccess = (event) => {
      const at = event.target.result;
      if (!at) { asked.result.close(); return done(); }
      delete at.value.names;
      at.update(at.value);
      at.continue();
    };
  };
})"""


def test_entries_of_an_older_version_get_their_names_while_the_family_is_here(desk, phone):
    phone.open()
    phone.begin()
    visited(phone, photos=0)
    phone.page.wait_for_selector("[data-group] [data-receipt]", state="attached")
    phone.page.evaluate(NAMELESS)

    phone.page.reload()
    phone.enter()
    phone.page.wait_for_selector(".app")
    gone_families(desk)
    phone.go("/outbox")
    phone.page.click("[data-send]")
    phone.go("/")
    phone.page.wait_for_selector("[data-first-sync]")
    phone.go("/outbox")

    assert "黄秀英 · 走访" in phone.page.inner_text("[data-group]")
