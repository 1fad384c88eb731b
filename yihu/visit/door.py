"""Where a family's door is, by the visits whose helpers agreed to note the place."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from yihu.book.models import Entry
from yihu.book.order import undone
from yihu.visit.looking import limits_on, spot_of
from yihu.visit.signs import Spot, usual_door

#: Visits that say where a door is; older ones may be of the house before.
LAST = 20


def door_of(book: UUID, today: date) -> Spot | None:
    """The usual door of a household; None where too few visits say it, or they do not agree.

    How many and how near is the rulebook's word (`sign_door_visits`, `sign_metres`).
    """
    own = Entry.objects.filter(book_id=book)
    visits = own.filter(kind="visit", says__place_of_visit__isnull=False)
    visits = visits.exclude(number__in=undone(own.filter(kind="correction")))
    says = visits.order_by("-number").values_list("says__place_of_visit", flat=True)[:LAST]
    spots = [spot_of(each) for each in says if isinstance(each, dict)]
    return usual_door([spot for spot in spots if spot], limits_on(today))
