"""The answers of the check for one household in words, and what it is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yihu.book import dictionary
from yihu.check.models import HouseholdFindings
from yihu.report.kinds import KINDS
from yihu.rulebook.book import RuleSpec
from yihu.web.says import label, said

#: What an answer means for the family, whichever way its rule is written: “return to poverty:
#: fails” would read as bad news. The ledger and the phone say the same words.
WORDS = {
    "bad": ("查出问题", "problem"), "ask": ("待核实", "unknown"), "good": ("正常", "well"),
}  # fmt: skip


@dataclass(slots=True)
class Answered:
    """One rule's answer. good: as wanted; person: whom it is about, "" for the household.

    gap   the open gap it is; left: why it is none: see `household_tally`
    """

    rule: RuleSpec
    figure: str
    person: str = ""
    name: str = ""
    amount: int | None = None
    gap: Any = None
    left: str = ""

    @property
    def good(self) -> bool:
        """Is it the wanted answer?"""
        return self.figure == ("1" if self.rule.wanted == "holds" else "0")

    @property
    def unknown(self) -> bool:
        """Is it unknown?"""
        return self.figure == "2"

    @property
    def words(self) -> str:
        """The answer in words."""
        return said(*WORDS[self.mark])

    @property
    def mark(self) -> str:
        """How the answer is shown."""
        return "ask" if self.unknown else "good" if self.good else "bad"

    @property
    def yuan(self) -> str:
        """The amount in yuan."""
        return "" if self.amount is None else f"{self.amount / 100:,.2f}"


def answers(findings: HouseholdFindings, names: Mapping[str, str]) -> Iterator[Answered]:
    """Every answer: those of the household, then those of each person of `names`."""
    asked, amounts = findings.run.rules, findings.amounts
    yield from _of("household", asked["household"], findings.answers, amounts)
    for person, figures in findings.people.items():
        if person in names:
            for each in _of("person", asked["person"], figures, amounts, f"{person}/"):
                each.person, each.name = person, names[person]
                yield each


def _of(
    level: str, asked: list[str], figures: str, amounts: Mapping[str, int], key: str = ""
) -> Iterator[Answered]:
    rules = dictionary.active().rules
    for rule, figure in zip(asked, figures, strict=True):
        spec = rules.get((level, rule))
        if spec is not None:
            yield Answered(spec, figure, amount=amounts.get(f"{key}{rule}"))


@dataclass(frozen=True, slots=True)
class Topic:
    """Answers of one kind of rule. todo: not as wanted, the bad ones first; good: as wanted."""

    name: str
    title: str
    todo: tuple[Answered, ...]
    good: tuple[Answered, ...]

    @property
    def ask(self) -> int:
        """How many are unknown."""
        return sum(each.unknown for each in self.todo)

    @property
    def bad(self) -> int:
        """How many are known and not as wanted."""
        return len(self.todo) - self.ask


def by_topic(found: list[Answered]) -> list[Topic]:
    """Answers by the kind of their rules, entitlements apart; topics with most to do first."""
    topics = []
    for kind, title in KINDS.items():
        rows = [each for each in found if each.rule.kind == kind and kind != "entitlement"]
        rows.sort(key=lambda each: (each.unknown, each.rule.name))
        todo = tuple(each for each in rows if not each.good)
        good = tuple(each for each in rows if each.good)
        if rows:
            topics.append(Topic(kind, label(title), todo, good))
    return sorted(topics, key=lambda topic: (-topic.bad, -topic.ask))


def counted(topics: Sequence[Topic]) -> dict[str, int]:
    """How many answers of all topics are bad, unknown and as wanted."""
    return {
        "bad": sum(topic.bad for topic in topics), "ask": sum(topic.ask for topic in topics),
        "good": sum(len(topic.good) for topic in topics),
    }  # fmt: skip


def due(found: list[Answered]) -> list[Answered]:
    """What the household and its people are due, and what cannot be told."""
    rows = [e for e in found if e.rule.kind == "entitlement" and e.figure != "0"]
    return sorted(rows, key=lambda each: (each.unknown, -(each.amount or 0)))
