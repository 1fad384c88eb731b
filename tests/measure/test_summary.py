"""The one call behind `yihu measure`: complete, ready for JSON, and honest about gaps."""

import json

import numpy as np
import pytest

from tests.measure.peers import columns
from tests.shared import need
from yihu.measure.design import survey_design
from yihu.measure.names import NAMES
from yihu.measure.summary import summary

INCOME = [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]


def test_the_austrian_summary_has_the_recorded_figures_and_survives_json():
    path = need("data", "peer_eusilc", "eusilc.parquet")
    income, weight, household, region = columns(path, "eqIncome", "rb050", "db030", "db040")
    made = survey_design(weight=weight, cluster=household)

    found = summary(income, weight, design=made, group=region)

    assert json.loads(json.dumps(found, allow_nan=False)) == found
    expected = {
        "line": 10859.235999999999,
        "headcount": 0.1444421816753355,
        "gap": 0.03980937073184934,
        "severity": 0.01918576586256665,
        "poor_persons": 1181857.996631927,
        "relative_median_gap": 0.18928596818413382,
        "gini": 0.2648961921132289,
        "s80_s20": 3.970004326036674,
        "median": 18098.726666666666,
        "mean": 19890.806931295458,
    }
    assert {key: found[key] for key in expected} == pytest.approx(expected, rel=1e-9)
    errors = found["standard_errors"]
    assert isinstance(errors, dict)
    assert errors["of"]["headcount"]["se"] == pytest.approx(0.00498671483759049, rel=1e-9)  # type: ignore[index]
    groups = found["by_group"]
    assert isinstance(groups, dict)
    assert groups["Vienna"]["headcount"] == pytest.approx(0.17234683211956595, rel=1e-9)  # type: ignore[index]


def test_every_key_has_a_name_in_both_languages():
    keys = summary(INCOME, group=["a"] * 10, design=survey_design(rows=10))

    assert set(keys) == set(NAMES)
    assert all(name.zh and name.en for name in NAMES.values())


def test_a_given_line_is_used_as_it_is():
    found = summary(INCOME, line=25)

    assert (found["line"], found["line_from"]) == (25, {"kind": "amount"})
    assert found["headcount"] == 0.3


def test_another_share_of_the_median_makes_another_line():
    assert summary(INCOME, relative=0.5)["line"] == 22.5


def test_what_is_not_defined_is_null_with_its_reason():
    found = summary([-5.0, 10.0, 10.0, 10.0], line=5, negative="keep")

    assert found["watts"] is None
    reasons = found["not_defined"]
    assert isinstance(reasons, dict)
    assert set(reasons) == {"watts", "sen", "mean_log_deviation", "s80_s20"}
    assert "negative" in str(reasons["watts"])


def test_dropped_rows_are_reported_and_stay_in_the_design():
    welfare = [-5.0, None, *INCOME]

    found = summary(welfare, design=survey_design(rows=12))

    cleaning, errors = found["cleaning"], found["standard_errors"]
    assert isinstance(cleaning, dict)
    assert isinstance(errors, dict)
    assert found["rows"] == 10
    assert (cleaning["dropped"], cleaning["missing_welfare"]) == (2, 1)
    assert (cleaning["negative_welfare"], cleaning["negative"]) == (1, "drop")
    assert errors["units"] == 12


def test_all_alike_has_no_poor_and_no_gap_of_the_poor():
    found = summary([7.0] * 5)

    assert (found["headcount"], found["relative_median_gap"]) == (0, None)
    assert found["gini"] == pytest.approx(0, abs=1e-12)


def test_weights_that_contradict_the_design_are_refused():
    with pytest.raises(ValueError, match="one set of weights"):
        summary(INCOME, np.arange(10) + 1, design=survey_design(rows=10))


def test_a_group_column_of_another_length_is_refused():
    with pytest.raises(ValueError, match="each of the 10 rows given"):
        summary(INCOME, group=["a"] * 9)
