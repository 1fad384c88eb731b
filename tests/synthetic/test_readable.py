"""Synthetic registers through the intake and the rules of Guangxi."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yihu.rulebook import bind, columns, intake, read, snapshot
from yihu.rulebook.refusals import Refused
from yihu.synthetic.county import make

DAY = date(2019, 12, 31)


@pytest.fixture(scope="module")
def program():
    return bind.bind(read.rulebook("guangxi", check=False), DAY)


def typed(program, made):
    """Every level as the engine reads it; one bad cell would refuse the whole."""
    data = intake.intake(program, made.files, missing="unknown")
    return {level: pa.Table.from_batches(list(data.batches(level))) for level in data.levels()}


@pytest.mark.parametrize(
    ("form", "headings"), [("csv", ""), ("xlsx", ""), ("parquet", "zh"), ("csv", "names")]
)
def test_every_form_and_heading_says_the_same(program, tmp_path, form, headings):
    plain = typed(program, make(3, 2_500, tmp_path / "plain"))

    other = typed(program, make(3, 2_500, tmp_path / "other", form, headings=headings))

    assert plain.keys() == other.keys()
    for level, table in plain.items():
        for name in table.column_names:
            assert other[level][name].to_pylist() == table[name].to_pylist(), (level, name)


@pytest.fixture(scope="module")
def answers(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    data = intake.intake(program, make(11, 60_000, folder / "made").files, missing="unknown")
    return columns.check(
        program, snapshot.write(folder / "shot", program.levels, data.tables(), specs=program.facts)
    )


@pytest.mark.parametrize(
    ("level", "rule"),
    [
        ("person", "member_insured"),
        ("person", "child_in_school"),
        ("household", "exit_housing"),
        ("household", "exit_water"),
        ("household", "exit_medical"),
        ("household", "exit_income"),
        ("household", "exit_eight_one"),
        ("household", "battle_medical"),
        ("household", "two_three"),
        ("village", "village_eleven_one"),
    ],
)
def test_rules_hold_fail_and_stay_unknown(answers, level, rule):
    counts = answers[level].counts()[rule]

    assert min(counts.values()) > 0
    assert max(counts, key=counts.__getitem__) == "holds" or level == "village"


@pytest.mark.parametrize(
    ("level", "rule"),
    [
        ("person", "id_length_wrong"),
        ("person", "id_repeated"),
        ("person", "id_check_wrong"),
        ("person", "id_missing"),
        ("person", "birth_against_id"),
        ("person", "sex_against_id"),
        ("person", "age_impossible"),
        ("person", "sex_against_relation"),
        ("person", "both_insurances_exited"),
        ("person", "child_called_able"),
        ("person", "pupil_called_able"),
        ("person", "healthy_called_unable"),
        ("person", "disabled_without_card"),
        ("person", "education_and_schooling_exited"),
        ("person", "nothing_about_school"),
        ("person", "wage_out_of_range"),
        ("person", "weak_labour_at_work"),
        ("person", "phone_malformed"),
        ("household", "no_head"),
        ("household", "two_heads"),
        ("household", "people_differ"),
        ("household", "danger_against_grade"),
        ("household", "land_out_of_range"),
        ("household", "road_distance_too_far"),
    ],
)
def test_planted_errors_are_found_and_are_few(answers, level, rule):
    counts = answers[level].counts()[rule]

    assert 0 < counts["holds"] < 0.02 * sum(counts.values())


def test_rows_that_belong_to_nobody_are_refused_when_asked_for(program, tmp_path):
    broken = make(3, 2_500, tmp_path / "broken", broken=True)
    data = intake.intake(program, broken.files, missing="unknown")

    with pytest.raises(Refused) as refused:
        snapshot.write(tmp_path / "shot", program.levels, data.tables(), specs=program.facts)

    assert refused.value.code.startswith("snapshot.")


def test_broken_rows_are_of_three_kinds(tmp_path):
    files = make(3, 2_500, tmp_path / "broken", broken=True).files
    persons, households = pq.read_table(files["person"]), pq.read_table(files["household"])
    homes = set(households["household_id"].to_pylist())
    lived_in = set(persons["household_id"].to_pylist())

    assert len(lived_in - homes) == len(homes - lived_in) == 3
    assert len(set(persons["person_id"].to_pylist())) == persons.num_rows - 1
