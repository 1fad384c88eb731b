"""The burden meter: what visits cost helpers, in all and by place, and on the start page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from yihu.access.scope import Scope
from yihu.visit.burden import DAYS, Meter, by_place, meter, rows_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.visits import tabs


def line(scope: Scope) -> Meter:
    """For the start page: one small query."""
    return meter(rows_of(scope))


@signed_in
@require_safe
def burden(request: DeskRequest) -> HttpResponse:
    """Means of the last days in the places reached; of a helper his own."""
    rows = rows_of(request.scope)
    newest = rows.order_by("-until").values_list("until", flat=True).first()
    top = request.scope.top()
    near = top is not None and top.level in ("township", "village", "hamlet")
    level = "village" if near else "township"
    context = {
        "all": meter(rows), "places": list(by_place(rows, level)), "near": near,
        "until": newest, "days": DAYS,
        "own": not request.scope.paths, "tabs": tabs("burden"),
    }  # fmt: skip
    return render(request, "burden.html", context)


urls = [path("burden/", burden, name="burden")]
