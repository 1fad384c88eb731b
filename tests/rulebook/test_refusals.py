"""Every refusal is one list of sentences in two languages, and each is given what it tells."""

from __future__ import annotations

import ast
import pickle
import string
from pathlib import Path

import pytest

import yihu
from yihu.rulebook.refusals import SENTENCES, Phrase, Refused, meant, nearest, suggestion

SOURCES = sorted(Path(yihu.__file__).parent.rglob("*.py"))


def told(sentence):
    """Names of the details in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def plain(names):
    """Names of details without their language."""
    return {name.removesuffix("_zh").removesuffix("_en") for name in names}


def calls():
    """Every Refused("code", …) in the code: where, code, names of the details given."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Refused":
                continue
            code = node.args[0] if node.args else None
            if isinstance(code, ast.Constant):
                where = f"{path.name}:{node.lineno}"
                yield where, code.value, {keyword.arg for keyword in node.keywords}


CALLS = list(calls())


def test_refusals_are_found_in_the_code():
    assert len(CALLS) > 40


@pytest.mark.parametrize("code", SENTENCES)
def test_every_code_has_a_sentence_in_both_languages_told_from_its_details(code):
    zh, en = SENTENCES[code]["zh"], SENTENCES[code]["en"]
    details = {name: f"<{name}>" for name in told(zh) | told(en)}

    refused = Refused(code, **details)

    assert plain(told(zh)) == plain(told(en))
    for lang in ("zh", "en"):
        assert "<" in refused.sentence(lang) or not details
    assert any("\u4e00" <= sign <= "\u9fff" for sign in refused.sentence("zh"))


@pytest.mark.parametrize(("where", "code", "given"), CALLS, ids=[f"{c[0]}-{c[1]}" for c in CALLS])
def test_every_refusal_gives_what_its_sentence_tells(where, code, given):
    needed = told(SENTENCES[code]["zh"]) | told(SENTENCES[code]["en"])

    # A caller that passes a mapping on gives what the mapping holds.
    assert None in given or needed <= given, where


def test_a_detail_is_told_in_the_language_of_the_sentence():
    refused = Refused(
        "rulebook.bad_entry",
        at="a.toml:1",
        what="x",
        why="broken",
        why_zh="坏了",
        advice=Phrase("Mend it. ", "请修。"),
    )

    assert str(refused) == "a.toml:1, x: broken. Mend it. Nothing was loaded."
    assert refused.sentence("zh") == "a.toml:1，x：坏了。请修。未载入任何内容。"
    assert refused.details["why"] == "broken"


def test_several_faults_are_told_in_the_language_of_the_sentence():
    inner = [
        Refused("rulebook.bad_entry", at=f"a.toml:{n}", what="x", why="w", why_zh="因", advice="")
        for n in range(60)
    ]

    refused = Refused("rulebook.several", name="a", count=60, list="", faults=inner)

    assert refused.sentence("en").count("\n") == 50
    assert "- a.toml:3，x：因。" in refused.sentence("zh")


def test_a_refusal_travels_between_processes():
    refused = Refused("rulebook.no_such_rule", name="a", rule="b", suggestion=meant("c"))

    again = pickle.loads(pickle.dumps(refused))

    assert (again.code, again.sentence("en")) == (refused.code, str(refused))


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [("scholing", ["schooling", "age"], "schooling"), ("zzz", ["schooling"], ""), ("a", [], "")],
)
def test_the_nearest_known_word_is_suggested(word, known, near):
    assert nearest(word, known) == near
    assert suggestion(word, known) == (f"; did you mean “{near}”?" if near else "")
    assert suggestion(word, known, "zh") == (f"；是否想写“{near}”？" if near else "")


def test_a_phrase_is_its_english_text():
    phrase = Phrase("yes", "是")

    assert phrase == "yes"
    assert phrase.zh == "是"
    assert pickle.loads(pickle.dumps(meant("x"))) == meant("x")
