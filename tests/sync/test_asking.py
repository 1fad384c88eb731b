"""The question plan: what is not asked of somebody is left out, and no rule is forgotten."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from tests import makers
from yihu.book import dictionary
from yihu.check import asked
from yihu.check.actions import reader
from yihu.rulebook.explain import Explainer, facts_of
from yihu.sync import asking

CARDS = 12


def a_value(spec, draw):
    """Any value of a fact as the book writes it, unknown as often as not."""
    if draw.random() < 0.45:
        return None
    kind = spec.kind
    if kind == "yes_no":
        return draw.random() < 0.5
    if kind == "code":
        return draw.choice(spec.codes.codes).key
    if kind == "codes":
        return [draw.choice(spec.codes.codes).key]
    if kind == "date":
        return (date(1940, 1, 1) + timedelta(days=draw.randrange(29_000))).isoformat()
    if kind == "month":
        return f"{draw.randrange(2014, 2021)}-{draw.randrange(1, 13):02d}"
    if kind in ("whole", "money", "number"):
        low, high = (int(end / (100 if kind == "money" else 1)) for end in spec.bounds)
        low = max(low, 0)
        return draw.choice([low, draw.randint(low, min(high, low + 100))])
    return "110101199003077512" if kind == "identity" else draw.choice("甲乙")


def a_card(facts, draw):
    """A household of one person with any values of these facts."""
    person: dict[str, object] = {"id": "p"}
    card = {"id": "home", "members": [person]}
    for level, name in facts:
        spec = dictionary.active().facts.get((level, name))
        if spec is not None and level in ("household", "person"):
            of = card if level == "household" else person
            of[name] = a_value(spec, draw)
    return card


def rules_with_questions_that_are_skipped():
    """Explainers of the rules that read a fact with a condition.

    Errors in registers are no gaps while they are unknown: rules of quality may wait for ever.
    """
    for (level, rule), spec in dictionary.active().rules.items():
        about_homes = level in ("household", "person") and spec.kind != "quality"
        if about_homes and spec.in_force(makers.TODAY):
            explainer = Explainer(dictionary.active(), makers.TODAY, rule)
            if explainer.program.facts.keys() & dictionary.active().asked.keys():
                yield explainer


def test_no_rule_waits_for_an_answer_that_nobody_asks_for():
    """A rule that is unknown has a question left, however the facts lie: all rules of guangxi."""
    draw = random.Random(4)
    deciding = {key for each in asked.conditions(makers.TODAY).values() for key in each.waits}
    rules = unknown = 0
    whole = reader(dictionary.active().hash, makers.TODAY).reader

    def read(card):
        return whole.card(card, "household")

    for explainer in rules_with_questions_that_are_skipped():
        rules += 1
        for _ in range(CARDS):
            card = a_card(sorted({*explainer.program.facts, *deciding}), draw)
            step = explainer.explain(explainer.rows_of(read(card)))
            if step.value is None:
                kept_open = frozenset(asking._questions(facts_of(step), unknown=True))
                unknown += 1
                left = asking.Skips(card, makers.TODAY).left(kept_open)
                assert left or not kept_open, (explainer.rule.name, kept_open, card)

    assert (rules > 50, unknown > 200) == (True, True)


def skips(**facts):
    """The skips of a household of one person; facts of the person begin with p_."""
    of = {name: value for name, value in facts.items() if not name.startswith("p_")}
    person = {name[2:]: value for name, value in facts.items() if name.startswith("p_")}
    card = {"id": "home", "members": [{"id": "p", **person}], **of}
    return asking.Skips(card, makers.TODAY)


def test_a_question_whose_condition_fails_is_left_out():
    questions = frozenset({("household", "moved_in"), ("p", "disability_kind")})

    assert skips(relocated=False, p_health=["healthy"]).left(questions) == frozenset()
    assert skips(relocated=True, p_health=["disabled"]).left(questions) == questions


def test_what_decides_whether_something_is_asked_is_asked_before_it():
    found = skips()
    moved, grade = ("household", "moved_in"), ("p", "disability_grade")

    left = found.left(frozenset({moved, grade}))
    plan = [(q.get("person", "household"), q["fact"]) for q in asking.plan([left], (), found.waits)]

    assert set(plan) == {moved, grade, ("household", "relocated"), ("p", "health")}
    assert plan.index(("household", "relocated")) < plan.index(moved)
    assert plan.index(("p", "health")) < plan.index(grade)


def test_a_question_waits_only_for_what_is_still_unknown():
    known = skips(p_birth="2008-01-01")

    assert known.waits["p", "not_at_school_reason"] == {("p", "schooling")}


def test_a_question_that_waits_for_one_that_is_not_asked_is_not_asked():
    """The reward for a house taken down: not of those who have no other house."""
    found = skips(second_house=False, relocated=False)

    assert found.left(frozenset({("household", "demolition_photo")})) == frozenset()


def test_a_value_of_another_rulebook_counts_as_unknown():
    assert ("p", "health") in skips(p_health=["gone"]).waits["p", "disability_kind"]


def test_the_plan_is_never_longer_than_a_visit_bears():
    waits = {
        ("household", f"q{n}"): frozenset({("household", f"d{n}")}) for n in range(asking.MOST)
    }
    open_rules = [frozenset({question, *before}) for question, before in waits.items()]

    found = asking.plan(open_rules, [("household", "known")], waits)

    assert len(found) == asking.MOST


def test_what_an_office_decides_comes_after_all_that_is_asked_at_the_door():
    open_rules = [frozenset({("household", "kind")}), frozenset({("household", "kind")})]
    open_rules += [frozenset({("p", "schooling")})]

    found = asking.plan(open_rules, [], {}, frozenset({("household", "kind")}))

    assert [each["fact"] for each in found] == ["schooling", "kind"]


def test_a_schooling_that_says_the_year_asks_for_no_grade():
    junior, year = skips(p_schooling="junior"), skips(p_schooling="junior_2")

    assert junior.is_asked(("p", "grade"))
    assert not year.is_asked(("p", "grade"))


@pytest.mark.django_db
def test_who_is_known_not_to_be_at_school_is_asked_for_no_year_of_it():
    home = makers.household({"birth": "1936-01-01", "at_school": False})

    plan = {each["fact"] for each in asking.of(home, makers.TODAY).plan}

    assert not {"schooling", "grade", "at_school"} & plan
    assert skips().is_asked(("p", "schooling"))


@pytest.mark.django_db
def test_no_child_is_asked_about_work():
    child, grown = (makers.household({"birth": f"{year}-01-01"}) for year in (2010, 1990))

    young, old = ({q["fact"] for q in asking.of(h, makers.TODAY).plan} for h in (child, grown))

    work = {"work_area", "work_months", "working_away", "plans_work", "self_employed"}
    assert not work & young
    assert work & old


def test_what_is_not_asked_of_somebody_is_not_to_be_confirmed_of_him_either():
    """A known answer decides a gap, and one tap would say that it is still so."""
    elder = skips(p_birth="1936-01-01", p_at_school=True)
    student = skips(p_birth="2000-01-01", p_at_school=True)
    child = skips(p_birth="2016-01-01", p_labour="normal")

    assert not elder.is_asked(("p", "at_school"))
    assert student.is_asked(("p", "at_school"))
    assert not child.is_asked(("p", "labour"))
    # What was said of an elder is not passed over: in which year of which school, if at all.
    assert elder.is_asked(("p", "schooling"))


@pytest.mark.django_db
def test_no_small_child_is_asked_for_its_labour_and_no_elder_for_his_school():
    child, elder = (
        makers.household({"birth": "2016-01-01"}),
        makers.household({"birth": "1936-01-01"}),
    )

    young, old = ({q["fact"] for q in asking.of(h, makers.TODAY).plan} for h in (child, elder))

    assert "labour" not in young
    assert not {"schooling", "at_school", "grade"} & old
    assert "labour" in old


def test_who_the_helper_is_the_office_knows():
    facts = dictionary.active().facts
    own = [key for key in facts if key[1].startswith("helper_") and key[0] == "household"]

    at_door = {name for level, name in own if facts[level, name].asked_at == "door"}

    assert "helper_phone" not in at_door
    assert at_door.isdisjoint({"helper_name", "helper_unit", "helper_post", "helper_from"})


def test_months_of_a_year_are_at_most_twelve():
    facts = dictionary.active().facts

    for name in ("work_months", "public_post_months"):
        assert (facts["person", name].low, facts["person", name].high) == (0, 12)


@pytest.mark.django_db
def test_the_plan_of_a_family_asks_the_door_first_and_a_decision_last():
    home = makers.household({"birth": "2010-01-01"})
    facts = dictionary.active().facts

    plan = [each for each in asking.of(home, makers.TODAY).plan if each["settles"]]
    office = [facts[each["level"], each["fact"]].asked_at == "office" for each in plan]

    assert not office[0]
    assert any(office)
    assert office == sorted(office)


@pytest.mark.django_db
def test_an_elder_is_not_asked_about_school_and_a_child_not_about_a_pension():
    child = makers.household({"birth": "2010-01-01"})
    elder = makers.household({"birth": "1950-01-01", "schooling": "none", "pension_resident": True})

    young, old = ({q["fact"] for q in asking.of(h, makers.TODAY).plan} for h in (child, elder))

    assert "schooling" in young
    assert not {"on_roll", "attends", "not_at_school_reason"} & old
    assert "pension_received" not in young


@pytest.mark.django_db
def test_the_plan_of_a_family_asks_nothing_whose_condition_fails():
    home = makers.household(
        {"birth": "1990-01-01"}, relocated=False, loan_amount=0, new_house=False
    )

    found = {q["fact"] for q in asking.of(home, makers.TODAY).plan}

    assert found
    assert not {"moved_in", "relocation_kind", "loan_term", "months_to_finish"} & found
