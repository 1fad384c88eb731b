"""Who lives together: relations, sexes and birth dates that fit each other.

Every household follows one of the patterns below: who is in it besides the head, and how old the
head may be. Ages are drawn from the head outwards (spouse, eldest child, its siblings, their
children, the head's parents), so that a mother is older than her child and a son's wife is a woman.
All figures are synthetic choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from yihu.synthetic.plan import MAX_SIZE, Ints

Reals = NDArray[np.float32]
Truths = NDArray[np.bool_]
Small = NDArray[np.int8]

YEAR_DAYS = 365.25


class Role(IntEnum):
    """What a person is in the household."""

    HEAD = 0
    SPOUSE = 1
    CHILD = 2
    GROWN_CHILD = 3
    CHILD_IN_LAW = 4
    GRANDCHILD = 5
    FATHER = 6
    MOTHER = 7
    SIBLING = 8


_LETTERS = {
    "H": Role.HEAD,
    "S": Role.SPOUSE,
    "C": Role.CHILD,
    "A": Role.GROWN_CHILD,
    "D": Role.CHILD_IN_LAW,
    "G": Role.GRANDCHILD,
    "F": Role.FATHER,
    "M": Role.MOTHER,
    "B": Role.SIBLING,
}
#: Age of the head in years, from and to: young, middle, older, elder.
HEAD_AGES = {"y": (24, 42), "m": (36, 58), "o": (53, 76), "e": (60, 92)}
#: Head's age, who is there, share among the households of that size.
PATTERNS = (
    ("e", "H", 0.62), ("m", "H", 0.28), ("y", "H", 0.10),
    ("e", "HS", 0.38), ("m", "HC", 0.20), ("m", "HM", 0.14), ("o", "HA", 0.12),
    ("y", "HS", 0.08), ("e", "HG", 0.08),
    ("y", "HSC", 0.38), ("m", "HSC", 0.27), ("o", "HSA", 0.13), ("m", "HCC", 0.07),
    ("m", "HCM", 0.06), ("o", "HAG", 0.05), ("e", "HGG", 0.04),
    ("y", "HSCC", 0.36), ("m", "HSCC", 0.26), ("m", "HSCM", 0.12), ("o", "HSAD", 0.06),
    ("o", "HADG", 0.08), ("m", "HCCM", 0.05), ("o", "HSAA", 0.03), ("m", "HSCF", 0.04),
    ("y", "HSCCC", 0.18), ("m", "HSCCM", 0.25), ("o", "HSADG", 0.27), ("m", "HSCFM", 0.12),
    ("m", "HSCCF", 0.08), ("m", "HSCCC", 0.07), ("m", "HCCMB", 0.03),
    ("m", "HSCCFM", 0.34), ("o", "HSADGG", 0.39), ("m", "HSCCCM", 0.16), ("y", "HSCCCC", 0.06),
    ("m", "HSCCMB", 0.05),
    ("m", "HSCCCFM", 0.36), ("o", "HSADGGG", 0.32), ("o", "HSAADGG", 0.24), ("m", "HSCCFMB", 0.08),
    ("o", "HSAADGGG", 0.55), ("m", "HSCCCCFM", 0.45),
)  # fmt: skip
MALE_HEAD = 0.90
MALE_HEAD_ALONE = 0.62
MALE_CHILD = 0.53
#: A grown child who stays at home with a wife or husband is mostly a son.
MALE_HEIR = 0.74


@dataclass(frozen=True, slots=True)
class Families:
    """The members of many households, household after household.

    starts     first member of each household, and the number of members at the end
    household  number of each member's household
    role, order, male   order counts the same role within the household from 0
    years      age in years with fractions, on the reference day
    through_son  grandchildren: whether their parent is a son of the head
    """

    starts: Ints
    household: Ints
    role: Small
    order: Small
    male: Truths
    years: Reals
    through_son: Truths


@dataclass(frozen=True, slots=True)
class _Patterns:
    """PATTERNS as arrays: per size the patterns and their running shares, per pattern the rest."""

    of_size: tuple[Ints, ...]
    shares: tuple[NDArray[np.float64], ...]
    role: Small
    order: Small
    young: Reals
    old: Reals
    has: dict[Role, Truths]


def families(sizes: Ints, *, rng: np.random.Generator) -> Families:
    """Draw the members of households of these sizes."""
    known = _patterns()
    pattern = _pattern_of(sizes, known, rng=rng)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    household = np.repeat(np.arange(len(sizes)), sizes)
    slot = np.arange(starts[-1]) - starts[household]
    role = known.role[pattern[household], slot]
    order = known.order[pattern[household], slot]
    couple = known.has[Role.SPOUSE][pattern]
    head_male = rng.random(len(sizes), np.float32) < np.where(couple, MALE_HEAD, MALE_HEAD_ALONE)
    heir = known.has[Role.GROWN_CHILD][pattern]
    heir_male = rng.random(len(sizes), np.float32) < np.where(heir, MALE_HEIR, MALE_CHILD)
    male = _sexes(role, order, head_male[household], heir_male[household], rng=rng)
    ages = _ages(pattern, head_male, rng=rng)
    years = _years(ages, household, role, order, rng=rng)
    return Families(starts, household, role, order, male, years, heir_male[household])


@cache
def _patterns() -> _Patterns:
    role = np.full((len(PATTERNS), MAX_SIZE), -1, dtype=np.int8)
    order = np.zeros((len(PATTERNS), MAX_SIZE), dtype=np.int8)
    for row, (_, members, _) in enumerate(PATTERNS):
        for slot, letter in enumerate(members):
            role[row, slot] = _LETTERS[letter]
            order[row, slot] = members[:slot].count(letter)
    count = np.array([len(members) for _, members, _ in PATTERNS])
    share = np.array([share for _, _, share in PATTERNS])
    of_size = tuple(np.flatnonzero(count == size) for size in range(MAX_SIZE + 1))
    ages = np.array([HEAD_AGES[age] for age, _, _ in PATTERNS], dtype=np.float32)
    return _Patterns(
        of_size=of_size,
        shares=tuple(np.cumsum(share[rows]) / max(share[rows].sum(), 1e-9) for rows in of_size),
        role=role,
        order=order,
        young=ages[:, 0],
        old=ages[:, 1],
        has={one: (role == one).any(axis=1) for one in Role},
    )


def _pattern_of(sizes: Ints, known: _Patterns, *, rng: np.random.Generator) -> Ints:
    chance = rng.random(len(sizes))
    pattern = np.zeros(len(sizes), dtype=np.int64)
    for size in range(1, MAX_SIZE + 1):
        rows = np.flatnonzero(sizes == size)
        at = np.searchsorted(known.shares[size], chance[rows], side="right")
        pattern[rows] = known.of_size[size][np.minimum(at, len(known.of_size[size]) - 1)]
    return pattern


def _sexes(
    role: Small, order: Small, head: Truths, heir: Truths, *, rng: np.random.Generator
) -> Truths:
    chance = rng.random(len(role), np.float32)
    male = chance < MALE_CHILD
    male = np.where(role == Role.HEAD, head, male)
    male = np.where(role == Role.SPOUSE, ~head, male)
    male = np.where((role == Role.GROWN_CHILD) & (order == 0), heir, male)
    male = np.where(role == Role.CHILD_IN_LAW, ~heir, male)
    return np.where(role == Role.FATHER, True, np.where(role == Role.MOTHER, False, male))


@dataclass(frozen=True, slots=True)
class _Ages:
    """Ages in years from which those of a household's members follow, one for each household."""

    head: Reals
    spouse: Reals
    parent: Reals
    heir: Reals
    child: Reals
    grandchild: Reals


