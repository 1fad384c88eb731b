"""Examples of rules: run on the reference reader, and what a rule still lacks."""

from __future__ import annotations

import pytest

from tests.rulebook.books import RULE, quoted, rulebook
from yihu.rulebook import read
from yihu.rulebook.examples import lacking, run

EXAMPLES = """
amount = "12.5"
examples = [
  { says = "Yes.", on = 2020-01-01, card = { water = true }, is = "holds", amount = 12.5 },
  { says = "No.", on = 2020-01-01, card = { water = false }, is = "fails" },
  { says = "Not asked.", on = 2020-01-01, card = {}, is = "unknown" },
]
"""


def outcomes(examples, text="water"):
    return list(run(rulebook(RULE.format(about="household", text=quoted(text)) + examples)))


def test_examples_hold_where_answer_and_amount_are_as_written():
    assert [o.ok for o in outcomes(EXAMPLES)] == [True, True, True]


@pytest.mark.parametrize(
    ("change", "ok"),
    [
        (("amount = 12.5 }", "amount = 12.6 }"), [False, True, True]),
        (('card = {}, is = "unknown"', 'card = {}, is = "fails"'), [True, True, False]),
        (("water = false", "water = 0"), [True, False, True]),
        (("water = false", "watr = false"), [True, False, True]),
    ],
)
def test_a_wrong_example_is_found(change, ok):
    assert [o.ok for o in outcomes(EXAMPLES.replace(*change))] == ok


def test_an_example_that_cannot_be_read_keeps_its_refusal():
    wrong = outcomes(EXAMPLES.replace("water = false", "watr = false"))[1]

    assert wrong.answer is None
    assert wrong.refusal.code == "card.unknown_name"


def test_an_example_on_a_day_the_rule_is_not_in_force_is_refused():
    late = outcomes("from = 2021-01-01\n" + EXAMPLES)

    assert {o.refusal.code for o in late} == {"rulebook.not_in_force"}


def test_a_rule_lacks_the_answers_it_has_no_example_for():
    text = RULE.format(about="household", text='"water"')
    rules = [
        rulebook(text + more).rules["household", "it"]
        for more in ("", EXAMPLES, "never_unknown = true\n" + EXAMPLES)
    ]

    assert [lacking(rule) for rule in rules] == [["holds", "fails", "unknown"], [], []]


@pytest.mark.parametrize("name", read.shipped())
def test_all_examples_of_the_shipped_rulebooks_hold_and_none_is_lacking(name):
    book = read.rulebook(name)

    wrong = [(o.rule.name, o.example.says, o.answer, o.refusal) for o in run(book) if not o.ok]

    assert wrong == []
    assert [rule.name for rule in book.rules.values() if lacking(rule)] == []
