"""`yihu compare`: a changed line, another day, another rulebook over the same registers."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from yihu.commands import main

BOOK = """
[rulebook]
name = "aid"
title = { zh = "补助", en = "Aid" }
version = "1"
[[level]]
name = "person"
zh = "成员"
en = "person"
plural = "members"
alias = "member"
id = ["person_id"]
parent = ["household_id"]
[[level]]
name = "household"
zh = "家庭"
en = "household"
plural = "households"
id = ["household_id"]
parent = ["village_code"]
[[level]]
name = "village"
zh = "村"
en = "village"
plural = "villages"
id = ["village_code"]
[fact.household.income]
type = "money"
label = { zh = "收入", en = "income" }
unit = "yuan/year"
[line.low]
unit = "yuan/person/year"
2019-01-01 = { value = 3000, source = "test", mark = "S" }
2020-01-01 = { value = 4000, source = "test", mark = "S" }
[line.each]
unit = "yuan/person/year"
2000-01-01 = { value = 100, source = "test", mark = "S" }
[rule.low_income]
about = "household"
title = { zh = "低收入", en = "low income" }
holds = "income / count(member) < line.low"
amount = "line.each * count(member.person_id_known)"
wanted = "fails"
kind = "entitlement"
source = "test"
[rule.has_people]
about = "household"
title = { zh = "有人", en = "has people" }
holds = "count(member) >= 1"
wanted = "holds"
kind = "quality"
source = "test"
[fact.person.person_id_known]
type = "yes_no"
label = { zh = "有编号", en = "id known" }
"""


def register(folder: Path) -> list[str]:
    """Four households of one person with 2,000, 3,500, 5,000 and unknown income."""
    (folder / "aid").mkdir()
    (folder / "aid" / "rulebook.toml").write_text(BOOK, encoding="utf-8")
    homes = {
        "household_id": ["a", "b", "c", "d"],
        "village_code": ["v1", "v1", "v2", "v2"],
        "income": [2000, 3500, 5000, None],
    }
    people = {
        "person_id": ["1", "2", "3", "4"],
        "household_id": ["a", "b", "c", "d"],
        "person_id_known": [True, True, True, True],
    }
    pq.write_table(pa.table(homes), folder / "h.parquet")
    pq.write_table(pa.table(people), folder / "p.parquet")
    return [
        "compare", "--rulebook", str(folder / "aid"), "--on", "2019-06-30",
        "--households", str(folder / "h.parquet"), "--persons", str(folder / "p.parquet"),
        "--out", str(folder / "moves.json"),
    ]  # fmt: skip


def run(args: list[str]) -> Result:
    return CliRunner().invoke(main, ["--lang", "en", *args])


def test_a_raised_line_moves_one_household_and_costs_a_hundred(tmp_path: Path) -> None:
    args = register(tmp_path)

    done = run([*args, "--line", "low=4000", "--by", "village"])

    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "moves.json").read_text(encoding="utf-8"))
    (rule,) = found["rules"]
    assert rule["rule"] == "low_income"
    assert rule["from_to"] == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert (rule["amount_before"], rule["amount_after"]) == ("100", "200")
    assert rule["by_place"]["v1"] == [[1, 0, 0], [1, 0, 0], [0, 0, 0]]
    assert rule["by_place"]["v2"] == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_every_way_anybody_moved_is_told_in_words(tmp_path: Path) -> None:
    args = register(tmp_path)

    done = run([*args, "--line", "low=4000", "--by", "village"])

    assert "low income (household)" in done.output
    assert "amount, change (yuan)" in done.output
    assert done.output.count("fails → holds 1") == 2
    assert "v1  fails → holds 1" in done.output


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_places_are_told_by_name_where_the_register_has_names(tmp_path: Path, lang: str) -> None:
    args = register(tmp_path)
    book = tmp_path / "aid" / "rulebook.toml"
    named = '[fact.village.name]\ntype = "text"\nlabel = { zh = "村名", en = "name" }\n'
    book.write_text(book.read_text(encoding="utf-8") + named, encoding="utf-8")
    villages = pa.table({"village_code": ["v1", "v2"], "村名": ["岜木村", "岜旺林村"]})
    pq.write_table(villages, tmp_path / "v.parquet")
    more = ("--places", str(tmp_path / "v.parquet"), "--line", "low=4000", "--by", "village")

    done = CliRunner().invoke(main, ["--lang", lang, *args, *more])

    assert done.exit_code == 0, done.output
    assert "  岜木村  v1  " in done.output
    found = json.loads((tmp_path / "moves.json").read_text(encoding="utf-8"))
    assert found["places"] == {"v1": "岜木村", "v2": "岜旺林村"}


def test_the_moves_are_told_in_chinese(tmp_path: Path) -> None:
    args = register(tmp_path)

    done = CliRunner().invoke(main, ["--lang", "zh", *args, "--line", "low=4000"])

    assert "低收入（家庭）" in done.output
    assert "不成立 → 成立 1" in done.output


def test_a_later_day_is_the_same_as_its_line(tmp_path: Path) -> None:
    args = register(tmp_path)

    run([*args, "--to", "2020-06-30"])

    found = json.loads((tmp_path / "moves.json").read_text(encoding="utf-8"))
    assert [rule["rule"] for rule in found["rules"]] == ["low_income"]
    assert found["rules"][0]["moved"] == 1


def test_a_rule_the_change_cannot_touch_is_not_run(tmp_path: Path) -> None:
    args = register(tmp_path)

    done = run([*args, "--line", "low=4000"])

    assert "has people" not in done.output


def test_the_same_on_both_sides_is_refused(tmp_path: Path) -> None:
    args = register(tmp_path)

    done = run(args)

    assert done.exit_code != 0
    assert not (tmp_path / "moves.json").exists()


def test_an_unknown_line_is_refused_with_the_nearest(tmp_path: Path) -> None:
    args = register(tmp_path)

    done = run([*args, "--line", "lov=4000"])

    assert done.exit_code != 0
    assert "“low”" in done.output + str(done.exception)
