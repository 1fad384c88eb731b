"""The one typed tree: the only meaning of a rule.

The language turns text into these nodes; every reader (evaluate, columns, sql, explain) reads
these nodes and nothing else. A node knows the type of its value and the level it is asked at
(person, household, village, …). Nodes are made through `Maker`, so that the same expression is the
same object: readers may keep results by identity and never compute a thing twice.

What each node means, unknown values included, is written in docs/language.md and beside it here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

N = TypeVar("N", bound="Node")


class Type(StrEnum):
    """Type of a value, with the form it takes inside every reader.

    TRUTH   holds, fails or unknown          bool
    WHOLE   whole number                     int (64 bits)
    REAL    number with a fraction           float (64 bits)
    MONEY   money in whole fen               int (64 bits)
    MONEY_REAL  money in fen, not yet whole  float (64 bits)
    DATE    a day as one whole number        int, see `day_number`
    MONTH   a month: year * 12 + month - 1   int
    CODE    place of a code in its list      int
    CODES   several codes of one list        int, bit i set for the code at place i
    TEXT    text, never empty                str
    """

    TRUTH = "truth"
    WHOLE = "whole"
    REAL = "real"
    MONEY = "money"
    MONEY_REAL = "money_real"
    DATE = "date"
    MONTH = "month"
    CODE = "code"
    CODES = "codes"
    TEXT = "text"


#: Days and months of `day_number`: every month has 31 places, so whole months and whole years
#: between two days are one integer division and no reader needs a calendar function.
DAYS_IN_MONTH_SLOT = 31
DAYS_IN_YEAR_SLOT = 372


def day_number(year: int, month: int, day: int) -> int:
    """A day as one whole number that keeps order; differences // 372 are whole years of age.

    >>> (day_number(2020, 9, 1) - day_number(2008, 9, 2)) // DAYS_IN_YEAR_SLOT
    11
    """
    return (year * 12 + month - 1) * DAYS_IN_MONTH_SLOT + day - 1


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """Any expression. Equal expressions made by one `Maker` are the same object."""

    type: Type
    level: str  # the level the value belongs to; "" for a constant


@dataclass(frozen=True, eq=False, slots=True)
class Const(Node):
    """A constant, or unknown when value is None."""

    value: bool | int | float | str | None


@dataclass(frozen=True, eq=False, slots=True)
class Fact(Node):
    """A stored fact of its level; `last` asks for the value of the period before."""

    name: str
    last: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Ref(Node):
    """The value of a derived fact or the answer of a rule, by name at its level."""

    name: str


@dataclass(frozen=True, eq=False, slots=True)
class Up(Node):
    """A value of a level above, seen from below (body.level is the level above)."""

    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class And(Node):
    """Fails if one part fails; else unknown if one is unknown; else holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Or(Node):
    """Holds if one part holds; else unknown if one is unknown; else fails."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Not(Node):
    """Swaps holds and fails; unknown stays."""

    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class AtLeast(Node):
    """Holds if k parts hold for certain, fails if k can no longer be reached, else unknown."""

    k: int
    parts: tuple[Node, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Compare(Node):
    """op is one of = != < <= > >=; both sides have one type; unknown if a side is unknown."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, eq=False, slots=True)
class In(Node):
    """The value is one of the constants; unknown if the value is unknown."""

    body: Node
    values: tuple[int | str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Has(Node):
    """The CODES value contains the code at place `bit`; unknown if the value is unknown."""

    body: Node
    bit: int


@dataclass(frozen=True, eq=False, slots=True)
class Arith(Node):
    """op is + - * /. Unknown if a side is unknown; a division by zero is unknown.

    Both sides have been brought to one form before: ints for WHOLE and MONEY results, floats for
    REAL and MONEY_REAL. `/` always takes floats and gives a float.
    """

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, eq=False, slots=True)
class FloorDiv(Node):
    """Whole division by a constant above 0, towards minus infinity (WHOLE, from DATE parts)."""

    body: Node
    by: int


