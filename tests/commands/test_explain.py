"""`yihu explain`: one card, one thing of the registers, evidence for many."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from yihu.commands import main
from yihu.rulebook.language.layers import SHIPPED

EXAMPLE = SHIPPED / "spain" / "example"
FILES = [
    "--households", str(EXAMPLE / "households_2018.parquet"),
    "--persons", str(EXAMPLE / "persons_2018.parquet"),
]  # fmt: skip
SPAIN = ["explain", "--rulebook", "spain", "--on", "2017-12-31"]


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["--lang", "en", *args])


def test_a_person_of_the_survey_is_told_why_she_is_poor() -> None:
    done = run(*SPAIN, *FILES, "--rule", "income_poverty", "--id", "1201")

    assert done.exit_code == 0, done.output
    assert "1201: “At risk of poverty” holds on 31 Dec 2017." in done.output
    assert "disposable income used for poverty: -8,713.50 EUR" in done.output
    assert "at-risk-of-poverty line: 8,870.92 EUR" in done.output


def test_the_line_of_everybody_is_the_batch_readers_own() -> None:
    done = run(*SPAIN, *FILES, "--rule", "income_poverty", "--id", "1201", "--json")

    record = json.loads(done.output)
    assert record["answer"] == "holds"
    assert {"about": "household", "fact": "income"}.items() <= record["facts"][0].items()
    assert record["facts"][0]["value"] == -871350


def test_a_card_by_hand_says_how_far_the_line_is(tmp_path: Path) -> None:
    card = tmp_path / "card.toml"
    card.write_text(
        "income = 20000\nmembers = [ { birth_year = 1970 } ]\n"
        "[population]\npoverty_line = 8870.92\n",
        encoding="utf-8",
    )

    done = run(*SPAIN, "--rule", "income_poverty", "--card", str(card))

    assert done.exit_code == 0, done.output
    assert "disposable income used for poverty, the line is 11,130 EUR away" in done.output


def test_evidence_is_written_for_every_answer_that_is_not_wanted(tmp_path: Path) -> None:
    out = tmp_path / "evidence.jsonl"

    done = run(*SPAIN, *FILES, "--rule", "deprived_household", "--all", str(out))

    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert done.exit_code == 0, done.output
    answers = [record["answer"] for record in records]
    assert (answers.count("holds"), answers.count("unknown")) == (658, 1)
    assert all(record["facts"] for record in records)


def test_the_level_of_an_unknown_id_is_named_in_the_readers_language() -> None:
    words = [*SPAIN, *FILES, "--rule", "arope", "--id", "no such person"]

    done = CliRunner().invoke(main, ["--lang", "zh", *words])

    assert "登记表的“成员”中没有编号“no such person”" in done.stderr


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--rule", "arope"], "explain.one_of"),
        (["--rule", "arope", "--id", "no such person"], "explain.no_such_id"),
        (["--rule", "aropa", "--id", "1201"], "rulebook.no_such_rule"),
    ],
)
def test_what_cannot_be_explained_is_refused(more: list[str], code: str) -> None:
    done = run(*SPAIN, *FILES, *more)

    assert done.exit_code != 0
    assert getattr(done.exception, "code", None) == code or done.exit_code == 2


@pytest.mark.parametrize(
    ("lang", "left"), [("zh", "行（--full 全部显示）"), ("en", "--full shows")]
)
def test_a_long_explanation_is_short_unless_all_is_asked_for(lang: str, left: str) -> None:
    words = ["--lang", lang, *SPAIN, *FILES, "--rule", "arope", "--id", "1201"]

    short = CliRunner().invoke(main, words).stdout.splitlines()
    full = CliRunner().invoke(main, [*words, "--full"]).stdout.splitlines()

    assert len(short) < len(full)
    assert (short[0], short[-1]) == (full[0], full[-1])
    assert any(left in line for line in short)
    assert not any(left in line for line in full)
    assert [line for line in short if left not in line] == [line for line in full if line in short]
