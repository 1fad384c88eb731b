"""A reason on a page: what anybody wants to know first, the working folded."""

from __future__ import annotations

from yihu.web.reason_shown import sections

SENTENCES = (
    "陈生：“两不愁”在 2020-10-17 未知。",
    "依据的事实：", "  - 主食是否够吃：未知",
    "起决定作用的部分：", "  - 不愁吃：未知", "    - 主食是否够吃：未知",
    "问清即可判定：", "  - 若主食是否够吃为是，则成立。",
    "依据：EXIT16", "  - EXIT16：某意见",
)  # fmt: skip


def test_the_working_comes_last_and_folded_with_its_steps():
    found = sections(SENTENCES)

    assert [each.heading for each in found] == [
        SENTENCES[0], "依据的事实：", "问清即可判定：", "依据：EXIT16", "起决定作用的部分：",
    ]  # fmt: skip
    assert [each.folded for each in found] == [False, False, False, False, True]
    assert found[-1].lines == [(0, "不愁吃：未知"), (1, "主食是否够吃：未知")]


def test_nothing_of_a_reason_is_left_out():
    shown = [
        line
        for each in sections(SENTENCES)
        for line in (each.heading, *(text for _, text in each.lines))
    ]

    assert sorted(shown) == sorted(each.strip(" ").removeprefix("- ") for each in SENTENCES)
