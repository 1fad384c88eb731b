"""The list of households with its search."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.status import STATUSES
from yihu.ledger.actions import OPEN
from yihu.ledger.models import Gap
from yihu.places.models import Place
from yihu.web import household_search
from yihu.web.household_conditions import names
from yihu.web.household_search import Search, status_name
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import phrase, said

#: Places offered by name; of more, only the townships are.
MOST_PLACES = 400
#: Most households counted; beyond, the page says “more than”.
MOST_COUNTED = 1000


@signed_in
def household_list(request: DeskRequest) -> HttpResponse:
    """Households the worker reaches, found by what was asked."""
    search = Search.of(request.GET)
    rows = household_search.households(search, request.scope)
    found, page = household_search.page(rows, search)
    # What fits on one page needs no counting, which would look at every household again.
    whole = not (search.after or search.before or page["after"])
    count = len(found) if whole else rows.order_by()[: MOST_COUNTED + 1].count()
    if search.exact:
        household_search.log(search, count, request.scope, request.at)
    gaps = _open_gaps(request.scope, [row.pk for row in found])
    members = household_search.by_members(search, request.scope, found)
    shown: list[Any] = found
    for row in shown:
        row.status_words = status_name(row.status)
        row.open_gaps = gaps.get(row.pk, 0)
        row.by_members = members.get(row.pk, [])
    page["says"] = _how_many(count)
    context = {"search": search, "rows": shown, "page": page, **_choices(request.scope)}
    return render(request, "households.html", context)


def _how_many(count: int) -> str:
    if count > MOST_COUNTED:
        return said(f"多于 {MOST_COUNTED} 户", f"more than {MOST_COUNTED} households")
    return phrase("{n} 户", "{n} household[s]", n=count)


def _open_gaps(scope: Scope, ids: list[Any]) -> dict[Any, int]:
    rows = scope.of(Gap).filter(book_id__in=ids, state__in=OPEN)
    found: dict[Any, int] = {}
    for book in rows.values_list("book_id", flat=True):
        found[book] = found.get(book, 0) + 1
    return found


def _choices(scope: Scope) -> dict[str, Any]:
    places = scope.of(Place).filter(until=None, level__in=("township", "village"))
    named = list(places.order_by("path").values_list("code", "name", "level"))
    if len(named) > MOST_PLACES:
        named = [each for each in named if each[2] == "township"]
    return {
        "places": [
            (code, f"　{name}" if level == "village" else name) for code, name, level in named
        ],
        "statuses": [(key, said(*words)) for key, words in STATUSES.items()],
    }


@signed_in
def suggestions(request: DeskRequest) -> HttpResponse:
    """The first people a text may mean, while it is typed."""
    search = Search.of(request.GET)
    people: list[Any] = []
    if len(search.text) >= 1 and not search.text.isdigit():
        rows = household_search.people(search.text, request.scope).select_related(
            "household__place__parent"
        )
        # What is spelled is found in the order of places: only names have an index of their own.
        order = () if search.text.isascii() else ("name", "id")
        found = rows.defer("facts", "sealed", "household__facts", "household__sealed")
        people = sorted(found.order_by(*order)[:8], key=lambda person: person.name)
    return render(request, "households_suggest.html", {"people": people, "text": search.text})


@signed_in
def condition_names(request: DeskRequest) -> HttpResponse:
    """Everything a condition may name, for the field that asks for one; loaded when it is used."""
    known = names(dictionary.active()).values()
    said_once = {spec.name: spec for spec in known}
    return render(request, "households_names.html", {"specs": said_once.values()})


def health(request: HttpRequest) -> HttpResponse:
    """Whether the server answers."""
    return HttpResponse("ok", content_type="text/plain")


urls = [
    path("households/", household_list, name="households"),
    path("households/suggestions/", suggestions, name="household_suggestions"),
    path("households/names/", condition_names, name="condition_names"),
    path("health", health, name="health"),
]
