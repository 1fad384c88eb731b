"""No rules at all: DuckDB reads the columns the rules need and hashes every value.

The floor under any engine that starts from the same Parquet files.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.data import Data
from bench.peers.duckdb_query import connected

COLUMNS = {
    "households": (
        "household_id, county_code, wage_income, business_income, property_income,"
        " transfer_income, production_cost, debt, medical_aid, disaster_loss, vehicle_value,"
        " house_grade, house_area, water_source, water_minutes, electricity, road, toilet,"
        " registered, owns_company, last_visit, food_months, clothing"
    ),
    "persons": (
        "household_id, birth, male, relation, schooling, school_exempt, insured, pension,"
        " disability, certified, labour, absent, months_out, wage, illness, medical_cost"
    ),
}


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work; it writes nothing."""

    def run(_: Path) -> None:
        with connected(data) as connection:
            for table, columns in COLUMNS.items():
                connection.sql(f"SELECT bit_xor(hash({columns})) FROM {table}").fetchall()

    return run
