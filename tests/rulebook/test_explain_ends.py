"""An explanation ends, however often the texts of a rulebook use one another."""

from __future__ import annotations

import pytest

from tests.rulebook.books import ON, RULE, rulebook
from yihu.rulebook.explain import Explainer, facts_of
from yihu.rulebook.explain.because import MOST_LINES, Because

STEP = """
[derived.household.b{i}]
label = {{ zh = "推{i}", en = "b{i}" }}
value = "{text}"
"""
TEXTS = {
    "twice": "{below} and (water or {below})",
    "ten times": " or ".join(f"({{below}} and rooms = {n})" for n in range(10)),
    "through members": "any(member.sick or household.{below}) or {below}",
}


@pytest.mark.parametrize("how", TEXTS)
@pytest.mark.parametrize("card", [{}, {"water": True, "rooms": 3, "members": [{"sick": False}]}])
def test_a_text_that_doubles_at_each_step_is_explained_once(how, card):
    steps = "".join(
        STEP.format(i=i, text=TEXTS[how].format(below=f"b{i - 1}") if i else "water")
        for i in range(80)
    )
    book = rulebook(steps + RULE.format(about="household", text='"b79"'))
    explainer = Explainer(book, ON, next(name for _, name in book.rules))
    row = explainer.rows(card)

    step = explainer.explain(row)

    assert facts_of(step) or how != "twice"
    for lang in ("zh", "en"):
        assert len(Because(explainer, row).sentences(lang)) < MOST_LINES + 20
