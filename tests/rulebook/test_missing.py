"""The reason of an unknown answer says what is missing, how it is asked, and who can tell."""

from __future__ import annotations

import pytest

from tests.rulebook.books import FACTS, ON, RULE, quoted, rulebook
from yihu.rulebook.explain import Explainer
from yihu.rulebook.explain.because import Because
from yihu.rulebook.explain.missing import HEADING, TOGETHER

ASKED = """
[fact.person.well]
type = "yes_no"
label = { zh = "是否健康", en = "is well" }
ask = { zh = "身体好吗？", en = "Are they well?" }
"""


def reason(text, card, lang="zh", more="", about="household"):
    book = rulebook(RULE.format(about=about, text=quoted(text)) + more, facts=FACTS + ASKED)
    explainer = Explainer(book, ON, "it")
    return Because(explainer, explainer.rows({"id": "陈生", **card})).sentences(lang)


def under(heading, sentences):
    """The lines below a heading."""
    at = sentences.index(heading) + 1
    end = next((n for n in range(at, len(sentences)) if sentences[n][0] != " "), len(sentences))
    return [line.removeprefix("  - ") for line in sentences[at:end]]


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("zh", ["有水（问这一家）", "小月：身体好吗？（问本人或家里人）", "人口（问行政村）"]),
        ("en", ["has water (ask the family)", "小月: Are they well? (ask them or their family)",
                "people (ask the village)"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_asked_of_whoever_can_tell(lang, lines):
    card = {"power": True, "village": {"id": "甲村"},
            "members": [{"id": "韦大", "well": True}, {"id": "小月"}]}  # fmt: skip
    rule = "water and power and all(member.well) and village.people > 9"

    found = reason(rule, card, lang)

    said = under(HEADING.said(lang), found)
    assert [line.replace("甲村：", "").replace("甲村: ", "") for line in said] == lines


def test_it_comes_first_and_is_said_once():
    found = reason("water and power", {"power": True})

    assert found[1:3] == [HEADING.zh, "  - 有水（问这一家）"]
    assert "依据的事实：" not in found
    assert under("问清即可判定：", found) == ["若有水为是，则成立。", "若有水为否，则不成立。"]


@pytest.mark.parametrize(
    ("lang", "head", "line"),
    [
        ("zh", "离界限还差多少：", "按纯收入计，离界限差 1,001元；过了界限则成立。"),
        ("en", "How far away the line is:",
         "Counted in income, the line is 1,001 yuan away; beyond it the rule would hold."),
    ],
)  # fmt: skip
def test_an_amount_is_no_step_to_take_but_says_how_far_the_line_is(lang, head, line):
    found = reason("income >= 4000.01", {"income": 2999.5}, lang)

    assert under(head, found) == [line]
    assert not any("3,000" in each or "4,000.01" in each for each in under(head, found))
    assert "最近的一步：" not in found
    assert "The nearest single change:" not in found


def test_of_a_text_nobody_says_that_writing_it_would_change_nothing():
    said = "没有哪一项能办到的改变单独就能得出另一个结论。"

    assert said not in reason("any(member.name is blank)", {"members": [{"name": None}]}, "zh")
    assert said in reason("income >= 0 - 5", {"income": 100}, "zh")


WAITS = """
[fact.household.moved]
type = "yes_no"
label = { zh = "已搬迁", en = "has moved" }
ask = { zh = "搬了吗？", en = "Has it moved?" }
asked_if = "road"
asked_mark = "K"
"""


@pytest.mark.parametrize(
    ("card", "lines"),
    [
        ({}, ["有路（问这一家）", "有水（问这一家）", "搬了吗？（问这一家；看“有路”的回答再问）"]),
        ({"road": True}, ["搬了吗？（问这一家）", "有水（问这一家）"]),
    ],
)
def test_what_is_asked_after_another_answer_comes_last_and_says_so(card, lines):
    assert under(HEADING.zh, reason("moved and road and water", card, more=WAITS)) == lines


def test_where_one_answer_settles_nothing_that_is_said():
    several = reason("water and power", {})

    assert under(HEADING.zh, several) == ["有水（问这一家）", "有电（问这一家）"]
    assert "  - 若有水为否，则不成立。" in several
    assert TOGETHER.zh in reason("(water and power) or (road and rooms > 1)", {})


def test_a_line_without_a_value_is_the_countys_to_fill():
    line = '[line.low]\nunit = "yuan/year"\n2020-01-01 = { mark = "HOLE", source = "x" }\n'

    found = reason("income < line.low", {"income": 100}, more=line)

    assert under(HEADING.zh, found) == ["标准线“low”没有数（由县按文件填写）"]


@pytest.mark.parametrize("water", [True, False])
def test_an_answer_that_is_known_waits_for_nothing(water):
    assert HEADING.zh not in reason("water", {"water": water})
