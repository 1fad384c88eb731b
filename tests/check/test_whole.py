"""All households at once answer as each of them alone."""

from __future__ import annotations

import random
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests import makers
from yihu.book import dictionary
from yihu.card.models import Household, Person
from yihu.check.actions import check_households, rules_asked
from yihu.check.kept import kept_value
from yihu.check.models import HouseholdFindings
from yihu.check.whole import Whole, hyphened, run_of_whole, write_findings
from yihu.rulebook.facts import FactSpec

pytestmark = pytest.mark.django_db


def value_for(spec: FactSpec, draw: random.Random):
    """Some value the book may keep."""
    if spec.kind == "yes_no":
        return draw.random() < 0.5
    if spec.codes is not None:
        keys = [code.key for code in spec.codes.codes]
        some = draw.sample(keys, min(len(keys), draw.randint(1, 3)))
        return some if spec.kind == "codes" else some[0]
    if spec.kind == "date":
        return f"{draw.randint(1950, 2020)}-{draw.randint(1, 9):02d}-{draw.randint(1, 17):02d}"
    if spec.kind == "month":
        return f"{draw.randint(2014, 2020)}-{draw.randint(1, 9):02d}"
    if spec.kind in ("text", "identity"):
        return draw.choice(["45102220080301001X", "13800138000", "甲"])
    low, high = (max(spec.bounds[0], 0), min(spec.bounds[1], 2_000_000))
    whole = draw.randint(int(low), int(high))
    return whole / 100 if spec.kind == "money" else whole


def facts(level: str, draw: random.Random, share: float) -> dict[str, Any]:
    return {
        name: value
        for (at, name), spec in dictionary.active().facts.items()
        if at == level and draw.random() < share
        for value in [value_for(spec, draw)]
        if kept_value(spec, value) is not None
    }


def random_county(draw: random.Random, homes: int) -> list[Household]:
    villages = [makers.place(code=code) for code in ("451022100201", "451022101202")]
    for village in villages:
        for place in (village, village.parent):
            says = {"place": facts(place.level, draw, 0.5)}
            makers.write_place(place, says=says)
    made = []
    for _ in range(homes):
        share = draw.choice([0.02, 0.3, 0.8])
        people = [facts("person", draw, share) for _ in range(draw.randint(1, 5))]
        home = makers.household(
            *people, village=draw.choice(villages), **facts("household", draw, share)
        )
        if draw.random() < 0.5:
            says = {"household": {"net_income_stated": draw.choice([None, 5000, 12000])}}
            makers.write(home.pk, says=says, seen_on=date(2019, draw.randint(1, 12), 5))
        made.append(home)
    return made


def test_every_cell_is_that_of_the_household_checked_alone():
    draw = random.Random(7)
    homes = random_county(draw, 12)
    whole = Whole(makers.TODAY)
    run = run_of_whole(makers.TODAY, makers.NOW)
    parts = [found for span in whole.spans() for found in whole.part(span)]

    assert {found.home for found in parts} == {home.pk.hex for home in homes}
    for found in parts:
        home = Household.objects.select_related("place").get(pk=UUID(found.home))
        (alone,) = check_households([home], on=makers.TODAY, now=makers.NOW)
        assert found.answers == alone.answers
        assert {hyphened(p): figures for p, figures in found.people.items()} == alone.people
        assert found.amounts == alone.amounts
        HouseholdFindings.objects.all().delete()
        write_findings([found], run)
        kept = HouseholdFindings.objects.get(pk=UUID(found.home))
        assert (kept.answers, kept.people, kept.amounts, kept.number, kept.run) == (
            alone.answers, alone.people, alone.amounts, home.number, run,
        )  # fmt: skip


def test_who_left_and_who_closed_is_not_asked():
    gone = makers.household({}, {})
    _, second = makers.members(gone)
    acts = [{"did": "left", "person": str(second.pk), "why": "died"}]
    makers.write(gone.pk, kind="people", says={"acts": acts})
    closed = makers.household()
    makers.write(closed.pk, kind="people", says={"acts": [{"did": "closed", "why": "重复建档"}]})

    whole = Whole(makers.TODAY)
    (found,) = whole.part(whole.spans()[0])

    assert found.home == gone.pk.hex
    assert list(found.people) == [Person.objects.get(left_on=None, household=gone).pk.hex]


def test_all_at_once_are_asked_the_rules_that_each_alone_is_asked():
    assert Whole(makers.TODAY).rules == rules_asked(makers.TODAY)
