"""Why a rule answers as it does for a household, a person or a place, in plain words.

Worked out when somebody asks, from the card as it stands; nothing of it is kept. Whole numbers that
are sealed at rest are masked in every sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.fold import fold
from yihu.card.models import Household, Person
from yihu.check.actions import full_card
from yihu.check.cards import levels_above, values_of
from yihu.check.copies import sharing, with_copies
from yihu.check.kept import BookReader
from yihu.places.models import Place
from yihu.rulebook.explain import Explainer, facts_of, spec_of
from yihu.rulebook.explain.because import Because
from yihu.rulebook.explain.flips import steps_of
from yihu.rulebook.facts import FactSpec

WORDS = {True: "holds", False: "fails", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Reason:
    """The answer of a rule and the sentences that say what decided it.

    answer   holds, fails or unknown
    privacy  the closest privacy class of the facts it speaks of
    facts    of the stored facts that decided, in the order they were read, those that asking or
             work can change
    """

    answer: str
    sentences: tuple[str, ...]
    privacy: str
    facts: tuple[FactSpec, ...] = ()


def reason_of_household(
    household: Household, rule: str, *, on: date, lang: str, person: UUID | None = None
) -> Reason:
    """Why a rule answers so for a household, or for one person of it."""
    people = list(Person.objects.filter(household=household, left_on=None))
    # The person asked about stands first: that is whom a rule about persons is asked of.
    people.sort(key=lambda each: each.pk != person)
    card = with_copies(full_card(household, people, on), sharing(household, on), on)
    return reason_of_card(rule, card, household, people, on=on, lang=lang)


def reason_of_card(
    rule: str,
    card: dict[str, Any],
    household: Household,
    people: list[Person],
    *,
    on: date,
    lang: str,
) -> Reason:
    """Why a rule answers so for a card and the rows it was made of, in the same order."""
    names = _names(people)
    card["id"] = household.head_name or household.code
    for member in card["members"]:
        member["id"] = names[member["id"]]
    return _reason(rule, card, on, lang, _secrets(card))


def reason_of_place(place: Place, rule: str, *, on: date, lang: str) -> Reason:
    """Why a rule answers so for a village, township or county, by the facts of its own book."""
    card: dict[str, Any] = {}
    for each in reversed(levels_above(place)):
        facts = values_of(fold(list(Entry.objects.filter(book__place=each))).facts)
        known = {"id": each.name, **facts}
        card = {**card, **known} if each.pk == place.pk else {**card, each.level: known}
    levels = {level.name for level in dictionary.active().levels} | set(card)
    upper = {"province", "city", "hamlet"} & levels
    return _reason(rule, {k: v for k, v in card.items() if k not in upper}, on, lang, ())


def _names(people: list[Person]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in people:
        name = each.name or "？"
        found[str(each.pk)] = f"{name}{len(found) + 1}" if name in found.values() else name
    return found


def _secrets(card: Mapping[str, Any]) -> tuple[str, ...]:
    """Every sealed value of the card, in clear."""
    parts = [("household", card), *(("person", member) for member in card["members"])]
    return tuple(
        str(value)
        for level, part in parts
        for fact, value in part.items()
        if value and dictionary.is_secret(level, fact)
    )


def _reason(
    rule: str, card: Mapping[str, Any], on: date, lang: str, secrets: tuple[str, ...]
) -> Reason:
    rulebook = dictionary.active()
    explainer = Explainer(rulebook, on, rule)
    explainer.reader = BookReader(explainer.program, rulebook)
    because = Because(explainer, explainer.rows(card))
    specs = [spec_of(rulebook, step.key) for step in facts_of(because.step)]
    order = ("public", "household", "sensitive", "secret")
    closest = max((order.index(spec.privacy) for spec in specs if spec), default=0)
    said = tuple(_masked(text, secrets) for text in because.sentences(lang))
    steps = (spec_of(rulebook, step.key) for step in steps_of(explainer, because.step))
    decided = tuple(spec for spec in steps if spec)
    return Reason(WORDS[because.step.value], said, order[closest], decided)


def _masked(text: str, secrets: tuple[str, ...]) -> str:
    for value in secrets:
        text = text.replace(value, masked(value))
    return text
