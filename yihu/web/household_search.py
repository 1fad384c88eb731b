"""Searching households: by name, pinyin, code, exact number, place, status, or any condition.

The text decides what it is: four figures end an identity number, more are a household's number or
an exact one, letters are pinyin or first letters, Chinese signs are names, and one of two words may
be a place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.http import QueryDict

from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.access.sealing import normal
from yihu.book import dictionary
from yihu.card.models import ENDS, Household, Person, Sealed, Spelling
from yihu.card.pinyin import spoken
from yihu.card.status import STATUSES
from yihu.loop import Moment
from yihu.places.models import Place, within
from yihu.web.household_conditions import condition
from yihu.web.says import said

ROWS = 40
#: Most people of a name that are followed to their households.
MOST_PEOPLE = 1200
#: Most places of a name that are followed to their people.
MOST_PLACES = 40
#: Signs of a place's name of which nothing is left off.
MOST_SHORT = 2
#: Levels whose names people type beside a name.
LOCAL = ("township", "village", "hamlet")
#: A household's number, as the desk gives it to one that splits off: 45102211020200001-1.
_NUMBER = re.compile(r"^[\dA-Z-]{5,}$")
_EXACT = re.compile(r"^(\d{15}|\d{17}[\dX]|1\d{10}|\d{16,19})$")
_ENDING = re.compile(r"^\d{3}[\dX]$")


@dataclass(slots=True)
class Search:
    """What was asked, from the address of the page."""

    text: str = ""
    place: str = ""
    status: str = ""
    which: str = ""
    closed: bool = False
    after: str = ""
    before: str = ""
    exact: bool = field(default=False, init=False)
    by_name: bool = field(default=False, init=False)

    @classmethod
    def of(cls, asked: QueryDict) -> Search:
        """From the address."""
        return cls(
            text=asked.get("q", "").strip()[:80],
            place=asked.get("place", ""),
            status=asked.get("status", ""),
            which=asked.get("which", "").strip()[:200],
            closed=asked.get("closed") == "1",
            after=asked.get("after", ""),
            before=asked.get("before", ""),
        )

    @property
    def filtered(self) -> bool:
        """Was anything asked beside the first page of all?"""
        return bool(self.text or self.place or self.status or self.which or self.closed)

    def address(self, **more: str) -> str:
        """The address of the same search, with a page."""
        asked: dict[str, str] = {
            "q": self.text, "place": self.place, "status": self.status, "which": self.which,
            "closed": "1" if self.closed else "", **more,
        }  # fmt: skip
        return "?" + urlencode({name: value for name, value in asked.items() if value})


def starts(field: str, text: str) -> Q:
    """Condition: a column begins with a text; in the form each database has an index for."""
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": text})
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + "\uffff"})


def households(search: Search, scope: Scope) -> QuerySet[Household]:
    """The households found, in no order. Raises Problem, see `condition`."""
    rows = scope.of(Household).filter(closed_on__isnull=not search.closed)
    if search.place:
        place = scope.one(Place, code=search.place)
        rows = rows.filter(within(place.path, "place_path"))
    if search.status in STATUSES:
        rows = rows.filter(status=search.status)
    if search.which:
        rows = rows.filter(condition(search.which, scope))
    return rows.filter(_text(search, scope)) if search.text else rows


def _text(search: Search, scope: Scope) -> Q:
    text, code = normal(search.text), search.text.upper()
    exact, ending = _EXACT.match(text), _ENDING.match(text)
    if (exact or ending) and scope.sees("secret"):
        search.exact = True
        rows = scope.of(Sealed)
        keys = dictionary.keys()
        # As a list, see below.
        if ending:
            rows = rows.filter(index=keys.blind_ending(text), fact=ENDS)
            return Q(pk__in=set(rows.values_list("household_id", flat=True)))
        rows = rows.filter(index=keys.blind(text))
        owners = set(rows.values_list("household_id", flat=True))
        return Q(pk__in=owners) | starts("code", code)
    if any(_NUMBER.match(each) for each in (code, text)) and any(c.isdigit() for c in text):
        return starts("code", search.text) | starts("code", code) | starts("code", text)
    search.by_name = True
    # As a list: a query inside the query made SQLite look at every household of the county.
    found = people(search.text, scope).order_by().values_list("household_id", flat=True)
    return Q(pk__in=set(found[:MOST_PEOPLE]))


def people(text: str, scope: Scope) -> QuerySet[Person]:
    """People whose name begins with the text, or is spoken or abbreviated so.

    Of two words one may say where: “李 那坡” and “那坡 李” are who is called 李 there; and so is
    “那坡村李” in one, where nobody's name begins so.
    """
    rows = scope.of(Person).filter(left_on=None)
    words = text.split()
    for name, where in (words, words[::-1]) if len(words) == 2 else ():
        if places := _places(where, scope):
            there = reduce(or_, (within(path, "place_path") for path in places))
            return rows.filter(there, _named(name, scope, there))
    named = rows.filter(_named(text, scope, Q()))
    if len(words) != 1 or text.isascii() or named.exists():
        return named
    paths: dict[str, list[str]] = {}
    for path, name in _split(text, scope):
        paths.setdefault(name, []).append(path)
    behind = [
        reduce(or_, (within(path, "place_path") for path in those)) & _named(name, scope, Q())
        for name, those in paths.items()
    ]
    return rows.filter(reduce(or_, behind)) if behind else named


def _split(text: str, scope: Scope) -> list[tuple[str, str]]:
    """(path, what is left of a text) for the places reached whose name a text begins with."""
    known = scope.of(Place).filter(until=None, level__in=LOCAL).order_by("path")
    found = []
    for path, name in known.values_list("path", "name"):
        # 那坡村 is called 那坡 for short; of one sign no name is short.
        short = name[:-1] if name[-1:] in "村屯乡镇" and len(name) > MOST_SHORT else name
        called = name if text.startswith(name) else short
        if text.startswith(called) and text != called:
            found.append((path, text.removeprefix(called)))
    return found[:MOST_PLACES]


def by_members(search: Search, scope: Scope, homes: Sequence[Household]) -> dict[UUID, list[str]]:
    """Household → who of it was found, where it was not its head; for a search by name."""
    if not search.by_name or not homes:
        return {}
    rows = people(search.text, scope).filter(household_id__in=[home.pk for home in homes])
    found: dict[UUID, list[str]] = {}
    by_head = set()
    for home, name, is_head in rows.order_by("name").values_list("household_id", "name", "is_head"):
        found.setdefault(home, []).append(name)
        if is_head:
            by_head.add(home)
    return {home: names for home, names in found.items() if home not in by_head}


def _places(text: str, scope: Scope) -> list[str]:
    """Paths of the townships, villages and hamlets reached whose name begins so or sounds so."""
    sound = text.casefold() if text.isascii() else ""
    known = scope.of(Place).filter(until=None, level__in=LOCAL)
    found: list[str] = []
    for path, name in known.order_by("path").values_list("path", "name"):
        called = name.startswith(text) if not sound else _sounds(name, sound)
        # What lies in a place that was found is found with it.
        if called and not (found and path.startswith(found[-1])):
            found.append(path)
    return found[:MOST_PLACES]


def _sounds(name: str, sound: str) -> bool:
    return any(spelled.startswith(sound) for spelled in spoken(name).split())


def _named(text: str, scope: Scope, there: Q) -> Q:
    """Condition: a person's name begins with the text, or is typed so by somebody in a place."""
    sound = text.casefold().replace(" ", "").replace("'", "")
    if not sound:
        # Signs alone: the beginning of no name, and not of every one.
        return Q(pk__in=[])
    if not sound.isascii():
        return starts("name", text)
    rows = scope.of(Spelling).filter(there, starts("word", sound)).values_list("person_id")
    # As a list, as above. Who is typed in two ways stands there twice.
    return Q(pk__in={person for (person,) in rows[: MOST_PEOPLE * 2]})


