"""A household taken in from a register stands as the register says, decision by decision."""

from __future__ import annotations

from datetime import date

import pytest

from tests import makers, people
from tests.exchange.sheets import identity, upload, xlsx
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.card.queries import card_of
from yihu.exchange.registering import decisions_of
from yihu.web import import_work

pytestmark = pytest.mark.django_db

HEADINGS = ["乡(镇)", "行政村", "户编号", "姓名", "证件号码", "与户主关系", "脱贫属性", "脱贫年度",
            "首次识别时间", "监测对象类型", "风险识别时间"]  # fmt: skip
DAY = date(2020, 6, 30)


def taken_in(worker, *said, acts=("read", "write"), **given):
    """A sheet of one household of one whose register columns say this."""
    village = makers.place("village")
    line = [village.parent.name, village.name, "A1", "韦大", identity("1970-01-01"), "户主", *said]
    sent = upload(xlsx([HEADINGS, line]), worker, **given)
    for act in acts:
        import_work.begin(sent, act, at=makers.AT, here=True)
        sent.refresh_from_db()
    return sent


def test_a_household_that_left_poverty_is_identified_and_exited_by_the_days_of_the_sheet():
    sent = taken_in(people.chen(), "已脱贫", 2018, "201511", None, None)

    home = Household.objects.get(code="A1")
    decided = Entry.objects.filter(book_id=home.pk, kind="decision").order_by("number")
    assert [(str(e.seen_on), e.says["did"]) for e in decided] == [
        ("2015-11-30", "identified"),
        ("2018-12-31", "exited"),
    ]
    assert {entry.batch for entry in decided} == {sent.batch}
    assert home.status == "exited"
    assert sent.counts["registered"] == 1


def test_who_is_monitored_stands_so():
    taken_in(people.chen(), "已脱贫", 2018, "201511", "脱贫不稳定户", "202003")

    home = Household.objects.get(code="A1")
    last = card_of(home.pk).decisions[-1]
    assert (home.status, last.did, last.category) == ("unstable", "monitored", "unstable")
    assert last.on == date(2020, 3, 31)


def test_a_sheet_that_says_nothing_of_the_register_decides_nothing():
    sent = taken_in(people.chen(), None, None, None, None, None)

    assert Household.objects.get(code="A1").status == "general"
    assert not Entry.objects.filter(kind="decision").exists()
    assert sent.counts["registered"] == 0


def test_a_household_that_stands_in_the_books_is_not_decided_about():
    chen = people.chen()
    taken_in(chen, None, None, None, None, None)

    taken_in(chen, "已脱贫", 2018, "201511", None, None)

    assert Household.objects.get(code="A1").facts["exit_status"] == "exited"
    assert not Entry.objects.filter(kind="decision").exists()


def test_an_import_that_is_undone_takes_its_decisions_back_and_the_next_brings_them():
    chen = people.chen()
    said = ("未脱贫", None, "201511", None, None)
    taken_in(chen, *said, acts=("read", "write", "undo"))
    home = Household.objects.get(code="A1")
    assert (home.status, home.closed_on) == ("general", makers.TODAY)

    taken_in(chen, *said)

    home.refresh_from_db()
    assert (home.status, home.closed_on) == ("poor", None)


@pytest.mark.parametrize(
    ("facts", "decided"),
    [
        ({}, []),
        ({"kind": "ordinary"}, []),
        ({"attribute": "allowance"}, [(DAY, "identified")]),
        ({"exit_status": "returned", "exit_year": 2017}, [(DAY, "identified")]),
        ({"exit_status": "exited", "exit_year": 2020},
         [(DAY, "identified"), (DAY, "exited")]),
        ({"exited": True, "identified": "2014-12", "exit_year": 2014},
         [(date(2014, 12, 31), "identified"), (date(2014, 12, 31), "exited")]),
        ({"monitor_kind": "marginal", "monitored_month": "2020-03", "risk_removed": True},
         [(date(2020, 3, 31), "monitored"), (DAY, "risk_removed")]),
        ({"monitor_kind": "none"}, []),
    ],
)  # fmt: skip
def test_what_the_facts_of_a_register_imply(facts, decided):
    assert [(on, says["did"]) for on, says in decisions_of(facts, day=DAY)] == decided
