"""Cards given by hand: what they may hold, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.rulebook.books import ON, RULE, members, ordinary, quoted, rulebook, with_text
from yihu.rulebook.cards import MOST_THINGS, things_under, value_of
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.refusals import Refused
from yihu.rulebook.tree import day_number

FACTS = ordinary().facts


def read(name, value, level="household"):
    return value_of(FACTS[level, name], value)


def refused(card, about="household"):
    texts = {"person": "sick", "household": "water"}
    reader = OneCard(with_text(texts.get(about, "any(household.water)"), about), ON, about)
    with pytest.raises(Refused) as refusal:
        reader.answers(card)
    return refusal.value


def family(card, about="household"):
    texts = {"person": "sick", "household": "water", "village": "poor", "county": "old"}
    return OneCard(with_text(texts[about], about), ON, about).reader.card(card, about)


@pytest.mark.parametrize(
    ("level", "name", "value", "found"),
    [
        ("household", "water", True, True),
        ("household", "rooms", 3, 3),
        ("household", "income", 12.34, 1234),
        ("household", "income", -1, -100),
        ("household", "income", Decimal("0.1"), 10),
        ("household", "area", 3, 3.0),
        ("household", "visited", "2020-01-31", day_number(2020, 1, 31)),
        ("household", "visited", date(2020, 1, 31), day_number(2020, 1, 31)),
        ("household", "visited", datetime(2020, 1, 31, tzinfo=UTC), day_number(2020, 1, 31)),
        ("household", "left_in", "2020-01", 24240),
        ("household", "left_in", date(2020, 1, 31), 24240),
        ("household", "grade", "c", 2),
        ("household", "grade", "C级", 2),
        ("household", "grade", "grade C", 2),
        ("person", "gets", ["a", "d"], 9),
        ("person", "gets", [], 0),
        ("household", "phone", " 12 ", "12"),
        ("household", "phone", "", None),
    ],
)
def test_values_are_read_into_the_form_of_the_tree(level, name, value, found):
    got = read(name, value, level)

    assert got == found
    assert type(got) is type(found)


@pytest.mark.parametrize(
    ("level", "name", "value", "expected"),
    [
        ("household", "water", 1, "true or false"),
        ("household", "water", "yes", "true or false"),
        ("household", "rooms", 3.0, "a whole number (0–200)"),
        ("household", "rooms", True, "a whole number (0–200)"),
        ("household", "rooms", 201, "a whole number (0–200)"),
        ("household", "rooms", 10**30, "a whole number (0–200)"),
        ("household", "income", 0.001, "money in yuan, to the fen"),
        ("household", "income", "12", "money in yuan, to the fen"),
        ("household", "income", float("inf"), "money in yuan, to the fen"),
        ("household", "income", 10**12, "(-10000000000–10000000000)"),
        ("household", "area", float("nan"), "a number (0–100000)"),
        ("household", "area", "3", "a number (0–100000)"),
        ("household", "visited", 20200131, "a day such as 2020-09-01"),
        ("household", "visited", "2020-02-30", "a day such as 2020-09-01"),
        ("household", "left_in", "2020-13", 'a month such as "2020-09"'),
        ("household", "grade", "e", "one of: a, b, c, d"),
        ("household", "grade", ["a"], "one of: a, b, c, d"),
        ("person", "gets", "a", "a list of: a, b, c, d"),
        ("person", "gets", ["a", "x"], "a list of: a, b, c, d"),
        ("person", "gets", 3, "a list of: a, b, c, d"),
        ("household", "phone", 12, "text"),
    ],
)
def test_a_value_of_a_wrong_kind_is_refused_with_what_was_expected(level, name, value, expected):
    with pytest.raises(Refused) as refusal:
        read(name, value, level)

    assert refusal.value.code == "card.bad_value"
    assert expected in str(refusal.value)
    assert refusal.value.sentence("zh") != str(refusal.value)


def test_bounds_are_shown_as_they_are_written_on_a_card():
    text = """
    [fact.household.paid]
    type = "date"
    range = [2000-01-01, 2030-12-31]
    label = { zh = "日", en = "day" }
    [fact.household.month]
    type = "month"
    range = ["2000-01", "2030-12"]
    label = { zh = "月", en = "month" }
    """
    facts = rulebook(text).facts

    with pytest.raises(Refused, match=r"\(2000-01-01–2030-12-31\)"):
        value_of(facts["household", "paid"], "1999-12-31")
    with pytest.raises(Refused, match=r"\(2000-01–2030-12\)"):
        value_of(facts["household", "month"], "1999-12")


# -- families -------------------------------------------------------------------------------------


def test_a_household_card_has_members_and_what_lies_above():
    found = family(
        members({"sick": True}, {"times": 2}, village={"id": "v9"}, county={"old": True})
    )

    assert [t.level for t in found.above] == ["village", "county", "population"]
    assert [t.id for t in found.above] == ["v9", "county-1", "population-1"]
    assert len(found.top.below) == 3
    assert found.at("person") == found.top.below


def test_a_person_may_stand_alone_in_a_household():
    alone = family({"sick": True, "household": {"water": True, "members": [{}]}}, "person")

    assert alone.top.values == {"water": True}
    assert [p.values for p in alone.at("person")] == [{"sick": True}, {}]


def test_a_place_card_may_list_what_lies_several_levels_below():
    found = family({"households": [{"times": 3}, members({})]}, "county")

    assert [t.level for t in things_under(found.top)][:3] == ["county", "village", "household"]
    assert len(found.at("household")) == 4
    assert len(found.at("person")) == 1


def test_ids_are_unique_unless_given():
    found = family({"households": [{"times": 2}, {"id": "own"}]}, "village")

    assert [h.id for h in found.at("household")] == ["village-1/1", "village-1/2", "own"]


@pytest.mark.parametrize(
    ("card", "about", "why"),
    [
        ({"watr": True}, "household", "no fact of a household; did you mean “water”?"),
        ({"sick": True}, "household", "“sick”, which is no fact of a household"),
        ({"last": {"x": 1}}, "household", "“x”, which is no fact of a household"),
        ({"last": 3}, "household", "last = 3; expected a table"),
        ({"members": 3}, "household", "person = 3; expected a list"),
        ({"members": "ab"}, "household", "person = 'ab'; expected a list"),
        ({"members": [3]}, "household", "person = 3; expected a table"),
        ({"members": {"a": 1}}, "household", "expected a list"),
        ({"village": 3}, "household", "village = 3; expected a table"),
        ({"village": None}, "household", "village = None; expected a table"),
        ({"households": []}, "household", "“households”, which is no fact of a household"),
        ({"member": {}}, "household", "“member”, which is no fact of a household"),
        ({"members": [{"times": -1}]}, "household", "times = -1; expected 0–100000"),
        ({"members": [{"times": "2"}]}, "household", "times = '2'"),
        ({"members": [{"times": True}]}, "household", "times = True"),
        ({"members": [{"times": 10**9}]}, "household", "times = 1000000000"),
        ({"households": [{"times": MOST_THINGS}, {}]}, "village", "times = 1; expected 0–0"),
        ({"members": []}, "person", "members = []; expected one at least"),
        ({"household": 3, "sick": True}, "person", "household = 3; expected a table"),
        ({"household": {"members": 3}, "sick": True}, "person", "members = 3; expected a list"),
        ([], "household", "household = []; expected a table"),
        ("water", "household", "household = 'water'; expected a table"),
    ],
)  # fmt: skip
def test_what_is_no_card_is_refused(card, about, why):
    refusal = refused(card, about)

    assert why in str(refusal)
    assert "卡片里" in refusal.sentence("zh")


def test_a_given_value_that_no_rule_asks_for_is_left_out():
    more = """
    [derived.household.mean]
    label = { zh = "平均", en = "mean" }
    value = "rooms + 1"
    unit = "n"
    given = true
    """
    book = rulebook(RULE.format(about="household", text=quoted("water")) + more)

    assert OneCard(book, ON, "household").answers({"water": True, "mean": 3})["it"].holds is True
