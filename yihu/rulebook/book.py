"""A rulebook as it was written: facts, lines, derived facts, rules and tables, with their places.

Nothing is computed here. `read` fills it from TOML; `bind` turns it into trees for one day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from yihu.rulebook.facts import CodeList, FactSpec, Level, Text

T = TypeVar("T")

KINDS = (
    "assurance",
    "risk",
    "quality",
    "inclusion",
    "exit",
    "entitlement",
    "deprivation",
    "inspection",
)
MARKS = ("S", "K", "D", "HOLE")
#: Which answers are gaps to clear: the bad one and unknown, the bad one only, none.
GAPS = ("ask", "bad", "none")
NO_SOURCE = Text("", "")


@dataclass(frozen=True, slots=True)
class Dated:
    """A text by the day from which it is in force; date.min means always."""

    texts: tuple[tuple[date, str], ...]

    def on(self, day: date) -> str | None:
        """The text in force on a day, or None before the first."""
        return _last(self.texts, day)


@dataclass(frozen=True, slots=True)
class LineStep:
    """A line's value from a day on: one value, or one for each key, or None: not known."""

    value: object
    source: Text
    mark: str


@dataclass(frozen=True, slots=True)
class LineSpec:
    """A dated amount or threshold."""

    name: str
    title: Text
    unit: str
    by: str
    steps: tuple[tuple[date, LineStep], ...]
    where: str = field(default="", compare=False)

    def on(self, day: date) -> LineStep | None:
        """The step in force on a day, or None before the first."""
        return _last(self.steps, day)


@dataclass(frozen=True, slots=True)
class DerivedSpec:
    """A fact computed from others. round is "" or like "fen half_up"."""

    level: str
    name: str
    label: Text
    value: Dated
    unit: str = ""
    round: str = ""
    given: bool = False
    assumes: Text | None = None
    source: Text | None = None
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AskedSpec:
    """When a fact is asked at all: its question waits until the text holds."""

    level: str
    name: str
    text: Dated
    source: Text | None = None
    mark: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A card on a day and the answer (holds, fails, unknown) a rule must give; amount in yuan."""

    says: str
    on: date
    card: Mapping[str, object]
    answer: str
    amount: object = None


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule about one level. wanted is the good answer: holds or fails; gap one of GAPS or ""."""

    level: str
    name: str
    title: Text
    holds: Dated
    wanted: str
    kind: str
    amount: Dated | None = None
    theme: str = ""
    owner: str = ""
    days: int | None = None
    since: date | None = None
    until: date | None = None
    source: Text = NO_SOURCE
    mark: str = ""
    assumes: Text | None = None
    never_unknown: bool = False
    gap: str = ""
    examples: tuple[Example, ...] = ()
    where: str = field(default="", compare=False)

    def in_force(self, day: date) -> bool:
        """Whether the rule may be asked on a day."""
        if (self.since and day < self.since) or (self.until and day > self.until):
            return False
        return self.holds.on(day) is not None


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A decision table: heading of the key columns, rows of cells, value last."""

    name: str
    level: str
    title: Text
    unit: str
    keys: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    otherwise: str | None
    first: bool
    source: Text | None = None
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """What a label in source texts stands for; only what is known of it."""

    label: str
    title: Text | None
    issuer: str = ""
    number: str = ""  # of the document, as 桂政办发〔2017〕41号
    date: date | None = None
    url: tuple[str, ...] = ()
    note: Text | None = None
    zh: str = ""  # the label in Chinese texts, where it is another one

    @property
    def labels(self) -> Text:
        """The label as texts of each language write it."""
        return Text(self.zh or self.label, self.label)

    def said(self, lang: str) -> str:
        """The source in full: title, issuer, number, day, note, addresses."""
        title, note = (t and (t.zh if lang == "zh" else t.en) for t in (self.title, self.note))
        parts = [title, self.issuer, self.number, self.date and str(self.date), note, *self.url]
        return ("，" if lang == "zh" else ", ").join(part for part in parts if part)


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """Everything a rulebook says. `hash` names its text; a rulebook is equal to itself only.

    asked   of facts that are not asked of everybody, when they are asked
    """

    name: str
    version: str
    title: Text
    money: str
    levels: tuple[Level, ...]
    codes: Mapping[str, CodeList]
    facts: Mapping[tuple[str, str], FactSpec]
    lines: Mapping[str, LineSpec]
    derived: Mapping[tuple[str, str], DerivedSpec]
    rules: Mapping[tuple[str, str], RuleSpec]
    tables: Mapping[str, TableSpec]
    hash: str = ""
    folder: str = ""
    sources: Mapping[str, SourceSpec] = field(default_factory=dict)
    asked: Mapping[tuple[str, str], AskedSpec] = field(default_factory=dict)

    def names(self, level: str) -> tuple[str, ...]:
        """All names of a level: facts, derived facts, rules."""
        kinds: Sequence[Mapping[tuple[str, str], object]] = (self.facts, self.derived, self.rules)
        return tuple(n for kind in kinds for (at, n) in kind if at == level)

    def label_of(self, level: str, name: str) -> Text:
        """What people call a fact, derived fact or rule."""
        key = (level, name)
        if key in self.facts:
            return self.facts[key].label
        if key in self.derived:
            return self.derived[key].label
        return self.rules[key].title

    def rule(self, name: str) -> RuleSpec | None:
        """The first rule of that name on any level."""
        return next((r for r in self.rules.values() if r.name == name), None)


def _last(steps: Sequence[tuple[date, T]], day: date) -> T | None:
    found = None
    for since, value in steps:
        if since <= day:
            found = value
    return found
