"""Entries of facts, codes and rules: what is kept, and what is refused by name."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rulebook.books import RULE, faults_in, refused, rulebook
from yihu.rulebook.book import Dated
from yihu.rulebook.facts import Flag, Text
from yihu.rulebook.tree import day_number

RULE_OF_WATER = RULE.format(about="household", text='"water"')
FIRST = day_number(1900, 1, 1)


# -- facts and codes ------------------------------------------------------------------------------


def fact(lines, at="household"):
    return rulebook(
        f'[fact.{at}.x]\nlabel = {{ zh = "甲", en = "x" }}\n{lines}'
    ).facts[at, "x"]  # fmt: skip


def refused_fact(lines):
    return str(refused(f'[fact.household.x]\nlabel = {{ zh = "甲", en = "x" }}\n{lines}'))


def test_a_fact_holds_what_was_written():
    found = fact(
        """
        type = "money"
        unit = "yuan/year"
        ask = { zh = "多少？", en = "How much?" }
        range = [-5.5, 100]
        privacy = "sensitive"
        given = true
        columns = ["收入", 12]
        not_applicable = 0
        flag = { column = "F", not_applicable = [-2], unknown = -1 }
        source = "s"
        """
    )

    assert (found.low, found.high, found.not_applicable) == (-550, 10000, 0)
    assert found.columns == ("x", "甲", "收入", "12")
    assert found.flag == Flag("F", ("-2",), ("-1",))
    assert (found.privacy, found.source, found.ask) == (
        "sensitive",
        Text("s", "s"),
        Text("多少？", "How much?"),
    )
    assert found.given
    assert found.where == "small/rules.toml:1"


@pytest.mark.parametrize(
    ("lines", "low", "high"),
    [
        ('type = "whole"\nunit = "n"', -(2**31), 2**31),
        ('type = "money"\nunit = "yuan"', -(10**12), 10**12),
        ('type = "number"\nunit = "m"', -1e15, 1e15),
        ('type = "date"\nrange = [1900-01-01, 2100-12-31]', FIRST, day_number(2100, 12, 31)),
        ('type = "month"\nrange = ["2000-01", "2020-12"]', 24000, 24251),
        ('type = "date"', None, None),
        ('type = "yes_no"', None, None),
    ],
)  # fmt: skip
def test_a_range_is_kept_in_the_form_of_the_tree(lines, low, high):
    found = fact(lines)

    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ('type = "yes_no"\nnot_applicable = true', True),
        ('type = "code"\ncodes = "grade"\nnot_applicable = "b"', 1),
        ('type = "date"\nnot_applicable = 1900-01-01', FIRST),
        ('type = "text"\nnot_applicable = " - "', "-"),
        ('type = "number"\nunit = "m"\nnot_applicable = 1', 1.0),
        ('type = "number"\nunit = "m"\nnot_applicable = "unknown"', None),
    ],
)
def test_what_does_not_apply_stands_for_a_value(lines, value):
    assert fact(lines).not_applicable == value


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('type = "wholes"', "type = 'wholes'; expected one of yes_no, whole"),
        ("", "“type” is missing"),
        ('type = "whole"', "a number needs a unit"),
        ('type = "whole"\nunit = "yuan"', "unit “yuan” and type “whole” do not fit"),
        ('type = "money"\nunit = "m2"', "unit “m2” and type “money” do not fit"),
        ('type = "code"', "“codes” is missing"),
        ('type = "code"\ncodes = "grades"', "no code list “grades”; did you mean “grade”?"),
        ('type = "text"\ncodes = "grade"', "type “text” has no codes"),
        ('type = "whole"\nunit = "n"\nrange = [1]', "range is [lowest, highest]"),
        ('type = "whole"\nunit = "n"\nrange = [2, 1]', "the range is upside down"),
        ('type = "whole"\nunit = "n"\nrange = [0, 1.5]', "range of a whole cannot be 1.5"),
        ('type = "whole"\nunit = "n"\nrange = [0, nan]', "range of a whole cannot be nan"),
        ('type = "whole"\nunit = "n"\nrange = [0, 10000000000000000000]', "cannot be"),
        ('type = "date"\nrange = [1900-01-01T00:00:00, 2100-12-31]', "range of a date cannot be"),
        ('type = "month"\nrange = ["2000-13", "2020-12"]', "range: “2000-13” is not a month"),
        ('type = "yes_no"\nrange = [0, 1]', "range of a yes_no cannot be 0"),
        ('type = "yes_no"\nnot_applicable = 1', "not_applicable = 1 is no value of a yes_no"),
        ('type = "code"\ncodes = "grade"\nnot_applicable = ["a"]', "is no value of a code"),
        ('type = "yes_no"\nprivacy = "open"', "privacy = 'open'; expected one of public"),
        ('type = "yes_no"\ncolumns = [["a"]]', "columns is a word or a list of words"),
        ('type = "yes_no"\nflag = "F"', "expected a table of keys and values"),
        ('type = "yes_no"\nflag = { columns = "F" }', "“columns”; did you mean “column”?"),
        ('type = "yes_no"\nunits = "n"', "unknown key “units”; did you mean “unit”?"),
        ('type = "yes_no"\nsource = 5', "source is a text, not 5"),
    ],
)  # fmt: skip
def test_a_fact_written_wrongly_is_refused(lines, why):
    assert why in refused_fact(lines)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[fact.home.x]\ntype = "yes_no"', "there is no level “home”"),
        ('[fact.household."a b"]\ntype = "yes_no"', "“a b” is not a name. Letters, figures and _"),
        ('[fact.household.x]\ntype = "yes_no"\nlabel = "x"', "label needs { zh = …, en = … }"),
        ('[fact.household.x]\ntype = "yes_no"\nlabel = { zh = "a", en = 5 }', "label needs"),
        ("[codes.x]", "a list has 1 to 30000 codes, not 0"),
        ('[codes.x]\na = "A"', "expected a table of keys and values"),
        ('[codes.x]\na = { zh = "A" }', "“en” is missing"),
        ('[codes.x]\na = { zh = "A", en = "a" }\nb = { zh = "A", en = "b" }', "means both a and b"),
        ('[codes.x]\na = { zh = "A", en = "a", from = "2020" }', "from is a day such as"),
        (
            '[codes.x]\na = { zh = "A", en = "a", from = 2021-01-01, until = 2020-12-31 }',
            "until 2020-12-31 is before from 2021-01-01",
        ),
        ("[facts.x]", "“[facts]” is no section of a rulebook; did you mean “fact”?"),
        ("fact = 5", "expected a table of keys and values"),
        ("[fact]\nhousehold = 5", "expected a table of keys and values"),
        ('[fact.household.water]\ntype = "yes_no"\nlabel = { zh = "a", en = "a" }', "stands twice"),
        ("[rulebook]\nname = 'again'", "stands twice (also small/rulebook.toml:2)"),
        ("x = [", "the TOML cannot be read"),
        ("x = 2020-13-45", "the TOML cannot be read"),
    ],
)  # fmt: skip
def test_an_entry_in_the_wrong_place_is_refused(text, why):
    found = refused(text)

    assert why in str(found)
    assert "small/" in found.sentence("zh")


def two_codes(first, second):
    return f"""[codes.x]
    a = {{ zh = "甲", en = "a", also = ["06"]{first} }}
    b = {{ zh = "乙", en = "b", also = ["06"]{second} }}
    """


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (", until = 2020-12-31", ", from = 2021-01-01"),
        (", from = 2021-01-01", ", from = 2014-01-01, until = 2020-12-31"),
    ],
)
def test_one_word_may_mean_two_codes_at_different_times(first, second):
    codes = rulebook(two_codes(first, second)).codes["x"]

    assert len({codes.spellings(date(year, 6, 30))["06"] for year in (2020, 2021)}) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ", from = 2021-01-01"),
        (", until = 2021-01-01", ", from = 2021-01-01"),
        (", from = 2014-01-01", ", from = 2019-01-01, until = 2019-12-31"),
    ],
)
def test_one_word_means_one_code_on_each_day(first, second):
    assert "“06” means both a and b" in str(refused(two_codes(first, second)))


def test_a_key_is_never_another_codes_word():
    text = two_codes(", until = 2020-12-31", ", from = 2021-01-01").replace('"06"', '"a"')

    assert "“a” means both a and b" in str(refused(text))


def test_a_code_list_of_several_codes_has_at_most_62():
    codes = "".join(f'c{n} = {{ zh = "甲{n}", en = "c{n}" }}\n' for n in range(63))
    text = f"""[codes.many]
    {codes}
    [fact.person.x]
    type = "codes"
    codes = "many"
    label = {{ zh = "甲", en = "x" }}
    """

    assert "a fact with several codes has at most 62" in str(refused(text))
    one = rulebook(text.replace('"codes"', '"code"'))
    assert len(one.codes["many"].codes) == 63


# -- rules ----------------------------------------------------------------------------------------


def test_a_rule_holds_what_was_written():
    more = """
    theme = "water"
    owner = "water office"
    days = 30
    from = 2017-01-01
    until = 2030-12-31
    mark = "K"
    never_unknown = true
    gap = "bad"
    examples = [ { says = "Yes.", on = 2020-01-01, card = { water = true }, is = "holds" } ]
    """

    found = rulebook(RULE_OF_WATER + more).rules["household", "it"]

    assert found.holds == Dated(((date.min, "water"),))
    assert (found.wanted, found.kind, found.theme, found.days) == (
        "holds",
        "assurance",
        "water",
        30,
    )
    assert (found.since, found.until, found.mark) == (date(2017, 1, 1), date(2030, 12, 31), "K")
    assert found.never_unknown
    assert found.gap == "bad"
    assert [e.answer for e in found.examples] == ["holds"]


def test_rules_may_stand_in_groups():
    grouped = RULE_OF_WATER.replace("rule.it", "rule.house.walls") + RULE_OF_WATER

    assert list(rulebook(grouped).rules) == [("household", "walls"), ("household", "it")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('about = "household"', ""), "“about” is missing"),
        (('about = "household"', 'about = "home"'), "there is no level “home”"),
        (('wanted = "holds"', 'wanted = "yes"'), "wanted = 'yes'; expected one of holds, fails"),
        (('wanted = "holds"', "wanted = true"), "wanted = True; expected one of holds, fails"),
        (('kind = "assurance"', ""), "“kind” is missing"),
        (('source = "a test"', ""), "“source” is missing"),
        (('source = "a test"', 'source = " "'), "source is a text"),
        (('holds = "water"', "holds = true"), "holds is a text, or texts by day"),
        (('holds = "water"', 'holds = { first = "water" }'), "“first” is not a day"),
        (('holds = "water"', 'holds = { 20200101 = "water" }'), "“20200101” is not a day"),
        (('holds = "water"', "holds = { 2020-01-01 = 1 }"), "holds of 2020-01-01 is a text"),
        (('holds = "water"', 'holds = "water"\ngap = "often"'), "expected one of ask, bad, none"),
        (('holds = "water"', 'holds = "water"\ndays = 0'), "days is a whole number above 0"),
        (('holds = "water"', 'holds = "water"\ndays = true'), "days is a whole number above 0"),
        (('holds = "water"', 'holds = "water"\nfrom = "2020-01-01"'), "from is a day"),
        (('holds = "water"', 'holds = "water"\nfrom = 2020-01-01T00:00:00'), "from is a day"),
        (
            ('holds = "water"', 'holds = "water"\nfrom = 2021-01-01\nuntil = 2020-01-01'),
            "“from” is after “until”",
        ),
        (('holds = "water"', 'holds = "water"\nexamples = 3'), "examples is a list"),
        (('holds = "water"', 'holds = "water"\nexamples = [3]'), "expected a table"),
        (
            ('holds = "water"', 'holds = "water"\nexamples = [{ is = "yes" }]'),
            "an example is holds, fails or unknown, not “yes”",
        ),
        (('holds = "water"', 'holds = "water"\nwhy = "x"'), "unknown key “why”"),
    ],
)
def test_a_rule_written_wrongly_is_refused(change, why):
    assert why in str(refused(RULE_OF_WATER.replace(*change)))


def test_facts_derived_facts_and_rules_of_a_level_share_one_space_of_names():
    found = refused(RULE_OF_WATER.replace("rule.it", "rule.water"))

    assert "the name stands already at small/facts.toml:" in str(found)
    rulebook(RULE_OF_WATER.replace("rule.it", "rule.sick"))  # a person's fact, a household's rule


def test_several_faults_come_in_one_refusal():
    wrong = (
        RULE_OF_WATER.replace('"water"', '"watr"')
        + """
    [derived.household.x]
    label = { zh = "x", en = "x" }
    value = "rooms +"
    unit = "n"
    """
    )

    found = refused(wrong)

    assert found.code == "rulebook.several"
    assert found.details["count"] == 2
    assert "did you mean “water”?" in found.sentence("en")
    assert "是否想写“water”？" in found.sentence("zh")
    assert "did you mean" not in found.sentence("zh")


def test_entries_of_many_files_are_all_told_before_any_text_is_bound():
    found = refused(
        "[fact.household.a]\n[fact.household.b]\n" + RULE_OF_WATER.replace("water", "x")
    )

    assert found.details["count"] == 2
    assert all("“type” is missing" in str(f) for f in faults_in(found))
