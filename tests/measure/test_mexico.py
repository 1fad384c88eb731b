"""ENIGH 2016: shares, totals and standard errors with strata and sampling units (R survey)."""

from collections import Counter

import numpy as np
import pytest

from tests.measure.peers import columns, rows
from tests.shared import need
from yihu.measure.counting import counting, identify
from yihu.measure.design import Design, estimate_mean, estimate_total, survey_design

EXACT = 1e-9
CARENCIAS = ("ic_rezedu", "ic_asalud", "ic_segsoc", "ic_cv", "ic_sbv", "ic_ali")


@pytest.fixture(scope="module")
def persons():
    path = need("data", "mx_enigh", "persons_2016.parquet")
    names = (*CARENCIAS, "factor", "est_dis", "upm", "tam_loc", "sexo")
    table = dict(zip(names, columns(path, *names), strict=True))
    flags = {name: table[name].astype(float) for name in CARENCIAS}
    count = np.sum(list(flags.values()), axis=0)
    flags |= {
        "k": count,
        "ge1": np.where(np.isnan(count), np.nan, count >= 1),
        "ge3": np.where(np.isnan(count), np.nan, count >= 3),
    }
    made = survey_design(weight=table["factor"], strata=table["est_dis"], cluster=table["upm"])
    labels = {
        "rural": np.where(table["tam_loc"] == "4", "rural", "urban"),
        "male": np.where(table["sexo"] == "1", "male", "female"),
    }
    return flags, labels, made


def test_all_180_mexican_values_are_those_of_survey(persons):
    """45 rows: share, its error, persons, their error. A missing part leaves the domain."""
    flags, labels, made = persons
    seen: Counter[str] = Counter()
    wrong = []
    for row in rows(need("data", "mx_enigh", "peer_reference_2016.csv")):
        values = flags[row["indicator"]]
        inside = ~np.isnan(values)
        if row["domain"] != "national":
            label, value = row["domain"].split("=")
            inside &= labels[label] == value
        share = estimate_mean(values, made, domain=inside)
        persons_in = estimate_total(values, made, domain=inside)
        seen[row["indicator"]] += 1
        found = (share.value, share.se, persons_in.value, persons_in.se)
        expected = tuple(float(row[c]) for c in ("share", "se_share", "persons", "se_persons"))
        if found != pytest.approx(expected, rel=EXACT):
            wrong.append((row, found))

    assert wrong == []
    assert seen == dict.fromkeys((*CARENCIAS, "k", "ge1", "ge3"), 5)


def test_published_national_shares_come_out_to_the_published_digit(persons):
    flags, _, made = persons
    recorded = {
        row["indicator"]: row
        for row in rows(need("data", "mx_enigh", "official_results.csv"))
        if row["year"] == "2016" and row["published_pct"]
    }
    alone = {
        name: counting(identify({name: flags[name]}, {name: 1}, 1), made.weight).headcount
        for name in CARENCIAS
    }
    # The published "at least one" counts a person with one known deprivation and one unknown part.
    any_one = identify({n: flags[n] for n in CARENCIAS}, dict.fromkeys(CARENCIAS, 1), "1/6")
    alone["at_least_1_deprivation"] = share_of(any_one.poor, made)

    assert len(recorded) == 7
    for name, row in recorded.items():
        assert round(100 * alone[name], 1) == float(row["published_pct"]), name
        assert 100 * alone[name] == pytest.approx(float(row["recomputed_pct"]), rel=EXACT)


def share_of(flag: np.ndarray, made: Design) -> float:
    return estimate_mean(flag, made).value
