"""Every value laeken 0.5.2 and survey 4.1.1 recorded, asked again."""

from collections import Counter

import numpy as np
import pytest

from tests.measure.peers import Population, ask, columns, population, rows
from tests.shared import need
from yihu.measure.design import survey_design

EXACT = 1e-9

# What each file holds, so that a shorter or longer file is noticed.
AUSTRIA = {
    "line": 4,
    "headcount_pct": 13,
    "relative_median_gap_pct": 10,
    "s80_s20": 10,
    "gini_pct": 10,
    "median": 1,
    "mean": 1,
    "quantile": 9,
    "fgt0": 20,
    "fgt1": 20,
    "fgt2": 20,
    "poor_persons": 2,
}
SPAIN = {
    "line": 8,
    "headcount_pct": 56,
    "relative_median_gap_pct": 50,
    "s80_s20": 50,
    "gini_pct": 50,
    "median": 2,
    "mean": 2,
    "quantile": 18,
    "fgt0": 50,
    "fgt1": 50,
    "fgt2": 50,
    "poor_persons": 2,
}


def austria() -> Population:
    path = need("data", "peer_eusilc", "eusilc.parquet")
    income, weight, household, region = columns(path, "eqIncome", "rb050", "db030", "db040")
    return population(income, weight, household, {"region": region})


def spain(year: int) -> Population:
    persons = need("data", "es_ecv", f"persons_{year}.parquet")
    households = need("data", "es_ecv", f"households_{year}.parquet")
    household, weight, born, sex = columns(persons, "HID", "RB050", "RB080", "RB090")
    number, income, scale, region = columns(households, "DB030", "vhRentaa", "HX240", "DB040")
    order = np.argsort(number)
    at = order[np.searchsorted(number, household, sorter=order)]
    age = year - 1 - born
    groups = np.select([age < 16, age < 65], ["0-15", "16-64"], "65+")
    labels = {
        "region": region[at],
        "sex": np.where(sex == 1, "male", "female"),
        "agegroup": groups,
    }
    return population((income / scale)[at], weight, household, labels)


def compare(survey: Population, recorded: list[dict[str, str]]) -> tuple[Counter[str], list[str]]:
    """How many values and standard errors were compared by indicator, and those that differ."""
    made = survey_design(weight=survey.weight, cluster=survey.household)
    seen: Counter[str] = Counter()
    wrong = []
    for row in recorded:
        value, se = ask(survey, made, row)
        seen[row["indicator"]] += 1
        expected = [float(row["value"])]
        found = [value]
        if row["se"]:
            assert se is not None
            expected.append(float(row["se"]))
            found.append(se)
            seen["se"] += 1
        if found != pytest.approx(expected, rel=EXACT, abs=0):
            wrong.append(f"{row['indicator']} {row['domain']}: {found}, recorded {expected}")
    return seen, wrong


def test_all_120_austrian_values_are_those_of_laeken_and_survey():
    recorded = rows(need("data", "peer_eusilc", "reference.csv"))

    seen, wrong = compare(austria(), recorded)

    assert wrong == []
    assert seen == AUSTRIA | {"se": 62}


@pytest.mark.parametrize("year", [2013, 2017, 2018])
def test_all_388_spanish_values_of_a_year_are_those_of_laeken_and_survey(year):
    recorded = rows(need("data", "es_ecv", f"peer_reference_{year}.csv"))

    seen, wrong = compare(spain(year), recorded)

    assert wrong == []
    assert seen == SPAIN | {"se": 152}
