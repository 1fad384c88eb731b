"""All cards at once: what `actions.rebuild` makes of each book."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import makers
from yihu.book.actions import NewEntry, add_entries
from yihu.book.models import Book
from yihu.card import bulk
from yihu.card.actions import rebuild
from yihu.card.models import Household, Person, Sealed, Spelling
from yihu.places.queries import every_code

pytestmark = pytest.mark.django_db


def tables():
    return [list(model.objects.order_by("pk").values()) for model in (Household, Person)] + [
        list(Sealed.objects.order_by("household", "person_id", "fact").values_list(
            "household", "person_id", "fact", "index")),
        sorted(Spelling.objects.values_list("household", "person_id", "place_path", "word")),
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


def test_what_stands_as_it_is_made_is_not_written_again():
    lives_of_households()

    with CaptureQueriesContext(connection) as asked:
        bulk.rebuild_all(now=makers.NOW, processes=0)

    written = [q["sql"] for q in asked if re.match("INSERT|UPDATE|DELETE", q["sql"])]
    assert not written


@pytest.mark.parametrize(
    "damage",
    [
        lambda: Sealed.objects.filter(fact="account").update(index=b"0" * 16),
        lambda: Sealed.objects.filter(fact="identity").delete(),
        lambda: Spelling.objects.filter(word="shanyue").update(word="danyue"),
        lambda: Person.objects.filter(name="单月").update(birth=date(1900, 1, 1)),
        lambda: Household.objects.filter(visited_on=None).update(visited_on=makers.TODAY),
    ],
)
def test_whatever_row_is_damaged_is_mended(damage):
    lives_of_households()
    whole = tables()
    assert damage()

    bulk.rebuild_all(now=makers.NOW, processes=0)

    assert tables() == whole


def test_a_book_that_goes_on_meanwhile_keeps_its_newer_card():
    home = makers.household({}, wage_income=100)
    Household.objects.update(facts={})
    ends = dict(Book.objects.filter(pk=home.pk).values_list("pk", "last_number"))
    built = bulk.otherwise(bulk.build(ends, now=makers.NOW, places=every_code()))
    newer = makers.write(home.pk, says={"household": {"wage_income": 200}})

    bulk.write(built, now=makers.NOW)

    home.refresh_from_db()
    assert (home.number, home.facts["wage_income"]) == (newer.number, 200)


@pytest.mark.parametrize("order", [1, -1])
def test_somebody_who_went_to_another_household_stands_there_alone(order):
    old, new = makers.household({"name": "甲"}, {"name": "乙"}), makers.household({})
    gone = str(old.people.get(name="乙").pk)
    left = {"did": "left", "person": gone, "why": "split", "to": str(new.pk)}
    joined = {"did": "joined", "person": gone, "why": "split", "from": str(old.pk)}
    for home, act in ((old, left), (new, joined)):
        facts = {} if home == old else {"members": {gone: {"name": "乙"}}}
        says = {"acts": [act], **facts}
        entry = NewEntry(
            book=home.pk, kind="people", seen_on=makers.TODAY, source="test", says=says
        )
        add_entries([entry], by=None, now=makers.NOW, today=makers.TODAY)
    ends = dict(Book.objects.filter(place=None).values_list("pk", "last_number"))
    built = [
        bulk.otherwise(bulk.build({id: ends[id]}, now=makers.NOW, places=every_code()))
        for id in (old.pk, new.pk)
    ]

    for each in built[::order]:
        bulk.write(each, now=makers.NOW)

    assert list(Person.objects.filter(name="乙").values_list("household", flat=True)) == [new.pk]
