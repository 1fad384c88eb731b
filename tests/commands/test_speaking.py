"""Sentences in two languages, and lines that fit where Chinese characters take two cells."""

from __future__ import annotations

import sys
import time

import pytest

from yihu.commands import progress as progresses
from yihu.commands.progress import progress
from yihu.commands.speaking import choose_language, said, two_columns, width_of, wrap
from yihu.rulebook.refusals import SENTENCES, Refused


@pytest.mark.parametrize(
    ("args", "environment", "heard"),
    [
        ([], "", "中文"),
        ([], "en", "English"),
        (["check", "--lang", "en"], "", "English"),
        (["--lang=zh"], "en", "中文"),
        (["--", "--lang", "en"], "", "中文"),
    ],
)
def test_the_language_is_that_of_the_line_then_of_the_environment_then_chinese(
    monkeypatch, args, environment, heard
):
    monkeypatch.setenv("YIHU_LANG", environment)

    choose_language(args)

    assert said("中文", "English") == heard


def test_a_language_nobody_speaks_here_is_refused(monkeypatch):
    monkeypatch.setenv("YIHU_LANG", "fr")

    with pytest.raises(Refused) as refused:
        choose_language([])

    assert refused.value.code == "command.no_such_language"
    assert refused.value.details == {"found": "fr"}


def test_every_refusal_of_the_command_line_has_the_same_details_in_both_languages():
    def names(text):
        parts = text.split("{")[1:]
        return {part.partition("}")[0].removesuffix("_zh") for part in parts}

    ours = [c for c in SENTENCES if c.startswith(("command.", "measure."))]

    assert len(ours) > 20
    assert [c for c in ours if names(SENTENCES[c]["zh"]) != names(SENTENCES[c]["en"])] == []


def test_a_line_is_broken_between_words_and_between_chinese_characters():
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("找不到户的人", 6) == ["找不到", "户的人"]
    assert all(width_of(line) <= 20 for line in wrap("规则书 rulebook 用文件写明指标和规则", 20))


def test_a_full_stop_does_not_begin_a_line():
    assert wrap("找不到。", 6) == ["找不到。"]


def test_meanings_stand_below_each_other():
    lines = two_columns([("--on DAY", "核查日"), ("--a-name-that-is-much-too-long-for-it X", "x")])

    assert lines[0].index("核") == lines[2].index("x")
    assert lines[1] == "  --a-name-that-is-much-too-long-for-it X"


# -- progress -------------------------------------------------------------------------------------


class Screen:
    """Standard error of a person who looks, or of nobody."""

    def __init__(self, looks):
        self.looks, self.text = looks, ""

    def isatty(self):
        return self.looks

    def write(self, text):
        self.text += text
        return len(text)

    def flush(self):
        pass


def drawn(monkeypatch, *, looks, seconds):
    """What stands on standard error after work of so many seconds."""
    screen = Screen(looks)
    clock = iter([0.0, *[seconds] * 100])
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progresses, "time", type("Clock", (), {"monotonic": lambda: next(clock)}))
    with progress("reading") as show:
        for i in range(5):
            show(i, 5)
        time.sleep(0.15)
    return screen.text


def test_what_takes_longer_than_a_second_is_shown_to_whoever_looks(monkeypatch):
    assert "reading" in drawn(monkeypatch, looks=True, seconds=1.5)


@pytest.mark.parametrize(("looks", "seconds"), [(True, 0.5), (False, 100.0)])
def test_nothing_is_drawn_for_short_work_or_into_a_file(monkeypatch, looks, seconds):
    assert drawn(monkeypatch, looks=looks, seconds=seconds) == ""
