"""Reading cards and what made them: as of any day, as known at any moment, and fact by fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from yihu.book.models import Entry
from yihu.book.order import undone_by
from yihu.card.fold import Card, fold
from yihu.card.plans import Home


def entries_of(book: UUID) -> list[Entry]:
    """All that makes the card: the entries of a book but those of the ledger."""
    found = Entry.objects.filter(book_id=book).exclude(kind="gap").order_by("number")
    return list(found.select_related("author"))


def card_of(book: UUID, *, as_of: date | None = None, known_at: datetime | None = None) -> Card:
    """The card of a household or place; one without a code where none stood then.

    as_of     as it was on the ground at the end of this day
    known_at  as this house knew it at this moment, later entries and corrections left out
    """
    return fold(entries_of(book), as_of=as_of, known_at=known_at)


def home(book: UUID) -> Home:
    """A household as the plans take it."""
    return Home(book, card_of(book))


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the book says of a fact.

    value       as the book has it; {"sealed": …} with its token in `token` for a secret one
    counts      this is the value on the card now
    undone_by   number of the correction that took it away, or None
    carried     {"book": …, "numbers": […]} where it was said first in another book
    """

    number: int
    value: Any
    token: str
    seen_on: date
    written_at: datetime
    received_at: datetime
    source: str
    author: str
    kind: str
    counts: bool
    undone_by: int | None
    carried: dict[str, Any] | None


def history(book: UUID, *, whose: str, fact: str) -> list[Said]:
    """All the book ever said of one fact, the newest on the ground first.

    whose  "household", "place" or a person's id
    """
    entries = entries_of(book)
    gone = undone_by(entries)
    found: list[Said] = []
    for entry in sorted(entries, key=lambda e: (e.seen_on, e.number), reverse=True):
        facts = _facts_of(entry.says, whose)
        if fact in facts:
            counts = entry.number not in gone and not any(said.counts for said in found)
            found.append(_said(entry, facts[fact], counts=counts, by=gone.get(entry.number)))
    return found


def _facts_of(says: dict[str, Any], whose: str) -> dict[str, Any]:
    if whose in ("household", "place"):
        found: dict[str, Any] = says.get(whose, {})
        return found
    of: dict[str, Any] = says.get("members", {}).get(whose, {})
    return of


def _said(entry: Entry, value: Any, *, counts: bool, by: int | None) -> Said:
    token = ""
    if isinstance(value, dict):
        token = (entry.sealed or {}).get(value.get("sealed", ""), "")
    return Said(
        entry.number, value, token, entry.seen_on, entry.written_at, entry.received_at,
        entry.source, str(entry.author) if entry.author else "", entry.kind, counts, by,
        entry.says.get("carried"),
    )  # fmt: skip
