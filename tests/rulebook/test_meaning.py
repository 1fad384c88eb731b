"""The meaning of conditions and names: docs/language.md §2 and §3, line by line."""

import pytest

from tests.rulebook.books import fault, holds, members, refused, value

T, F, U = True, False, None
WATER = {T: {"water": True}, F: {"water": False}, U: {}}
POWER = {T: {"power": True}, F: {"power": False}, U: {}}


@pytest.mark.parametrize(
    ("left", "right", "both", "one"),
    [
        (T, T, T, T), (T, F, F, T), (T, U, U, T),
        (F, T, F, T), (F, F, F, F), (F, U, F, U),
        (U, T, U, T), (U, F, F, U), (U, U, U, U),
    ],
)  # fmt: skip
def test_and_or_are_unknown_only_where_they_could_still_go_either_way(left, right, both, one):
    card = WATER[left] | POWER[right]

    assert holds("water and power", card) is both
    assert holds("water or power", card) is one


def test_not_swaps_holds_and_fails_and_leaves_unknown():
    assert [holds("not water", WATER[w]) for w in (T, F, U)] == [F, T, U]
    assert [holds("not not water", WATER[w]) for w in (T, F, U)] == [T, F, U]


def test_and_binds_closer_than_or_and_not_closest():
    card = {"water": True, "power": False, "road": False}

    assert holds("water or power and road", card) is T
    assert holds("(water or power) and road", card) is F
    assert holds("not power and water", card) is T
    assert holds("not rooms = 2 and water", card | {"rooms": 3}) is T


def test_chinese_words_and_full_width_signs_mean_the_same():
    card = {"water": True, "power": False, "rooms": 3, "income": 100}

    assert holds("water 且 非 power", card) is T
    assert holds("power 或 water", card) is T
    assert holds("（rooms ＞＝ 3） 且 （rooms ＜ 4）", card) is T
    assert holds("water = 是 and power = 否", card) is T
    assert holds("rooms ＋ 1 ＝ 4", card) is T
    assert holds("income >= 98％ * 100", card) is T
    assert holds("rooms in （1，3）", card) is T


def test_chinese_labels_are_names_and_signs_stand_in_backquotes():
    card = members({"wage": 12, "sick": True}, income=100)

    assert holds("纯收入 = 100", card) is T
    assert holds("any(成员.患病)", card) is T
    assert holds("sum(member.`工资（元）`) = 12", card) is T


def test_quoted_text_takes_the_type_of_what_it_stands_beside_on_either_side():
    card = {"grade": "c", "visited": "2020-01-31", "phone": "c", "left_in": "2019-12"}

    for text in ("grade = 'c'", "'c' = grade", "grade = 'C级'", "grade = ‘c’", "phone = 'c'"):
        assert holds(text, card) is T
    for text in ("visited = '2020-01-31'", "'2020-02-01' > visited", "visited < '2020-02-01'"):
        assert holds(text, card) is T
    assert holds("left_in = '2019-12' and '2020-01' > left_in", card) is T


def test_in_takes_codes_days_texts_whole_numbers_and_yuan():
    card = {"grade": "c", "rooms": 3, "income": 12.5, "phone": "12", "visited": "2020-01-31"}

    assert holds("grade in ('c', 'd')", card) is T
    assert holds("grade not in ('c', 'd')", card) is F
    assert holds("grade in ('a')", {}) is U
    assert holds("rooms in (1, 3) and rooms not in (-3)", card) is T
    assert holds("income in (12.5, 3)", card) is T
    assert holds("phone in ('12', '13')", card) is T
    assert holds("visited in ('2020-01-31')", card) is T
    assert holds("'a' in ('a', 'b')") is T


def test_between_includes_both_ends():
    assert [holds("rooms between 2 and 3", {"rooms": n}) for n in (1, 2, 3, 4)] == [F, T, T, F]
    assert [holds("rooms not between 2 and 3", {"rooms": n}) for n in (1, 2, 3, 4)] == [T, F, F, T]
    assert holds("rooms between 2 and 3") is U


def test_blank_and_unknown_are_the_same_and_never_themselves_unknown():
    for word in ("blank", "unknown"):
        assert holds(f"water is {word}") is T
        assert holds(f"water is {word}", {"water": False}) is F
        assert holds(f"water is not {word}", {"water": False}) is T
    assert holds("(water and power) is blank", {"water": False}) is F
    assert holds("(income / rooms) is blank", {"income": 1, "rooms": 0}) is T


