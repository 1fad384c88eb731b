"""The same DuckDB query as an expert tunes it: all questions to persons in a few aggregates.

Two bits for each `any` in one `bit_or`, ten bits for each count in a `sum`, so that the group-by
carries seven states instead of thirty. A household of more than 1,023 persons would not fit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.data import Data
from bench.peers import sql_rules
from bench.peers.duckdb_query import copied, query

LANE = 10
LANES = 6


def grouped() -> str:
    """Persons summed up by household, packed, then taken apart."""
    tests = {**sql_rules.ANY, **sql_rules.COUNT}
    worker = "workers"
    flags = [f"{text} AS {name}" for name, text in tests.items()]
    sums = [f"{text} AS {name}" for name, text in sql_rules.SUM.items()]
    persons = f"SELECT household_id, months_out, {', '.join(flags + sums)} FROM persons"
    bits = [
        f"CASE WHEN {name} THEN {1 << 2 * place}"
        f" WHEN {name} IS NULL THEN {2 << 2 * place} ELSE 0 END"
        for place, name in enumerate(sql_rules.ANY)
    ]
    unknown = 2 * len(sql_rules.ANY)
    for place, name in enumerate(sql_rules.SUM):
        bits.append(f"CASE WHEN {name} IS NULL THEN {1 << unknown + place} ELSE 0 END")
    away = unknown + len(sql_rules.SUM)
    bits.append(
        f"CASE WHEN {worker} IS NULL OR ({worker} AND months_out IS NULL)"
        f" THEN {1 << away} ELSE 0 END"
    )
    names = list(sql_rules.COUNT)
    packed = (
        f"SELECT household_id, count(*) AS people, bit_or({' | '.join(bits)}) AS bits,"
        f" sum({_lanes(names, 'WHEN {0} THEN {1}')}) AS low,"
        f" sum({_lanes(names, 'WHEN {0} IS NULL THEN {1}')}) AS more,"
        f" {', '.join(f'sum({name}) AS {name}' for name in sql_rules.SUM)},"
        f" max(CASE WHEN {worker} THEN months_out END) AS months"
        f" FROM ({persons}) GROUP BY household_id"
    )
    return f"SELECT {', '.join(_unpacked(names, unknown, away))} FROM ({packed})"


def _lanes(names: list[str], arm: str) -> str:
    arms = (
        f"CASE {arm.format(name, 1 << LANE * place)}::BIGINT ELSE 0 END"
        for place, name in enumerate(names)
    )
    return " + ".join(arms)


def _unpacked(names: list[str], unknown: int, away: int) -> list[str]:
    parts = ["household_id", "people"]
    for place, name in enumerate(sql_rules.ANY):
        two = f"(bits >> {2 * place}) & 3"
        parts.append(f"CASE WHEN ({two}) & 1 = 1 THEN TRUE WHEN {two} = 0 THEN FALSE END AS {name}")
    mask = (1 << LANE) - 1
    for place, name in enumerate(names):
        low, more = (
            f"((CAST({side} AS BIGINT) >> {LANE * place}) & {mask})" for side in ("low", "more")
        )
        parts += [f"{low} AS {name}_low", f"{low} + {more} AS {name}_high"]
    for place, name in enumerate(sql_rules.SUM):
        parts.append(f"CASE WHEN bits & {1 << unknown + place} = 0 THEN {name} END AS {name}")
    parts.append(f"CASE WHEN bits & {1 << away} = 0 THEN months END AS months")
    return parts


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    return copied(data, query(grouped()))
