"""What entries of one request have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.loop import Moment
from yihu.sync.models import Arrival, Device
from yihu.sync.sent import Clock


@dataclass(slots=True)
class Known:
    """What is asked of many entries of one request, read once.

    arrivals  of the ids of the request: id → digest → what became of it
    written   those of the ids that are entries of a book
    homes, reached   households, and (household, day) → may it be written on that day
    scopes    what the worker reaches on a day
    """

    arrivals: dict[UUID, dict[str, Arrival]] = field(default_factory=dict)
    written: set[UUID] = field(default_factory=set)
    homes: dict[UUID, Household | None] = field(default_factory=dict)
    reached: dict[tuple[UUID, date], bool] = field(default_factory=dict)
    scopes: dict[date, Scope] = field(default_factory=dict)

    @classmethod
    def of(cls, ids: Iterable[UUID]) -> Known:
        """Of the ids of one request."""
        wanted = list(ids)
        found = cls(arrivals={id: {} for id in wanted})
        for arrival in Arrival.objects.filter(entry_id__in=wanted):
            found.arrivals[arrival.entry_id][arrival.digest] = arrival
        written = Entry.objects.filter(pk__in=wanted).values_list("pk", flat=True)
        found.written = set(written)
        return found

    def add(self, arrival: Arrival) -> None:
        """One more was judged."""
        self.arrivals.setdefault(arrival.entry_id, {})[arrival.digest] = arrival

    def home(self, id: UUID | None) -> Household | None:
        """The household of this id."""
        if id is not None and id not in self.homes:
            self.homes[id] = Household.objects.filter(pk=id).first()
        return self.homes[id] if id is not None else None

    def writes(self, by: Worker, home: Household, day: date) -> bool:
        """May the worker write about the household on a day?"""
        key = (home.pk, day)
        if key not in self.reached:
            if day not in self.scopes:
                self.scopes[day] = Scope(by, day)
            rows = self.scopes[day].of(Household, "write").filter(pk=home.pk)
            self.reached[key] = rows.exists()
        return self.reached[key]


@dataclass(frozen=True, slots=True)
class Batch:
    """Who hands in, by which phone, when it came and what the phone's clock said.

    together  all entries are written in one transaction, and what follows from them once after the
              last, not once an entry
    known     what was read for all of them
    """

    by: Worker
    device: Device | None
    clock: Clock
    at: Moment
    together: bool = False
    known: Known = field(default_factory=Known)
