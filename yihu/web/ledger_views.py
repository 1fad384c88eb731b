"""Filters of the ledger kept under a name: one's own, and those shared with a place and a role."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.ledger.models import SavedView
from yihu.ledger.queries import Filters
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said
from yihu.web.typed_in import number_in

PAGE = "ledger"
#: Saved views of one worker, and views of others that are listed.
MOST, SHOWN = 30, 60


def views_for(scope: Scope) -> list[dict[str, Any]]:
    """The views a worker finds beside the list: his own first, then those shared with him."""
    rows = scope.of(SavedView).filter(page=PAGE).select_related("worker").order_by("name")[:SHOWN]
    filters = {row.pk: _read(row) for row in rows}
    codes = {by.place for by in filters.values() if by.place}
    reached = set(scope.of(Place).filter(code__in=codes).values_list("code", flat=True))
    found = [
        {
            "pk": row.pk, "name": row.name, "own": row.worker_id == scope.worker.pk,
            "by": str(row.worker), "shared": bool(row.place_path),
            "query": urlencode(_within_reach(filters[row.pk], reached).said()),
        }
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda view: not view["own"])


def _read(row: SavedView) -> Filters:
    """The filters of a view; of one that can be read no more, those of an empty list."""
    try:
        return Filters.of(dict(parse_qsl(row.filters.get("query", ""))))
    except Problem:
        return Filters()


def _within_reach(by: Filters, reached: set[str]) -> Filters:
    """A place the reader does not reach is left out: he sees the same in his own place."""
    return by if not by.place or by.place in reached else replace(by, place="")


def shares(scope: Scope) -> dict[str, Any]:
    """With whom a worker may share: the places of his posts and those one level below."""
    posts = {post.place_id for post in scope.posts}
    rows = scope.of(Place).filter(until=None, level__in=("county", "township", "village"))
    here = rows.filter(pk__in=posts) | rows.filter(parent__in=posts)
    return {
        "places": list(here.distinct().order_by("path").values_list("code", "name")),
        "roles": [(role.name, said(role.zh, role.en)) for role in ROLES.values()],
    }


@signed_in
@require_POST
def save_view(request: DeskRequest) -> HttpResponse:
    """Keep the filters under a name, share them, or let one's own go."""
    name = request.POST.get("name", "").strip()[:60]
    query = request.POST.get("query", "")
    mine = request.scope.of(SavedView, "drop").filter(page=PAGE)
    if "drop" in request.POST:
        mine.filter(pk=number_in(request.POST["drop"])).delete()
    elif name and mine.count() < MOST:
        path_of, role = _shared_with(request)
        by = Filters.of(dict(parse_qsl(query)))
        # Whoever shares a list shares no single person with it.
        kept = urlencode((replace(by, person="") if path_of else by).said())
        mine.filter(name=name).delete()
        request.user.views.create(
            page=PAGE, name=name, filters={"query": kept}, place_path=path_of, role=role
        )
    return redirect(f"{reverse('ledger')}?{query}")


def _shared_with(request: DeskRequest) -> tuple[str, str]:
    """Path of the place and the role it is shared with. Raises Problem (access.not_yours)."""
    code, role = request.POST.get("share", ""), request.POST.get("role", "")
    if not code:
        return "", ""
    if code not in dict(shares(request.scope)["places"]):
        raise Problem("access.not_yours", status=404)
    place = request.scope.one(Place, code=code)
    return place.path, role if role in ROLES else ""


urls = [path("ledger/views/", save_view, name="ledger_views")]
