"""Assumptions, bounds, rounding and at_least: docs/language.md §2 and §3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rulebook.books import fault, holds, value

T, F, U = True, False, None


def money(text, **card):
    return value(text, card, unit="yuan/year")


def number(text, **card):
    return value(text, card, unit="rooms")


@pytest.mark.parametrize(
    ("card", "two", "three"),
    [
        ({"water": True, "power": True, "road": True}, T, T),
        ({"water": True, "power": True}, T, U),
        ({"water": True}, U, U),
        ({"water": True, "power": False}, U, F),
        ({"water": False, "power": False}, F, F),
        ({}, U, U),
    ],
)
def test_at_least_is_as_sharp_as_a_count(card, two, three):
    assert holds("at_least(2, water, power, road)", card) is two
    assert holds("at_least(3, water, power, road)", card) is three


def test_at_least_none_holds_and_at_least_too_many_fails():
    assert holds("at_least(0, water)") is T
    assert holds("at_least(2, water)") is F


def test_if_unknown_takes_its_second_value_only_where_the_first_is_unknown():
    assert money("if_unknown(income, 0) + 1") == 100
    assert money("if_unknown(income, 0) + 1", income=2) == 300
    assert holds("if_unknown(water, false)") is F
    assert holds("if_unknown(grade, 'd') = 'd'") is T
    assert holds("if_unknown(grade, 'd') = 'd'", {"grade": "a"}) is F
    assert holds("if_unknown(visited, '2020-01-01') = '2020-01-01'") is T
    assert holds("if_unknown(phone, '-') = '-'") is T
    assert money("if_unknown(income, debt)", debt=1.5) == 150
    assert holds("if_unknown(rooms, area) > 1.5", {"area": 2}) is T


def test_capped_and_not_below_bring_both_sides_to_one_type():
    assert money("capped(income, 12)", income=20) == 1200
    assert money("capped(income, 12)", income=2) == 200
    assert money("not_below(income - debt, 0)", income=1, debt=2) == 0
    assert money("capped(income, 12)") is U
    assert holds("not_below(visited, '2020-01-01') = '2020-01-01'", {"visited": "2019-01-01"}) is T
    assert number("not_below(rooms, 2)", rooms=1) == 2


@pytest.mark.parametrize(
    ("text", "fen", "found"),
    [
        ("round(income / 2)", 0.01, 1), ("round(income / 2)", 0.03, 2),
        ("round(income / 2)", -0.01, 0), ("round(income / 2)", -0.03, -1),
        ("round_down(income / 2)", 0.03, 1), ("round_down(income / 2)", -0.03, -2),
        ("round_up(income / 2)", 0.03, 2), ("round_up(income / 2)", -0.03, -1),
        ("round(income, 100)", 149.99, 10000), ("round(income, 100)", 150, 20000),
        ("round_down(income, 100)", 199.99, 10000), ("round_up(income, 100)", 100.01, 20000),
        ("round_down(income, 1)", 3.99, 300), ("round(income)", 3.99, 399),
    ],
)  # fmt: skip
def test_rounding_is_half_up_down_or_up_to_whole_units(text, fen, found):
    assert money(text, income=fen) == found


def test_numbers_round_to_whole_numbers_and_to_whole_tens():
    assert number("round(area)", area=2.5) == 3
    assert number("round_down(area / 10)", area=99) == 9
    assert number("round(rooms, 10)", rooms=15) == 20
    assert number("round(rooms)", rooms=15) == 15


def test_what_is_too_large_to_be_a_whole_number_is_unknown_when_rounded():
    assert number("round(income / debt / area)", income=1e9, debt=0.01, area=1e-9) is U
    assert number("round(income / debt / area)", income=100, debt=0.01, area=1) == 10000


@given(st.integers(-(10**9), 10**9), st.integers(1, 40))
def test_a_quotient_rounded_down_is_whole_division(fen, people):
    card = {"income": fen / 100, "rooms": people}

    assert value("round_down(income / rooms)", card, unit="yuan") == fen // people


@pytest.mark.parametrize(
    ("text", "card", "found"),
    [
        ("income + 0.5", {"income": 1}, 150),
        ("0.5 + income", {"income": 1}, 150),
        ("-income", {"income": 1}, -100),
        ("income * 2", {"income": 1.5}, 300),
        ("2 * income", {"income": 1.5}, 300),
        ("income * rooms", {"income": 1.5, "rooms": 3}, 450),
        ("income * 0.5", {"income": 0.01}, 0.5),
        ("income / rooms", {"income": 1, "rooms": 4}, 25.0),
        ("income / rooms", {"income": 1, "rooms": 0}, None),
        ("98% * income", {"income": 1}, 98.0),
        ("income - debt - 1", {"income": 10, "debt": 4}, 500),
        ("income - (debt - 1)", {"income": 10, "debt": 4}, 700),
        ("100 * 12 + income", {"income": 1}, 120100),
        ("case when water then 100 else income end", {"water": True}, 10000),
        ("case when water then 1 else 0.5 end", {"water": False}, 50),
        ("case when water then 100 when power then 0.005 else 1 end",
         {"water": False, "power": True}, 0.5),
        ("income + case when water then 1 else 2 end", {"income": 1, "water": False}, 300),
        ("income + debt", {"income": 1}, None),
    ],
)  # fmt: skip
def test_a_plain_number_beside_money_is_yuan(text, card, found):
    assert money(text, **card) == found


def test_money_by_money_is_a_number():
    assert number("income / debt", income=3, debt=2) == 1.5
    assert number("income / debt", income=3, debt=0) is U
    assert holds("income / debt >= 50%", {"income": 1, "debt": 2}) is T
    assert holds("income >= 50% * debt", {"income": 1, "debt": 2}) is T


def test_whole_numbers_stay_whole_and_fractions_are_floats():
    assert number("rooms + 1", rooms=2) == 3
    assert number("rooms * rooms - 1", rooms=3) == 8
    assert number("rooms / 2", rooms=3) == 1.5
    assert number("rooms + area", rooms=1, area=0.5) == 1.5
    assert holds("rooms = 2.5", {"rooms": 2}) is F
    assert holds("rooms > 1.5", {"rooms": 2}) is T


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("at_least(true, water)", "expected a fixed number from 0 to 200"),
        ("at_least(1.5, water)", "expected a whole number"),
        ("at_least(rooms, water)", "expected a fixed number"),
        ("at_least(1)", "at_least is written at_least(k, a, b, …)"),
        ("at_least(1, rooms)", "expected a condition, this is a whole number"),
        ("if_unknown(water, 1)", "a condition and a whole number do not go together"),
        ("if_unknown(water)", "if_unknown is written if_unknown(x, v)"),
        ("capped(grade, 'a') = 'a'", "this has no order"),
        ("capped(income, rooms) = 1", "money and a whole number do not go together"),
        ("round(water) = 1", "expected a number, this is a condition"),
        ("round(income, 0) = 1", "expected a fixed number from 1"),
        ("round(income, 1.5) = 1", "expected a whole number"),
        ("round(income, rooms) = 1", "expected a fixed number"),
        ("income > case when water then rooms else 1 end", "money and a whole number"),
        ("case when rooms then 1 else 2 end = 1", "expected a condition"),
        ("case when water then 'a' else 1 end = grade", "do not go together"),
    ],
)  # fmt: skip
def test_what_takes_other_parts_is_refused(text, why):
    assert why in str(fault(text))


WIDE = """
[fact.household.big]
type = "whole"
unit = "n"
label = { zh = "大", en = "big" }
[fact.household.small]
type = "whole"
unit = "n"
range = [-9, 9]
label = { zh = "小", en = "small" }
[fact.household.huge]
type = "number"
unit = "n"
label = { zh = "巨", en = "huge" }
"""


@pytest.mark.parametrize(
    "text",
    [
        "big * big * big > 1",
        "income * big > 1",
        "sum(household.big) * 65 > 1",
        "999999999999999 * 999999999999999 > rooms",
        "huge" + " * huge" * 20 + " > 1",
        "income / huge / huge / huge / huge / huge > 1",
    ],
)
def test_what_could_leave_64_bits_is_refused(text):
    about = "village" if "household" in text else "household"

    assert "the result could leave 64 bits" in str(fault(text, about=about, more=WIDE))


def test_what_a_range_keeps_small_is_not_refused():
    text = "small" + " * small" * 15 + " > 0"

    assert holds(text, {"small": 9}, more=WIDE) is T
    assert holds("big * big > 0", {"big": -(2**31)}, more=WIDE) is T
