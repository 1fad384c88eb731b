"""What may be added to a book, and that a refusal leaves no trace."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

import pytest

from tests import makers
from yihu import loop
from yihu.book.actions import NewEntry, add_entries
from yihu.book.models import Book, Entry
from yihu.card.models import Household
from yihu.problems import Problem

pytestmark = pytest.mark.django_db


def refused(home, code, **entry):
    """Write what must be refused; the book and its card stay as they were."""
    before = list(Entry.objects.order_by("book_id", "number").values_list("id", "hash"))
    card = Household.objects.filter(pk=home.pk).values().first()
    with pytest.raises(Problem) as found:
        makers.write(home.pk, **entry)
    assert found.value.code == code
    assert list(Entry.objects.order_by("book_id", "number").values_list("id", "hash")) == before
    assert Household.objects.filter(pk=home.pk).values().first() == card
    for lang in ("zh", "en"):
        assert not re.search(r"\{\w+\}", found.value.sentence(lang))
    return found.value


def acts(*acts, **says):
    return {"kind": "people", "says": {"acts": list(acts), **says}}


@pytest.mark.parametrize(
    ("kind", "says", "code"),
    [
        ("gossip", {}, "book.bad_shape"),
        ("facts", [], "book.bad_shape"),
        ("facts", {"memebers": {}}, "book.bad_shape"),
        ("facts", {"place": {"name": "x"}}, "book.bad_shape"),
        ("facts", {"household": "tap"}, "book.bad_shape"),
        ("facts", {"members": {"Mei": {}}}, "book.bad_shape"),
        ("facts", {"members": {str(uuid4()): {"name": "x"}}}, "book.no_such_person"),
        ("facts", {"household": {"no_such": 1}}, "book.unknown_fact"),
        ("facts", {"household": {"people": "many"}}, "book.bad_value"),
        ("facts", {"household": {"head_name": "a\0b"}}, "book.bad_text"),
        ("facts", {"household": {"phone": "\ud800"}}, "book.bad_text"),
        ("facts", {"household": {"head_name": "农\u202e秀"}}, "book.bad_text"),
        ("visit", {"words": "\x1b[2J"}, "book.bad_text"),
        ("facts", {"words": "x" * 300_000}, "book.too_long"),
        ("facts", {"household": {"phone": {"sealed": "made up"}}}, "book.bad_sealed"),
        ("visit", {"words": 7}, "book.bad_shape"),
        ("help", {"person": str(uuid4())}, "book.no_such_person"),
        ("evidence", {"sha256": "ab", "type": "image/png", "size": 3}, "book.bad_shape"),
        ("evidence", {"type": "image/png", "size": 3}, "book.bad_shape"),
        ("decision", {"did": "liked"}, "book.bad_shape"),
        ("decision", {"did": "monitored"}, "book.bad_shape"),
        ("decision", {"did": "identified", "category": "sudden"}, "book.bad_shape"),
        ("decision", {"did": "exited"}, "book.not_decided"),
        ("decision", {"did": "risk_removed"}, "book.not_decided"),
        ("people", {}, "book.bad_shape"),
        ("people", {"acts": ["joined"]}, "book.bad_shape"),
        ("people", {"acts": [{"did": "flew"}]}, "book.bad_shape"),
        ("people", {"acts": [{"did": "joined", "person": "x", "why": "born"}]}, "book.bad_shape"),
        ("people", {"acts": [{"did": "moved", "place": "999999999"}]}, "book.no_such_place"),
        ("people", {"acts": [{"did": "reopened", "why": "x"}]}, "book.not_closed"),
        ("gap", {"did": "opened"}, "book.bad_shape"),
    ],
)  # fmt: skip
def test_what_is_not_of_the_shape_of_its_kind_is_refused(kind, says, code):
    refused(makers.household({}), code, kind=kind, says=says)


def test_a_text_may_have_lines_and_tabs():
    home = makers.household({})
    words = "一\t二\n三\r\n四👨‍👩‍👧"
    assert makers.write(home.pk, kind="visit", says={"words": words}).says["words"] == words


def test_days_are_neither_ahead_nor_before_1900():
    home = makers.household({})

    found = refused(home, "book.seen_in_future", says={}, seen_on=date(2020, 10, 18))
    assert found.sentence().startswith("“填写指标”的发生日期")
    refused(home, "book.seen_too_early", says={}, seen_on=date(219, 1, 1))


def test_people_come_before_they_go():
    home = makers.household({}, {})
    one, other = (str(person.pk) for person in makers.members(home))
    stranger = str(uuid4())
    died = {"did": "left", "person": other, "why": "died"}

    joined = {"did": "joined", "person": one, "why": "born"}
    refused(home, "book.here_already", **acts(joined))
    refused(home, "book.not_here", **acts({"did": "head", "person": stranger}))
    makers.write(home.pk, **acts(died), seen_on=date(2019, 1, 1))
    refused(home, "book.not_here", **acts(died))
    refused(home, "book.dead", **acts({"did": "joined", "person": other, "why": "returned"}))


def test_nothing_happens_before_the_household_was_registered():
    home = makers.household({}, seen_on=date(2016, 1, 1))
    (one,) = (str(person.pk) for person in makers.members(home))
    left = {"did": "left", "person": one, "why": "moved_out"}

    refused(home, "book.not_opened", **acts(left), seen_on=date(2015, 1, 1))
    again = {"did": "opened", "code": "H2", "place": makers.place().code}
    refused(home, "book.opened_twice", **acts(again))


def test_an_earlier_day_cannot_take_away_what_later_entries_need():
    home = makers.household({}, {})
    _, other = (str(person.pk) for person in makers.members(home))
    head = makers.write(home.pk, **acts({"did": "head", "person": other}))
    left = {"did": "left", "person": other, "why": "moved_out"}

    found = refused(home, "book.later_depends", **acts(left), seen_on=date(2018, 1, 1))

    assert found.details["by"] == head.number


def test_a_closed_household_takes_nothing_until_it_is_reopened():
    home = makers.household({})
    makers.write(home.pk, **acts({"did": "closed", "why": "重复"}), seen_on=date(2020, 1, 1))

    refused(home, "book.closed", says={"household": {"people": 3}})
    refused(home, "book.closed", **acts({"did": "moved", "place": makers.place().code}))
    makers.write(home.pk, **acts({"did": "reopened", "why": "误关"}))
    makers.write(home.pk, says={"household": {"people": 3}})

    home.refresh_from_db()
    assert (home.closed_on, home.facts["people"]) == (None, 3)


def test_a_batch_with_one_bad_entry_writes_none():
    home = makers.household({})
    good = {"book": home.pk, "kind": "facts", "seen_on": makers.TODAY, "source": "test"}
    count = Entry.objects.count()

    with pytest.raises(Problem):
        loop.write(
            [NewEntry(**good, says={"household": {"people": n}}) for n in (1, 2, "many")],
            by=None, at=makers.AT,
        )  # fmt: skip

    assert Entry.objects.count() == count
    assert Book.objects.get(pk=home.pk).last_number == count


def test_a_book_is_begun_by_opening_a_household_and_by_nothing_else():
    id = uuid4()
    new = {"book": id, "seen_on": makers.TODAY, "source": "test"}
    opened = {"did": "opened", "code": "H1", "place": makers.place().code}

    with pytest.raises(Problem) as found:
        loop.write([NewEntry(**new, kind="facts", says={})], by=None, at=makers.AT)
    assert found.value.code == "access.not_yours"
    loop.write([NewEntry(**new, **acts(opened))], by=None, at=makers.AT)

    assert Household.objects.get(pk=id).code == "H1"


def test_an_entry_sent_twice_is_written_once():
    home = makers.household({})
    new = NewEntry(
        book=home.pk, kind="facts", says={"household": {"people": 3}}, seen_on=makers.TODAY,
        source="phone",
    )  # fmt: skip

    (first,) = add_entries([new], by=None, now=makers.NOW, today=makers.TODAY)
    (again,) = add_entries([new], by=None, now=makers.NOW, today=makers.TODAY)

    assert (first.pk, first.number) == (again.pk, again.number)
    other = makers.household({})
    moved = NewEntry(**{**{f: getattr(new, f) for f in new.__slots__}, "book": other.pk})
    with pytest.raises(Problem) as found:
        add_entries([moved], by=None, now=makers.NOW, today=makers.TODAY)
    assert found.value.code == "book.id_taken"


def test_an_old_copy_cannot_overwrite_a_newer_answer_but_may_speak_of_other_things():
    home = makers.household({})
    end = Book.objects.get(pk=home.pk).last_number
    makers.write(home.pk, says={"household": {"people": 3}})

    found = refused(home, "book.behind", says={"household": {"people": 4}}, based_on=end)
    makers.write(home.pk, says={"household": {"head_name": "农一"}}, based_on=end)

    assert found.details["fact"] == "people"
    assert "也写了“家庭人口数”" in found.sentence()
    assert "is about number of people as stated too" in found.sentence("en")


@pytest.mark.parametrize(
    "says",
    [[], "facts", {"household": "tap"}, {"members": ["x"]}, {"members": {"Mei": 3}}, {"place": 1}],
)
def test_an_old_copy_of_a_wrong_shape_is_refused_for_its_shape(says):
    home = makers.household({})
    end = Book.objects.get(pk=home.pk).last_number
    makers.write(home.pk, says={"household": {"people": 3}})

    refused(home, "book.bad_shape", says=says, based_on=end)


def test_facts_of_a_place_are_those_of_its_level():
    village = makers.place()
    entry = {"kind": "facts", "seen_on": makers.TODAY, "source": "test"}

    def tell(**says):
        new = NewEntry(book=village.book.pk, says=says, **entry)
        return add_entries([new], by=None, now=makers.NOW, today=makers.TODAY)

    tell(place={"phone_households": 7})
    for says, code in (
        ({"place": {"people": 3}}, "book.unknown_fact"),
        ({"household": {"people": 3}}, "book.bad_shape"),
        ({"place": {"phone_households": "all"}}, "book.bad_value"),
    ):
        with pytest.raises(Problem) as found:
            tell(**says)
        assert found.value.code == code
    assert [e.says for e in Entry.objects.filter(book=village.book)] == [
        {"place": {"phone_households": 7}}
    ]


@pytest.mark.parametrize("fact", ["name", "birth", "identity", "sex"])
@pytest.mark.parametrize("value", [None, ""])
def test_who_somebody_is_is_corrected_and_never_emptied(fact, value):
    home = makers.household({"name": "覃秀英", "birth": "1980-01-01", "sex": "female"})
    (person,) = makers.members(home)

    refused(home, "book.kept", says={"members": {str(person.pk): {fact: value}}})


def test_a_name_of_spaces_is_none():
    home = makers.household({"name": "覃秀英"})
    (person,) = makers.members(home)

    refused(home, "book.kept", says={"members": {str(person.pk): {"name": "  "}}})
    makers.write(home.pk, says={"members": {str(person.pk): {"name": "覃秀瑛"}}})

    assert Household.objects.get(pk=home.pk).head_name == "覃秀瑛"


def test_what_the_rulebook_does_not_keep_is_emptied():
    home = makers.household({"name": "覃秀英", "schooling": "none"})
    (person,) = makers.members(home)

    makers.write(home.pk, says={"members": {str(person.pk): {"schooling": None}}})

    person.refresh_from_db()
    assert person.facts.get("schooling") is None
