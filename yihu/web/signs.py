"""Signs no database keeps, stopped at the door."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from yihu.problems import Problem
from yihu.web.middleware import Answer, for_programs, problem_page
from yihu.web.says import language

NUL = "\0"


class SignsMiddleware:
    """Refuse a NUL in an address or a form: PostgreSQL fails on it, and no keyboard has it.

    What programs send is judged by the shapes of the API.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse or go on."""
        if not for_programs(request) and _has_nul(request):
            refused = Problem("desk.no_sign")
            return problem_page(request, refused.sentence(language()), 400)
        return self.get_response(request)


def _has_nul(request: HttpRequest) -> bool:
    sent = [request.GET] if request.method in ("GET", "HEAD") else [request.GET, request.POST]
    return NUL in request.path or any(
        NUL in text for form in sent for name, of in form.lists() for text in (name, *of)
    )
