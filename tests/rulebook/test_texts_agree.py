"""Random texts of the language over random cards: every reader gives the reference answer."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rulebook.books import ON, RULE, quoted, rulebook
from tests.rulebook.random_texts import AMOUNTS, CARDS, CONDITIONS, MORE, SHEET
from tests.soak import SOAK
from yihu.commands.example_batches import by_columns, by_sql
from yihu.rulebook.book import Dated, Example
from yihu.rulebook.examples import run

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@lru_cache(maxsize=1)
def base():
    text = RULE.format(about="household", text=quoted("water")) + 'amount = "1"\n' + MORE
    return rulebook(text, help=SHEET)


def book_of(texts, amounts, cards):
    """A rulebook with these texts as rules; the cards are the examples of each."""
    examples = tuple(Example(f"card {i}", ON, card, "holds") for i, card in enumerate(cards))
    rule = base().rules["household", "it"]
    always = rule.holds.texts[0][0]
    rules = {
        ("household", f"r{n}"): replace(
            rule,
            name=f"r{n}",
            holds=Dated(((always, text),)),
            amount=Dated(((always, amount),)),
            examples=examples,
        )
        for n, (text, amount) in enumerate(zip(texts, amounts, strict=True))
    }
    return replace(base(), rules=rules)


@settings(max_examples=15 * SOAK, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_sql_and_columns_answer_every_text_as_the_reference_does(data):
    texts = data.draw(st.lists(CONDITIONS, min_size=4, max_size=4))
    amounts = data.draw(st.lists(AMOUNTS, min_size=4, max_size=4))
    cards = data.draw(st.lists(CARDS, min_size=1, max_size=6))
    book = book_of(texts, amounts, cards)

    expected = [(o.rule.holds.texts[0][1], o.example.says, o.answer) for o in run(book)]

    for reader in (by_sql, by_columns):
        found = [(o.rule.holds.texts[0][1], o.example.says, o.answer) for o in reader(book)]
        assert found == expected
