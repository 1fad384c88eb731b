"""What a wrong clock and an older rulebook make of an entry: put right, or held for a person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import makers
from tests.sync.phones import Phone, helper
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.loop import this_moment
from yihu.sync.aside import opened
from yihu.sync.models import Arrival

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def said(home, fact="power"):
    return Household.objects.get(pk=home.pk).facts.get(fact)


def from_phones():
    return Entry.objects.filter(source="phone").count()


@pytest.mark.parametrize("days", [-1, 1, 400])
def test_a_clock_wrong_by_a_day_moves_neither_the_visit_nor_its_order(days):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    wrong = this_moment().now + timedelta(days=days)
    entry = phone.entry(home, seen_on=wrong.date().isoformat(), written_at=wrong.isoformat())

    (answer,) = phone.send(entry, clock=wrong.isoformat())

    written = Entry.objects.get(pk=entry["id"])
    assert (answer["outcome"], answer["marks"]) == ("taken", ["clock"])
    assert written.seen_on == makers.TODAY
    assert abs(written.written_at - written.received_at) < timedelta(minutes=5)
    assert abs(Arrival.objects.get().skew + days * 86400) < 300


@pytest.mark.parametrize("clock", ["9999-12-31T00:00:00+00:00", "0001-01-02T00:00:00+00:00"])
def test_a_clock_nobody_can_have_costs_no_entry_its_answer(clock):
    home = makers.household()
    phone = Phone(helper("Gu", home))

    (answer,) = phone.send(phone.entry(home), clock=clock)

    assert answer["outcome"] in ("taken", "held")


def test_a_day_typed_by_hand_stands_although_the_clock_is_wrong():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    wrong = this_moment().now + timedelta(days=3)
    entry = phone.entry(home, seen_on="2020-10-01", written_at=wrong.isoformat())

    phone.send(entry, clock=wrong.isoformat())

    assert Entry.objects.get(pk=entry["id"]).seen_on == date(2020, 10, 1)


def test_a_day_to_come_is_held_and_not_lost():
    home = makers.household()
    phone = Phone(helper("Gu", home))

    (answer,) = phone.send(phone.entry(home, seen_on="2020-10-19"))

    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_future")
    assert from_phones() == 0


def test_a_fact_that_was_renamed_is_written_under_its_name_of_today():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    old, name = next(
        (heading, fact)
        for (level, fact), spec in dictionary.active().facts.items()
        for heading in spec.columns
        if level == "household" and spec.kind == "yes_no" and heading != fact
        and sum(heading in s.columns for (at, _), s in dictionary.active().facts.items()
                if at == level) == 1
    )  # fmt: skip

    (answer,) = phone.send(
        phone.entry(home, rulebook="guangxi 2018.1", says={"household": {old: True}})
    )

    assert (answer["outcome"], answer["marks"]) == ("taken", ["renamed"])
    assert said(home, name) is True


@pytest.mark.parametrize("says", [{"gone_fact": 1}, {"water_source": "a code of former years"}])
def test_what_an_old_rulebook_had_and_todays_has_not_is_held(says):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    if "water_source" in says:
        says = {coded(): "a code of former years"}

    (answer,) = phone.send(
        phone.entry(home, rulebook="guangxi 2018.1", says={"household": {**says, "tv": True}})
    )

    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_rulebook")
    assert said(home, "tv") is True


def coded():
    facts = dictionary.active().facts
    return next(n for (at, n), spec in facts.items() if at == "household" and spec.kind == "code")


@pytest.mark.parametrize("day", ["1900-01-01", "0001-01-01", "2017-10-16"])
def test_a_day_nobody_can_have_seen_by_phone_holds_the_entry_and_loses_nothing(day):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home, seen_on=day)

    (answer,) = phone.send(entry)

    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_past")
    assert "2017-10-17" in answer["why"]["zh"]
    assert opened(Arrival.objects.get())["says"] == entry["says"]
    assert from_phones() == 0


def test_what_was_seen_on_the_first_day_that_may_be_said_is_taken():
    home = makers.household()
    phone = Phone(helper("Gu", home))

    (answer,) = phone.send(phone.entry(home, seen_on="2017-10-17"))

    assert answer["outcome"] == "taken"


def test_a_rulebook_without_the_line_holds_no_day_back(monkeypatch):
    monkeypatch.setattr("yihu.book.seen.LINE", "no_such_line")
    home = makers.household()
    phone = Phone(helper("Gu", home))

    (answer,) = phone.send(phone.entry(home, seen_on="1900-01-01"))

    assert answer["outcome"] == "taken"
