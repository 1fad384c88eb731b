"""Polars by hand: lazy frames, the streaming engine, the three-valued meaning kept.

Polars' own `any` and `all` can keep unknown ones (`ignore_nulls=False`); counts, sums and the
strict `case` have to be written out. `plain_polars` is the same with the usual calls instead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
from polars import col

from bench.data import Data

RISKS = (
    "income_risk",
    "medical_risk",
    "illness_risk",
    "disability_risk",
    "labour_risk",
    "disaster_risk",
    "debt_risk",
)
COUNTED = ("disabled", "workers", "dependants", "pupils", "primaries", "juniors")
born = col("birth")
grown = born <= date(2004, 6, 30)
old = born <= date(1960, 6, 30)
school_age = (born > date(2004, 6, 30)) & (born <= date(2014, 6, 30))
worker = (
    col("labour").is_in(["normal", "skilled"])
    & grown
    & ((born > date(1965, 6, 30)) | (col("male") & ~old & (born <= date(1965, 6, 30))))
)
CONDITIONS = {
    "disabled": col("disability") != "none",
    "workers": worker,
    "dependants": (~grown | old) & ~col("absent"),
    "pupils": school_age & col("schooling").is_in(["primary", "junior"]),
    "primaries": school_age & (col("schooling") == "primary"),
    "juniors": school_age & (col("schooling") == "junior"),
}
ANYONE = {
    "unschooled": school_age
    & ~col("schooling").is_in(["primary", "junior"])
    & ~col("school_exempt"),
    "uninsured": ~(col("insured") | (col("relation") == "soldier")),
    "unpensioned": grown & ~col("schooling").is_in(["senior", "college"]) & ~col("pension"),
    "ill": (col("illness") == "serious") & ~col("insured"),
    "severe": col("disability").is_in(["one", "two"]) & col("certified"),
    "young": ~old,
}
strict_allowance = (
    pl.when(col("disability").is_null())
    .then(None)
    .when(col("disability") == "one")
    .then(1200)
    .when(col("disability") == "two")
    .then(960)
    .when(col("disability") != "three")
    .then(0)
    .when(col("certified").is_null())
    .then(None)
    .when(col("certified"))
    .then(600)
    .otherwise(0)
)


def either(holds: pl.Expr, fails: pl.Expr) -> pl.Expr:
    """A truth value from where it holds and where it fails."""
    return pl.when(holds).then(True).when(fails).then(False)


def grouped(persons: pl.LazyFrame) -> pl.LazyFrame:
    """Persons summed up by household, unknown ones kept."""
    asked = {**ANYONE, **CONDITIONS, "allowances": strict_allowance}
    away = pl.when(worker).then(col("months_out"))
    lost = worker.is_null() | (worker & col("months_out").is_null())
    rows = persons.select(
        "household_id",
        *(text.alias(name) for name, text in asked.items()),
        wages=col("wage"),
        medical=col("medical_cost"),
        away=away,
        lost=lost,
    )
    sums = ("wages", "medical", "allowances")
    found = rows.group_by("household_id").agg(
        pl.len().cast(pl.Int64).alias("people"),
        *(col(name).any(ignore_nulls=False).alias(name) for name in ANYONE),
        *(col(name).sum().cast(pl.Int64).alias(name) for name in COUNTED),
        *(col(name).null_count().cast(pl.Int64).alias(f"{name}_more") for name in COUNTED),
        *(col(name).sum().cast(pl.Int64).alias(name) for name in sums),
        *(col(name).null_count().alias(f"{name}_more") for name in sums),
        col("away").max().alias("months"),
        col("lost").any().alias("lost"),
    )
    return _sharp(found)


def _sharp(found: pl.LazyFrame) -> pl.LazyFrame:
    def high(name: str) -> pl.Expr:
        return col(name) + col(f"{name}_more")

    def known(name: str) -> pl.Expr:
        return pl.when(col(f"{name}_more") == 0).then(col(name))

    twice = 2 * col("workers")
    many = either(col("dependants") > twice, high("dependants") <= twice)
    return found.select(
        "household_id",
        "people",
        *ANYONE,
        *(known(name).alias(name) for name in ("wages", "medical", "allowances")),
        two_disabled=either(col("disabled") >= 2, high("disabled") < 2),
        no_worker=either(high("workers") == 0, col("workers") > 0),
        many_dependants=pl.when(col("workers_more") == 0).then(many),
        a_pupil=either(col("pupils") >= 1, high("pupils") < 1),
        primaries=known("primaries"),
        juniors=known("juniors"),
        months=pl.when(~col("lost")).then(col("months")),
    )


def two_risks() -> pl.Expr:
    """Two or more risks hold: certain as soon as two do, unknown while two still may."""
    certain = pl.sum_horizontal(col(risk).fill_null(False).cast(pl.Int32) for risk in RISKS)
    possible = pl.sum_horizontal(col(risk).fill_null(True).cast(pl.Int32) for risk in RISKS)
    return either(certain >= 2, possible < 2)


dibao_line = (
    pl.when(col("county_code").str.starts_with("990201"))
    .then(5400)
    .when(col("county_code").str.starts_with("9900"))
    .then(4200)
    .when(col("county_code").str.starts_with("9901"))
    .then(4600)
    .otherwise(5000)
)


def answered(homes: pl.LazyFrame, risks: pl.Expr) -> pl.LazyFrame:
    """The 30 rules from households with what their persons come to."""
    income = (
        pl.sum_horizontal(
            "wage_income",
            "business_income",
            "property_income",
            "transfer_income",
            ignore_nulls=False,
        )
        - col("production_cost")
    ).cast(pl.Int64)
    known = homes.with_columns(
        dibao=dibao_line,
        net_income=income,
        own_medical=(col("medical") - col("medical_aid")).cast(pl.Int64),
        excluded=col("owns_company") | (col("vehicle_value") > 80000),
    ).with_columns(per_person=col("net_income") / col("people"))
    return (
        known.with_columns(**_first())
        .with_columns(
            three_guarantees=col("schooling_ok")
            & col("insured_ok")
            & col("house_ok")
            & col("water_ok"),
            return_risk=risks,
        )
        .with_columns(
            exit_standard=col("income_ok") & col("two_worries") & col("three_guarantees"),
            may_enter=(col("registered") == "never")
            & (col("income_risk") | ~col("three_guarantees"))
            & ~col("excluded"),
        )
        .with_columns(
            may_exit=col("registered").is_in(["poor", "at_risk"])
            & col("exit_standard")
            & ~col("return_risk")
            & col("visited")
        )
        .with_columns(**_amounts())
    )


def _first() -> dict[str, pl.Expr]:
    income, medical = col("net_income"), col("own_medical")
    near = col("water_source").is_in(["well", "spring"]) & (col("water_minutes") <= 20)
    return {
        "income_ok": col("per_person") >= 4000,
        "two_worries": (col("food_months") == 0) & col("clothing"),
        "schooling_ok": ~col("unschooled"),
        "insured_ok": ~col("uninsured"),
        "house_ok": col("house_grade").is_in(["a", "b"])
        & (col("house_area") / col("people") >= 13),
        "water_ok": (col("water_source") == "piped") | near,
        "services_ok": col("electricity") & col("road") & (col("toilet") != "none"),
        "pension_ok": ~col("unpensioned"),
        "income_risk": col("per_person") < 6000,
        "medical_risk": medical * 4 > income,
        "illness_risk": col("ill"),
        "disability_risk": col("severe") | col("two_disabled"),
        "labour_risk": col("no_worker"),
        "elderly_alone": ~col("young"),
        "disaster_risk": (col("disaster_loss").cast(pl.Int64) * 2 > income)
        | (col("house_grade") == "d"),
        "debt_risk": col("debt") / col("people") > 25000,
        "care_burden": col("many_dependants"),
        "migrant": col("months") >= 6,
        "wage_gap": col("wage_income") != col("wages"),
        "visited": col("last_visit") >= date(2020, 4, 1),
        "dibao_due": (col("per_person") < col("dibao")) & ~col("excluded"),
        "disability_allowance": col("severe"),
        "medical_relief": (medical > 3000) & ~col("excluded"),
        "school_grant": col("a_pupil"),
    }


def _amounts() -> dict[str, pl.Expr]:
    relief = pl.min_horizontal(0.7 * (col("own_medical") * 100 - 300000), 2000000.0)
    amounts = {
        "dibao_due": (col("dibao") * col("people") - col("net_income")) * 100,
        "disability_allowance": col("allowances") * 100,
        "medical_relief": (relief + 0.5).floor().cast(pl.Int64),
        "school_grant": col("primaries") * 100000 + col("juniors") * 125000,
    }
    return {
        f"{name}.amount": pl.when(col(name)).then(amount.cast(pl.Int64))
        for name, amount in amounts.items()
    }


RULES = (
    *_first(),
    "three_guarantees",
    "return_risk",
    "excluded",
    "exit_standard",
    "may_exit",
    "may_enter",
)


def work(
    data: Data, summed: Callable[[pl.LazyFrame], pl.LazyFrame], risks: pl.Expr
) -> Callable[[Path], None]:
    """From both files to a file of answers."""

    def run(out: Path) -> None:
        persons = summed(pl.scan_parquet(data.persons))
        homes = pl.scan_parquet(data.households).join(persons, on="household_id", how="left")
        found = answered(homes, risks).select("household_id", *RULES, *_amounts())
        found.sink_parquet(out, compression="snappy", engine="streaming")

    return run


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    return work(data, grouped, two_risks())
