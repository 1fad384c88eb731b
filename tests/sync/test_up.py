"""Entries that come up from phones: judged one by one, written once, never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import makers, people
from tests.sync.phones import Phone, helper
from yihu import loop
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings
from yihu.sync.aside import opened
from yihu.sync.models import Arrival

pytestmark = pytest.mark.django_db
YESTERDAY = makers.TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def said(home, fact="power"):
    return Household.objects.get(pk=home.pk).facts.get(fact)


def from_phones():
    return Entry.objects.filter(source="phone").count()


def test_an_entry_is_taken_and_its_receipt_says_where_it_stands():
    home = makers.household(power=False)
    phone = Phone(helper("Gu", home))

    (answer,) = phone.send(phone.entry(home))

    entry = Entry.objects.get(pk=answer["id"])
    assert answer["outcome"] == "taken"
    assert (answer["number"], answer["hash"]) == (entry.number, bytes(entry.hash).hex())
    assert answer["receipt"] == f"{home.pk.hex[:8]}-{entry.number}-{answer['hash'][:8]}"
    assert (entry.author, entry.source) == (phone.worker, "phone")
    assert said(home) is True


def test_what_was_taken_is_checked_at_once():
    home = makers.household()
    phone = Phone(helper("Gu", home))

    phone.send(phone.entry(home), phone.entry(home, says={"household": {"tv": True}}))

    card = Household.objects.get(pk=home.pk)
    assert HouseholdFindings.objects.get(household=home).number == card.number


def test_sent_again_it_is_written_once_and_answered_as_before():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home)

    first, twice = phone.send(entry), phone.send(entry, entry)

    told = {"outcome", "receipt", "number", "hash", "book"}
    assert {key: first[0][key] for key in told} == {key: twice[0][key] for key in told}
    assert [a["again"] for a in (*first, *twice)] == [False, True, True]
    assert from_phones() == 1


def test_the_same_id_with_other_content_is_refused_and_kept():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home)
    other = {**entry, "says": {"household": {"power": False}}}

    phone.send(entry)
    (answer,) = phone.send(other)

    assert (answer["outcome"], answer["code"]) == ("refused", "sync.id_reused")
    assert said(home) is True
    assert opened(Arrival.objects.get(state="refused"))["says"] == other["says"]


def test_the_id_of_an_entry_written_at_the_desk_is_taken_too():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    theirs = makers.write(home.pk, says={"household": {"power": False}})

    (answer,) = phone.send(phone.entry(home, id=str(theirs.pk)))

    assert answer["code"] == "sync.id_reused"
    assert said(home) is False


@pytest.mark.parametrize(
    "broken",
    [
        "words", None, 7, [], {}, {"id": "no id"}, {"kind": "gap"}, {"says": []}, {"says": None},
        {"based_on": -1}, {"based_on": True}, {"based_on": 2**40}, {"seen_on": "17.10.2020"},
        {"written_at": "2020-10-17T08:00:00"}, {"household": "x"}, {"app": 3}, {"app": "x" * 99},
        {"says": {"household": {"power": "perhaps"}}}, {"says": {"household": 3}},
        {"says": {"members": {"x": {}}}}, {"says": {"household": {"no_fact": 1}}},
        {"says": {"words": "a\x00b"}}, {"says": {"words": "\ud800"}}, {"undoes": 1},
    ],
)  # fmt: skip
def test_a_malformed_entry_is_refused_kept_and_blocks_nothing_behind_it(broken):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    bad = {**phone.entry(home), **broken} if isinstance(broken, dict) and broken else broken
    before, behind = phone.entry(home), phone.entry(home, says={"household": {"tv": True}})

    answers = phone.send(before, bad, behind)

    assert [a["outcome"] for a in answers] == ["taken", "refused", "taken"]
    assert [a["n"] for a in answers] == [0, 1, 2]
    assert all(answers[1]["why"][lang] for lang in ("zh", "en"))
    assert opened(Arrival.objects.get(state="refused")) == bad
    assert phone.send(bad)[0]["again"] is True


def test_a_batch_builds_and_checks_each_card_once(monkeypatch):
    one, other = makers.household(), makers.household()
    phone = Phone(helper("Gu", one, other))
    built, really = [], loop.rebuild

    def counting(ids, **at):
        built.append(ids)
        return really(ids, **at)

    monkeypatch.setattr(loop, "rebuild", counting)

    answers = phone.send(*(
        phone.entry(home, says={"household": {"water_litres": litres}})
        for litres in (20, 30, 40) for home in (one, other)
    ))  # fmt: skip

    assert [a["outcome"] for a in answers] == ["taken"] * 6
    assert built == [{one.pk, other.pk}]
    assert (said(one, "water_litres"), said(other, "water_litres")) == (40, 40)
    found = HouseholdFindings.objects.filter(household__in=[one.pk, other.pk])
    assert [f.number for f in found] == [f.household.number for f in found]


def test_what_cannot_stand_on_a_card_is_held_and_blocks_nothing_beside_it():
    home, other = makers.household(), makers.household()
    phone, theirs = Phone(helper("Gu", home)), str(makers.members(other)[0].pk)
    acts = [{"did": "joined", "person": theirs, "why": "married_in"}]
    impossible = phone.entry(home, kind="people", says={"acts": acts})
    before, behind = phone.entry(home), phone.entry(home, says={"household": {"tv": True}})
    makers.write(home.pk, says={"household": {"fridge": True}})

    answers = phone.send(before, impossible, behind)

    assert [a["outcome"] for a in answers] == ["taken", "held", "taken"]
    assert (said(home), said(home, "tv")) == (True, True)
    assert Household.objects.get(pk=other.pk).people.filter(left_on=None).count() == 1


def test_what_is_kept_aside_cannot_be_read_without_the_keys():
    home = makers.household({"identity": "110101199003077512"})
    phone = Phone(helper("Gu", home))
    member = str(makers.members(home)[0].pk)
    says = {"members": {member: {"identity": "110101199003077512"}}, "household": {"tv": "?"}}

    phone.send(phone.entry(home, says=says))

    row = Arrival.objects.get()
    assert row.state == "refused"
    assert "110101199003077512" not in str(Arrival.objects.values().get())
    assert opened(row)["says"] == says


def test_too_many_at_once_are_refused_and_none_looked_at():
    home = makers.household()
    phone = Phone(helper("Gu", home))

    reply = phone.sending(*[phone.entry(home)] * 101)

    assert (reply.status_code, reply.json()["code"]) == (413, "sync.too_many")
    assert not Arrival.objects.exists()


# --- what others wrote meanwhile ------------------------------------------------------------------


def test_different_facts_from_the_same_copy_merge_by_themselves():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home)
    makers.write(home.pk, says={"household": {"tv": True}})

    (answer,) = phone.send(entry)

    assert answer["outcome"] == "taken"
    assert (said(home), said(home, "tv")) == (True, True)
    assert Entry.objects.get(pk=entry["id"]).based_on == entry["based_on"]


def test_the_same_fact_from_an_old_copy_is_held_beside_the_newer_with_both_values():
    bo, home = people.bo(), makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home)
    makers.write(home.pk, says={"household": {"power": False}}, by=people.mei())

    (answer,) = phone.send(entry)

    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_behind")
    (both,) = answer["differs"]
    assert (both["fact"], both["ours"], both["theirs"]) == ("power", "是", "否")
    assert "Bo" in answer["why"]["zh"]
    assert "Bo" in answer["why"]["en"]
    assert Arrival.objects.get().holder == bo
    assert said(home) is False
    assert from_phones() == 0


def test_of_an_entry_with_a_fact_in_dispute_all_else_is_taken():
    bo, home = people.bo(), makers.household()
    phone = Phone(helper("Gu", home))
    says = {"household": {"power": True, "tv": True, "phone": "x"}, "words": "看过"}
    entry = phone.entry(home, kind="visit", says=says)
    makers.write(home.pk, says={"household": {"power": False}}, by=bo)

    (answer,) = phone.send(entry)

    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_behind")
    assert sorted(each["fact"] for each in answer["differs"]) == ["phone", "power"]
    assert "其余内容已写入户册" in answer["why"]["zh"]
    row = Entry.objects.get(pk=entry["id"])
    assert row.says == {"household": {"tv": True}, "words": "看过"}
    assert (answer["number"], answer["book"]) == (row.number, str(home.pk))
    assert answer["receipt"]
    assert (said(home), said(home, "tv")) == (False, True)


@pytest.mark.parametrize("value", [10**400, -5, "NaN"])
def test_what_is_no_value_of_its_fact_is_refused_and_in_dispute_with_nobody(value):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    bad = phone.entry(home, kind="visit", says={"household": {"house_area": value}})
    makers.write(home.pk, says={"household": {"house_area": 71}})

    answers = phone.send(
        phone.entry(home), bad, phone.entry(home, says={"household": {"tv": True}})
    )

    assert [each["outcome"] for each in answers] == ["taken", "refused", "taken"]
    assert answers[1]["code"] == "book.bad_value"


@pytest.mark.parametrize("kind", ["facts", "visit", "help"])
def test_an_entry_that_says_nothing_is_none(kind):
    home = makers.household()
    phone = Phone(helper("Gu", home))

    (answer,) = phone.send(phone.entry(home, kind=kind, says={"household": {}}))

    assert (answer["outcome"], answer["code"]) == ("refused", "sync.nothing_said")
    assert from_phones() == 0


def test_the_same_value_seen_by_two_is_no_conflict():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home)
    makers.write(home.pk, says={"household": {"power": True}})

    assert phone.send(entry)[0]["outcome"] == "taken"


def test_a_value_that_was_undone_since_is_no_conflict():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home)
    other = makers.write(home.pk, says={"household": {"power": False}})
    makers.write(home.pk, kind="correction", says={"why": "mistyped"}, undoes=other.number)

    assert phone.send(entry)[0]["outcome"] == "taken"


def test_two_visits_on_one_phone_from_one_copy_are_no_conflict():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.register()
    first = phone.entry(home, seen_on=YESTERDAY.isoformat())
    second = phone.entry(home, says={"household": {"power": False}})

    answers = [*phone.send(first), *phone.send(second)]

    assert [a["outcome"] for a in answers] == ["taken", "taken"]
    assert said(home) is False


def test_two_phones_from_one_copy_are_a_conflict_even_of_colleagues():
    home = makers.household()
    phone, other = Phone(helper("Gu", home)), Phone(helper("Tan", home))
    mine, theirs = phone.entry(home), other.entry(home, says={"household": {"power": False}})

    answers = [*phone.send(mine), *other.send(theirs)]

    assert [a["outcome"] for a in answers] == ["taken", "held"]
    assert said(home) is True


def test_a_household_closed_meanwhile_holds_the_entry():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home)
    makers.write(home.pk, kind="people", says={"acts": [{"did": "closed", "why": "moved away"}]})

    (answer,) = phone.send(entry)

    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_changed")


@pytest.mark.parametrize("fact", ["name", "birth", "identity"])
def test_a_phone_empties_nothing_of_who_somebody_is(fact):
    home = makers.household({"name": "覃一", "birth": "1980-01-01"})
    phone = Phone(helper("Gu", home))
    (person,) = makers.members(home)
    bad = phone.entry(home, says={"members": {str(person.pk): {fact: None}}})

    answers = phone.send(bad, phone.entry(home, says={"household": {"tv": True}}))

    assert [each["outcome"] for each in answers] == ["refused", "taken"]
    assert answers[0]["code"] == "book.kept"
    person.refresh_from_db()
    assert (person.name, str(person.birth)) == ("覃一", "1980-01-01")
