"""Figures are counted once for all who reach the same, and anew when books were summed up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.cache.backends.filebased import FileBasedCache
from django.test import Client

from tests import makers, people
from yihu.access.models import Pairing
from yihu.access.scope import Scope
from yihu.statistics.actions import refresh
from yihu.web import figures_kept
from yihu.web.figures_kept import summed
from yihu.web.statistics import count_ahead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_here(settings, monkeypatch, tmp_path):
    settings.TODAY = makers.TODAY.isoformat()
    here = FileBasedCache(str(tmp_path), {"timeout": None})
    monkeypatch.setattr(figures_kept, "caches", {"figures": here})


def counted(worker, made: list[str], what: str = "figures") -> int:
    scope = Scope(worker, makers.TODAY)

    def make() -> int:
        made.append(worker.name)
        return len(made)

    return summed(what, scope, None, makers.TODAY, make)


def test_who_reaches_the_same_finds_what_another_counted():
    chen, bo = people.chen(), people.bo()
    other = people.worker("Su", "county", makers.place("county"))
    made: list[str] = []

    assert [counted(chen, made), counted(other, made), counted(bo, made)] == [1, 1, 2]
    assert counted(chen, made, "places") == 3
    assert made == [chen.name, bo.name, chen.name]


def test_a_helper_finds_nothing_counted_for_others_and_who_sees_less_neither():
    home = makers.household()
    gu, wu = (people.worker(name, "helper", makers.place("village")) for name in ("Gu", "Wu"))
    Pairing.objects.create(worker=gu, household=home, since=date(2016, 1, 1))
    keeper = people.worker("Ai", "administrator", makers.place("county"))
    made: list[str] = []

    found = [counted(each, made) for each in (people.chen(), keeper, gu, wu)]

    assert found == [1, 2, 3, 4]


def test_a_book_that_is_summed_up_again_is_counted_anew():
    chen = people.chen()
    made: list[str] = []
    home = makers.household()
    refresh(now=makers.NOW, today=makers.TODAY)
    counted(chen, made)

    makers.write(home.pk, says={"household": {"tv": True}})
    refresh(now=makers.NOW + timedelta(hours=1), today=makers.TODAY)

    assert counted(chen, made) == 2


def test_the_night_counts_what_the_county_opens_in_the_morning(monkeypatch):
    makers.household()
    chen = people.chen()
    people.worker("Ai", "administrator", makers.place("county"))
    refresh(now=makers.NOW, today=makers.TODAY)
    assert len(figures_kept.of_the_county(makers.TODAY)) == 2

    count_ahead(makers.TODAY)

    monkeypatch.setattr("yihu.web.statistics.Figures.all", lambda _: pytest.fail("counted"))
    desk = Client()
    desk.force_login(chen)
    assert desk.get("/statistics/").status_code == 200
