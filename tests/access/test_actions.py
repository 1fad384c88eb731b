"""Accounts, posts, pairings, caseloads and tokens."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import makers, people
from yihu.access import actions, queries
from yihu.access.models import Pairing, Post, Token, Worker
from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.problems import Problem

pytestmark = pytest.mark.django_db

DAY = makers.TODAY
SINCE = date(2020, 1, 1)


def helper(name: str) -> Worker:
    return people.worker(name, "helper", makers.place("village"))


def paired(worker, *homes):
    return actions.pair(worker, [home.pk for home in homes], since=SINCE)


def test_without_a_password_a_one_time_one_is_given():
    worker, given = actions.make_worker(username="fang", name="方")

    assert worker.one_time
    assert worker.check_password(given)
    assert len(given) == 17
    assert given not in worker.password


@pytest.mark.parametrize("weak", ["12345678901", "password", "fang"])
def test_a_weak_password_is_refused_and_no_account_made(weak):
    with pytest.raises(Problem) as refused:
        actions.make_worker(username="fang", name="方", password=weak)

    assert refused.value.code == "access.weak_password"
    assert not Worker.objects.exists()


def test_sign_in_names_differ_by_more_than_capitals():
    actions.make_worker(username="fang", name="方")

    with pytest.raises(Problem) as refused:
        actions.make_worker(username="Fang", name="房")

    assert refused.value.code == "access.name_taken"


def test_a_caseload_is_handed_over_as_of_a_day_and_its_history_stays():
    giver, taker = helper("Gu"), helper("Tan")
    first, second = makers.household(), makers.household()
    paired(giver, first, second)

    actions.hand_over(giver, taker, on=DAY, why="调离")

    before, after = DAY - timedelta(days=1), DAY
    assert set(Scope(giver, before).of(Household)) == {first, second}
    assert set(Scope(taker, before).of(Household)) == set()
    assert set(Scope(giver, after).of(Household)) == set()
    assert set(Scope(taker, after).of(Household)) == {first, second}
    ended = Pairing.objects.filter(worker=giver)
    assert {(p.since, p.until, p.why_ended) for p in ended} == {(SINCE, before, "调离")}


def test_a_pairing_that_began_that_day_ends_with_it_and_is_handed_over_once():
    giver, taker, third, home = helper("Gu"), helper("Tan"), helper("Yi"), makers.household()
    paired(giver, home)

    actions.hand_over(giver, taker, on=SINCE, why="调离")
    again = actions.hand_over(giver, third, on=SINCE, why="调离")

    assert again == []
    kept = {(p.worker_id, p.since, p.until) for p in Pairing.objects.all()}
    assert kept == {(giver.pk, SINCE, SINCE), (taker.pk, SINCE, None)}
    assert set(Scope(giver, SINCE + timedelta(days=1)).of(Household)) == set()


def test_a_part_of_a_caseload_can_be_handed_over():
    giver, taker = helper("Gu"), helper("Tan")
    first, second = makers.household(), makers.household()
    paired(giver, first, second)

    actions.hand_over(giver, taker, on=DAY, why="调整", households=[first.pk])

    assert set(Scope(giver, DAY).of(Household)) == {second}
    assert set(Scope(taker, DAY).of(Household)) == {first}


@pytest.mark.parametrize(
    ("taker", "code"), [("Gu", "access.to_oneself"), ("Bo", "access.no_helper")]
)
def test_a_hand_over_that_cannot_be_leaves_everything(taker, code):
    giver, home = helper("Gu"), makers.household()
    paired(giver, home)
    other = {"Gu": lambda: giver, "Bo": people.bo}[taker]()

    with pytest.raises(Problem) as refused:
        actions.hand_over(giver, other, on=DAY, why="-")

    assert refused.value.code == code
    assert [(p.worker_id, p.until) for p in Pairing.objects.all()] == [(giver.pk, None)]


def test_pairing_twice_changes_nothing():
    worker, home = helper("Gu"), makers.household()
    paired(worker, home)

    assert actions.pair(worker, [home.pk, home.pk], since=DAY) == []
    assert Pairing.objects.count() == 1


def test_a_post_is_given_once_and_ends_with_its_last_day():
    worker, village = people.worker("W"), makers.place("village")
    post = actions.appoint(worker, role="village", place=village, since=SINCE)

    with pytest.raises(Problem) as refused:
        actions.appoint(worker, role="village", place=village, since=DAY)
    actions.end_post(post, last_day=DAY)

    assert refused.value.code == "access.appointed_already"
    assert Scope(worker, DAY).posts == [post]
    assert Scope(worker, DAY + timedelta(days=1)).posts == []


@pytest.mark.parametrize(
    ("post", "code"),
    [({"role": "king"}, "access.no_such_role"), ({"role": "department"}, "access.no_department")],
)
def test_a_post_nobody_knows_is_refused(post, code):
    with pytest.raises(Problem) as refused:
        actions.appoint(people.worker("W"), place=makers.place("village"), since=DAY, **post)

    assert refused.value.code == code
    assert not Post.objects.exists()


def test_a_closed_account_signs_in_and_holds_nothing_more():
    worker, home, chief = helper("Gu"), makers.household(), people.worker("Ann")
    paired(worker, home)
    made = actions.make_token(
        worker, name="p", scopes=["read"], now=makers.NOW, until=makers.NOW + timedelta(days=9)
    )

    actions.close_account(worker, by=chief, now=makers.NOW, today=DAY)

    assert Scope(worker, DAY + timedelta(days=1)).posts == []
    assert actions.token_of(made.text, now=makers.NOW) is None
    with pytest.raises(Problem, match=r"自己|own"):
        actions.close_account(chief, by=chief, now=makers.NOW, today=DAY)


def test_only_the_hash_of_a_token_is_kept_and_it_ends():
    worker, until = people.worker("W"), makers.NOW + timedelta(days=30)
    made = actions.make_token(worker, name="report", scopes=["read"], now=makers.NOW, until=until)

    assert made.text not in str(list(Token.objects.values()))
    assert actions.token_of(made.text, now=makers.NOW) == made.row
    assert actions.token_of(made.text, now=until) is None
    assert actions.token_of(made.text + "x", now=makers.NOW) is None
    actions.revoke_token(made.row, now=makers.NOW)
    assert actions.token_of(made.text, now=makers.NOW) is None


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [([], 9, "access.token_scopes"), (["all"], 9, "access.token_scopes"),
     (["read"], 0, "access.token_end"), (["read"], 400, "access.token_end")],
)  # fmt: skip
def test_a_token_for_everything_or_for_ever_is_refused(scopes, days, code):
    until = makers.NOW + timedelta(days=days)

    with pytest.raises(Problem) as refused:
        actions.make_token(people.worker("W"), name="t", scopes=scopes, now=makers.NOW, until=until)

    assert refused.value.code == code
    assert not Token.objects.exists()


def test_the_workload_counts_what_is_carried_today(django_assert_num_queries):
    worker, other = helper("Gu"), helper("Tan")
    paired(worker, makers.household(), makers.household())
    rows = Worker.objects.filter(pk__in=[worker.pk, other.pk]).order_by("username")

    with django_assert_num_queries(4):
        found = queries.loads(rows, day=DAY)

    assert [(each.worker.name, each.families, len(each.posts)) for each in found] == [
        ("Gu", 2, 1), ("Tan", 0, 1),
    ]  # fmt: skip


def test_tokens_end_with_the_password_that_is_taken_away():
    mei, until = people.mei(), makers.NOW + timedelta(days=30)
    made = actions.make_token(mei, name="report", scopes=["read"], now=makers.NOW, until=until)

    actions.renew_password(mei, now=makers.NOW)

    assert actions.token_of(made.text, now=makers.NOW) is None


def test_who_has_an_ended_post_beside_one_in_force_can_still_be_given_gaps():
    village = makers.place("village")
    both = people.worker("Lan", "village", village)
    Post.objects.create(
        worker=both, role="township", place=village.parent, since=SINCE, until=SINCE
    )
    gone = people.worker("Ping", "village", village, until=SINCE)

    found = queries.with_a_post(Worker.objects.filter(pk__in=[both.pk, gone.pk]), makers.TODAY)

    assert list(found) == [both]
