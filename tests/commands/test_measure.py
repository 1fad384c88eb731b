"""`yihu measure`: JSON on standard output and nothing else, the table for people beside it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tests.commands.registers import yihu
from tests.shared import need
from yihu.commands import main

TEXT = "title\nname,income,weight,place\na,100,1,x\nb,200,1,x\nc,300,1,y\nd,,1,y\ne,400,2,y\n"


def table(tmp_path, text=TEXT, encoding="utf-8"):
    path = tmp_path / "people.csv"
    path.write_text(text, encoding=encoding)
    return str(path)


def measured(*words, lang="en"):
    result = CliRunner().invoke(main, ["measure", *words], env={"YIHU_LANG": lang})
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), result.stderr


def test_standard_output_is_json_and_nothing_else(tmp_path):
    found, said = measured("--welfare", "income", "--line", "250", table(tmp_path))

    assert found["rows"] == 4
    assert found["headcount"] == 0.5
    assert found["cleaning"]["missing_welfare"] == 1
    assert "Headcount ratio" in said


def test_the_table_is_left_out_where_nobody_wants_it(tmp_path):
    _, said = measured("--welfare", "income", "--quiet", table(tmp_path))

    assert said == ""


def test_the_file_holds_what_was_printed(tmp_path):
    out = tmp_path / "out.json"

    found, _ = measured("--welfare", "income", "--out", str(out), table(tmp_path))

    assert json.loads(out.read_text(encoding="utf-8")) == found


def test_weights_count(tmp_path):
    found, _ = measured(
        "--welfare", "income", "--weight", "weight", "--line", "250", table(tmp_path)
    )

    assert found["headcount"] == pytest.approx(2 / 5)


def test_groups_are_measured_at_the_same_line(tmp_path):
    found, said = measured(
        "--welfare", "income", "--line", "250", "--by", "place", table(tmp_path), lang=""
    )

    assert {g: part["headcount"] for g, part in found["by_group"].items()} == {"x": 1.0, "y": 0.0}
    assert "贫困人口比例" in said


def test_titles_above_the_headings_and_other_encodings_are_understood(tmp_path):
    text = '人员名册\n姓名,人均收入\n甲,100\n乙,"1,200"\n'

    found, _ = measured("--welfare", "人均收入", table(tmp_path, text, "gb18030"))

    assert found["mean"] == 650


def test_austrian_values_are_those_r_gives_for_the_same_design():
    path = need("data", "peer_eusilc", "eusilc.parquet")

    found, _ = measured(
        "--welfare", "eqIncome", "--weight", "rb050", "--negative", "keep",
        "--psu", "db030", str(path),
    )  # fmt: skip

    # R laeken 0.5.2 and survey 4.1.1, in the README of the data.
    assert found["line"] == pytest.approx(10859.24, abs=0.005)
    assert found["headcount"] == pytest.approx(0.1444422, abs=5e-8)
    assert found["gini"] == pytest.approx(0.2648962, abs=5e-8)
    assert found["standard_errors"]["of"]["gap"]["se"] == pytest.approx(0.001813, abs=5e-7)
    assert found["standard_errors"]["of"]["severity"]["se"] == pytest.approx(0.001197, abs=5e-7)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--welfare", "incom"], "did you mean “income”"),
        (["--welfare", "name"], "row 3, column “name”: “a”"),
        (["--welfare", "income", "--line", "-1"], "--line -1"),
        (["--welfare", "income", "--line", "relativ"], "--line relativ"),
        (["--welfare", "income", "--share", "60"], "“60”"),
        (["--welfare", "income", "--strata", "nowhere"], "no column “nowhere”"),
        (["--welfare", "income", "--negative", "hide"], "drop, keep, refuse"),
        (["--welfare", "income", "--line", "250", "--strata", "name"], "cannot be measured"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_place(tmp_path, words, says):
    out = tmp_path / "out.json"
    out.write_text("earlier", encoding="utf-8")

    result = yihu("measure", *words, "--out", str(out), table(tmp_path))

    assert result.exit_code == 2, result.output
    assert says in result.output
    assert result.stdout == ""
    assert out.read_text(encoding="utf-8") == "earlier"


def test_a_negative_weight_is_named_by_its_row(tmp_path):
    text = TEXT.replace("b,200,1", "b,200,-1")

    result = yihu("measure", "--welfare", "income", "--weight", "weight", table(tmp_path, text))

    assert result.exit_code == 2
    assert "row 4, column “weight”" in result.output


def test_a_file_without_rows_is_refused(tmp_path):
    result = yihu("measure", "--welfare", "income", table(tmp_path, "name,income\n"))

    assert result.exit_code == 2
    assert "no rows" in result.output
