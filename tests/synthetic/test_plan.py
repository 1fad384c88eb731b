"""The plan of a county against the published figures of Tiandong."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from tests.shared import shared
from yihu.synthetic import plan
from yihu.synthetic.homes import OUT, POOR, STRUCK, standing_of
from yihu.synthetic.plan import COHORTS, PEOPLE_OF_A_COUNTY, apportion, counties

#: Households and persons taken off the list up to a year, and persons left; all published.
OUT_UNTIL = {2017: (9_543, 38_336), 2018: (10_984, 44_143), 2019: (12_960, 50_990)}
RATE = {2015: 15.01, 2017: 3.90, 2018: 2.16, 2019: 0.24}


@pytest.fixture(scope="module")
def whole():
    (county,) = counties(seed=1, people=PEOPLE_OF_A_COUNTY)
    return county


def test_the_register_of_2015_is_the_published_one(whole):
    standing, _, _ = standing_of(whole.registered_cohort, year=2015)

    assert (standing == POOR).sum() == 13_276
    assert whole.registered_size[standing == POOR].sum() == 52_109


@pytest.mark.parametrize("year", OUT_UNTIL)
def test_exits_up_to_a_year_are_the_published_ones(whole, year):
    standing, _, _ = standing_of(whole.registered_cohort, year=year)
    out = standing == OUT

    assert (out.sum(), whole.registered_size[out].sum()) == OUT_UNTIL[year]


@pytest.mark.parametrize("year", RATE)
def test_the_rate_at_the_end_of_a_year_is_the_published_one(whole, year):
    standing, _, _ = standing_of(whole.registered_cohort, year=year)

    left = whole.registered_size[standing == POOR].sum()

    assert round(100 * left / whole.people.sum(), 2) == RATE[year]


def test_households_struck_from_the_list_are_not_out_of_poverty(whole):
    standing, _, _ = standing_of(whole.registered_cohort, year=2019)

    struck = [one for one in COHORTS if one.struck]
    assert (standing == STRUCK).sum() == sum(one.households for one in struck)


def test_a_whole_county_has_53_poverty_villages_and_none_is_a_town_community(whole):
    codes = [one.code for one, poor in zip(whole.villages, whole.poverty, strict=True) if poor]

    assert len(codes) == 53
    assert {code[9] for code in codes} == {"2"}


@pytest.mark.parametrize("people", [3_000, 5_000, 20_000, 50_000])
def test_a_small_county_has_several_townships_of_several_villages(people):
    (county,) = counties(seed=1, people=people)

    assert len(county.townships) >= 3
    assert np.bincount(county.township).min() >= 3
    assert county.people.sum() == people
    assert 0 < county.poverty.sum() < len(county.villages)
    assert [one.code for one in county.villages] == sorted({one.code for one in county.villages})


def test_a_county_of_a_few_households_is_one_village():
    (county,) = counties(seed=1, people=300)

    assert len(county.villages) == len(county.townships) == 1


def test_which_villages_are_poor_depends_on_the_seed(whole):
    (other,) = counties(seed=2, people=PEOPLE_OF_A_COUNTY)

    assert (other.poverty != whole.poverty).any()
    assert other.poverty.sum() == whole.poverty.sum()


def test_places_are_those_of_the_public_list(whole):
    path = shared("data", "cn_divisions", "tiandong_451022.csv")
    if not path.exists():
        pytest.skip(f"the list of divisions is not at {path}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        listed = [(row["village_code"], row["village"]) for row in csv.DictReader(file)]

    assert [(one.code, one.name) for one in whole.villages] == listed


@pytest.mark.parametrize("people", [1, 2, 7, 90, 1_999, 50_000, 347_162, 347_163, 1_000_000])
def test_the_people_asked_for_are_all_there_and_no_village_is_overfull(people):
    total = 0
    for county in counties(seed=3, people=people):
        listed = np.bincount(
            county.registered_village,
            weights=county.registered_size,
            minlength=len(county.villages),
        )
        assert (listed <= county.people).all()
        total += county.people.sum()

    assert total == people


def test_further_counties_have_codes_and_names_that_say_they_are_made_up():
    made = list(counties(seed=1, people=3 * PEOPLE_OF_A_COUNTY))

    assert [one.code for one in made] == ["451022", "459101", "459102"]
    assert all(
        "合成" in place.name for one in made[1:] for place in (*one.townships, *one.villages)
    )
    codes = [place.code for one in made for place in one.villages]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith(one.code) for one in made for code in [one.villages[-1].code])


def test_apportioned_parts_add_up():
    parts = apportion(100, [1.0, 1.0, 1.0])

    assert parts.tolist() == [34, 33, 33]


@pytest.mark.parametrize("people", [0, plan.MAX_COUNTIES * PEOPLE_OF_A_COUNTY + 1])
def test_no_people_and_too_many_are_refused(people):
    with pytest.raises(ValueError, match=str(people)):
        next(counties(seed=1, people=people))
