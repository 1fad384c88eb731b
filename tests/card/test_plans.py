"""Households and people coming, going, splitting and merging; and all of it undone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests import makers
from yihu import loop
from yihu.book.actions import open_batch
from yihu.book.models import Entry
from yihu.book.undoing import undo_entry
from yihu.card import plans, queries
from yihu.card.models import Household, Person, Sealed
from yihu.card.plans import When
from yihu.problems import Problem

pytestmark = pytest.mark.django_db
WHEN = When(on=makers.TODAY, source="desk")
IDENTITY = "11010519491231002X"


def do(entries, name="test"):
    batch = open_batch(what="change", name=name, by=None, at=makers.NOW)
    loop.write(entries, by=None, at=makers.AT, batch=batch)
    return batch


def tables():
    """All there is of cards, without what a later entry must change."""
    households = {
        row["book_id"]: {k: v for k, v in row.items() if k not in ("number", "changed_at")}
        for row in Household.objects.values()
    }
    sealed = Sealed.objects.values_list("household_id", "person_id", "fact", "index")
    return (
        households,
        {row["id"]: row for row in Person.objects.values()},
        sorted((str(h), str(p), f, bytes(i)) for h, p, f, i in sealed),
    )


def ids(home):
    return [str(person.pk) for person in makers.members(home)]


def test_some_members_become_a_household_with_all_that_is_known_of_them():
    home = makers.household({}, {"identity": IDENTITY, "phone": "13800000000"}, {})
    _, goes, _ = ids(home)
    makers.write(
        home.pk, says={"members": {goes: {"schooling": "primary"}}}, seen_on=date(2018, 9, 1)
    )
    before = tables()
    new = uuid4()

    batch = do(
        plans.split(
            queries.home(home.pk), WHEN, people=[goes], code="H-new", place=makers.place().code,
            keep_status=True, id=new,
        )
    )  # fmt: skip

    there = queries.card_of(new)
    assert (there.code, [m.id for m in there.people], there.people[0].is_head) == (
        "H-new", [goes], True,
    )  # fmt: skip
    known = there.people[0].facts["schooling"]
    assert (known.value, known.seen_on, known.source) == ("primary", date(2018, 9, 1), "test")
    person = Person.objects.get(pk=goes)
    assert (person.household_id, person.is_head) == (new, True)
    found = Sealed.objects.filter(person_id=goes, fact="identity")
    assert [row.household_id for row in found] == [new]

    loop.undo(batch, why="分户有误", by=None, at=makers.AT)

    gone = Household.objects.get(pk=new)
    assert (gone.closed_why, gone.size) == ("分户有误", 0)
    after = tables()
    del after[0][new]
    assert after == before


def test_a_split_household_stands_in_the_register_as_the_old_one_if_asked():
    home = makers.household({}, {})
    _, goes = ids(home)
    makers.write(home.pk, kind="decision", says={"did": "identified"}, seen_on=date(2016, 2, 1))
    found = {}
    for keep in (True, False):
        new = uuid4()
        at = queries.home(home.pk)
        made = plans.split(
            at, WHEN, people=[goes], code=f"H{keep}", place=makers.place().code,
            keep_status=keep, id=new,
        )  # fmt: skip
        batch = do(made)
        found[keep] = Household.objects.get(pk=new).status
        loop.undo(batch, why="x", by=None, at=makers.AT)

    assert found == {True: "poor", False: "general"}


def test_two_books_of_one_household_become_one_and_two_again():
    kept = makers.household({"identity": IDENTITY}, {"name": "农甲"}, people=2)
    double = makers.household({"name": "农一"}, {"name": "农乙"}, people=3)
    first, _ = ids(kept)
    same, other = ids(double)
    makers.write(
        double.pk, says={"members": {same: {"schooling": "primary"}}}, seen_on=date(2019, 1, 1)
    )
    before = tables()

    batch = do(
        plans.merge_households(
            queries.home(double.pk), queries.home(kept.pk), WHEN, why="重复", same={same: first}
        )
    )

    double.refresh_from_db()
    kept.refresh_from_db()
    assert (double.closed_why, double.size, kept.size) == ("重复", 0, 3)
    assert Person.objects.get(pk=first).facts["schooling"] == "primary"
    assert Person.objects.get(pk=other).household_id == kept.pk
    assert queries.card_of(double.pk).into == str(kept.pk)
    assert Person.objects.get(pk=same).left_why == "merged"

    loop.undo(batch, why="不是同一户", by=None, at=makers.AT)

    assert tables() == before


def test_one_person_who_stands_twice_becomes_one():
    home = makers.household({}, {"name": "小月", "birth": "2008-03-01"}, {"name": "小月"})
    _, kept, double = ids(home)
    makers.write(
        home.pk, says={"members": {double: {"schooling": "primary"}}}, seen_on=date(2019, 1, 1)
    )
    at = queries.home(home.pk)

    do(plans.merge_people(at, at, WHEN, person=double, into=kept))

    home.refresh_from_db()
    assert home.size == 2
    assert Person.objects.get(pk=kept).facts["schooling"] == "primary"
    assert queries.card_of(home.pk).members[double].into == kept


def test_a_head_who_leaves_is_followed_by_somebody():
    home = makers.household({}, {}, {})
    head, second, _ = ids(home)
    at = queries.home(home.pk)

    with pytest.raises(Problem) as refused:
        plans.leave(at, WHEN, person=head, why="died")
    assert refused.value.code == "card.head_needed"
    do(plans.leave(at, WHEN, person=head, why="died", new_head=second))

    assert Person.objects.get(household=home, is_head=True).pk == UUID(second)
    assert Person.objects.get(pk=head).left_why == "died"


def test_nobody_stands_in_two_households_or_in_none():
    one, other = makers.household({}, {}), makers.household({})
    _, goes = ids(one)
    joined = {"did": "joined", "person": goes, "why": "moved_in"}

    with pytest.raises(Problem) as twice:
        makers.write(other.pk, kind="people", says={"acts": [joined]})
    left = {"did": "left", "person": goes, "why": "moved_out", "to": str(other.pk)}
    with pytest.raises(Problem) as nowhere:
        makers.write(one.pk, kind="people", says={"acts": [left]})
    do(plans.move_people(queries.home(one.pk), queries.home(other.pk), WHEN, people=[goes]))
    half = Entry.objects.filter(book=one.pk, kind="people").order_by("-number").first()
    with pytest.raises(Problem) as undone:
        loop.write([undo_entry(half, why="x", on=makers.TODAY)], by=None, at=makers.AT)

    assert [refused.value.code for refused in (twice, nowhere, undone)] == [
        "card.person_elsewhere", "card.person_nowhere", "card.person_elsewhere",
    ]  # fmt: skip
    assert Person.objects.get(pk=goes).household_id == other.pk


def test_what_later_entries_need_is_not_undone():
    home, other = makers.household({}, {}), makers.household({})
    _, goes = ids(home)
    batch = do(
        plans.move_people(queries.home(home.pk), queries.home(other.pk), WHEN, people=[goes])
    )
    needs = makers.write(other.pk, says={"members": {goes: {"schooling": "primary"}}})

    with pytest.raises(Problem) as refused:
        loop.undo(batch, why="x", by=None, at=makers.AT)

    assert (refused.value.code, refused.value.details) == (
        "book.later_depends", {"by": needs.number},
    )  # fmt: skip
    assert Person.objects.get(pk=goes).household_id == other.pk


def test_an_undone_batch_is_not_undone_twice_but_its_undoing_can_be():
    home = makers.household({})
    batch = do(plans.close(queries.home(home.pk), WHEN, why="重复"))
    undoing = loop.undo(batch, why="x", by=None, at=makers.AT)
    batch.refresh_from_db()
    assert batch.undone_by == undoing

    with pytest.raises(Problem) as refused:
        loop.undo(batch, why="x", by=None, at=makers.AT)
    again = loop.undo(undoing, why="y", by=None, at=makers.AT)

    assert refused.value.code == "book.batch_undone"
    home.refresh_from_db()
    batch.refresh_from_db()
    assert (home.closed_why, batch.undone_by, again.what) == ("重复", None, "undo")


def test_two_households_have_two_numbers():
    home = makers.household({})
    with pytest.raises(Problem) as refused:
        do(
            plans.register(
                WHEN, code=home.code, place=makers.place().code, members=[{"name": "农一"}],
                household={},
            )
        )  # fmt: skip
    assert refused.value.code == "card.code_taken"


def test_the_card_as_of_a_day_and_as_known_at_a_moment():
    home = makers.household({"name": "农一"}, seen_on=date(2016, 1, 1))
    monday, tuesday = makers.at(date(2020, 11, 2)), makers.at(date(2020, 11, 3))
    makers.write(
        home.pk, when=monday, says={"household": {"people": 2}}, seen_on=date(2020, 10, 30)
    )
    wrong = makers.write(home.pk, when=tuesday, says={"household": {"people": 9}})
    fix = undo_entry(wrong, why="看错", on=date(2020, 11, 4))
    loop.write([fix], by=None, at=makers.at(date(2020, 11, 4)))

    def people(**on):
        known = queries.card_of(home.pk, **on).facts.get("people")
        return known and known.value

    assert people() == 2
    assert people(as_of=date(2020, 10, 29)) is None
    assert people(known_at=monday.now - timedelta(seconds=1)) is None
    assert people(known_at=tuesday.now) == 9
    assert people(as_of=date(2020, 11, 2), known_at=tuesday.now) == 2
    assert queries.card_of(home.pk, as_of=date(2015, 1, 1)).code == ""
    said = queries.history(home.pk, whose="household", fact="people")
    assert [(s.value, s.counts, s.undone_by) for s in said] == [
        (9, False, wrong.number + 1), (2, True, None),
    ]  # fmt: skip
    assert isinstance(said[0].received_at, datetime)


def test_what_an_older_book_had_emptied_is_not_carried_into_the_next(monkeypatch):
    home = makers.household({"name": "农一"}, {"name": "农二", "birth": "2001-01-01"})
    _, goes = ids(home)
    with monkeypatch.context() as before:
        before.setattr("yihu.book.dictionary.require_kept", lambda *_: None)
        makers.write(home.pk, says={"members": {goes: {"birth": None, "schooling": "primary"}}})
    new = uuid4()

    do(
        plans.split(
            queries.home(home.pk), WHEN, people=[goes], code="H-new", place=makers.place().code,
            keep_status=False, id=new,
        )
    )  # fmt: skip

    (there,) = queries.card_of(new).people
    assert there.facts["schooling"].value == "primary"
    assert "birth" not in there.facts


def a_family_of_three():
    home = makers.household(
        {"name": "农海", "relation": "head"}, {"name": "黄慧", "relation": "spouse"},
        {"name": "农小", "relation": "son"}, head_name="农海",
    )  # fmt: skip
    return home, [str(person.pk) for person in makers.members(home)]


def relations(home):
    card = queries.card_of(home.pk)
    known = {id: member.facts.get("relation") for id, member in card.members.items()}
    return {id: found and found.value for id, found in known.items()}


def test_of_a_couple_the_other_becomes_head_and_the_children_stay_theirs():
    home, (husband, wife, child) = a_family_of_three()

    batch = do(plans.change_head(queries.home(home.pk), WHEN, person=wife))

    assert relations(home) == {husband: "spouse", wife: "head", child: "son"}
    assert queries.card_of(home.pk).facts["head_name"].value == "黄慧"
    loop.undo(batch, why="写错了人", by=None, at=makers.AT)
    assert relations(home) == {husband: "head", wife: "spouse", child: "son"}
    assert queries.card_of(home.pk).facts["head_name"].value == "农海"


def test_what_others_are_to_a_child_that_becomes_head_is_asked_anew():
    home, (husband, wife, child) = a_family_of_three()

    do(plans.change_head(queries.home(home.pk), WHEN, person=child))

    assert relations(home) == {husband: None, wife: None, child: "head"}


def test_when_a_head_dies_the_next_one_is_called_so():
    home, (husband, wife, child) = a_family_of_three()

    do(plans.leave(queries.home(home.pk), WHEN, person=husband, why="died", new_head=wife))

    found = relations(home)
    assert (found[wife], found[child], found[husband]) == ("head", "son", "head")
    assert queries.card_of(home.pk).facts["head_name"].value == "黄慧"


def test_who_stays_keeps_his_name_and_birth_although_the_double_is_newer():
    home = makers.household(
        {"name": "陆萍红", "birth": "1970-01-02"}, when=makers.at(date(2020, 9, 1))
    )
    other = makers.household({"name": "陆平红", "birth": "1970-02-01", "phone": "13800000000"})
    (kept,), (double,) = makers.members(home), makers.members(other)

    do(
        plans.merge_people(
            queries.home(other.pk), queries.home(home.pk), WHEN,
            person=str(double.pk), into=str(kept.pk), last=True,
        )
    )  # fmt: skip

    found = queries.card_of(home.pk).members[str(kept.pk)].facts
    assert (found["name"].value, found["birth"].value) == ("陆萍红", "1970-01-02")
    assert "phone" in found
