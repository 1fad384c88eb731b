"""A visit on the phone: asked, written, sent – without a network, and once each."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import CHILD, FACTS, HOME, OTHER, fact, family, known, package, text
from tests.field.phones import BUILT, note_a_visit, taken_photo

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


def test_of_an_amount_there_may_be_none_of_none_is_one_tap_and_can_be_taken_back(desk, phone):
    asked = [
        fact("person", name, "money", zh, zh, low=0, high=10_000_000, none=none)
        for name, zh, none in (("inpatient_cost", "住院合规费用", 0), ("cash", "现金", None))
    ]
    plan = [{"level": "person", "fact": each["name"], "person": CHILD, "settles": 1}
            for each in asked]  # fmt: skip
    desk.package = package(family(plan=plan), facts=[*FACTS, *asked])
    phone.open()
    phone.begin()
    phone.open_visit()
    hospital, cash = (phone.page.locator(f"[data-ask={each['name']}]") for each in asked)

    hospital.locator("input").fill("很多")
    hospital.locator("[data-none]").click()
    shown = hospital.locator("input").input_value()
    red = hospital.locator(".wrong").count()
    hospital.locator("[data-none]").click()
    taken_back = hospital.locator("input").input_value()
    hospital.locator("[data-none]").click()
    phone.writes()
    phone.waits_until_all_is_sent()

    assert (shown, red, taken_back) == ("0", 0, "")
    assert cash.locator("[data-none]").count() == 0
    (entry,) = desk.entries.values()
    assert entry["says"]["members"] == {CHILD: {"inpatient_cost": 0}}


def test_a_number_no_document_has_is_told_at_the_door_unless_there_is_none(desk, phone):
    asked = [fact("person", "identity", "identity", "证件号码", "identity number"),
             fact("person", "id_kind", "code", "证件类型", "kind of document",
                  codes=[{"key": "none", "label": text("无证件", "no document")}])]  # fmt: skip
    plan = [{"level": "person", "fact": name, "person": CHILD, "settles": 1}
            for name in ("identity", "id_kind")]  # fmt: skip
    desk.package = package(family(plan=plan), facts=[*FACTS, *asked])
    phone.open()
    phone.begin()
    phone.open_visit()
    field = phone.page.locator("[data-ask=identity] input")

    field.fill("110105194912310021")
    field.blur()
    said = phone.page.inner_text("[data-ask=identity] [role=alert]")
    counted = phone.page.inner_text("[data-write]")
    phone.page.click("[data-ask=id_kind] [data-value=none]")
    phone.page.wait_for_selector("[data-write]:has-text('2/2')")

    assert "18 位" in said
    assert "证件类型" in said
    assert "0/2" in counted
    assert phone.page.locator("[data-ask=identity] [role=alert]").count() == 0


def test_numbers_typed_in_a_visit_stand_there_when_it_is_opened_again(desk, phone):
    months = fact("household", "months", "whole", "外出务工月数", "months away", high=12)
    pay = fact("household", "pay", "money", "工资", "wages")
    plan = [{"level": "household", "fact": name, "settles": 0} for name in ("months", "pay")]
    desk.package = package(family(facts={}, plan=plan), facts=[*FACTS, months, pay])
    phone.open()
    phone.begin()
    phone.open_visit()
    fields = {name: phone.page.locator(f"[data-ask={name}] input") for name in ("months", "pay")}
    fields["months"].fill("3")
    fields["pay"].fill("23456.78")
    fields["pay"].blur()

    phone.go("/")
    phone.open_visit()
    phone.page.wait_for_function("document.querySelector('[data-ask=pay] input').value")
    stood = {name: field.input_value() for name, field in fields.items()}
    for field in fields.values():
        field.focus()
        field.blur()

    assert stood == {"months": "3", "pay": "23456.78"}
    phone.writes()
    phone.waits_until_all_is_sent()
    (entry,) = desk.entries.values()
    assert entry["says"]["household"] == {"months": 3, "pay": 23456.78}
    assert phone.said == []


def test_today_and_the_visit_say_the_same_number_to_ask(desk, phone):
    phone.open()
    phone.begin()

    said = phone.page.inner_text(f"[data-family='{HOME}'] [data-to-ask]")
    phone.open_visit()

    assert phone.page.inner_text("h2[data-to-ask]") == said == "要问 3 项"


def test_what_an_office_decides_stands_apart_and_is_not_counted(desk, phone):
    decided = fact("household", "decided", "yes_no", "乡镇是否核查", "checked by the township",
                   asked_at="office")  # fmt: skip
    plan = [{"level": "household", "fact": name, "settles": 3} for name in ("decided", "people")]
    desk.package = package(family(plan=plan), facts=[*FACTS, decided])
    phone.open()
    phone.begin()

    phone.open_visit()
    office = phone.page.locator("[data-office]")
    office.locator("summary").click()
    office.locator("[data-ask=decided] [data-value=true]").click()

    assert phone.page.locator("main > .card").first.locator("[data-ask]").count() == 1
    assert "0/1" in phone.page.inner_text("[data-write]")
    phone.writes()
    phone.waits_until_all_is_sent()
    (entry,) = desk.entries.values()
    assert entry["says"]["household"] == {"decided": True}


def test_a_visit_is_discarded_only_by_a_second_press(desk, phone):
    phone.open()
    phone.begin()
    phone.open_visit()
    phone.page.fill("[data-words]", "新装了水管")

    phone.page.click("[data-discard]")
    assert "再按一次" in phone.page.inner_text("[data-discard]")
    assert phone.page.input_value("[data-words]") == "新装了水管"
    phone.page.click("[data-discard]")
    phone.page.wait_for_selector("[data-visit]")
    phone.page.click("[data-visit]")
    phone.page.wait_for_selector("[data-words]")

    assert phone.page.input_value("[data-words]") == ""
    assert phone.said == []


def test_who_is_there_signs_and_is_named(desk, phone):
    phone.open()
    phone.begin()
    phone.open_visit()
    phone.page.click("button:has-text('黄小月')")
    phone.page.click("button:has-text('按手印')")
    phone.writes()
    phone.waits_until_all_is_sent()

    (signed,) = (each["says"] for each in desk.entries.values() if each["kind"] == "signature")
    assert (signed["of"], signed["person"]) == ("家人", CHILD)
    assert "黄小月" in signed["words"]


def test_a_photo_of_two_visits_stays_with_one_when_it_leaves_the_other(desk, phone):
    phone.open()
    phone.begin()
    desk.stop()
    photo = taken_photo(phone)
    note_a_visit(phone, photo=photo)

    for press in (".photos figcaption button", "[data-discard]"):
        phone.open_visit(OTHER)
        phone.page.set_input_files("[data-photo]", photo)
        phone.page.wait_for_selector(".photos canvas")
        phone.page.click(press)
        phone.page.wait_for_timeout(300)
    phone.page.click("[data-discard]")
    phone.page.wait_for_selector("[data-visit]")
    kept = phone.photos_kept()
    desk.start()
    phone.waits_until_all_is_sent()

    assert kept == 1
    assert len(desk.files) == 1
    assert phone.said == []


def test_a_signature_that_was_taken_back_leaves_nothing_that_waits(desk, phone):
    phone.open()
    phone.begin()
    phone.open_visit()
    for stroke in (20, 80):
        phone.page.click(".signs:last-of-type [data-sign]")
        draws(phone.page, stroke)
        phone.page.click("[data-signed]")
        phone.page.wait_for_selector(".signs:last-of-type .tag.good")
        if stroke == 20:
            phone.page.click(".signs:last-of-type [data-sign]")
            phone.until(lambda: phone.photos_kept() == 0)

    phone.writes()
    phone.waits_until_all_is_sent()

    (signature,) = (each for each in desk.entries.values() if each["kind"] == "signature")
    assert [*desk.files] == signature["says"]["evidence"]
    assert phone.photos_kept() == 0


def draws(page, across):
    """A stroke on the paper for a signature."""
    paper = page.locator("[data-paper]")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + across, box["y"] + 70, steps=4)
    page.mouse.up()
