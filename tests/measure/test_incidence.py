"""贫困发生率, 三率一度 and changes, on published Chinese figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measure.peers import rows
from tests.shared import need
from yihu.measure.incidence import (
    Rate,
    add_up,
    bases_behind,
    change,
    comprehensive_incidence,
    counts_behind,
    incidence,
    percent,
    rounded,
    sample_rate,
    sample_rate_of_villages,
    three_rates,
)


def national() -> dict[int, dict[str, str]]:
    path = need("data", "cn_national", "rural_poverty_2010_standard.csv")
    return {int(row["year_end"]): row for row in rows(path)}


def test_the_county_series_comes_out_on_the_base_that_fits_all_of_it():
    """Stocks and rates of Tiandong 2015 to 2019 (domain/statistics.md, section 3)."""
    published = {52_109: "15.01", 13_540: "3.90", 7_499: "2.16", 833: "0.24"}

    for poor, printed in published.items():
        assert incidence(poor=poor, rural_population=347_162).percent == Decimal(printed)


@pytest.mark.parametrize(("base", "printed"), [(351_000, "14.85"), (360_000, "14.47")])
def test_the_published_populations_do_not_give_the_published_rate(base, printed):
    assert incidence(poor=52_109, rural_population=base).percent == Decimal(printed)


def test_a_printed_rate_says_which_bases_and_counts_can_stand_behind_it():
    assert bases_behind(count=52_109, printed=Decimal("15.01")) == (347_047, 347_277)
    assert counts_behind(base=347_162, printed=Decimal("0.24")) == (816, 850)
    assert counts_behind(base=351_000, printed=Decimal("0.24")) == (825, 859)
    # The notes give 882 as the last; 882 of 360,000 is 0.245 % exactly and prints as 0.25 half up.
    assert counts_behind(base=360_000, printed=Decimal("0.24")) == (846, 881)
    assert incidence(poor=882, rural_population=360_000).percent == Decimal("0.25")
    assert counts_behind(base=347_162, printed=Decimal("3.90")) == (13_522, 13_556)
    assert counts_behind(base=347_162, printed=Decimal("2.16")) == (7_482, 7_516)


@given(st.integers(1, 400_000), st.integers(1, 400_000))
def test_every_count_and_base_lies_in_the_range_behind_its_own_rate(one, other):
    rate = Rate(count=min(one, other), base=max(one, other))

    low, high = counts_behind(base=rate.base, printed=rate.percent)

    assert low <= rate.count <= high
    if rate.percent > 0:
        low, high = bases_behind(count=rate.count, printed=rate.percent)
        assert low <= rate.base <= high


def test_places_add_up_by_persons_and_not_by_rates():
    villages = [incidence(poor=30, rural_population=1000), incidence(poor=0, rural_population=500)]

    county = add_up(villages)

    assert (county.count, county.base, county.percent) == (30, 1500, Decimal("2.00"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.125", "0.13"), ("0.1249999", "0.12"), ("-0.125", "-0.13"), ("2.675", "2.68"), ("0", "0")],
)
def test_rounding_is_half_up_on_the_exact_value(value, shown):
    assert rounded(Fraction(value), 2) == Decimal(shown)


def test_a_tail_beyond_every_figure_does_not_lift_a_value_below_the_half():
    below = Fraction(125, 1000) - Fraction(1, 10**40)

    assert rounded(below, 2) == Decimal("0.12")
    assert percent(Fraction(1, 3), 4) == Decimal("33.3333")


def test_2019_fell_by_66_8_percent_of_persons_and_by_1_1_points():
    year = national()

    persons = change(year[2018]["rural_poor_10k_persons"], year[2019]["rural_poor_10k_persons"])
    rate = change(year[2018]["headcount_rate_pct"], year[2019]["headcount_rate_pct"])

    assert persons.absolute == -1109
    assert persons.percent() == Decimal("-66.8")
    assert rate.absolute == Fraction("-1.1")
    assert rate.percent() == Decimal("-64.7")


def test_the_national_decreases_add_up():
    year = national()
    poor = {y: row["rural_poor_10k_persons"] for y, row in year.items()}

    falls = [change(poor[y - 1], poor[y]).absolute for y in range(2013, 2020)]

    assert falls[-2:] == [-1386, -1109]
    assert sum(falls) == 551 - 9899 == -9348


def test_national_counts_and_rates_imply_bases_that_hardly_move():
    """Ten thousand persons and one decimal: each year's possible bases overlap the next ones'."""
    ranges = [
        bases_behind(
            count=int(row["rural_poor_10k_persons"]), printed=Decimal(row["headcount_rate_pct"])
        )
        for row in national().values()
    ]

    assert len(ranges) == 8
    assert max(low for low, _ in ranges) <= min(high for _, high in ranges)


def test_a_change_from_nothing_has_no_percent():
    assert change(0, 5).percent() is None


def test_nothing_found_in_a_sample_still_has_an_interval():
    """Wilson: with 0 of 500 the upper end is z^2 / (n + z^2)."""
    found = sample_rate(found=0, checked=500)

    assert (found.rate.percent, found.low) == (Decimal(0), 0)
    assert found.high == pytest.approx(3.841458820694124 / 503.841458820694124, rel=1e-12)


def test_villages_as_units_give_the_ratio_and_its_linearised_error():
    """By hand: 6 of 300; residuals -1, 3, -2 about 2 %, each a third of the base away."""
    found = sample_rate_of_villages(found=[1, 5, 0], checked=[100, 100, 100])

    residuals = [1 - 2, 5 - 2, 0 - 2]
    by_hand = (3 / 2 * sum(r * r for r in residuals)) ** 0.5 / 300
    assert found.rate == Rate(count=6, base=300)
    assert found.se == pytest.approx(by_hand, rel=1e-12)
    assert found.low == 0.0


def test_villages_where_nothing_was_found_keep_the_interval_of_the_persons():
    villages = sample_rate_of_villages(found=[0, 0], checked=[250, 250])

    assert villages.se == 0
    assert villages.high == sample_rate(found=0, checked=500).high


def rates(*, wrong: int, satisfied: int = 95):
    wrong_exit = sample_rate(found=wrong, checked=1000)
    omission = sample_rate(found=2, checked=1000)
    comprehensive = comprehensive_incidence(
        remaining=833,
        exited=50_990,
        unregistered=295_053,
        rural_population=347_162,
        wrong_exit=wrong_exit,
        omission=omission,
    )
    return comprehensive, three_rates(
        comprehensive=comprehensive,
        wrong_exit=wrong_exit,
        omission=omission,
        recognition=sample_rate(found=satisfied, checked=100),
        comprehensive_limit="3",
        wrong_exit_limit="2",
        omission_limit="2",
        recognition_limit="90",
    )


def test_comprehensive_incidence_projects_both_samples_on_their_own_groups():
    comprehensive, held = rates(wrong=5)

    persons = 833 + Fraction(5, 1000) * 50_990 + Fraction(2, 1000) * 295_053
    assert comprehensive.fraction == persons / 347_162
    assert comprehensive.percent == Decimal("0.48")
    assert comprehensive.low < float(comprehensive.fraction) < comprehensive.high
    assert held.kept


def test_exactly_two_percent_wrong_exits_fails_and_one_less_is_kept_but_not_certain():
    _, at_the_limit = rates(wrong=20)
    _, below = rates(wrong=19)

    assert not at_the_limit.wrong_exit.kept
    assert not at_the_limit.kept
    assert below.wrong_exit.kept
    assert not below.wrong_exit.certain


def test_recognition_of_exactly_ninety_percent_is_enough():
    assert rates(wrong=5, satisfied=90)[1].recognition.kept
    assert not rates(wrong=5, satisfied=89)[1].recognition.kept


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: Rate(count=1, base=0), "base of at least 1"),
        (lambda: Rate(count=3, base=2), "3 of 2 is no rate"),
        (lambda: add_up([]), "at least one place"),
        (lambda: bases_behind(count=5, printed=Decimal("0.00")), "may be 0"),
        (lambda: counts_behind(base=10, printed=Decimal("0.24")), "no count that prints"),
        (lambda: sample_rate_of_villages(found=[1], checked=[2]), "at least 2"),
        (lambda: change(0.1, 2), "not exact"),
        (lambda: sample_rate(found=1, checked=2, level=95), "0.95 for 95 %"),
    ],
)
def test_bad_figures_are_refused_with_what_was_found(refused, sentence):
    with pytest.raises(ValueError, match=sentence):
        refused()


def test_groups_larger_than_the_rural_population_are_refused():
    one = sample_rate(found=0, checked=10)

    with pytest.raises(ValueError, match="do not fit in a rural population of 100"):
        comprehensive_incidence(
            remaining=50,
            exited=40,
            unregistered=20,
            rural_population=100,
            wrong_exit=one,
            omission=one,
        )
