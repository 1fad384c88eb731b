"""Ages, months and days: docs/language.md §2."""

import operator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rulebook.books import fault, holds, value

LEAP = "2008-02-29"
OPS = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt,
    "=": operator.eq, "<>": operator.ne,
}  # fmt: skip


def age(birth, on):
    return value("age(birth)", {"birth": birth}, about="person", unit="years", on=on)


def test_the_birthday_counts_from_the_day_itself():
    assert age("2008-09-01", date(2020, 8, 31)) == 11
    assert age("2008-09-01", date(2020, 9, 1)) == 12


def test_who_is_born_on_29_february_is_a_year_older_on_1_march():
    assert age(LEAP, date(2009, 2, 28)) == 0
    assert age(LEAP, date(2009, 3, 1)) == 1
    assert age(LEAP, date(2012, 2, 29)) == 4


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_an_age_is_the_number_of_birthdays_behind(birth, on):
    years = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))

    assert age(birth, on) == years


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("years", [11, 12, 13])
def test_an_age_compared_is_the_same_as_the_age_worked_out(op, years):
    for birth in ("2008-08-31", "2008-09-01", "2008-09-02", "2007-09-01", "2009-02-28"):
        found = age(birth, date(2020, 9, 1))
        card = {"birth": birth}

        assert holds(f"age(birth) {op} {years}", card, about="person") is OPS[op](found, years)
        assert holds(f"{years} {op} age(birth)", card, about="person") is OPS[op](years, found)
    assert holds(f"age(birth) {op} {years}", {}, about="person") is None


def test_a_derived_age_is_compared_as_a_day_too():
    years = """
    [derived.person.age]
    label = { zh = "年龄", en = "age" }
    value = "age(birth)"
    unit = "years"
    """
    card = {"birth": "2008-09-01"}

    assert holds("age between 12 and 15", card, about="person", more=years) is True
    assert holds("年龄 < 12", card, about="person", more=years) is False
    assert holds("age in (11, 12)", card, about="person", more=years) is True
    assert holds("any(member.age > 12)", {"members": [card]}, more=years) is False


def test_an_age_may_be_asked_at_another_day():
    card = {"birth": "2008-12-31"}

    for text, years in [
        ("age(birth)", 11),
        ("age(birth, on)", 11),
        ("age(birth, year_end)", 12),
        ("age(birth, year_start)", 11),
        ("age(birth, '2018-12-31')", 10),
        ("age(birth, '2018-12-30')", 9),
    ]:
        assert holds(f"{text} = {years}", card, about="person") is True
        assert value(text, card, about="person", unit="years") == years


def test_a_line_that_is_a_day_may_be_a_day_to_count_to():
    census = """
    [line.census]
    unit = "day"
    2020-01-01 = { value = 2020-11-01, source = "a test" }
    """
    card = {"birth": "2008-10-31"}

    assert holds("age(birth, line.census) = 12", card, about="person", more=census) is True
    early = date(2019, 12, 31)
    assert (
        holds("age(birth, line.census) = 12", card, about="person", more=census, on=early) is None
    )
    assert holds("birth < line.census", card, about="person", more=census) is True
    assert holds("year(line.census) = 2020", card, about="person", more=census) is True
    assert holds("year(line.census) = 2020", card, about="person", more=census, on=early) is None


def test_months_are_whole_and_count_from_days_and_months():
    assert holds("months_since(visited) = 3", {"visited": "2020-06-01"}) is True
    assert holds("months_since(visited) = 2", {"visited": "2020-06-02"}) is True
    assert holds("months_since(left_in) = 3", {"left_in": "2020-06"}) is True
    assert holds("months_since(left_in, year_end) = 6", {"left_in": "2020-06"}) is True
    assert holds("months_since(left_in) >= 3", {"left_in": "2020-06"}) is True
    assert holds("months_since(left_in) >= 4", {"left_in": "2020-06"}) is False
    assert value("months_since(visited)", {"visited": "2020-09-02"}, unit="months") == -1


@given(st.dates(date(2019, 1, 1), date(2022, 1, 1)), st.integers(-400, 400))
def test_days_since_counts_days_of_the_calendar(visited, days):
    since = (date(2020, 9, 1) - visited).days

    assert holds(f"days_since(visited) <= {days}", {"visited": visited}) is (since <= days)
    assert holds(f"{days} < days_since(visited)", {"visited": visited}) is (days < since)
    assert holds(f"days_since(visited) = {days}", {"visited": visited}) is (since == days)


def test_days_since_takes_a_line_and_is_unknown_while_the_line_is():
    allowed = """
    [line.allowed]
    unit = "days"
    2020-01-01 = { value = 30, source = "a test" }
    """
    day = date(2020, 9, 1)
    near, far = ({"visited": day - timedelta(days=n)} for n in (30, 31))

    assert holds("days_since(visited) <= line.allowed", near, more=allowed) is True
    assert holds("days_since(visited) <= line.allowed", far, more=allowed) is False
    early = date(2019, 9, 1)
    assert holds("days_since(visited) <= line.allowed", near, more=allowed, on=early) is None


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_year_and_month_are_those_of_the_calendar(day):
    card = {"visited": day}

    assert value("year(visited)", card, unit="year") == day.year
    assert value("month(visited)", card, unit="month") == day.month
    assert holds(f"month_of(visited) = '{day.year:04d}-{day.month:02d}'", card) is True


def test_the_check_day_is_a_day_and_has_a_year_and_a_month():
    assert holds("on = '2020-09-01'") is True
    assert holds("year_start = '2020-01-01' and year_end = '2020-12-31'") is True
    assert holds("year(on) = 2020 and month(on) = 9 and month_of(on) = '2020-09'") is True
    assert holds("left_in < month_of(on)", {"left_in": "2020-08"}) is True


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("age(rooms) > 1", "age takes a day, this is a whole number"),
        ("age(left_in) > 1", "age takes a day, this is a month"),
        ("age(visited, visited) > 1", "expected on, year_start, year_end or a fixed day"),
        ("age(visited, 3) > 1", "expected on, year_start, year_end or a fixed day"),
        ("age(visited, '3') > 1", "“3” is not a day"),
        ("year(left_in) > 1", "year takes a day"),
        ("days_since(visited) + 1 > 2", "days_since(…) is compared with a whole number"),
        ("days_since(visited) < rooms", "days_since(day) is compared with a fixed whole number"),
        ("days_since(visited) < 1.5", "days_since(day) is compared with a fixed whole number"),
        ("days_since(visited) < true", "days_since(day) is compared with a fixed whole number"),
        ("days_since(rooms) < 1", "days_since(day) is compared with a fixed whole number"),
        ("days_since(visited, on) < 1", "days_since takes one day"),
        ("days_since(visited where water) < 1", "days_since takes one day"),
        ("days_since(visited) < 999999999", "at most 730000"),
        ("visited = 3", "a day and a whole number do not go together"),
        ("left_in = visited", "a month and a day do not go together"),
    ],
)  # fmt: skip
def test_a_day_that_means_nothing_is_refused(text, why):
    assert why in str(fault(text))
