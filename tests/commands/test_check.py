"""`yihu check` on small registers: what is written, in which order, and what is refused."""

from __future__ import annotations

import csv
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from tests.commands.registers import HOUSEHOLDS, PERSONS, check, county, yihu

LONG = [
    ["about", "id", "rule", "answer", "amount"],
    ["household", "h1", "low_income", "holds", ""],
    ["household", "h1", "schooling", "holds", ""],
    ["household", "h2", "low_income", "fails", ""],
    ["household", "h2", "schooling", "fails", ""],
    ["household", "h3", "low_income", "unknown", ""],
    ["household", "h3", "schooling", "unknown", ""],
]
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


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


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


# -- refusals -------------------------------------------------------------------------------------

OLD = "earlier result\n"


def refused(tmp_path, *more, **changed):
    """The sentence of a check that is refused and leaves the earlier result alone."""
    for name, text in changed.items():
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / f"{name}.csv").write_bytes(data)
    (tmp_path / "out.csv").write_text(OLD, encoding="utf-8")
    before = sorted(p.name for p in tmp_path.iterdir())

    result = yihu(*check(tmp_path, *more))

    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == OLD
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    return result.output


def test_a_missing_column_is_named_with_what_it_may_be_called(tmp_path):
    county(tmp_path)

    said = refused(tmp_path, households="household_id,village_code\nh1,v1\n")

    assert "net_income" in said
    assert "家庭纯收入" in said


def test_a_missing_column_is_unknown_where_that_is_asked_for(tmp_path):
    county(tmp_path)
    (tmp_path / "households.csv").write_text("household_id\nh1\nh2\nh3\n", encoding="utf-8")

    result = yihu(*check(tmp_path, "--missing", "unknown"))

    assert result.exit_code == 0
    assert "household.net_income" in result.output
    assert {r[3] for r in rows(tmp_path / "out.csv")[1:] if r[2] == "low_income"} == {"unknown"}


def test_a_wrong_value_is_named_by_row_and_column(tmp_path):
    county(tmp_path)

    said = refused(tmp_path, households=HOUSEHOLDS.replace("16800", "many"))

    assert "row 3" in said
    assert "net_income" in said
    assert "many" in said


def test_a_wrong_value_is_unknown_where_that_is_asked_for(tmp_path):
    county(tmp_path)
    text = HOUSEHOLDS.replace("16800", "many")
    (tmp_path / "households.csv").write_text(text, encoding="utf-8")

    result = yihu(*check(tmp_path, "--bad", "unknown"))

    assert result.exit_code == 0
    assert "cells read as unknown: 1\n  row 3" in result.output
    assert rows(tmp_path / "out.csv")[3][3] == "unknown"


def test_an_unknown_code_is_named(tmp_path):
    county(tmp_path)

    assert "kindergarten" in refused(tmp_path, persons=PERSONS.replace("primary", "kindergarten"))


def test_a_duplicate_key_is_named(tmp_path):
    county(tmp_path)

    assert "h1" in refused(tmp_path, households=HOUSEHOLDS + "h1,v1,3\n")


def test_a_person_without_household_is_named_or_kept(tmp_path):
    county(tmp_path)

    said = refused(tmp_path, persons=PERSONS + "f,h9,1990-01-01,\n")
    kept = yihu(*check(tmp_path, "--without-household", "keep"))

    assert "h9" in said
    assert kept.exit_code == 0, kept.output
    assert rows(tmp_path / "out.csv") == LONG


def test_a_household_without_persons_is_unknown(tmp_path):
    county(tmp_path)
    (tmp_path / "households.csv").write_text(HOUSEHOLDS + "h4,v1,100\n", encoding="utf-8")

    yihu(*check(tmp_path))

    assert [row[3] for row in rows(tmp_path / "out.csv")[-2:]] == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("text", "says"),
    [(b"", "nothing in"), (b"PAR1 broken", "damaged"), (b"<html></html>", "no table")],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(tmp_path, text, says):
    county(tmp_path)

    assert says in refused(tmp_path, households=text)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_text_in_other_encodings_is_read(tmp_path, encoding):
    county(tmp_path)
    (tmp_path / "persons.csv").write_text(PERSONS, encoding=encoding)

    result = yihu(*check(tmp_path))

    assert result.exit_code == 0, result.output
    assert rows(tmp_path / "out.csv") == LONG


def test_a_file_that_is_not_there_is_named(tmp_path):
    county(tmp_path)
    (tmp_path / "persons.csv").unlink()

    assert "persons.csv" in refused(tmp_path)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--on", "30.6.2025"], "30.6.2025"),
        (["--rules", "scholing"], "schooling"),
        (["--facts", "income_per_persn"], "income_per_person"),
        (["--facts", "income_per_person", "--reader", "sql"], "--reader columns"),
        (["--reader", "sqll"], "sql"),
        (["--missing", "guess"], "refuse"),
        (["--rulebook", "spian"], "spain"),
        (["--on", "2001-01-01", "--rulebook", "guangxi", "--rules", "village_housing"], "2001"),
    ],
)
def test_a_word_nobody_knows_is_refused_with_what_was_expected(tmp_path, more, says):
    county(tmp_path)

    assert says in refused(tmp_path, *more)


def test_a_result_of_another_form_is_refused_before_anything_is_read(tmp_path):
    county(tmp_path)

    result = yihu(*check(tmp_path, out="out.json"))

    assert result.exit_code == 2
    assert ".parquet" in result.output


def test_a_place_file_of_no_level_asks_for_one(tmp_path):
    county(tmp_path)
    (tmp_path / "what.csv").write_text("a,b\n1,2\n", encoding="utf-8")

    assert "LEVEL=FILE" in refused(tmp_path, "--places", str(tmp_path / "what.csv"))


def test_a_sheet_that_cannot_hold_the_rows_is_refused(tmp_path, monkeypatch):
    county(tmp_path)
    monkeypatch.setattr("yihu.commands.answer_files.SHEET_ROWS", 4)

    result = yihu(*check(tmp_path, out="out.xlsx"))

    assert result.exit_code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["households.csv", "mine", "persons.csv"]
    assert "3 a sheet can hold" in result.output
