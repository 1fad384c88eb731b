"""When a question is asked at all: `asked_if` read, refused, answered and written out."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rulebook.books import FACTS, HEAD, ON, faults_in, quoted, refused, rulebook
from yihu.rulebook import asked
from yihu.rulebook.asked_data import as_data
from yihu.rulebook.cards import root_for
from yihu.rulebook.explain.asked_words import asked_words
from yihu.rulebook.one_card import OneCard

FACT = """
[fact.{level}.{name}]
type = "text"
label = {{ zh = "{name}", en = "{name}" }}
asked_if = {text}
{more}
"""
LINE = """
[line.last]
title = { zh = "最大年龄", en = "last age" }
unit = "years"
2016-01-01 = { value = 15, source = "a test" }
2021-01-01 = { value = 16, source = "a test" }
"""


def fact(text: str, level: str = "person", name: str = "course", more: str = "") -> str:
    """A fact that is asked if the text holds."""
    return FACT.format(level=level, name=name, text=quoted(text), more=more)


def is_asked(text, card, *, level="person", on=ON, more=""):
    """Whether the question is asked, of the first person of a household card or of the card."""
    book = rulebook(more, facts=FACTS + fact(text, level))
    root = root_for(book.levels, level)
    one = OneCard(book, on, root, program=asked.program(book, on, root=root))
    _, row, _ = one.rows(card)
    row = row.below[0] if level == "person" else row
    return one.compiled.answers(row, level)["course"].holds


def fault(text, level="person", more=""):
    return refused(more, facts=FACTS + fact(text, level))


# -- meaning --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "answer"),
    [
        ({"schooling": "primary"}, True),
        ({"schooling": "none"}, False),
        ({}, None),
        ({"schooling": None}, None),
    ],
)
def test_a_question_is_asked_when_its_condition_holds_and_waits_while_it_is_unknown(person, answer):
    assert is_asked("schooling in ('primary', 'junior')", {"members": [person]}) is answer


def test_what_can_no_longer_change_the_answer_is_not_waited_for():
    card = {"members": [{"schooling": "none"}]}

    assert is_asked("schooling = 'primary' and sick", card) is False
    assert is_asked("schooling = 'none' or sick", card) is True


@pytest.mark.parametrize(
    ("on", "birth", "answer"),
    [
        (date(2020, 9, 1), "2004-09-02", True),
        (date(2020, 9, 1), "2004-09-01", False),
        (date(2021, 9, 1), "2004-09-02", True),
    ],
)
def test_ages_and_lines_are_those_of_the_day(on, birth, answer):
    card = {"members": [{"birth": birth}]}

    assert is_asked("age(birth) <= line.last", card, on=on, more=LINE) is answer


def test_a_question_to_a_person_may_wait_for_a_fact_of_the_household():
    card = {"water": False, "members": [{"sick": True}]}

    assert is_asked("sick and not household.water", card) is True
    assert is_asked("sick and not household.water", {**card, "water": True}) is False


def test_of_another_person_nothing_is_looked_at():
    card = {"members": [{}, {"sick": True}]}

    assert is_asked("sick", card) is None


def test_derived_facts_may_stand_in_a_condition():
    derived = """
[derived.person.pupil]
label = { zh = "学生", en = "is a pupil" }
value = "schooling in ('primary', 'junior')"
"""

    assert is_asked("pupil", {"members": [{"schooling": "junior"}]}, more=derived) is True


def test_to_be_asked_while_something_is_unknown_is_written_out():
    assert is_asked("sick is blank or sick", {"members": [{}]}) is True
    assert is_asked("sick is blank or sick", {"members": [{"sick": False}]}) is False


def test_a_dated_condition_is_that_of_the_day_and_before_it_everybody_is_asked():
    text = 'asked_if = { 2018-01-01 = "sick", 2020-01-01 = "works" }'
    book = rulebook(facts=FACTS + fact("x").replace('asked_if = "x"', text))

    found = {
        day.year: [waits for each in asked.conditions(book, day).values() for waits in each.waits]
        for day in (date(2017, 1, 1), date(2018, 1, 1), date(2020, 1, 1))
    }

    assert found == {2017: [], 2018: [("person", "sick")], 2020: [("person", "works")]}


def test_rules_see_an_answer_that_stands_though_its_question_is_no_longer_asked():
    rule = """
