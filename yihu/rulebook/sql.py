"""The sql reader: a program as one DuckDB query, an independent witness of the meaning.

It shares the tree with the other readers and no code: members are joined and grouped by the
engine, unknown is NULL. The same tree is printed for SQLite and Spark.

Tables: one for each level, named after it, with the columns `row` (place from 0), `id`, `parent`
(id of the thing above, NULL if there is none) and one for each fact: BOOLEAN, whole numbers for
codes, money (fen), days and months (see tree.py), DOUBLE, VARCHAR; unknown is NULL. The value of
the period before is the column `last.<fact>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yihu.rulebook import sql_members, sql_text
from yihu.rulebook.program import POPULATION, Output, Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.sql_dialects import DIALECTS, Dialect
from yihu.rulebook.sql_nodes import Printer
from yihu.rulebook.tree import Type

#: Registered on import: each prints its nodes.
PRINTERS = (sql_members, sql_text)

UNKNOWN = -1
NO_AMOUNT = np.iinfo(np.int64).min

#: Values of one level: id, parent, facts; None is unknown.
Table = Mapping[str, Sequence[Any]]

_ARROW = {
    Type.TRUTH: pa.bool_(),
    Type.REAL: pa.float64(),
    Type.TEXT: pa.string(),
    Type.CODE: pa.int16(),
}


@dataclass(frozen=True, slots=True)
class LevelAnswers:
    """Answers of a level's rules, in the order of its table.

    answers  rule → int8: 1 holds, 0 fails, -1 unknown
    amounts  rule → int64 fen; NO_AMOUNT where there is none or it is unknown
    """

    ids: list[str]
    answers: dict[str, npt.NDArray[np.int8]]
    amounts: dict[str, npt.NDArray[np.int64]]


def query(program: Program, dialect: str = "duckdb") -> dict[str, str]:
    """Level → one query that answers all its rules.

    A row for each thing of the level, in the order of its table: row, id, a column of 1 (holds),
    0 (fails) or NULL (unknown) for each rule, and `<rule>.amount` in fen for an entitlement.
    Raises Refused sql.not_in_dialect, sql.no_such_dialect.
    """
    engine = DIALECTS.get(dialect)
    if engine is None:
        raise Refused("sql.no_such_dialect", dialect=dialect, known=", ".join(DIALECTS))
    levels = dict.fromkeys(output.level for output in program.outputs)
    return {level: _level_query(program, level, engine) for level in levels}


def _level_query(program: Program, level: str, engine: Dialect) -> str:
    outputs = tuple(o for o in program.outputs if o.level == level)
    printer = Printer(program, outputs, engine)
    columns = [column for output in outputs for column in _columns(output, printer)]
    return engine.printed(printer.layers.written(level, columns))


def _columns(output: Output, printer: Printer) -> list[tuple[str, Any]]:
    found = [(output.name, printer.answer(output.holds))]
    if output.amount is not None:
        found.append((f"{output.name}.amount", printer.of(output.amount)))
    return found


def check(program: Program, tables: Mapping[str, Table]) -> dict[str, LevelAnswers]:
    """Run the program on tables in memory with DuckDB. Level → answers."""
    with duckdb.connect() as connection:
        register(connection, program, tables)
        return {
            level: _answered(connection, program, level, text)
            for level, text in query(program).items()
        }


def _answered(
    connection: duckdb.DuckDBPyConnection, program: Program, level: str, text: str
) -> LevelAnswers:
    found = connection.sql(text).to_arrow_table()
    answers, amounts = {}, {}
    for output in program.outputs:
        if output.level == level:
            answers[output.name] = _filled(found[output.name], UNKNOWN, np.int8)
            if output.amount is not None:
                amounts[output.name] = _filled(found[f"{output.name}.amount"], NO_AMOUNT, np.int64)
    return LevelAnswers([str(i) for i in found["id"].to_pylist()], answers, amounts)


def _filled(column: Any, unknown: int, kind: Any) -> Any:
    return column.cast(pa.from_numpy_dtype(kind)).fill_null(unknown).to_numpy()


def register(
    connection: duckdb.DuckDBPyConnection, program: Program, tables: Mapping[str, Table]
) -> None:
    """Make the tables a query of the program reads in a DuckDB connection.

    A level without a table is made from the parents of the level below it, without facts.
    """
    for level, table in arrow_tables(program, tables).items():
        connection.register(level, table)


def arrow_tables(program: Program, tables: Mapping[str, Table]) -> dict[str, Any]:
    """Level → Arrow table with row, id, parent and the facts the program uses."""
    found: dict[str, Any] = {}
    parents: list[Any] = []
    for level in program.level_names():
        given: Table = tables.get(level) or {"id": list(dict.fromkeys(parents))}
        if level == POPULATION and level not in tables:
            given = {"id": [POPULATION]}
        found[level] = _arrow_table(program, level, given)
        parents = [p for p in given.get("parent", []) if p is not None]
    return found


def _arrow_table(program: Program, level: str, given: Table) -> Any:
    count = len(given["id"])
    blank = [None] * count
    columns = {
        "row": pa.array(range(count), pa.int64()),
        "id": pa.array(given["id"], pa.string()),
        "parent": pa.array(given.get("parent") or blank, pa.string()),
    }
    for prefix, facts in (("", program.facts), ("last.", program.last_facts)):
        for (of, name), spec in facts.items():
            if of == level:
                values = given.get(prefix + name) or blank
                columns[prefix + name] = pa.array(values, _ARROW.get(spec.type, pa.int64()))
    return pa.table(columns)
