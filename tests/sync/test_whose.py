"""Who may hand in, for whom, and what else than entries of a household comes from the door."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests import makers, people
from tests.sync.phones import Phone, helper, new_id
from yihu.access.actions import close_account, end_pairing
from yihu.access.models import Reading
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.ledger.models import Gap
from yihu.loop import this_moment
from yihu.sync.aside import opened
from yihu.sync.devices import ANEW, LEFT, TOO_MANY_PINS, register, revoke
from yihu.sync.models import Arrival, Device
from yihu.sync.notices import publish

pytestmark = pytest.mark.django_db
YESTERDAY = makers.TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


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


@pytest.fixture
def in_the_afternoon(monkeypatch):
    """An hour ago was today, whenever the test runs."""
    real = timezone.localtime
    monkeypatch.setattr(
        timezone, "localtime", lambda *when: real(*when) if when else real().replace(hour=15)
    )


@pytest.mark.usefixtures("in_the_afternoon")
def test_what_he_wrote_at_noon_is_taken_although_the_family_went_in_the_afternoon():
    home = earlier()
    phone = Phone(helper("Gu", home))
    phone.register()
    now = this_moment().now
    Device.objects.update(made_at=now - timedelta(days=90))
    noon, later = (now - timedelta(minutes=minutes) for minutes in (60, 10))
    before = phone.entry(home, written_at=noon.isoformat(), says={"household": {"tv": True}})
    after = phone.entry(home, written_at=later.isoformat(), based_on=before["based_on"])
    end_pairing(
        phone.worker.pairings.get(), last_day=YESTERDAY, why="调离", now=now - timedelta(minutes=30)
    )

    answers = phone.send(before, after)

    assert [answer["outcome"] for answer in answers] == ["taken", "held"]
    assert answers[1]["code"] == "sync.held_late"


def test_a_clue_under_the_id_of_somebody_elses_household_opens_no_way_into_it():
    home = makers.household()
    phone = Phone(helper("Gu"))
    clue = phone.entry(home, kind="clue", based_on=0, says={"head": "韦某"})
    after = phone.entry(home, based_on=0)

    answers = phone.send(clue, after)

    assert [answer["outcome"] for answer in answers] == ["taken", "refused"]
    assert answers[1]["code"] == "sync.not_yours"
    assert not Arrival.objects.filter(state="held").exists()


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


def test_a_key_that_was_shut_out_is_told_so_also_with_a_session_beside_it():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.client = Client(enforce_csrf_checks=True)
    phone.client.force_login(phone.worker)
    known, phone.key = register(phone.worker, id=uuid4(), name="", at=this_moment())
    revoke(known, by=phone.worker, why="在班车上丢失", at=this_moment())

    replies = [phone.sending(phone.entry(home)), phone.ask("get", "hello")]

    assert [reply.status_code for reply in replies] == [401, 401]
    assert {reply.json()["code"] for reply in replies} == {"sync.phone_ended"}
    assert not Arrival.objects.exists()


def test_a_phone_that_is_left_ends_its_registration_and_the_session_beside_it():
    phone = Phone(helper("Gu", makers.household()))
    phone.register()
    phone.key = phone.given

    told = phone.ask("post", "leave", {})

    assert told.json() == {"left": True}
    assert phone.client.get("/").status_code == 302
    row = Device.objects.get()
    assert (row.revoked_at is not None, row.revoked_by) == (True, phone.worker)
    assert Reading.objects.filter(what="phone", worker=phone.worker).count() == 1


@pytest.mark.parametrize(("pin", "why"), [(True, TOO_MANY_PINS), (False, LEFT)])
def test_a_phone_wiped_after_too_many_wrong_pins_is_not_called_left_by_its_helper(pin, why):
    phone = Phone(helper("Gu", makers.household()))
    phone.register()

    phone.ask("post", "leave", {"device": phone.device, "pin": pin})

    assert Device.objects.get().revoked_why == why
    assert Reading.objects.get(what="phone").why == why


def test_a_new_registration_ends_the_one_it_replaces_and_nobody_elses():
    phone, other = Phone(helper("Gu", makers.household())), Phone(helper("Tan"))
    phone.register()
    other.register()
    before, theirs = phone.device, other.device

    phone.ask("post", "devices", {"id": str(uuid4()), "replaces": [before, theirs, str(uuid4())]})

    still = {str(row.pk) for row in Device.objects.filter(revoked_at=None)}
    assert before not in still
    assert Device.objects.exclude(revoked_at=None).get().revoked_why == ANEW
    assert theirs in still
    assert len(still) == 2


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


@pytest.mark.parametrize(
    ("phone_said", "number", "words"),
    [
        ("没有", "123", "电话照说的记，未核对；证件号码照说的记，未核对"),
        ("13900001111", "11010519491231002X", "电话已记下；证件号码已记下"),
    ],
)
def test_a_clue_says_whether_its_numbers_may_be_right_and_never_a_number(phone_said, number, words):
    phone = Phone(helper("Gu"))
    says = {"head": "韦某", "words": "塌了", "phone": phone_said, "identity": number}

    (answer,) = phone.send(phone.entry(uuid4(), kind="clue", says=says))

    entry = Entry.objects.get(pk=answer["id"])
    assert answer["outcome"] == "taken"
    assert entry.says["evidence"].endswith(words)
    assert number not in str(entry.says)
    assert opened(Arrival.objects.get())["says"] == says


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
