"""Every address of the desk; each module of `web` brings its own."""

from __future__ import annotations

from django.urls import include, path

from yihu.web import (
    api,
    comparison,
    exports,
    exports_papers,
    household,
    household_acts,
    household_forms,
    households,
    imports,
    rulebook,
    simulate,
    today,
    village,
)

urlpatterns = [
    *today.urls,
    *households.urls,
    *household.urls,
    *household_forms.urls,
    *household_acts.urls,
    *village.urls,
    *api.urls,
    *imports.urls,
    *comparison.urls,
    *exports.urls,
    *exports_papers.urls,
    *simulate.urls,
    *rulebook.urls,
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
