"""As of which day, and as known on which: what every page of a past day is asked with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode

from yihu.card.fold import Card, EntryLike, fold
from yihu.problems import Problem

E = TypeVar("E", bound=EntryLike)


def day_of(text: str) -> date:
    """A day from an address or a form. Raises Problem (household.no_day)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("household.no_day", found=text[:40]) from None


def require_no_day_ahead(day: date | None, today: date) -> None:
    """Refuse a day to look at that has not come. Raises Problem (desk.day_ahead)."""
    if day is not None and day > today:
        raise Problem("desk.day_ahead", found=day, today=today)


def end_of_day(day: date) -> datetime:
    """The last moment of a day in the county."""
    return timezone.make_aware(datetime.combine(day, time.max))


@dataclass(frozen=True, slots=True)
class Days:
    """As of which day, and as known on which; None: today."""

    as_of: date | None = None
    known: date | None = None

    @classmethod
    def of(cls, asked: QueryDict, *, today: date) -> Days:
        """From the address. Raises Problem (household.no_day, desk.day_ahead)."""
        as_of, known = (asked.get(name, "") for name in ("as_of", "known"))
        found = cls(day_of(as_of) if as_of else None, day_of(known) if known else None)
        for day in (found.as_of, found.known):
            require_no_day_ahead(day, today)
        return found

    @property
    def past(self) -> bool:
        """Is another day than today asked for?"""
        return self.as_of is not None or self.known is not None

    @property
    def query(self) -> str:
        """As an address says them."""
        given = (("as_of", self.as_of), ("known", self.known))
        return urlencode({name: day.isoformat() for name, day in given if day})

    @property
    def known_at(self) -> datetime | None:
        """The last moment at which something counts that was received; None: all of it."""
        return end_of_day(self.known) if self.known else None

    def on(self, today: date) -> date:
        """The day itself: what was not yet known on a day cannot have held later for those then."""
        return min(day for day in (self.as_of, self.known, today) if day)

    def card(self, entries: Iterable[EntryLike]) -> Card:
        """The card of a book on these days."""
        return fold(entries, as_of=self.as_of, known_at=self.known_at)

    def book(self, entries: Iterable[E]) -> list[E]:
        """The entries of a book, by number, that had been received and speak of what had held.

        A correction stands where the entry does that it takes away, whenever it was written.
        """
        found: dict[int, E] = {}
        for entry in entries:
            held = self.as_of is None or entry.seen_on <= self.as_of or entry.undoes in found
            if held and (self.known_at is None or entry.received_at <= self.known_at):
                found[entry.number] = entry
        return list(found.values())
