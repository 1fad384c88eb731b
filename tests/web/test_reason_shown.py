"""A reason on a page: what anybody wants to know first, the working folded."""

from __future__ import annotations

from django.utils import translation

from yihu.web.reason_shown import sections

SENTENCES = (
    "陈生：“两不愁”在 2020年10月17日 未知。",
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


def test_of_what_is_missing_the_department_that_may_know_is_named():
    asked = (
        "陈生：“两不愁”未知。",
        "还不知道，要问清：",
        "  - 主食够吃吗？（问这一家）",
        "依据：EXIT16",
    )
    with translation.override("zh-hans"):
        found, nobody = sections(asked, owner="民政局"), sections(asked)

    assert found[1].lines == [
        (0, "主食够吃吗？（问这一家）"),
        (0, "责任部门的名单里也许已有：民政局"),
    ]
    assert nobody[1].lines == [(0, "主食够吃吗？（问这一家）")]
    assert [each.lines for each in found if each is not found[1]] == [[], []]