@pytest.mark.parametrize("op", ["=", "<>", "!=", "<", "<=", ">", ">="])
def test_a_comparison_is_unknown_if_a_side_is_unknown(op):
    assert holds(f"rooms {op} 2") is U
    assert holds(f"rooms {op} income / debt", {"rooms": 2, "income": 1, "debt": 0}) is U


def test_case_is_strict():
    text = "case when water then 'a' when power then 'b' else 'c' end = grade"

    assert holds(text, {"water": True, "grade": "a"}) is T
    assert holds(text, {"power": True, "grade": "b"}) is U
    assert holds(text, {"water": False, "power": True, "grade": "b"}) is T
    assert holds(text, {"water": False, "power": False, "grade": "c"}) is T
    assert holds(text, {"water": False, "grade": "c"}) is U


def test_true_and_false_may_be_compared_with_a_condition():
    assert holds("water = true", {"water": True}) is T
    assert holds("water = false", {}) is U
    assert holds("water = power", {"water": False, "power": False}) is T
    assert holds("true") is T


# -- levels ---------------------------------------------------------------------------------------


def test_what_lies_above_is_the_same_for_all_below():
    card = members({"sick": True}, village={"poor": True}, county={"old": True, "budget": 5})

    assert holds("village.poor", card) is T
    assert holds("行政村.poor and 县.old", card) is T
    assert holds("county.old", card, about="person") is T
    assert holds("any(member.sick and village.poor and county.old)", card) is T
    assert holds("county.budget = 5", {"county": {"budget": 5}}, about="village") is T
    assert holds("village.poor", members({})) is U


def test_a_person_without_household_sees_the_facts_above_as_unknown():
    assert holds("household.water", {"sick": True}, about="person") is U
    assert holds("household.water", {"household": {"water": True}}, about="person") is T


def test_a_rule_may_be_used_as_a_condition_two_levels_below():
    ill = """
    [rule.ill_home]
    about = "household"
    title = { zh = "有病人", en = "somebody is ill" }
    holds = "any(member.sick)"
    wanted = "fails"
    kind = "risk"
    source = "a test"
    """
    homes = [members({"sick": True}), members({"sick": False}), members({})]

    assert value("share(household.ill_home)", {"households": homes[:2]},
                 about="village", unit="share", more=ill) == 0.5  # fmt: skip
    assert holds("share(household.ill_home) >= 30%", {"households": homes}, about="village",
                 more=ill) is T  # fmt: skip
    assert holds("share(household.ill_home) >= 50%", {"households": homes}, about="village",
                 more=ill) is U  # fmt: skip
    assert holds("household.ill_home", members({"sick": True}), about="person", more=ill) is T


def test_an_aggregate_two_levels_below_goes_over_everybody_of_the_place():
    homes = [members({"sick": True}, {"sick": False}), members({"sick": False})]

    assert value("count(member.sick)", {"households": homes}, about="village", unit="persons") == 1
    assert value("count(member)", {"households": homes}, about="village", unit="persons") == 3
    assert value("count(household)", {"households": homes}, about="village", unit="homes") == 2
    assert value("count(member.sick or household.water)", {"households": [
        members({"sick": True}, {"sick": False}, water=True), members({"sick": False}, water=False)
    ]}, about="village", unit="persons") == 2  # fmt: skip
    assert value("count(member.sick)", {"villages": [{"households": homes}]},
                 about="county", unit="persons") == 1  # fmt: skip


def test_totals_above_the_card_are_unknown_unless_given():
    line = """
    [derived.population.line]
    label = { zh = "线", en = "line" }
    value = "0.6 * median(household.income)"
    unit = "yuan/year"
    given = true
    """

    assert holds("income < population.line", {"income": 5}, more=line) is U
    given = {"income": 5, "population": {"line": 6}}
    assert holds("income < population.line", given, more=line) is T
    assert holds("income < 全体.线", given, more=line) is T


def test_last_asks_the_period_before():
    card = members({"wage": 5, "last": {"wage": 7}}, income=1, last={"income": 2})

    assert holds("last.income > income", card) is T
    assert holds("any(member.last.wage > member.wage)", card) is T
    assert holds("last.debt > 1", card) is U


# -- refusals -------------------------------------------------------------------------------------


