"""The desk as a person uses it, in Debian's Chromium: no error, no breach of policy."""

from __future__ import annotations

import re

from tests import makers, people
from tests.web.browsing import MARKS, sign_in
from yihu.ledger.models import Gap

pytestmark = MARKS


def test_somebody_signs_in_finds_a_family_writes_a_fact_and_the_gap_is_gone(page):
    people.mei()
    home = makers.household({"name": "黄秀英", "birth": "1980-01-01"},
                            {"name": "黄小月", "birth": "2010-03-01"})  # fmt: skip
    gap = Gap.objects.get(rule="child_in_school", book_id=home.pk)

    sign_in(page, "Mei")
    page.keyboard.press("/")
    page.keyboard.type("hxy")
    page.wait_for_selector("[data-suggestion]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('黄秀英')")
    shown = page.locator(".gaps > li", has_text="适龄儿童少年在校")
    assert shown.count() == 1
    page.goto(f"/households/{home.pk}/write/person/person_school/?person={gap.person_id}")
    page.select_option("[name=schooling]", "primary")
    page.click(".form-end button")
    page.wait_for_selector(".alert-success")
    assert page.url.endswith(f"#person-{gap.person_id}")
    page.wait_for_selector(".fact-new:focus")
    assert page.locator(".fact-new").inner_text().startswith("刚写入")
    assert page.locator(".fact-new").count() == 1
    page.goto(f"/households/{home.pk}/")

    gap.refresh_from_db()
    assert gap.state == "cleared"
    assert shown.count() == 0
    assert page.said == []


def test_the_keyboard_reaches_the_page_and_the_search_from_everywhere(page):
    people.mei()
    sign_in(page, "Mei")
    page.goto("/ledger/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    page.wait_for_url("**/households/#search")

    assert page.evaluate("document.activeElement.name") == "q"
    assert page.said == []


def test_the_way_out_is_seen_in_an_ordinary_window_and_in_a_low_one(page, settings):
    settings.DEMO = True
    people.chen()
    sign_in(page, "Chen")
    out = page.locator("form[action='/account/logout/'] button")

    for height in (900, 560):
        page.set_viewport_size({"width": 1440, "height": height})
        box = out.bounding_box()
        assert box["y"] + box["height"] <= height, height


def test_after_writing_one_stands_at_what_was_written(page):
    people.mei()
    home = makers.household({"name": "黄秀英", "birth": "1980-01-01"}, power=True, road_hard=True)
    sign_in(page, "Mei")
    page.set_viewport_size({"width": 1440, "height": 500})
    page.goto(f"/households/{home.pk}/write/household/household_living/")
    page.select_option("[name=power]", "false")
    page.click(".form-end button")
    page.wait_for_selector(".fact-new:focus")

    assert page.url.endswith("#theme-household_living")
    assert page.locator(".fact-new").bounding_box()["y"] < 500
    (number,) = re.findall(r"wrote=(\d+)", page.url)
    line = f"#entry-{number}"
    page.goto(f"/households/{home.pk}/?part=book")
    page.click(f"{line} summary")
    page.fill(f"{line} [name=why]", "看错了")
    page.click(f"{line} .btn-danger")
    page.wait_for_url(f"**{line}")
    assert page.locator(f"{line}.undone").count() == 1
    assert page.said == []