@dataclass(frozen=True, eq=False, slots=True)
class Number(Node):
    """The same bits read as another type of number.

    int → float (WHOLE→REAL, MONEY→MONEY_REAL) or a change of name only (DATE→WHOLE, MONTH→WHOLE,
    and CODE→WHOLE never).
    """

    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class Round(Node):
    """A float brought to a whole multiple of `step` (int result, WHOLE or MONEY).

    mode half_up: floor(x / step + 0.5) * step; down: floor(x / step) * step; up: ceil. In floats,
    x / step is left out when step is 1.
    """

    mode: str
    step: int
    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class Bound(Node):
    """op most: the smaller of both sides; op least: the larger. Unknown if a side is unknown."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, eq=False, slots=True)
class Case(Node):
    """Value of the first arm whose condition holds; unknown if a condition before is unknown."""

    arms: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, eq=False, slots=True)
class IfUnknown(Node):
    """The body, or `instead` where the body is unknown: an assumption written down."""

    body: Node
    instead: Node


@dataclass(frozen=True, eq=False, slots=True)
class IsUnknown(Node):
    """Holds where the body is unknown, fails elsewhere; itself never unknown."""

    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class Agg(Node):
    """Many of a lower level seen from `level`; `over` is that lower level.

    value and where are asked at `over`. With no one there at all the result is unknown.
    op any, all, count: value is the condition (TRUTH), where is None.
       any   holds if one holds; else unknown if one is unknown; else fails
       all   fails if one fails; else unknown if one is unknown; else holds
       count number that hold; unknown if one is unknown (see CountTest for sharp comparison)
    op sum, min, max, avg, only: value is a number (only: any type), where a condition or None.
       unknown if where is unknown for someone, or the value is unknown for someone where holds
       sum of nobody is 0; min, max, avg and only of nobody are unknown
       avg is a float; only is the value of the single one, unknown if there are two or more
    op share: value and where are conditions; number where both hold / number where `where` holds
       unknown if any of them is unknown for someone (value only where `where` holds), or / 0
    op median (where as for sum, weight a number or None, p between 0 and 1): smallest x whose
       cumulated weight share is greater than p; where a share equals p exactly, the mean of that
       x and the next (float). People whose value or weight or where is unknown are left out.
    """

    op: str
    over: str
    value: Node
    where: Node | None = None
    weight: Node | None = None
    p: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class CountTest(Node):
    """A count or share compared: unknown only if the unknown members could change the answer.

    agg is an Agg with op count or share; right is a number of the level (WHOLE for a count, REAL
    for a share). Let lo and hi be the least and most the aggregate can be. The answer is what
    both lo and hi (and so all between) give; for = : holds if lo = hi = right, fails if right is
    outside lo..hi. Unknown if right is unknown or there is nobody.
    Share: with T, F, U counts of (where, value) pairs,
       lo = a / (a + b), a = #(TT),        b = #(where T, value F or U) + #(where U, value F or U)
       hi = c / (c + d), c = #(T, T or U) + #(where U, value T or U), d = #(where T, value F)
       unknown if a + b = 0 or c + d = 0.
    """

    op: str
    agg: Agg
    right: Node


@dataclass(frozen=True, eq=False, slots=True)
class Repeats(Node):
    """How many of this level in the whole population have this same value (WHOLE, 1 or more).

    Unknown where the body is unknown. where: only those where it holds are counted (and a
    value nobody of those has counts 0); where unknown counts as not held.
    """

    body: Node
    where: Node | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Matches(Node):
    """The whole text fits the pattern (the small regular language of docs/language.md)."""

    body: Node
    pattern: str


@dataclass(frozen=True, eq=False, slots=True)
class Length(Node):
    """Number of characters of a text."""

    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class Part(Node):
    """Characters start..start+length-1 of a text, counted from 1; unknown if it is shorter."""

    body: Node
    start: int
    length: int


@dataclass(frozen=True, eq=False, slots=True)
class IdentityOk(Node):
    """The text is a valid identity number: 18 figures with check digit, or the old 15.

    The day of birth inside must exist. Lower-case x counts as X.
    """

    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class IdentityBirth(Node):
    """The day of birth in an identity number (DATE).

    Unknown if the number is not 18 or 15 figures or the day does not exist. The check digit is
    not looked at. 15 figures mean 19xx.
    """

    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class IdentityMale(Node):
    """The sex figure of an identity number is odd (TRUTH); unknown as for IdentityBirth."""

    body: Node


@dataclass(frozen=True, eq=False, slots=True)
class IdStarts(Node):
    """The id of this level's thing (a place code) starts with the text; never unknown.

    Everybody (the population) has no code: fails there.
    """

    prefix: str


class Maker:
    """Makes nodes so that the same expression is the same object."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Node] = {}

    def __call__(self, kind: type[N], /, *args: Any, **named: Any) -> N:
        """The node of these parts, made now or before."""
        node = kind(*args, **named)
        key = (kind, *[_key(getattr(node, name)) for name in _field_names(kind)])
        return self._made.setdefault(key, node)  # type: ignore[return-value]


_FIELDS: dict[type[Node], tuple[str, ...]] = {}


def _field_names(kind: type[Node]) -> tuple[str, ...]:
    # A rulebook has tens of thousands of nodes; asking the dataclass each time took a third of
    # the time of reading it.
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field.name for field in fields(kind))
    return _FIELDS[kind]


def _key(part: object) -> object:
    # 1, 1.0 and True are equal in Python and different constants here.
    if isinstance(part, Node):
        return id(part)
    if isinstance(part, tuple):
        return tuple(_key(p) for p in part)
    return (type(part), part)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside a node, in the order of its fields."""
    found: list[Node] = []
    for name in _field_names(type(node)):
        _collect(getattr(node, name), found)
    return tuple(found)


def _collect(part: object, found: list[Node]) -> None:
    if isinstance(part, Node):
        found.append(part)
    elif isinstance(part, tuple):
        for inner in part:
            _collect(inner, found)
