"""Every engine of the benchmark answers as the one-card reader does, where it says so."""

from __future__ import annotations

import importlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import data, equal
from bench.engines import BY_NAME, REFERENCE, Meaning

PEOPLE = 2_000
NEEDS = {"polars": "polars", "pandas": "pandas", "openfisca": "openfisca_core"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def people(folder):
    return data.made(PEOPLE, folder)


@pytest.fixture(scope="module")
def reference(people, folder):
    return answered(REFERENCE, people, folder)


def answered(engine: str, people: data.Data, folder: Path) -> Path:
    for word, package in NEEDS.items():
        if word in engine:
            pytest.importorskip(package, reason=f"{package} is not installed (make env-bench)")
    out = folder / f"{engine}.parquet"
    importlib.import_module(f"bench.peers.{engine}").ready(people)(out)
    return out


def engines(meaning: Meaning) -> list[str]:
    # Spark takes a minute to begin; its SQL is tried in the tests of the sql reader.
    return [p.name for p in BY_NAME.values() if p.meaning is meaning and p.name != "spark_sql"]


def test_the_reference_answers_every_household_as_the_one_card_reader_does(people, reference):
    assert equal.witness(people, reference, sample=people.households_count) == 0


@pytest.mark.parametrize("engine", engines(Meaning.STRICT))
def test_an_engine_with_three_valued_meaning_agrees_in_every_cell(
    engine, people, folder, reference
):
    found = equal.difference(reference, answered(engine, people, folder))

    assert found.differing == 0
    assert found.unknown > 0


@pytest.mark.parametrize("engine", engines(Meaning.PLAIN))
def test_plain_rules_are_right_where_all_is_known_and_settle_some_of_the_unknown(
    engine, people, folder, reference
):
    found = equal.difference(reference, answered(engine, people, folder))

    assert found.wrong == 0
    assert found.to_holds > 0
    assert found.to_fails > 0


@pytest.mark.parametrize("engine", engines(Meaning.NONE))
def test_what_gives_no_answers_runs_and_writes_none(engine, people, folder):
    assert not answered(engine, people, folder).exists()


def test_a_single_changed_answer_is_found(reference, tmp_path):
    (file,) = (reference / "household").glob("*.parquet")
    table = pq.read_table(file)
    column = table["may_enter"].to_pylist()
    column[column.index("unknown")] = "holds"
    words = pa.array(column).dictionary_encode()
    place = table.column_names.index("may_enter")
    pq.write_table(table.set_column(place, "may_enter", words), tmp_path / "changed.parquet")

    found = equal.difference(reference, tmp_path / "changed.parquet")

    assert (found.differing, found.to_holds) == (1, 1)
