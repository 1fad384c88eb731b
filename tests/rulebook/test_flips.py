"""The nearest single change: days the calendar has, amounts a family can have."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rulebook.books import ON, RULE, quoted, rulebook
from yihu.rulebook.days import day_of, number_of
from yihu.rulebook.explain import Explainer
from yihu.rulebook.explain.flips import flips


def nearest(text, card):
    """(fact, value, answer) of every single change, nearest first."""
    book = rulebook(RULE.format(about="household", text=quoted(text)))
    explainer = Explainer(book, ON, "it")
    row = explainer.rows(card)
    found = flips(explainer, row, explainer.explain(row))
    return [(flip.step.key[1], flip.value, flip.answer) for flip in found]


@pytest.mark.parametrize("day", [date(2004, 8, 31), date(2008, 3, 30), date(2012, 1, 31)])
@pytest.mark.parametrize("years", range(1, 40))
def test_a_day_that_would_turn_the_answer_is_in_the_calendar(day, years):
    card = {"members": [{"birth": day}]}

    found = nearest(f"all(age(member.birth) >= {years})", card)

    assert found
    assert all(day_of(value) for _, value, _ in found)


def test_the_day_is_the_nearest_that_turns_the_answer():
    found = nearest("all(age(member.birth) >= 16)", {"members": [{"birth": date(2005, 5, 5)}]})

    assert found == [("birth", number_of(date(2004, 9, 1)), True)]


def test_a_day_nobody_knows_is_looked_for_from_the_day_of_the_check():
    found = nearest("all(age(member.birth) >= 16)", {"members": [{}]})

    assert [(day_of(value), answer) for _, value, answer in found] == [
        (date(2004, 9, 1), True),
        (ON, False),
    ]


def test_no_amount_is_turned_to_less_than_nothing():
    assert nearest("income >= 0 - 5", {"income": 100}) == []
    assert nearest("income >= 0", {"income": -300}) == [("income", 0, True)]


def test_an_amount_just_under_the_line_is_found_however_far():
    found = nearest("income < 8870.92", {"income": 20000})

    assert found == [("income", 887091, True)]


def test_an_unknown_amount_is_told_where_the_answer_turns():
    found = nearest("income >= 4000", {})

    assert found == [("income", 400000, True), ("income", 0, False)]
