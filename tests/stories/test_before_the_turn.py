"""What follows an entry is worked out before the writer's turn, and is what it would be without.

SQLite has turns; on PostgreSQL this is not asked.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from tests import makers
from yihu import loop
from yihu.book import remembered
from yihu.book.models import Entry
from yihu.card import folded
from yihu.card.actions import rebuild
from yihu.card.models import Household, Person
from yihu.check import actions as check
from yihu.check.models import HouseholdFindings
from yihu.problems import Problem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
STRANGER = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    forget()


def forget():
    for kept in (remembered._BOOKS, folded._CARDS, check._ANSWERED):
        kept.clear()


@pytest.fixture
def in_the_turn(monkeypatch):
    """What was folded and answered while nobody else could write."""
    done = []

    def watched(module, name):
        does = getattr(module, name)

        def watching(*args, **more):
            if connection.in_atomic_block:
                done.append(name)
            return does(*args, **more)

        monkeypatch.setattr(module, name, watching)

    watched(folded, "fold")
    watched(check, "answers_of")
    return done


def as_it_stands(home):
    """Card, people and findings as rows, without what no reader looks at."""
    rows = list(Household.objects.filter(pk=home.pk).values())
    rows += Person.objects.filter(household=home).order_by("place_in_household").values()
    found = HouseholdFindings.objects.filter(household=home).values("answers", "people", "amounts")
    return [*rows, *found]


def made_anew(home):
    """The same after everything was built from the book and checked with nothing remembered."""
    forget()
    (card,) = rebuild([home.pk], now=makers.NOW)
    forget()
    loop.check([card.household], at=makers.AT)
    return as_it_stands(home)


def test_nothing_is_folded_or_answered_in_the_turn(in_the_turn):
    home = makers.household({"birth": "2010-05-01", "phone": "13800000000"})
    in_the_turn.clear()
    makers.write(home.pk, says={"household": {"water_litres": 15}})
    assert in_the_turn == []
    stands = as_it_stands(home)
    assert stands[0]["facts"]["water_litres"] == 15
    assert stands == made_anew(home)


def test_an_entry_that_came_in_between_counts(monkeypatch, in_the_turn):
    home = makers.household({"birth": "2010-05-01"})
    adds = loop.add_entries

    def somebody_was_first(entries, **more):
        monkeypatch.setattr(loop, "add_entries", adds)
        makers.write(home.pk, says={"household": {"house_grade": "d", "water_litres": 10}})
        return adds(entries, **more)

    in_the_turn.clear()
    monkeypatch.setattr(loop, "add_entries", somebody_was_first)
    makers.write(home.pk, says={"household": {"water_litres": 15}})

    assert in_the_turn.count("answers_of") == 2, "each of the two was answered in the turn"
    facts = Household.objects.get(pk=home.pk).facts
    assert (facts["house_grade"], facts["water_litres"]) == ("d", 15)
    assert as_it_stands(home) == made_anew(home)


def test_a_sealed_value_is_kept_as_its_entry_has_it():
    home = makers.household({"phone": "13800000000"})
    (person,) = makers.members(home)
    row = makers.write(home.pk, says={"members": {str(person.pk): {"phone": "13911112222"}}})
    ((commitment, token),) = (Entry.objects.get(pk=row.pk).sealed or {}).items()
    person.refresh_from_db()
    assert person.sealed["phone"] == [commitment, token]
    assert as_it_stands(home) == made_anew(home)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"says": {"household": {"no_such_fact": 1}}}, "book.unknown_fact"),
        ({"says": {"household": {"water_litres": "much"}}}, "book.bad_value"),
        ({"says": {"household": "all"}}, "book.bad_shape"),
        ({"kind": "people", "says": {"acts": [{"did": "left", "person": STRANGER, "why": "died"}]}},
         "book.not_here"),
        ({"says": {"members": {STRANGER: {"name": "农"}}}}, "book.no_such_person"),
        ({"says": {"household": {"water_litres": 15}}, "seen_on": date(1890, 1, 1)},
         "book.seen_too_early"),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_in_the_turn(entry, code):
    home = makers.household()
    with pytest.raises(Problem) as refused:
        makers.write(home.pk, **entry)
    assert refused.value.code == code
    assert as_it_stands(home) == made_anew(home)


def test_a_place_has_a_book_without_a_card():
    village = makers.place()
    entry = loop.NewEntry(
        book=village.book.pk, kind="facts", says={"place": {}}, seen_on=makers.TODAY, source="test"
    )
    (row,) = loop.write([entry], by=None, at=makers.AT)
    assert row.number == 1