def log(search: Search, found: int, scope: Scope, at: Moment) -> None:
    """Searching for somebody's number is a reading, whatever was found."""
    log_reading(scope.worker, what="searched", now=at.now, rows=found)


def page(rows: QuerySet[Household], search: Search) -> tuple[list[Household], dict[str, Any]]:
    """One page in order of place and code, and the addresses before and after it."""
    back = bool(search.before)
    key = search.before or search.after
    order = ("-place_path", "-code") if back else ("place_path", "code")
    if key:
        path, _, code = key.partition("|")
        side = "lt" if back else "gt"
        beyond = Q(**{f"place_path__{side}": path}) | Q(
            **{"place_path": path, f"code__{side}": code}
        )
        rows = rows.filter(beyond)
    wanted = rows.select_related("place__parent").order_by(*order)
    found = list(wanted.defer("sealed", "facts")[: ROWS + 1])
    more = len(found) > ROWS
    found = found[:ROWS]
    if back:
        found.reverse()
    first, last = (found[0], found[-1]) if found else (None, None)
    return found, {
        "before": search.address(before=_key(first)) if first and (more if back else key) else "",
        "after": search.address(after=_key(last)) if last and (back or more) else "",
    }


def _key(row: Household) -> str:
    return f"{row.place_path}|{row.code}"


def status_name(status: str) -> str:
    """A register status in words."""
    return said(*STATUSES.get(status, (status, status)))
