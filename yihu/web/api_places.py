"""API: places."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router

from yihu.places.models import Place
from yihu.places.queries import named_on, was_poverty_village
from yihu.web.api_pages import in_place, need, page, reached_place
from yihu.web.api_shapes import Limit, Page, PlaceOut, Refusal, Words

router = Router(tags=["places"])
REFUSED = {frozenset({400, 401, 403, 404, 409, 422}): Refusal}


@router.get("", response={200: Page[PlaceOut], **REFUSED}, summary="Places, by code")
def places(
    request: HttpRequest,
    under: Words | None = None,
    level: Words | None = None,
    after: Words | None = None,
    limit: Limit = 100,
) -> Any:
    """The places you reach: at or below one, of one level."""
    scope = need(request, "read")
    rows = scope.of(Place).filter(in_place(scope, under, "path")).select_related("parent")
    if level:
        rows = rows.filter(level=level)
    rows = rows.prefetch_related("names")
    today: date = scope.today
    return page(rows, key="code", after=after, limit=limit, shown=lambda p: _shown(p, today))


@router.get("/{code}", response={200: PlaceOut, **REFUSED}, summary="One place")
def place(request: HttpRequest, code: Words, on: date | None = None) -> Any:
    """What a code means, of today or former, on a day."""
    scope = need(request, "read")
    found = reached_place(scope, code, on)
    shown = _shown(found, on or scope.today)
    shown["code"], shown["name"] = named_on(found, on or scope.today)
    return shown


def _shown(place: Place, on: date) -> dict[str, Any]:
    former = {each.code for each in place.names.all()} - {place.code}
    return {
        "code": place.code, "name": place.name, "level": place.level,
        "parent": place.parent.code if place.parent else None, "former_codes": sorted(former),
        "poverty_village": was_poverty_village(place, on),
    }  # fmt: skip
