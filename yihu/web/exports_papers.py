"""Cards and handbooks on paper: of one household, and of a village fifty at a time."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.exchange.pdf import AT_ONCE, Printed, print_papers
from yihu.places.models import Place, within
from yihu.web.exports import places_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said
from yihu.web.typed_in import number_in


@signed_in
def papers(request: DeskRequest) -> HttpResponse:
    """The households of a village in parts, each to be printed as one file."""
    request.scope.require("export")
    code = request.GET.get("place", "")
    parts = []
    if code:
        homes = _homes_in(request.scope.one(Place, code=code), request.scope)
        parts = [
            {"at": at, "first": homes[at][1], "last": homes[min(at + AT_ONCE, len(homes)) - 1][1],
             "count": min(AT_ONCE, len(homes) - at)}
            for at in range(0, len(homes), AT_ONCE)
        ]  # fmt: skip
    return render(
        request, "print/choose.html",
        {"places": places_of(request.scope), "place": code, "parts": parts,
         "may_unmask": request.scope.may("unmask"),
         "crumbs": [(said("导出", "Give out"), reverse("exports")),
                    (said("卡与册", "Papers"), "")]},
    )  # fmt: skip


def _homes_in(place: Place, scope: Scope) -> list[tuple[UUID, str]]:
    rows = scope.of(Household, "export").filter(within(place.path, "place_path"), closed_on=None)
    return list(rows.order_by("code").values_list("pk", "code"))


@signed_in
@require_POST
def village_papers(request: DeskRequest) -> HttpResponse:
    """One part of a village as a file."""
    request.scope.require("export")
    place = request.scope.one(Place, code=request.POST.get("place", ""))
    at = number_in(request.POST.get("at", ""))
    ids = [id for id, _ in _homes_in(place, request.scope)[at : at + AT_ONCE]]
    return _answer(request, ids, f"{place.name}-{at // AT_ONCE + 1}")


@signed_in
@require_POST
def household_papers(request: DeskRequest, id: UUID) -> HttpResponse:
    """Card or handbook of one household."""
    home = request.scope.one(Household, pk=id)
    return _answer(request, [home.pk], home.code)


def _answer(request: DeskRequest, ids: list[UUID], name: str) -> HttpResponse:
    given = request.POST
    kind = given.get("kind", "card")
    made = print_papers(
        ids, kind, scope=request.scope, now=request.at.now,
        site=request.build_absolute_uri("/"), whole=given.get("whole") == "1",
        why=given.get("why", ""),
    )  # fmt: skip
    if made.missing and given.get("anyway") != "1":
        return _warned(request, made)
    words = {
        "card": said("帮扶联系卡", "contact card"), "handbook": said("帮扶手册", "handbook"),
    }[kind]  # fmt: skip
    reply = HttpResponse(made.pdf, content_type="application/pdf")
    reply.headers["Content-Disposition"] = (
        content_disposition_header(False, f"{words}-{name}.pdf") or ""
    )
    return reply


def _warned(request: DeskRequest, made: Printed) -> HttpResponse:
    """Before printing: which characters would be empty boxes."""
    signs = " ".join(f"{sign} (U+{ord(sign):04X})" for sign in made.missing)
    messages.warning(
        request,
        said("这些字没有字体，会印成空框：", "No font has these signs: ") + signs,
    )
    fields = {key: value for key, value in request.POST.items() if key != "csrfmiddlewaretoken"}
    return render(request, "print/warned.html", {"fields": fields.items(), "signs": signs})


urls = [
    path("papers/", papers, name="papers"),
    path("papers/print/", village_papers, name="village_papers"),
    path("households/<uuid:id>/papers/", household_papers, name="household_papers"),
]
