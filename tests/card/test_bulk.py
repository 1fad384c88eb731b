"""All cards at once: what `actions.rebuild` makes of each book."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tests import makers
from yihu.card import bulk
from yihu.card.actions import rebuild
from yihu.card.models import Household, Person, Sealed

pytestmark = pytest.mark.django_db


def tables():
    return [list(model.objects.order_by("pk").values()) for model in (Household, Person)] + [
        list(Sealed.objects.order_by("household", "person_id", "fact").values_list(
            "household", "person_id", "fact", "index"))
    ]  # fmt: skip


def lives_of_households():
    """Households in which somebody died, was corrected, moved; one that closed."""
    first = makers.household(
        {"birth": "1950-01-01", "identity": "99000019500101001X"}, {"birth": "2001-05-06"},
        wage_income=100, account="6217",
    )  # fmt: skip
    old, young = makers.members(first)
    acts = [{"did": "left", "person": str(old.pk), "why": "died"},
            {"did": "head", "person": str(young.pk)}]  # fmt: skip
    makers.write(first.pk, kind="people", says={"acts": acts}, seen_on=date(2018, 3, 3))
    wrong = makers.write(first.pk, says={"household": {"wage_income": 9}})
    makers.write(first.pk, kind="correction", says={"why": "写错"}, undoes=wrong.number)
    second = makers.household({}, {}, power=True)
    makers.write(second.pk, kind="decision", says={"did": "identified"}, seen_on=date(2016, 2, 1))
    says = {"acts": [{"did": "closed", "why": "重复"}]}
    makers.write(second.pk, kind="people", says=says)
    makers.household({"name": "单月"})


@pytest.mark.parametrize("chunk", [1, 400])
def test_all_cards_at_once_are_those_built_one_by_one(chunk, monkeypatch):
    lives_of_households()
    monkeypatch.setattr(bulk, "CHUNK", chunk)
    rebuild(list(Household.objects.values_list("pk", flat=True)), now=makers.NOW)
    one_by_one = tables()

    assert bulk.rebuild_all(now=makers.NOW, processes=0) == 3
    assert tables() == one_by_one

    Sealed.objects.all().delete()
    Person.objects.all().delete()
    Household.objects.update(facts={}, head_name="?")
    bulk.rebuild_all(now=makers.NOW, processes=0)

    assert tables() == one_by_one


def test_a_person_no_entry_speaks_of_is_gone_after_a_rebuild():
    home = makers.household({})
    Person.objects.create(id=UUID(int=5), household=home, place_in_household=7, name="谁")

    bulk.rebuild_all(now=makers.NOW, processes=0)

    assert [p.name for p in home.people.all()] == ["农0"]
