"""Examples of rules: cards with the answer a rule must give, run on the reference reader.

The author of a rulebook needs no Python: every rule brings its examples, one at least for each of
holds, fails and unknown, and `yihu rulebook test` runs them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from yihu.rulebook.bind import bind
from yihu.rulebook.book import Example, Rulebook, RuleSpec
from yihu.rulebook.cards import Family, Reader, Thing, root_for
from yihu.rulebook.evaluate import Answer, Compiled, Row, compiled, tie
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


class OneCard:
    """The reference reader for cards about one level, on one day.

    rules   names of the rules to answer; all in force unless given
    """

    def __init__(
        self, rulebook: Rulebook, on: date, about: str, rules: Collection[str] | None = None
    ) -> None:
        self.about = about
        self.root = POPULATION if about == POPULATION else root_for(rulebook.levels, about)
        self.program: Program = bind(rulebook, on, root=self.root, rules=rules)
        self.compiled: Compiled = compiled(self.program)
        self.reader = Reader(self.program, rulebook)

    def rows(self, card: Mapping[str, Any]) -> tuple[Family, Row, Row]:
        """The card's things, the row asked about, and the row of the card itself."""
        family = self.reader.card(card, self.about)
        top = self._row(family.top)
        below = top
        for thing in family.above:
            above = self.compiled.row(thing.level, thing.id, thing.values)
            tie(above, [below])
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


def run(rulebook: Rulebook) -> Iterator[Outcome]:
    """All examples of all rules; each rule is bound alone, once for each day it is asked on."""
    for rule in rulebook.rules.values():
        readers: dict[date, OneCard] = {}
        for example in rule.examples:
            yield outcome(rulebook, rule, example, readers)


def outcome(
    rulebook: Rulebook,
    rule: RuleSpec,
    example: Example,
    readers: dict[date, OneCard] | None = None,
) -> Outcome:
    """One example run; readers keeps what was bound for a day."""
    kept = {} if readers is None else readers
    try:
        if example.on not in kept:
            kept[example.on] = OneCard(rulebook, example.on, rule.level, [rule.name])
        answers = kept[example.on].answers(example.card)
    except Refused as refusal:
        return Outcome(rule, example, None, refusal)
    return Outcome(rule, example, answers.get(rule.name))


def lacking(rule: RuleSpec) -> list[str]:
    """The answers a rule has no example for."""
    seen = {example.answer for example in rule.examples}
    wanted = ["holds", "fails"] if rule.never_unknown else ["holds", "fails", "unknown"]
    return [answer for answer in wanted if answer not in seen]
