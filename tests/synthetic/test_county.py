"""Synthetic registers as files: the same bytes, the right totals, nobody real, readable."""

from __future__ import annotations

import hashlib
import time
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from yihu.rulebook import identity, read
from yihu.rulebook.refusals import Refused
from yihu.synthetic import county, plan, state
from yihu.synthetic.county import make

SEED, PEOPLE = 5, 30_000


@pytest.fixture(scope="module")
def book():
    return read.rulebook("guangxi", check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(SEED, PEOPLE, tmp_path_factory.mktemp("county") / "made")


@pytest.fixture(scope="module")
def tables(made):
    return {level: pq.read_table(path) for level, path in made.files.items()}


def digests(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


# -- the same bytes -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "csv", "xlsx"])
def test_the_same_seed_and_people_give_the_same_bytes(tmp_path, form):
    first = make(9, 600, tmp_path / "one", form)
    second = make(9, 600, tmp_path / "two", form)

    assert digests(first.folder) == digests(second.folder)


def test_another_seed_gives_other_people(tmp_path):
    first, second = make(1, 300, tmp_path / "one"), make(2, 300, tmp_path / "two")

    assert digests(first.folder)["persons.parquet"] != digests(second.folder)["persons.parquet"]


def test_the_bytes_do_not_depend_on_how_many_work_at_once(tmp_path, made, monkeypatch):
    monkeypatch.setattr(county, "WORKERS", 1)

    alone = make(SEED, PEOPLE, tmp_path / "alone")

    assert digests(alone.folder) == digests(made.folder)


# -- totals -------------------------------------------------------------------------------------


def test_counts_said_are_the_rows_written(made, tables):
    assert tables["person"].num_rows == made.persons == PEOPLE
    assert tables["household"].num_rows == made.households
    assert tables["village"].num_rows == made.villages
    assert tables["county"].num_rows == made.counties == 1


def test_every_person_has_a_household_and_every_household_a_person(tables):
    homes = set(tables["household"]["household_id"].to_pylist())
    lived_in = set(tables["person"]["household_id"].to_pylist())

    assert homes == lived_in
    assert len(homes) == tables["household"].num_rows
    assert len(set(tables["person"]["person_id"].to_pylist())) == PEOPLE


def test_villages_count_their_own_people(tables):
    listed = dict(
        zip(
            tables["village"]["village_code"].to_pylist(),
            tables["village"]["people_total"].to_pylist(),
            strict=True,
        )
    )
    counted = Counter(key[:12] for key in tables["person"]["person_id"].to_pylist())

    assert {code: n for code, n in listed.items() if n is not None}.items() <= counted.items()


def test_every_row_says_that_it_is_synthetic(tables):
    for table in tables.values():
        assert table["synthetic"].to_pylist() == [True] * table.num_rows


# -- nobody real --------------------------------------------------------------------------------


def numbers(tables):
    return [one for one in tables["person"]["identity"].to_pylist() if one is not None]


def test_no_identity_number_can_belong_to_anybody(tables):
    # GB/T 2260 gives no province 99; full-width figures are a planted slip of the same number.
    begins = {one.translate(str.maketrans("９", "9"))[:2] for one in numbers(tables)}

    assert begins == {"99"}


def test_nearly_all_identity_numbers_are_valid_in_form(tables):
    right = sum(bool(identity.is_valid(one[:18])) for one in numbers(tables))

    # Check digits, length, full width and nines are spoilt in about two of a thousand.
    assert 0.995 < right / len(numbers(tables)) < 0.9995


def test_identity_numbers_agree_with_birth_and_sex_but_for_slips(tables):
    people = tables["person"].select(["identity", "birth", "sex"]).to_pylist()
    told = [one for one in people if all(one.values()) and identity.birth(one["identity"][:18])]

    agree = sum(
        one["identity"][6:14] == f"{one['birth']:%Y%m%d}"
        and identity.is_male(one["identity"][:18]) == (one["sex"] == "male")
        for one in told
        if len(one["identity"]) >= 18
    )

    assert 0.99 < agree / len(told) < 1.0


def test_telephones_lie_in_a_range_given_to_nobody(tables):
    for level in ("person", "household"):
        given = pc.drop_null(tables[level]["phone"]).to_pylist()
        assert {one[:3] for one in given} == {"154"}


# -- what the rulebook knows --------------------------------------------------------------------

KEYS = {"person_id", "household_id", "village_code", "township_code", "county_code", "synthetic"}
KINDS = {
    "yes_no": pa.types.is_boolean,
    "whole": pa.types.is_integer,
    "number": lambda kind: pa.types.is_floating(kind) or pa.types.is_integer(kind),
    "money": lambda kind: pa.types.is_floating(kind) or pa.types.is_integer(kind),
    "date": pa.types.is_date,
}


def test_every_column_is_a_fact_of_the_rulebook_and_of_its_kind(book, tables):
    for level, table in tables.items():
        for field in table.schema:
            if field.name in KEYS:
                continue
            fact = book.facts[level, field.name]
            if fact.kind in KINDS:
                assert KINDS[fact.kind](field.type), (level, field.name, field.type)


def test_every_code_is_known_to_the_rulebook(book, tables):
    for level, table in tables.items():
        for name in table.column_names:
            fact = book.facts.get((level, name))
            if fact is None or fact.codes is None:
                continue
            known = {code.key for code in fact.codes.codes}
            written = pc.unique(pc.drop_null(table[name].cast(pa.string()))).to_pylist()
            assert {one for cell in written for one in cell.split(",")} <= known, name


# -- the year -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "poor", "out"), [(2015, True, False), (2020, True, True)])
def test_the_year_decides_who_is_out_of_poverty(tmp_path, year, poor, out):
    table = pq.read_table(make(1, 20_000, tmp_path / "y", year=year).files["household"])
    kinds = set(pc.unique(table["kind"].cast(pa.string())).to_pylist())

    assert ("poor" in kinds, "exited" in kinds) == (poor, out)


def test_nobody_was_watched_before_there_was_monitoring(tmp_path):
    table = pq.read_table(make(1, 20_000, tmp_path / "y", year=2018).files["household"])

    assert set(table["monitor_kind"].cast(pa.string()).to_pylist()) <= {"none", None}


# -- refusals and interruptions -----------------------------------------------------------------


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "notes.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(Refused) as refused:
        make(1, 100, theirs)

    assert refused.value.code == "county.not_ours"
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]
    assert [path.name for path in theirs.iterdir()] == ["notes.txt"]


def test_a_folder_of_ours_is_written_again(tmp_path):
    make(1, 200, tmp_path / "ours", "csv")

    again = make(2, 100, tmp_path / "ours")

    assert all(path.is_file() for path in again.files.values())
    assert not list((tmp_path / "ours").glob("*.csv"))


def test_stopping_leaves_nothing_new_and_the_earlier_run_as_it_was(tmp_path):
    before = digests(make(1, 200, tmp_path / "ours").folder)

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(2, 500, tmp_path / "ours", progress=stop)

    assert [path.name for path in tmp_path.iterdir()] == ["ours"]
    assert digests(tmp_path / "ours") == before


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("county.unknown_word", {"form": "ods"}),
        ("county.unknown_word", {"headings": "fr"}),
        ("county.year", {"year": 2014}),
        ("county.people", {"people": 0}),
        ("county.people", {"people": 300_001, "form": "xlsx"}),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(tmp_path, code, asked):
    with pytest.raises(Refused) as refused:
        make(**{"seed": 1, "people": 10, "folder": tmp_path / "no", **asked})

    assert refused.value.code == code
    assert not list(tmp_path.iterdir())


def test_progress_ends_at_all_people(tmp_path):
    seen: list[tuple[int, int]] = []

    make(1, 150_000, tmp_path / "p", progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (150_000, 150_000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(seen) > 1


def test_it_is_quick(tmp_path):
    began = time.process_time()

    make(1, 60_000, tmp_path / "q")

    # About 7 millionths of a second for a person; ten times that would be a defect.
    assert time.process_time() - began < 60_000 * 70e-6 + 5


def test_incomes_have_the_published_means():
    for year, registered, farmers in ((2015, 5_311, 11_163), (2019, 9_808, 16_146)):
        net, people, listed = _incomes(year)

        assert net.sum() / people.sum() == pytest.approx(farmers, rel=0.02)
        assert net[listed].sum() / people[listed].sum() == pytest.approx(registered, rel=0.02)


def _incomes(year):
    found = []
    for whole in plan.counties(seed=1, people=plan.PEOPLE_OF_A_COUNTY):
        for piece in state.pieces_of(whole):
            homes = state.state_of(piece, seed=1, year=year).homes
            found.append((homes.net, homes.size, homes.registered))
    return (np.concatenate(one) for one in zip(*found, strict=True))
