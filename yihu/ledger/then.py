"""A village as it was: its households and their gaps, of a day and as known on a day.

Nothing is kept for it. Of a book that did not go on since, what stands now stood then; of the
others, what changes a household is read again, without what held later or was received later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from yihu.book.later import Later, Until, later_in, lay_in, standing_entries
from yihu.book.reading import entries_of
from yihu.card.fold import Card, fold
from yihu.card.models import Household, Person
from yihu.ledger.models import Gap
from yihu.ledger.rows import standing_after
from yihu.ledger.standing import OPEN
from yihu.places.models import Place, PlaceName, within
from yihu.tables import rows_by


@dataclass(frozen=True, slots=True)
class Then:
    """A household as it was.

    size     people that belonged to it
    names    person → name, of those a gap is about
    gaps     those open then
    written  entries since, the ledger's aside
    """

    id: UUID
    code: str
    head: str
    size: int
    status: str
    names: Mapping[UUID | None, str] = field(default_factory=dict)
    gaps: Sequence[Gap] = ()
    written: int = 0


def households_then(
    place: Place,
    *,
    homes: QuerySet[Household],
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[Then]:
    """The households that stood in a village, by the name of their heads.

    homes     what the asker reaches
    as_of     as it was on the ground at the end of this day
    known_at  as this house knew it at this moment
    """
    until, codes = Until(as_of, known_at), _codes(place)
    here = {row.pk: row for row in homes.filter(within(place.path, "place_path")).only(*_SHOWN)}
    gone = lay_in(codes, until) - here.keys()
    if gone:
        gone = set(homes.filter(pk__in=gone).values_list("pk", flat=True))
    ids = sorted(here.keys() | gone)
    later = later_in(ids, until)
    again = {id for id in ids if later.get(id, _NOTHING).ours or id in gone}
    found = _read_again(sorted(again), codes, until)
    for id, row in here.items():
        if id not in again and row.closed_on is None:
            found[id] = Then(id, row.code, row.head_name, row.size, row.status)
    gaps = _gaps(list(found), later, until)
    names = _names(gap for id, of in gaps.items() if id not in again for gap in of)
    made = [_with(then, gaps.get(id, []), names, later) for id, then in found.items()]
    return sorted(made, key=lambda then: (then.head, then.code))


_SHOWN = ("code", "head_name", "size", "status", "closed_on")
_NOTHING = Later()


def _with(
    then: Then, gaps: Sequence[Gap], names: Mapping[UUID | None, str], later: Mapping[UUID, Later]
) -> Then:
    about = {gap.person_id: names[gap.person_id] for gap in gaps if gap.person_id in names}
    written = later.get(then.id, _NOTHING).ours
    return replace(then, gaps=gaps, names=then.names or about, written=written)


def _codes(place: Place) -> set[str]:
    """Codes of the village and of its hamlets, the old ones too."""
    below = Place.objects.filter(within(place.path, "path"))
    old = PlaceName.objects.filter(within(place.path, "place__path"))
    return {*below.values_list("code", flat=True), *old.values_list("code", flat=True)}


def _read_again(books: Sequence[UUID], codes: set[str], until: Until) -> dict[UUID, Then]:
    found = {}
    for book, entries in standing_entries(books):
        card = fold(entries, as_of=until.as_of, known_at=until.known_at)
        if card.place in codes and card.code and card.closed_on is None:
            found[book] = _of_card(book, card)
    return found


def _of_card(book: UUID, card: Card) -> Then:
    people = card.people
    names: dict[UUID | None, str] = {
        UUID(member.id): str(member.facts["name"].value)
        for member in people
        if "name" in member.facts
    }
    head = names.get(UUID(people[0].id), "") if people else ""
    return Then(book, card.code, head, len(people), card.status, names)


def _gaps(
    books: Sequence[UUID], later: Mapping[UUID, Later], until: Until
) -> dict[UUID, list[Gap]]:
    """Book → the gaps open then."""
    moved = [book for book in books if later.get(book, _NOTHING).gaps]
    still = sorted(set(books) - set(moved))
    found: dict[UUID, list[Gap]] = {}
    for gap in rows_by(Gap, "household_id", still):
        if gap.state in OPEN:
            found.setdefault(gap.book_id, []).append(gap)
    for book, entries in entries_of(moved, kinds=("gap",)):
        stood = standing_after(entry for entry in entries if not until.is_later(entry))
        found[book] = [gap for gap in stood if gap.state in OPEN]
    return found


def _names(gaps: Iterable[Gap]) -> dict[UUID | None, str]:
    """Person → name now, of those who still belong to a household and whom a gap is about."""
    ids = {gap.person_id for gap in gaps if gap.person_id}
    return {
        p.pk: p.name for p in rows_by(Person, "id", sorted(ids)) if p.left_on is None and p.name
    }


def counts(gaps: Iterable[Gap]) -> dict[str, int]:
    """How many fail, are unknown, or were raised by people."""
    found = {"fails": 0, "unknown": 0, "raised": 0}
    for gap in gaps:
        found[gap.answer or "raised"] += 1
    return found
