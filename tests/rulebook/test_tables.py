"""Decision tables: docs/language.md §1, “Decision tables”."""

from time import monotonic

import pytest

from tests.rulebook.books import ON, RULE, quoted, rulebook
from yihu.rulebook.bind import bind
from yihu.rulebook.language.parse import BadText
from yihu.rulebook.language.tables import sides
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.refusals import Refused

TABLE = """
[table.repair]
about = "household"
file = "repair.csv"
value = "yuan"
source = "a test"
"""
SHEET = """grade,water,yuan
a|b,*,0
c,是,7500
c,否,8000
D级,*,20000.5
"""


def book(sheet, text="table.repair > 0", more="", table=TABLE):
    rule = RULE.format(about="household", text=quoted(text))
    return rulebook(rule + table + more, repair=sheet)


def answer(sheet, card, text="table.repair > 0", **more):
    found = book(sheet, text, **more)
    return OneCard(found, ON, "household", ["it"]).answers(card)["it"].holds


def fault(sheet, **more):
    with pytest.raises(Refused) as refused_:
        book(sheet, **more)
    return str(refused_.value)


@pytest.mark.parametrize(
    ("card", "yuan"),
    [
        ({"grade": "a"}, 0),
        ({"grade": "b"}, 0),
        ({"grade": "c", "water": True}, 7500),
        ({"grade": "c", "water": False}, 8000),
        ({"grade": "d"}, 20000.5),
    ],
)
def test_a_table_is_read_from_the_top(card, yuan):
    assert answer(SHEET, card, f"table.repair = {yuan}") is True


def test_an_unknown_key_before_a_matching_row_is_unknown():
    assert answer(SHEET, {"grade": "c"}) is None
    assert answer(SHEET, {"water": True}) is None


NUMBERS = """rooms,area,yuan
0..1,*,1
2,< 30,2
2,>= 30,3
>= 3,<= 9.5,4
3+,> 9.5,5
"""


@pytest.mark.parametrize(
    ("rooms", "area", "yuan"),
    [(0, 1, 1), (1, 99, 1), (2, 29.9, 2), (2, 30, 3), (3, 9.5, 4), (200, 9.6, 5)],
)
def test_cells_may_be_numbers_bounds_and_ranges(rooms, area, yuan):
    card = {"rooms": rooms, "area": area}

    assert answer(NUMBERS, card, f"table.repair = {yuan}") is True


def test_money_keys_are_yuan():
    sheet = "income,yuan\n< 3000,2\n3000..5000,1\n> 5000,0\n"

    for yuan, due in [(2999.99, 2), (3000, 1), (5000, 1), (5000.01, 0)]:
        assert answer(sheet, {"income": yuan}, f"table.repair = {due}") is True


def test_gaps_are_refused_unless_otherwise_says_so():
    gap = SHEET.replace("c,否,8000\n", "")

    assert "table “repair” (small/rules.toml:11): no row fits for grade = c, water = 否" in fault(
        gap
    )
    otherwise = TABLE + "otherwise = 5\n"
    assert answer(gap, {"grade": "c", "water": False}, "table.repair = 5", table=otherwise) is True
    unknown = TABLE + 'otherwise = "unknown"\n'
    assert answer(gap, {"grade": "c", "water": False}, table=unknown) is None


def test_overlaps_are_refused_unless_first_says_so():
    over = SHEET.replace("c,否,8000", "c,*,8000")

    assert "rows [3, 4] overlap for grade = c, water = 是" in fault(over)
    first = TABLE + "first = true\n"
    card = {"grade": "c", "water": True}
    assert answer(over, card, "table.repair = 7500", table=first) is True


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        ("area,yuan\n<= 0.2,1\n>= 0.4,2\n", "no row fits for area = 0.3"),
        ("area,yuan\n<= 0.2,1\n>= 0.2,2\n", "rows [2, 3] overlap for area = 0.2"),
        ("area,yuan\n< 0.2,1\n> 0.2,2\n", "no row fits for area = 0.2"),
        ("income,yuan\n<= 10,1\n>= 10.02,2\n", "no row fits for income = 10.01"),
        ("rooms,yuan\n0..3,1\n5+,2\n", "no row fits for rooms = 4"),
        ("rooms,yuan\n1+,2\n", "no row fits for rooms = 0"),
        ("area,yuan\n0..50,2\n", "no row fits for area = 51"),
    ],
)
def test_gaps_and_overlaps_of_numbers_are_found_between_the_written_ones(sheet, why):
    assert why in fault(sheet)