[rule.it]
about = "person"
title = { zh = "试", en = "it" }
holds = "course = 'cooking'"
wanted = "holds"
kind = "assurance"
source = "a test"
"""
    book = rulebook(rule, facts=FACTS + fact("sick"))
    card = {"members": [{"sick": False, "course": "cooking"}]}

    assert OneCard(book, ON, "person").answers(card)["it"].holds is True


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "level", "why"),
    [
        ("sikc", "person", "unknown fact “sikc”; did you mean “sick”?"),
        ("birth", "person", "expected a condition, this is a day"),
        ("schooling = 'nursery'", "person", "nursery"),
        ("wage = 'a'", "person", "stands beside money"),
        ("village.poor", "person", "of the person and the household alone"),
        ("county.old", "household", "of the household alone"),
        ("any(member.sick)", "household", "of the household alone"),
        ("repeats(name) > 1", "person", "of the person and the household alone"),
        ("last.sick", "person", "values of the period before"),
        ("matches(name, 'a.*')", "person", "takes no texts and identity numbers apart"),
        ("identity_ok(card)", "person", "takes no texts and identity numbers apart"),
        ("household.place_in('45')", "person", "does not know places by their code"),
        ("if_unknown(sick, true)", "person", "if_unknown is not for questions"),
        ("", "person", "expected"),
    ],
)
def test_a_condition_that_no_form_could_follow_is_refused_with_its_fact(text, level, why):
    refusal = fault(text, level)

    assert why in str(refusal)
    assert "course" in str(refusal)
    assert "small/facts.toml:" in str(refusal)
    assert "Nothing was loaded" in str(refusal)
    assert refusal.sentence("zh") != refusal.sentence("en")


def test_the_place_of_the_fault_is_shown():
    assert str(fault("sick and village.poor")).endswith("sick and village.poor\n             ^")


def test_what_a_derived_fact_hides_is_found():
    derived = """
[derived.household.some_sick]
label = { zh = "有人患病", en = "somebody is ill" }
value = "any(member.sick)"
"""

    assert "of the household alone" in str(fault("some_sick", "household", derived))


@pytest.mark.parametrize(
    ("first", "second"), [("second = 'a'", "course = 'a'"), ("second is blank", "course is blank")]
)
def test_questions_that_wait_for_each_other_are_refused(first, second):
    facts = FACTS + fact(first) + fact(second, name="second")

    refusal = refused(facts=facts)

    assert refusal.code == "rulebook.asked_circle"
    assert "course → second → course" in str(refusal)


def test_a_question_that_waits_for_itself_is_refused():
    assert "course → course" in str(fault("course is blank"))


def test_a_row_of_questions_that_wait_one_for_another_is_read():
    rows = [fact(f"q{n + 1} = 'a'", name=f"q{n}") for n in range(60)]

    book = rulebook(facts=FACTS + "".join(rows) + fact("sick", name="q60"))

    assert len(asked.conditions(book, ON)) == 61


@pytest.mark.parametrize(
    ("deciding", "asking", "why"),
    [
        ("sensitive", "household", "whoever is asked it would learn the other"),
        ("secret", "secret", "forms and phones hold it masked"),
    ],
)
def test_a_question_gives_nothing_away_that_is_closer_than_itself(deciding, asking, why):
    facts = FACTS.replace(
        'sick = { type = "yes_no",', f'sick = {{ type = "yes_no", privacy = "{deciding}",'
    )

    refusal = refused(facts=facts + fact("sick", more=f'privacy = "{asking}"'))

    assert why in str(refusal)


def test_several_faults_are_told_at_once_and_nothing_is_loaded():
    refusal = refused(facts=FACTS + fact("nowhere") + fact("village.poor", name="other"))

    assert len(faults_in(refusal)) == 2


def test_a_fault_that_comes_into_force_later_is_told_when_the_rulebook_is_read():
    text = 'asked_if = { 2018-01-01 = "sick", 2031-01-01 = "nowhere" }'

    refusal = refused(facts=FACTS + fact("x").replace('asked_if = "x"', text))

    assert "unknown fact “nowhere”" in str(refusal)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('asked_mark = "X"', "expected one of S, K, D, HOLE"),
        ("asked_source = 5", "asked_source is a text"),
        ('asked_fi = "sick"', "unknown key “asked_fi”"),
    ],
)
def test_keys_beside_a_condition_are_read_strictly(more, why):
    assert why in str(refused(facts=FACTS + fact("sick", more=more)))


def test_a_source_without_a_condition_is_refused():
    facts = FACTS + fact("sick", more='asked_mark = "D"').replace('asked_if = "sick"', "")

    assert "asked_mark without asked_if" in str(refused(facts=facts))


def test_a_condition_names_only_sources_that_are_listed():
    source = '[source.GOV]\ntitle = { zh = "文件", en = "notice" }\n'

    assert "GVO" in str(refused(source, facts=FACTS + fact("sick", more='asked_source = "GVO 3"')))


# -- as data --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("sick", ["fact", "person", "sick"]),
        ("not sick", ["not", ["fact", "person", "sick"]]),
        ("schooling = 'primary'", ["=", ["fact", "person", "schooling"], ["is", "primary"]]),
        ("schooling in ('junior', 'none')",
         ["in", ["fact", "person", "schooling"], ["none", "junior"]]),
        ("has(gets, 'b')", ["has", ["fact", "person", "gets"], "b"]),
        ("wage > 1.5", [">", ["fact", "person", "wage"], ["is", 150]]),
        ("age(birth) >= 16", ["<=", ["fact", "person", "birth"], ["is", 745736]]),
        ("name is not blank", ["not", ["unknown", ["fact", "person", "name"]]]),
        ("household.grade = 'c'", ["=", ["fact", "household", "grade"], ["is", "c"]]),
        ("at_least(2, sick, works)",
         ["at_least", 2, ["fact", "person", "sick"], ["fact", "person", "works"]]),
    ],
)  # fmt: skip
def test_a_condition_is_written_with_nothing_left_to_look_up(text, data):
    book = rulebook(facts=FACTS + fact(text))
    (condition,) = asked.conditions(book, ON).values()

    assert as_data(book, condition) == data


def test_what_is_derived_is_written_as_what_it_means():
    derived = """