def _ages(pattern: Ints, head_male: Truths, *, rng: np.random.Generator) -> _Ages:
    known, many = _patterns(), len(pattern)

    def between(low: float, high: float) -> Reals:
        return np.float32(low) + np.float32(high - low) * rng.random(many, np.float32)

    head = known.young[pattern] + (known.old - known.young)[pattern] * rng.random(many, np.float32)
    gap = rng.standard_normal(many, np.float32) * np.float32(2.2) + np.float32(2.0)
    spouse = np.maximum(head - np.where(head_male, gap, -gap), np.float32(19.5))
    # The younger of the two parents decides how old a child may be.
    parent = np.minimum(head, np.where(known.has[Role.SPOUSE][pattern], spouse, head))
    heir = np.maximum(parent - between(20.5, 30.0), np.float32(18.0))
    child = parent - between(20.5, 29.0)
    # Only grandparents at home: children whose parents are registered elsewhere.
    at_home = known.has[Role.GROWN_CHILD][pattern]
    grandchild = np.where(at_home, heir - between(21.0, 28.0), between(4.0, 17.0))
    return _Ages(head, spouse, parent, heir, child, grandchild)


def _years(
    ages: _Ages, household: Ints, role: Small, order: Small, *, rng: np.random.Generator
) -> Reals:
    """Each member's age in years: computed for every role, then picked by the member's own."""
    head, parent, heir = (one[household] for one in (ages.head, ages.parent, ages.heir))
    step = order * (np.float32(1.6) + np.float32(2.4) * rng.random(len(role), np.float32))
    noise = rng.random(len(role), np.float32)
    by_role = [
        head,
        ages.spouse[household],
        ages.child[household] - step,
        np.maximum(heir - step, np.float32(16.2)),
        np.maximum(heir - np.float32(3.5) + 5 * noise, np.float32(18.5)),
        ages.grandchild[household] - step,
        parent + np.float32(22.0) + 9 * noise,
        parent + np.float32(20.5) + 8 * noise,
        np.maximum(head - np.float32(8.0) + 14 * noise, np.float32(18.0)),
    ]
    years = np.choose(role, by_role)
    # Nobody is unborn, and very old ages thin out.
    years = np.where(years < 0.02, np.float32(0.02) + np.float32(2.9) * noise, years)
    old = years > np.float32(92.0)
    return np.where(old, np.float32(80.0) + 16 * noise, years).astype(np.float32)
