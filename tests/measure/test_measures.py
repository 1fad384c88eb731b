"""What must hold of the measures on any population, and what they refuse."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yihu.measure import inequality, lines, poverty, quantiles
from yihu.measure.groups import by_group
from yihu.measure.sample import clean

welfares = st.lists(st.integers(1, 10_000).map(float), min_size=2, max_size=40)
factors = st.sampled_from([0.01, 0.5, 3.0, 1000.0])
REL = 1e-9


@st.composite
def populations(draw):
    welfare = draw(welfares)
    weight = draw(
        st.lists(st.integers(1, 9), min_size=len(welfare), max_size=len(welfare)).map(np.array)
    )
    return np.array(welfare), weight.astype(float)


@given(populations(), factors)
def test_another_currency_changes_no_share_and_no_index(people, factor):
    x, w = people
    line = lines.relative_line(x, w)

    scaled = lines.relative_line(x * factor, w)

    assert scaled.value == pytest.approx(line.value * factor, rel=REL)
    assert inequality.gini(x * factor, w) == pytest.approx(inequality.gini(x, w), abs=REL)
    assert inequality.mean_log_deviation(x * factor, w) == pytest.approx(
        inequality.mean_log_deviation(x, w), abs=REL
    )
    assert inequality.polarization(x * factor, w) == pytest.approx(
        inequality.polarization(x, w), abs=REL
    )
    assert quantiles.decile_shares(x * factor, w) == pytest.approx(
        quantiles.decile_shares(x, w), abs=REL
    )


@given(populations(), st.integers(2, 4))
def test_a_weight_of_k_is_k_equal_rows(people, times):
    """Weights of whole numbers mean what repeating the rows would."""
    x, w = people
    rows = np.repeat(x, (w * times).astype(int))
    line = float(x.mean())

    assert quantiles.median(rows) == quantiles.median(x, w)
    for measure in (inequality.gini, inequality.mean_log_deviation, inequality.polarization):
        assert measure(rows) == pytest.approx(measure(x, w), abs=REL)
    for index in (poverty.headcount, poverty.gap, poverty.severity, poverty.watts, poverty.sen):
        assert index(rows, line) == pytest.approx(index(x, line, w), abs=REL)


@given(populations())
def test_gini_lies_between_none_and_all_and_is_the_area_under_the_lorenz_curve(people):
    x, w = people

    index = inequality.gini(x, w)

    assert -REL <= index < 1
    assert inequality.gini_of_lorenz(*quantiles.lorenz(x, w)) == pytest.approx(index, abs=REL)
    assert inequality.gini(np.full(len(x), 7.0), w) == pytest.approx(0, abs=REL)


@given(populations())
def test_the_order_of_rows_changes_nothing(people):
    x, w = people
    back = slice(None, None, -1)

    assert inequality.gini(x[back], w[back]) == pytest.approx(inequality.gini(x, w), abs=REL)
    assert quantiles.median(x[back], w[back]) == quantiles.median(x, w)


@given(populations(), st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0]))
def test_groups_add_up_to_the_whole_at_the_same_line(people, alpha):
    x, w = people
    line = float(np.median(x)) + 1
    group = np.arange(len(x)) % 3

    parts = by_group(lambda a, b: (b.sum(), poverty.fgt(a, line, b, alpha=alpha)), x, group, w)
    table = poverty.poverty_by_group(x, line, group, w)

    whole = sum(people_in * index for people_in, index in parts.values()) / w.sum()
    assert whole == pytest.approx(poverty.fgt(x, line, w, alpha=alpha), abs=REL)
    assert sum(part.share_of_poor for part in table.values()) == pytest.approx(1)
    assert sum(part.population_share for part in table.values()) == pytest.approx(1)
    assert sum(part.rows for part in table.values()) == len(x)


@given(populations())
def test_a_transfer_from_richest_to_poorest_lowers_inequality(people):
    x, w = people
    x = np.sort(x) + np.arange(len(x))
    w = np.ones_like(w)
    step = (x[-1] - x[0]) / 4
    after = x.copy()
    after[0], after[-1] = x[0] + step, x[-1] - step

    assert inequality.gini(after, w) < inequality.gini(x, w)
    assert inequality.mean_log_deviation(after, w) < inequality.mean_log_deviation(x, w)


@given(populations())
def test_deeper_indices_are_never_larger(people):
    x, w = people
    line = float(x.max())

    found = [poverty.fgt(x, line, w, alpha=a) for a in (0, 1, 2)]

    assert found == sorted(found, reverse=True)
    assert poverty.sen(x, line, w) <= found[0] + REL
    assert poverty.watts(x, line, w) >= found[1] - REL


@given(populations(), st.integers(1, 7))
def test_shares_of_equal_parts_rise_and_sum_to_one(people, parts):
    x, w = people

    shares = quantiles.quantile_shares(x, w, parts=parts)

    assert shares.sum() == pytest.approx(1)
    assert (np.diff(shares) >= -REL).all()


@given(populations(), st.floats(0, 1))
def test_a_quantile_is_between_its_two_readings_of_a_tie(people, share):
    x, w = people

    low, middle, high = (quantiles.quantile(x, share, w, tie=t) for t in ("lower", "mean", "upper"))

    assert low <= middle <= high
    assert {low, high} <= set(x)


def test_a_tie_at_the_median_has_three_readings():
    x = [1.0, 2.0, 4.0, 8.0]

    assert [quantiles.median(x, tie=t) for t in ("lower", "mean", "upper")] == [2, 3, 4]


def test_rows_of_weight_zero_stand_for_nobody():
    assert quantiles.median([1.0, 2.0, 99.0, 98.0], [1, 1, 0, 0]) == 1.5
    assert poverty.headcount([1.0, 9.0], 5, [0, 1]) == 0


def test_exactly_on_the_line_is_not_poor_unless_asked():
    assert poverty.headcount([5.0, 9.0], 5) == 0
    assert poverty.headcount([5.0, 9.0], 5, on_line_is_poor=True) == 0.5


def test_sen_is_the_headcount_when_the_poor_have_nothing_and_zero_without_poor():
    assert poverty.sen([0.0, 0.0, 10.0, 10.0], 5) == 0.5
    assert poverty.sen([7.0, 10.0], 5) == 0


def test_both_polarizations_agree_when_no_row_straddles_the_middle():
    x = np.arange(1.0, 2001.0)

    exact = inequality.polarization(x, half="exact")

    assert exact == pytest.approx(inequality.polarization(x), rel=2e-3)
    assert inequality.polarization([1.0] * 50 + [9.0] * 50, half="exact") == pytest.approx(
        2 * (5 * (1 - 0.4) - 1) / 5
    )


def test_a_shortfall_without_welfare_is_missing_and_not_zero():
    found = poverty.shortfall([1.0, nan, 9.0], 5, 1)

    assert found[0] == 0.8
    assert np.isnan(found[1])
    assert found[2] == 0


def test_cleaning_counts_every_row_it_drops_by_reason():
    sample = clean([5.0, None, -1.0, 0.0, 7.0], [1, 1, 1, 2, nan])

    report = sample.cleaning
    assert sample.welfare.tolist() == [5, 0]
    assert sample.kept.tolist() == [True, False, False, True, False]
    assert (report.rows, report.used, report.dropped) == (5, 2, 3)
    assert (report.missing_welfare, report.missing_weight, report.negative_welfare) == (1, 1, 1)
    assert (report.zero_welfare, report.weight_given, report.weight_used) == (1, 5, 3)


def test_a_masked_value_is_missing_and_never_read_through_the_mask():
    masked = np.ma.array([5.0, 999.0], mask=[False, True])

    assert clean(masked).cleaning.missing_welfare == 1


def test_negative_welfare_can_be_kept_and_is_still_counted():
    report = clean([5.0, -1.0], negative="keep").cleaning

    assert (report.used, report.negative_welfare, report.dropped) == (2, 1, 0)


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: quantiles.mean([]), "welfare is empty"),
        (lambda: quantiles.mean([1.0, nan]), "1 of 2 welfare values are missing.*row 2"),
        (lambda: quantiles.mean([1.0], [nan]), "weight values are missing"),
        (lambda: quantiles.mean([1.0], [-1]), "1 of 1 weights are negative"),
        (lambda: quantiles.mean([1.0, inf]), "infinite in row 2"),
        (lambda: quantiles.mean([1.0, 2.0], [1]), "2 rows and weight 1"),
        (lambda: quantiles.mean([1.0], [0]), "all 1 weights are 0"),
        (lambda: quantiles.mean(["a lot"]), "not a number"),
        (lambda: quantiles.mean([[1.0]]), "2 dimensions"),
        (lambda: quantiles.quantile([1.0], 20), "share is 20; expected 0 to 1"),
        (lambda: quantiles.quantile_shares([1.0], parts=0), "parts is 0"),
        (lambda: quantiles.s80_s20([0.0, 0.0, 0.0, 0.0, 5.0]), "bottom fifth has 0"),
        (lambda: quantiles.s80_s20([1.0, 2.0]), "nobody has more than the 80 % quantile"),
        (lambda: quantiles.s80_s20([3.0] * 10), "nobody has more than the 80 % quantile"),
        (lambda: quantiles.lorenz([0.0, 0.0]), "total welfare is 0"),
        (lambda: lines.relative_line([-5.0, -5.0]), "relative to it is not defined"),
        (lambda: lines.relative_line([5.0], share=0), "share is 0"),
        (lambda: poverty.headcount([5.0], 0), "line is 0; expected a number above 0"),
        (lambda: poverty.headcount([5.0], nan), "line is nan"),
        (lambda: poverty.fgt([5.0], 6, alpha=-1), "alpha is -1"),
        (lambda: poverty.is_poor([5.0, nan], 6), "1 of 2 welfare values are missing"),
        (lambda: poverty.watts([0.0, 1.0], 2), "1 of 2 welfare values are zero"),
        (lambda: poverty.watts([-1.0, 1.0], 2), "Watts index expects 0 or more"),
        (lambda: poverty.sen([-1.0, 1.0], 2), "Sen index expects 0 or more"),
        (lambda: poverty.relative_median_gap([5.0], 2), "nobody is below the line of 2"),
        (lambda: inequality.gini([0.0, 0.0]), "Gini index is not defined"),
        (lambda: inequality.gini_of_lorenz([0, 1], [0, 0.5]), "does not run from"),
        (lambda: inequality.mean_log_deviation([0.0, 1.0]), "0 negative and 1 zero values of 2"),
        (lambda: inequality.polarization([0.0, 0.0, 1.0]), "median welfare is 0"),
        (lambda: by_group(inequality.gini, [0.0, 1.0], ["a", "b"]), "group a: the total"),
        (lambda: by_group(inequality.gini, [1.0, 1.0], ["a", None]), "first in row 2"),
        (lambda: by_group(inequality.gini, [1.0, 1.0], ["a"]), "expected one label"),
        (
            lambda: by_group(inequality.gini, [1.0, 1.0], np.array(["a", 1], dtype=object)),
            "group mixes kinds of labels",
        ),
        (lambda: clean([None, -1.0]), "welfare is empty"),
        (lambda: clean([5.0, -1.0], negative="refuse"), "1 of 2 welfare values are negative"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_what_was_found(refused, sentence):
    with pytest.raises(ValueError, match=sentence):
        refused()
