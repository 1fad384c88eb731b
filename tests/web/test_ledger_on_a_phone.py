"""The ledger on a phone: the first gaps in the first screen, and the act on many within reach."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.web.browsing import MARKS, barriers, reads_in, sign_in, wide

pytestmark = MARKS
WINDOW, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def gaps():
    """More gaps than a page holds."""
    people.bo()
    for n in range(8):
        makers.household({"name": f"覃{n}", "birth": "1980-01-01"}, water_guarantee=60)


@pytest.mark.parametrize(("lang", "says"), [("zh-hans", "已勾选："), ("en", "Ticked:")])
def test_what_can_be_done_with_ticked_gaps_is_in_sight_on_a_phone(page, gaps, lang, says):
    sign_in(page, "Bo")
    reads_in(page, lang)
    page.set_viewport_size(PHONE)
    page.goto("/ledger/")
    bar = page.locator(".ledger-bar")
    assert not bar.is_visible()
    assert not page.locator("form.filters").is_visible()
    assert page.locator(".ledger-title").nth(2).bounding_box()["y"] < PHONE["height"]
    heights = [each.bounding_box()["height"] for each in page.locator("tbody tr").all()]
    assert max(heights) < 150

    page.locator("[name=gap]").nth(0).check()
    page.locator("[name=gap]").nth(1).check()

    assert bar.locator(".ledger-count").inner_text().startswith(says)
    assert page.evaluate(
        "getComputedStyle(document.querySelector('.ledger-count'), '::after').content"
    ) == "counter(ticked)"  # fmt: skip
    box = bar.bounding_box()
    assert box["y"] + box["height"] == pytest.approx(PHONE["height"], abs=1)
    assert barriers(page) + wide(page) == []
    bar.locator("a").click()
    page.wait_for_function(
        "() => document.querySelector('#bulk').getBoundingClientRect().top < innerHeight"
    )
    assert page.locator("[name=to]").is_visible()
    assert page.said == []


def test_in_a_window_the_filter_stands_open_and_the_form_itself_sticks(page, gaps):
    sign_in(page, "Bo")
    page.set_viewport_size(WINDOW)
    page.goto("/ledger/")

    page.locator("[name=gap]").nth(0).check()

    assert page.locator("form.filters").is_visible()
    assert not page.locator(".ledger-filter > summary").is_visible()
    assert not page.locator(".ledger-bar").is_visible()
    box = page.locator("#bulk").bounding_box()
    assert box["y"] + box["height"] == pytest.approx(WINDOW["height"], abs=1)


def test_the_folded_filter_says_how_much_is_in_use(page, gaps):
    sign_in(page, "Bo")
    page.set_viewport_size(PHONE)

    page.goto("/ledger/?answer=fails&who=none")

    assert "2" in page.locator(".ledger-filter > summary").inner_text()
