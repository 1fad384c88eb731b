"""Anchors of the books here: made from where they end, and laid beside them later.

Beside the card, because a household that is gone with its book can only be named by the number its
card had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from yihu.book import anchor, rows
from yihu.book.anchor import Anchor, End, Kept
from yihu.book.audit import Fault
from yihu.problems import Problem

#: Books asked for together: two values each.
CHUNK = 2000
#: Of so many the entries are looked for in other books; more are told without.
MOST_SOUGHT = 500

_ENDS = (
    "SELECT b.id, b.last_number, b.last_hash, COALESCE(h.code, p.code, '') FROM yihu_book b "
    "LEFT JOIN yihu_household h ON h.book_id = b.id LEFT JOIN yihu_place p ON p.id = b.place_id"
)


def take(*, day: date, now: datetime) -> Anchor:
    """The anchor of the books as they end now: one question, so at one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDS)
        ends = [End(_hex(id), n, bytes(at).hex(), code) for id, n, at, code in cursor]
    return anchor.anchor_of(ends, day=day, now=now)


def _hex(id: Any) -> str:
    return id.hex if isinstance(id, UUID) else str(id).replace("-", "")


# --- laid beside the books ------------------------------------------------------------------------


def faults_against(kept: Anchor, books: Collection[UUID] | None = None) -> list[Fault]:
    """What an anchor knew and the books no longer have: of these books, or of all.

    Entries written since are fine. Whether the hashes are right is the audit's to find.
    """
    only = {book.hex for book in books} if books is not None else None
    ends = [end for end in kept.ends if only is None or end.book in only]
    wrong: list[tuple[End, Fault]] = []
    for start in range(0, len(ends), CHUNK):
        wrong += _wrong(ends[start : start + CHUNK])
    if not wrong:
        return []
    elsewhere = _elsewhere([end for end, _ in wrong[:MOST_SOUGHT]])
    return [_told(end, fault, elsewhere, kept.codes) for end, fault in wrong]


def _wrong(ends: Sequence[End]) -> Iterator[tuple[End, Fault]]:
    lasts, hashes = _lasts(ends), _hashes(ends)
    for end in ends:
        book = UUID(end.book)
        if end.book not in lasts:
            yield end, Fault("anchor.book_gone", book, end.number, end.code)
        elif end.number and end.book not in hashes:
            more = f"{end.number} → {lasts[end.book]}"
            yield end, Fault("anchor.cut_off", book, end.number, more)
        elif end.number and hashes[end.book] != end.hash:
            yield end, Fault("anchor.rewritten", book, end.number)


def _lasts(ends: Sequence[End]) -> dict[str, int]:
    """Book → its last number, of those that exist."""
    marks = ", ".join(["%s"] * len(ends))
    asked = f"SELECT id, last_number FROM yihu_book WHERE id IN ({marks})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(asked, [rows.key_of(UUID(end.book)) for end in ends])
        return {_hex(id): number for id, number in cursor}


def _hashes(ends: Sequence[End]) -> dict[str, str]:
    """Book → hash of its entry at the anchored number, as it stands in the table."""
    marks = ", ".join(["(%s, %s)"] * len(ends))
    # So written, SQLite goes by both columns of the index; by `(book_id, number) IN` it reads
    # whole books.
    asked = (
        f"WITH asked (book, at) AS (VALUES {marks}) "  # noqa: S608
        "SELECT e.book_id, e.hash FROM asked CROSS JOIN yihu_entry e "
        "WHERE e.book_id = asked.book AND e.number = asked.at"
    )
    values = [value for end in ends for value in (rows.key_of(UUID(end.book)), end.number)]
    with connection.cursor() as cursor:
        cursor.execute(asked, values)
        return {_hex(id): bytes(found).hex() for id, found in cursor}


def _elsewhere(ends: Sequence[End]) -> dict[str, str]:
    """Hash → the book where the entry stands now. Reads every entry: only done after a fault."""
    sought = [bytes.fromhex(end.hash) for end in ends]
    asked = (
        "SELECT hash, book_id FROM yihu_entry "  # noqa: S608
        f"WHERE hash IN ({', '.join(['%s'] * len(sought))})"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, sought)
        return {bytes(found).hex(): _hex(id) for found, id in cursor}


def _told(end: End, fault: Fault, elsewhere: dict[str, str], codes: dict[str, str]) -> Fault:
    other = elsewhere.get(end.hash)
    if other is None or other == end.book:
        return fault
    return Fault("anchor.elsewhere", fault.book, fault.number, codes.get(other, other))


# --- one after the other --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Followed:
    """A new anchor, if the books still hold what the one before knew; else what is wrong."""

    anchor: Anchor | None
    before: Kept | None = None
    faults: list[Fault] = field(default_factory=list)


def follow(*, day: date, now: datetime) -> Followed:
    """The books' anchor, to be kept after the newest that is here.

    Where the books no longer hold what that one knew, no new one is made: it would take the
    place of the only one that tells.
    """
    found, broken = anchor.kept_in(*folders())
    faults = [Fault("anchor.edited", more=str(path)) for path in broken]
    before = found[0] if found else None
    if before is not None:
        try:
            faults += faults_against(anchor.read(before.path))
        except Problem:
            faults.append(Fault("anchor.edited", more=str(before.path)))
    return Followed(None if faults else take(day=day, now=now), before, faults)


def folders() -> tuple[Path, ...]:
    """Where anchors lie: beside the backups and in the snapshots of the data folder."""
    home = Path(settings.HOME)
    return home / "backups", home / "anchors", Path(settings.SNAPSHOTS)
