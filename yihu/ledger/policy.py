"""Which answers make a gap, and whose it is: read from the rules themselves.

A rule says `gap = "ask"` (its bad answer and unknown are gaps), `"bad"` (its bad answer) or
`"none"`; unless it says so, its kind does. Parts of a larger rule say none: the larger rule's gap
names those that decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from yihu.book import dictionary
from yihu.ledger.topics import SAME, Lists, lists
from yihu.rulebook.book import Rulebook, RuleSpec

#: Kind → what makes a gap where the rule does not say. Who cannot be shown to be safe must be
#: asked (assurance); a suspicion that cannot be judged is not yet a gap.
BY_KIND = {"assurance": "ask", "risk": "bad", "quality": "bad", "inclusion": "bad"}


@dataclass(frozen=True, slots=True)
class Watched:
    """A rule the ledger follows. bad: the figures of a finding that make a gap."""

    level: str
    rule: str
    department: str
    battle: str
    days: int | None
    bad: Mapping[str, str]  # figure → fails or unknown

    def due_on(self, opened_on: date) -> date | None:
        """The last day to clear a gap opened on a day; None where nobody set one."""
        return None if self.days is None else opened_on + timedelta(days=self.days)


def bad_figures(rule: RuleSpec) -> dict[str, str]:
    """Figure of a finding → fails or unknown, for the answers that are gaps."""
    gap = rule.gap or BY_KIND.get(rule.kind, "none")
    if gap == "none":
        return {}
    bad = {"0" if rule.wanted == "holds" else "1": "fails"}
    return {**bad, "2": "unknown"} if gap == "ask" else bad


@lru_cache(maxsize=4)
def _watched(rulebook: Rulebook, known: Lists) -> dict[tuple[str, str], Watched]:
    found = {}
    for (level, name), rule in rulebook.rules.items():
        bad = bad_figures(rule)
        if not bad:
            continue
        topic = known.topic_of(rule.theme)
        days = rule.days if rule.days is not None else topic.days if topic else None
        battle = topic.name if topic else ""
        owner = SAME.get(rule.owner, rule.owner)
        found[level, name] = Watched(level, name, owner, battle, days, bad)
    return found


def watched() -> dict[tuple[str, str], Watched]:
    """(level, rule) → what the ledger does with its answers."""
    return _watched(dictionary.active(), lists())
