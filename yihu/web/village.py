"""A village, or a place above: its facts, its households, its gaps, its exits and its names."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.card.fold import Card, fold
from yihu.card.models import Household
from yihu.card.status import STATUSES
from yihu.ledger.models import Gap
from yihu.ledger.queries import cube
from yihu.ledger.topics import topic_label
from yihu.places.models import Place, PlaceChange, PlaceName, within
from yihu.web.household_themes import themes
from yihu.web.household_view import Group, Shown
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import chart_json, label, said
from yihu.web.values import fact_value

LEVELS = {
    "province": ("省（区）", "Province"), "city": ("市", "City"), "county": ("县", "County"),
    "township": ("乡镇", "Township"), "village": ("村", "Village"), "hamlet": ("屯", "Hamlet"),
}  # fmt: skip


@signed_in
def village(request: DeskRequest, code: str) -> HttpResponse:
    """One place the worker reaches."""
    scope = request.scope
    place = scope.one(Place, code=code)
    homes = scope.of(Household).filter(within(place.path, "place_path"), closed_on=None)
    gaps = scope.of(Gap).filter(within(place.path, "place_path"), todo=1)
    statuses = _statuses(homes, place)
    battles = _battles(gaps)
    exits = _exits(scope, place)
    context = {
        "place": place, "level": said(*LEVELS[place.level]), "crumbs": crumbs_of(scope, place),
        "statuses": statuses, "households": sum(row["households"] for row in statuses),
        "battles": battles, "gaps": sum(row["all"] for row in battles),
        "exits": exits, "chart": _chart(exits),
        "periods": place.poverty_village,
        "groups": facts_of_place(scope, place, _card(scope, place)),
        "form": _form(scope, place),
        "names": scope.of(PlaceName).filter(place=place).order_by("since"),
        "changes": scope.of(PlaceChange).filter(from_place=place).select_related("to_place"),
        "children": scope.of(Place).filter(parent=place, until=None),
    }  # fmt: skip
    return render(request, "village.html", context)


def crumbs_of(scope: Scope, place: Place, *, last: bool = False) -> list[tuple[str, str]]:
    """The places above, and the place itself; last: its name leads to its page."""
    above: list[tuple[str, str]] = []
    each = place.parent
    while each is not None:
        reached = scope.of(Place).filter(pk=each.pk).exists()
        above.insert(0, (each.name, reverse("village", args=[each.code]) if reached else ""))
        each = each.parent
    return [*above, (place.name, reverse("village", args=[place.code]) if last else "")]


def _statuses(homes: Any, place: Place) -> list[dict[str, Any]]:
    # Named, they are counted in the index that begins with the status; else SQLite reads the rows.
    known = homes.filter(status__in=STATUSES).order_by()
    counted = known.values_list("status").annotate(n=Count("*"), people=Sum("size"))
    rows = {status: (n, people) for status, n, people in counted}
    at = f"{reverse('households')}?place={place.code}&status="
    return [
        {"name": said(*words), "households": rows[key][0], "people": rows[key][1], "url": at + key}
        for key, words in STATUSES.items()
        if key in rows
    ]


def _battles(gaps: Any) -> list[dict[str, Any]]:
    # By the department as well, so that the counts come in the order of an index.
    counted = cube(gaps, dims=("battle", "department", "answer")).by("battle", "answer")
    found: dict[str, Counter[str]] = {}
    for (battle, answer), n in counted.items():
        found.setdefault(battle, Counter())[answer] += n
    other = said("其他", "Other")
    return [
        {"name": label(topic_label(battle)) if battle else other, "fails": n["fails"],
         "unknown": n["unknown"], "all": n.total()}
        for battle, n in sorted(found.items(), key=lambda row: -row[1].total())
    ]  # fmt: skip


def _exits(scope: Scope, place: Place) -> list[tuple[int, int]]:
    """Year and households that left poverty in it, by the decisions in their books."""
    if place.level not in ("township", "village", "hamlet"):
        return []
    homes = scope.of(Household).filter(within(place.path, "place_path"))
    rows = scope.of(Entry).filter(kind="decision", book_id__in=homes.values("pk"))
    rows = rows.filter(says__did="exited")
    return sorted(Counter(day.year for day in rows.values_list("seen_on", flat=True)).items())


def _chart(exits: list[tuple[int, int]]) -> str:
    if not exits:
        return ""
    series = {"type": "bar", "data": [n for _, n in exits], "barMaxWidth": 36,
              "label": {"show": True, "position": "top"}}  # fmt: skip
    axis = {"type": "category", "data": [str(year) for year, _ in exits]}
    count = {"type": "value", "minInterval": 1, "name": said("户", "households")}
    return chart_json({"xAxis": axis, "yAxis": count, "series": [series]})  # fmt: skip


def _form(scope: Scope, place: Place) -> str:
    """Name of the first theme of the form of its facts; "" where nothing may be written."""
    name = next((each.name for each in themes(place.level)), "")
    return name if scope.may("place", place) else ""


def _card(scope: Scope, place: Place) -> Card:
    return fold(list(scope.of(Entry).filter(book__place=place).order_by("number")))


def facts_of_place(scope: Scope, place: Place, card: Card) -> list[Group]:
    """What its book says, by theme, as far as the worker sees it."""
    known, found = card.facts, []
    for each in themes(place.level):
        shown = [
            Shown(spec, fact_value(known[spec.name].value, f"{spec.level}.{spec.name}"),
                  known[spec.name])
            for spec in each.specs
            if spec.name in known and scope.sees(spec.privacy, place)
        ]  # fmt: skip
        if shown:
            found.append(Group(each.name, label(each.title), shown, len(each.specs)))
    return found


urls = [path("villages/<str:code>/", village, name="village")]
