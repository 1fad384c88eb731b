"""Lines by day, place and size: docs/language.md §1 (lines) and §3 (money)."""

from datetime import date

import pytest

from tests.rulebook.books import fault, holds, members, refused, rulebook, value

U = None
INCOME = """
[line.income]
title = { zh = "国家标准", en = "national line" }
unit = "yuan/person/year"
2018-01-01 = { value = 2995, source = "s", mark = "K" }
2019-01-01 = { value = 3218.5, source = "s", mark = "K" }
2021-01-01 = { mark = "HOLE", source = "not found" }
"""


@pytest.mark.parametrize(
    ("on", "fen"),
    [
        (date(2017, 12, 31), U), (date(2018, 1, 1), 299500), (date(2018, 12, 31), 299500),
        (date(2019, 1, 1), 321850), (date(2020, 12, 31), 321850), (date(2021, 1, 1), U),
    ],
)  # fmt: skip
def test_a_line_is_the_value_of_its_day_and_unknown_before_and_in_a_hole(on, fen):
    assert value("line.income", unit="yuan/year", more=INCOME, on=on) == fen
    answer = holds("income < line.income", {"income": 2999}, more=INCOME, on=on)
    assert answer is (U if fen is None else fen == 321850)


def test_a_hole_leaves_what_does_not_need_it():
    text = "rooms = 1 and income < line.income"
    hole = date(2021, 1, 1)

    assert holds(text, {"income": 1, "rooms": 2}, more=INCOME, on=hole) is False
    assert holds("round(income - line.income) > 1", {"income": 1}, more=INCOME, on=hole) is U
    assert holds("income in (1) and income < line.income", {"income": 2}, more=INCOME,
                 on=hole) is False  # fmt: skip


def test_the_unit_says_whether_a_line_is_money():
    plain = INCOME.replace("yuan/person/year", "share").replace("3218.5", "0.5")

    assert holds("area < line.income", {"area": 0.4}, more=plain) is True
    assert "money and a number do not go together" in str(fault("income < line.income", more=plain))


def test_a_fraction_of_a_fen_is_kept():
    third = INCOME.replace("3218.5", "3218.6667")

    assert value("line.income * 3", unit="yuan", more=third) == pytest.approx(965600.01)


BY_PLACE = """
[line.allowance]
unit = "yuan/person/month"
by = "county"
2020-01-01 = { value = { "450000" = 350, "451022" = 360, "4510" = 355, "*" = 400 }, source = "s" }
"""


@pytest.mark.parametrize(
    ("code", "yuan"), [("451022", 360), ("451023", 355), ("450000", 350), ("110000", 400)]
)
def test_a_line_by_place_takes_the_longest_beginning_of_the_code(code, yuan):
    card = members({"sick": True}, county={"id": code})

    assert holds(f"line.allowance = {yuan}", card, more=BY_PLACE) is True
    assert holds(f"line.allowance = {yuan}", card, about="person", more=BY_PLACE) is True
    assert holds(f"line.allowance = {yuan}", {"id": code}, about="county", more=BY_PLACE) is True
    assert holds(f"sum(line.allowance where member.sick) = {yuan}", card, more=BY_PLACE) is True


def test_a_line_by_place_is_unknown_where_no_key_fits():
    without = BY_PLACE.replace(', "*" = 400', "")

    assert holds("line.allowance > 0", {"county": {"id": "11"}}, more=without) is U


BY_SIZE = """
[derived.household.size]
label = { zh = "人口", en = "size" }
value = "count(member)"
unit = "persons"
[line.food]
unit = "yuan/household/month"
by = "size"
2020-01-01 = { value = { "1" = 600, "2" = 900, "3+" = 1100 }, source = "s" }
"""


@pytest.mark.parametrize(("people", "yuan"), [(1, 600), (2, 900), (3, 1100), (7, 1100)])
def test_a_line_by_size_takes_the_cell_that_fits(people, yuan):
    assert holds(f"line.food = {yuan}", members(*[{}] * people), more=BY_SIZE) is True


def test_a_line_by_size_is_unknown_without_the_size():
    assert holds("line.food > 0", members(), more=BY_SIZE) is U


def test_a_line_by_a_code_takes_its_key_or_chinese_name():
    by_grade = """
    [line.repair]
    unit = "yuan"
    by = "grade"
    2020-01-01 = { value = { "c" = 7500, "D级" = 20000 }, source = "s" }
    """

    assert holds("line.repair = 7500", {"grade": "c"}, more=by_grade) is True
    assert holds("line.repair = 20000", {"grade": "d"}, more=by_grade) is True
    assert holds("line.repair = 20000", {"grade": "a"}, more=by_grade) is U
    assert holds("line.repair = 20000", {}, more=by_grade) is U


def test_a_line_whose_key_is_no_fact_of_the_level_is_refused():
    assert "unknown fact “size”" in str(fault("sum(household.rooms) > line.food", about="village",
                                              more=BY_SIZE))  # fmt: skip
    wrong = BY_SIZE.replace('"1" = 600', '"one" = 600')
    assert "the cell “one” is not understood" in str(fault("line.food > 0", more=wrong))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('mark = "HOLE", ', ""), "there is no value"),
        (("value = 2995", 'value = "2995"'), "'2995' is no amount"),
        (("value = 2995", "value = true"), "True is no amount"),
        (("value = 2995", "value = nan"), "nan is no amount"),
        (("value = 2995", "value = inf"), "inf is no amount"),
        (("value = 2995", "value = [1]"), "[1] is no amount"),
        (("value = 2995", "value = 2020-01-01"), "all numbers or all days"),
        (("value = 2995", "value = 2020-01-01T00:00:00Z"), "is no amount"),
        (("value = 2995", "value = { a = 1 }"), "needs “by”"),
        (("value = 2995", f"value = {10**16}"), "is no amount"),
        (('source = "s", ', ""), "“source” is missing"),
        (("2018-01-01", '"2018-13-01"'), "“2018-13-01” is not a day"),
        (("2018-01-01", "januar"), "unknown key “januar”"),
        (('unit = "yuan/person/year"', ""), "“unit” is missing"),
        (('mark = "K"', 'mark = "X"'), "mark = 'X'; expected one of S, K, D, HOLE"),
    ],
)
def test_a_line_written_wrongly_is_refused(change, why):
    assert why in str(refused(INCOME.replace(*change)))


def test_a_line_without_any_day_is_refused():
    refusal = refused('[line.x]\nunit = "yuan"')

    assert "a line needs at least one dated value" in refusal.sentence("en")
    assert "标准至少要有一个有日期的值" in refusal.sentence("zh")


def test_lines_are_read_in_order_of_their_days_wherever_they_stand():
    turned = INCOME.replace("2018-01-01", "2020-06-01")

    assert value("line.income", unit="yuan", more=turned) == 299500
    assert rulebook(turned).lines["income"].steps[0][0] == date(2019, 1, 1)
