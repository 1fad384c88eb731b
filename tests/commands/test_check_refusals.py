"""`yihu check` on registers that cannot be read: one sentence, and nothing is changed."""

from __future__ import annotations

import pytest

from tests.commands.registers import HOUSEHOLDS, LONG, PERSONS, check, county, rows, yihu

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
    assert "(Option: --missing unknown)" in said


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
    assert "(Option: --bad unknown)" in said


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

    said = refused(tmp_path, households=HOUSEHOLDS + "h1,v1,3\n")

    assert "households.csv: the id h1 of household stands twice: records 1 and 4" in said


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
