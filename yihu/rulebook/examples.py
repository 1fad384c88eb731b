"""Examples of rules: cards with the answer a rule must give, run on the reference reader.

The author of a rulebook needs no Python: every rule brings its examples, one at least for each of
holds, fails and unknown, and `yihu rulebook test` runs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yihu.rulebook.book import Example, Rulebook, RuleSpec
from yihu.rulebook.evaluate import Answer
from yihu.rulebook.one_card import OneCard
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
