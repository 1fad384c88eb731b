"""Finding places: by any code they ever had, by name on a day, above and below."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q, QuerySet

from yihu.places.models import Place, PlaceChange, PlaceName
from yihu.problems import Problem


def place_for(code: str, on: date | None = None) -> Place:
    """The place a code means: the one that has it on the day, or what became of the one that had.

    on      the day the code is read on; None: now, all changes known
    Raises  Problem (places.not_found, places.divided)
    """
    found = by_codes([code], on).get(code)
    if found is not None:
        return found
    parts = sorted(place.code for place in _followed(_holder(code, on), on))
    if len(parts) > 1:
        raise Problem("places.divided", status=409, found=code, parts=", ".join(parts))
    raise Problem("places.not_found", status=404, found=code)


def by_codes(codes: Collection[str], on: date | None = None) -> dict[str, Place]:
    """Code → place, for codes that mean one place; two queries when none of them is old."""
    found: dict[str, Place] = {}
    rows = PlaceName.objects.filter(code__in=codes).select_related("place")
    for row in rows.order_by("since", "pk"):
        if on is None or row.since is None or row.since <= on:
            found[row.code] = row.place
    for place in Place.objects.filter(code__in=set(codes) - found.keys()):
        found[place.code] = place
    gone = {code for code, place in found.items() if _is_gone(place, on)}
    for code in gone:
        into = _followed(found.pop(code), on)
        if len(into) == 1:
            found[code] = into[0]
    return found


def _holder(code: str, on: date | None) -> Place | None:
    rows = PlaceName.objects.filter(code=code).select_related("place").order_by("since", "pk")
    held = [row.place for row in rows if on is None or row.since is None or row.since <= on]
    return held[-1] if held else Place.objects.filter(code=code).first()


def _is_gone(place: Place, on: date | None) -> bool:
    return place.until is not None and (on is None or place.until < on)


def _followed(place: Place | None, on: date | None) -> list[Place]:
    """The place itself while it lasts; afterwards those it was merged into or divided among."""
    if place is None:
        return []
    if not _is_gone(place, on):
        return [place]
    went = PlaceChange.objects.filter(from_place=place, kind__in=("merged", "split"))
    if on is not None:
        went = went.filter(on__lte=on)
    found: dict[int, Place] = {}
    for change in went.select_related("to_place"):
        if change.to_place_id != place.pk:
            found |= {each.pk: each for each in _followed(change.to_place, on)}
    return list(found.values())


def named_on(place: Place, on: date) -> tuple[str, str]:
    """Code and name of a place on a day; those of today where nothing older is known."""
    rows = place.names.filter(Q(since=None) | Q(since__lte=on), Q(until=None) | Q(until__gte=on))
    row = rows.order_by("-since").first()
    return (row.code, row.name) if row else (place.code, place.name)


def above(place: Place) -> list[Place]:
    """The places above, from the top down; one query."""
    ids = [int(step) for step in place.path.split("/") if step][:-1]
    return list(Place.objects.filter(pk__in=ids).order_by("path"))


def below(place: Place, reached: QuerySet[Place], on: date) -> QuerySet[Place]:
    """Of the places that are reached, those directly below one that exist on a day."""
    rows = reached.filter(Q(until=None) | Q(until__gte=on), parent=place)
    return rows.order_by("code")


def was_poverty_village(place: Place, on: date) -> bool:
    """Was the village on the list of poverty villages on a day?"""
    return any(_within(period, on) for period in place.poverty_village)


def _within(period: Iterable[str | None], on: date) -> bool:
    since, until = period
    day = on.isoformat()
    return (since or "") <= day and (until is None or day <= until)


def every_code() -> dict[str, Place]:
    """Every code that means one place today, former ones among them → that place."""
    codes = {*PlaceName.objects.values_list("code", flat=True)}
    return by_codes(codes | {*Place.objects.values_list("code", flat=True)})
