"""One DuckDB query, written by hand with the three-valued meaning kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.data import Data
from bench.peers import sql_rules


def grouped() -> str:
    """Persons summed up by household, one aggregate or two for each question."""
    parts = ["count(*) AS people"]
    for name, text in sql_rules.ANY.items():
        code = f"max(CASE WHEN {text} THEN 2 WHEN ({text}) IS NULL THEN 1 ELSE 0 END)"
        parts.append(f"CASE {code} WHEN 2 THEN TRUE WHEN 0 THEN FALSE END AS {name}")
    for name, text in sql_rules.COUNT.items():
        parts.append(f"count(CASE WHEN {text} THEN 1 END) AS {name}_low")
        parts.append(f"count(CASE WHEN coalesce({text}, TRUE) THEN 1 END) AS {name}_high")
    for name, text in sql_rules.SUM.items():
        parts.append(f"CASE WHEN count({text}) = count(*) THEN sum({text}) END AS {name}")
    worker = sql_rules.WORKER
    parts.append(
        f"CASE WHEN bool_or({worker} IS NULL OR ({worker} AND months_out IS NULL)) THEN NULL"
        f" ELSE max(CASE WHEN {worker} THEN months_out END) END AS months"
    )
    return f"SELECT household_id, {', '.join(parts)} FROM persons GROUP BY household_id"


COUNTS = """
    SELECT * EXCLUDE (disabled_low, disabled_high, workers_low, workers_high, dependants_low,
            dependants_high, pupils_low, pupils_high, primaries_low, primaries_high, juniors_low,
            juniors_high),
        CASE WHEN disabled_low >= 2 THEN TRUE WHEN disabled_high < 2 THEN FALSE END AS two_disabled,
        CASE WHEN workers_high = 0 THEN TRUE WHEN workers_low > 0 THEN FALSE END AS no_worker,
        CASE WHEN workers_low = workers_high THEN CASE
            WHEN dependants_low > 2 * workers_low THEN TRUE
            WHEN dependants_high <= 2 * workers_low THEN FALSE END END AS many_dependants,
        CASE WHEN pupils_low >= 1 THEN TRUE WHEN pupils_high < 1 THEN FALSE END AS a_pupil,
        CASE WHEN primaries_low = primaries_high THEN primaries_low END AS primary_count,
        CASE WHEN juniors_low = juniors_high THEN juniors_low END AS junior_count
    FROM counted"""


def query(persons: str) -> str:
    """The whole query from a query that groups persons into columns <count>_low and _high."""
    rest = sql_rules.household(sql_rules.strict_two_risks())
    return f"WITH counted AS ({persons}), grouped AS ({COUNTS}), {rest}"


def connected(data: Data) -> duckdb.DuckDBPyConnection:
    """DuckDB with both files as views."""
    connection = duckdb.connect()
    connection.sql("SET preserve_insertion_order = false")
    for name in ("households", "persons"):
        connection.read_parquet(str(getattr(data, name))).create_view(name)
    return connection


def copied(data: Data, text: str) -> Callable[[Path], None]:
    """The query's answers into a file."""

    def run(out: Path) -> None:
        with connected(data) as connection:
            connection.execute(f"COPY ({text}) TO '{out}' (FORMAT parquet, COMPRESSION snappy)")

    return run


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    return copied(data, query(grouped()))
