"""The nightly check of everybody, and what it leaves in the ledger."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from tests import makers
from tests.check.test_whole import random_county
from yihu import loop
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.check import queries
from yihu.check.models import HouseholdFindings, PlaceFindings, Run
from yihu.check.whole import Whole, write_findings
from yihu.ledger.models import Gap, GapFlow

pytestmark = pytest.mark.django_db


def gaps():
    return set(Gap.objects.values_list("book_id", "rule", "person_id", "answer", "state"))


def test_a_second_look_at_an_unchanged_county_changes_nothing():
    random_county(random.Random(3), 6)
    loop.check_all(at=makers.AT)
    before, entries = gaps(), Entry.objects.count()

    loop.check_all(at=makers.AT)

    assert gaps() == before
    assert Entry.objects.count() == entries


def test_everybody_at_once_opens_the_gaps_each_alone_would_open():
    random_county(random.Random(5), 6)
    # Who shares a number with somebody that came later is found when he is looked at again.
    loop.check(list(Household.objects.select_related("place")), at=makers.AT)
    alone = {gap for gap in gaps() if gap[0] in set(Household.objects.values_list("pk", flat=True))}
    Entry.objects.filter(kind="gap").delete()
    Gap.objects.all().delete()

    loop.check_all(at=makers.AT)

    assert {gap for gap in gaps() if gap[0] in {g[0] for g in alone}} == alone


def test_a_household_written_to_meanwhile_is_left_alone(monkeypatch):
    first, second = makers.household(), makers.household()

    class Slow(Whole):
        def spans(self):
            makers.write(first.pk, says={"household": {"house_grade": "a"}})
            return super().spans()

    monkeypatch.setattr(loop, "Whole", Slow)
    run = loop.check_all(at=makers.AT)

    assert HouseholdFindings.objects.get(pk=second.pk).run == run
    newer = HouseholdFindings.objects.get(pk=first.pk)
    first.refresh_from_db()
    assert (newer.number, newer.run == run) == (first.number, False)


def test_a_run_stopped_halfway_is_done_by_the_next(monkeypatch):
    homes = [makers.household() for _ in range(3)]
    Entry.objects.filter(kind="gap").delete()
    Gap.objects.all().delete()
    GapFlow.objects.all().delete()
    HouseholdFindings.objects.all().delete()
    monkeypatch.setattr("yihu.check.whole.AT_ONCE", 1)

    def stop(stage, done, of):
        if stage == "writing" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.check_all(at=makers.AT, progress=stop)
    assert HouseholdFindings.objects.count() == 2
    run = loop.check_all(at=makers.AT)

    assert HouseholdFindings.objects.filter(run=run).count() == len(homes)
    with_gaps = Gap.objects.exclude(household=None).values("book_id").distinct()
    assert with_gaps.count() == len(homes)


def test_villages_are_asked_and_have_gaps_of_their_own():
    village = makers.place()
    makers.household(village=village)

    run = loop.check_all(at=makers.AT)

    found = PlaceFindings.objects.get(place=village)
    assert len(found.answers) == len(run.rules["village"])
    gap = Gap.objects.get(rule="village_clinic")
    assert (gap.place, gap.household, gap.answer) == (village, None, "unknown")
    makers.write_place(village, says={"place": {"clinic_standard": True, "clinics": 1}})
    loop.check_all(at=makers.AT)
    gap.refresh_from_db()
    assert gap.state == "cleared"


def test_stale_is_what_moved_on_since_and_what_was_asked_on_another_day():
    home, other = makers.household(), makers.household()
    loop.check_all(at=makers.AT)
    assert not queries.stale(makers.TODAY).exists()

    Household.objects.filter(pk=home.pk).update(number=99)
    assert list(queries.stale(makers.TODAY)) == [home]

    assert set(queries.stale(date(2020, 10, 18))) == {home, other}
    assert Run.objects.filter(whole=True).count() == 1


def test_who_is_answered_as_before_keeps_his_row_and_it_is_of_the_new_day(monkeypatch):
    same, other = makers.household(), makers.household()
    first = loop.check_all(at=makers.AT)
    makers.write(other.pk, says={"household": {"house_grade": "d"}})
    written = []

    def noted(part, run):
        written.append(write_findings(part, run))

    monkeypatch.setattr(loop, "write_findings", noted)
    tomorrow = loop.Moment(makers.NOW + timedelta(days=1), makers.TODAY + timedelta(days=1))
    second = loop.check_all(at=tomorrow)

    assert written == [1]
    assert (second, second.on, second.at) == (first, tomorrow.today, tomorrow.now)
    assert not queries.stale(tomorrow.today).exists()
    assert {f.run for f in HouseholdFindings.objects.all()} == {second}
    assert HouseholdFindings.objects.get(pk=same.pk).number == same.number


def test_until_everybody_was_asked_the_day_of_the_answers_does_not_move(monkeypatch):
    makers.household()
    loop.check_all(at=makers.AT)
    tomorrow = loop.Moment(makers.NOW + timedelta(days=1), makers.TODAY + timedelta(days=1))

    def stop(stage, _done, _of):
        if stage == "writing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.check_all(at=tomorrow, progress=stop)

    assert queries.stale(tomorrow.today).exists()
    assert not queries.stale(makers.TODAY).exists()
