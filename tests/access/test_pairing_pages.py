"""Pages on which families are paired with helpers, and handed over."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from tests import makers, people
from yihu.access import actions as actions_of_posts
from yihu.access.actions import hand_over
from yihu.access.models import Pairing, Post
from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.ledger.actions import assign
from yihu.ledger.handing import follow_pairings
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db

YESTERDAY = date(2020, 10, 16)


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()
    cache.clear()


def signed_in(worker, language="en"):
    client = Client(headers={"Accept-Language": language})
    client.force_login(worker)
    return client


def helper(name):
    return people.worker(name, "helper", makers.place("village"))


def caseload(giver, count=2):
    homes = [makers.household({"name": f"韦{n}"}) for n in range(count)]
    return [
        Pairing.objects.create(worker=giver, household=h, since=date(2020, 1, 1)) for h in homes
    ]


HANDED = {"taker": "tan", "on": "2020-10-17", "why": "moved away"}


@pytest.mark.parametrize(
    ("language", "word"), [("zh-hans", "还没有移交"), ("en", "Nothing is done")]
)
def test_a_caseload_is_shown_before_it_changes_hands(language, word):
    giver = helper("Gu")
    helper("Tan")
    rows = caseload(giver)

    answer = signed_in(people.bo(), language).post(f"/people/{giver.pk}/hand-over/", HANDED)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert word in page
    assert all(row.household.code in page for row in rows)
    assert not Pairing.objects.exclude(worker=giver).exists()


def test_a_family_paired_today_is_shown_and_handed_over_today():
    giver, taker = helper("Gu"), helper("Tan")
    new = Pairing.objects.create(worker=giver, household=makers.household(), since=makers.TODAY)
    client, address = signed_in(people.bo()), f"/people/{giver.pk}/hand-over/"

    shown = client.post(address, HANDED).content.decode()
    client.post(address, {**HANDED, "sure": "1", "pairing": [new.pk]})

    assert "on this day both have it" in shown
    assert Pairing.objects.get(pk=new.pk).until == makers.TODAY
    assert set(Scope(taker, makers.TODAY).of(Household)) == {new.household}


def test_a_township_hands_over_the_families_that_are_ticked():
    giver, taker = helper("Gu"), helper("Tan")
    one, other = caseload(giver)
    client = signed_in(people.bo())
    sure = {**HANDED, "sure": "1"}

    nobody = client.post(f"/people/{giver.pk}/hand-over/", sure)
    answer = client.post(f"/people/{giver.pk}/hand-over/", {**sure, "pairing": [one.pk]})

    assert (nobody.status_code, answer.status_code) == (400, 302)
    assert one.household in Scope(giver, YESTERDAY).of(Household)
    assert set(Scope(giver, makers.TODAY).of(Household)) == {other.household}
    assert set(Scope(taker, makers.TODAY).of(Household)) == {one.household}
    assert "moved away" in client.get(f"/people/{giver.pk}/").content.decode()


def test_a_hand_over_names_families_the_taker_helps_already_and_those_outside_his_post():
    giver = helper("Gu")
    hamlet = makers.place(code="450101001002", parent=makers.place("township"))
    taker = people.worker("Tan", "helper", hamlet)
    shared, other = caseload(giver)
    Pairing.objects.create(worker=taker, household=shared.household, since=date(2020, 2, 1))
    client, address = signed_in(people.bo()), f"/people/{giver.pk}/hand-over/"

    page = client.post(address, HANDED).content.decode()
    client.post(address, {**HANDED, "sure": "1", "pairing": [shared.pk, other.pk]})

    assert page.count("the taker helps it already") == 1
    assert page.count("outside the taker") == 2
    now = set(Scope(taker, makers.TODAY).of(Household))
    assert now == {shared.household, other.household}
    assert Pairing.objects.filter(worker=taker).count() == 2


def test_pairing_outside_the_post_of_a_helper_says_so_and_twice_the_same_changes_nothing():
    taker = people.worker(
        "Tan", "helper", makers.place(code="450101001002", parent=makers.place("township"))
    )
    home = makers.household()
    client, sent = signed_in(people.bo()), {"code": home.code, "since": "2020-10-17"}

    first = client.post(f"/people/{taker.pk}/pair/", sent, follow=True).content.decode()
    again = client.post(f"/people/{taker.pk}/pair/", sent, follow=True).content.decode()

    assert "outside the post as a helper" in first
    assert "Paired already" in again
    assert Pairing.objects.filter(worker=taker, household=home).count() == 1


def test_a_hand_over_to_a_name_nobody_has_gives_back_what_was_typed():
    home = makers.household()
    giver = people.worker("Gu", "helper", makers.place("village"))
    Pairing.objects.create(worker=giver, household=home, since=date(2020, 1, 1))
    sent = {"taker": "nobody.here", "on": "2020-10-20", "why": "工作调动"}

    answer = signed_in(people.bo(), "zh-hans").post(f"/people/{giver.pk}/hand-over/", sent)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "没有叫“nobody.here”的人" in page
    assert all(f'value="{each}"' in page for each in sent.values())


def test_a_number_nobody_has_gives_the_form_of_a_pairing_back():
    taker = helper("Tan")
    sent = {"code": "H000", "since": "2020-10-01"}

    answer = signed_in(people.bo(), "zh-hans").post(f"/people/{taker.pk}/pair/", sent)

    page = answer.content.decode()
    assert answer.status_code == 404
    assert "“H000”：没有这个户编号，或不在您的范围内" in page
    assert all(f'value="{each}"' in page for each in sent.values())


@pytest.mark.parametrize("name", ["tan", "Tan", "Tan (tan)"])
def test_who_takes_over_is_chosen_from_a_list_or_named(name):
    giver, _ = helper("Gu"), helper("Tan")
    (row,) = caseload(giver, 1)
    client = signed_in(people.bo())

    listed = client.get(f"/people/{giver.pk}/").content.decode()
    shown = client.post(f"/people/{giver.pk}/hand-over/", {**HANDED, "taker": name})

    assert '<option value="Tan (tan)">' in listed
    assert row.household.code in shown.content.decode()


def test_a_family_of_another_township_stays_with_its_helper():
    giver, taker = helper("Gu"), helper("Tan")
    far = makers.household(village=makers.place("village", "451022101201"))
    pairing = Pairing.objects.create(worker=giver, household=far, since=date(2020, 1, 1))
    sent = {**HANDED, "sure": "1", "pairing": [pairing.pk]}

    answer = signed_in(people.bo(), "zh-hans").post(f"/people/{giver.pk}/hand-over/", sent)

    assert answer.status_code == 400
    assert far.code not in answer.content.decode()
    assert list(Scope(taker, makers.TODAY).of(Household)) == []


def test_who_is_no_helper_is_refused_before_the_list_is_shown():
    giver = helper("Gu")
    caseload(giver)
    people.worker("Tan", "village", makers.place("village"))

    answer = signed_in(people.bo()).post(f"/people/{giver.pk}/hand-over/", HANDED)

    assert answer.status_code == 409


@pytest.mark.parametrize("way", ["end-pairing", "hand-over"])
def test_nobody_ends_his_own_pairing_with_a_day_gone_by(way):
    bo = people.bo()
    Post.objects.create(
        worker=bo, role="helper", place=makers.place("village"), since=date(2016, 1, 1)
    )
    helper("Tan")
    (own,) = caseload(bo, 1)
    sent = {"why": "moved away", "pairing": own.pk, "last_day": "2020-09-01"}

    answer = signed_in(bo).post(
        f"/people/{bo.pk}/{way}/", {**sent, "taker": "tan", "on": "2020-09-02", "sure": "1"}
    )

    own.refresh_from_db()
    assert answer.status_code == 403
    assert own.until is None


CHILD = {"name": "小月", "birth": "2008-03-01", "relation": "05"}


def with_a_gap(giver, responsible, by):
    """A family of the giver's with a gap somebody is responsible for."""
    home = makers.household({"birth": "1980-01-01"}, CHILD)
    Pairing.objects.create(worker=giver, household=home, since=date(2020, 1, 1))
    gap = Gap.objects.get(rule="child_in_school", book_id=home.pk)
    when = {"now": makers.NOW, "today": makers.TODAY}
    assign([gap], to=responsible, due_on=date(2020, 11, 1), by=by, **when)
    return home, gap


