"""Spain: every official flag of three surveys, on every record, from the files as they are."""

from __future__ import annotations

from datetime import date
from functools import cache

import pyarrow.csv as pv
import pyarrow.parquet as pq
import pytest

from tests.shared import need
from tests.stories.checking import answers_of, checked, flags_of
from yihu.rulebook.columns.answers import Answers
from yihu.rulebook.examples import lacking, run
from yihu.rulebook.read import rulebook

YEARS = (2013, 2017, 2018)
FACTS = (
    ("population", "poverty_line"),
    ("population", "poverty_rate"),
    ("population", "deprivation_rate_ine"),
    ("population", "arope_rate_ine"),
    ("region", "poverty_rate"),
    ("region", "arope_rate_ine"),
    ("region", "deprivation_rate_ine"),
    ("household", "equivalised_income"),
    ("household", "equivalised_size"),
)


@cache
def _answers(year: int) -> Answers:
    files = {
        "household": need("data", "es_ecv", f"households_{year}.parquet"),
        "person": need("data", "es_ecv", f"persons_{year}.parquet"),
    }
    return checked("spain", date(year - 1, 12, 31), files, facts=FACTS)


def _households(year: int, flag: str) -> dict[str, object]:
    path = need("data", "es_ecv", f"households_{year}.parquet")
    return flags_of(pq.read_table(path, columns=["HB030", flag]), "HB030", flag)


def _persons(year: int, flag: str) -> dict[str, object]:
    path = need("data", "es_ecv", f"persons_{year}.parquet")
    return flags_of(pq.read_table(path, columns=["RB030", flag]), "RB030", flag)


def test_every_rule_has_examples_of_all_three_answers_and_they_hold():
    book = rulebook("spain")

    outcomes = list(run(book))

    assert [o.example.says for o in outcomes if not o.ok] == []
    assert {rule.name: lacking(rule) for rule in book.rules.values() if lacking(rule)} == {}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    ("rule", "flag"), [("poor_household", "vhPobreza"), ("deprived_household_ine", "vhMATDEP")]
)
def test_a_households_flag_is_found_again_on_every_record(year, rule, flag):
    ours = answers_of(_answers(year)["household"], rule)

    assert ours == _households(year, flag)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("rule", "flag"), [("arope_ine", "vrEU2020")])
def test_a_persons_flag_is_found_again_on_every_record(year, rule, flag):
    ours = answers_of(_answers(year)["person"], rule)

    assert ours == _persons(year, flag)


@pytest.mark.parametrize("year", YEARS)
def test_low_work_intensity_fails_where_it_is_not_measured(year):
    ours = answers_of(_answers(year)["person"], "low_work_intensity")

    assert ours == {key: int(flag == 1) for key, flag in _persons(year, "vrLOWJOB").items()}


@pytest.mark.parametrize("year", YEARS)
def test_persons_have_the_answers_of_their_household(year):
    path = need("data", "es_ecv", f"persons_{year}.parquet")
    home = flags_of(pq.read_table(path, columns=["RB030", "HID"]), "RB030", "HID")
    answers = _answers(year)

    for rule, above in (
        ("income_poverty", "poor_household"),
        ("material_deprivation", "deprived_household"),
    ):
        household = answers_of(answers["household"], above)
        person = answers_of(answers["person"], rule)
        assert person == {key: household[str(hid)] for key, hid in home.items()}


@pytest.mark.parametrize("year", YEARS)
def test_no_quality_rule_finds_a_difference(year):
    answers = _answers(year)

    found = {
        name: counts
        for level in ("household", "person")
        for name, counts in answers[level].counts().items()
        if name.endswith("_differs")
    }

    assert len(found) == 5
    assert all(c["holds"] == 0 and c["unknown"] == 0 for c in found.values()), found


@pytest.mark.parametrize(
    ("year", "counts"),
    [
        (2013, {"holds": 602, "fails": 11_537, "unknown": 0}),
        (2017, {"holds": 632, "fails": 13_108, "unknown": 0}),
        (2018, {"holds": 658, "fails": 12_709, "unknown": 1}),
    ],
)
def test_what_is_not_known_stays_unknown_only_where_it_could_matter(year, counts):
    assert _answers(year)["household"].counts()["deprived_household"] == counts


def test_one_person_of_2018_is_unknown_where_ine_says_no():
    ours = answers_of(_answers(2018)["person"], "arope")
    official = _persons(2018, "vrEU2020")

    differ = {key: (ours[key], official[key]) for key in official if ours[key] != official[key]}

    assert list(differ.values()) == [(-1, 0)]


@pytest.mark.parametrize(("year", "cents"), [(2013, 811_416), (2017, 852_200), (2018, 887_092)])
def test_the_line_is_the_published_one(year, cents):
    line = _answers(year)["population"].facts["poverty_line"][0].as_py()

    assert round(line) == cents


def _published(year: int, indicator: str) -> dict[str, float]:
    path = need("data", "es_ecv", "official_results.csv")
    rows = pv.read_csv(path).to_pylist()
    return {
        row["group"]: row["published"]
        for row in rows
        if row["year"] == year
        and row["indicator"] == indicator
        and row["population"] == "persons"
        and row["unit"] == "%"
    }


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    ("indicator", "fact"),
    [
        ("at_risk_of_poverty", "poverty_rate"),
        ("arope", "arope_rate_ine"),
        ("material_deprivation_ge4", "deprivation_rate_ine"),
    ],
)
def test_published_rates_of_the_country_and_its_regions_agree_to_the_last_digit(
    year, indicator, fact
):
    answers, published = _answers(year), _published(year, indicator)
    regions = answers["region"]
    ours = dict(zip(regions.ids.to_pylist(), regions.facts[fact].to_pylist(), strict=True))
    ours = {f"region={code}": rate for code, rate in ours.items()}
    ours["all"] = answers["population"].facts[fact][0].as_py()

    compared = {g: figure for g, figure in published.items() if g in ours}

    assert "all" in compared
    # Half a unit of the last printed digit.
    assert {
        g: (100 * ours[g], f) for g, f in compared.items() if abs(100 * ours[g] - f) > 0.05
    } == {}
