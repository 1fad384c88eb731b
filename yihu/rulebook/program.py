"""A rulebook bound to a day: what every reader runs.

`read.rulebook(path)` gives a `Rulebook`; `bind(rulebook, on=day)` folds the day's lines and dates
into constants and gives a `Program`. A program holds every derived fact and rule in force as a
typed tree, in an order in which each uses only those before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.tree import Node, Type

#: The level above all others: everybody in the run, one single thing.
POPULATION = "population"


@dataclass(frozen=True, slots=True)
class Definition:
    """A derived fact or a rule at its level. `node` is its whole meaning."""

    level: str
    name: str
    node: Node
    is_rule: bool

    @property
    def type(self) -> Type:
        """Type of the value inside the tree."""
        return self.node.type


@dataclass(frozen=True, slots=True)
class Output:
    """A rule to be answered: holds is a TRUTH node, amount a MONEY node or None."""

    level: str
    name: str
    holds: Node
    amount: Node | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """What readers run.

    levels       from the smallest up, POPULATION last (always present)
    facts        (level, name) → its description; only those the trees use, `last` ones apart
    last_facts   the same for facts of the period before
    definitions  (level, name) → Definition, in order of dependence: earlier ones first
    outputs      the rules to answer, in the order of the rulebook
    root         highest level whose lower levels are complete; aggregates above it were
                 replaced by unknown. POPULATION for a run over files.
    name         names the run: rulebook name, version, hash of its text, day
    """

    name: str
    on: date
    levels: tuple[Level, ...]
    facts: Mapping[tuple[str, str], FactSpec]
    last_facts: Mapping[tuple[str, str], FactSpec]
    definitions: Mapping[tuple[str, str], Definition]
    outputs: tuple[Output, ...]
    root: str = POPULATION

    def level_names(self) -> tuple[str, ...]:
        """Names of the levels from the smallest up."""
        return tuple(level.name for level in self.levels)
