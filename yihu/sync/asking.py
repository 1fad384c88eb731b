"""The shortest list of questions: those whose answers settle the most unknown rules come first.

For each rule that is unknown the engine says which unknown facts, of which person, keep it open:
a pupil's school of somebody of sixty does not. From these the questions are put in order. What the
rulebook does not ask of somebody is left out; what waits for another answer comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from yihu.book import dictionary
from yihu.book.reading import Read
from yihu.card.models import Household, Person
from yihu.check import asked
from yihu.check.actions import full_card, reader, rules_asked
from yihu.check.kept import kept_value
from yihu.check.models import HouseholdFindings
from yihu.ledger.policy import watched
from yihu.rulebook.cards import Family
from yihu.rulebook.explain import Explainer, Step, facts_of, sentence_value, spec_of
from yihu.rulebook.facts import FactSpec
from yihu.tables import join_one, rows_by

#: Questions of one visit, and facts named in one reason.
MOST, NAMED = 60, 6
#: (whose, fact): whose is "household" or a person's id
Question = tuple[str, str]


@dataclass(slots=True)
class Asked:
    """plan: questions in order; why: (rule, person) → reason; answers: household rule → answer."""

    plan: list[dict[str, Any]] = field(default_factory=list)
    why: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def findings_of(home: Household) -> HouseholdFindings | None:
    """The answers kept for a household, with the run they belong to."""
    found = rows_by(HouseholdFindings, "household_id", [home.pk])
    join_one(found, "run")
    return found[0] if found else None


def of(
    home: Household,
    on: date,
    entries: Sequence[Read] | None = None,
    findings: HouseholdFindings | None = None,
    listed: Sequence[Person] | None = None,
) -> Asked:
    """What to ask a household on a day, and why its gaps are open. Without a check: nothing.

    entries, findings, listed  its book without what is said of gaps, its answers, and its people;
                               read where they are not given
    """
    findings = findings or findings_of(home)
    if findings is None:
        return Asked()
    listed = rows_by(Person, "household_id", [home.pk]) if listed is None else listed
    living = (each for each in listed if each.left_on is None)
    people = sorted(living, key=lambda each: each.place_in_household)
    looked = _Looked(home, people, on, entries)
    found = Asked(answers=dict(_answers(findings, "household", findings.answers)))
    open_rules: list[frozenset[Question]] = []
    known: list[Question] = []
    follow = watched()
    for level, person, rule, answer in _all(findings):
        bad = follow.get((level, rule))
        is_gap = bad is not None and answer in bad.bad
        if answer != "2" and not is_gap:
            continue
        facts = looked.deciding(rule, person)
        if answer == "2":
            open_rules.append(frozenset(_questions(facts, unknown=True)))
        else:
            known += _questions(facts, unknown=False)
        if is_gap:
            found.why[rule, person] = looked.reason(facts, person)
    skips = looked.skips()
    left, sure = map(skips.left, open_rules), filter(skips.is_asked, known)
    found.plan = plan(left, sure, skips.waits, _at_office(dictionary.active().hash))
    return found


def _all(findings: HouseholdFindings) -> Iterator[tuple[str, str, str, str]]:
    for rule, answer in _answers(findings, "household", findings.answers):
        yield "household", "", rule, answer
    for person, figures in findings.people.items():
        for rule, answer in _answers(findings, "person", figures):
            yield "person", person, rule, answer


def _answers(findings: HouseholdFindings, level: str, figures: str) -> Iterator[tuple[str, str]]:
    return zip(findings.run.rules[level], figures, strict=False)


def _questions(facts: Iterable[Step], *, unknown: bool) -> Iterator[Question]:
    for step in facts:
        level, name = step.key
        asked = level in ("household", "person") and not name.startswith("last.")
        if asked and (step.value is None) is unknown and (level, name) in _facts():
            yield ("household" if level == "household" else step.row.id), name


def _facts() -> Mapping[tuple[str, str], FactSpec]:
    return dictionary.active().facts


@lru_cache(maxsize=2)
def _at_office(_hash: str) -> frozenset[tuple[str, str]]:
    return frozenset(key for key, spec in _facts().items() if spec.asked_at == "office")


def plan(
    open_rules: Iterable[frozenset[Question]],
    known: Iterable[Question] = (),
    waits: Mapping[Question, frozenset[Question]] = MappingProxyType({}),
    office: frozenset[tuple[str, str]] = frozenset(),
) -> list[dict[str, Any]]:
    """Questions in order: the next is the one that brings the most rules nearest to an answer.

    open_rules  of each unknown rule, the questions that keep it open
    known       what decided a gap that fails: to be confirmed, after all that is asked
    waits       of a question, those that decide whether it is asked: they come before it
    office      (level, fact) of what is asked at an office and not at the door: it comes last

    >>> a, b, c = ("household", "a"), ("household", "b"), ("household", "c")
    >>> [q["fact"] for q in plan([frozenset({a, b}), frozenset({b}), frozenset({c, a, b})])]
    ['b', 'a', 'c']
    """
    left = [set(each) for each in open_rules if each]
    settles: dict[Question, int] = {}
    for each in left:
        for question in each:
            settles[question] = settles.get(question, 0) + 1
    order: list[Question] = []
    while left and len(order) < MOST:
        worth: dict[Question, float] = {}
        for each in left:
            for question in each:
                worth[question] = worth.get(question, 0.0) + 1 / len(each) ** 2
        best = min(worth, key=lambda one: (-worth[one], one[0] != "household", one))
        before = dict.fromkeys(_after_what_it_waits_for(best, waits))
        placed = [one for one in before if one in worth]
        order += placed
        left = [rest for each in left if (rest := each - {*placed})]
    order.sort(key=lambda one: (_level(one), one[1]) in office)
    confirmed = [one for one in dict.fromkeys(known) if one not in settles]
    shown = [(one, settles[one]) for one in order[:MOST]]
    shown += [(one, 0) for one in confirmed[: MOST - len(shown)]]
    return [_shown(*one, n) for one, n in shown]


def _level(question: Question) -> str:
    return "household" if question[0] == "household" else "person"


def _after_what_it_waits_for(
    question: Question, waits: Mapping[Question, frozenset[Question]]
) -> Iterator[Question]:
    for other in sorted(waits.get(question, ())):
        yield from _after_what_it_waits_for(other, waits)
    yield question


def _shown(whose: str, fact: str, settles: int) -> dict[str, Any]:
    if whose == "household":
        return {"level": "household", "fact": fact, "settles": settles}
    return {"level": "person", "fact": fact, "person": whose, "settles": settles}


def title(rule: str, words: str) -> dict[str, str]:
    """What a gap is called: its rule's title, or the words somebody gave it."""
    spec = dictionary.active().rule(rule) if rule else None
    return {"zh": spec.title.zh, "en": spec.title.en} if spec else {"zh": words, "en": words}


