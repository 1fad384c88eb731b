"""A rulebook may come from anybody: no text in it runs, reveals or stops anything.

Whatever stands in a text is refused in words or is one of the few things the language has, and of
those nothing but numbers and names of our own reaches the Python that is run.
"""

from __future__ import annotations

import time

import pytest

from tests.rulebook.attack_texts import HARMLESS, LARGE, REFUSED
from tests.rulebook.books import ON, ordinary, refusal_of, with_text
from tests.rulebook.plain_python import foreign, printed
from yihu.rulebook.bind import bind
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.refusals import Refused
from yihu.rulebook.sound import require_sound

CARD = {"water": True, "rooms": 3, "phone": "a\\'b", "grade": "a", "income": 10, "members": [{}]}


def refusal_of_text(*parts):
    return refusal_of(lambda: require_sound(with_text(*parts)))


def test_there_are_many_of_them():
    assert len(set(REFUSED)) >= 300
    assert not set(REFUSED) & set(HARMLESS)


@pytest.mark.parametrize("kind", ["holds", "value", "amount"])
@pytest.mark.parametrize("about", ["household", "village"])
def test_every_attack_is_refused_in_words(about, kind):
    for text in REFUSED:
        refused = refusal_of_text(text, about, kind)

        assert refused is not None, f"accepted: {text[:80]!r}"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_an_attack_is_text_or_a_name(text):
    book = with_text(text)
    require_sound(book)

    answer = OneCard(book, ON, "household").answers(CARD)["it"]
    assert answer.holds in (True, False, None)


@pytest.mark.parametrize("text", HARMLESS)
def test_no_text_of_a_rule_reaches_the_python_that_is_run(text):
    source = printed(bind(with_text(text), ON))

    assert foreign(source) == []
    assert "phone" not in source
    assert "drop" not in source


def test_a_large_text_is_refused_at_once():
    before = time.process_time()

    assert all(refusal_of_text(text) for text in LARGE)

    assert time.process_time() - before < 2


def test_a_text_that_doubles_at_each_step_takes_no_longer():
    text = "rooms"
    for _ in range(14):
        text = f"(case when {text} between 0 and 2 then 1 else 0 end)"
    book = with_text(f"{text} = 1")

    assert OneCard(book, ON, "household").answers({"rooms": 1})["it"].holds is True


def test_a_refusal_says_nothing_of_the_machine():
    with pytest.raises(Refused) as refused:
        require_sound(with_text("__import__('os')"))

    assert "there is no function “__import__”" in str(refused.value)
    assert ordinary().folder not in str(refused.value)
