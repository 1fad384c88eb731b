"""A family's page on a phone: few acts in sight, themes folded but those with something to do."""

from __future__ import annotations

from datetime import date

import pytest

from tests import makers, people
from tests.web.browsing import MARKS, barriers, sign_in, wide
from yihu.book import dictionary
from yihu.web.household_themes import themes_of_rule

pytestmark = MARKS
WINDOW, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ON = date(2020, 10, 17)


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def home():
    """A family with water that runs too seldom, and much else that is well."""
    people.mei()
    return makers.household(
        {"name": "覃一", "birth": "1980-01-01"}, power=True, road_hard=True, water_guarantee=60,
        farmland=3,
    )  # fmt: skip


def folded(page) -> dict[str, bool]:
    """Theme → is it folded?"""
    found = page.evaluate(
        "[...document.querySelectorAll('details.theme')].map((each) => [each.id, each.open])"
    )
    return {id.removeprefix("theme-"): not is_open for id, is_open in found}


def test_on_a_phone_themes_are_folded_but_those_with_gaps(page, home):
    sign_in(page, "Mei")
    page.set_viewport_size(PHONE)
    page.goto(f"/households/{home.pk}/")

    found = folded(page)

    assert found["household_living"] is False
    assert found["household_land_1"] is True
    assert barriers(page) + wide(page) == []
    page.set_viewport_size(WINDOW)
    page.wait_for_function("[...document.querySelectorAll('details.theme')].every((t) => t.open)")
    assert page.said == []


def test_on_a_phone_all_acts_are_reached_by_the_keyboard(page, home):
    sign_in(page, "Mei")
    page.set_viewport_size(PHONE)
    page.goto(f"/households/{home.pk}/")
    raising = page.locator("[data-opens=raise]")
    assert not raising.is_visible()
    assert page.locator(".head > .head-acts > .btn").count() == 2

    page.focus(".acts > summary")
    page.keyboard.press("Enter")

    assert raising.is_visible()
    raising.focus()
    page.keyboard.press("Enter")
    assert page.locator("#raise").is_visible()
    page.keyboard.press("Escape")
    assert raising.is_visible()
    page.keyboard.press("Escape")
    assert not raising.is_visible()
    assert page.evaluate("document.activeElement.matches('.acts > summary')")
    page.hover(".acts > summary")
    colours = "(at) => [at, at.querySelector('.icon')].map((each) => getComputedStyle(each).color)"
    assert len(set(page.locator(".acts > summary").evaluate(colours))) == 1
    page.locator("#theme-household_land_1 > summary").focus()
    page.keyboard.press("Enter")
    assert folded(page)["household_land_1"] is False


def test_in_a_window_all_acts_stand_in_sight_and_no_menu(page, home):
    sign_in(page, "Mei")
    page.goto(f"/households/{home.pk}/")

    assert page.locator("[data-opens=raise]").is_visible()
    assert not page.locator(".acts > summary").is_visible()
    assert not any(folded(page).values())


def test_paper_from_a_phone_has_all_themes_open(page, home):
    sign_in(page, "Mei")
    page.set_viewport_size(PHONE)
    page.goto(f"/households/{home.pk}/")

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    on_paper = folded(page)
    page.evaluate("dispatchEvent(new Event('afterprint'))")

    assert not any(on_paper.values())
    assert folded(page)["household_land_1"] is True


def test_what_was_just_written_is_not_folded_away(page, home):
    sign_in(page, "Mei")
    page.set_viewport_size(PHONE)
    page.goto(f"/households/{home.pk}/#theme-household_land_1")

    assert folded(page)["household_land_1"] is False


def test_a_rule_is_answered_in_the_themes_its_own_text_names():
    rulebook = dictionary.active()

    found = {
        rule: themes_of_rule(rulebook, "household", rule, ON)
        for rule in ("water_reliable", "battle_water", "house_large_enough")
    }

    assert found["water_reliable"] == {"household_living"}
    assert found["battle_water"] == {"household_living"}
    assert "household_basic" not in found["house_large_enough"]