[derived.household.stage]
label = { zh = "学段", en = "stage" }
value = "case when school is not blank then school else 'none' end"
"""
    book = rulebook(derived, facts=FACTS + fact("household.stage <> 'none'"))
    (condition,) = asked.conditions(book, ON).values()
    school = ["fact", "household", "school"]

    arms = [[["not", ["unknown", school]], school]]
    assert as_data(book, condition) == ["!=", ["case", arms, ["is", "none"]], ["is", "none"]]


# -- in words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("sick", "“患病”为是", "“ill” is yes"),
        ("not sick", "“患病”为否", "“ill” is no"),
        ("schooling in ('primary', 'junior')", "“在校生状况”是“小学”或“初中”",
         "“schooling” is “primary school” or “junior school”"),
        ("schooling not in ('none')", "“在校生状况”不是“非在校生”",
         "“schooling” is not “not at school”"),
        ("has_any(gets, 'a', 'b')", "“享受政策”有“A级”或“B级”",
         "“benefits” includes “grade A” or “grade B”"),
        ("wage > 0 and name is not blank", "“工资（元）”大于 0，且“姓名”已有答案",
         "“wage” is above 0 and “name” is answered"),
        ("age(birth) between 6 and 15", "周岁（按“出生日期”）在 6 到 15 之间",
         "age by “day of birth” is between 6 and 15"),
        ("household.water = false or (sick and works)",
         "“有水”为否，或（“患病”为是，且“务工”为是）",
         "“has water” is no or (“ill” is yes and “works” is yes)"),
        ("not (sick and works)", "并非（“患病”为是，且“务工”为是）",
         "not (“ill” is yes and “works” is yes)"),
    ],
)  # fmt: skip
def test_a_condition_is_said_in_plain_words(text, zh, en):
    book = rulebook(facts=FACTS + fact(text))
    (spec,) = book.asked.values()

    said = asked_words(book, spec, text)

    assert (said.zh, said.en) == (zh, en)


def test_a_rulebook_over_another_may_say_when_its_facts_are_asked():
    head = HEAD.replace('money = "yuan"', 'money = "yuan"\nextends = "guangxi"').split("[[level]]")

    facts = fact("relocated", "household", "new_flat")
    book = rulebook(head=head[0], facts=facts)

    assert ("household", "new_flat") in book.asked
    assert ("household", "moved_in") in book.asked
