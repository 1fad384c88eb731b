"""Signing in: accounts are made by an administrator, never by whoever comes along."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yihu.access.models import Worker


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

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
