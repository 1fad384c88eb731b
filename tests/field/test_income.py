"""The income account on the phone: what it comes to while it is filled in, and of which year."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.families import FACTS, fact, family, known, package, text
from tests.field.phones import BUILT

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
LINES = {
    "wage_near": "乡镇内务工收入", "wage_far": "区外务工收入", "crop_cost": "种植业支出",
    "grain_subsidy": "粮食直补",
}  # fmt: skip
WAGES = {
    "label": text("登记表工资性收入合计", "register line 2: wages"),
    "facts": ["wage_near", "wage_far"], "takes": False, "agrees": "wage_income",
}  # fmt: skip
COSTS = {
    "label": text("登记表支出合计", "register line 7: costs"),
    "facts": ["crop_cost"], "takes": True, "agrees": None,
}  # fmt: skip
ACCOUNT = {
    "net": text("登记表纯收入", "register line 8: net"),
    "per_person": text("登记表人均纯收入", "register line 9: per head"),
    "sections": [WAGES, COSTS],
}
MONEY = [
    fact("household", name, "money", zh, name, unit=text("元/年", "yuan/year"), low=0, high=10**7)
    for name, zh in LINES.items()
]


def opens_the_account(desk, phone, **facts):
    desk.package = package(family(facts=facts), facts=[*FACTS, *MONEY], account=[ACCOUNT])
    phone.open()
    phone.begin()
    phone.open_visit()
    phone.page.click("[data-income] > summary")
    phone.page.click("[data-section=wage_near] > summary")
    phone.page.click("[data-section=crop_cost] > summary")


def sums(phone):
    wages, costs = (
        phone.page.inner_text(f"[data-section={name}] [data-sum]")
        for name in ("wage_near", "crop_cost")
    )
    return wages, costs, phone.page.inner_text("[data-net]")


def types(phone, **lines):
    for name, yuan in lines.items():
        phone.page.fill(f"[data-ask={name}] input", yuan)
    phone.page.focus("[data-words]")


def test_sums_run_along_and_are_said_to_be_so_far_until_all_is_there(desk, phone):
    opens_the_account(desk, phone)

    before = sums(phone)
    types(phone, wage_near="12000", crop_cost="2000")
    partly = sums(phone)
    types(phone, wage_far="0")
    wholly = sums(phone)

    assert before == ("没填", "没填", "登记表纯收入：没填")
    assert partly == (
        "已填 12,000 元（1/2 项）", "2,000 元",
        "登记表纯收入：已填 10,000 元（2/3 项），人均 5,000 元（2 人）",
    )  # fmt: skip
    assert wholly == ("12,000 元", "2,000 元", "登记表纯收入：10,000 元，人均 5,000 元（2 人）")
    phone.writes()
    phone.waits_until_all_is_sent()
    (entry,) = desk.entries.values()
    assert entry["says"]["household"] == {"wage_near": 12000, "crop_cost": 2000, "wage_far": 0}


def test_what_was_said_in_an_earlier_year_counts_once_it_is_confirmed(desk, phone):
    opens_the_account(desk, phone, wage_near=known(9000, "2019-12-30"))

    before = sums(phone)[0]
    phone.page.click("[data-ask=wage_near] [data-same]")
    after = sums(phone)[0]
    heading = phone.page.inner_text("[data-income] > summary")

    year = phone.page.evaluate("new Date().getFullYear()")
    assert (before, after) == ("没填", "已填 9,000 元（1/2 项）")
    assert heading.endswith(f"收入登记（{year}年全年）")


def test_a_section_that_differs_from_what_was_said_in_all_says_so(desk, phone):
    opens_the_account(desk, phone)
    phone.page.click("summary:has-text('不计入合计的其他各项')")

    types(phone, wage_income="15000", wage_near="12000")
    before = phone.page.locator("[data-differs]").count()
    types(phone, wage_far="1000")

    assert before == 0
    assert "与“工资性收入”15,000 元对不上" in phone.page.inner_text("[data-differs]")