def test_an_unknown_name_is_refused_with_its_place_and_the_nearest_name():
    refusal = fault("water and any(member.scholing = 'none')")

    assert refusal.code == "rulebook.bad_expression"
    assert refusal.details["at"] == "small/rules.toml:2"
    assert refusal.details["what"] == "it"
    assert refusal.details["column"] == 15
    assert refusal.sentence("en") == (
        "small/rules.toml:2, it, character 15: unknown fact “member.scholing”; "
        "did you mean “member.schooling”? Nothing was loaded.\n"
        "    water and any(member.scholing = 'none')\n"
        "                  ^"
    )
    assert refusal.sentence("zh").startswith(
        "small/rules.toml:2，it，第 15 个字符：未知指标“member.scholing”；"
        "是否想写“member.schooling”？未载入任何内容。"
    )


@pytest.mark.parametrize(
    ("text", "why", "at"),
    [
        ("rooms = null", "there is no null; write “x is blank”", 9),
        ("1 < rooms < 3", "a comparison has two sides", 11),
        ("grade = 'a' or 'b'", "expected a condition, this is text", 16),
        ("rooms", "expected a condition, this is a whole number", 1),
        ("water + 1 = 2", "a condition is not a number", 7),
        ("income * debt > 1", "money times money has no meaning", 8),
        ("rooms / income > 1", "a number divided by money has no meaning", 7),
        ("income > rooms", "money and a whole number do not go together", 8),
        ("income = visited", "money and a day do not go together", 8),
        ("grade = school", "codes of the lists “grade” and “schooling”", 7),
        ("grade = 'z'", "“z” is not in the code list “grade”", 9),
        ("grade > 'a'", "a code has no order", 7),
        ("phone > 'a'", "text has no order", 7),
        ("visited = '2020-02-30'", "“2020-02-30” is not a day", 11),
        ("left_in = '2020-13'", "“2020-13” is not a month", 11),
        ("rooms = '3'", "“3” stands beside a whole number", 9),
        ("member.sick", "“person.…” is below a household", 1),
        ("any(water)", "any(…) needs a level below, as in person.…", 1),
        ("any(any(member.sick) and member.sick)", "an aggregate inside an aggregate", 5),
        ("village.water", "unknown fact “village.water”", 1),
        ("sick", "unknown fact “sick”", 1),
        ("rooms.a.b = 1", "“rooms.a.b” is not a name", 1),
        ("line.x = 1", "unknown line “line.x”", 1),
        ("table.x = 1", "unknown table “table.x”", 1),
        ("last.line = 1", "unknown fact “last.line”", 1),
        ("counting(member)", "there is no function “counting”", 1),
        ("member.count(member)", "there is no function “member.count”", 1),
        ("rooms in (1, rooms)", "in (…) takes fixed values only", 7),
        ("area in (1, 2)", "in (…) needs whole numbers", 6),
        ("rooms in (1.5)", "in (…) takes whole values only", 7),
        ("water in (true)", "in (…) needs whole numbers", 7),
        ("rooms / 0 = 1", "a division by zero", 7),
        ("income / 0 is blank", "a division by zero", 8),
        ("1234567890123456 = rooms", "the number is too long", 1),
        ("on + 1 = on", "a day is not a number", 4),
        ("x.place_in('45')", "there is no level “x”", 1),
    ],
)  # fmt: skip
def test_a_text_without_meaning_is_refused_with_position(text, why, at):
    refusal = fault(text)

    assert refusal.code == "rulebook.bad_expression"
    assert why in str(refusal)
    assert refusal.details["column"] == at
    assert refusal.sentence("zh") != refusal.sentence("en")


def test_chinese_words_without_spaces_are_explained():
    assert "且, 或, 非 need a space on each side" in str(fault("有水且有电"))
    assert "且、或、非两边要有空格" in fault("有水且有电").sentence("zh")


def test_a_name_of_a_level_below_is_suggested():
    assert "did you mean “person.sick”?" in str(fault("sick"))


def test_a_name_in_words_of_the_language_is_refused():
    for name in ("and", "on", "null", "Where", "year_start"):
        text = f"""[fact.household.{name}]
        type = "yes_no"
        label = {{ zh = "甲", en = "a" }}"""

        assert "is a word of the language" in str(refused(text))


def test_the_same_label_twice_names_neither():
    twice = """
    [fact.household.first]
    type = "yes_no"
    label = { zh = "一样", en = "first" }
    [fact.household.second]
    type = "yes_no"
    label = { zh = "一样", en = "second" }
    """

    assert "unknown fact “一样”" in str(fault("一样", more=twice))
    assert holds("first", {"first": True}, more=twice) is T
