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
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from yihu.access.models import Worker


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
        """On to the day's work; the base class leads back to the same form."""
        return reverse("today")

    def set_password(self, user: Worker, password: str) -> None:
        """A password somebody chose is no one-time password any more."""
        user.one_time = False
        super().set_password(user, password)


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
