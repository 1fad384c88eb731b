"""The day: five people, one village, from a child nobody had asked about to the next morning.

Mei keeps the village, Bo leads the township, Chen works for the county; an auditor comes the next
morning. Told here by what the modules do, beside it page by page.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import makers, people
from tests.stories.the_day import LEFT_SCHOOL, TODAY, TUESDAY, a_village, writes
from yihu import loop
from yihu.card.queries import card_of
from yihu.check.trial import try_line
from yihu.ledger import actions as ledger
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    return a_village()


def test_what_mei_finds_out_moves_the_gap_of_the_education_department(village):
    gap = village.gap(0)
    assert (gap.state, gap.answer, gap.department) == ("open", "unknown", "education")

    writes(people.mei(), village.children[0], **LEFT_SCHOOL)

    gap.refresh_from_db()
    assert (gap.state, gap.answer, gap.battle) == ("open", "fails", "education")


def test_bo_assigns_it_and_no_word_of_anybody_closes_it(village):
    mei, bo = people.mei(), people.bo()
    writes(mei, village.children[0], **LEFT_SCHOOL)
    moment = {"now": makers.NOW, "today": TODAY}

    (gap,) = ledger.assign(
        [village.gap(0)], to=mei, due_on=TODAY + timedelta(days=14), by=bo, **moment
    )

    assert (gap.state, gap.responsible_id) == ("assigned", mei.pk)
    with pytest.raises(Exception, match=r"evidence|only") as refused:
        ledger.clear([gap], words="劝返了，已经上学", evidence="照片", by=bo, **moment)
    assert refused.value.code == "ledger.only_evidence"
    with pytest.raises(Exception, match=r"waive|own") as refused:
        ledger.waive([gap], why="孩子生病在家", until=date(2021, 1, 1), by=mei, **moment)
    assert refused.value.code == "ledger.own_waiver"


def test_two_gaps_clear_by_themselves_and_one_stays(village):
    mei = people.mei()
    writes(mei, village.children[0], **LEFT_SCHOOL)

    for child in village.children[1:]:
        writes(mei, child, schooling="junior_1")

    assert [village.gap(of).state for of in range(3)] == ["open", "cleared", "cleared"]
    assert {village.gap(of).cleared_on for of in (1, 2)} == {TODAY}


def test_chen_sees_who_would_enter_under_a_higher_line_and_nothing_is_written(village):
    loop.check_all(at=makers.AT)
    before = Gap.objects.count()
    code = village.homes[0].place.code

    tried = try_line("income", 5000, on=TODAY, villages=[code])

    assert tried.below is not None
    assert [side.households for side in tried.below] == [0, 2]
    (entering,) = (moved for moved in tried.moved if moved.rule == "omitted_perhaps")
    assert entering.by_village[code].sum(axis=0).tolist() == [2, 0, 1]
    assert Gap.objects.count() == before


def test_the_next_morning_the_village_stands_as_it_was_known_last_tuesday(village):
    noon_on_tuesday = makers.at(TUESDAY).now
    was = {home.pk: card_of(home.pk) for home in village.homes}
    for child in village.children:
        says = {"members": {str(child.pk): {"schooling": "junior_1"}}}
        makers.write(child.household_id, seen_on=date(2020, 10, 12), says=says)

    known = {home.pk: card_of(home.pk, known_at=noon_on_tuesday) for home in village.homes}
    held = {home.pk: card_of(home.pk, as_of=TUESDAY) for home in village.homes}

    assert known == was
    for child in village.children:
        found = held[child.household_id].members[str(child.pk)].facts["schooling"]
        assert found.value == "junior_1"
