"""Going through the books for signs: by night, in one stream, never in a request.

Visits of the last months are read once; facts and help of a household only where it was helped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_datetime

from yihu.access.models import Pairing
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.book.says import facts_in
from yihu.card.models import Household
from yihu.ledger.models import Gap
from yihu.visit import photo_looks, signs
from yihu.visit.followed import Told, still
from yihu.visit.models import Look, PhotoLook, Sign
from yihu.visit.signs import Found, Limits, Photo, Spot, Visit

#: Limit → the line of the rulebook that sets it. Where a rulebook has no such line, none is set.
LINES = {
    "seconds": "sign_seconds", "courtyard": "sign_courtyard", "metres": "sign_metres",
    "door_visits": "sign_door_visits", "share": "sign_same_words", "signs": "sign_words",
    "writers": "sign_form_letter", "bits": "sign_photo_bits", "months": "sign_help_months",
    "helps": "sign_helps",
}  # fmt: skip
WINDOW = "sign_window"
#: Facts about the paperwork itself: that a visit was written down is no change at the door.
PAPERWORK = ("handbook", "visit", "app_", "card_", "last_visit", "measures", "plan_", "helper")
ROWS = 2_000
DAYS_OF_MONTH = 31


def limits_on(today: date) -> Limits:
    """The lines in force on a day; shares as parts of one."""
    found = {name: _line(line, today) for name, line in LINES.items()}
    share = found.pop("share")
    return Limits(share=None if share is None else share / 100, **found)


def _line(name: str, today: date) -> float | None:
    line = dictionary.active().lines.get(name)
    step = line.on(today) if line else None
    value = step.value if step else None
    return float(value) if isinstance(value, int | float) else None


@transaction.atomic
def look(*, now: datetime, today: date) -> Look | None:
    """Go through the books anew and return what was looked at; None where no line says how far."""
    months, limits = _line(WINDOW, today), limits_on(today)
    if months is None:
        return None
    since = today - timedelta(days=round(months * DAYS_OF_MONTH))
    photo_looks.read_new(since, today)
    places = dict(Household.objects.values_list("book_id", "place_path"))
    visits = list(_visits(since, today))
    known = signs.doors(visits, limits)
    found = [
        *signs.too_quick(visits, known, limits),
        *signs.far_off(visits, limits),
        *signs.copied_words(visits, limits),
        *signs.same_photo(_photos(since, today, places), known, limits),
        *_still(today, limits),
    ]
    made = Look.objects.create(at=now, since=since, until=today, visits=len(visits))
    rows = {each.id: _row(each, made, places) for each in found}
    # What was asked stays in sight, also when its visits are older than the months looked at.
    asked = set(Gap.objects.filter(pk__in=Sign.objects.values("pk")).values_list("pk", flat=True))
    Sign.objects.exclude(pk__in=asked).delete()
    Sign.objects.update(look=made)
    new = [row for id, row in rows.items() if id not in asked]
    Sign.objects.bulk_create(new, batch_size=500)
    Look.objects.exclude(pk=made.pk).delete()
    return made


def _row(found: Found, look: Look, places: dict[UUID, str]) -> Sign:
    book, number = found.entries[-1]
    on = Entry.objects.values_list("seen_on", flat=True).get(book_id=book, number=number)
    return Sign(
        id=found.id, look=look, kind=found.kind, worker_id=found.author, book_id=book,
        place_path=places.get(book, ""), seen_on=on, figures=dict(found.figures),
        entries=[[str(each), at] for each, at in found.entries],
    )  # fmt: skip


# --- what stands in the books ---------------------------------------------------------------------


#: Sources whose author only handed in what others wrote.
SENT_BY_OTHERS = ("odk",)


def _visits(since: date, today: date) -> Iterator[Visit]:
    for book, number, author, on, says in read_entries(["visit"], since, today):
        yield visit_of(book, number, author, on, says)


def read_entries(kinds: list[str], since: date, today: date) -> Iterator[Any]:
    """(book, number, author, day, says) of entries of people, those taken back left out.

    Visits that came as submissions of a form are left out: who sent the file in was not there.
    """
    rows = Entry.objects.filter(kind__in=kinds, seen_on__range=(since, today)).order_by()
    gone = _undone(since)
    named = rows.exclude(author=None).exclude(source__in=SENT_BY_OTHERS)
    fields = ("book_id", "number", "author_id", "seen_on", "says")
    for row in named.values_list(*fields).iterator(chunk_size=ROWS):
        if (row[0], row[1]) not in gone:
            yield row


def _undone(since: date) -> set[tuple[UUID, int]]:
    rows = Entry.objects.filter(kind="correction", seen_on__gte=since).order_by()
    return {(book, number) for book, number in rows.values_list("book_id", "undoes") if number}


def visit_of(book: UUID, number: int, author: UUID, on: date, says: dict[str, Any]) -> Visit:
    """A visit as its entry says it; what a phone spelt wrongly is not known."""
    where = says.get("place_of_visit", {})
    return Visit(
        book=book, number=number, author=author, on=on, began=_moment(where.get("began")),
        until=_moment(says.get("until")), spot=spot_of(where), words=says.get("words", ""),
    )  # fmt: skip


def _moment(text: Any) -> datetime | None:
    try:
        found = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def spot_of(says: dict[str, Any]) -> Spot | None:
    """The position in a visit's `place_of_visit`; None where there is none on the globe."""
    north, east, metres = (says.get(name) for name in ("latitude", "longitude", "metres"))
    if not isinstance(north, int | float) or not isinstance(east, int | float):
        return None
    if abs(north) > 90 or abs(east) > 180:
        return None
    return Spot(float(north), float(east), float(metres if isinstance(metres, int | float) else 0))


