"""The income account goes down as the rulebook adds it up."""

from __future__ import annotations

from datetime import date

import pytest

from tests import makers
from tests.sync.phones import Phone, helper
from yihu.book import dictionary
from yihu.rulebook.one_card import OneCard
from yihu.sync.account import accounts

ON = date(2020, 10, 17)


def said(section):
    return section["label"]["zh"], len(section["facts"]), section["takes"]


@pytest.mark.parametrize(
    ("n", "rule"), [(0, "per_person_right"), (1, "register_per_person_agrees")]
)
def test_what_a_phone_adds_up_is_what_the_rulebook_reckons(n, rule):
    card = {"people": 1, "registered_poor": True}
    net, at = 0, 1000
    for section in accounts(ON)[n]["sections"]:
        for name in section["facts"]:
            at += 7
            card[name] = at
            net += -at if section["takes"] else at
    reader = OneCard(dictionary.active(), on=ON, about="household")

    right, wrong = (
        reader.answers(card | {"income_per_person_stated": stated})[rule].word
        for stated in (net, net + 2)
    )

    assert (right, wrong) == ("holds", "fails")


def test_the_register_has_its_nine_lines_in_sections():
    reckoning, register = accounts(ON)

    assert [said(each) for each in reckoning["sections"]] == [
        ("家庭总收入（核算）", 5, False), ("生产经营性支出", 1, True),
    ]  # fmt: skip
    assert [said(each) for each in register["sections"]] == [
        ("登记表经营性收入合计", 14, False), ("登记表工资性收入合计", 5, False),
        ("登记表财产性收入合计", 3, False), ("登记表政策性收入合计", 9, False),
        ("其他收入", 1, False), ("登记表支出合计", 4, True),
    ]  # fmt: skip
    assert register["sections"][0]["agrees"] == "operating_income"
    assert register["per_person"]["zh"] == "登记表人均纯收入"


@pytest.mark.django_db
def test_the_account_comes_with_the_facts_and_not_again(settings):
    settings.TODAY = makers.TODAY.isoformat()
    phone = Phone(helper("Gu", makers.household()))

    first, second = phone.pull()["own"], phone.pull()["own"]

    assert first["account"] == accounts(makers.TODAY)
    assert "account" not in second
