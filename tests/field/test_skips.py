"""Questions on the phone come and go with the answers; what lies outside a range is not taken."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import CHILD, HOME, package
from tests.field.phones import BUILT

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]


@pytest.fixture
def visit(desk, phone):
    """A visit begun, nothing answered yet."""
    phone.open()
    phone.begin()
    phone.go(f"/visit/{HOME}")
    phone.page.wait_for_selector("[data-ask=schooling]")
    return phone.page


def asks(page, fact):
    return page.locator(f"[data-ask={fact}]").count() == 1


def test_a_question_waits_for_the_answer_that_decides_it_and_goes_with_it(desk, phone, visit):
    assert not asks(visit, "not_at_school_reason")

    visit.click("[data-ask=schooling] [data-value=dropout]")
    visit.click("[data-ask=not_at_school_reason] [data-value=money]")
    visit.click("[data-ask=schooling] [data-value=primary]")
    assert not asks(visit, "not_at_school_reason")
    phone.writes()
    phone.waits_until_all_is_sent()

    (entry,) = desk.entries.values()
    assert entry["says"]["members"] == {CHILD: {"schooling": "primary"}}
    assert phone.said == []


def test_what_an_answer_raises_is_asked_in_the_same_visit(desk, phone, visit):
    assert not asks(visit, "dark_since")

    visit.click("[data-ask=power] [data-changed]")
    visit.click("[data-ask=power] [data-value=false]")
    assert visit.locator("[data-raised] [data-ask=dark_since]").count() == 1
    visit.fill("[data-ask=dark_since] input", "2020-09")
    phone.writes()
    phone.waits_until_all_is_sent()

    (entry,) = desk.entries.values()
    assert entry["says"]["household"] == {"power": False, "dark_since": "2020-09"}


def test_a_range_is_said_before_and_kept_to_after(visit):
    people = visit.locator("[data-ask=people]")
    assert "1 到 30" in people.inner_text()

    people.locator("input").fill("31")
    people.locator("input").blur()

    assert "31 不在 1 到 30 的范围内" in people.locator("[role=alert]").inner_text()
    assert visit.locator("[data-write]").is_disabled()


def test_conditions_of_another_day_come_without_the_facts_and_take_effect(desk, phone, visit):
    own = {"notices": [], "asked_if": {"person.not_at_school_reason": ["is", False]}}
    desk.package = {**package(), "families": [], "own": own, "token": "2"}
    phone.go("/outbox")

    visit.click("[data-sync]")
    visit.wait_for_function("() => !document.querySelector('[data-sync]')?.disabled")
    phone.go(f"/visit/{HOME}")
    visit.click("[data-ask=schooling] [data-value=dropout]")

    assert not asks(visit, "not_at_school_reason")
    visit.click("[data-ask=power] [data-changed]")
    visit.click("[data-ask=power] [data-value=false]")
    assert not asks(visit, "dark_since")
