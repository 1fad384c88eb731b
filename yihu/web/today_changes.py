"""What others wrote since yesterday, a line for each family and day, its entries behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.loop import Moment
from yihu.naming import KINDS
from yihu.web.household_view import source_name
from yihu.web.says import said

#: Families on the page, and entries that are looked at for them: a village's in two days.
FAMILIES, LATEST = 10, 100
_FIELDS = ("number", "kind", "seen_on", "received_at", "source", "author__name", "book_id",
           "book__household__head_name", "book__household__code")  # fmt: skip


@dataclass(slots=True)
class Changed:
    """A family's entries of one day, the newest first.

    day    on which they were received
    least  older ones were not looked for: it may have more
    """

    book: UUID
    name: str
    day: date
    least: bool = False
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """Kinds of entries in words, and how many of each."""
        return list(Counter(entry["kind"] for entry in self.entries).items())

    @property
    def by(self) -> list[str]:
        """Who wrote, once each."""
        return list(dict.fromkeys(entry["by"] for entry in self.entries))


def start_of(at: Moment, days: int) -> datetime:
    """When the day so many days ago began."""
    return timezone.make_aware(datetime.combine(at.today - timedelta(days=days), time.min))


def changes(scope: Scope, at: Moment) -> list[Changed]:
    """What others wrote since the beginning of yesterday in the books the worker reaches."""
    rows = scope.of(Entry).filter(received_at__gte=start_of(at, 1)).exclude(kind="gap")
    rows = rows.exclude(author=scope.worker).filter(book__household__isnull=False)
    found: dict[tuple[UUID, date], Changed] = {}
    newest = list(rows.order_by("-received_at", "-number").values_list(*_FIELDS)[:LATEST])
    for row in newest:
        number, kind, seen_on, received_at, source, author, book, name, code = row
        day = timezone.localtime(received_at).date()
        group = found.setdefault((book, day), Changed(book, name or code, day))
        group.least = len(newest) == LATEST
        group.entries.append({
            "number": number, "kind": said(*KINDS.get(kind, (kind, kind))), "seen_on": seen_on,
            "received_at": received_at, "by": author or source_name(source),
        })  # fmt: skip
    return list(found.values())[:FAMILIES]
