"""What can be known: levels, code lists and facts, the data dictionary of a rulebook.

Nothing here reads files; `read` makes these from TOML, `intake` reads people's tables by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

from yihu.rulebook.tree import Type

#: Type of a fact as written in a rulebook → type of its value inside the tree.
FACT_TYPES: dict[str, Type] = {
    "yes_no": Type.TRUTH,
    "whole": Type.WHOLE,
    "money": Type.MONEY,
    "number": Type.REAL,
    "date": Type.DATE,
    "month": Type.MONTH,
    "code": Type.CODE,
    "codes": Type.CODES,
    "text": Type.TEXT,
    "identity": Type.TEXT,
}

#: Widest values of a fact without a range of its own, in the form of the tree: ±2^31, ±10 billion
#: yuan in fen, numbers of which many may be multiplied, days and months of the years 0 to 9999.
WIDEST: dict[str, tuple[float, float]] = {
    "whole": (-(2**31), 2**31),
    "money": (-(10**12), 10**12),
    "number": (-1e15, 1e15),
    "date": (0, 10_000 * 372),
    "month": (0, 10_000 * 12),
}
#: Where a question is put: at the family's door, or to an office, which alone decides or keeps it.
ASKED_AT = ("door", "office")
PRIVACY_CLASSES = ("public", "household", "sensitive", "secret")


@dataclass(frozen=True, slots=True)
class Text:
    """A phrase in both languages of the interface."""

    zh: str
    en: str

    def said(self, lang: str) -> str:
        """The phrase in one of them."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Level:
    """Persons, households, places: what facts belong to and rules are about.

    id, parent   headings that hold the key; each entry one heading or several joined by "+"
    parent       for a place also ("code:9",): the first 9 characters of its own code
    """

    name: str
    label: Text
    plural: str
    id: tuple[str, ...]
    parent: tuple[str, ...] = ()
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list, valid on days from..until (both included, None = open)."""

    key: str
    label: Text
    also: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def in_use(self, on: date) -> bool:
        """Whether files of a day may write it."""
        return (self.since or date.min) <= on <= (self.until or date.max)

    def meets(self, other: Code) -> bool:
        """Whether there is a day on which both are in use."""
        since = max(self.since or date.min, other.since or date.min)
        return since <= min(self.until or date.max, other.until or date.max)

    @property
    def days(self) -> Text:
        """The days on which it is in use, as people say them.

        >>> Code("a", Text("甲", "a"), until=date(2020, 12, 31)).days.en
        'until 2020-12-31'
        """
        if self.since and self.until:
            return Text(f"{self.since} 至 {self.until}", f"from {self.since} until {self.until}")
        if self.since:
            return Text(f"{self.since} 起", f"from {self.since} on")
        return Text(f"{self.until} 止", f"until {self.until}") if self.until else Text("", "")

    @property
    def words(self) -> tuple[str, ...]:
        """Everything a file may write for it."""
        return (self.key, self.label.zh, self.label.en, *self.also)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A named list; a code's place in it is its value inside the engine and never changes."""

    name: str
    title: Text
    codes: tuple[Code, ...]

    def place_of(self, key: str) -> int:
        """Place of a key, counted from 0. Raises KeyError."""
        for place, code in enumerate(self.codes):
            if code.key == key:
                return place
        raise KeyError(key)

    def spellings(self, *days: date) -> dict[str, int]:
        """Everything a file may write for a code → its place.

        days   the code is in use on one of them; a word that means two codes at different times
               means that of the first day. Without days: at any time, the first in the list.
        """
        found: dict[str, int] = {}
        for day in days or (None,):
            for place, code in enumerate(self.codes):
                if day is None or code.in_use(day):
                    for word in code.words:
                        found.setdefault(word, place)
        return found

    @property
    def dated(self) -> bool:
        """Whether a code is in use on some days only."""
        return any(code.since or code.until for code in self.codes)


@dataclass(frozen=True, slots=True)
class Form:
    """One form a text may have, such as that of a mobile number, on days from..until.

    pattern   the whole text fits it, in the small pattern language of docs/language.md
    """

    key: str
    label: Text
    pattern: str
    since: date | None = None
    until: date | None = None

    def in_use(self, on: date) -> bool:
        """Whether what is written on a day may have it."""
        return (self.since or date.min) <= on <= (self.until or date.max)


@dataclass(frozen=True, slots=True)
class Flag:
    """A second column that says why a value is blank (survey files)."""

    column: str
    not_applicable: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of one level.

    kind            a key of FACT_TYPES
    low, high       in the form of the tree (fen, day numbers), None = no bound
    not_applicable  value meant by "does not apply", in the form of the tree; None = unknown
    columns         headings a file may use, the name and the Chinese label included
    forms           forms a text may have; () for any. What is written anew must have one; what
                    registers hold is read as it stands, for a rule of quality to find
    given           who this is, settled elsewhere: no work changes it, so no gap is mended by it
    keep            whoever has a value keeps one: it is corrected, and never emptied
    asked_at        one of ASKED_AT
    read_on         days whose codes a file may write, if the list has dated ones; () for any
    """

    level: str
    name: str
    kind: str
    label: Text
    ask: Text | None = None
    unit: str = ""
    codes: CodeList | None = None
    low: int | float | None = None
    high: int | float | None = None
    privacy: str = "household"
    columns: tuple[str, ...] = ()
    not_applicable: bool | int | float | str | None = None
    flag: Flag | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    source: Text | None = None
    forms: tuple[Form, ...] = ()
    given: bool = False
    keep: bool = False
    asked_at: str = "door"
    read_on: tuple[date, ...] = ()
    optional: bool = False  # a derived fact that a file may bring: may be absent
    where: str = field(default="", compare=False)  # file:line, for refusals

    @property
    def type(self) -> Type:
        """Type of the value inside the tree."""
        return FACT_TYPES[self.kind]

    @property
    def file(self) -> str:
        """Name of the rulebook's file that describes it: the theme it stands in on a card."""
        return PurePosixPath(self.where.partition(":")[0]).stem

    def spellings(self) -> dict[str, int]:
        """Everything a file may write for a code of this fact → its place."""
        return {} if self.codes is None else self.codes.spellings(*self.read_on)

    def other_days(self, word: str, plain: Callable[[str], str] = str) -> Text | None:
        """The days on which a word is a code, if it is one on other days than it is read on.

        plain   words that it makes equal are one word
        """
        codes = self.codes.codes if self.codes is not None and self.read_on else ()
        days = [c.days for c in codes if plain(word) in map(plain, c.words)]
        if not days:
            return None
        return Text("、".join(d.zh for d in days), " and ".join(d.en for d in days))

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value inside the tree; (0, 0) for what is no number, day or month."""
        low, high = WIDEST.get(self.kind, (0, 0))
        return (
            low if self.low is None else self.low,
            high if self.high is None else self.high,
        )
