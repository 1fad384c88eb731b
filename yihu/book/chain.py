"""The chain: each entry's hash covers what it says and the hash before it. Pure."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID


def canonical(value: object) -> bytes:
    """One spelling for equal contents: keys sorted, no blanks, whole numbers without a point.

    PostgreSQL keeps 3.0 as 3; what it gives back must have the hash of what was written.

    >>> canonical({"b": 3.0, "a": "户"}).decode()
    '{"a":"户","b":3}'
    """
    text = json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def moment(at: datetime) -> str:
    """A moment in UTC to the microsecond, which is what both databases keep."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link(  # noqa: PLR0913  all that an entry is
    before: bytes,
    *,
    id: UUID,
    book: UUID,
    number: int,
    kind: str,
    seen_on: date,
    written_at: datetime,
    received_at: datetime,
    author: UUID | None,
    source: str,
    based_on: int,
    undoes: int | None,
    batch: UUID | None,
    says: dict[str, Any],
) -> bytes:
    """The hash of an entry: 32 bytes over the hash before it and all it is."""
    of = [
        id.hex,
        book.hex,
        number,
        kind,
        seen_on.isoformat(),
        moment(written_at),
        moment(received_at),
        author.hex if author else None,
        source,
        based_on,
        undoes,
        batch.hex if batch else None,
        says,
    ]
    return hashlib.sha256(before + canonical(of)).digest()
