"""What is a reason: words, not signs alone, and no longer than what keeps it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import yihu
from yihu.problems import Problem
from yihu.reason import good_reason

#: What cuts a reason that somebody typed; what is cut is lost, and nobody is told.
CUT = re.compile(r"""(POST\.get\("why".*|\b(why|reason)(\.strip\(\))?)\[:\d+\]""")
#: Where words that were judged already are only named in short.
NAMED = {"web/duplicates.py", "web/comparison.py"}


@pytest.mark.parametrize("text", ["", "   ", "。。。。。", ".....", "aaaaaaa", "——、——！", "是"])
def test_signs_alone_are_no_reason(text):
    with pytest.raises(Problem) as refused:
        good_reason(text, "ledger.no_reason", least=2)

    assert refused.value.code == "ledger.no_reason"
    for lang, words in (("zh", "标点不算"), ("en", "2 letters or figures")):
        assert words in refused.value.sentence(lang)


def test_a_reason_that_is_too_long_is_refused_and_never_cut():
    with pytest.raises(Problem) as refused:
        good_reason("户主外出务工，" * 80, "ledger.no_reason", least=5)

    assert refused.value.code == "desk.reason_too_long"
    assert refused.value.details == {"found": 560, "most": 400}
    assert "560" in refused.value.sentence("zh")
    assert "400" in refused.value.sentence("en")


@pytest.mark.parametrize("text", ["传错了", " 已核实。 ", "moved away", "3 人已迁出"])
def test_words_are_a_reason(text):
    assert good_reason(text, "ledger.no_reason", least=2) == text.strip()


def test_no_act_cuts_a_reason_by_itself():
    root = Path(yihu.__file__).parent

    cutting = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if CUT.search(path.read_text(encoding="utf-8"))
    }

    assert cutting - NAMED == {"web/people.py"}  # judged before by people_closing, shorter
