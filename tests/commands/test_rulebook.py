"""`yihu rulebook test` and `new`: what an author without Python is told."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.commands.registers import yihu
from yihu.commands import example_batches
from yihu.commands.example_tests import READERS
from yihu.commands.starter import write_starter
from yihu.rulebook import read
from yihu.rulebook.evaluate import Answer


def broken(tmp_path, *changes):
    """The starter with words exchanged in its rules."""
    write_starter(tmp_path / "mine", "en")
    path = tmp_path / "mine" / "rules.toml"
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    return str(tmp_path / "mine")


# -- new ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_new_rulebook_passes_its_test_on_every_reader(tmp_path, lang):
    made = yihu("rulebook", "new", str(tmp_path / "我的县"), lang=lang)

    tested = yihu("rulebook", "test", str(tmp_path / "我的县"), "--reader", "all", lang=lang)

    assert made.exit_code == 0, made.output
    assert tested.exit_code == 0, tested.output
    assert ", ".join(READERS) in tested.output.replace("、", ", ")


@pytest.mark.parametrize(
    ("lang", "says", "other"), [("zh", "# 规则", "# Rules"), ("en", "# Rules", "# 规则")]
)
def test_its_comments_are_in_the_language_asked_for(tmp_path, lang, says, other):
    yihu("rulebook", "new", str(tmp_path / "mine"), lang=lang)

    text = (tmp_path / "mine" / "rules.toml").read_text(encoding="utf-8")
    assert says in text
    assert other not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_county_fills_in_what_the_rulebook_it_extends_does_not_know(tmp_path, lang):
    made = yihu("rulebook", "new", str(tmp_path / "田东"), "--extends", "guangxi", lang=lang)
    lines = tmp_path / "田东" / "lines.toml"
    text = lines.read_text(encoding="utf-8")
    asked = text.index("# [line.region_income]")
    filled = text[asked:].replace("# [", "[", 1).replace("# 2014", "2014", 1)
    lines.write_text(filled.replace("value = …", "value = 4000", 1), encoding="utf-8")

    base, own = read.rulebook("guangxi"), read.rulebook(tmp_path / "田东")

    assert made.exit_code == 0, made.output
    day = date(2019, 12, 31)
    steps = [book.lines["region_income"].on(day) for book in (base, own)]
    assert [step and step.value for step in steps] == [None, 4000]
    assert len(own.rules) == len(base.rules)
    assert {f"line.{n}" for n, line in base.lines.items() if _has_hole(line)} == set(
        re.findall(r"^# \[(line\.\w+)\]", text, re.MULTILINE)
    )


def _has_hole(line):
    return any(step.value is None for _, step in line.steps)


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "note.txt").write_text("kept", encoding="utf-8")

    result = yihu("rulebook", "new", str(tmp_path / "mine"))

    assert result.exit_code == 2
    assert "exists already" in result.output
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["note.txt"]


def test_a_name_that_cannot_name_a_rulebook_is_refused(tmp_path):
    result = yihu("rulebook", "new", str(tmp_path / "2 books"))

    assert result.exit_code == 2
    assert "Begin with a letter" in result.output
    assert not list(tmp_path.iterdir())


# -- test -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", read.shipped())
def test_every_shipped_rulebook_passes(name):
    result = yihu("rulebook", "test", name)

    assert result.exit_code == 0, result.output
    assert result.output.endswith("All pass.\n")


def test_a_failing_example_says_what_was_expected_what_came_and_why(tmp_path):
    book = broken(tmp_path, ("income_per_person < line", "income_per_person <= line"))

    result = yihu("rulebook", "test", book)

    assert result.exit_code == 1
    assert "Exactly on the line: fails." in result.output
    assert "expected: fails" in result.output
    assert "came out: holds" in result.output
    assert "net income per person" in result.output
    assert "8,400.00" in result.output
    assert "1 examples fail, 0 rules lack examples." in result.output


def test_the_same_is_said_in_chinese(tmp_path):
    book = broken(tmp_path, ("income_per_person < line", "income_per_person <= line"))

    result = yihu("rulebook", "test", book, lang="")

    assert "应为：不成立" in result.output
    assert "得到：成立" in result.output
    assert "人均纯收入" in result.output


def test_a_failing_example_fails_on_every_reader(tmp_path):
    book = broken(tmp_path, ("income_per_person < line", "income_per_person <= line"))

    result = yihu("rulebook", "test", book, "--reader", "all")

    assert all(f"[{reader}]" in result.output for reader in READERS)


def test_a_reader_that_answers_otherwise_is_named(tmp_path, monkeypatch):
    book = broken(tmp_path)
    monkeypatch.setattr(example_batches, "_answer", lambda code, amount: Answer(None))

    result = yihu("rulebook", "test", book, "--reader", "all")

    assert result.exit_code == 1
    assert "[sql]" in result.output
    assert "[columns]" in result.output
    assert "[evaluate]" not in result.output


def test_a_rule_without_an_example_that_is_unknown_fails(tmp_path):
    book = broken(tmp_path)
    path = tmp_path / "mine" / "rules.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "was not asked yet" not in line]
    path.write_text("\n".join(kept), encoding="utf-8")

    result = yihu("rulebook", "test", book)

    assert result.exit_code == 1
    assert "low_income (Income per person is below the line): no example for unknown." in (
        result.output
    )


def test_an_entitlement_without_an_example_of_its_amount_fails(tmp_path):
    book = broken(tmp_path, ('kind   = "risk"', 'kind   = "risk"\namount = "100"'))

    result = yihu("rulebook", "test", book)

    assert result.exit_code == 1
    assert "no example for the amount" in result.output


def test_a_card_with_a_word_nobody_knows_is_named(tmp_path):
    book = broken(tmp_path, ("net_income = 16800,", "net_incom = 16800,"))

    result = yihu("rulebook", "test", book)

    assert result.exit_code == 1
    assert "did you mean “net_income”" in result.output


def test_a_rulebook_that_cannot_be_read_is_refused_with_file_line_and_reason(tmp_path):
    book = broken(tmp_path, ("line.income", "line.incom"))

    result = yihu("rulebook", "test", book)

    assert result.exit_code == 2
    assert "rules.toml:" in result.output
    assert "line.income" in result.output


def test_a_rulebook_that_is_not_there_is_refused_with_those_that_are():
    result = yihu("rulebook", "test", "nowhere")

    assert result.exit_code == 2
    assert "spain" in result.output


# -- docs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_docs_writes_one_page_beside_where_one_is(tmp_path, monkeypatch, lang):
    monkeypatch.chdir(tmp_path)

    result = yihu("rulebook", "docs", "spain", lang=lang)

    assert result.exit_code == 0, result.output
    assert [p.name for p in tmp_path.iterdir()] == ["spain.html"]
    text = (tmp_path / "spain.html").read_text(encoding="utf-8")
    assert f'<html lang="{lang}"' in text


def test_docs_of_a_rulebook_that_cannot_be_read_leave_the_earlier_page(tmp_path):
    book = broken(tmp_path, ("line.income", "line.incom"))
    (tmp_path / "page.html").write_text("earlier", encoding="utf-8")

    result = yihu("rulebook", "docs", book, "--out", str(tmp_path / "page.html"))

    assert result.exit_code == 2
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "earlier"
