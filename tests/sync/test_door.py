"""The door of a family, from where its visits were noted: for its helpers, for nobody else."""

from __future__ import annotations

from datetime import date

import pytest

from tests import makers
from tests.sync.phones import Phone, helper
from yihu.book.reading import entries_of
from yihu.visit.door import door_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def visited(home, day, latitude=23.61234, **place):
    where = {"latitude": latitude, "longitude": 107.12345, "metres": 12, **place}
    says = {"words": "x", "place_of_visit": where}
    return makers.write(home.pk, kind="visit", says=says, seen_on=date(2020, 10, day))


def door(home):
    ((_, entries),) = entries_of([home.pk], but="gap")
    return door_of(entries, makers.TODAY)


def test_three_visits_that_agree_show_the_door_and_two_do_not():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    visited(home, 1)
    visited(home, 2, 23.6125)
    two = phone.pull()["families"][0]["at"]

    visited(home, 3, 23.6126)
    three = phone.pull()["families"][0]["at"]

    assert two is None
    assert three == [23.6125, 107.1235]


def test_visits_without_a_place_and_those_taken_back_show_nothing():
    home = makers.household()
    rows = [visited(home, day) for day in (1, 2, 3)]
    makers.write(home.pk, kind="visit", says={"words": "no place"}, seen_on=date(2020, 10, 4))
    before = door(home)

    makers.write(
        home.pk, kind="correction", says={"why": "写错户"}, undoes=rows[0].number,
        seen_on=makers.TODAY,
    )  # fmt: skip

    assert before is not None
    assert door(home) is None


def test_visits_that_do_not_agree_and_places_that_are_none_show_no_door():
    home = makers.household()
    for day, latitude in ((1, 23.6), (2, 24.6), (3, 25.6), (4, 95.0)):
        visited(home, day, latitude)

    assert door(home) is None


def test_the_door_goes_to_whoever_helps_the_family_only():
    mine, other = makers.household(), makers.household()
    for day in (1, 2, 3):
        visited(other, day)
    phone = Phone(helper("Gu", mine))
    helper("Tan", other)

    (family,) = phone.pull()["families"]

    assert (family["id"], family["at"]) == (str(mine.pk), None)
