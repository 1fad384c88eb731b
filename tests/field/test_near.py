"""Which family is near: where doors are known, and only after the phone may say where it is."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import HOME, OTHER, family, package
from tests.field.phones import BUILT

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
FAR = family(at=[23.7, 107.1])
NEAR = family(OTHER, "农大明", due_on="2020-11-01", gaps=[], at=[23.601, 107.1])


def order(phone) -> list[str]:
    shown = phone.page.locator("[data-family]").all()
    return [each.get_attribute("data-family") for each in shown]


def test_the_nearest_family_comes_first_when_the_helper_asks_for_it(desk, phone):
    desk.package = package(FAR, NEAR)
    phone.open()
    phone.begin()
    before = (order(phone), phone.page.locator("[data-away]").count())
    phone.context.grant_permissions(["geolocation"], origin=desk.url)
    phone.context.set_geolocation({"latitude": 23.6, "longitude": 107.1})

    phone.page.click("[data-near]")
    phone.page.wait_for_selector("[data-away]")

    assert before == ([HOME, OTHER], 0)
    assert order(phone) == [OTHER, HOME]
    assert phone.page.locator("[data-away]").first.inner_text() == "111 米"


def test_a_phone_that_may_not_say_where_it_is_leaves_the_order_and_says_so(desk, phone):
    desk.package = package(FAR, NEAR)
    phone.open()
    phone.begin()

    phone.page.click("[data-near]")
    phone.page.wait_for_selector(".toast.bad")

    assert order(phone) == [HOME, OTHER]
    assert phone.page.locator("[data-away]").count() == 0


def test_where_no_door_is_known_nothing_is_asked(desk, phone):
    phone.open()
    phone.begin()

    assert phone.page.locator("[data-near]").count() == 0
