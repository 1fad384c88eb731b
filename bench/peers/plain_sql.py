"""The same rules as SQL is usually written: bool_or, count, sum, case … else.

Reads well and says something else: aggregates skip unknown persons, `else` takes the unknown ones.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.data import Data
from bench.peers import sql_rules
from bench.peers.duckdb_query import copied

COUNTS = """
    SELECT *, disabled >= 2 AS two_disabled, workers = 0 AS no_worker,
        dependants > 2 * workers AS many_dependants, pupils >= 1 AS a_pupil,
        primaries AS primary_count, juniors AS junior_count
    FROM counted"""


def grouped() -> str:
    """Persons summed up by household."""
    sums = {**sql_rules.SUM, "allowances": sql_rules.PLAIN_ALLOWANCE}
    parts = ["count(*) AS people"]
    parts += [f"bool_or({text}) AS {name}" for name, text in sql_rules.ANY.items()]
    for name, text in sql_rules.COUNT.items():
        parts.append(f"count(*) FILTER (WHERE {text}) AS {name}")
    parts += [f"sum({text}) AS {name}" for name, text in sums.items()]
    parts.append(f"max(months_out) FILTER (WHERE {sql_rules.WORKER}) AS months")
    return f"SELECT household_id, {', '.join(parts)} FROM persons GROUP BY household_id"


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    risks = " + ".join(f"CASE WHEN {risk} THEN 1 ELSE 0 END" for risk in sql_rules.RISKS)
    rest = sql_rules.household(f"{risks} >= 2")
    return copied(data, f"WITH counted AS ({grouped()}), grouped AS ({COUNTS}), {rest}")
