"""Mexico: CONEVAL's flags of 2016 on every record, its shares, and the state totals of 2018."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from typing import Any

import pyarrow.csv as pv
import pyarrow.parquet as pq
import pytest

from tests.shared import need
from tests.stories.checking import answers_of, checked
from yihu.rulebook.columns.answers import Answers
from yihu.rulebook.examples import lacking, run
from yihu.rulebook.read import rulebook

SHARES = {
    "ic_rezedu": "share_education_lag",
    "ic_asalud": "share_no_health_care",
    "ic_segsoc": "share_no_social_security",
    "ic_cv": "share_housing_deprivation",
    "ic_sbv": "share_services_deprivation",
    "ic_ali": "share_food_deprivation",
}
PERSON = ["folioviv", "foliohog", "numren"]


@cache
def _answers_2016() -> Answers:
    files = {
        "dwelling": need("data", "mx_enigh", "dwellings_2016.parquet"),
        "household": need("data", "mx_enigh", "households_2016.parquet"),
        "person": need("data", "mx_enigh", "persons_2016.parquet"),
    }
    facts = [("population", name) for name in SHARES.values()]
    return checked(
        "mexico", date(2016, 11, 30), files, facts=[*facts, ("household", "food_degree")]
    )


def _flags(file: str, key: list[str], flag: str) -> dict[str, int]:
    """Flag by key; -1 where CONEVAL has none."""
    table = pq.read_table(need("data", "mx_enigh", file), columns=[*key, flag])
    keys = zip(*(table[part].to_pylist() for part in key), strict=True)
    flags = [-1 if value is None else int(value) for value in table[flag].to_pylist()]
    return dict(zip(("+".join(parts) for parts in keys), flags, strict=True))


def test_every_rule_has_examples_of_all_three_answers_and_they_hold():
    book = rulebook("mexico")

    outcomes = list(run(book))

    assert [o.example.says for o in outcomes if not o.ok] == []
    assert {rule.name: lacking(rule) for rule in book.rules.values() if lacking(rule)} == {}


@pytest.mark.parametrize(
    ("rule", "flag"),
    [
        ("education_lag", "ic_rezedu"),
        ("no_health_care", "ic_asalud"),
        ("no_social_security", "ic_segsoc"),
        ("no_social_security_coneval", "ic_segsoc"),
        ("housing_deprivation_coneval", "ic_cv"),
        ("services_deprivation", "ic_sbv"),
        ("food_deprivation", "ic_ali"),
    ],
)
def test_a_persons_flag_is_found_again_on_every_record(rule, flag):
    ours = answers_of(_answers_2016()["person"], rule)

    assert len(ours) == 257_658
    assert ours == _flags("persons_2016.parquet", PERSON, flag)


@pytest.mark.parametrize("rule", ["food_insecure", "food_insecure_coneval"])
def test_a_households_food_flag_is_found_again_on_every_record(rule):
    ours = answers_of(_answers_2016()["household"], rule)

    assert ours == _flags("households_2016.parquet", PERSON[:2], "ic_ali")


def test_the_degree_of_food_insecurity_is_found_again_on_every_record():
    households = _answers_2016()["household"]

    degrees = households.facts["food_degree"].to_pylist()

    ours = dict(zip(households.ids.to_pylist(), degrees, strict=True))
    assert ours == _flags("households_2016.parquet", PERSON[:2], "ins_ali")


@pytest.mark.parametrize(
    ("rule", "flag"),
    [
        ("poor_water", "isb_agua"),
        ("poor_drain", "isb_dren"),
        ("no_electricity", "isb_luz"),
        ("smoke", "isb_combus"),
        ("poor_services", "ic_sbv"),
        ("poor_services_coneval", "ic_sbv"),
    ],
)
def test_a_dwellings_services_are_found_again_on_every_record(rule, flag):
    ours = answers_of(_answers_2016()["dwelling"], rule)

    assert ours == _flags("dwellings_2016.parquet", PERSON[:1], flag)


@pytest.mark.parametrize(
    ("rule", "flag"),
    [
        ("poor_floor", "icv_pisos"),
        ("poor_roof", "icv_techos"),
        ("poor_walls", "icv_muros"),
        ("crowded", "icv_hac"),
        ("poor_housing_coneval", "ic_cv"),
    ],
)
def test_a_dwellings_parts_are_those_of_its_households(rule, flag):
    ours = answers_of(_answers_2016()["dwelling"], rule)
    theirs = _flags("households_2016.parquet", PERSON[:2], flag)

    assert {key: ours[key.split("+")[0]] for key in theirs} == theirs


def test_a_deprived_roof_decides_though_the_floor_is_not_known():
    dwellings = _answers_2016()["dwelling"]
    ours = answers_of(dwellings, "poor_housing")
    coneval = answers_of(dwellings, "poor_housing_coneval")

    differ = Counter((coneval[key], ours[key]) for key in ours if ours[key] != coneval[key])

    # Four floors are not known: two roofs are deprived and hold, two dwellings stay unknown.
    assert differ == {(-1, 1): 2}
    assert Counter(ours.values())[-1] == 2


def test_no_quality_rule_finds_a_difference():
    answers = _answers_2016()

    found = {
        name: counts
        for level in ("person", "household", "dwelling")
        for name, counts in answers[level].counts().items()
        if name.endswith("_differs")
    }

    assert len(found) == 6
    assert {name: c["holds"] for name, c in found.items() if c["holds"]} == {}
    assert {name: c["unknown"] for name, c in found.items() if c["unknown"]} == {
        "housing_flag_differs": 11
    }


def _official() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pv.read_csv(
        need("data", "mx_enigh", "official_results.csv")
    ).to_pylist()
    return rows


@pytest.mark.parametrize(("flag", "fact"), SHARES.items())
def test_the_national_share_of_2016_agrees_to_the_last_digit(flag, fact):
    row = next(r for r in _official() if r["year"] == 2016 and r["indicator"] == flag)

    ours = 100 * _answers_2016()["population"].facts[fact][0].as_py()

    assert ours == pytest.approx(row["recomputed_pct"], abs=1e-9)
    assert abs(ours - row["published_pct"]) <= 0.05


def test_how_many_have_at_least_one_and_three_deprivations():
    path = need("data", "mx_enigh", "persons_2016.parquet")
    weights = dict(
        zip(
            _flags("persons_2016.parquet", PERSON, "factor"),
            pq.read_table(path, columns=["factor"])["factor"].to_pylist(),
            strict=True,
        )
    )
    official = {r["indicator"]: r["recomputed_pct"] for r in _official() if r["year"] == 2016}

    for rule, name in (
        ("one_deprivation", "at_least_1_deprivation"),
        ("three_deprivations", "at_least_3_deprivations"),
    ):
        ours = answers_of(_answers_2016()["person"], rule)
        held = sum(weights[key] for key, answer in ours.items() if answer == 1)
        # CONEVAL leaves out the eleven persons whose housing is missing (0.003 of the people).
        assert 100 * held / sum(weights.values()) == pytest.approx(official[name], abs=0.01)


@cache
def _answers_2018() -> Answers:
    files = {"dwelling": need("data", "mx_enigh", "dwellings_2018.parquet")}
    facts = [("state", name) for name in ("people", "people_poor_housing", "people_poor_services")]
    rules = ["poor_housing", "poor_services", "poor_housing_coneval", "poor_services_coneval"]
    return checked("mexico", date(2018, 11, 30), files, rules=rules, facts=facts)


@pytest.mark.parametrize(
    ("indicator", "fact"),
    [("ic_cv", "people_poor_housing"), ("ic_sbv", "people_poor_services")],
)
def test_the_state_totals_of_2018_are_found_from_the_labels(indicator, fact):
    states = _answers_2018()["state"]
    ours = dict(zip(states.ids.to_pylist(), states.facts[fact].to_pylist(), strict=True))
    rows = [r for r in _official() if r["year"] == 2018 and r["indicator"] == indicator]
    totals = {str(r["group"])[:2]: r for r in rows if r["group"] != "national"}

    found = {code: people / 1000 for code, people in ours.items()}

    assert len(totals) == 32
    assert found == pytest.approx({c: r["recomputed_thousands"] for c, r in totals.items()})
    published = {c: r["published_thousands"] for c, r in totals.items() if r["published_thousands"]}
    far = [c for c, figure in published.items() if abs(found[c] - figure) > 0.0055]
    # tot_resid also counts live-in workers: Campeche and Colima are 0.2 and 0.3 off in services.
    assert (len(published), far) == (7, [] if indicator == "ic_cv" else ["04", "06"])


def test_only_what_is_blank_in_the_file_is_unknown():
    counts = _answers_2018()["dwelling"].counts()

    # Four floors and one fuel are blank in the file.
    assert counts["poor_housing_coneval"]["unknown"] == 4
    assert counts["poor_services_coneval"]["unknown"] == 1
