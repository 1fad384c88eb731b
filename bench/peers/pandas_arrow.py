"""pandas by hand, on Arrow types, whose `&` and `|` know unknown; persons are summed up by groupby.

groupby skips unknown values, so each condition goes in as two columns, `isin` turns them into
False, so it is written out with `==`. `plain_pandas` runs the same rules on pandas' usual types.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.data import Data
from bench.peers.scan import COLUMNS

Series = Any
Frame = Any

RISKS = (
    "income_risk",
    "medical_risk",
    "illness_risk",
    "disability_risk",
    "labour_risk",
    "disaster_risk",
    "debt_risk",
)
ANYONE = ("unschooled", "uninsured", "unpensioned", "ill", "severe", "young")
COUNTED = ("disabled", "workers", "dependants", "pupils", "primaries", "juniors")
SUMS = ("wages", "medical", "allowances")
INCOMES = ("business_income", "property_income", "transfer_income")


def among(values: Series, *keys: str) -> Series:
    """isin, but unknown stays unknown."""
    return reduce(or_, (values == key for key in keys))


def conditions(p: Frame) -> dict[str, Series]:
    """What is asked of each person."""
    day, born = pd.Timestamp, p["birth"]
    grown = born <= day(2004, 6, 30)
    old = born <= day(1960, 6, 30)
    young = born > day(2004, 6, 30)
    at_school = among(p["schooling"], "primary", "junior")
    age = young & (born <= day(2014, 6, 30))
    later = p["male"] & (born > day(1960, 6, 30)) & (born <= day(1965, 6, 30))
    return {
        "unschooled": age & ~at_school & ~p["school_exempt"],
        "uninsured": ~(p["insured"] | (p["relation"] == "soldier")),
        "unpensioned": grown & ~among(p["schooling"], "senior", "college") & ~p["pension"],
        "ill": (p["illness"] == "serious") & ~p["insured"],
        "severe": among(p["disability"], "one", "two") & p["certified"],
        "young": born > day(1960, 6, 30),
        "disabled": p["disability"] != "none",
        "workers": among(p["labour"], "normal", "skilled")
        & grown
        & ((born > day(1965, 6, 30)) | later),
        "dependants": (young | old) & ~p["absent"],
        "pupils": age & at_school,
        "primaries": age & (p["schooling"] == "primary"),
        "juniors": age & (p["schooling"] == "junior"),
    }


def answered(h: Frame) -> dict[str, Series]:
    """The 30 rules and 4 amounts from households with what their persons come to."""
    income, medical, people = h["net_income"], h["own_medical"], h["people"]
    per_person = income / people
    near = among(h["water_source"], "well", "spring") & (h["water_minutes"] <= 20)
    r = {
        "income_ok": per_person >= 4000,
        "two_worries": (h["food_months"] == 0) & h["clothing"],
        "schooling_ok": ~h["unschooled"],
        "insured_ok": ~h["uninsured"],
        "house_ok": among(h["house_grade"], "a", "b") & (h["house_area"] / people >= 13),
        "water_ok": (h["water_source"] == "piped") | near,
        "services_ok": h["electricity"] & h["road"] & (h["toilet"] != "none"),
        "pension_ok": ~h["unpensioned"],
        "income_risk": per_person < 6000,
        "medical_risk": medical * 4 > income,
        "illness_risk": h["ill"],
        "disability_risk": h["severe"] | h["two_disabled"],
        "labour_risk": h["no_worker"],
        "elderly_alone": ~h["young"],
        "disaster_risk": (h["disaster_loss"] * 2 > income) | (h["house_grade"] == "d"),
        "debt_risk": h["debt"] / people > 25000,
        "care_burden": h["many_dependants"],
        "migrant": h["months"] >= 6,
        "wage_gap": h["wage_income"] != h["wages"],
        "visited": h["last_visit"] >= pd.Timestamp(2020, 4, 1),
        "excluded": h["owns_company"] | (h["vehicle_value"] > 80000),
        "school_grant": h["a_pupil"],
        "disability_allowance": h["severe"],
    }
    r["three_guarantees"] = r["schooling_ok"] & r["insured_ok"] & r["house_ok"] & r["water_ok"]
    r["return_risk"] = two_risks([r[risk] for risk in RISKS])
    r["exit_standard"] = r["income_ok"] & r["two_worries"] & r["three_guarantees"]
    waiting = among(h["registered"], "poor", "at_risk")
    r["may_exit"] = waiting & r["exit_standard"] & ~r["return_risk"] & r["visited"]
    in_need = r["income_risk"] | ~r["three_guarantees"]
    r["may_enter"] = (h["registered"] == "never") & in_need & ~r["excluded"]
    r["dibao_due"] = (per_person < h["dibao"]) & ~r["excluded"]
    r["medical_relief"] = (medical > 3000) & ~r["excluded"]
    return r | _amounts(h, r)


def two_risks(risks: list[Series]) -> Series:
    """Two or more risks hold: certain as soon as two do, unknown while two still may."""
    certain = sum(risk.fillna(False).to_numpy(bool).astype(np.int8) for risk in risks)
    possible = sum(risk.fillna(True).to_numpy(bool).astype(np.int8) for risk in risks)
    return either(certain >= 2, possible < 2)


def either(holds: Any, fails: Any) -> Series:
    """A truth value from where it holds and where it fails."""
    holds, fails = np.asarray(holds, bool), np.asarray(fails, bool)
    return pd.Series(pd.arrays.BooleanArray(holds, ~(holds | fails))).astype("bool[pyarrow]")


def _amounts(h: Frame, r: dict[str, Series]) -> dict[str, Series]:
    relief = (0.7 * (h["own_medical"] * 100 - 300000)).clip(upper=2000000)
    amounts = {
        "dibao_due": (h["dibao"] * h["people"] - h["net_income"]) * 100,
        "disability_allowance": h["allowances"] * 100,
        "medical_relief": np.floor(relief + 0.5),
        "school_grant": h["primaries"] * 100000 + h["juniors"] * 125000,
    }
    return {
        f"{name}.amount": amount.where(r[name].fillna(False).astype(bool)).astype("int64[pyarrow]")
        for name, amount in amounts.items()
    }


def with_income(h: Frame) -> Frame:
    """Households with their income and the line of their county."""
    income = reduce(lambda a, b: a + b, (h[name] for name in INCOMES), h["wage_income"])
    h["net_income"] = income - h["production_cost"]
    h["own_medical"] = h["medical"] - h["medical_aid"]
    county = h["county_code"]
    h["dibao"] = np.select(
        [county.str.startswith(code) for code in ("990201", "9900", "9901")],
        [5400, 4200, 4600],
        5000,
    )
    return h


# -- what three-valued meaning costs --------------------------------------------------------------


def read(path: Path, columns: str) -> Frame:
    """A file on Arrow types."""
    frame = pd.read_parquet(path, columns=columns.split(", "), dtype_backend="pyarrow")
    for name in ("birth", "last_visit"):
        if name in frame:
            frame[name] = frame[name].astype("timestamp[s][pyarrow]")
    return frame


def grouped(p: Frame) -> Frame:
    """Persons summed up by household, unknown ones kept."""
    asked = conditions(p)
    asked_sums = {"wages": p["wage"], "medical": p["medical_cost"], "allowances": _allowance(p)}
    worker, out = asked["workers"], p["months_out"]
    most: dict[str, Any] = {}
    total: dict[str, Any] = {"people": np.ones(len(p), np.int32)}
    for name, found in asked.items():
        yes, unknown = found.fillna(False).to_numpy(bool), found.isna().to_numpy(bool)
        if name in ANYONE:
            most[name] = 2 * yes.astype(np.int8) + unknown
        else:
            total[name], total[f"{name}_more"] = yes.astype(np.int32), unknown.astype(np.int32)
    for name, values in asked_sums.items():
        total[name] = values.fillna(0).to_numpy(np.int32)
        total[f"{name}_more"] = values.isna().to_numpy(np.int32)
    away = worker.fillna(False).to_numpy(bool)
    most["months"] = np.where(away, out.fillna(-1).to_numpy(np.int16), -1)
    most["lost"] = worker.isna().to_numpy(bool) | (away & out.isna().to_numpy(bool))
    by = p["household_id"].to_numpy()
    found = pd.DataFrame(most).groupby(by, sort=False).max()
    return _sharp(found.join(pd.DataFrame(total).groupby(by, sort=False).sum()))


def _allowance(p: Frame) -> Series:
    """Yuan for each person; unknown without grade, or without certificate where it matters."""
    grade, certified = p["disability"], p["certified"]
    is_ = {key: (grade == key).fillna(False).to_numpy(bool) for key in ("one", "two", "three")}
    third = is_["three"] & certified.fillna(False).to_numpy(bool)
    value = np.select([is_["one"], is_["two"], third], [1200, 960, 600], 0)
    unknown = grade.isna().to_numpy(bool) | (is_["three"] & certified.isna().to_numpy(bool))
    return pd.Series(pd.arrays.IntegerArray(value, unknown))


def _sharp(g: Frame) -> Frame:
    high = {name: g[name] + g[f"{name}_more"] for name in COUNTED}
    twice = 2 * g["workers"]
    sure = g["workers_more"] == 0
    found = {name: either((g[name] == 2), (g[name] == 0)) for name in ANYONE}
    found |= {
        "two_disabled": either((g["disabled"] >= 2), (high["disabled"] < 2)),
        "no_worker": either((high["workers"] == 0), (g["workers"] > 0)),
        "many_dependants": either(
            (sure & (g["dependants"] > twice)),
            (sure & (high["dependants"] <= twice)),
        ),
        "a_pupil": either((g["pupils"] >= 1), (high["pupils"] < 1)),
    }
    for name in (*SUMS, "primaries", "juniors"):
        found[name] = _known(g[name], g[f"{name}_more"] > 0)
    found["months"] = _known(g["months"], g["lost"] | (g["months"] < 0))
    found["people"] = _known(g["people"], g["people"] < 0)
    return pd.DataFrame({name: values.array for name, values in found.items()}, index=g.index)


def _known(values: Series, unknown: Series) -> Series:
    numbers = values.to_numpy(np.int64)
    masked = pd.arrays.IntegerArray(numbers, unknown.to_numpy(bool))
    return pd.Series(masked).astype("int64[pyarrow]")


def work(
    data: Data,
    read_: Callable[[Path, str], Frame],
    summed: Callable[[Frame], Frame],
    tidied: Callable[[Frame], Frame] = lambda joined: joined,
) -> Callable[[Path], None]:
    """From both files to a file of answers."""

    def run(out: Path) -> None:
        homes = read_(data.households, COLUMNS["households"])
        persons = summed(read_(data.persons, COLUMNS["persons"]))
        joined = homes.merge(persons, left_on="household_id", right_index=True, how="left")
        found = answered(with_income(tidied(joined)))
        table = pd.DataFrame({"household_id": joined["household_id"], **found})
        table.to_parquet(out, compression="snappy", index=False)

    return run


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    return work(data, read, grouped)
