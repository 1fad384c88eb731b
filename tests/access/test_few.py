"""Counts of few: who sees nothing sensitive is told none from which a family could be told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from tests import makers, people
from yihu import loop
from yihu.access.actions import make_token
from yihu.access.roles import ROLES
from yihu.loop import this_moment

pytestmark = pytest.mark.django_db

BLIND = sorted(role.name for role in ROLES.values() if "sensitive" not in role.see)


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()
    cache.clear()


def signed_in(worker):
    client = Client()
    client.force_login(worker)
    return client


def tables(client, **asked):
    page = client.get("/statistics/", asked)
    assert page.status_code == 200
    return {table.name for table in page.context["tables"]}


@pytest.mark.parametrize("role", BLIND)
def test_causes_incomes_and_guarantees_are_not_counted_for_who_sees_nothing_sensitive(role):
    home = makers.household({"name": "覃一", "birth": "1980-01-01"})
    loop.check_all(at=makers.AT)
    worker = people.worker("W", role, makers.place("county"))
    client, close = signed_in(worker), {"causes", "incomes", "guarantees"}

    for asked in ({}, {"place": home.place.code}):
        assert tables(client, **asked) & close == set()
    for name in close:
        assert client.get("/statistics/", {"table": name, "ending": "csv"}).status_code == 404
    for page in ("/rulebook/", "/rulebook/person.child_in_school/"):
        assert client.get(page).context["counted_at"] is None
    for indicator in ("gaps", "unknown"):
        assert client.get("/map/", {"indicator": indicator}).status_code == 404


@pytest.mark.parametrize("role", BLIND)
def test_a_program_is_told_no_more_than_its_worker(role):
    makers.household({"name": "覃一", "birth": "1980-01-01"})
    worker = people.worker("W", role, makers.place("county"))
    now = this_moment().now
    made = make_token(worker, name="t", scopes=["read"], now=now, until=now + timedelta(days=1))

    answer = Client().get(
        "/api/v1/figures", {"place": makers.place("county").code},
        headers={"Authorization": f"Bearer {made.text}"},
    )  # fmt: skip

    told = answer.json()["figures"]
    assert "base_people" in told
    assert not [name for name in told if name.startswith(("cause_", "rural_", "registered_"))]


def test_the_county_is_shown_them():
    makers.household({"name": "覃一", "birth": "1980-01-01"})

    assert tables(signed_in(people.chen())) >= {"causes", "incomes", "guarantees"}
