"""The outbox by visit: one card, what is in it, and what became of it."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.phones import BUILT, taken_photo

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
