"""Figures from events: every number can be counted by hand from what stands in the books."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from click.testing import CliRunner

from tests import makers
from yihu.access.models import Post
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings, Run
from yihu.commands.figures import command
from yihu.demo.county import draw
from yihu.demo.homes import homes_of
from yihu.demo.lives import entries_of
from yihu.places.models import Place, within
from yihu.statistics import actions, queries
from yihu.statistics.indicators import Figures, per_cent, yuan_each
from yihu.statistics.models import Summary
from yihu.statistics.steps import walk
from yihu.statistics.sums import length_of, read_sums

pytestmark = pytest.mark.django_db

INCOME = {"wage_income": 9000, "operating_income": 3000, "property_income": 0,
          "transfer_income": 500, "operating_cost": 500}  # fmt: skip


def refresh(today=makers.TODAY):
    return actions.refresh(now=makers.at(today).now, today=today, processes=0)


def values(day=makers.TODAY):
    return {name: figure.value for name, figure in Figures(day).all().items()}


def decided(home, did, on, **more):
    makers.write(home.pk, kind="decision", says={"did": did, **more}, seen_on=on)


def opened(*people, **facts):
    return makers.household(*people, seen_on=date(2015, 12, 20), **facts)


def a_small_county():
    """Three households of 2, 3 and 5; two registered; one leaves after a birth, one is struck."""
    first, second = opened({}, {}, cause="illness", **INCOME), opened({}, {}, {}, cause="skill")
    opened({}, {}, {}, {}, {}, **INCOME)
    for home in (first, second):
        decided(home, "identified", date(2015, 12, 31))
    child = "00000000-0000-4000-8000-000000000001"
    says = {"acts": [{"did": "joined", "person": child, "why": "born"}],
            "members": {child: {"name": "小农"}}}  # fmt: skip
    makers.write(first.pk, kind="people", says=says, seen_on=date(2016, 5, 1))
    decided(first, "exited", date(2016, 12, 1))
    decided(second, "corrected_out", date(2017, 12, 1))
    decided(first, "monitored", date(2019, 6, 1), category="unstable")
    return first, second


def test_stock_and_flow_follow_from_the_events():
    a_small_county()

    refresh()
    found = values()

    assert (found["base_people"], found["all_people"]) == (10, 11)
    assert (found["poor_2015_households"], found["poor_2015_people"]) == (2, 5)
    assert (found["poor_2016_households"], found["poor_2016_people"]) == (1, 3)
    assert (found["exited_households"], found["exited_people"]) == (1, 3)
    assert found["corrected_out_2017_people"] == 3
    assert found["born_2016"] == 1
    assert [found[f"incidence_{y}"] for y in (2015, 2016, 2017)] == [
        Decimal("50.00"), Decimal("30.00"), Decimal("0.00"),
    ]  # fmt: skip
    assert (found["monitored_unstable_households"], found["monitored_unstable_people"]) == (1, 3)


def test_as_of_a_day_of_the_past_what_came_later_is_not_counted():
    a_small_county()
    refresh()

    found = values(date(2016, 6, 30))

    assert (found["poor_households"], found["poor_people"]) == (2, 6)
    assert found["exited_households"] == 0
    assert "incidence_2016" not in found


def test_income_is_of_those_whose_parts_are_all_known():
    a_small_county()
    refresh()

    figure = Figures(makers.TODAY).all()["rural_income_2015"]

    assert (figure.numerator, figure.denominator, figure.value) == (2_400_000, 7, 3429)


def test_a_correction_takes_the_step_back_and_only_that_household_is_summed_again():
    first, _ = a_small_county()
    assert refresh() == 3
    left = first.book.entries.get(kind="decision", says__did="exited")
    monitored = first.book.entries.get(kind="decision", says__did="monitored")
    for entry in (monitored, left):
        makers.write(first.pk, kind="correction", says={"why": "写错"}, undoes=entry.number)

    assert refresh() == 1
    assert values()["exited_households"] == 0
    assert values()["poor_people"] == 3
    assert Summary.objects.count() == 3


def test_a_closed_household_is_no_longer_in_the_stock():
    first, _ = a_small_county()
    says = {"acts": [{"did": "closed", "why": "重复"}]}
    makers.write(first.pk, kind="people", says=says, seen_on=date(2020, 3, 1))

    refresh()

    assert values()["all_people"] == 8
    assert values(date(2020, 2, 1))["all_people"] == 11


def test_by_township_the_parts_add_up_to_the_whole():
    other = makers.place("village", code="451022101201")
    a_small_county()
    makers.household({}, village=other, seen_on=date(2015, 12, 1))
    refresh()

    sums = read_sums()
    parts = sums.stock_by("township", makers.TODAY, None)

    assert sorted(count.people for count in parts.values()) == [1, 11]
    assert sum(c.people for c in parts.values()) == sums.stock(makers.TODAY, None).people
    assert set(map(len, parts)) == {length_of("township")}


def test_sums_of_the_county_cut_to_a_place_are_those_read_of_the_place_alone():
    other = makers.place("village", code="451022101201")
    a_small_county()
    home = makers.household({}, {}, village=other, seen_on=date(2015, 12, 1), **INCOME)
    decided(home, "identified", date(2015, 12, 31))
    decided(home, "exited", date(2018, 12, 1))
    refresh()

    def reach(model):
        path = "path" if model is Place else "household__place_path"
        path = "place_path" if model is Household else path
        path = "place__path" if model is Post else path
        return model._default_manager.filter(within(other.path, path))

    for day in (date(2017, 6, 30), date(2018, 12, 1), makers.TODAY):
        alone = Figures(day, reach).all()
        cut = Figures(day, reach, read_sums().inside([other.path])).all()
        assert cut == alone
    assert (alone["exited_2018_people"].value, alone["rural_income_2015"].denominator) == (2, 2)
    assert Figures(makers.TODAY, reach, read_sums().inside([])).all()["all_people"].value == 0


def test_on_its_last_evening_a_year_has_ended():
    a_small_county()
    refresh()

    evening, morning = values(date(2016, 12, 31)), values(date(2017, 1, 1))

    assert evening["incidence_2016"] == morning["incidence_2016"] is not None
    assert {n: v for n, v in evening.items() if n.endswith("_2016")}.items() <= morning.items()
    assert "incidence_2016" not in values(date(2016, 12, 30))


def test_answers_of_a_rule_by_township_count_every_household_once():
    a_small_county()

    found = queries.answers(["battle_housing", "no_such_rule", "battle_water"], level="township")

    assert list(found) == ["battle_housing", "battle_water"]
    for places in found.values():
        (of,) = places.values()
        assert of.holds + of.fails + of.unknown == 3


def test_findings_of_two_rulebooks_are_each_read_in_the_order_of_their_own():
    first, _ = a_small_county()
    (before,) = queries.answers(["battle_housing"])["battle_housing"].values()
    kept = HouseholdFindings.objects.get(household=first)
    rules = kept.run.rules["household"]
    other = Run.objects.get(pk=kept.run_id)
    other.pk, other.hash, other.rules = None, "another", {"household": rules[::-1], "person": []}
    other.save()
    HouseholdFindings.objects.filter(household=first).update(run=other, answers=kept.answers[::-1])

    (after,) = queries.answers(["battle_housing"])["battle_housing"].values()

    assert after == before


def test_who_reaches_nothing_counts_nothing():
    a_small_county()
    refresh()

    found = Figures(makers.TODAY, lambda model: model._default_manager.none()).all()

    assert {f.numerator for f in found.values()} == {0}


def test_a_small_number_is_kept_from_the_public():
    a_small_county()
    refresh()
    figure = Figures(makers.TODAY).all()["poor_2015_people"]

    assert (figure.value, figure.public.value, figure.public.numerator) == (5, None, 0)
    assert Figures(makers.TODAY).all()["base_people"].public.value == 10


def test_rates_are_rounded_half_up():
    assert per_cent(1, 800) == Decimal("0.13")
    assert per_cent(1, 0) is None
    assert yuan_each(1_116_350, 1) == 11164


def test_every_figure_is_printed_by_name_with_what_it_is_made_of():
    a_small_county()

    result = CliRunner().invoke(command, ["--json", "--on", "2019-12-31"])

    assert result.exit_code == 0, result.output
    incidence = json.loads(result.stdout)["figures"]["incidence_2016"]
    assert (incidence["value"], incidence["numerator"], incidence["denominator"]) == (30.0, 3, 10)
    said = CliRunner().invoke(command, ["--on", "2020-10-17"]).stdout
    assert "全县累计减贫1户3人，贫困发生率从2015年的50.00%降至2019年的0.00%" in said


def test_the_sentence_of_the_county_is_read_off_the_books_of_a_tenth_of_it():
    """The register whole, facts few: books of 34,716 people, walked as `refresh` walks them."""
    county = draw(seed=1, people=34_716, progress=lambda *_: None)
    steps, ends = [], []
    helpers = [""] * county.helpers
    asked = {"opened", "identified", "exited", "corrected_out", "born", "died", "married_in"}
    for home in homes_of(county, 0, len(county.cohort), helpers):
        said = [
            _Entry(n, r.new)
            for n, r in enumerate(entries_of(home), 1)
            if r.new.kind in ("people", "decision", "correction") or r.new.source in _INCOMES
        ]
        walked = walk(said, until=makers.TODAY)
        steps += walked.changes
        ends += walked.ends
    assert asked <= {step.did for step in steps}

    base = _stock(steps, date(2015, 12, 31), None)
    poor = {y: _stock(steps, date(y, 12, 31), "poor") for y in (2015, 2017, 2018, 2019)}
    exits = [s for s in steps if s.did == "exited"]

    assert base == 34_716
    assert [per_cent(poor[y], base) for y in poor] == [
        Decimal(rate) for rate in ("15.01", "3.90", "2.16", "0.24")
    ]
    assert (len(exits), sum(s.people_after for s in exits)) == (1_296, 5_099)
    assert [_income(ends, y, listed=False) for y in (2015, 2019)] == [11_163, 16_146]
    assert [_income(ends, y, listed=True) for y in (2015, 2019)] == [5_311, 9_808]


_INCOMES = ("income", "interpolated")


class _Entry:
    def __init__(self, number, new):
        self.number, self.kind, self.seen_on = number, new.kind, new.seen_on
        self.source, self.says, self.undoes = new.source, new.says, new.undoes


def _stock(steps, day, status):
    into = [s.people_after for s in steps if s.on <= day and _is(s.after, status)]
    out = [s.people_before for s in steps if s.on <= day and _is(s.before, status)]
    return int(np.sum(into) - np.sum(out))


def _is(found, status):
    return found == status if status else found != ""


def _income(ends, year, *, listed):
    rows = [e for e in ends if e.year == year and e.income is not None and (e.listed or not listed)]
    return yuan_each(sum(e.income for e in rows), sum(e.people for e in rows))
