"""Careless hands at `yihu check`: results over registers, two runs at once, bare headings."""

from __future__ import annotations

import json

import pytest

from tests.commands.registers import HOUSEHOLDS, LONG, PERSONS, check, county, process, rows, yihu


@pytest.mark.parametrize("name", ["households.csv", "persons.csv", "link.csv"])
def test_a_result_never_takes_the_place_of_a_register(tmp_path, name):
    county(tmp_path)
    (tmp_path / "link.csv").symlink_to(tmp_path / "persons.csv")

    refused = yihu(*check(tmp_path, out=name))

    assert refused.exit_code == 2
    assert "is one of the registers" in refused.output
    assert (tmp_path / "households.csv").read_text(encoding="utf-8") == HOUSEHOLDS
    assert (tmp_path / "persons.csv").read_text(encoding="utf-8") == PERSONS


def test_the_register_of_the_period_before_is_kept_too(tmp_path):
    county(tmp_path)
    (tmp_path / "last.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    last = ("--last-households", str(tmp_path / "last.csv"))

    assert yihu(*check(tmp_path, *last, out="last.csv")).exit_code == 2
    assert (tmp_path / "last.csv").read_text(encoding="utf-8") == HOUSEHOLDS


def test_measures_never_take_the_place_of_what_is_measured(tmp_path):
    file = tmp_path / "incomes.csv"
    file.write_text("income\n1\n2\n", encoding="utf-8")

    refused = yihu("measure", "--welfare", "income", "--out", str(file), str(file))

    assert refused.exit_code == 2
    assert file.read_text(encoding="utf-8") == "income\n1\n2\n"


def test_a_register_of_headings_alone_is_said_to_be_empty(tmp_path):
    county(tmp_path)
    (tmp_path / "persons.csv").write_text(PERSONS.splitlines()[0] + "\n", encoding="utf-8")

    assert "persons.csv has headings and no rows" in yihu(*check(tmp_path)).output


def test_registers_without_a_single_row_are_refused(tmp_path):
    county(tmp_path)
    for name in ("households.csv", "persons.csv"):
        file = tmp_path / name
        file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")

    refused = yihu(*check(tmp_path, "--snapshot", str(tmp_path / "kept")))

    assert refused.exit_code == 2
    assert "persons.csv, households.csv: headings and not one row" in refused.stderr
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("persons", "says"),
    [
        (PERSONS.replace("b,h1", "a,h1"), "persons.csv: the id a of person stands twice"),
        (PERSONS.replace("b,h1", "b,h9"), "persons.csv: 1 of person belong to no household of "),
    ],
)
def test_the_file_in_which_people_do_not_fit_is_named(tmp_path, persons, says):
    county(tmp_path)
    (tmp_path / "persons.csv").write_text(persons, encoding="utf-8")

    refused = yihu(*check(tmp_path))

    assert refused.exit_code == 2
    assert says in refused.stderr


@pytest.mark.parametrize(
    ("lang", "says"), [("zh", "；是否想写“guangxi”？"), ("en", "; did you mean “guangxi”?")]
)
def test_a_misspelled_rulebook_is_refused_with_the_nearest(tmp_path, lang, says):
    words = [word.replace(str(tmp_path / "mine"), "guangx") for word in check(tmp_path)]

    refused = yihu(*words, lang=lang)

    assert refused.exit_code == 2
    assert says in refused.stderr


@pytest.mark.parametrize("content", [b"\xff", b"[]", b"{}", b'{"format": 1', b""])
def test_a_kept_snapshot_with_a_damaged_head_is_made_anew(tmp_path, content):
    county(tmp_path)
    kept = ("--snapshot", str(tmp_path / "kept"))
    yihu(*check(tmp_path, *kept))
    (tmp_path / "kept" / "snapshot.json").write_bytes(content)

    again = yihu(*check(tmp_path, *kept))

    assert again.exit_code == 0, again.output
    assert rows(tmp_path / "out.csv") == LONG
    assert json.loads((tmp_path / "kept" / "snapshot.json").read_bytes())


@pytest.mark.parametrize(
    ("lang", "says"),
    [("en", "was damaged ({}: its content has changed)"), ("zh", "已损坏（{}：内容已改变）")],
)
def test_one_changed_byte_of_a_kept_snapshot_is_found_and_said(tmp_path, lang, says):
    county(tmp_path)
    kept = ("--snapshot", str(tmp_path / "kept"))
    yihu(*check(tmp_path, *kept))
    column = max((tmp_path / "kept").glob("*.col"), key=lambda path: path.stat().st_size)
    whole = column.read_bytes()
    column.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])

    again = yihu(*check(tmp_path, *kept), lang=lang)

    assert again.exit_code == 0
    assert says.format(column.name) in again.stderr
    assert rows(tmp_path / "out.csv") == LONG
    assert yihu(*check(tmp_path, *kept)).stderr == "The kept snapshot was used.\n"


def test_two_runs_at_once_may_keep_the_same_snapshot(tmp_path):
    county(tmp_path)
    kept = ("--snapshot", str(tmp_path / "kept"))
    outs = [f"{i}.csv" for i in range(4)]

    runs = [process(*check(tmp_path, *kept, out=out)) for out in outs]
    said = [run.communicate(timeout=60)[1] for run in runs]

    assert [run.returncode for run in runs] == [0] * 4, said
    assert all(rows(tmp_path / out) == LONG for out in outs)
    assert not list(tmp_path.glob(".kept*"))
