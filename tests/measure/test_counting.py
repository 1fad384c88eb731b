"""Alkire-Foster counting: the MPI test set, exact cut-offs, unknown deprivations."""

from collections import Counter
from fractions import Fraction
from math import nan

import numpy as np
import pytest

from tests.measure.peers import columns, rows
from tests.shared import need
from yihu.measure.counting import (
    Identified,
    counting,
    counting_by_group,
    counting_estimates,
    headcount_bounds,
    identify,
)
from yihu.measure.design import survey_design

EXACT = 1e-9
WEIGHTS = {
    "d_nutr": "1/6",
    "d_cm": "1/6",
    "d_satt": "1/6",
    "d_educ": "1/6",
    "d_elct": "1/18",
    "d_sani": "1/18",
    "d_wtr": "1/18",
    "d_hsg": "1/18",
    "d_ckfl": "1/18",
    "d_asst": "1/18",
}
# The file writes percent; 33 means one third.
CUTOFFS = {"20.0": "1/5", "33.0": "1/3", "50.0": "1/2"}


@pytest.fixture(scope="module")
def period_one():
    path = need("data", "mpi_synthetic", "syn_cdta.parquet")
    first = columns(path, "t")[0] == 1
    keep = {name: columns(path, name)[0][first] for name in WEIGHTS}
    place = dict(
        zip(
            ("area", "region", "stratum", "psu", "weight"),
            (c[first] for c in columns(path, "area", "region", "stratum", "psu", "weight")),
            strict=True,
        )
    )
    return keep, place


def identified(deprivations, k: str) -> Identified:
    return identify(deprivations, WEIGHTS, CUTOFFS[k])


def key_of(row: dict[str, str]) -> str:
    return {"hd": "uncensored ", "hdk": "censored "}.get(row["measure"], row["measure"]) + row[
        "indicator"
    ]


def test_all_667_mpi_values_and_errors_are_those_of_survey(period_one):
    deprivations, place = period_one
    recorded = rows(need("data", "mpi_synthetic", "reference_t1.csv"))
    made = survey_design(weight=place["weight"], strata=place["stratum"], cluster=place["psu"])
    found = {}
    for k in CUTOFFS:
        who = identified(deprivations, k)
        for domain in {row["domain"] for row in recorded}:
            label, _, value = domain.partition("=")
            inside = None if domain == "all" else place[label] == int(value)
            found[k, domain] = counting_estimates(who, made, domain=inside)

    seen: Counter[str] = Counter()
    wrong = []
    for row in recorded:
        answer = found[row["k"] or "33.0", row["domain"]][key_of(row)]
        seen[row["measure"]] += 1
        expected = (float(row["value"]), float(row["se"]))
        if (answer.value, answer.se) != pytest.approx(expected, rel=EXACT, abs=1e-15):
            wrong.append((row, answer))

    assert wrong == []
    assert seen == {"H": 69, "M0": 69, "A": 69, "hd": 230, "hdk": 230}


def test_measures_without_a_design_are_the_same_values(period_one):
    deprivations, place = period_one
    who = identified(deprivations, "33.0")

    whole = counting(who, place["weight"])
    areas = counting_by_group(who, place["area"], place["weight"])

    assert (whole.rows, whole.used) == (7500, 7434)
    assert whole.headcount == pytest.approx(0.3352165725047081, rel=EXACT)
    assert whole.intensity == pytest.approx(0.42484840378098804, rel=EXACT)
    assert whole.adjusted == pytest.approx(0.14241622574955909, rel=EXACT)
    assert whole.uncensored["d_nutr"] == pytest.approx(0.2523540489642184, rel=EXACT)
    assert whole.censored["d_asst"] == pytest.approx(0.12442830239440408, rel=EXACT)
    assert whole.contribution is not None
    assert sum(whole.contribution.values()) == pytest.approx(1, rel=EXACT)
    assert areas["0"].counting.headcount == pytest.approx(0.3416107382550335, rel=EXACT)
    assert sum(part.share_of_adjusted for part in areas.values()) == pytest.approx(1, rel=EXACT)
    assert sum(
        part.population_share * part.counting.headcount for part in areas.values()
    ) == pytest.approx(whole.headcount, rel=EXACT)


def test_two_sixths_reach_a_third_in_any_order():
    names = list(WEIGHTS)
    one = {name: [1 if name in ("d_nutr", "d_cm") else 0] for name in names}
    other = {name: one[name] for name in reversed(names)}

    assert identify(one, WEIGHTS, "1/3").poor.tolist() == [True]
    assert identify(other, WEIGHTS, "1/3").poor.tolist() == [True]
    assert identify(one, WEIGHTS, Fraction(1, 3) + Fraction(1, 10**6)).poor.tolist() == [False]


def test_weights_need_no_common_sum_and_no_fractions():
    by_fraction = identify({"a": [1, 0], "b": [0, 1]}, {"a": "3/4", "b": "1/4"}, "0.5")
    by_count = identify({"a": [1, 0], "b": [0, 1]}, {"a": 3, "b": 1}, "1/2")

    assert by_fraction.poor.tolist() == by_count.poor.tolist() == [True, False]
    assert by_count.total == 4


def test_unknown_deprivations_leave_the_count_and_bound_the_headcount():
    who = identify({"a": [1, 1, 0, nan], "b": [1, nan, 0, nan]}, {"a": 1, "b": 1}, 1)

    whole, bounds = counting(who), headcount_bounds(who)

    assert (whole.rows, whole.used, whole.headcount) == (4, 2, 0.5)
    assert (bounds.low, bounds.high, bounds.undecided) == (0.25, 0.75, 2)


def test_nobody_poor_has_no_intensity_and_no_contributions():
    who = identify({"a": [1, 0], "b": [0, 0]}, {"a": 1, "b": 1}, 1)

    whole = counting(who)

    assert (whole.headcount, whole.adjusted) == (0, 0)
    assert whole.intensity is None
    assert whole.contribution is None
    assert "A" not in counting_estimates(who, survey_design(rows=2))


@pytest.mark.parametrize(
    ("deprivations", "weights", "cutoff", "sentence"),
    [
        ({"a": [1]}, {"b": 1}, 1, "expected the same names"),
        ({"a": [2]}, {"a": 1}, 1, "a is 2 in row 1"),
        ({"a": [1]}, {"a": 0.1}, 1, "float 0.1, which is not exact"),
        ({"a": [1]}, {"a": "1/x"}, 1, "'1/x'; expected a number"),
        ({"a": [1]}, {"a": 0}, 1, "weights above 0"),
        ({"a": [1]}, {"a": 1}, "3/2", "at most 1"),
        ({"a": [1], "b": [1, 0]}, {"a": 1, "b": 1}, 1, "as many as the others"),
        ({"a": [1]}, {"a": Fraction(1, 2**70)}, Fraction(1, 3**50), "simpler fractions"),
    ],
)
def test_bad_input_is_refused_with_what_was_found(deprivations, weights, cutoff, sentence):
    with pytest.raises(ValueError, match=sentence):
        identify(deprivations, weights, cutoff)


def test_a_group_without_a_complete_row_is_named():
    who = identify({"a": [1, nan]}, {"a": 1}, 1)

    with pytest.raises(ValueError, match="group far: none of 1 rows"):
        counting_by_group(who, np.array(["near", "far"]))
