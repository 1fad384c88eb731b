"""Running the printed queries in other engines than DuckDB."""

from __future__ import annotations

import sqlite3

from yihu.rulebook import sql
from yihu.rulebook.sql.tables import tables_of


def in_sqlite(program, tables):
    """(level, rule or rule.amount) → values, as the readers give them."""
    queries = sql.query(program, "sqlite")
    arrow = tables_of(program, tables).arrow
    connection = sqlite3.connect(":memory:")
    for level, table in arrow.items():
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        connection.execute(f'create table "{level}" ({columns})')
        rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
        places = ", ".join("?" * table.num_columns)
        connection.executemany(f'insert into "{level}" values ({places})', rows)
    found: dict[tuple[str, str], list[int]] = {}
    for level, text in queries.items():
        cursor = connection.execute(text)
        names = [described[0] for described in cursor.description]
        found |= filled(level, names, cursor.fetchall())
    connection.close()
    return found


def in_spark(session, program, tables):
    """The same in a Spark session."""
    queries = sql.query(program, "spark")
    arrow = tables_of(program, tables).arrow
    for level, table in arrow.items():
        session.createDataFrame(table).createOrReplaceTempView(level)
    found: dict[tuple[str, str], list[int]] = {}
    for level, text in queries.items():
        rows = session.sql(text)
        found |= filled(level, rows.columns, rows.collect())
    return found


def filled(level, names, rows):
    """Columns of values with the signs for unknown and for no amount."""
    return {
        (level, name): [
            row[i]
            if row[i] is not None
            else sql.NO_AMOUNT
            if name.endswith(".amount")
            else sql.UNKNOWN
            for row in rows
        ]
        for i, name in enumerate(names)
        if name not in ("row", "id")
    }