def test_gaps_of_the_giver_go_with_the_families_and_those_of_others_stay():
    giver, taker, mei, bo = helper("Gu"), helper("Tan"), people.mei(), people.bo()
    home, mine = with_a_gap(giver, giver, bo)
    other, not_mine = with_a_gap(giver, mei, bo)
    pairings = [row.pk for row in Pairing.objects.filter(household__in=[home, other])]
    client, address = signed_in(bo), f"/people/{giver.pk}/hand-over/"

    before = client.post(address, HANDED).content.decode()
    sent = {**HANDED, "sure": "1", "pairing": pairings}
    after = client.post(address, sent, follow=True).content.decode()

    assert "The families take along 1 open gap Gu is responsible for" in before
    assert "2 families handed over to Tan, with 1 gap" in after
    mine.refresh_from_db()
    not_mine.refresh_from_db()
    assert (mine.responsible, mine.due_on) == (taker, date(2020, 11, 1))
    assert not_mine.responsible == mei
    assert list(Scope(taker, makers.TODAY).of(Gap, "answer").filter(responsible=taker)) == [mine]
    last = Entry.objects.filter(kind="gap", says__gap=str(mine.pk)).latest("number")
    assert (last.says["did"], last.author) == ("assigned", bo)


def test_a_hand_over_for_a_later_day_takes_the_gaps_along_in_the_night_of_that_day():
    giver, taker = helper("Gu"), helper("Tan")
    home, gap = with_a_gap(giver, giver, people.bo())
    later = date(2020, 10, 20)
    hand_over(giver, taker, on=later, why="调离", households=[home.pk])

    def night(day):
        return follow_pairings(by=None, now=makers.at(day).now, today=day)

    assert [night(makers.TODAY), night(later), night(later)] == [0, 1, 0]
    gap.refresh_from_db()
    assert gap.responsible == taker


def test_a_gap_stays_with_who_reaches_the_family_by_another_post():
    giver = helper("Gu")
    actions_of_posts.appoint(
        giver, role="village", place=makers.place("village"), since=date(2020, 1, 1)
    )
    home, gap = with_a_gap(giver, giver, people.bo())
    hand_over(giver, helper("Tan"), on=makers.TODAY, why="调整", households=[home.pk])

    assert follow_pairings(by=None, now=makers.NOW, today=makers.TODAY) == 0
    gap.refresh_from_db()
    assert gap.responsible == giver
