"""yihu's sql reader: the same rulebook printed as one DuckDB query.

The query reads the engine's own forms (codes as places, money in fen, days as numbers); they are
made in views over the Parquet files, so the conversion is part of the measured work.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.data import Data
from bench.equal import entitlements, rules
from bench.peers.duckdb_query import connected
from bench.peers.yihu_snapshot import program
from yihu.rulebook import sql
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.program import Program


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    bound = program()
    text = sql.query(bound)["household"]
    views = {name: view(bound, name) for name in ("person", "household", "county")}
    columns = ", ".join([*rules(), *(f'"{rule}.amount"' for rule in entitlements())])
    answers = f"SELECT CAST(id AS BIGINT) AS household_id, {columns} FROM ({text})"

    def run(out: Path) -> None:
        with connected(data) as connection:
            for name, query in views.items():
                connection.execute(f"CREATE VIEW {name} AS {query}")
            connection.execute(f"COPY ({answers}) TO '{out}' (FORMAT parquet, COMPRESSION snappy)")

    return run


def view(bound: Program, level: str) -> str:
    """A level's table in the forms of the tree, as a query of the files."""
    if level == "county":
        return (
            "SELECT row_number() OVER (ORDER BY county_code) - 1 AS row, county_code AS id,"
            " NULL AS parent"
            " FROM (SELECT DISTINCT county_code FROM households)"
        )
    key, parent, table = {
        "household": ("household_id", "county_code", "households"),
        "person": ("person_id", "household_id", "persons"),
    }[level]
    facts = [f for (of, _), f in bound.facts.items() if of == level]
    columns = ", ".join(f"{_form(fact)} AS {fact.name}" for fact in facts)
    number = "household_id" if level == "household" else "person_id"
    return f"SELECT {number} AS row, {key} AS id, {parent} AS parent, {columns} FROM {table}"


def _form(fact: FactSpec) -> str:
    name = fact.name
    if fact.codes is not None:
        keys = ", ".join(f"'{code.key}'" for code in fact.codes.codes)
        return f"list_position([{keys}], {name}) - 1"
    if fact.kind == "money":
        return f"CAST({name} AS BIGINT) * 100"
    if fact.kind == "whole":
        return f"CAST({name} AS BIGINT)"
    if fact.kind == "date":
        return f"CAST((year({name}) * 12 + month({name}) - 1) * 31 + day({name}) - 1 AS BIGINT)"
    return name
