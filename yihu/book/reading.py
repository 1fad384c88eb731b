"""Entries as they stand in the table, read some hundred books at a time and without objects.

Reading this way costs a fifth of what the tables' own objects cost; writing one entry reads its
whole book twice, an audit or a rebuild reads two million.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from yihu.book import rows
from yihu.book.models import Entry
from yihu.book.rows import as_id

_COLUMNS = (
    "book_id", "id", "number", "kind", "seen_on", "written_at", "received_at", "author_id",
    "source", "based_on", "undoes", "batch_id", "hash", "says", "sealed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """An entry as it stands in the table."""

    book_id: UUID
    id: UUID
    number: int
    kind: str
    seen_on: date
    written_at: datetime
    received_at: datetime
    author_id: UUID | None
    source: str
    based_on: int
    undoes: int | None
    batch_id: UUID | None
    hash: bytes
    says: dict[str, Any]
    sealed: dict[str, str] | None


def entries_of(
    books: Sequence[UUID],
    *,
    kinds: Sequence[str] = (),
    but: str = "",
    after: int = 0,
    where: str = "",
) -> Iterator[tuple[UUID, list[Read]]]:
    """(book, its entries by number) of those books that have any.

    kinds  only of these kinds; all unless given
    but    none of this kind
    after  only those with a higher number
    where  only those that meet a condition of SQL
    """
    for start in range(0, len(books), rows.MOST_VALUES):
        yield from _entries_of(books[start : start + rows.MOST_VALUES], kinds, but, after, where)


def _entries_of(
    books: Sequence[UUID], kinds: Sequence[str], but: str, after: int, where: str
) -> Iterator[tuple[UUID, list[Read]]]:
    asked = (
        f"SELECT {', '.join(_COLUMNS)} FROM {Entry._meta.db_table} "  # noqa: S608
        f"WHERE book_id IN ({_marks(books)})"
    )
    values = [rows.key_of(book) for book in books]
    if kinds:
        asked += f" AND kind IN ({_marks(kinds)})"
    if but:
        asked += " AND kind <> %s"
    if after:
        asked += " AND number > %s"
    if where:
        asked += f" AND ({where})"
    values += [*kinds, *([but] if but else []), *([after] if after else [])]
    with connection.cursor() as cursor:
        cursor.execute(f"{asked} ORDER BY book_id, number", values)
        found = cursor.fetchall()
    for key, of in groupby(found, key=lambda row: row[0]):
        book = as_id(key)
        yield book, [_read(book, row) for row in of]


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


#: Who wrote and what came together: few, and said of every entry.
_often = lru_cache(maxsize=4_000)(as_id)


def _read(book: UUID, row: Sequence[Any]) -> Read:
    (
        _, id, number, kind, seen_on, written_at, received_at, author, source, based_on,
        undoes, batch, hash_, says, sealed,
    ) = row  # fmt: skip
    return Read(
        book, as_id(id), number, kind, seen_on, _utc(written_at), _utc(received_at),
        _often(author) if author else None, source, based_on, undoes,
        _often(batch) if batch else None, bytes(hash_), json.loads(says),
        json.loads(sealed) if sealed else None,
    )  # fmt: skip


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
