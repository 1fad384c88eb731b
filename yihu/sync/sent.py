"""One entry as a phone sent it, read with care: what cannot be read is refused by itself. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from yihu.book.chain import canonical
from yihu.book.says import SHA256
from yihu.problems import Problem

ZONE = ZoneInfo("Asia/Shanghai")
#: What a phone may send. `clue` and `read` are no kinds of a book: see `taking`.
KINDS = ("facts", "people", "visit", "help", "evidence", "signature", "correction", "clue", "read")
#: A clock that goes wrong by less is put right silently: the way of the message takes as long.
CLOCK_SLACK = timedelta(minutes=5)
MOST_NUMBER = 2**31 - 1
#: Tables and lists inside one another that an entry may have; those of the app have six.
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Clock:
    """When a batch came, and how far the clock its entries were written by was behind ours."""

    received_at: datetime
    behind: timedelta | None

    @classmethod
    def of(cls, received_at: datetime, phone: datetime | None) -> Clock:
        """phone: what the clock of the entries said when the batch was sent; None: not told."""
        return cls(received_at, None if phone is None else received_at - phone)

    def right(self, written_at: datetime) -> datetime:
        """The moment something was written by our clock; never after it came."""
        known = self.behind is not None and abs(self.behind) > CLOCK_SLACK
        try:
            moved = written_at + self.behind if known and self.behind else written_at
        except OverflowError:
            # A clock in the year 9999: nothing follows from it but that it was written by now.
            return self.received_at
        return min(moved, self.received_at)


@dataclass(frozen=True, slots=True)
class Sent:
    """An entry as it was sent, its moments by our clock.

    seen_on   as sent; where the phone stamped the day of writing by a wrong clock, the day it was
    marks     "clock": days or moments were put right
    raw       all that was sent, as JSON
    """

    id: UUID
    digest: str
    household: UUID | None
    kind: str
    says: dict[str, Any]
    based_on: int
    seen_on: date
    written_at: datetime
    app: str
    rulebook: str
    undoes: int | None
    marks: tuple[str, ...]
    raw: Mapping[str, Any]


def not_too_deep(raw: object) -> object:
    """What was sent; of one with tables in tables past DEEPEST only its id, which is refused.

    No entry is like that, and what walks through it would end before it came to the end.
    """
    level: list[Any] = [raw]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return raw
    return {"id": str(raw["id"])[:80] if isinstance(raw, Mapping) and "id" in raw else ""}


def digest_of(raw: object) -> str:
    """SHA-256 of what was sent, however its JSON was spelled."""
    try:
        said = canonical(raw)
    except (TypeError, ValueError):
        # Half a sign, or a number that is none: no spelling of its own, but one of Python's.
        said = ascii(raw).encode()
    return hashlib.sha256(said).hexdigest()


def id_of(raw: object, digest: str) -> UUID:
    """The id of an entry; of one without a readable id, one made of its content."""
    try:
        return UUID(str(raw["id"] if isinstance(raw, Mapping) else ""))
    except (KeyError, ValueError):
        return uuid5(NAMESPACE_URL, digest)


def read(raw: object, clock: Clock) -> Sent:
    """What was sent as an entry. Raises Problem (sync.bad_shape)."""
    if not isinstance(raw, Mapping):
        raise _bad("entry", raw)
    digest = digest_of(raw)
    kind = raw.get("kind")
    if kind not in KINDS:
        raise _bad("kind", kind, ", ".join(KINDS))
    says = raw.get("says")
    if not isinstance(says, dict):
        raise _bad("says", says)
    written = _moment(raw.get("written_at"))
    seen, marks = _day(raw, written, clock)
    return Sent(
        id=_id("id", raw.get("id")), digest=digest, household=_household(raw, kind), kind=kind,
        says=says, based_on=_number("based_on", raw.get("based_on", 0)), seen_on=seen,
        written_at=clock.right(written), app=_words("app", raw, 40),
        rulebook=_words("rulebook", raw, 80), marks=marks, raw=raw,
        undoes=None if raw.get("undoes") is None else _number("undoes", raw["undoes"]),
    )  # fmt: skip


def household_of(raw: object) -> UUID | None:
    """The household an entry names, if it names one that can be read."""
    try:
        return UUID(str(raw["household"] if isinstance(raw, Mapping) else ""))
    except (KeyError, ValueError):
        return None


def photo_of(raw: object) -> str:
    """SHA-256 of the file an entry speaks of, or ""."""
    says = raw.get("says") if isinstance(raw, Mapping) else None
    found = says.get("sha256") if isinstance(says, Mapping) else None
    return str(found) if SHA256.fits(found) else ""


def _day(raw: Mapping[str, Any], written: datetime, clock: Clock) -> tuple[date, tuple[str, ...]]:
    try:
        seen = date.fromisoformat(str(raw["seen_on"]))
    except (KeyError, ValueError):
        raise _bad("seen_on", raw.get("seen_on"), "2020-10-17") from None
    right = clock.right(written)
    moved = abs(right - written) > CLOCK_SLACK
    # A day typed by hand stands as it was typed; one that the clock stamped was as wrong as it.
    if moved and seen == written.astimezone(ZONE).date():
        seen = right.astimezone(ZONE).date()
    return seen, ("clock",) if moved else ()


def _moment(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _bad("written_at", value, "2020-10-17T08:30:00+08:00")


def moment_or_none(value: object) -> datetime | None:
    """A moment with its offset; None where there is none to be read."""
    try:
        return _moment(value)
    except Problem:
        return None


def _household(raw: Mapping[str, Any], kind: str) -> UUID | None:
    if kind == "read" and not raw.get("household"):
        return None
    return _id("household", raw.get("household"))


def _id(name: str, value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise _bad(name, value, "UUID") from None


def _number(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_NUMBER:
        return value
    raise _bad(name, value, "0, 1, 2, …")


def _words(name: str, raw: Mapping[str, Any], most: int) -> str:
    found = raw.get(name, "")
    if not isinstance(found, str) or len(found) > most or "\0" in found:
        raise _bad(name, found, f"≤ {most}")
    return found


def _bad(name: str, found: object, expected: str = "{…}") -> Problem:
    shown = ascii(found)[:60] if found is not None else "—"
    return Problem("sync.bad_shape", at=name, found=shown, expected=expected)
