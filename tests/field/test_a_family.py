"""A family on the phone: what was written last of it, and what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import CHILD, FACTS, HOME, OTHER, fact, family, known, package, text
from tests.field.phones import BUILT

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
PAST = {"kind": "help", "seen_on": "2020-09-05", "by": "Mei"}
HELP = [
    PAST | {"number": 9, "measure": "教育培训", "yuan": 1500, "person": CHILD, "words": "开学"},
    PAST | {"number": 8, "measure": "送来三只羊", "yuan": None, "person": None, "words": ""},
    # Of a desk that does not say what it was.
    PAST | {"number": 7, "words": "送去化肥"},
]


def goes_to_the_family(phone) -> None:
    phone.go(f"/family/{HOME}")
    phone.page.wait_for_selector("[data-family-page]")


def test_help_says_which_how_much_and_to_whom_in_both_languages(desk, phone):
    desk.package = package(family(past=HELP))
    phone.open()
    phone.begin()

    goes_to_the_family(phone)
    said = [phone.page.inner_text(f"[data-past='{n}'] span:first-child") for n in (9, 8, 7)]
    phone.go("/own")
    phone.page.click("[data-en]")
    goes_to_the_family(phone)
    in_english = phone.page.inner_text("[data-past='9'] span:first-child")

    assert said == [
        "帮扶：教育培训 · 1,500 元 · 黄小月 · 开学", "帮扶：送来三只羊", "帮扶：送去化肥",
    ]  # fmt: skip
    assert in_english == "Help: Schooling, training · 1,500 yuan · 黄小月 · 开学"


def test_a_day_planned_at_the_desk_comes_first_today_and_stands_on_the_family(desk, phone):
    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    plan = {"planned_on": day, "planned_why": text("您的走访计划", "your own plan")}
    desk.package = package(
        family(OTHER, "农大明", due_on="2020-10-01"), family(due_on="2099-01-01", gaps=[], **plan)
    )
    phone.open()
    phone.begin()

    first = phone.page.locator("[data-family]").first.inner_text()
    goes_to_the_family(phone)
    on_it = phone.page.inner_text("[data-planned]")

    assert "黄秀英" in first
    assert "定在今天去，您的走访计划" in first
    assert on_it == "定在今天去，您的走访计划"


def test_several_values_stand_with_a_comma_in_english(desk, phone):
    several = [
        {"key": "ill", "label": text("患病", "illness")},
        {"key": "school", "label": text("上学", "schooling")},
    ]
    causes = fact("household", "causes", "codes", "致贫原因", "causes", codes=several)
    desk.package = package(
        family(facts={"causes": known(["ill", "school"])}), facts=[*FACTS, causes]
    )
    phone.open()
    phone.begin()
    goes_to_the_family(phone)
    phone.page.click("summary:has-text('户情况')")
    said = phone.page.inner_text("dd")

    phone.go("/own")
    phone.page.click("[data-en]")
    goes_to_the_family(phone)
    phone.page.click("summary:has-text('The household')")
    in_english = phone.page.inner_text("[data-family-page] details[open] dd")

    assert "患病、上学" in said
    assert "illness, schooling" in in_english
