"""Standard errors: small designs by hand, lonely units, and a resampling cross-check."""

from math import nan, sqrt

import numpy as np
import pytest

from yihu.measure.design import (
    estimate_by_group,
    estimate_mean,
    estimate_ratio,
    estimate_total,
    survey_design,
)
from yihu.measure.inequality import gini, gini_estimate


def test_a_simple_sample_has_the_textbook_error():
    values = np.array([1.0, 2.0, 4.0, 9.0])

    found = estimate_mean(values, survey_design(rows=4))

    assert found.value == 4
    assert found.se == pytest.approx(values.std(ddof=1) / 2, rel=1e-12)
    assert (found.rows, found.units, found.strata, found.degrees_of_freedom) == (4, 4, 1, 3)


def test_drawing_half_of_the_units_halves_the_variance():
    values = np.array([1.0, 2.0, 4.0, 9.0])

    found = estimate_mean(values, survey_design(units_in_stratum=[8.0] * 4, rows=4))

    assert found.se == pytest.approx(values.std(ddof=1) / 2 * sqrt(0.5), rel=1e-12)


def test_a_total_over_two_strata_adds_their_variances():
    made = survey_design(weight=[2, 2, 3, 3], strata=["a", "a", "b", "b"])

    found = estimate_total([1, 3, 5, 6], made)

    # Weighted values 2, 6 and 15, 18; per stratum n/(n-1) times the squared distances.
    assert found.value == 41
    assert found.se == pytest.approx(sqrt(2 * (4 + 4) + 2 * (2.25 + 2.25)), rel=1e-12)


def test_the_same_cluster_label_in_two_strata_is_two_units():
    made = survey_design(strata=["a", "a", "b", "b"], cluster=[1, 2, 1, 2])

    assert made.units == 4


def test_a_domain_keeps_the_units_without_anyone_in_it():
    """By hand: unit totals of the linearised share are 0.5, -0.5, 0 about a mean of 0."""
    values, inside = [1.0, 0.0, nan], [True, True, False]

    found = estimate_mean(values, survey_design(rows=3), domain=inside)

    share = 0.5 / 2
    assert found.value == 0.5
    assert found.se == pytest.approx(sqrt(3 / 2 * 2 * share**2), rel=1e-12)
    assert estimate_by_group(values, ["x", "x", "x"], survey_design(rows=3)) == {"x": found}


def test_a_ratio_of_two_totals():
    made = survey_design(rows=3)

    found = estimate_ratio([1, 2, 3], [2, 2, 2], made)

    assert found.value == 1
    assert found.se == pytest.approx(estimate_mean([0.5, 1, 1.5], made).se, rel=1e-12)


LONELY = ["a", "a", "b"]


def test_a_stratum_with_one_unit_is_refused_by_name():
    with pytest.raises(ValueError, match=r"1 of 2 strata have a single sampling unit .*'b'"):
        survey_design(strata=LONELY)


@pytest.mark.parametrize(
    ("lonely", "variance"),
    [
        # Stratum a: values 1 and 3 give 2 * (1 + 1) = 4; b has one unit of value 5.
        ("certainty", 4.0),
        ("average", 4.0 * 2 / 1),
        ("adjust", 4.0 + (5 - 3) ** 2),
    ],
)
def test_a_stratum_with_one_unit_follows_the_chosen_way(lonely, variance):
    made = survey_design(strata=LONELY, lonely=lonely)

    assert estimate_total([1, 3, 5], made).se ** 2 == pytest.approx(variance, rel=1e-12)


def test_the_interval_is_the_normal_one():
    found = estimate_mean([1.0, 2.0, 4.0, 9.0], survey_design(rows=4))

    low, high = found.interval(0.95)

    assert (high - low) / 2 == pytest.approx(1.959963984540054 * found.se, rel=1e-12)


def test_the_error_of_the_gini_is_near_the_one_of_leaving_out_one_unit_at_a_time():
    random = np.random.default_rng(20250630)
    welfare = np.round(random.lognormal(9, 0.6, 900), -2)
    weight = random.uniform(1, 3, 900)
    unit = np.repeat(np.arange(150), 6)

    found = gini_estimate(welfare, survey_design(weight=weight, cluster=unit))

    left = np.array([gini(welfare[unit != u], weight[unit != u]) for u in range(150)])
    jackknife = sqrt(149 / 150 * ((left - left.mean()) ** 2).sum())
    assert found.value == gini(welfare, weight)
    assert found.se == pytest.approx(jackknife, rel=0.02)


def test_the_linearised_gini_is_its_derivative_by_each_weight():
    welfare = np.array([0.0, 1.0, 1.0, 2.0, 7.0])
    weight = np.array([1.0, 2.0, 1.0, 3.0, 1.5])
    step = 1e-6
    rise = [
        (gini(welfare, weight + step * unit) - gini(welfare, weight - step * unit)) / (2 * step)
        for unit in np.eye(5)
    ]

    share = weight * rise
    by_hand = sqrt(5 / 4 * ((share - share.mean()) ** 2).sum())
    assert gini_estimate(welfare, survey_design(weight=weight)).se == pytest.approx(by_hand, 1e-6)


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (survey_design, "nothing says how many rows"),
        (lambda: survey_design(weight=[1, -1]), "weights are negative"),
        (lambda: survey_design(weight=[1, 1], strata=["a"]), "one label for each of 2 rows"),
        (lambda: survey_design(rows=2, cluster=[1, None]), "cluster labels are missing"),
        (lambda: survey_design(rows=2, lonely="fail"), 'expected "refuse"'),
        (lambda: survey_design(strata=[1, 2], lonely="average"), "every stratum has a single"),
        (lambda: survey_design(rows=2, units_in_stratum=[1, 1]), "as large as the units drawn"),
        (lambda: survey_design(rows=2, units_in_stratum=[3, 4]), "is not one number"),
        (lambda: estimate_mean([1, nan], survey_design(rows=2)), "first in row 2"),
        (lambda: estimate_mean([1], survey_design(rows=2)), "the design has 2 rows"),
        (
            lambda: estimate_mean([1, 2], survey_design(rows=2), domain=[False, False]),
            "domain is empty",
        ),
        (lambda: estimate_ratio([1, 2], [0, 0], survey_design(rows=2)), "lower total is 0"),
    ],
)
def test_a_design_that_does_not_fit_is_refused(refused, sentence):
    with pytest.raises(ValueError, match=sentence):
        refused()
