"""Every address of the desk; each module of `web` brings its own."""

from __future__ import annotations

from django.urls import include, path

from yihu.web import (
    administration,
    api,
    comparison,
    duplicates,
    exports,
    exports_papers,
    household,
    household_acts,
    household_changes,
    household_forms,
    households,
    imports,
    ledger,
    ledger_evidence,
    ledger_gap,
    ledger_zero,
    map_tiles,
    people,
    reading,
    rulebook,
    simulate,
    statistics,
    today,
    village,
    village_then,
)

urlpatterns = [
    *today.urls,
    *households.urls,
    *household.urls,
    *household_forms.urls,
    *household_acts.urls,
    *household_changes.urls,
    *village.urls,
    *village_then.urls,
    *api.urls,
    *people.urls,
    *administration.urls,
    *reading.urls,
    *imports.urls,
    *ledger.urls,
    *ledger_zero.urls,
    # Before ledger_gap: an act of a gap is any word.
    *ledger_evidence.urls,
    *ledger_gap.urls,
    *comparison.urls,
    *duplicates.urls,
    *exports.urls,
    *map_tiles.urls,
    *statistics.urls,
    *exports_papers.urls,
    *simulate.urls,
    *rulebook.urls,
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
