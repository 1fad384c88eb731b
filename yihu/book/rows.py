"""Rows as a database keeps them, for writing hundreds of thousands of them without objects.

The one place where bulk writing differs between SQLite and PostgreSQL. What is written here is byte
for byte what the tables' own fields would have written. The names in the statements are those of
tables and columns; what people wrote travels as parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, models

Row = tuple[Any, ...]
#: SQLite takes so many values in one statement at least, PostgreSQL twice as many.
MOST_VALUES = 30_000


def columns_of(model: type[models.Model]) -> list[str]:
    """Names of the columns in the order of `values_of`."""
    return [str(field.column) for field in _fields(model)]


def values_of(model: type[models.Model]) -> list[Callable[[Any], Any]]:
    """For each column: value in Python → value for the database."""
    native = connection.vendor == "postgresql"
    return [_kept(field, native=native) for field in _fields(model)]


@lru_cache(maxsize=32)
def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """All fields but a key the database counts itself."""
    return [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]


def _kept(field: models.Field[Any, Any], *, native: bool) -> Callable[[Any], Any]:
    target: models.Field[Any, Any] = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, models.JSONField):
        return _json
    if native or not isinstance(target, models.UUIDField | models.DateField):
        return _same
    if isinstance(target, models.UUIDField):
        return _hex
    return _moment if isinstance(target, models.DateTimeField) else _day


def _same(value: Any) -> Any:
    return value


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _hex(value: UUID | None) -> str | None:
    return None if value is None else value.hex


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _moment(value: datetime | None) -> str | None:
    return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))


def key_of(book: UUID) -> Any:
    """The id of a book as a parameter of a query."""
    return book if connection.vendor == "postgresql" else book.hex


def as_id(value: Any) -> UUID:
    """The id a database gave."""
    return value if isinstance(value, UUID) else UUID(value)


def rows_of(objects: Sequence[models.Model]) -> list[Row]:
    """Objects of one table as rows of it."""
    if not objects:
        return []
    model = type(objects[0])
    names, kept = [field.attname for field in _fields(model)], values_of(model)
    pairs = list(zip(names, kept, strict=True))
    return [tuple(as_kept(getattr(of, name)) for name, as_kept in pairs) for of in objects]


def insert(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Add rows whose values came from `values_of`; by COPY where there is one."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns_of(model))
    table = f'"{model._meta.db_table}"'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY {table} ({names}) FROM STDIN"
            # Django gives its own names to the errors of a cursor, but not to those of a copy.
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


def add_unless_there(row: models.Model) -> bool:
    """Add a row; whether it was added: False where one with its key was there already."""
    model = type(row)
    columns = columns_of(model)
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks}) '  # noqa: S608
            "ON CONFLICT DO NOTHING",
            rows_of([row])[0],
        )
        return bool(cursor.rowcount)


def selected(model: type[models.Model], columns: Sequence[str] = ()) -> str:
    """Columns of a SELECT, all unless given, whose values come as `values_of` gives them."""
    native = connection.vendor == "postgresql"
    # Asked for by its own name, a day or moment of SQLite is made a date by Python, one by one.
    return ", ".join(
        f'CAST("{field.column}" AS text)'
        if not native and isinstance(field, models.DateField)
        else f'"{field.column}"'
        for field in _fields(model)
        if not columns or field.column in columns
    )


def standing(model: type[models.Model], column: str, ids: Sequence[UUID]) -> list[Row]:
    """Rows that stand there and whose column has one of these ids, as `values_of` gives them.

    PostgreSQL gives JSON back in a spelling of its own.
    """
    return list(_with_ids(model, selected(model), column, ids))


def count_by(model: type[models.Model], column: str, ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many rows have each of these ids in a column; ids of none are left out."""
    rows = _with_ids(model, f'"{column}", count(*)', column, ids, f'GROUP BY "{column}"')
    return {as_id(id): many for id, many in rows}


def values_by(
    model: type[models.Model], column: str, ids: Iterable[UUID], *columns: str
) -> dict[UUID, Row]:
    """Columns of the rows that have one of these ids in a column, by that id, as they are kept."""
    names = ", ".join(f'"{name}"' for name in (column, *columns))
    rows = _with_ids(model, names, column, ids)
    return {as_id(id): tuple(values) for id, *values in rows}


def _with_ids(
    model: type[models.Model], what: str, column: str, ids: Iterable[UUID], more: str = ""
) -> Iterator[Row]:
    """What is selected of the rows whose column has one of these ids."""
    keys = [key_of(id) for id in ids]
    with connection.cursor() as cursor:
        for start in range(0, len(keys), MOST_VALUES):
            part = keys[start : start + MOST_VALUES]
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(
                f'SELECT {what} FROM "{model._meta.db_table}" '  # noqa: S608
                f'WHERE "{column}" IN ({marks}) {more}',
                part,
            )
            yield from cursor.fetchall()


def put(model: type[models.Model], rows: Sequence[Row], *, key: str) -> None:
    """Add rows, or bring those that stand there with the same key up to date."""
    if not rows:
        return
    columns = columns_of(model)
    names = ", ".join(f'"{name}"' for name in columns)
    sets = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in columns if name != key)
    marks = f"({', '.join(['%s'] * len(columns))})"
    head = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES '  # noqa: S608
    tail = f' ON CONFLICT ("{key}") DO UPDATE SET {sets}'
    step = MOST_VALUES // len(columns)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            values = [value for row in part for value in row]
            cursor.execute(f"{head}{', '.join([marks] * len(part))}{tail}", values)


def change(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Change columns of rows: each row has the new values in their order, and its id at the end."""
    sets = ", ".join(f'"{name}" = %s' for name in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE "{model._meta.db_table}" SET {sets} WHERE id = %s',  # noqa: S608
            list(rows),
        )


def remove(model: type[models.Model], column: str, ids: Iterable[UUID]) -> None:
    """Take away the rows whose column has one of these ids."""
    keys = [key_of(id) for id in ids]
    with connection.cursor() as cursor:
        for start in range(0, len(keys), MOST_VALUES):
            part = keys[start : start + MOST_VALUES]
            marks = ", ".join(["%s"] * len(part))
            asked = f'DELETE FROM "{model._meta.db_table}" WHERE "{column}" IN ({marks})'  # noqa: S608
            cursor.execute(asked, part)
