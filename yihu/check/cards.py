"""Cards as the rulebook reads them: what stands in the tables, in the form of a card by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from yihu.book import dictionary
from yihu.card.fold import Card, Known
from yihu.card.models import Household, Person
from yihu.places.models import Place
from yihu.places.queries import above


def opened(facts: Mapping[str, Any], tokens: Mapping[str, list[str]]) -> dict[str, Any]:
    """Facts with the sealed values among them, in clear: rules look at identity numbers."""
    keys = dictionary.keys()
    return {**facts, **{fact: keys.open(*pair) for fact, pair in tokens.items()}}


def card_of(
    household: Household,
    people: list[Person],
    before: Card | None = None,
    places: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The card of a household now.

    before  the card at the end of the period before, for `last.`
    places  level → facts of the place above, as the rulebook names the levels
    """
    last = before.members if before else {}
    return {
        **opened(household.facts, household.sealed),
        **({"last": values_of(before.facts)} if before else {}),
        "id": str(household.pk),
        "members": [
            {
                **opened(person.facts, person.sealed),
                **(
                    {"last": values_of(last[str(person.pk)].facts)}
                    if str(person.pk) in last
                    else {}
                ),
                "id": str(person.pk),
            }
            for person in people
        ],
        **{level: dict(facts) for level, facts in (places or {}).items()},
    }


def values_of(facts: Mapping[str, Known]) -> dict[str, Any]:
    """Values as the book keeps them, the sealed ones in clear."""
    keys = dictionary.keys()
    return {
        fact: keys.open(known.value["sealed"], known.token) if known.token else known.value
        for fact, known in facts.items()
    }


def end_of_period_before(on: date) -> date:
    """The last day of the year before: what `last.` speaks of."""
    return date(on.year - 1, 12, 31)


def levels_above(place: Place) -> list[Place]:
    """The place and all above it, nearest first."""
    return [place, *reversed(above(place))]
