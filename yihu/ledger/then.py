"""A village as it was: its households, their cards and their gaps, of a day and as known on a day.

Nothing is kept for it: the books are read again, without what held later or was received later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from yihu.book.models import Entry
from yihu.book.reading import Read, entries_of
from yihu.card.fold import Card, fold
from yihu.card.models import Household
from yihu.ledger.models import Gap
from yihu.ledger.rows import standing_after
from yihu.ledger.standing import OPEN
from yihu.places.models import Place, PlaceName, within


@dataclass(frozen=True, slots=True)
class Then:
    """A household as it was.

    card     who belonged to it and how it stood; of the facts only names
    gaps     those open then
    written  entries since, the ledger's aside
    """

    id: UUID
    card: Card
    gaps: list[Gap]
    written: int


def households_then(
    place: Place,
    *,
    homes: QuerySet[Household],
    entries: QuerySet[Entry],
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[Then]:
    """The households that stood in a village, by the name of their heads.

    homes, entries  what the asker reaches
    as_of           as it was on the ground at the end of this day
    known_at        as this house knew it at this moment
    """
    codes = _codes(place)
    here = set(homes.filter(within(place.path, "place_path")).values_list("pk", flat=True))
    ids = sorted(here | _gone_since(entries, as_of, known_at))
    found = []
    for book, of in entries_of(ids):
        then = _then(book, of, as_of, known_at)
        if then.card.place in codes and then.card.code and then.card.closed_on is None:
            found.append(then)
    return sorted(found, key=lambda then: (head_of(then.card), then.card.code))


def _codes(place: Place) -> set[str]:
    """Codes of the village and of its hamlets, the old ones too."""
    below = Place.objects.filter(within(place.path, "path"))
    old = PlaceName.objects.filter(within(place.path, "place__path"))
    return {*below.values_list("code", flat=True), *old.values_list("code", flat=True)}


def head_of(card: Card) -> str:
    """Name of the head; "" where nobody belonged to the household."""
    known = card.people[0].facts.get("name") if card.people else None
    return str(known.value) if known else ""


def _gone_since(
    entries: QuerySet[Entry], as_of: date | None, known_at: datetime | None
) -> set[UUID]:
    """Books in which it was written since that the household moved, or that it had not."""
    since = Q(pk=None)
    if known_at is not None:
        since |= Q(received_at__gt=known_at)
    if as_of is not None:
        since |= Q(seen_on__gt=as_of)
    acted = Q(kind__in=("people", "import", "comparison"), text__contains='"moved"')
    rows = entries.filter(since).annotate(text=Cast("says", TextField()))
    rows = rows.filter(acted | Q(kind="correction"))
    return set(rows.values_list("book_id", flat=True))


def _then(
    book: UUID, entries: Sequence[Read], as_of: date | None, known_at: datetime | None
) -> Then:
    kept = [e for e in entries if known_at is None or e.received_at <= known_at]
    card = fold([_named(e) for e in kept if e.kind != "gap"], as_of=as_of)
    gaps = standing_after(e for e in kept if as_of is None or e.seen_on <= as_of)
    ours = [e for e in entries if e.kind != "gap"]
    later = [e for e in ours if _is_later(e, as_of, known_at)]
    return Then(book, card, [gap for gap in gaps if gap.state in OPEN], len(later))


def _named(entry: Read) -> Read:
    """The entry without the facts a list does not show: half of the time goes into those."""
    kept = ("acts", "did", "category")
    says: dict[str, Any] = {key: entry.says[key] for key in kept if key in entry.says}
    of = entry.says.get("members", {})
    named = {person: {"name": facts["name"]} for person, facts in of.items() if "name" in facts}
    return replace(entry, says=says | {"members": named})


def _is_later(entry: Read, as_of: date | None, known_at: datetime | None) -> bool:
    unknown = known_at is not None and entry.received_at > known_at
    return unknown or (as_of is not None and entry.seen_on > as_of)


def counts(gaps: Iterable[Gap]) -> dict[str, int]:
    """How many fail, are unknown, or were raised by people."""
    found = {"fails": 0, "unknown": 0, "raised": 0}
    for gap in gaps:
        found[gap.answer or "raised"] += 1
    return found
