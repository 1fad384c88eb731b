"""What is held is settled by somebody else, with a reason; then it stands in the book once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests import makers, people
from tests.sync.phones import Phone, faults_in, helper
from yihu.access.actions import close_account
from yihu.access.scope import Scope
from yihu.book.models import Book, Entry
from yihu.card import renewing
from yihu.card.models import Household
from yihu.card.queries import card_of
from yihu.ledger.models import Gap
from yihu.loop import this_moment
from yihu.problems import Problem
from yihu.sync import renewing as aside
from yihu.sync.aside import opened
from yihu.sync.holds import decline, disputes, settle, to_settle
from yihu.sync.models import Arrival

pytestmark = pytest.mark.django_db
WHY = "上门核对过"


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def bo():
    return people.bo()


def conflict(**other):
    """A family whose phone says there is power and whose book says there is none."""
    home = makers.household()
    phone = Phone(helper("Gu", home))
    says = {"household": {"power": True, "tv": True}, "words": "看过"}
    entry = phone.entry(home, kind="visit", says=says, **other)
    makers.write(home.pk, says={"household": {"power": False}})
    assert phone.send(entry)[0]["outcome"] == "held"
    return home, phone, entry


def end_of(home):
    return Book.objects.get(pk=home.pk).last_number


def settled(home, by, side="ours", **other):
    given = {"choices": {"household/power": side}, "seen": end_of(home), "why": WHY, **other}
    return settle(Arrival.objects.get(), by=by, at=this_moment(), **given)


@pytest.mark.parametrize(("side", "value"), [("ours", True), ("theirs", False)])
def test_the_value_chosen_holds_and_the_entry_stands_in_the_name_of_who_sent_it(bo, side, value):
    home, phone, entry = conflict()

    settled(home, bo, side)

    written, decision = Entry.objects.filter(number__gt=2, book_id=home.pk).exclude(
        kind="gap"
    ).order_by("-number")[:2][::-1]  # fmt: skip
    assert (str(written.pk), written.author, written.kind) == (entry["id"], phone.worker, "visit")
    assert written.says == {"household": {"tv": True}, "words": "看过"}
    assert (decision.author, decision.says["why"]) == (bo, WHY)
    assert decision.says["ours"] == {"household/power": True}
    assert decision.says["theirs"] == {"household/power": False}
    facts = Household.objects.get(pk=home.pk).facts
    assert (facts["power"], facts["tv"]) == (value, True)
    assert faults_in(home.pk) == []


def test_a_number_that_cannot_be_one_is_for_a_person_to_put_right(bo):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    says = {"household": {"phone": "x", "tv": True}, "words": "看过"}

    answer = phone.send(phone.entry(home, kind="visit", says=says))[0]
    assert (answer["outcome"], answer["code"]) == ("held", "sync.held_form")
    assert "电话" in answer["why"]["zh"]
    with pytest.raises(Problem) as refused:
        settled(home, bo, choices={"household/phone": "ours"})
    assert refused.value.code == "sync.no_form"
    settled(home, bo, choices={"household/phone": "theirs"})

    facts = card_of(home.pk).facts
    assert facts["tv"].value is True
    assert "phone" not in facts
    assert faults_in(home.pk) == []


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        ("110105194912310021", None, "sync.held_form"),
        ("1101051949", None, "sync.held_form"),
        ("11010519491231002x", None, ""),
        ("E12345678", "passport", ""),
        ("说没有", "none", ""),
    ],
)
def test_an_identity_number_no_document_has_is_held_and_nothing_of_it_is_lost(number, kind, code):
    home = makers.household({"birth": "1949-12-31"})
    phone = Phone(helper("Gu", home))
    (person,) = makers.members(home)
    told = {"identity": number} | ({"id_kind": kind} if kind else {})
    says = {"members": {str(person.pk): told}, "words": "看过"}

    (answer,) = phone.send(phone.entry(home, kind="visit", says=says))

    assert answer.get("code", "") == code
    assert answer["outcome"] == ("held" if code else "taken")
    if code:
        assert opened(Arrival.objects.get())["says"] == says
        assert number not in str(answer)


def test_of_who_is_known_to_have_a_passport_any_number_is_taken():
    home = makers.household({"id_kind": "passport"})
    phone = Phone(helper("Gu", home))
    (person,) = makers.members(home)
    says = {"members": {str(person.pk): {"identity": "E12345678"}}}

    (answer,) = phone.send(phone.entry(home, says=says))

    assert answer["outcome"] == "taken"


def test_the_phone_hears_of_it_by_the_next_pull_and_by_sending_again(bo):
    home, phone, entry = conflict()
    phone.pull()
    settled(home, bo)

    (told,) = phone.pull()["answers"]
    (again,) = phone.send(entry)

    assert told["outcome"] == again["outcome"] == "taken"
    assert told["why"]["zh"] == f"Bo已裁定：写入您的值：是否通生活用电；理由：{WHY}。"
    assert told["receipt"] == again["receipt"]
    assert Entry.objects.filter(pk=entry["id"]).count() == 1


def test_what_is_declined_stays_with_its_reason(bo):
    home, phone, entry = conflict()

    decline(Arrival.objects.get(), why=WHY, by=bo, at=this_moment())

    (answer,) = phone.send(entry)
    assert (answer["outcome"], answer["code"]) == ("taken", "sync.declined")
    assert WHY in answer["why"]["zh"]
    assert Arrival.objects.get().body is not None
    facts = Household.objects.get(pk=home.pk).facts
    assert (facts["power"], facts["tv"]) == (False, True)


def test_an_entry_that_says_nothing_but_what_is_disputed_is_declined_whole(bo):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home)
    makers.write(home.pk, says={"household": {"power": False}})
    phone.send(entry)

    decline(Arrival.objects.get(), why=WHY, by=bo, at=this_moment())

    (answer,) = phone.send(entry)
    assert (answer["outcome"], answer["code"]) == ("refused", "sync.declined")
    assert WHY in answer["why"]["zh"]
    assert not Entry.objects.filter(pk=entry["id"]).exists()
    assert Arrival.objects.get().body is not None
    assert Household.objects.get(pk=home.pk).facts["power"] is False


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"why": "好"}, "sync.no_reason"),
        ({"why": "。。。。。。"}, "sync.no_reason"),
        ({"why": "看过了" * 200}, "desk.reason_too_long"),
        ({"choices": {}}, "sync.which_value"),
        ({"choices": {"household/power": "both"}}, "sync.which_value"),
        ({"seen": 1}, "sync.settled_already"),
    ],
)
def test_a_decision_that_cannot_be_leaves_everything(bo, other, code):
    home, _, _ = conflict()
    before = end_of(home)

    with pytest.raises(Problem) as refused:
        settled(home, bo, **other)

    assert refused.value.code == code
    assert (Arrival.objects.get().state, end_of(home)) == ("held", before)


def test_nobody_settles_his_own_and_nothing_is_settled_twice(bo):
    home, phone, _ = conflict()

    with pytest.raises(Problem) as own:
        settled(home, phone.worker)
    settled(home, bo)
    with pytest.raises(Problem) as twice:
        settled(home, people.chen())

    assert own.value.code == "sync.own_hold"
    assert twice.value.code == "sync.settled_already"


def test_a_fact_no_longer_used_is_left_out_and_kept_beside_the_decision(bo):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    says = {"household": {"gone_fact": 7, "tv": True}}
    phone.send(phone.entry(home, rulebook="guangxi 2018.1", says=says))

    settled(home, bo, choices={})

    decision = Entry.objects.get(kind="comparison")
    assert decision.says["ours"] == {"household/gone_fact": 7}
    assert Household.objects.get(pk=home.pk).facts["tv"] is True


def test_a_clue_of_a_closed_account_reaches_the_village_when_somebody_says_so(bo):
    phone = Phone(helper("Gu"))
    phone.register()
    entry = phone.entry(uuid4(), kind="clue", says={"head": "韦某"})
    close_account(phone.worker, by=bo, now=this_moment().now, today=makers.TODAY)
    phone.sign_out()
    phone.send(entry)

    settle(Arrival.objects.get(), choices={}, seen=0, why=WHY, by=bo, at=this_moment())

    assert Gap.objects.get(origin="visit").place == makers.place()
    assert Arrival.objects.get().state == "taken"


def test_the_day_of_a_wrong_clock_is_put_right_when_it_is_settled_too(bo):
    wrong = this_moment().now - timedelta(days=1)
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry = phone.entry(home, seen_on=wrong.date().isoformat(), written_at=wrong.isoformat())
    makers.write(home.pk, says={"household": {"power": False}})
    phone.send(entry, clock=wrong.isoformat())

    settled(home, bo)

    assert Entry.objects.get(pk=entry["id"]).seen_on == makers.TODAY


def test_only_who_compares_and_writes_there_finds_it(bo):
    _, phone, _ = conflict()
    mei, dou = people.mei(), people.dou()
    elsewhere = people.worker("Far", "township", makers.place("township", code="451022108"))

    found = [
        to_settle(Scope(each, makers.TODAY)).count()
        for each in (bo, mei, dou, elsewhere, phone.worker)
    ]

    assert found == [1, 0, 0, 0, 0]
    assert [each.key for each in disputes(Arrival.objects.get())] == ["household/power"]


def test_what_is_held_opens_after_the_key_was_renewed_and_the_old_one_dropped(settings, tmp_path):
    settings.KEYS = tmp_path / "keys.json"
    conflict()
    before = opened(Arrival.objects.get())

    keys = renewing.begin()
    kept = renewing.drop_unused(aside.keys_in_use())
    renewing.seal_again()
    count = aside.seal_again()
    dropped = renewing.drop_unused(aside.keys_in_use())

    assert (keys.now, kept, count, dropped) == (2, [], 1, [1])
    assert opened(Arrival.objects.get()) == before
