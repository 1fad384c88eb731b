"""Rows by the ids in one of their columns, as the tables' own objects; writing all or nothing.

To make the statement of a query costs a millisecond, a third of it goes by while the database
answers; writing one entry asked for a dozen such rows. Here the statement of a table and column is
made once. What a row becomes is what a query would have made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.db import connection, models, transaction

M = TypeVar("M", bound=models.Model)
#: Values in one statement; SQLite takes more, but a longer list is never asked for.
MOST = 500


@dataclass(frozen=True, slots=True)
class _Reading:
    """How rows of a table are read by a column.

    head    the statement up to the list of values
    names   fields in the order of the columns
    turned  (place of a column, what makes its value of what the database gives)
    asked   value as it is → as the database is asked for it
    """

    head: str
    names: list[str]
    turned: Sequence[tuple[int, Callable[[Any], Any]]]
    asked: Callable[[Any], Any]


def rows_by(
    model: type[M],
    column: str,
    keys: Iterable[Any],
    *,
    since: tuple[str, Any] | None = None,
    lock: bool = False,
) -> list[M]:
    """The rows whose column has one of these values, in no order.

    column  its name in the table: household_id, not household
    since   (column, value): only rows that have this or more there
    lock    nobody else changes them until the transaction ends; they are locked in the order of
            the column
    """
    reading = _reading(model, column, connection.vendor)
    values = [reading.asked(key) for key in keys]
    locked = lock and connection.features.has_select_for_update
    tail = f' ORDER BY "{column}" FOR UPDATE' if locked else ""
    more = [_reading(model, since[0], connection.vendor).asked(since[1])] if since else []
    tail = f' AND "{since[0]}" >= %s{tail}' if since else tail
    found: list[M] = []
    for start in range(0, len(values), MOST):
        part = values[start : start + MOST]
        statement = f"{reading.head}({', '.join(['%s'] * len(part))}){tail}"
        with connection.cursor() as cursor:
            cursor.execute(statement, [*part, *more])
            found += [_made(model, reading, row) for row in cursor.fetchall()]
    return found


def join_one(rows: Sequence[models.Model], field: str) -> None:
    """Fetch what a foreign key of these rows points to, once each, and let the rows know it."""
    key = rows[0]._meta.get_field(field) if rows else None
    if not isinstance(key, models.ForeignKey):
        return
    ids = {getattr(row, key.attname) for row in rows} - {None}
    target = key.target_field
    found = {
        getattr(each, target.attname): each
        for each in rows_by(key.related_model, str(target.column), sorted(ids))
    }
    for row in rows:
        setattr(row, field, found.get(getattr(row, key.attname)))


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """What is written inside stands whole or not at all; inside of another it belongs to that.

    Django's own `atomic` marks a place to go back to at each step on the way down: eight statements
    an entry, each a walk to the database. Nobody on the way may go on after what was refused below.
    """
    inside = getattr(connection, _INSIDE, False) and connection.in_atomic_block
    if inside:
        yield
        return
    with transaction.atomic():
        setattr(connection, _INSIDE, True)
        try:
            yield
        finally:
            setattr(connection, _INSIDE, False)


_INSIDE = "yihu_all_or_nothing"


@lru_cache(maxsize=64)
def _reading(model: type[models.Model], column: str, _vendor: str) -> _Reading:
    table = model._meta.db_table
    fields = model._meta.concrete_fields
    (by,) = [field for field in fields if field.column == column]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    turned = [
        (place, partial(turn, expression=as_read, connection=connection))
        for place, as_read in enumerate(field.get_col(table) for field in fields)
        for turn in (
            *connection.ops.get_db_converters(as_read),
            *as_read.get_db_converters(connection),
        )
    ]
    return _Reading(
        f'SELECT {columns} FROM "{table}" WHERE "{column}" IN ',  # noqa: S608
        [field.attname for field in fields],
        turned,
        lambda value: by.get_db_prep_value(value, connection, prepared=False),
    )


def _made(model: type[M], reading: _Reading, row: Sequence[Any]) -> M:
    values = list(row)
    for place, turn in reading.turned:
        values[place] = turn(values[place])
    return model.from_db(connection.alias, reading.names, values)
