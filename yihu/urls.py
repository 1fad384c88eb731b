"""Every address of the desk; each module of `web` brings its own."""

from __future__ import annotations

from django.urls import include, path

from yihu.web import households, imports

urlpatterns = [
    *households.urls,
    *imports.urls,
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
