"""The API, /api/v1/: who calls, how refusals are answered, and what is under it.

A program sends `Authorization: Bearer TOKEN`; it reaches what the token's worker reaches, within
the token's scopes. Lists come in pages: `after` is the `next` of the page before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import (
    AuthenticationError,
    HttpError,
    ValidationError,
    ValidationErrorContext,
)
from ninja.security import HttpBearer

from yihu import __version__
from yihu.access.actions import token_of
from yihu.access.models import Token
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.loop import Moment, this_moment
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused
from yihu.web import api_books, api_households, api_places, api_sync
from yihu.web.api_asked import only_described
from yihu.web.api_faults import fault
from yihu.web.api_shapes import Refusal
from yihu.web.says import language, said


class ApiRequest(HttpRequest):
    """A request with a good token."""

    scope: Scope
    at: Moment
    token: Token


class ByToken(HttpBearer):
    """A bearer token, of which only the hash is known here."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        """The token, if it is good now; the scope of its worker with it."""
        at = this_moment()
        found = token_of(token, now=at.now)
        if found is None:
            return None
        request.at = at  # type: ignore[attr-defined]
        request.scope = Scope(found.worker, at.today)  # type: ignore[attr-defined]
        request.token = found  # type: ignore[attr-defined]
        return found


def _for_workers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The description is for those who sign in, and for their programs.

    It names every field of the rulebook.
    """

    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated or ByToken()(request) is not None:
            return view(request, *args, **kwargs)
        if "Authorization" in request.headers:
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        return redirect_to_login(request.get_full_path())

    return page


class _Described(NinjaAPI):
    """An API whose description, half a second's work, is made once for each rulebook."""

    def get_openapi_schema(self, **asked: Any) -> Any:
        """The description; asked: as NinjaAPI takes it."""
        key = (dictionary.active().hash, repr(sorted(asked.items())))
        if key not in self.described:
            self.described[key] = super().get_openapi_schema(**asked)
        return self.described[key]

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """The faults of a request; ninja drops what was found, and who sent it looks for that."""
        found = [
            each["input"]
            for context in error_contexts
            for each in context.pydantic_validation_error.errors(include_url=False)
        ]
        wrong = super().validation_error_from_error_contexts(error_contexts)
        for each, sent in zip(wrong.errors, found, strict=True):
            each["found"] = sent
        return wrong

    described: ClassVar[dict[tuple[str, str], Any]] = {}


api = _Described(
    title="yihu 一户",
    version=__version__,
    description=__doc__,
    urls_namespace="api",
    docs_url="docs",
    docs_decorator=_for_workers,
    auth=ByToken(),
    openapi_extra={"info": {"license": {"name": "Apache-2.0"}}},
)
api.add_decorator(only_described)
for name, router in (
    ("places", api_places.router),
    ("households", api_households.router),
    ("", api_books.router),
):
    api.add_router(f"/{name}" if name else "", router)
api.add_router("/sync", api_sync.router_for(ByToken()))


def _refused(request: HttpRequest, code: str, sentence: str, status: int, **more: Any) -> Any:
    body = Refusal(code=code, message=sentence, **more)
    return api.create_response(request, body, status=status)


@api.exception_handler(Refused)
def refused(request: HttpRequest, problem: Refused) -> HttpResponse:
    """A refusal: its code and its sentence."""
    status = getattr(problem, "status", 400)
    found: HttpResponse = _refused(request, problem.code, problem.sentence(language()), status)
    return found


@api.exception_handler(AuthenticationError)
def no_token(request: HttpRequest, _wrong: AuthenticationError) -> HttpResponse:
    """No good token."""
    found = refused(request, Problem("access.no_token", status=401))
    found["WWW-Authenticate"] = "Bearer"
    return found


@api.exception_handler(ValidationError)
def bad_request(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    """What was sent has another shape than described: where, and what was expected."""
    where = [
        fault(each["type"], each["loc"], each["found"], each.get("ctx", {}))
        for each in wrong.errors
    ]
    problem = Problem("api.bad_shape", where=said("；", "; ").join(where)[:500])
    found: HttpResponse = _refused(
        request, problem.code, problem.sentence(language()), 422, where=where
    )
    return found


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, wrong: HttpError) -> HttpResponse:
    """What ninja itself refuses: a body that is no JSON, a session without its mark."""
    forged = wrong.status_code == 403  # all that ninja itself forbids: see its check of forms
    no_json = said("请求体不是 JSON", "the body is no JSON")
    problem = Problem("api.no_mark") if forged else Problem("api.bad_shape", where=no_json)
    found: HttpResponse = _refused(
        request, problem.code, problem.sentence(language()), wrong.status_code, where=[]
    )
    return found


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, _wrong: RequestDataTooBig) -> HttpResponse:
    """More than a program may send at once."""
    most = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2**20:g}"
    return refused(request, Problem("api.too_large", status=413, most=most))


def to_description(request: HttpRequest) -> HttpResponse:
    """Who looks for the API at its beginning is led to what describes it."""
    return redirect("api:openapi-view")


urls = [
    path("api/", to_description),
    path("api/docs", to_description),
    path("api/v1/", to_description),
    path("api/v1/", api.urls),
]
