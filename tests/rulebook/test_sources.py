"""Sources are data: what a label stands for, and labels nobody has listed."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.rulebook.books import ON, RULE, quoted, refused, rulebook
from yihu.report.rulebook_page import both, page
from yihu.rulebook import read
from yihu.rulebook.explain import Explainer
from yihu.rulebook.explain.because import Because
from yihu.rulebook.facts import Text
from yihu.rulebook.language.entries_sources import labels_in, named_in

NOTICE = """
[source.GOV16]
title = { zh = "某通知", en = "a notice" }
issuer = "某办公室"
number = "某办发〔2016〕1号"
date = 2016-08-04
url = "https://example.org/1"
[source.FUP]
url = ["https://example.org/2", "https://example.org/3"]
"""


def text(source, sources=NOTICE):
    rule = RULE.format(about="household", text=quoted("water"))
    return rule.replace('source = "a test"', f'source = "{source}"') + sources


def test_a_source_keeps_what_is_known_of_it():
    found = rulebook(text("GOV16 3; FUP")).sources

    assert found["GOV16"].date == date(2016, 8, 4)
    expected = "某通知，某办公室，某办发〔2016〕1号，2016-08-04，https://example.org/1"
    assert found["GOV16"].said("zh") == expected
    assert found["GOV16"].said("en").startswith("a notice, 某办公室")
    assert found["FUP"].said("zh") == "https://example.org/2，https://example.org/3"


def test_an_explanation_names_its_sources_in_full():
    explainer = Explainer(rulebook(text("GOV16 3; a village meeting")), ON, "it")
    because = Because(explainer, explainer.rows({"water": True}))

    assert because.sentences("zh")[-2] == "依据：GOV16 3; a village meeting"
    assert because.sentences("zh")[-1].startswith("  - GOV16：某通知，")
    assert because.sentences("en")[-1].startswith("  - GOV16: a notice, ")
    assert list(because.data()["sources"]) == ["GOV16"]


@pytest.mark.parametrize("source", ["GOV17 3", "FUP; GOV17 3.2", "a meeting；GOV17"])
def test_a_label_that_is_not_listed_is_refused_with_the_nearest(source):
    assert "no source “GOV17”; did you mean “GOV16”?" in str(refused(text(source)))


@pytest.mark.parametrize("source", ["general knowledge", "桂政办发〔2017〕41号", "K", "; FUP;"])
def test_a_text_without_a_label_stands_freely(source):
    assert rulebook(text(source)).rules["household", "it"].source == Text(source, source)


def test_without_a_list_any_source_may_stand():
    assert rulebook(text("GOV17 3", sources="")).sources == {}


def test_the_label_of_a_line_is_looked_up_too():
    line = """
    [line.low]
    unit = "yuan"
    2020-01-01 = { value = 1, source = "GOV61" }
    """

    assert "no source “GOV61”" in str(refused(text("FUP") + line))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('issuer = "x"', "a source needs a title or a url"),
        ('url = "example.org"', "“example.org” is no address"),
        ('url = "javascript:alert(1)"', "is no address"),
        ('title = "x"', "title needs { zh = …, en = … }"),
        ('titel = "x"', "unknown key “titel”; did you mean “title”?"),
        ('url = "https://a.b"\ndate = "2016"', "date is a day such as"),
    ],
)
def test_an_entry_that_says_nothing_is_refused(entry, why):
    assert why in str(refused(text("X1", f"[source.X1]\n{entry}\n")))


def test_labels_are_the_first_words_of_the_parts():
    assert labels_in("PGFP A1-A3; GH-AUTO AC01；PGFP: B") == ["PGFP", "GH-AUTO"]


def test_every_label_of_the_guangxi_rulebook_is_listed_and_shown():
    book = read.rulebook("guangxi", check=False)
    used = {label for rule in book.rules.values() for label in labels_in(rule.source.zh)}

    assert {"PGFP", "GOV16", "FUP", "procedures"} <= set(book.sources)
    assert {"PGFP", "FUP"} <= used
    shown = page(book)
    assert all(f"<b>{both(source.labels)}</b>" in shown for source in book.sources.values())


def test_a_source_may_be_said_in_both_languages_and_is_named_once():
    label = '[source.procedures]\nzh = "程序"\ntitle = { zh = "业务流程", en = "procedures" }\n'
    said = '{ zh = "程序 5（甲）；GOV16", en = "procedures 5; GOV16" }'
    rule = text("X").replace('source = "X"', f"source = {said}")
    because = Because(explainer := Explainer(rulebook(rule + label), ON, "it"), explainer.rows({}))

    assert "依据：程序 5（甲）；GOV16" in because.sentences("zh")
    assert "Source: procedures 5; GOV16" in because.sentences("en")
    assert [line.split("：")[0] for line in because.sentences("zh")[-2:]] == [
        "  - 程序",
        "  - GOV16",
    ]
    assert because.sentences("en")[-2].startswith("  - procedures: ")


def test_a_label_in_capitals_is_known_wherever_it_stands_and_a_plain_word_is_not():
    sources = NOTICE + '[source.form]\nurl = "https://a.b"\n'
    book = rulebook(text("2016 after FUP, GOV16; the exit form", sources))

    found = named_in(book.rules["household", "it"].source, book.sources)

    assert [spec.label for spec in found] == ["FUP", "GOV16"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('{ zh = "GOV17 3", en = "GOV16 3" }', "no source “GOV17”"),
        ('{ zh = "GOV16 3" }', "source needs { zh = …, en = … }"),
        ("3", "source is a text"),
    ],
)
def test_a_source_in_one_language_only_or_of_another_label_is_refused(source, why):
    assert why in str(refused(text("X").replace('source = "X"', f"source = {source}")))


def test_every_source_of_the_guangxi_rulebook_is_said_in_chinese():
    book = read.rulebook("guangxi", check=False)
    specs = (*book.facts.values(), *book.derived.values(), *book.rules.values())
    found = [spec.source for spec in (*specs, *book.tables.values(), *book.asked.values())]
    found += [step.source for line in book.lines.values() for _, step in line.steps]

    found += [spec.assumes for spec in (*book.derived.values(), *book.rules.values())]
    english = re.compile(r"(?<![\w.])(?!line\.)[a-z]{3,}")

    assert [each.zh for each in found if each and english.search(each.zh)] == []
