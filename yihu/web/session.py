"""Whether whoever opened a page is still signed in: asked before a form is sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def here(request: HttpRequest) -> HttpResponse:
    """{"worker": id of who is signed in, "" for nobody; "token": what a form must carry now}."""
    worker = str(request.user.pk) if request.user.is_authenticated else ""
    answer = JsonResponse({"worker": worker, "token": get_token(request)})
    answer.headers["Cache-Control"] = "no-store"
    return answer


urls = [path("session", here, name="session")]
