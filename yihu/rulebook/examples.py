"""Examples of rules: cards with the answer a rule must give, run on the reference reader.

The author of a rulebook needs no Python: every rule brings its examples, one at least for each of
holds, fails and unknown, and `yihu rulebook test` runs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from yihu.rulebook.bind import Binder, bind
from yihu.rulebook.book import Example, Rulebook, RuleSpec
from yihu.rulebook.cards import Family, Reader, Thing, root_for
from yihu.rulebook.evaluate import Answer, Compiled, Row, compiled, tie
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.refusals import Refused


@dataclass(frozen=True, slots=True)
class Outcome:
    """An example and what came out; refusal is set where the card could not be read."""

    rule: RuleSpec
    example: Example
    answer: Answer | None
    refusal: Refused | None = None

    @property
    def ok(self) -> bool:
        """Whether the answer, and the amount if one is given, are as written."""
        if self.answer is None or self.answer.word != self.example.answer:
            return False
        amount = self.example.amount
        return amount is None or self.answer.amount == int(Decimal(str(amount)) * 100)


class Household:
    """The reference reader for cards of one level of a rulebook on one day."""

    def __init__(self, rulebook: Rulebook, on: date, about: str) -> None:
        names = [level.name for level in rulebook.levels]
        self.about = about
        self.root = POPULATION if about == POPULATION else root_for(rulebook.levels, about)
        values = [key for key in rulebook.derived if _bindable(rulebook, key, on)]
        self.program: Program = bind(rulebook, on, root=self.root, values=values)
        self.compiled: Compiled = compiled(self.program)
        self.reader = Reader(self.program, rulebook.facts)
        assert names

    def rows(self, card: Mapping[str, Any]) -> tuple[Family, Row, Row]:
        """The card's things, the row asked about, and the row of the card itself."""
        family = self.reader.card(card, self.about)
        top = self._row(family.top)
        below = top
        for thing in family.above:
            above = self.compiled.row(thing.level, thing.id, thing.values)
            above.below = [below]
            below.above = above
            below = above
        asked = top
        while self.program.levels[asked.level].name != self.about:
            asked = asked.below[0]
        return family, asked, top

    def _row(self, thing: Thing) -> Row:
        row = self.compiled.row(thing.level, thing.id, thing.values)
        tie(row, [self._row(child) for child in thing.below])
        return row

    def answers(self, card: Mapping[str, Any]) -> dict[str, Answer]:
        """Every rule about the level, for one card."""
        _, asked, _ = self.rows(card)
        return self.compiled.answers(asked, self.about)


def _bindable(rulebook: Rulebook, key: tuple[str, str], on: date) -> bool:
    """Whether a derived fact can be computed on a day (it may use something not in force)."""
    try:
        Binder(rulebook, on).lookup(*key)
    except Refused:
        return False
    return True


@lru_cache(maxsize=64)
def _household(rulebook_id: int, on: date, about: str) -> Household:
    return Household(_BOOKS[rulebook_id], on, about)


_BOOKS: dict[int, Rulebook] = {}


def for_day(rulebook: Rulebook, on: date, about: str) -> Household:
    """The reader of a day, made once and kept."""
    _BOOKS[id(rulebook)] = rulebook
    return _household(id(rulebook), on, about)


def run(rulebook: Rulebook) -> Iterator[Outcome]:
    """All examples of all rules."""
    for rule in rulebook.rules.values():
        for example in rule.examples:
            yield outcome(rulebook, rule, example)


def outcome(rulebook: Rulebook, rule: RuleSpec, example: Example) -> Outcome:
    """One example run."""
    try:
        reader = for_day(rulebook, example.on, rule.level)
        answers = reader.answers(example.card)
    except Refused as refusal:
        return Outcome(rule, example, None, refusal)
    return Outcome(rule, example, answers.get(rule.name))


def lacking(rule: RuleSpec) -> list[str]:
    """The answers a rule has no example for."""
    seen = {example.answer for example in rule.examples}
    wanted = ["holds", "fails"] if rule.never_unknown else ["holds", "fails", "unknown"]
    return [answer for answer in wanted if answer not in seen]


def specs_of(rulebook: Rulebook) -> Mapping[tuple[str, str], FactSpec]:
    """Facts of the rulebook, for reading cards by hand."""
    return rulebook.facts
