"""The sql reader: a program as one DuckDB query, an independent witness of the meaning.

It shares the tree with the other readers and no code: members are joined and grouped by the
engine, unknown is NULL. The same tree is printed for SQLite and Spark.

The tables it reads are described in `sql.tables`, which makes them from lists or a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yihu.rulebook.program import Output, Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.sql import members as sql_members
from yihu.rulebook.sql import text as sql_text
from yihu.rulebook.sql.dialects import DIALECTS, Dialect
from yihu.rulebook.sql.nodes import Printer
from yihu.rulebook.sql.tables import Table, next_levels, register, tables_of

if TYPE_CHECKING:
    from yihu.rulebook.snapshot import Snapshot

#: Registered on import: each prints its nodes.
PRINTERS = (sql_members, sql_text)

UNKNOWN = -1
#: Below so many rows, looking for equal parts in hundreds of rules takes longer than it saves.
_FEW = 100_000
NO_AMOUNT = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class LevelAnswers:
    """Answers of a level's rules, in the order of its table.

    answers  rule → int8: 1 holds, 0 fails, -1 unknown
    amounts  rule → int64 fen; NO_AMOUNT where it is unknown or the rule does not hold
    """

    ids: list[str]
    answers: dict[str, npt.NDArray[np.int8]]
    amounts: dict[str, npt.NDArray[np.int64]]


def query(
    program: Program, dialect: str = "duckdb", parents: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Level → one query that answers all its rules.

    parents  level → the level its `parent` column names, the next one unless given (`Tables`)

    A row for each thing of the level, in the order of its table: row, id, for each rule a column
    of 1 (holds), 0 (fails) or NULL (unknown), for an entitlement `<rule>.amount` in fen where it
    holds.
    Raises Refused sql.not_in_dialect, sql.no_such_dialect.
    """
    engine = DIALECTS.get(dialect)
    if engine is None:
        raise Refused("sql.no_such_dialect", dialect=dialect, known=", ".join(DIALECTS))
    levels = dict.fromkeys(output.level for output in program.outputs)
    parents = next_levels(program) if parents is None else parents
    return {level: _level_query(program, level, engine, parents) for level in levels}


def _level_query(program: Program, level: str, engine: Dialect, parents: Mapping[str, str]) -> str:
    outputs = tuple(o for o in program.outputs if o.level == level)
    printer = Printer(program, outputs, engine, parents)
    columns = [column for output in outputs for column in _columns(output, printer)]
    return engine.printed(printer.layers.written(level, columns))


def _columns(output: Output, printer: Printer) -> list[tuple[str, Any]]:
    found = [(output.name, printer.answer(output.holds))]
    if output.amount is not None:
        found.append((f"{output.name}.amount", printer.amount(output.holds, output.amount)))
    return found


def check(
    program: Program,
    data: Snapshot | Mapping[str, Table],
    *,
    engine: duckdb.DuckDBPyConnection | None = None,
) -> dict[str, LevelAnswers]:
    """Run the program on a snapshot or on lists with DuckDB. Level → answers.

    engine  one for many programs, of which none sees the tables of another; unless given, one is
            started, which takes as long as hundreds of rules on a few rows
    """
    tables = tables_of(program, data)
    few = sum(len(table) for table in tables.arrow.values()) < _FEW
    with duckdb.connect() if engine is None else engine.cursor() as connection:
        register(connection, tables)
        skipped = "common_subexpressions" if few else ""
        connection.execute(f"SET disabled_optimizers = '{skipped}'")
        return {
            level: _answered(connection, program, level, text)
            for level, text in query(program, parents=tables.parents).items()
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
