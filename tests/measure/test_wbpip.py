"""The values wbpip's own tests expect of its synthetic files."""

import json
from math import log

import pytest

from tests.measure.peers import columns
from tests.shared import need
from yihu.measure import inequality, poverty, quantiles
from yihu.measure.sample import Sample, clean

EXACT = 1e-9
FILES = ["ABC_2000_income", "DEF_2000_consumption", "GHI_2000_income"]


def recorded(name: str):
    return json.loads(need("data", "peer_wbpip", "reference.json").read_text("utf-8"))[name]


def cleaned(name: str) -> Sample:
    return clean(*columns(need("data", "peer_wbpip", f"{name}.parquet"), "welfare", "weight"))


@pytest.mark.parametrize("name", FILES)
def test_cleaning_drops_what_wbpip_drops_and_counts_it(name):
    expected, report = recorded(name), cleaned(name).cleaning

    assert report.rows == expected["rows"]
    assert report.used == expected["nobs"]
    assert report.missing_welfare == expected["rows_missing_welfare"]
    assert report.negative_welfare == expected["rows_negative_welfare"]
    assert report.dropped == report.missing_welfare + report.negative_welfare
    assert report.weight_used == pytest.approx(expected["sum_weight"], rel=EXACT)


@pytest.mark.parametrize("name", FILES)
def test_distribution_measures_are_those_of_wbpip(name):
    expected, sample = recorded(name), cleaned(name)
    x, w = sample.welfare, sample.weight

    found = {
        "min_measure": x.min(),
        "max_measure": x.max(),
        "mean_weighted_measure": quantiles.mean(x, w),
        "recomputed_mean": quantiles.mean(x, w),
        "sum_weighted_measure": quantiles.mean(x, w) * w.sum(),
        "gini": inequality.gini(x, w),
        "recomputed_gini": inequality.gini_of_lorenz(*quantiles.lorenz(x, w)),
        "mld": inequality.mean_log_deviation(x, w, zero="one"),
    }
    # The recorded "positive only" averages over those above zero but keeps everybody's mean in the
    # logarithm; yihu's "leave_out" leaves the zeros out of both. They differ by this much.
    some = x > 0
    other_mean = log(quantiles.mean(x, w) / quantiles.mean(x[some], w[some]))
    without = inequality.mean_log_deviation(x, w, zero="leave_out")
    found["recomputed_mld_positive_only"] = without + other_mean

    assert found == pytest.approx({key: expected[key] for key in found}, rel=EXACT)


def test_poverty_measures_are_those_of_wbpip():
    """The published figures have seven digits, so they are held to those."""
    expected, sample = recorded(FILES[0]), cleaned(FILES[0])
    x, w = sample.welfare, sample.weight
    line = float(x.mean())

    found = {
        "povline_unweighted_mean": line,
        "recomputed_fgt0": poverty.headcount(x, line, w, on_line_is_poor=True),
        "recomputed_fgt1": poverty.gap(x, line, w),
        "recomputed_fgt2": poverty.severity(x, line, w),
        "recomputed_watts": poverty.watts(x, line, w, zero="leave_out"),
    }

    assert found == pytest.approx({key: expected[key] for key in found}, rel=EXACT)
    for short in ("fgt0", "fgt1", "fgt2", "watts"):
        assert found[f"recomputed_{short}"] == pytest.approx(
            expected[f"published_{short}"], abs=5e-8
        )


def test_median_polarization_and_deciles_are_those_wbpip_publishes():
    expected, sample = recorded(FILES[0]), cleaned(FILES[0])
    x, w = sample.welfare, sample.weight

    assert quantiles.median(x, w, tie="lower") == expected["published_median"]
    assert inequality.polarization(x, w) == pytest.approx(
        expected["published_polarization"], abs=5e-7
    )
    assert quantiles.decile_shares(x, w, points=100) == pytest.approx(
        expected["published_decile_shares"], abs=6e-9
    )


def test_deciles_of_the_full_curve_differ_from_wbpips_hundred_points_in_the_fifth_decimal():
    """In wbpip the Lorenz curve is thinned to 100 points first; yihu keeps every row."""
    expected, sample = recorded(FILES[0]), cleaned(FILES[0])

    full = quantiles.decile_shares(sample.welfare, sample.weight)
    apart = abs(full - expected["published_decile_shares"]).max()

    assert 1e-5 < apart < 5e-5


def test_every_recorded_key_was_compared():
    """A value added to the reference file is to be compared too."""
    compared = {
        "nobs", "sum_weight", "min_measure", "max_measure", "mean_weighted_measure",
        "sum_weighted_measure", "mld", "gini", "recomputed_gini", "recomputed_mean",
        "recomputed_mld_positive_only", "rows", "rows_missing_welfare", "rows_negative_welfare",
        "povline_unweighted_mean", "recomputed_fgt0", "published_fgt0", "recomputed_fgt1",
        "published_fgt1", "recomputed_fgt2", "published_fgt2", "published_watts",
        "recomputed_watts", "published_polarization", "published_decile_shares",
        "published_median",
    }  # fmt: skip

    assert {key for name in FILES for key in recorded(name)} == compared
