"""Binding to a day: texts in force, order of dependence, circles, given values, amounts."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rulebook.books import (
    DERIVED,
    ON,
    RULE,
    fault,
    faults_in,
    holds,
    members,
    quoted,
    refused,
    rulebook,
)
from tests.rulebook.books import value as value_of
from yihu.rulebook.bind import MOST_STEPS, bind
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Refused
from yihu.rulebook.tree import Arith, Const


def derived(name, text, unit="n", level="household", **more):
    lines = [f'[derived.{level}.{name}]\nlabel = {{ zh = "{name}", en = "{name}" }}']
    lines += [f"value = {quoted(text)}", f'unit = "{unit}"', 'assumes = "a test"']
    lines += [
        f"{key} = {quoted(v) if isinstance(v, str) else str(v).lower()}" for key, v in more.items()
    ]
    return "\n".join(lines) + "\n"


def rule(name, text, about="household", extra=""):
    return RULE.format(about=about, text=quoted(text)).replace("rule.it", f"rule.{name}") + extra


def refusal(book, on=ON, **asked):
    with pytest.raises(Refused) as refused_:
        bind(book, on, **asked)
    return refused_.value


# -- days -----------------------------------------------------------------------------------------

DATED = '{ 2016-01-01 = "water", 2018-01-01 = "water and power" }'


def dated(extra=""):
    return RULE.replace("{text}", DATED.replace("{", "{{").replace("}", "}}")).format(
        about="household"
    ) + extra  # fmt: skip


@pytest.mark.parametrize(
    ("on", "answer"),
    [(date(2016, 1, 1), True), (date(2017, 12, 31), True), (date(2018, 1, 1), False)],
)
def test_the_text_in_force_on_the_day_is_used(on, answer):
    found = OneCard(rulebook(dated()), on, "household").answers({"water": True, "power": False})

    assert found["it"].holds is answer


def test_before_its_first_text_a_rule_is_not_in_force():
    book = rulebook(dated())

    assert bind(book, date(2015, 12, 31)).outputs == ()
    assert refusal(book, date(2015, 12, 31), rules=["it"]).code == "rulebook.not_in_force"


def test_from_and_until_are_the_first_and_last_day_in_force():
    book = rulebook(dated("from = 2017-01-01\nuntil = 2019-12-31\n"))

    days = [date(2016, 6, 1), date(2017, 1, 1), date(2019, 12, 31), date(2020, 1, 1)]
    assert [len(bind(book, on).outputs) for on in days] == [0, 1, 1, 0]


def test_a_rule_that_outlives_what_it_uses_is_refused_when_read():
    old = rule("old", "water", extra="until = 2019-12-31\n")

    found = refused(old + rule("new", "old and power"))

    assert found.code == "rulebook.not_in_force"
    assert found.details["what"] == "new"
    assert found.details["name"] == "old"
    assert found.details["on"] == date(2020, 1, 1)
    rulebook(old + rule("new", "old and power", extra="until = 2019-12-31\n"))


def test_a_rule_may_not_use_what_begins_later():
    later = rule("later", "water", extra="from = 2018-01-01\n")

    found = refused(later + rule("now", "later", extra="from = 2017-01-01\n"))

    assert (found.code, found.details["on"]) == ("rulebook.not_in_force", date(2017, 1, 1))


def test_every_text_is_bound_when_the_rulebook_is_read_not_only_todays():
    wrong = DATED.replace("water and power", "water and pwer")
    found = refused(
        RULE.replace("{text}", wrong.replace("{", "{{").replace("}", "}}")).format(
            about="household"
        )
    )

    assert "unknown fact “pwer”; did you mean “power”?" in str(found)


# -- order and circles ----------------------------------------------------------------------------


def test_definitions_stand_in_an_order_in_which_each_uses_only_those_before():
    book = rulebook(
        rule("it", "third > 2")
        + derived("third", "second + 1")
        + derived("second", "first + 1")
        + derived("first", "rooms + 0")
    )

    program = bind(book, ON)

    assert [name for _, name in program.definitions] == ["first", "second", "third", "it"]
    assert [(o.level, o.name) for o in program.outputs] == [("household", "it")]


def test_only_what_the_rules_asked_need_is_bound():
    book = rulebook(
        rule("a", "ready") + rule("b", "x > 1") + rule("ready", "water") + derived("x", "rooms + 1")
    )

    program = bind(book, ON, rules=["a"])

    assert list(program.definitions) == [("household", "ready"), ("household", "a")]
    assert list(program.facts) == [("household", "water")]
    assert bind(book, ON, rules=[], values=[("household", "x")]).outputs == ()


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ({"a": "a + 1"}, "a → a"),
        ({"a": "b + 1", "b": "a + 1"}, "a → b → a"),
        ({"a": "b + 1", "b": "c + 1", "c": "b + 1"}, "b → c → b"),
        ({"a": "case when water then b else 1 end", "b": "sum(member.rooms2)", "c": "1"}, None),
    ],
)
def test_a_circle_is_refused_with_its_names(texts, names):
    more = derived("rooms2", "household.a + 1", level="person")

    found = refused(
        "".join(derived(n, t) for n, t in texts.items()) + (more if names is None else "")
    )

    first = faults_in(found)[0]
    assert first.code == "rulebook.circle"
    assert first.details["names"] == (names or "a → b → rooms2 → a")


def test_a_long_row_of_uses_is_bound_however_it_is_written():
    texts = ["rooms + 1"] + [f"x{n - 1} + 1" for n in range(1, MOST_STEPS)]
    rows = [derived(f"x{n}", text) for n, text in enumerate(texts)]
    ask = derived("it", f"x{MOST_STEPS - 2}")

    for order in (rows[:-1], rows[-2::-1]):
        book = rulebook(ask + "".join(order))
        program = bind(book, ON, rules=[], values=[("household", "it")])
        assert len(program.definitions) == MOST_STEPS
    assert (
        value_of(f"x{MOST_STEPS - 2}", {"rooms": 1}, unit="n", more="".join(rows[:-1]))
        == MOST_STEPS
    )


def test_a_row_of_uses_without_end_is_refused():
    rows = [derived(f"x{n}", f"x{n + 1} + 1") for n in range(400)] + [derived("x400", "rooms + 1")]

    found = refused("".join(rows))

    assert {f.code for f in faults_in(found)} == {"rulebook.too_deep"}


# -- derived facts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounding", "text", "unit", "found"),
    [
        ("fen half_up", "income / 2", "yuan", 1),
        ("fen down", "income / 2", "yuan", 0),
        ("yuan up", "income / 2", "yuan", 100),
        ("whole half_up", "area / 2", "m2", 1),
        ("whole down", "area / 2", "m2", 0),
    ],
)
def test_round_makes_a_value_exact(rounding, text, unit, found):
    card = {"income": 0.01, "area": 1}

    assert value_of(text, card, unit=unit, more=f'round = "{rounding}"\n') == found


def test_money_is_rounded_to_fen_or_yuan_and_a_number_to_whole():
    assert "money is rounded to fen or yuan" in str(
        refused(derived("x", "income + 0", "yuan", round="whole down"))
    )
    assert "money is rounded to fen or yuan" in str(
        refused(derived("x", "rooms + 0", round="fen down"))
    )
    assert "round = “up”" in str(refused(derived("x", "rooms + 0", round="up")))


def test_a_given_value_is_taken_and_computed_only_where_it_is_blank():
    more = derived("mean", "income / count(member)", "yuan/person", given=True)
    card = members({}, {}, income=10)

    assert holds("mean = 5", card, more=more) is True
    assert holds("mean = 7", {**card, "mean": 7}, more=more) is True
    assert holds("mean = 7", {"mean": 7}, more=more) is True
    assert holds("mean is blank", {"income": 1}, more=more) is True
    assert (
        holds("any(household.mean = 7)", {"households": [{"mean": 7}]}, about="village", more=more)
        is True
    )


def test_given_values_of_every_type_can_be_read_from_a_card():
    more = (
        derived("yes", "water and power", "", given=True)
        + derived("mark", "case when water then grade else 'd' end", "", given=True)
        + derived("day", "not_below(visited, '2020-01-01')", "", given=True)
        + derived("word", "part(phone, 1, 2)", "", given=True)
        + derived("share", "area / 2", "share", given=True)
    )
    card = {"yes": True, "mark": "c", "day": "2021-01-01", "word": "ab", "share": 0.5}
    text = "yes and mark = 'c' and day = '2021-01-01' and word = 'ab' and share = 0.5"

    assert holds(text, card, more=more) is True
    assert holds(text, {}, more=more) is None


def test_a_given_value_is_a_fact_that_may_be_absent():
    book = rulebook(rule("it", "mean > 1") + derived("mean", "income / rooms", "yuan", given=True))

    spec = bind(book, ON).facts["household", "mean"]

    assert spec.optional
    assert (spec.kind, spec.unit) == ("money", "yuan")
    assert spec.bounds[0] < 0 < spec.bounds[1]


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("income + 0", "m2", "the unit says “m2” but the value is money"),
        ("rooms + 0", "yuan", "the unit says “yuan” but the value is not money"),
        ("rooms + 0", "", "a number needs a unit"),
        ("income + 0", "", "the unit says “” but the value is money"),
    ],
)
def test_the_unit_fits_the_value(text, unit, why):
    assert why in str(refused(DERIVED.format(about="household", text=quoted(text), unit=unit)))


def test_a_written_number_with_a_unit_of_money_is_yuan():
    assert value_of("100 * 12", unit="yuan/year") == 120000
    assert value_of("case when water then 100 else 0.5 end", {"water": False}, unit="yuan") == 50


def test_an_assumption_needs_its_reason():
    bare = derived("x", "if_unknown(rooms, 1)").replace('assumes = "a test"\n', "")

    found = refused(bare)

    paid = rule("y", "water", extra='amount = "if_unknown(income, 1)"\n')
    assert refused(paid.replace('assumes = "a test"\n', "")).code == "rulebook.bad_entry"
    assert "if_unknown is used and “assumes” does not say why" in found.sentence("en")
    assert "用了 if_unknown 却没写 assumes" in found.sentence("zh")


# -- amounts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("100", 10000), ("0.005", 1), ("income / 3", 33), ("-income / 3", -33),
        ("income * 0.5", 50),
        ("case when power then 100 else 200 end", 20000),
        ("line.pay", 15000), ("line.pay * 2", 30000),
    ],
)  # fmt: skip
def test_an_amount_is_money_rounded_half_up_to_the_fen(text, fen):
    line = '[line.pay]\nunit = "yuan"\n2020-01-01 = { value = 150, source = "s" }\n'
    book = rulebook(rule("it", "water", extra=f"amount = {quoted(text)}\n") + line)
    card = {"water": True, "power": False, "income": 1}

    assert OneCard(book, ON, "household").answers(card)["it"].amount == fen


@pytest.mark.parametrize("text", ["rooms", "water", "'a'", "on", "area / 2", "true"])
def test_an_amount_that_is_not_money_is_refused(text):
    assert "an amount is money" in str(
        refused(rule("it", "water", extra=f"amount = {quoted(text)}\n"))
    )


# -- levels ---------------------------------------------------------------------------------------


def test_a_run_over_files_sees_everybody_and_a_card_only_its_own():
    book = rulebook(rule("it", "income < population.half") + derived(
        "half", "0.5 * median(household.income)", "yuan", level="population"
    ))  # fmt: skip

    assert bind(book, ON).root == POPULATION
    run, card = bind(book, ON), bind(book, ON, root="household")
    assert isinstance(run.definitions["population", "half"].node, Arith)
    unknown = card.definitions["population", "half"].node
    assert isinstance(unknown, Const)
    assert unknown.value is None


def test_a_rule_of_an_unknown_name_is_refused():
    book = rulebook(rule("roof", "water"))

    found = refusal(book, rules=["rof"])

    assert str(found) == "Rulebook “small” has no rule “rof”; did you mean “roof”?"
    assert found.sentence("zh") == "规则书“small”里没有规则“rof”；是否想写“roof”？"
    assert refusal(book, values=[("household", "nothing")]).code == "rulebook.no_such_rule"


def test_a_derived_fact_or_rule_may_be_named_by_its_label():
    more = derived("mean", "rooms + 1").replace('zh = "mean"', 'zh = "平均"')

    assert holds("平均 = 2", {"rooms": 1}, more=more) is True


def test_a_condition_is_asked_for_in_a_rule():
    assert "expected a condition, this is a whole number" in str(fault("count(member)"))