def test_a_key_needs_no_row_beyond_its_range():
    assert answer("rooms,yuan\n0..200,1\n", {"rooms": 200}, "table.repair = 1") is True


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        (SHEET.replace("20000.5", "much"), "row 5: “much” is no amount"),
        (SHEET.replace("20000.5", "1e9"), "row 5: “1e9” is no amount"),
        (SHEET.replace("c,是,7500", "c,7500"), "row 3 has 2 cells, the heading 3"),
        (SHEET.replace("grade,", "grades,"), "unknown fact “grades”"),
        (SHEET.replace("c,是,7500", "c,perhaps,7500"), "the cell “perhaps” is not understood"),
        (SHEET.replace("a|b", "a|z"), "“z” is not in the code list “grade”"),
        ("rooms,yuan\nfew,1\n", "the cell “few” is not understood"),
        ("rooms,yuan\n٣,1\n", "the cell “٣” is not understood"),
        ("phone,yuan\n1,1\n", "do not go together"),
        ("visited,yuan\n1,1\n", "do not go together"),
        ("yuan\n1\n", "the sheet needs a heading, keys and a value"),
        ("", "the sheet needs a heading, keys and a value"),
        ("village.poor,yuan\n是,1\n否,0\n", "unknown fact “village.poor”"),
        ('grade,"ya\nun"\n"a', "row 2 has 1 cells"),
    ],
)
def test_a_sheet_written_wrongly_is_refused(sheet, why):
    assert why in fault(sheet)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('"repair.csv"', '"none.csv"'), "there is no file “none.csv”"),
        (('"repair.csv"', '"../repair.csv"'), "without a path"),
        (('"repair.csv"', '"/etc/passwd"'), "without a path"),
        (('about = "household"', 'about = "home"'), "there is no level “home”"),
        (('value = "yuan"', ""), "“value” is missing"),
        (('value = "yuan"', 'value = "yuan"\notherwise = "much"'), "otherwise is an amount"),
        (('value = "yuan"', 'value = "yuan"\notherwise = true'), "otherwise is an amount"),
        (('value = "yuan"', 'value = "yuan"\nfirst = "yes"'), "first is true or false"),
    ],
)
def test_a_table_written_wrongly_is_refused(change, why):
    assert why in fault(SHEET, table=TABLE.replace(*change))


def test_a_table_with_too_many_cases_is_refused():
    keys = ["rooms", "income", "debt", "area"]
    rows = [f"{n},{n},{n},{n},1" for n in range(30)]
    sheet = "\n".join([",".join([*keys, "yuan"]), *rows])

    assert "cases; split it" in fault(sheet)


def test_a_table_over_derived_facts_is_bound_after_them():
    size = """
    [derived.household.size]
    label = { zh = "人数", en = "size" }
    value = "count(member)"
    unit = "persons"
    """
    sheet = "人数,n\n0..2,0.5\n3+,1\n"
    table = TABLE.replace('"yuan"', '"share"')

    assert (
        answer(sheet, {"members": [{}, {}]}, "table.repair = 0.5", more=size, table=table) is True
    )
    program = bind(book(sheet, "table.repair > 0", size, table), ON)
    assert list(program.definitions) == [("household", "size"), ("household", "it")]


def test_cells_are_read_as_comparisons():
    assert sides("3", 0) == [("=", "3")]
    assert sides("-1.5..2", 0) == [(">=", "-1.5"), ("<=", "2")]
    assert sides("3+", 0) == [(">=", "3")]
    assert sides("<60", 0) == [("<", "60")]
    with pytest.raises(BadText):
        sides("> x", 0)


def test_a_table_of_very_many_rows_is_refused_at_once():
    sheet = "rooms,value\n" + "".join(f"{row % 200},{row}\n" for row in range(50_000))
    table = TABLE.replace("[table.repair]", "[table.repair]\nfirst = true\notherwise = 0")

    began = monotonic()

    assert "50000 rows" in fault(sheet, table=table)
    assert monotonic() - began < 10
