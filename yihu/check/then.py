"""The answers of a day that is over: asked again of the card as it stood. Nothing of it is kept.

The rules are those of the active rulebook with the lines of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from yihu.book import dictionary
from yihu.card.actions import household_row, person_row
from yihu.card.fold import Card, EntryLike, fold
from yihu.card.models import Household, Person
from yihu.check.actions import answers_of, facts_above, findings_of, rules_asked
from yihu.check.cards import card_of, end_of_period_before
from yihu.check.models import HouseholdFindings, Run
from yihu.check.reasons import Reason, reason_of_card
from yihu.places.queries import place_for

#: Stands for the moment a card changed where its book has no entry; never shown.
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Past:
    """A household as its book stood.

    on        the day rules are asked of
    known_at  only what had been received by then; None: all that was received since too
    """

    id: UUID
    entries: Sequence[EntryLike]
    on: date
    known_at: datetime | None = None

    def fold(self, day: date) -> Card:
        """The card at the end of a day."""
        return fold(self.entries, as_of=day, known_at=self.known_at)

    def rows(self) -> tuple[Household, list[Person]]:
        """The rows of then. Raises Problem (places.not_found, places.divided)."""
        card = self.fold(self.on)
        place = place_for(card.place, self.on)
        home = household_row(self.id, card, place, _LONG_AGO)
        return home, [person_row(self.id, m, n, place) for n, m in enumerate(card.people)]

    def asked(self, home: Household, people: list[Person]) -> dict[str, Any]:
        """The card as the rules read it, with the period before and the places above of then."""
        above = facts_above(home.place, as_of=self.on, known_at=self.known_at)
        return card_of(home, people, self.fold(end_of_period_before(self.on)), above)


def findings_then(past: Past) -> HouseholdFindings:
    """Every rule's answer for the household and its people of then, in a row that is not kept."""
    rulebook = dictionary.active()
    home, people = past.rows()
    run = Run(rulebook=rulebook.name, version=rulebook.version, hash=rulebook.hash, on=past.on,
              rules=rules_asked(past.on))  # fmt: skip
    return findings_of(home, run, *answers_of(past.asked(home, people), past.on))


def reason_then(past: Past, rule: str, *, lang: str, person: UUID | None = None) -> Reason:
    """Why a rule answered so for the household of then, or for one person of it."""
    home, people = past.rows()
    people.sort(key=lambda each: each.pk != person)
    return reason_of_card(rule, past.asked(home, people), home, people, on=past.on, lang=lang)
