"""Makers fill in the ordinary; a test says only what matters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from yihu import loop
from yihu.book.actions import NewEntry, add_entries, open_book
from yihu.card.models import Household, Person
from yihu.loop import Moment
from yihu.places.models import Place

TODAY = date(2020, 10, 17)
NOW = datetime(2020, 10, 17, 4, tzinfo=UTC)
AT = Moment(now=NOW, today=TODAY)
#: level → code in a county that exists in name only.
CODES = {"county": "451022", "township": "451022100", "village": "451022100201"}


def at(day: date) -> Moment:
    """Noon of a day in the county."""
    return Moment(now=datetime(day.year, day.month, day.day, 4, tzinfo=UTC), today=day)


def place(level: str = "village", code: str = "", name: str = "", parent: Place | None = None):
    """A place; what stands above it is made too."""
    code = code or CODES[level]
    found = Place.objects.filter(code=code).first()
    if found:
        return found
    above = {"township": "county", "village": "township"}.get(level)
    if parent is None and above:
        parent = place(above, code=code[: len(CODES[above])])
    made = Place(level=level, code=code, name=name or f"{level} {code}", parent=parent, path="")
    made.save()
    made.path = f"{parent.path if parent else ''}{made.pk:06d}/"
    made.save()
    open_book(place=made)
    return made


def household(
    *members: Mapping[str, object],
    village: Place | None = None,
    seen_on=date(2016, 1, 1),
    when: Moment = AT,
    **facts,
):
    """A household with these members, the first its head; its card, checked when it was written."""
    village = village or place()
    book = open_book()
    people = {str(uuid4()): {"name": f"农{n}", **m} for n, m in enumerate(members or ({},))}
    acts = [{"did": "opened", "code": f"H{book.pk.hex[:12]}", "place": village.code}]
    acts += [
        {"did": "joined", "person": person, "why": "registered", "head": n == 0}
        for n, person in enumerate(people)
    ]
    says = {"acts": acts, "members": people, "household": facts}
    write(book.pk, kind="people", says=says, seen_on=seen_on, when=when)
    return Household.objects.get(pk=book.pk)


def write(book: UUID, *, by=None, when: Moment = AT, batch=None, **entry):
    """One entry into a book, with all that follows from it."""
    entry = {"kind": "facts", "seen_on": when.today, "source": "test", **entry}
    return loop.write([NewEntry(book=book, **entry)], by=by, at=when, batch=batch)[0]


def write_place(place: Place, *, by=None, when: Moment = AT, **entry):
    """One entry into the book of a place."""
    entry = {"kind": "facts", "seen_on": when.today, "source": "test", **entry}
    return add_entries(
        [NewEntry(book=place.book.pk, **entry)], by=by, now=when.now, today=when.today
    )[0]


def members(home: Household) -> list[Person]:
    """The people who belong to a household now."""
    return list(Person.objects.filter(household=home, left_on=None))
