"""Gaps: who may do what to them, and that nothing but facts clears a rule's gap."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from tests import makers, people
from yihu import loop
from yihu.access.models import Pairing
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.ledger import actions, rows
from yihu.ledger.actions import Raised
from yihu.ledger.audit import faults_of_gaps
from yihu.ledger.models import Gap, GapFlow
from yihu.problems import Problem

pytestmark = pytest.mark.django_db

WHEN: dict[str, Any] = {"now": makers.NOW, "today": makers.TODAY}
CHILD = {"name": "小月", "birth": "2008-03-01", "relation": "05"}


def a_home(**facts):
    return makers.household({"birth": "1980-01-01"}, CHILD, **facts)


def schooling_gap(home) -> Gap:
    return Gap.objects.get(rule="child_in_school", book_id=home.pk)


def raised(home, by, **more) -> Gap:
    problem = {"origin": "inspection", "title": "屋顶漏雨", "department": "housing", **more}
    (gap,) = actions.raise_gaps([Raised(book=home.pk, **problem)], by=by, **WHEN)
    return gap


def test_a_household_of_which_nothing_is_known_opens_few_gaps():
    makers.household()

    assert Gap.objects.filter(state="open").count() <= 10
    assert set(Gap.objects.filter(answer="unknown").values_list("rule", flat=True)) >= {
        "battle_housing", "battle_medical", "battle_water", "two_worries", "child_in_school",
    }  # fmt: skip


def test_nobody_closes_a_gap_of_a_rule_by_words():
    chen = people.chen()
    gap = schooling_gap(a_home())

    with pytest.raises(Problem) as refused:
        actions.clear([gap], words="已劝返", evidence="照片", by=chen, **WHEN)
    assert refused.value.code == "ledger.only_evidence"
    assert refused.value.details == {"rule": "child_in_school"}
    assert "“适龄儿童少年在校或有合理原因”" in refused.value.sentence()
    (answered,) = actions.answer([gap], words="已到家劝返，下周返校", by=chen, **WHEN)

    assert answered.state == "answered"
    loop.check([Household.objects.select_related("place").get(pk=gap.book_id)], at=makers.AT)
    gap.refresh_from_db()
    assert (gap.state, gap.cleared_on) == ("answered", None)


def test_nobody_waives_his_own():
    chen, bo = people.chen(), people.bo()
    home = a_home()
    gap = schooling_gap(home)
    actions.assign([gap], to=chen, due_on=None, by=bo, **WHEN)
    mine = raised(home, by=chen)
    Pairing.objects.create(worker=bo, household=home, since=date(2020, 1, 1))

    for whose, by in ((schooling_gap(home), chen), (mine, chen), (mine, bo)):
        before = Entry.objects.count()
        with pytest.raises(Problem) as refused:
            actions.waive([whose], why="搬迁后入学", until=date(2021, 3, 1), by=by, **WHEN)
        assert refused.value.code == "ledger.own_waiver"
        assert Entry.objects.count() == before


def test_a_gap_does_not_cease_to_be_ones_own_by_handing_it_to_a_colleague():
    bo, mei, chen = people.bo(), people.mei(), people.chen()
    gap = schooling_gap(a_home())
    (gap,) = actions.assign([gap], to=bo, due_on=None, by=chen, **WHEN)
    (gap,) = actions.assign([gap], to=mei, due_on=None, by=bo, **WHEN)

    with pytest.raises(Problem) as refused:
        actions.waive([gap], why="搬迁后入学", until=date(2021, 3, 1), by=bo, **WHEN)
    (waived,) = actions.waive([gap], why="搬迁后入学", until=date(2021, 3, 1), by=chen, **WHEN)

    assert refused.value.code == "ledger.own_waiver"
    assert waived.state == "waived"


def test_who_answered_a_gap_neither_waives_nor_clears_it():
    bo, chen, home = people.bo(), people.chen(), a_home()
    ruled, seen = schooling_gap(home), raised(home, by=chen)
    actions.answer([ruled, seen], words="已到家劝返，下周返校", by=bo, **WHEN)

    with pytest.raises(Problem) as waiver:
        actions.waive([ruled], why="搬迁后入学", until=date(2021, 3, 1), by=bo, **WHEN)
    with pytest.raises(Problem) as clearing:
        actions.clear([seen], words="已修", evidence="照片 13", by=bo, **WHEN)

    assert waiver.value.code == "ledger.own_waiver"
    assert clearing.value.code == "ledger.own_clearing"


def test_what_was_answered_before_a_gap_opened_again_binds_nobody():
    bo, home = people.bo(), a_home()
    gap = schooling_gap(home)
    actions.answer([gap], words="已到家劝返，下周返校", by=bo, **WHEN)
    person = str(gap.person_id)
    makers.write(home.pk, says={"members": {person: {"schooling": "primary"}}})
    says = {"members": {person: {"schooling": "none", "home_taught": False}}}
    makers.write(home.pk, says=says, when=makers.at(date(2020, 11, 1)))

    when = {"now": makers.NOW, "today": date(2020, 11, 1)}
    (gap,) = actions.waive(
        [schooling_gap(home)], why="搬迁后入学", until=date(2021, 3, 1), by=bo, **when
    )

    assert (gap.state, gap.times_opened) == ("waived", 2)


def test_who_ends_his_pairing_does_not_waive_the_gaps_of_its_time():
    bo, home = people.bo(), a_home()
    gap = schooling_gap(home)
    Pairing.objects.create(worker=bo, household=home, since=date(2020, 1, 1), until=makers.TODAY)

    with pytest.raises(Problem) as refused:
        actions.waive([gap], why="搬迁后入学", until=date(2021, 3, 1), by=bo, **WHEN)

    assert refused.value.code == "ledger.own_waiver"


def test_a_waiver_needs_a_reason_and_an_end():
    bo, gap = people.bo(), schooling_gap(a_home())

    with pytest.raises(Problem) as short:
        actions.waive([gap], why="同意", until=date(2021, 3, 1), by=bo, **WHEN)
    with pytest.raises(Problem) as gone:
        actions.waive([gap], why="搬迁后入学", until=makers.TODAY, by=bo, **WHEN)

    assert (short.value.code, gone.value.code) == ("ledger.no_reason", "ledger.due_gone")
    with pytest.raises(Problem) as long:
        actions.waive([gap], why="搬迁后入学", until=date(2099, 1, 1), by=bo, **WHEN)
    assert long.value.code == "ledger.waived_too_long"
    assert "2021" in long.value.sentence()


def test_a_waiver_is_taken_back_for_a_reason_and_the_gap_is_whose_it_was():
    bo, chen, home = people.bo(), people.chen(), a_home()
    gap = schooling_gap(home)
    actions.assign([gap], to=chen, due_on=None, by=bo, **WHEN)
    fei = people.worker("Fei", "county", makers.place("county"))
    with pytest.raises(Problem) as open_still:
        actions.take_back_waiver([gap], why="孩子没有转学", by=fei, **WHEN)
    actions.waive([gap], why="随父母转学", until=date(2021, 3, 1), by=fei, **WHEN)
    with pytest.raises(Problem) as no_word:
        actions.take_back_waiver([gap], why="。。。。。", by=fei, **WHEN)

    (back,) = actions.take_back_waiver([gap], why="孩子没有转学", by=fei, **WHEN)

    assert (open_still.value.code, no_word.value.code) == (
        "ledger.not_in_state", "ledger.no_reason",
    )  # fmt: skip
    assert "取消豁免" in open_still.value.sentence()
    assert (back.state, back.responsible_id, back.waived_until) == ("assigned", chen.pk, None)
    assert back.times_opened == 1
    with pytest.raises(Problem) as own:
        actions.waive([gap], why="随父母转学", until=date(2021, 3, 1), by=chen, **WHEN)
    assert own.value.code == "ledger.own_waiver"
    opened, closed = GapFlow.objects.aggregate(o=Sum("opened"), c=Sum("closed")).values()
    assert opened - closed == Gap.objects.filter(state__in=actions.OPEN).count()


def test_a_waived_gap_comes_back_when_its_time_is_over_and_goes_when_the_rule_holds():
    bo, home = people.bo(), a_home()
    gap = schooling_gap(home)
    actions.waive([gap], why="住院，出院后返校", until=date(2020, 11, 1), by=bo, **WHEN)

    loop.check_all(at=makers.at(date(2020, 11, 1)))
    assert schooling_gap(home).state == "waived"
    loop.check_all(at=makers.at(date(2020, 11, 2)))
    assert (schooling_gap(home).state, schooling_gap(home).times_opened) == ("open", 2)

    says = {"members": {str(gap.person_id): {"schooling": "primary"}}}
    makers.write(home.pk, says=says, when=makers.at(date(2020, 11, 3)))
    assert schooling_gap(home).state == "cleared"


def test_a_gap_that_reopens_goes_back_to_who_had_it():
    bo, mei, home = people.bo(), people.mei(), a_home()
    gap = schooling_gap(home)
    actions.assign([gap], to=mei, due_on=date(2020, 12, 1), by=bo, **WHEN)
    person = str(gap.person_id)
    makers.write(home.pk, says={"members": {person: {"schooling": "primary"}}})

    says = {"members": {person: {"schooling": "none", "home_taught": False}}}
    makers.write(home.pk, says=says, when=makers.at(date(2020, 11, 1)))

    gap = schooling_gap(home)
    assert (gap.state, gap.responsible, gap.times_opened) == ("assigned", mei, 2)


def test_a_raised_gap_is_cleared_on_evidence_by_somebody_else():
    mei, bo, home = people.mei(), people.bo(), a_home()
    gap = raised(home, by=bo, measures="换瓦", evidence="照片 12", due_on=date(2020, 11, 1))
    (gap,) = actions.assign([gap], to=mei, due_on=None, by=bo, **WHEN)

    with pytest.raises(Problem) as own:
        actions.clear([gap], words="已修", evidence="照片 13", by=mei, **WHEN)
    with pytest.raises(Problem) as bare:
        actions.clear([gap], words="已修", evidence=" ", by=bo, **WHEN)
    (gap,) = actions.clear([gap], words="已修", evidence="照片 13", by=bo, **WHEN)

    assert (own.value.code, bare.value.code) == ("ledger.own_clearing", "ledger.no_evidence")
    assert (gap.state, gap.cleared_on, gap.due_on) == (
        "cleared", makers.TODAY, date(2020, 11, 1),
    )  # fmt: skip


def test_who_raised_a_gap_clears_it_only_after_it_was_given_to_somebody_else():
    mei, bo, home = people.mei(), people.bo(), a_home()
    gap, other = raised(home, by=bo), raised(home, by=bo, title="路灯坏了")

    with pytest.raises(Problem) as own:
        actions.clear([gap], words="已修", evidence="照片 13", by=bo, **WHEN)
    (gap,) = actions.assign([gap], to=mei, due_on=None, by=bo, **WHEN)
    (gap,) = actions.clear([gap], words="已修", evidence="照片 13", by=bo, **WHEN)
    (other,) = actions.clear([other], words="已修", evidence="照片 14", by=mei, **WHEN)

    assert own.value.code == "ledger.own_finding"
    assert (gap.state, other.state) == ("cleared", "cleared")


def state_of_ledger():
    gaps = [tuple(getattr(gap, f.attname) for f in Gap._meta.concrete_fields)
            for gap in Gap.objects.order_by("pk")]  # fmt: skip
    flows = GapFlow.objects.order_by("on", "place", "battle", "department")
    counts = flows.values_list("on", "place", "battle", "department", "opened", "closed")
    return gaps, [row for row in counts if row[4] or row[5]]


def a_used_ledger():
    """Households with gaps of every kind and past, one of them moved, one closed."""
    bo, mei = people.bo(), people.mei()
    home, other, gone = a_home(), a_home(), a_home()
    gap = schooling_gap(home)
    actions.assign([gap], to=mei, due_on=date(2020, 12, 1), by=bo, **WHEN)
    actions.answer([gap], words="已到家核实情况", by=mei, **WHEN)
    actions.waive(
        [schooling_gap(other)], why="住院，出院后返校", until=date(2021, 1, 1), by=bo, **WHEN
    )
    raised(other, by=bo, measures="换瓦")
    raised(home, by=bo)
    village = makers.place(code="451022100202")
    acts = [{"did": "moved", "place": village.code, "why": "搬迁"}]
    makers.write(other.pk, kind="people", says={"acts": acts})
    makers.write(gone.pk, kind="people", says={"acts": [{"did": "closed", "why": "重复"}]})
    says = {"members": {str(gap.person_id): {"schooling": "primary"}}}
    makers.write(home.pk, says=says)
    return home, other, gone


def test_all_rows_made_anew_are_those_that_were_there():
    a_used_ledger()
    before = state_of_ledger()

    Gap.objects.all().delete()
    GapFlow.objects.all().delete()
    rows.rebuild()

    assert state_of_ledger() == before


def test_all_rows_are_made_anew_by_one_reading_of_the_entries():
    a_used_ledger()

    with CaptureQueriesContext(connection) as asked:
        rows.rebuild()

    reads = [query["sql"] for query in asked if 'FROM "yihu_entry"' in query["sql"]]
    assert len(reads) == 1


def test_rows_of_some_books_made_anew_leave_the_ledger_as_it_was():
    home, other, _ = a_used_ledger()
    before = state_of_ledger()

    rows.rebuild([home.pk, other.pk])

    assert state_of_ledger() == before


def test_gaps_go_with_their_household_and_end_with_it():
    home, other, gone = a_used_ledger()

    places = set(Gap.objects.filter(book_id=other.pk).values_list("place__code", flat=True))
    assert places == {"451022100202"}
    assert set(Gap.objects.filter(book_id=gone.pk).values_list("state", flat=True)) == {"cleared"}
    open_now = Gap.objects.filter(book_id__in=[home.pk, other.pk], state__in=actions.OPEN).count()
    flows = GapFlow.objects.values_list("opened", "closed")
    assert sum(opened - closed for opened, closed in flows) == open_now


def test_a_used_ledger_is_what_its_books_make():
    a_used_ledger()

    assert list(faults_of_gaps()) == []


@pytest.mark.parametrize(
    ("by_hand", "more"),
    [
        ({"state": "cleared", "todo": 0}, "state, todo"),
        ({"waived_until": date(2030, 1, 1)}, "waived_until"),
        ({"place_path": "nowhere"}, "place_path"),
    ],
)
def test_a_gap_changed_behind_the_books_back_is_found(by_hand, more):
    home = a_home()
    gap = schooling_gap(home)
    Gap.objects.filter(pk=gap.pk).update(**by_hand)

    found = list(faults_of_gaps())

    assert [(f.what, f.book, f.more) for f in found] == [("gap.differs", home.pk, more)]


def test_a_gap_that_was_removed_is_found():
    home = a_home()
    gap = schooling_gap(home)
    Gap.objects.filter(pk=gap.pk).delete()

    assert [(f.book, f.more) for f in faults_of_gaps([home.pk])] == [(home.pk, str(gap.pk))]


def test_what_became_of_a_gap_since_it_was_read_is_what_counts():
    bo, mei, chen = people.bo(), people.mei(), people.chen()
    home = makers.household({"name": "覃一"})
    problem = Raised(book=home.pk, origin="visit", title="屋顶漏雨", department="housing")
    (read,) = actions.raise_gaps([problem], by=mei, **WHEN)
    (stale,) = Gap.objects.filter(pk=read.pk)
    until = date(2021, 3, 1)

    actions.assign([read], to=chen, due_on=None, by=bo, **WHEN)
    with pytest.raises(Problem) as own_waiver:
        actions.waive([stale], why="等待上级拨款", until=until, by=chen, **WHEN)
    with pytest.raises(Problem) as own_clearing:
        actions.clear([stale], words="已修", evidence="照片 13", by=chen, **WHEN)
    actions.clear([read], words="已修", evidence="照片 13", by=bo, **WHEN)
    over = []
    for act, given in (
        (actions.assign, {"to": mei, "due_on": None}),
        (actions.set_due, {"due_on": until}),
        (actions.answer, {"words": "已到家核实情况"}),
        (actions.waive, {"why": "等待上级拨款", "until": until}),
        (actions.clear, {"words": "已修", "evidence": "照片 14"}),
    ):
        with pytest.raises(Problem) as refused:
            act([stale], by=mei, **given, **WHEN)
        over.append(refused.value.code)

    assert own_waiver.value.code == "ledger.own_waiver"
    assert own_clearing.value.code == "ledger.own_clearing"
    assert over == ["ledger.not_in_state"] * 5
    stale.refresh_from_db()
    assert stale.state == "cleared"
    assert home.book.entries.filter(kind="gap", says__gap=str(read.pk)).count() == 3
