"""The same rules as Polars is usually written: `any`, `sum`, `when … otherwise`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
from polars import col

from bench.data import Data
from bench.peers.polars_lazy import ANYONE, CONDITIONS, RISKS, work, worker

allowance = (
    pl.when(col("disability") == "one")
    .then(1200)
    .when(col("disability") == "two")
    .then(960)
    .when((col("disability") == "three") & col("certified"))
    .then(600)
    .otherwise(0)
)


def grouped(persons: pl.LazyFrame) -> pl.LazyFrame:
    """Persons summed up by household."""
    found = persons.group_by("household_id").agg(
        pl.len().cast(pl.Int64).alias("people"),
        *(text.any().alias(name) for name, text in ANYONE.items()),
        *(text.sum().cast(pl.Int64).alias(name) for name, text in CONDITIONS.items()),
        wages=col("wage").sum().cast(pl.Int64),
        medical=col("medical_cost").sum().cast(pl.Int64),
        allowances=allowance.sum().cast(pl.Int64),
        months=col("months_out").filter(worker).max(),
    )
    return found.with_columns(
        two_disabled=col("disabled") >= 2,
        no_worker=col("workers") == 0,
        many_dependants=col("dependants") > 2 * col("workers"),
        a_pupil=col("pupils") >= 1,
    )


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    risks = pl.sum_horizontal(col(risk).cast(pl.Int32) for risk in RISKS) >= 2
    return work(data, grouped, risks)
