"""Signing in: accounts are made by an administrator, never by whoever comes along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import RedirectView

from yihu.access.models import Worker

#: Where the session keeps what somebody asked for before he was sent to change his password.
ASKED = "asked_before_password"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up, and one count of wrong passwords."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nobody gets on at a door where the account is locked: he is told how long it lasts.

        The base class counts wrong passwords too, in the memory of each process, answers with
        another sentence, and knows nothing of a lock that was lifted; it is not asked.
        """
        if AxesProxyHandler.is_locked(request, credentials):
            raise ImmediateHttpResponse(locked_out(request))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """On to the day's work, or to what he had asked for when he was sent to the form."""
        asked: str = request.session.pop(ASKED, "")
        return asked or reverse("today")

    def set_password(self, user: Worker, password: str) -> None:
        """A password somebody chose is no one-time password any more."""
        user.one_time = False
        super().set_password(user, password)


def to_own_password(request: HttpRequest) -> HttpResponse:
    """Sends somebody with a one-time password to the form, and keeps in mind what he had asked for.

    The field app comes from its own page in the phone's store, and asks for nothing but to sign in.
    """
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(asked, None):
        request.session[ASKED] = asked
    return redirect("account_change_password")


def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Nothing is at this address. Raises Http404."""
    raise Http404


#: Pages of the sign-in library that belong to accounts with an address for letters; here a
#: password is renewed by who keeps the accounts, and no letter is ever sent.
NOBODYS = (
    "email/", "confirm-email/", "confirm-email/<path:rest>", "password/set/", "password/reset/",
    "password/reset/<path:rest>", "login/code/<path:rest>",
)  # fmt: skip
urls = [
    path("account/", RedirectView.as_view(pattern_name="mfa_index")),
    *(path(f"account/{page}", nowhere) for page in NOBODYS),
]


def locked_out(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """The page of an account that was tried too often."""
    found = {
        "limit": settings.AXES_FAILURE_LIMIT,
        "minutes": round(settings.AXES_COOLOFF_TIME * 60),
    }
    return render(request, "account/lockout.html", found, status=429)


def is_locked(worker: Worker) -> bool:
    """Is the account locked at some door after wrong passwords?"""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    tried = AccessAttempt.objects.filter(username=worker.username, attempt_time__gt=since)
    return bool(tried.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT).exists())


def unlock(worker: Worker) -> None:
    """Forget the wrong passwords."""
    reset(username=worker.username)


def has_second_factor(worker: Worker) -> bool:
    """Does signing in ask for a code?"""
    totp = Authenticator.objects.filter(user=worker, type=Authenticator.Type.TOTP)
    return bool(totp.exists())


def forget_second_factor(worker: Worker) -> None:
    """Signing in asks for no code any more; recovery codes are void."""
    Authenticator.objects.filter(user=worker).delete()