# --- what is asked at all -------------------------------------------------------------------------


class Skips:
    """Which questions of one household are asked, and which wait for another answer."""

    def __init__(self, card: Mapping[str, Any], on: date, family: Family | None = None) -> None:
        self._facts = {"household": card, **{each["id"]: each for each in card["members"]}}
        self._on = on
        self._answers = {
            ("household" if whose == card["id"] else whose, fact): answer
            for (whose, fact), answer in asked.answers(family or card, on).items()
        }
        #: Of a question that is not asked yet, the unknown facts that decide whether it is.
        self.waits: dict[Question, frozenset[Question]] = {
            question: frozenset(self._unknown(question))
            for question, answer in self._answers.items()
            if answer is None
        }

    def is_asked(self, question: Question) -> bool:
        """Is it asked, or will it be if what it waits for is answered so?"""
        answer = self._answers.get(question, True)
        return answer is True or (answer is None and any(map(self.is_asked, self.waits[question])))

    def left(self, questions: frozenset[Question]) -> frozenset[Question]:
        """Those that are asked, and all that others of them wait for."""
        found: set[Question] = set()
        waiting = list(questions)
        while waiting:
            question = waiting.pop()
            if question not in found and self.is_asked(question):
                found.add(question)
                waiting += self.waits.get(question, ())
        return frozenset(found)

    def _unknown(self, question: Question) -> Iterator[Question]:
        whose, fact = question
        level = "household" if whose == "household" else "person"
        for at, name in asked.conditions(self._on)[level, fact].waits:
            of = "household" if at == "household" else whose
            value = self._facts[of].get(name)
            if value is None or kept_value(_facts()[at, name], value) is None:
                yield of, name


# --- what decided ---------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _explainer(_hash: str, on: date) -> Explainer:
    """Of all rules about households and people: most of them ask for the same derived facts."""
    of = rules_asked(on)
    first, *others = (*of["household"], *of["person"])
    return Explainer(dictionary.active(), on, first, also=others)


class _Looked:
    """One household on one day, as the explainer reads it."""

    def __init__(
        self, home: Household, people: list[Person], on: date, entries: Sequence[Read] | None
    ) -> None:
        self.on, self.card = on, full_card(home, people, on, entries)
        self.names = {str(person.pk): person.name for person in people}
        # Read once for all rules: most of the time of a plan went into reading it for each.
        whole = reader(dictionary.active().hash, on).reader
        self.family = family = whole.card(self.card, dictionary.HOUSEHOLD)
        self.explainer = _explainer(dictionary.active().hash, on).anew()
        home_row = self.explainer.rows_of(family)
        #: The household under "", its people under their ids.
        self.rows = {"": home_row, **{row.id: row for row in home_row.below}}

    def deciding(self, rule: str, person: str) -> list[Step]:
        """The stored facts that decided a rule for the household or one person of it."""
        row = self.rows.get(person)
        if row is None:
            return []
        level = "person" if person else "household"
        return facts_of(self.explainer.explain_also((level, rule), row))

    def skips(self) -> Skips:
        """Which questions of the household are asked."""
        return Skips(self.card, self.on, self.family)

    def reason(self, facts: list[Step], person: str) -> dict[str, str]:
        """The facts that decided, in words: what failed, or what is not known."""
        rulebook = dictionary.active()
        said: dict[str, list[str]] = {"zh": [], "en": []}
        for step in facts[:NAMED]:
            spec = spec_of(rulebook, step.key)
            if spec is None:
                continue
            who = self.names.get(step.row.id, "") if step.row.id != person else ""
            for lang, colon in (("zh", "："), ("en", ": ")):
                value = sentence_value(step, rulebook, lang)
                hidden = spec.privacy == "secret" and step.value is not None
                label = spec.label.zh if lang == "zh" else spec.label.en
                of = (f"{who}的" if lang == "zh" else f"{who}, ") if who else ""
                said[lang].append(f"{of}{label}{colon}{'***' if hidden else value}")
        return {"zh": "；".join(said["zh"]), "en": "; ".join(said["en"])}
