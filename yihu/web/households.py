"""Households: the list with its search, and one household's card and book."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from yihu.card.models import Household
from yihu.web.middleware import DeskRequest, signed_in


@signed_in
def today(request: DeskRequest) -> HttpResponse:
    """Where the day begins."""
    return render(request, "today.html", {})


@signed_in
def household_list(request: DeskRequest) -> HttpResponse:
    """Households the worker reaches."""
    rows = request.scope.of(Household).select_related("place").order_by("place_path", "code")[:50]
    return render(request, "households.html", {"rows": rows})


@signed_in
def household(request: DeskRequest, id: UUID) -> HttpResponse:
    """One household."""
    found = request.scope.one(Household, pk=id)
    return render(request, "household.html", {"household": found})


def health(request: HttpRequest) -> HttpResponse:
    """Whether the server answers."""
    return HttpResponse("ok", content_type="text/plain")


urls = [
    path("", today, name="today"),
    path("households/", household_list, name="households"),
    path("households/<uuid:id>/", household, name="household"),
    path("health", health, name="health"),
]
