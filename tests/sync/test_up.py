"""Entries that come up from phones: judged one by one, written once, never lost."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from tests import makers, people
from tests.sync.phones import Phone, helper, new_id
from yihu.access.actions import close_account, end_pairing
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings
from yihu.ledger.models import Gap
from yihu.loop import this_moment
from yihu.sync.aside import opened
from yihu.sync.models import Arrival, Device
from yihu.sync.notices import publish

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
    makers.write(home.pk, says={"household": {"power": False}}, by=bo)

    (answer,) = phone.send(entry)

    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_behind")
    (both,) = answer["differs"]
    assert (both["fact"], both["ours"], both["theirs"]) == ("power", "是", "否")
    assert "Bo" in answer["why"]["zh"]
    assert "Bo" in answer["why"]["en"]
    assert Arrival.objects.get().holder == bo
    assert said(home) is False
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


# --- clocks and versions --------------------------------------------------------------------------


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


def coded():
    facts = dictionary.active().facts
    return next(n for (at, n), spec in facts.items() if at == "household" and spec.kind == "code")


# --- whose household ------------------------------------------------------------------------------


def test_an_entry_about_somebody_elses_household_is_refused_as_if_there_were_none():
    home = makers.household()
    phone = Phone(helper("Gu"))

    there, nowhere = phone.send(phone.entry(home, based_on=0), phone.entry(uuid4()))

    same = {"outcome", "code", "marks", "again", "why"}
    assert {k: there[k] for k in same} == {k: nowhere[k] for k in same}
    assert there["code"] == "sync.not_yours"
    assert {row.household_id for row in Arrival.objects.all()} == {None}


def handed_over(home, *, registered=True):
    """A phone whose helper lost the family yesterday; what he wrote the day before."""
    phone = Phone(helper("Gu", home))
    if registered:
        phone.register()
        long_ago = this_moment().now - timedelta(days=90)
        Device.objects.update(made_at=long_ago)
    written = this_moment().now - timedelta(days=2)
    entry = phone.entry(home, based_on=1, written_at=written.isoformat(),
                        seen_on=written.date().isoformat())  # fmt: skip
    end_pairing(phone.worker.pairings.get(), last_day=YESTERDAY, why="调离")
    return phone, entry


def earlier(**facts):
    return makers.household(when=makers.at(date(2020, 9, 1)), **facts)


def test_a_transferred_helper_hands_in_what_he_wrote_before():
    home = earlier()
    phone, entry = handed_over(home)

    (answer,) = phone.send(entry)

    assert answer["outcome"] == "taken"
    assert Entry.objects.get(pk=entry["id"]).author == phone.worker


@pytest.mark.parametrize(
    "other",
    [
        {"written_at": "2020-10-17T11:00:00+08:00"},
        {"written_at": "2020-07-01T11:00:00+08:00"},
        {"based_on": 500},
    ],
)
def test_what_he_may_have_written_after_is_held(other):
    phone, entry = handed_over(earlier())

    (answer,) = phone.send({**entry, **other})

    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_late")


def test_what_comes_from_a_phone_nobody_knew_is_held():
    phone, entry = handed_over(earlier(), registered=False)

    assert phone.send(entry)[0]["code"] == "sync.held_late"


def test_a_disabled_account_still_hands_in_by_its_phone_and_a_person_decides():
    home = earlier()
    phone = Phone(helper("Gu", home))
    phone.register()
    entry = phone.entry(home)
    close_account(phone.worker, by=people.bo(), now=this_moment().now, today=makers.TODAY)
    phone.sign_out()

    reply = phone.sending(entry)

    assert reply.status_code == 200
    assert reply.json()["answers"][0]["code"] == "sync.held_closed"
    assert phone.ask("get", "pull").status_code == 403


def test_a_phones_key_hands_in_when_the_session_is_over_and_reads_nothing():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.register()
    phone.sign_out()

    (answer,) = phone.send(phone.entry(home))

    assert answer["outcome"] == "taken"
    assert phone.ask("get", "pull").status_code == 403
    assert phone.ask("post", "devices", {"id": phone.device}).status_code == 403


def test_signed_out_nothing_is_taken_and_it_is_said():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.client.logout()

    reply = phone.sending(phone.entry(home))

    assert (reply.status_code, reply.json()["code"]) == (401, "access.no_token")
    assert not Arrival.objects.exists()


def test_a_session_without_its_token_against_forgery_writes_nothing():
    from django.test import Client  # noqa: PLC0415

    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.client = Client(enforce_csrf_checks=True)
    phone.client.force_login(phone.worker)

    refused = phone.sending(phone.entry(home))
    phone.ask("get", "hello")
    token = phone.client.cookies["csrftoken"].value
    body = {"entries": [phone.entry(home)]}
    taken = phone.client.post("/api/v1/sync/entries", body, content_type="application/json",
                              headers={"X-CSRFToken": token})  # fmt: skip

    assert refused.status_code == 403
    assert taken.json()["answers"][0]["outcome"] == "taken"


def test_a_phone_of_somebody_else_is_not_registered_again():
    phone, other = Phone(helper("Gu")), Phone(helper("Tan"))
    phone.register()

    reply = other.ask("post", "devices", {"id": phone.device})

    assert (reply.status_code, reply.json()["code"]) == (409, "sync.device_taken")


# --- people, families not listed, notices ---------------------------------------------------------


def test_a_birth_is_handed_in_from_the_door():
    home = makers.household()
    phone, child = Phone(helper("Gu", home)), str(uuid4())
    says = {
        "acts": [{"did": "joined", "person": child, "why": "born"}],
        "members": {child: {"name": "农小"}},
    }

    (answer,) = phone.send(phone.entry(home, kind="people", says=says))

    assert answer["outcome"] == "taken"
    assert Household.objects.get(pk=home.pk).size == 2


@pytest.mark.parametrize("did", ["opened", "moved", "closed", "reopened"])
def test_households_are_opened_and_moved_at_the_desk_only(did):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    says = {"acts": [{"did": did, "code": "X1", "place": "451022100201", "why": "-"}]}

    (answer,) = phone.send(phone.entry(home, kind="people", says=says))

    assert (answer["outcome"], answer["code"]) == ("refused", "sync.people_elsewhere")


def test_a_family_not_on_the_list_becomes_a_clue_for_the_village():
    phone = Phone(helper("Gu"))
    says = {"head": "韦某", "where": "路口", "people": 4, "words": "塌了", "phone": "13900001111"}
    entry = phone.entry(uuid4(), kind="clue", says=says)

    first, again = phone.send(entry)[0], phone.send(entry)[0]

    gap = Gap.objects.get(origin="visit")
    assert (first["outcome"], again["again"]) == ("taken", True)
    assert (gap.place, gap.state, gap.raised_by) == (makers.place(), "open", phone.worker)
    assert "韦某" in gap.title
    assert first["book"] == str(makers.place().book.pk)
    assert "13900001111" not in str(Entry.objects.get(pk=entry["id"]).says)
    assert opened(Arrival.objects.get())["says"]["phone"] == "13900001111"


def test_a_photo_of_such_a_family_stands_where_its_clue_does():
    phone, new = Phone(helper("Gu")), uuid4()
    clue = phone.entry(new, kind="clue", says={"head": "韦某"})
    shot = phone.entry(
        new, kind="evidence", says={"sha256": "a" * 64, "type": "image/jpeg", "size": 9}
    )
    facts = phone.entry(new)

    answers = phone.send(clue, shot, facts)

    assert [a["outcome"] for a in answers] == ["taken", "taken", "held"]
    assert Entry.objects.get(pk=shot["id"]).book == makers.place().book


def test_a_notice_that_was_read_is_receipted_once():
    phone, chen = Phone(helper("Gu")), people.chen()
    at = this_moment()
    notice = publish(title="开会", words="十七日", place=makers.place("county"), by=chen, at=at)
    unread = phone.pull()["own"]["notices"]
    says = {"notice": str(notice.pk)}

    answers = phone.send(
        *(phone.entry(uuid4(), kind="read", household="", says=says) for _ in range(2)),
        phone.entry(uuid4(), kind="read", household="", says={"notice": new_id()}),
    )

    assert [a["outcome"] for a in answers] == ["taken", "taken", "refused"]
    assert answers[0]["receipt"].startswith("R-")
    assert [n["read_at"] for n in unread] == [None]
    assert phone.pull()["own"]["notices"][0]["read_at"] is not None
    assert notice.reads.count() == 1


def test_every_entry_that_came_has_an_id_that_is_its_own():
    assert UUID(new_id()).version == 7
