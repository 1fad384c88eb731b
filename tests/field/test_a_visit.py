"""A visit on the phone: asked, written, sent – without a network, and once each."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import CHILD, FACTS, HOME, fact, family, known, package, text
from tests.field.phones import BUILT, note_a_visit

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]


def test_a_visit_without_a_network_survives_the_battery_and_is_sent_once(desk, phone):
    phone.open()
    phone.begin()
    phone.ready_offline()
    desk.stop()

    note_a_visit(phone)
    assert phone.count("waiting") == 1
    phone.kill()
    phone.open()
    phone.again()
    assert phone.count("waiting") == 1
    desk.start()
    phone.page.click("[data-sync]")
    phone.waits_until_all_is_sent()

    (entry,) = desk.entries.values()
    assert entry["says"]["members"] == {CHILD: {"schooling": "primary"}}
    assert entry["says"]["household"] == {"power": True}
    assert (entry["household"], entry["based_on"]) == (HOME, 7)
    assert phone.page.locator("[data-receipt]").inner_text() == "1"
    assert desk.received[entry["id"]] == 1
    assert phone.said == []


def test_a_visit_says_what_it_cost_and_bytes_are_said_once(desk, phone):
    phone.open()
    phone.begin()
    phone.page.wait_for_selector("[data-sync]:not([disabled])")
    note_a_visit(phone)
    phone.waits_until_all_is_sent()
    phone.page.wait_for_selector("[data-sync]:not([disabled])")
    before = (desk.bytes_up, desk.bytes_down)

    note_a_visit(phone, "第二次")
    phone.waits_until_all_is_sent()

    first, second = (each["says"]["effort"] for each in desk.entries.values())
    # Begin the visit is before it; primary, the same, write are in it.
    assert (first["taps"], first["asked"]) == (3, 2)
    assert (first["up"] + second["up"], first["down"] + second["down"]) == before
    assert min(first["up"], first["down"], second["up"], second["down"]) > 0


def test_a_masked_number_is_not_confirmed_and_a_year_is_no_amount(desk, phone):
    more = {"number": known("110***********002X"), "exit_year": known(2017)}
    plan = [{"level": "household", "fact": name, "settles": 0} for name in more]
    asked = [fact("household", "number", "identity", "证件号码", "identity number"),
             fact("household", "exit_year", "whole", "脱贫年度", "year of exit",
                  unit=text("年", "year"))]  # fmt: skip
    desk.package = package(family(facts=more, plan=plan), facts=[*FACTS, *asked])
    phone.open()
    phone.begin()

    phone.open_visit()
    number, year = (phone.page.locator(f"[data-ask={name}]") for name in more)

    assert number.locator("[data-same]").count() == 0
    assert number.locator("[data-changed]").is_visible()
    assert year.locator("[data-same]").is_visible()
    assert "2017年" in year.inner_text()
