"""The burden meter: means of what visits say, and nothing guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from tests import makers, people
from yihu.access.models import Pairing
from yihu.access.scope import Scope
from yihu.visit.burden import full_form, measure, meter, rows_of

pytestmark = pytest.mark.django_db
SPOT = {"latitude": 23.6, "longitude": 107.1, "metres": 9}


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def helper(name, home):
    made = people.worker(name, "helper", makers.place("village"))
    Pairing.objects.create(worker=made, household=home, since=date(2020, 1, 1))
    return made


def visited(home, by, day=16, **says):
    on = date(2020, 10, day)
    return makers.write(home.pk, by=by, kind="visit", says=says, seen_on=on)


def noted(day, minutes):
    until = f"2020-10-{day}T10:{minutes:02}:00+08:00"
    return {"until": until, "place_of_visit": {**SPOT, "began": f"2020-10-{day}T10:00:00+08:00"}}


def test_means_are_of_the_visits_that_say_them():
    home = makers.household({}, {})
    fang = helper("Fang", home)
    visited(home, fang, 15, **noted(15, 10), effort={"taps": 40, "up": 3000, "down": 9000})
    visited(home, fang, 16, **noted(16, 20), household={"power": True}, effort={"up": 1000})
    visited(home, fang, 16, effort={"asked": 5})

    measure(makers.TODAY)
    found = meter(rows_of(Scope(fang, makers.TODAY)))

    assert (found.visits, found.helpers) == (3, 1)
    assert (found.asked, found.form) == (2.0, full_form(2))
    assert (found.minutes, found.taps) == (15.0, 40.0)
    assert (found.up, found.down) == (2.0, 4.5)


def test_what_no_visit_says_is_not_known_and_odd_counts_are_none():
    home = makers.household()
    fang = helper("Fang", home)
    visited(home, fang, effort={"asked": -3, "taps": "many"})
    visited(home, fang, 17, **{**noted(17, 5), "until": "yesterday"})

    measure(makers.TODAY)
    found = meter(rows_of(Scope(fang, makers.TODAY)))

    assert (found.asked, found.minutes, found.up, found.taps) == (0.0, None, None, None)


def test_old_visits_count_no_longer_and_measuring_again_counts_once():
    home = makers.household()
    fang = helper("Fang", home)
    visited(home, fang)

    first, second = measure(makers.TODAY), measure(makers.TODAY)
    late = measure(makers.TODAY + timedelta(days=40))

    assert (first, second, late) == (1, 1, 0)


def test_a_helper_sees_his_own_and_the_township_its_places():
    home = makers.household()
    fang, gu = helper("Fang", home), helper("Gu", home)
    visited(home, fang)
    visited(home, gu)
    visited(home, gu)
    measure(makers.TODAY)

    numbers = {who.username: meter(rows_of(Scope(who, makers.TODAY))).visits
               for who in (fang, gu, people.bo(), people.dou())}  # fmt: skip

    assert numbers == {"fang": 1, "gu": 2, "bo": 3, "dou": 0}


def test_the_pages_show_it_in_one_small_query(django_assert_num_queries):
    home = makers.household()
    fang = helper("Fang", home)
    visited(home, fang, effort={"taps": 37})
    measure(makers.TODAY)
    client = Client()
    client.force_login(people.bo())
    scope = Scope(fang, makers.TODAY)
    assert scope.posts

    with django_assert_num_queries(1):
        meter(rows_of(scope))

    assert "37" in client.get("/").content.decode()
    assert "township 451022100" in client.get("/burden/").content.decode()


def test_each_compares_the_places_below_his_own():
    home, far = makers.household(), makers.household(village=makers.place(code="451022100202"))
    fang = helper("Fang", home)
    visited(home, fang)
    visited(far, fang)
    visited(far, fang)
    measure(makers.TODAY)

    def shown(worker):
        client = Client()
        client.force_login(worker)
        return [(name, one.visits) for name, one in client.get("/burden/").context["places"]]

    near, other = ("village 451022100201", 1), ("village 451022100202", 2)
    assert shown(people.mei()) == [near]
    assert shown(people.bo()) == [near, other]
    assert shown(people.chen()) == [("township 451022100", 3)]
