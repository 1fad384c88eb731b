"""What a worker reaches: role × place × privacy class, one row of the table at a time."""

from __future__ import annotations

from datetime import date

import pytest

from tests import makers, people
from yihu.access.models import Pairing, Post
from yihu.access.roles import ROLES
from yihu.access.scope import PEOPLE, REACHED, SHARED, Scope
from yihu.book.models import Entry
from yihu.card.models import Household, Person
from yihu.check.models import HouseholdFindings
from yihu.ledger.models import Gap
from yihu.places.models import Place
from yihu.problems import Problem

pytestmark = pytest.mark.django_db

HERE, THERE = "451022100201", "451022101201"
TABLES = [Household, Person, Gap, Entry, Place]


def two_villages():
    """A household here and one in another township of the same county."""
    here, there = makers.place("village", HERE), makers.place("village", THERE)
    return makers.household(village=here), makers.household(village=there)


def reached(scope, table):
    return set(scope.of(table).values_list("pk", flat=True))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_reaches_its_own_place_and_nothing_beside_it(role):
    ours, theirs = two_villages()
    who = people.worker("W", role, ours.place, department="education")
    if not ROLES[role].whole:
        Pairing.objects.create(worker=who, household=ours, since=date(2020, 1, 1))

    scope = Scope(who, makers.TODAY)

    assert reached(scope, Household) == {ours.pk}
    assert scope.of(Person).filter(household=theirs).count() == 0
    assert scope.of(Gap).filter(book_id=theirs.pk).count() == 0
    assert scope.of(Entry).filter(book_id=theirs.pk).count() == 0
    assert scope.of(Entry).filter(book_id=ours.pk).exists()
    with pytest.raises(Problem) as refused:
        scope.one(Household, pk=theirs.pk)
    assert (refused.value.code, refused.value.status) == ("access.not_yours", 404)


def test_who_has_no_post_reaches_nothing_in_any_table():
    ours, _ = two_villages()
    scope = Scope(people.dou(), makers.TODAY)

    assert all(not reached(scope, table) for table in TABLES)
    assert not scope.sees("public")
    assert not any(scope.may(act) for role in ROLES.values() for act in role.do)
    with pytest.raises(Problem, match=r"不存在|not exist"):
        scope.one(Household, pk=ours.pk)


def test_a_post_counts_from_its_first_day_to_its_last():
    ours, _ = two_villages()
    who = people.worker("W")
    Post.objects.create(
        worker=who,
        role="village",
        place=ours.place,
        since=date(2020, 3, 1),
        until=date(2020, 3, 31),
    )

    days = [date(2020, 2, 29), date(2020, 3, 1), date(2020, 3, 31), date(2020, 4, 1)]

    assert [bool(reached(Scope(who, day), Household)) for day in days] == [False, True, True, False]


def test_a_helper_reaches_only_the_paired_and_only_while_paired():
    ours, _ = two_villages()
    neighbour = makers.household(village=ours.place)
    who = people.worker("W", "helper", ours.place)
    Pairing.objects.create(
        worker=who, household=ours, since=date(2020, 1, 1), until=date(2020, 10, 16)
    )

    assert reached(Scope(who, date(2020, 10, 16)), Household) == {ours.pk}
    assert reached(Scope(who, makers.TODAY), Household) == set()
    assert neighbour.pk not in reached(Scope(who, date(2020, 10, 16)), Household)


def test_a_village_whose_code_begins_alike_is_another_village():
    """Paths are compared by whole steps: /1/ is not above /10/."""
    ours, _ = two_villages()
    twin = Place.objects.create(
        parent=ours.place.parent, level="village", code="451022100999", name="twin",
        path=ours.place.path[:-1] + "0/",
    )  # fmt: skip
    who = people.worker("W", "village", ours.place)

    assert reached(Scope(who, makers.TODAY), Place) == {ours.place.pk}
    assert twin.pk not in reached(Scope(who, makers.TODAY), Place)


def test_two_posts_do_not_lend_each_other_their_rights():
    """An administrator of the county who helps one family sees and writes that one only."""
    ours, theirs = two_villages()
    who = people.worker("W", "administrator", makers.place("county"))
    Post.objects.create(worker=who, role="helper", place=ours.place, since=date(2020, 1, 1))
    Pairing.objects.create(worker=who, household=ours, since=date(2020, 1, 1))

    scope = Scope(who, makers.TODAY)

    assert reached(scope, Household) == {ours.pk, theirs.pk}
    assert scope.sees("sensitive", ours)
    assert not scope.sees("sensitive", theirs)
    assert not scope.sees("sensitive")
    assert scope.may("write", ours)
    assert not scope.may("write", theirs)
    assert set(scope.of(Household, "write")) == {ours}
    with pytest.raises(Problem) as refused:
        scope.one(Household, "write", pk=theirs.pk)
    assert refused.value.code == "access.may_not"


def test_what_fails_in_a_family_is_not_for_who_sees_nothing_sensitive():
    ours, theirs = two_villages()
    who = people.worker("W", "administrator", makers.place("county"))
    place_gap = Gap.objects.filter(household=None)
    scope = Scope(who, makers.TODAY)

    assert reached(scope, Household) == {ours.pk, theirs.pk}
    assert set(scope.of(Gap)) == set(place_gap)
    assert not scope.of(HouseholdFindings).exists()
    assert not scope.of(Entry).filter(kind="gap", book__household__isnull=False).exists()
    assert scope.of(Entry).filter(book_id=ours.pk).exists()
    assert scope.hides("Gap")

    Post.objects.create(worker=who, role="helper", place=ours.place, since=date(2020, 1, 1))
    Pairing.objects.create(worker=who, household=ours, since=date(2020, 1, 1))
    helping = Scope(who, makers.TODAY)
    assert set(helping.of(Gap).exclude(household=None)) == set(ours.gaps.all())
    assert set(helping.of(HouseholdFindings).values_list("pk", flat=True)) == {ours.pk}
    assert not Scope(people.bo(), makers.TODAY).hides("Gap")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_table_of_roles_is_what_the_scope_says(role):
    ours, _ = two_villages()
    who = people.worker("W", role, ours.place, department="health")

    scope = Scope(who, makers.TODAY)

    seen = {c for c in ("public", "household", "sensitive", "secret") if scope.sees(c)}
    assert seen == set(ROLES[role].see)
    assert {act for r in ROLES.values() for act in r.do if scope.may(act)} == set(ROLES[role].do)


def test_nobody_both_asks_for_a_waiver_and_keeps_the_accounts():
    """Who gives out posts neither writes books nor clears gaps; who reads logs changes nothing."""
    assert not ROLES["administrator"].do & {"write", "assign", "clear", "waive", "import"}
    assert not ROLES["auditor"].do & {"write", "assign", "answer", "clear", "waive", "people"}
    assert "secret" not in ROLES["administrator"].see


def test_every_table_that_speaks_of_households_has_a_gate():
    from django.apps import apps  # noqa: PLC0415

    own = {model.__name__ for model in apps.get_app_config("yihu").get_models()}
    # Tables that hold no row about a household or a person; pages reach them by other means.
    apart = {"Batch", "StoredFile", "Run", "Mapping", "Look", "PhotoLook"}

    assert own - set(REACHED) - set(PEOPLE) - SHARED - apart == set()
