"""Every address of the desk; each module of `web` brings its own."""

from __future__ import annotations

from django.urls import include, path

from yihu.web import api, exports, households, imports, rulebook, simulate

urlpatterns = [
    *households.urls,
    *api.urls,
    *imports.urls,
    *exports.urls,
    *simulate.urls,
    *rulebook.urls,
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
