"""Which answers make a gap, and whose it is: read from the rules themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from yihu.book import dictionary
from yihu.rulebook.book import Rulebook

#: Kinds of rules whose bad answer is a gap. Unknown is one where a household must be shown to be
#: safe (assurance); a suspicion (risk, quality) that cannot be judged is not yet a gap.
FAILING = ("assurance", "risk", "quality", "inclusion")
ASKING = ("assurance",)
#: 四大战役: themes of the rulebook that are battles of their own.
BATTLES = ("education", "medical", "housing", "water")


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
        """The last day to clear a gap opened on a day; None where the rule sets none."""
        return None if self.days is None else opened_on + timedelta(days=self.days)


@lru_cache(maxsize=4)
def _watched(rulebook: Rulebook) -> dict[tuple[str, str], Watched]:
    found = {}
    for (level, name), rule in rulebook.rules.items():
        if rule.kind not in FAILING:
            continue
        bad = {"0" if rule.wanted == "holds" else "1": "fails"}
        if rule.kind in ASKING:
            bad["2"] = "unknown"
        battle = rule.theme if rule.theme in BATTLES else ""
        found[level, name] = Watched(level, name, rule.owner, battle, rule.days, bad)
    return found


def watched() -> dict[tuple[str, str], Watched]:
    """(level, rule) → what the ledger does with its answers."""
    return _watched(dictionary.active())
