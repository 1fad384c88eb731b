"""What goes down: only my families, only what changed, and nothing that commits late is missed."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests import makers, people
from tests.sync.phones import Phone, helper
from yihu.access.actions import end_pairing
from yihu.access.models import Pairing, Reading
from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.ledger.actions import Raised, raise_gaps
from yihu.sync import asking, down
from yihu.sync.package import PAST
from yihu.sync.photos import awaited
from yihu.visit.planning import plan

YESTERDAY = makers.TODAY - timedelta(days=1)
SHOT = b"\xff\xd8\xff" + b"photo" * 50
NAME = hashlib.sha256(SHOT).hexdigest()


@pytest.fixture(autouse=True)
def on_the_day(settings, tmp_path):
    settings.TODAY = makers.TODAY.isoformat()
    settings.FILES = tmp_path / "files"


def ids(news):
    return [each["id"] for each in news["families"]]


@pytest.mark.django_db
def test_a_package_says_all_a_visit_needs_and_no_whole_number():
    head = {"name": "农大", "birth": "1980-02-03", "identity": "110101199003077512"}
    home = makers.household(head, power=True, phone="13812345678")
    phone = Phone(helper("Gu", home))

    (family,) = phone.pull()["families"]

    assert (family["head"], family["code"], family["phone"]) == ("农大", home.code, "13812345678")
    assert family["number"] == Entry.objects.filter(book_id=home.pk).count()
    (member,) = family["people"]
    assert member["head"] is True
    assert member["facts"]["birth"] == {"value": "1980-02-03", "seen_on": "2016-01-01"}
    assert "110101199003077512" not in json.dumps(family)
    assert Reading.objects.get(what="carried").household_id == home.pk


@pytest.mark.django_db
def test_the_first_pull_brings_the_facts_of_the_rulebook_and_the_next_does_not():
    phone = Phone(helper("Gu", makers.household()))

    first, second = phone.pull(), phone.pull()

    power = next(f for f in first["own"]["facts"] if f["name"] == "power")
    assert (power["kind"], power["level"]) == ("yes_no", "household")
    months = next(f for f in first["own"]["facts"] if f["unit"] and f["unit"]["en"] == "months")
    assert months["unit"]["zh"] == "个月"
    assert "facts" not in second["own"]
    assert second["families"] == []


@pytest.mark.django_db
def test_when_questions_are_asked_comes_with_the_first_pull_and_again_when_the_day_changes_it(
    settings,
):
    phone = Phone(helper("Gu", makers.household()))

    first, second = phone.pull()["own"], phone.pull()["own"]
    settings.TODAY = (makers.TODAY + timedelta(days=1)).isoformat()
    morrow = phone.pull()["own"]

    assert first["asked_if"]["household.moved_in"] == ["fact", "household", "relocated"]
    assert "asked_if" not in second
    assert "facts" not in morrow
    assert morrow["asked_if"]["household.moved_in"] == ["fact", "household", "relocated"]
    assert (
        morrow["asked_if"]["person.pension_received"]
        != first["asked_if"]["person.pension_received"]
    )


@pytest.mark.django_db
def test_ranges_and_units_come_as_people_write_them():
    phone = Phone(helper("Gu", makers.household()))

    facts = {f["name"]: f for f in phone.pull()["own"]["facts"] if f["level"] == "household"}

    assert (facts["clue_on"]["low"], facts["clue_on"]["high"]) == ("2019-01-01", "2040-12-31")
    assert (facts["loan_amount"]["low"], facts["loan_amount"]["unit"]["zh"]) == (0, "元")


@pytest.mark.django_db
def test_the_day_planned_at_the_desk_comes_down_and_goes_when_it_is_taken_away_or_over(settings):
    home = makers.household()
    phone, other = Phone(helper("Gu", home)), helper("Tan", home)
    phone.pull()
    morrow, later = (makers.TODAY + timedelta(days=n) for n in (1, 2))
    at = {"now": makers.NOW, "today": makers.TODAY}

    plan(home, other, on=morrow, **at)
    (theirs,) = phone.pull()["families"]
    plan(home, phone.worker, on=later, **at)
    (own,) = phone.pull()["families"]
    again = phone.pull()["families"]
    plan(home, other, on=None, **at)
    settings.TODAY = (makers.TODAY + timedelta(days=3)).isoformat()
    (over,) = phone.pull()["families"]

    assert theirs["planned_on"] == morrow.isoformat()
    assert theirs["planned_why"] == {"zh": "Tan的走访计划", "en": "the plan of Tan"}
    assert own["planned_on"] == later.isoformat()
    assert own["planned_why"]["zh"] == "您的走访计划"
    assert again == []
    assert (over["planned_on"], over["planned_why"]) == (None, None)


@pytest.mark.django_db
def test_an_amount_says_what_none_stands_for_where_the_rulebook_does():
    phone = Phone(helper("Gu", makers.household()))

    facts = {f["name"]: f["none"] for f in phone.pull()["own"]["facts"]}

    assert facts["inpatient_cost"] == facts["rice_income"] == 0
    # Answered with yes or no anyway, and what every household has some of.
    assert facts["treated"] is facts["people"] is None


@pytest.mark.django_db
def test_families_come_some_at_a_time_until_all_are_there(monkeypatch):
    monkeypatch.setattr(down, "AT_ONCE", 2)
    homes = [makers.household() for _ in range(5)]
    phone = Phone(helper("Gu", *homes))

    pulls = [phone.pull() for _ in range(3)]

    assert [len(p["families"]) for p in pulls] == [2, 2, 1]
    assert [p["more"] for p in pulls] == [True, True, False]
    assert {i for p in pulls for i in ids(p)} == {str(home.pk) for home in homes}


@pytest.mark.django_db
def test_a_lost_answer_costs_nothing():
    home = makers.household()
    phone = Phone(helper("Gu", home))

    lost, again = phone.ask("get", "pull").json(), phone.ask("get", "pull").json()

    assert ids(lost) == ids(again) == [str(home.pk)]


@pytest.mark.django_db
def test_a_gap_somebody_opened_makes_the_family_new():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.pull()
    problem = Raised(book=home.pk, origin="inspection", title="漏雨", department="")

    raise_gaps([problem], by=people.chen(), now=makers.NOW, today=makers.TODAY)

    (family,) = phone.pull()["families"]
    assert "漏雨" in {gap["title"]["zh"] for gap in family["gaps"]}


@pytest.mark.django_db
def test_however_long_the_book_the_phone_carries_its_last_entries():
    home = makers.household()
    for n in range(PAST + 5):
        makers.write(home.pk, kind="visit", says={"words": f"第{n}次" + "长" * 900})
    phone = Phone(helper("Gu", home))

    (family,) = phone.pull()["families"]

    assert len(family["past"]) == PAST
    assert family["past"][0]["words"].startswith(f"第{PAST + 4}次")
    assert len(json.dumps(family["past"], ensure_ascii=False)) < 10_000


@pytest.mark.django_db
def test_of_help_the_last_entries_say_which_how_much_and_to_whom():
    home = makers.household({"name": "农大"})
    phone = Phone(helper("Gu", home))
    (member,) = phone.pull()["families"][0]["people"]
    says = {"measure": "慰问", "amount": {"yuan": 300}, "words": "米和油", "person": member["id"]}
    makers.write(home.pk, kind="help", says=says)
    makers.write(home.pk, kind="help", says={"measure": "发展生产", "amount": {"鸡苗": 30}})

    chicks, relief = phone.pull()["families"][0]["past"][:2]

    assert (chicks["measure"], chicks["yuan"], chicks["person"]) == ("发展生产", None, None)
    assert {key: relief[key] for key in ("measure", "yuan", "person", "words")} == {
        "measure": "慰问", "yuan": 300, "person": member["id"], "words": "米和油",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_family_that_is_no_longer_mine_leaves_and_its_new_helper_has_it():
    home, other = makers.household(), makers.household()
    phone, taker = Phone(helper("Gu", home, other)), Phone(helper("Tan"))
    phone.pull()
    end_pairing(Pairing.objects.get(household=home), last_day=YESTERDAY, why="调离")
    Pairing.objects.create(worker=taker.worker, household=home, since=makers.TODAY)

    left, then = phone.pull(), phone.pull()

    assert (left["removed"], then["removed"]) == ([str(home.pk)], [])
    assert ids(taker.pull()) == [str(home.pk)]


@pytest.mark.django_db
def test_a_family_stays_until_everything_about_it_was_received():
    home = makers.household(when=makers.at(date(2020, 9, 1)))
    phone = Phone(helper("Gu", home))
    phone.pull()
    says = {"sha256": NAME, "type": "image/jpeg", "size": len(SHOT)}
    phone.send(phone.entry(home, kind="evidence", says=says))
    end_pairing(Pairing.objects.get(household=home), last_day=YESTERDAY, why="调离")

    unsent, photo = phone.pull(unsent=str(home.pk)), phone.pull()
    assert awaited({NAME}) == {NAME}
    phone.ask("put", f"files/{NAME}?offset=0&size={len(SHOT)}", SHOT)
    after = phone.pull()

    assert [p["removed"] for p in (unsent, photo, after)] == [[], [], [str(home.pk)]]


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "!!!", "eJwDAAAAAAE", "a" * 5000, "eJyLjgUAARUAuQ"])
def test_a_token_nobody_gave_is_refused_and_pulling_without_one_works(token):
    phone = Phone(helper("Gu", makers.household()))

    refused = phone.ask("get", "pull", data={"token": token})

    assert (refused.status_code, refused.json()["code"]) == (400, "sync.bad_token")
    assert phone.pull()["families"]


@pytest.mark.django_db
def test_a_token_of_somebody_elses_phone_opens_none_of_his_families():
    mine, theirs = makers.household(), makers.household()
    phone, other = Phone(helper("Gu", mine)), Phone(helper("Tan", theirs))
    other.pull()

    phone.token = other.token
    found = phone.pull()

    assert ids(found) == [str(mine.pk)]
    assert found["removed"] == [str(theirs.pk)]  # the phone named it; nothing is told of it


@pytest.mark.django_db
def test_the_question_that_settles_most_comes_first_and_answering_it_settles():
    home = makers.household({"name": "农大", "birth": "2010-01-01"})
    phone = Phone(helper("Gu", home))

    (family,) = phone.pull()["families"]

    settles = [each["settles"] for each in family["plan"]]
    assert settles[0] >= 1
    assert len(family["plan"]) <= asking.MOST
    asked = {(each["level"], each["fact"]) for each in family["plan"]}
    assert ("person", "schooling") in asked
    known = family["people"][0]["facts"].keys()
    first = [e for e in family["plan"] if e["settles"]]
    assert not {e["fact"] for e in first if e["level"] == "person"} & known


@pytest.mark.django_db
def test_a_fact_settles_more_of_whom_the_rules_are_about():
    """The school of a child keeps more rules open than that of somebody of seventy."""
    child, elder = (makers.household({"birth": f"{year}-01-01"}) for year in (2010, 1950))

    young, old = (
        {q["fact"]: q["settles"] for q in asking.of(home, makers.TODAY).plan}
        for home in (child, elder)
    )

    assert young["schooling"] > old.get("schooling", 0)


def test_the_plan_asks_what_stands_in_most_open_rules_first():
    a, b, c = (("household", name) for name in "abc")

    found = asking.plan(
        [frozenset({a, b}), frozenset({b}), frozenset({a, b, c})], [a, c, ("p", "d")]
    )

    assert [(q["fact"], q["settles"]) for q in found] == [("b", 3), ("a", 2), ("c", 1), ("d", 0)]
    assert found[-1] == {"level": "person", "fact": "d", "person": "p", "settles": 0}


@pytest.mark.django_db
def test_a_visit_is_due_by_the_line_of_the_rulebook():
    home = makers.household(when=makers.at(date(2020, 1, 1)))
    makers.write(home.pk, kind="decision", says={"did": "identified"}, seen_on=date(2016, 2, 1))
    phone = Phone(helper("Gu", home))
    never = phone.pull()["families"][0]
    makers.write(home.pk, kind="visit", says={}, seen_on=date(2020, 9, 1))

    (once,) = phone.pull()["families"]

    assert (never["visited_on"], never["due_on"]) == (None, "2016-01-01")
    assert (once["visited_on"], once["due_on"]) == ("2020-09-01", "2020-10-02")


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_is_not_skipped():
    """Two transactions at once: the one that began first commits after a pull that saw the other.

    On SQLite writers stand in line, so the same is looked at without the overlap.
    """
    first, second = makers.household(), makers.household()
    worker = helper("Gu", first, second)
    scope = Scope(worker, makers.TODAY)
    token = down.news(scope, now=timezone.now()).token
    wrote, may_commit = threading.Event(), threading.Event()

    def late():
        try:
            with transaction.atomic():
                makers.write(first.pk, says={"household": {"power": True}})
                wrote.set()
                may_commit.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    if connection.vendor == "sqlite":
        may_commit.set()
    thread.start()
    assert wrote.wait(20)
    if connection.vendor == "sqlite":
        thread.join(20)
    makers.write(second.pk, says={"household": {"power": True}})
    between = down.news(scope, now=timezone.now(), token=token)
    may_commit.set()
    thread.join(20)
    after = down.news(scope, now=timezone.now(), token=between.token)

    seen = [each["id"] for news in (between, after) for each in news.families]
    assert sorted(seen) == sorted([str(first.pk), str(second.pk)])
    if connection.vendor == "postgresql":
        assert [each["id"] for each in after.families] == [str(first.pk)]
    assert Household.objects.get(pk=first.pk).facts["power"] is True


@pytest.mark.django_db(transaction=True)
def test_the_same_entry_sent_by_two_requests_at_once_is_written_once():
    """On SQLite, whose writers stand in line, one request after the other."""
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entry, told = phone.entry(home), []

    def send():
        try:
            told.append(phone.send(entry)[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
        if connection.vendor == "sqlite":
            each.join(60)
    for each in threads:
        each.join(60)

    assert {each["receipt"] for each in told} == {told[0]["receipt"]}
    assert Entry.objects.filter(source="phone").count() == 1
