"""From SQLite to PostgreSQL: every row of one database into another, all or nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from yihu.commands.progress import progress
from yihu.commands.speaking import said
from yihu.problems import Problem

#: Rows read at once.
PIECE = 10_000
_MIGRATE = "from yihu.commands import installation as i; i.ready(); i.migrate()"


def bring_up_to_date(copy: Path) -> None:
    """Give a copy of a database of an earlier version the tables of this one.

    copy    named yihu.sqlite3, in a folder of its own
    Raises  Problem: backup.program_failed
    """
    # By a process of its own: migrations speak to the one database of their process.
    env = {**os.environ, "YIHU_HOME": str(copy.parent), "YIHU_DATABASE": ""}
    done = subprocess.run(  # noqa: S603  our own Python and our own line
        [sys.executable, "-c", _MIGRATE], env=env, capture_output=True, check=False
    )
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().splitlines()
        raise Problem("backup.program_failed", program="migrate", why=why[-1] if why else "")


def fill(copy: Path) -> None:
    """Put every row of a SQLite database into the PostgreSQL one in use, whose tables are made.

    Raises  Problem (backup.no_move): a row does not fit; nothing was written
    """
    from django.core.management.color import no_style  # noqa: PLC0415
    from django.db import DatabaseError, connection, transaction  # noqa: PLC0415

    models = _models()
    with closing(sqlite3.connect(copy)) as source, progress(said("搬入", "moving in")) as show:
        counts = [_count(source, model) for model in models]
        done, total = 0, sum(counts)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                names = ", ".join(f'"{model._meta.db_table}"' for model in models)
                # What making the tables wrote in them comes with the copy.
                cursor.execute(f"TRUNCATE {names}")
                for model, count in zip(models, counts, strict=True):
                    for at in _copied(source, cursor, model):
                        show(done + at, total)
                    done += count
                for statement in connection.ops.sequence_reset_sql(no_style(), models):
                    cursor.execute(statement)
        except DatabaseError as wrong:
            why = str(wrong).strip().splitlines()
            raise Problem("backup.no_move", why=why[0] if why else "") from wrong
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _models() -> list[Any]:
    """All tables but the list of migrations, which making them has written."""
    from django.apps import apps  # noqa: PLC0415

    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def _count(source: sqlite3.Connection, model: Any) -> int:
    table = model._meta.db_table
    return int(source.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608


def _copied(source: sqlite3.Connection, cursor: Any, model: Any) -> Iterator[int]:
    """Copy a table; says now and then how many rows of it are through."""
    from django.db import connection  # noqa: PLC0415

    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    table = f'"{model._meta.db_table}"'
    turns = [(at, turn) for at, field in enumerate(fields) if (turn := _turn(field))]
    rows = source.execute(f"SELECT {columns} FROM {table}")  # noqa: S608  names of our tables
    done = 0
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, cursor.copy(statement) as copy:
        while piece := rows.fetchmany(PIECE):
            for row in piece:
                copy.write_row(_turned(row, turns))
            done += len(piece)
            yield done


def _turned(row: Sequence[Any], turns: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for at, turn in turns:
        if values[at] is not None:
            values[at] = turn(values[at])
    return values


def _turn(field: Any) -> Callable[[Any], Any] | None:
    """How a value of SQLite becomes one of PostgreSQL; most are written alike."""
    from django.db import models  # noqa: PLC0415

    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.BooleanField):
        return bool
    if isinstance(field, models.DateTimeField):
        # SQLite keeps moments of UTC without saying so.
        return lambda at: f"{at}+00"
    return None
