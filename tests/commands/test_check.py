"""`yihu check` on small registers: what is written, in which order, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from tests.commands.registers import HOUSEHOLDS, LONG, PERSONS, check, county, rows, yihu
from yihu.commands.speaking import width_of

TOP_UP = """
[rule.top_up]
about  = "household"
title  = { zh = "补差", en = "Top-up" }
holds  = "income_per_person < line.income"
amount = "(line.income - income_per_person) * count(member)"
wanted = "holds"
kind   = "entitlement"
source = "test"
"""


def test_one_row_for_each_thing_and_rule_in_the_order_of_file_and_rulebook(tmp_path):
    county(tmp_path)

    result = yihu(*check(tmp_path))

    assert result.exit_code == 0, result.output
    assert rows(tmp_path / "out.csv") == LONG


def test_wide_is_a_row_for_each_thing_and_a_column_for_each_rule(tmp_path):
    county(tmp_path)

    yihu(*check(tmp_path, "--wide"))

    assert rows(tmp_path / "out.csv") == [
        ["about", "id", "low_income", "schooling"],
        ["household", "h1", "holds", "holds"],
        ["household", "h2", "fails", "fails"],
        ["household", "h3", "unknown", "unknown"],
    ]


@pytest.mark.parametrize("reader", ["columns", "sql"])
def test_amounts_are_exact_money_and_blank_where_nothing_is_due(tmp_path, reader):
    county(tmp_path)
    (tmp_path / "mine" / "money.toml").write_text(TOP_UP, encoding="utf-8")

    yihu(*check(tmp_path, "--rules", "top_up", "--reader", reader, out="long.parquet"))
    yihu(*check(tmp_path, "--rules", "top_up", "--wide", "--reader", reader, out="w.parquet"))

    long, wide = pq.read_table(tmp_path / "long.parquet"), pq.read_table(tmp_path / "w.parquet")
    assert long.schema.field("amount").type == pa.decimal128(18, 2)
    assert long["amount"].to_pylist() == [Decimal("0.02"), None, None]
    assert wide.column_names == ["about", "id", "top_up", "top_up.amount"]
    assert wide["top_up.amount"].to_pylist() == [Decimal("0.02"), None, None]


def test_both_readers_write_the_same_bytes(tmp_path):
    county(tmp_path)

    yihu(*check(tmp_path, out="a.parquet"))
    yihu(*check(tmp_path, "--reader", "sql", out="b.parquet"))

    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_all_three_forms_say_the_same(tmp_path):
    county(tmp_path)

    for form in ("csv", "parquet", "xlsx"):
        assert yihu(*check(tmp_path, out=f"out.{form}")).exit_code == 0

    table = pq.read_table(tmp_path / "out.parquet")
    sheet = CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_index(0).to_python()
    in_parquet = [[v or "" for v in row.values()] for row in table.to_pylist()]
    assert [table.column_names, *in_parquet] == rows(tmp_path / "out.csv") == LONG
    assert [row + [""] * (5 - len(row)) for row in sheet] == LONG


def test_the_order_of_the_household_file_is_kept_when_persons_come_in_another(tmp_path):
    county(tmp_path)
    head, *lines = PERSONS.splitlines()
    (tmp_path / "persons.csv").write_text("\n".join([head, *reversed(lines)]), encoding="utf-8")

    yihu(*check(tmp_path))

    assert rows(tmp_path / "out.csv") == LONG


def test_a_rule_is_asked_alone(tmp_path):
    county(tmp_path)

    yihu(*check(tmp_path, "--rules", "schooling"))

    assert {row[2] for row in rows(tmp_path / "out.csv")[1:]} == {"schooling"}


def test_derived_facts_are_a_second_file_beside_the_long_table(tmp_path):
    county(tmp_path)

    yihu(*check(tmp_path, "--facts", "人均纯收入"))

    assert rows(tmp_path / "out.facts.csv") == [
        ["about", "id", "income_per_person"],
        ["household", "h1", "8399.99"],
        ["household", "h2", "8400.00"],
        ["household", "h3", ""],
    ]


def test_derived_facts_are_further_columns_of_the_wide_table(tmp_path):
    county(tmp_path)

    yihu(*check(tmp_path, "--wide", "--facts", "household.income_per_person"))

    assert rows(tmp_path / "out.csv")[1][-1] == "8399.99"
    assert not (tmp_path / "out.facts.csv").exists()


def test_the_summary_counts_each_rule(tmp_path):
    county(tmp_path)

    result = yihu(*check(tmp_path))

    line = next(line for line in result.output.splitlines() if " low_income " in line)
    assert line.split()[-3:] == ["1", "1", "1"]


def test_the_summary_is_chinese_unless_asked_otherwise(tmp_path):
    county(tmp_path)

    assert "不成立" in yihu(*check(tmp_path), lang="").output
    assert "不成立" not in yihu(*check(tmp_path), lang="en").output


def test_persons_and_households_may_stand_in_one_file(tmp_path):
    county(tmp_path)
    (tmp_path / "one.csv").write_text(
        "人编号,户编号,行政村代码,家庭纯收入,出生日期,就学情况\n"
        "a,h1,v1,16799.98,2015-03-01,小学\nb,h1,v1,16799.98,1980-01-01,\n",
        encoding="gb18030",
    )
    words = check(tmp_path)
    at = words.index("--households")
    words[at : at + 4] = ["--persons", str(tmp_path / "one.csv")]

    result = yihu(*words)

    assert result.exit_code == 0, result.output
    assert rows(tmp_path / "out.csv") == LONG[:3]


def test_the_level_of_a_place_file_is_told_by_its_headings(tmp_path):
    county(tmp_path)
    (tmp_path / "mine" / "place.toml").write_text(
        '[fact.village.road]\ntype = "yes_no"\nlabel = { zh = "通路", en = "road" }\n'
        '[rule.cut_off]\nabout = "household"\ntitle = { zh = "不通路", en = "No road" }\n'
        'holds = "not village.road"\nwanted = "fails"\nkind = "risk"\nsource = "test"\n',
        encoding="utf-8",
    )
    (tmp_path / "villages.csv").write_text("行政村代码,通路\nv1,否\n", encoding="utf-8")

    result = yihu(
        *check(tmp_path, "--places", str(tmp_path / "villages.csv"), "--rules", "cut_off")
    )

    assert result.exit_code == 0, result.output
    assert [row[3] for row in rows(tmp_path / "out.csv")[1:]] == ["holds", "holds", "unknown"]


def test_values_of_the_period_before_come_from_a_file_of_their_own(tmp_path):
    county(tmp_path)
    (tmp_path / "mine" / "last.toml").write_text(
        '[rule.poorer]\nabout = "household"\ntitle = { zh = "变穷", en = "Poorer" }\n'
        'holds = "net_income < last.net_income"\nwanted = "fails"\nkind = "risk"\n'
        'source = "test"\n',
        encoding="utf-8",
    )
    (tmp_path / "before.csv").write_text(
        "household_id,net_income\nh2,16000\nh1,20000\n", encoding="utf-8"
    )

    result = yihu(
        *check(tmp_path, "--last-households", str(tmp_path / "before.csv"), "--rules", "poorer")
    )

    assert result.exit_code == 0, result.output
    assert [row[3] for row in rows(tmp_path / "out.csv")[1:]] == ["holds", "fails", "unknown"]


# -- a kept snapshot ------------------------------------------------------------------------------


def test_a_kept_snapshot_is_used_again_while_the_files_are_the_same(tmp_path):
    county(tmp_path)
    kept = ["--snapshot", str(tmp_path / "kept")]

    first, second = yihu(*check(tmp_path, *kept)), yihu(*check(tmp_path, *kept, out="two.csv"))

    assert "kept snapshot" not in first.output
    assert "kept snapshot" in second.output
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "out.csv").read_bytes()


def test_a_kept_snapshot_is_made_anew_when_a_file_has_changed(tmp_path):
    county(tmp_path)
    kept = ["--snapshot", str(tmp_path / "kept")]
    yihu(*check(tmp_path, *kept))
    (tmp_path / "households.csv").write_text(HOUSEHOLDS.replace("16800", "16799"), encoding="utf-8")

    result = yihu(*check(tmp_path, *kept))

    assert "kept snapshot" not in result.output
    assert rows(tmp_path / "out.csv")[3][3] == "holds"


def test_a_damaged_snapshot_is_made_anew(tmp_path):
    county(tmp_path)
    kept = ["--snapshot", str(tmp_path / "kept")]
    yihu(*check(tmp_path, *kept))
    (tmp_path / "kept" / "snapshot.json").write_text("{", encoding="utf-8")

    result = yihu(*check(tmp_path, *kept))

    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "kept" / "snapshot.json").read_text(encoding="utf-8"))


def test_a_folder_with_other_things_is_not_taken_for_a_snapshot(tmp_path):
    county(tmp_path)

    result = yihu(*check(tmp_path, "--snapshot", str(tmp_path)))

    assert result.exit_code == 2
    assert "holds something else than a snapshot" in result.output
    assert not (tmp_path / "out.csv").exists()


# -- the screen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "heads"), [("zh", ["【风险】", "【待遇】"]), ("en", ["Risk", "Entitlement"])]
)
def test_rules_stand_by_kind_and_columns_end_in_one_line(tmp_path, lang, heads):
    county(tmp_path)
    (tmp_path / "mine" / "money.toml").write_text(TOP_UP, encoding="utf-8")

    lines = yihu(*check(tmp_path), lang=lang).stdout.splitlines()

    shown = [line for line in lines if line in {"【风险】", "【待遇】", "Risk", "Entitlement"}]
    assert shown == heads
    table = [line for line in lines if "low_income" in line or "schooling" in line]
    assert len(table) == 2
    assert len({width_of(line) for line in table}) == 1


def test_of_a_kind_the_rule_with_most_unwanted_answers_stands_first(tmp_path):
    county(tmp_path)
    rule = TOP_UP.replace('amount = "(', '# amount = "(')
    others = [("nobody", "income_per_person < 0"), ("everybody", "count(member) > 0")]
    text = "".join(
        rule.replace("top_up", name).replace("income_per_person < line.income", holds)
        for name, holds in others
    )
    (tmp_path / "mine" / "more.toml").write_text(text, encoding="utf-8")

    shown = yihu(*check(tmp_path)).stdout

    assert 0 < shown.index("nobody") < shown.index("everybody")
