"""Where a family's door is, by the visits whose helpers agreed to note the place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice

from yihu.book.order import undone
from yihu.book.reading import Read
from yihu.visit.looking import limits_on, spot_of
from yihu.visit.signs import Spot, usual_door

#: Visits that say where a door is; older ones may be of the house before.
LAST = 20


def door_of(entries: Sequence[Read], today: date) -> Spot | None:
    """The usual door of a household; None where too few visits say it, or they do not agree.

    entries  of its book, by number

    How many and how near is the rulebook's word (`sign_door_visits`, `sign_metres`).
    """
    gone = undone(entries)
    visits = (
        each for each in reversed(entries) if each.kind == "visit" and each.number not in gone
    )
    said = (each.says.get("place_of_visit") for each in visits)
    spots = [spot_of(each) for each in islice(filter(None, said), LAST) if isinstance(each, dict)]
    return usual_door([spot for spot in spots if spot], limits_on(today))
