"""A reason says first which line of the rulebook a value was held against, and since when."""

from __future__ import annotations

from datetime import date

import pytest

from yihu.rulebook import read
from yihu.rulebook.explain import Explainer
from yihu.rulebook.explain.because import Because

GUANGXI = read.rulebook("guangxi")
ON = date(2020, 10, 17)


def said(rule, card, lang, on=ON):
    explainer = Explainer(GUANGXI, on, rule)
    return Because(explainer, explainer.rows({"id": "韦家", **card})).sentences(lang)


@pytest.mark.parametrize(
    ("guarantee", "zh", "en"),
    [
        (68, "供水保证率 68% < 标准“供水保证率下限” 90%（2016年1月1日起）",
         "guarantee of water 68% < line “least guarantee of water” 90% (since 1 Jan 2016)"),
        (90, "供水保证率 90% = 标准“供水保证率下限” 90%（2016年1月1日起）",
         "guarantee of water 90% = line “least guarantee of water” 90% (since 1 Jan 2016)"),
    ],
)  # fmt: skip
def test_a_value_stands_beside_its_line_with_unit_and_day(guarantee, zh, en):
    card = {"water_guarantee": guarantee}

    assert said("water_reliable", card, "zh")[1] == f"  - {zh}"
    assert said("water_reliable", card, "en")[1] == f"  - {en}"


def test_a_derived_value_has_its_unit_and_the_first_sentence_no_value():
    card = {"house_area": 25, "members": [{"name": "韦大"}, {"name": "韦小"}]}
    first, second, *_ = said("house_large_enough", card, "zh")

    assert second.startswith("  - 人均住房面积 12.5平方米 < 标准“人均住房面积下限” 13平方米")
    assert "12.5" not in first


def test_what_is_unknown_is_held_against_no_line():
    assert not any("标准“" in line for line in said("water_reliable", {}, "zh")[:2])