def _photos(since: date, today: date, places: dict[UUID, str]) -> Iterator[Photo]:
    rows = list(read_entries(["evidence"], since, today))
    looks = dict(PhotoLook.objects.exclude(bits=None).values_list("sha256", "bits"))
    for book, number, author, on, says in rows:
        about = says.get("about", {})
        of, bits = about.get("of"), looks.get(says["sha256"])
        yield Photo(
            book=book, number=number, author=author, on=on, sha256=says["sha256"],
            of=of if isinstance(of, str) else "", place=places.get(book, ""),
            look=int.from_bytes(bytes(bits)) if bits else None,
        )  # fmt: skip


# --- help that nothing followed -------------------------------------------------------------------


def _still(today: date, limits: Limits) -> Iterator[Found]:
    """Signs of households helped since twice the months ago, family by family."""
    if limits.months is None:
        return
    since = today - timedelta(days=round(limits.months * 2 * DAYS_OF_MONTH))
    before = today - timedelta(days=round(limits.months * DAYS_OF_MONTH))
    helped = Entry.objects.filter(kind="help", seen_on__range=(since, before)).order_by()
    books = sorted(set(helped.values_list("book_id", flat=True)))
    helpers = dict(Pairing.objects.filter(until=None).values_list("household_id", "worker_id"))
    for start in range(0, len(books), ROWS):
        for book, told in _told(books[start : start + ROWS], since):
            found = still(book, told, helpers.get(book), today, limits)
            if found:
                yield found


def _told(books: list[UUID], since: date) -> Iterator[tuple[UUID, list[Told]]]:
    rows = Entry.objects.filter(book_id__in=books).exclude(kind__in=("gap", "evidence"))
    gone: dict[UUID, set[int]] = defaultdict(set)
    for book, number in rows.filter(kind="correction").values_list("book_id", "undoes"):
        gone[book].add(number or 0)
    named = rows.order_by("book_id", "seen_on", "number").values_list(
        "book_id", "number", "author_id", "seen_on", "kind", "says"
    )
    for book, of in groupby(named.iterator(chunk_size=ROWS), key=lambda row: row[0]):
        yield book, [_one_told(row, since) for row in of if row[1] not in gone[book]]


def _one_told(row: Any, since: date) -> Told:
    _, number, author, on, kind, says = row
    given = kind == "help" and on >= since
    return Told(number, on, author, dict(_facts(says)), given, says.get("person", ""))


def _facts(says: dict[str, Any]) -> Iterable[tuple[tuple[str, str], object]]:
    for whose, fact, value in facts_in(says):
        if not fact.startswith(PAPERWORK):
            yield (whose, fact), str(value)
    # Somebody who came, left or died changes a family more than a figure does.
    for number, act in enumerate(says.get("acts", ())):
        yield ("household", f"act {number}"), str(act)
