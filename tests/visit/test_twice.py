"""What two people asked the same family: counted as books go on, in what a worker reaches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import makers, people
from yihu.access.scope import Scope
from yihu.visit import twice
from yihu.visit.twice import asked_twice

pytestmark = pytest.mark.django_db
SINCE = makers.NOW - timedelta(days=30)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    """What a process remembers of books is of another county in each test."""
    monkeypatch.setattr(twice, "_known", {})


def counted(worker) -> int:
    return asked_twice(Scope(worker, makers.TODAY), SINCE)


def wrote(home, by, **says):
    return makers.write(home.pk, by=by, says=says)


def test_a_fact_is_asked_twice_when_two_people_wrote_it_of_one_family():
    home, mei, bo = makers.household({}), people.mei(), people.bo()
    person = str(makers.members(home)[0].pk)
    wrote(home, mei, household={"tv": True, "power": True})
    wrote(home, mei, household={"tv": False})
    assert counted(bo) == 0

    wrote(home, bo, household={"tv": True})
    assert counted(bo) == 1

    wrote(home, bo, members={person: {"education": "primary"}})
    assert counted(bo) == 1
    wrote(home, mei, members={person: {"education": "primary"}}, household={"power": None})
    assert counted(bo) == 2


def test_each_sees_what_was_asked_twice_where_he_works():
    near, far = (
        makers.household({}),
        makers.household({}, village=makers.place(code="451022100202")),
    )
    mei, bo = people.mei(), people.bo()
    for home in (near, far):
        for by in (mei, bo):
            wrote(home, by, household={"tv": True})

    assert (counted(mei), counted(bo), counted(people.dou())) == (1, 2, 0)


def test_only_the_last_days_and_only_people_are_counted():
    home, mei, bo = makers.household({}), people.mei(), people.bo()
    long_ago = makers.at(makers.TODAY - timedelta(days=40))
    makers.write(home.pk, by=mei, when=long_ago, says={"household": {"tv": True}})
    wrote(home, None, household={"tv": True})

    assert counted(bo) == 0

    wrote(home, bo, household={"tv": True})
    assert counted(bo) == 0
    wrote(home, mei, household={"tv": True})
    assert counted(bo) == 1


def test_where_much_is_written_the_figure_may_be_of_some_moments_ago(monkeypatch):
    home, mei, bo = makers.household({}), people.mei(), people.bo()
    for by in (mei, bo):
        wrote(home, by, household={"tv": True})
    now = [1000.0]
    monkeypatch.setattr(twice, "monotonic", lambda: now[0])
    monkeypatch.setattr(twice, "MANY", 2)
    renewed = twice._renewed

    def slow(known, rows):
        now[0] += 2.0
        return renewed(known, rows)

    monkeypatch.setattr(twice, "_renewed", slow)
    assert counted(bo) == 1

    for by in (mei, bo):
        wrote(home, by, household={"power": True})
    now[0] = 1000.0 + 2 * twice.RESTS - 1
    assert counted(bo) == 1

    now[0] += 1
    assert counted(bo) == 2
