"""For every request: the worker's scope, the day it is, and refusals as answers."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.loop import Moment, this_moment
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused
from yihu.web.says import language, said
from yihu.web.signing_in import to_own_password

Answer = Callable[[HttpRequest], HttpResponse]


class DeskRequest(HttpRequest):
    """A request of somebody signed in."""

    user: Worker
    scope: Scope
    at: Moment


#: What somebody with a one-time password may open before changing it.
#: Programs and phones are told by the API that nobody is signed in yet.
OPEN_BEFORE = ("/account/", "/language/", "/static/", "/health", "/api/v1/")


class BodyMiddleware:
    """What is sent is looked at by its length before a byte of it is read or kept.

    Django reads a whole form, with its files, before it knows who sent it: a stranger could fill
    the disk by the sign-in page. Programs send no forms; Django bounds what they send.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse what is too long, or go on."""
        length = request.META.get("CONTENT_LENGTH", "")
        known = request.user.is_authenticated
        most = settings.LARGEST_BODY if known else settings.LARGEST_OF_STRANGERS
        if length.isdecimal() and int(length) > most and not for_programs(request):
            problem = Problem("desk.too_large", status=413, most=f"{most / 1e6:,.0f}")
            return problem_page(request, problem.sentence(language()), problem.status)
        return self.get_response(request)


class WorkerMiddleware:
    """`request.scope` and `request.at` for whoever is signed in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add them and go on."""
        at = this_moment()
        request.at = at  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            request.scope = Scope(request.user, at.today)  # type: ignore[attr-defined]
            if request.user.one_time and not request.path.startswith(OPEN_BEFORE):
                return redirect("account_change_password")
        signs_in = request.path == reverse("account_login")
        # Who is signed in already would be sent on to where he came from, and from there back.
        if signs_in and getattr(request.user, "one_time", False):
            return to_own_password(request)
        answer = self.get_response(request)
        if signs_in and answer.status_code == 302 and getattr(request.user, "one_time", False):
            answer = to_own_password(request)
        private = request.user.is_authenticated or for_programs(request)
        if private and not answer.has_header("Cache-Control"):
            # On a machine many share, going back after signing out must show nobody's family;
            # and what a program asked for with a token stays in no store on the way.
            answer.headers["Cache-Control"] = "no-store"
        return answer


class LightMiddleware(GZipMiddleware):
    """Pages travel packed: on a village's line the rulebook's list is a tenth of its length.

    Only pages and JSON. Files are packed as they are, and a stream begins at once. Each answer gets
    a random length, and the form's token is masked anew, so that the length tells nothing (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Pack what is read in the browser."""
        kind = response.headers.get("Content-Type", "")
        if response.streaming or not kind.startswith(("text/html", "application/json")):
            return response
        packed: HttpResponseBase = super().process_response(request, response)
        return packed


class ProblemMiddleware:
    """A refusal becomes its page, its fragment or its JSON, in one place."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; an address that only takes what is sent says so to who opens it.

        Under the API what Django itself refuses is answered in the shape of all other refusals.
        """
        answer = self.get_response(request)
        if for_programs(request):
            return _for_programs(request, answer)
        if answer.status_code == 405 and not answer.content and request.accepts("text/html"):
            sentence = Problem("desk.only_sent").sentence(language())
            said_so = problem_page(request, sentence, 405)
            said_so.headers["Allow"] = answer.headers["Allow"]
            return said_so
        return answer

    def process_exception(self, request: HttpRequest, raised: Exception) -> HttpResponse | None:
        """Answer a refusal; leave all else to Django."""
        if not isinstance(raised, Refused):
            return None
        status = getattr(raised, "status", 400)
        if for_programs(request):
            return _as_json(raised, status)
        return problem_page(request, raised.sentence(language()), status)


def for_programs(request: HttpRequest) -> bool:
    """Whether the address is the API's, whose refusals are JSON."""
    return request.path == "/api" or request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses before anybody is known: another host's name, a form too large to be one.

    No session and no worker need be there, so the page stands alone.
    """
    if isinstance(exception, DisallowedHost):
        problem = Problem("desk.wrong_host", found=request.headers.get("Host", "")[:100])
    else:
        problem = Problem("desk.bad_request")
    if for_programs(request):
        return _as_json(problem, 400)
    said_so = {"zh": problem.sentence("zh"), "en": problem.sentence("en")}
    return HttpResponse(render_to_string("400.html", said_so), status=400)


def _for_programs(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """An answer of the API; what was found in no view, or failed there, as the API refuses."""
    status, path = answer.status_code, request.path[:200]
    if status not in (404, 405, 500) or answer.headers["Content-Type"].startswith(
        "application/json"
    ):
        return answer
    if status == 405:
        allowed = answer.headers["Allow"]
        problem = Problem("api.wrong_method", path=path, method=request.method, allowed=allowed)
        return _as_json(problem, status, Allow=allowed)
    return _as_json(Problem(OF_DJANGO[status], path=path), status)


#: status of what Django answers by itself → the refusal a program reads.
OF_DJANGO = {404: "api.no_such_path", 500: "api.failed"}


def _as_json(refused: Refused, status: int, **headers: str) -> HttpResponse:
    body = {"code": refused.code, "message": refused.sentence(language()), "where": []}
    return JsonResponse(body, status=status, headers=headers)


#: status of an answer → the heading of its page.
HEADINGS = {
    400: ("没有办成", "That was not done"),
    403: ("没有权限", "You may not do that"),
    404: ("没有这一页，或不在您的范围内", "Not here, or not among what you reach"),
    405: ("这个地址不能直接打开", "This address is not for opening"),
    409: ("现在办不成", "Not as things stand"),
    413: ("发送的内容太大", "That is too much at once"),
    429: ("已暂时锁定", "Locked for a while"),
    500: ("系统出错", "The system failed"),
}


def problem_page(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    """A refusal as a page; inside a page that htmx fills, as a fragment."""
    heading = said(*HEADINGS.get(status, HEADINGS[400]))
    found = {"sentence": sentence, "heading": heading, "refused": sentence}
    inside = request.headers.get("HX-Request") and not request.headers.get("HX-Boosted")
    template = "parts/problem.html" if inside else "problem.html"
    return render(request, template, found, status=status)


def signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page only for whoever is signed in; everybody else is sent to sign in."""

    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    page.__name__ = view.__name__
    page.__doc__ = view.__doc__
    page.signed_in = True  # type: ignore[attr-defined]
    return page
