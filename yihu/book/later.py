"""What came into books after a day, and which books tell of a move: asked of many at once.

A village on a past day is what stands now but for the books that went on since; of those, only the
entries that change who belongs to a household, how it stands or what somebody is called are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, F, Q, When
from django.db.models.lookups import Exact

from yihu.book.models import Entry
from yihu.book.moves import Moves
from yihu.book.reading import Read, entries_of
from yihu.book.rows import MOST_VALUES


@dataclass(frozen=True, slots=True)
class Until:
    """As it was at the end of a day, as it was known at a moment, or both; None: until now."""

    as_of: date | None = None
    known_at: datetime | None = None

    def later(self) -> Q:
        """Condition: an entry held later, or was received later."""
        asked = {"received_at__gt": self.known_at, "seen_on__gt": self.as_of}
        given = [Q(**{name: value}) for name, value in asked.items() if value is not None]
        if not given:
            return Q(pk=None)
        # As a case: by its index of moments, SQLite would walk through all that came since.
        return Q(Exact(Case(When(reduce(or_, given), then=1), default=0), 1))

    def is_later(self, entry: Read) -> bool:
        """Did it hold later, or was it received later?"""
        unknown = self.known_at is not None and entry.received_at > self.known_at
        return unknown or (self.as_of is not None and entry.seen_on > self.as_of)


@dataclass(frozen=True, slots=True)
class Later:
    """How many entries of a book came later: of people and files, and of the ledger."""

    ours: int = 0
    gaps: int = 0


def later_in(books: Sequence[UUID], until: Until) -> dict[UUID, Later]:
    """Of these books, those that went on since."""
    found = {}
    for some in _some(books):
        rows = Entry.objects.filter(until.later(), book__in=some).order_by().values("book_id")
        gaps = Q(kind="gap")
        counted = rows.annotate(ours=Count("pk", filter=~gaps), gaps=Count("pk", filter=gaps))
        for row in counted:
            found[row["book_id"]] = Later(row["ours"], row["gaps"])
    return found


def standing_entries(books: Sequence[UUID]) -> Iterator[tuple[UUID, list[Read]]]:
    """(book, the entries that say who belongs to it, how it stands and what somebody is called).

    Nine in ten entries of a county say none of it, and to read one costs more than to find it.
    """
    return entries_of(books, where=_STANDING[connection.vendor == "postgresql"])


_STANDING = tuple(
    f"kind IN ('people', 'decision', 'correction') OR (kind <> 'gap' AND ({says}))"
    for says in (
        """instr(says, '"acts"') > 0 OR instr(says, '"name"') > 0""",
        """says ? 'acts' OR says::text LIKE '%%"name"%%'""",
    )
)


# --- moves ----------------------------------------------------------------------------------------
def lay_in(codes: set[str], until: Until) -> set[UUID]:
    """Books of households that by some entry lay in one of these places, and may have then.

    Those alone of which a move, or a correction that may undo one, came later.
    """
    entries = Entry.objects.filter(until.later())
    moved = set(entries.filter(_MOVES).values_list("book_id", flat=True))
    corrected = entries.filter(kind="correction").values_list("book_id", flat=True)
    ever = set(Entry.objects.filter(_MOVES).values_list("book_id", flat=True))
    places = _places_of(sorted(moved | (ever & set(corrected))))
    return {book for book, of in places.items() if not codes.isdisjoint(of)}


_MOVES = Q(Moves(F("says")))


def _places_of(books: Sequence[UUID]) -> dict[UUID, set[str]]:
    """Book → every place an act says the household lies in, whether it was taken back or not."""
    found: dict[UUID, set[str]] = {book: set() for book in books}
    opened = set()
    for some in _some(books):
        of = Entry.objects.filter(book__in=some)
        # A book nearly always begins with where the household lies.
        for rows in (of.filter(number=1), of.filter(_MOVES)):
            for book, says in rows.values_list("book_id", "says"):
                acts = says.get("acts", ())
                found[book] |= {act.get("place", "") for act in acts}
                opened |= {book for act in acts if act["did"] == "opened"}
    for book, entries in standing_entries([book for book in books if book not in opened]):
        acts = (act for entry in entries for act in entry.says.get("acts", ()))
        found[book] |= {act.get("place", "") for act in acts}
    return found


def _some(books: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (books[at : at + MOST_VALUES] for at in range(0, len(books), MOST_VALUES))
