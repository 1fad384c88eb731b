"""The years of a county: who came and went, who left the register when, incomes of each year.

Drawn backwards from the families of today. Everybody born since the books were opened came by
birth; as many people died, married out or moved away as came, household by household of the same
history and in the same year while it was on the register, so that every published total holds: the
persons of the end of 2015, those of each year's exits, and the stock at the end of each year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yihu.synthetic.families import Role, Truths
from yihu.synthetic.homes import FARMERS_INCOME, REGISTERED_INCOME
from yihu.synthetic.plan import COHORTS, Ints
from yihu.synthetic.state import day_number

Reals = NDArray[np.float64]

#: The books were opened in the second half of December 2015.
OPENED = (date(2015, 12, 15), date(2015, 12, 30))
FIRST = day_number(date(2016, 1, 1))
#: Young wives and husbands without children who married into the household since. Synthetic.
MARRIED_IN = 0.15
#: How people went: died, married out, moved out, found not to belong there. Synthetic.
LEFT_WHY = ("died", "married_out", "moved_out", "not_of_household")
LEFT_SHARES = (0.66, 0.24, 0.08, 0.02)
#: Of the dead, those who were the head of the household. Synthetic.
DEAD_HEADS = 0.3


@dataclass(frozen=True, slots=True)
class Years:
    """What happened, days since 1970-01-01; 0 where it did not.

    of households  opened; identified, 0: at the opening; off: the day it left the register
    of persons     joined_on (0: there from the opening), married_in
    of those gone  household, on, why (place in LEFT_WHY), was_head, male, birth
    """

    opened: Ints
    identified: Ints
    off: Ints
    joined_on: Ints
    married_in: Truths
    gone_household: Ints
    gone_on: Ints
    gone_why: Ints
    gone_head: Truths
    gone_male: Truths
    gone_birth: Ints

    def sizes_on(self, day: int, *, size: Ints, household: Ints) -> Ints:
        """Members of each household at the end of a day.

        size       members today;  household  number of each person's household
        """
        many = len(size)
        later = np.bincount(household[self.joined_on > day], minlength=many)
        still = np.bincount(self.gone_household[self.gone_on > day], minlength=many)
        return np.asarray(size - later + still)


def years_of(
    *,
    cohort: Ints,
    off: Ints,
    household: Ints,
    role: NDArray[np.int8],
    birth: Ints,
    today: int,
    rng: np.random.Generator,
) -> Years:
    """Draw the years of households.

    cohort     of each household, -1: never registered;  off  day it left the register, 0: never
    household, role, birth   of each person
    """
    many = len(cohort)
    opened = rng.integers(day_number(OPENED[0]), day_number(OPENED[1]) + 1, many)
    late = np.array([one.joined > 2015 for one in COHORTS] + [False])[cohort]
    spring = day_number(date(2019, 3, 1))
    identified = np.where(late, rng.integers(spring, spring + 200, many), 0)
    joined, married = _came(household, role, birth, opened=opened, today=today, many=many, rng=rng)
    # On the day of a decision nobody comes, so that nobody need ask which was first.
    joined += (joined > 0) & ((joined == off[household]) | (joined == identified[household]))
    gone_household, gone_on = _went(
        cohort, off, identified, household, joined, today=today, rng=rng
    )
    why = np.searchsorted(np.cumsum(LEFT_SHARES), rng.random(len(gone_on)) * sum(LEFT_SHARES))
    head = (why == 0) & (rng.random(len(why)) < DEAD_HEADS)
    # One head at a time: of a household's dead only the first was its head.
    head &= _first(gone_household, head)
    male, born = _who_went(why, gone_on, rng=rng)
    return Years(
        opened=opened, identified=identified, off=off, joined_on=joined, married_in=married,
        gone_household=gone_household, gone_on=gone_on, gone_why=why, gone_head=head,
        gone_male=male, gone_birth=born,
    )  # fmt: skip


def _came(
    household: Ints,
    role: NDArray[np.int8],
    birth: Ints,
    *,
    opened: Ints,
    today: int,
    many: int,
    rng: np.random.Generator,
) -> tuple[Ints, Truths]:
    """Day each person joined, 0: there from the opening; and who married in."""
    born = birth > opened[household]
    young = np.isin(role, (Role.CHILD, Role.GRANDCHILD))
    childless = (np.bincount(household[young], minlength=many) == 0)[household]
    age = (today - birth) / 365.25
    bride = np.isin(role, (Role.SPOUSE, Role.CHILD_IN_LAW)) & childless & (age > 20) & (age < 34)
    married = bride & (rng.random(len(role)) < MARRIED_IN)
    since = np.maximum(birth + 20 * 366, FIRST + 14)
    wedding = since + np.floor(rng.random(len(role)) * np.maximum(today - 20 - since, 1))
    married &= wedding < today
    joined = np.where(born, birth, np.where(married, wedding.astype(np.int64), 0))
    return joined, married


def _went(
    cohort: Ints,
    off: Ints,
    identified: Ints,
    household: Ints,
    joined: Ints,
    *,
    today: int,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Household and day of everybody who went: as many as came, of each history and span."""
    homes, days = [], []
    came = joined >= FIRST
    of_person = cohort[household]
    for one in range(-1, len(COHORTS)):
        rows = np.flatnonzero(cohort == one)
        mine = np.flatnonzero(came & (of_person == one))
        if not len(mine) or not len(rows):
            continue
        for first, last in _spans(one, rows, off=off, identified=identified, today=today):
            low, high = np.zeros(len(cohort), np.int64), np.zeros(len(cohort), np.int64) - 1
            low[rows], high[rows] = first, last
            at = household[mine]
            count = int(((joined[mine] >= low[at]) & (joined[mine] <= high[at])).sum())
            may = rows[high[rows] >= low[rows]]
            chosen = rng.choice(may, count) if len(may) else rows[:0]
            width = high[chosen] - low[chosen] + 1
            homes.append(chosen)
            days.append(low[chosen] + np.floor(rng.random(len(chosen)) * width).astype(np.int64))
    if not homes:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate(homes), np.concatenate(days)


def _spans(
    cohort: int, rows: Ints, *, off: Ints, identified: Ints, today: int
) -> list[tuple[Ints, Ints]]:
    """First and last day, for each household, of the spans in which coming and going balance.

    On the register each year is one span; before and after it all time is one.
    """
    never = today - 1
    first = np.full(len(rows), FIRST)
    last = np.full(len(rows), never)
    if cohort < 0:
        return [(first, last)]
    on = np.where(identified[rows] > 0, identified[rows] + 1, FIRST)
    until = np.where(off[rows] > 0, off[rows] - 1, never)
    spans = [(first, on - 2), (np.where(off[rows] > 0, off[rows] + 1, never + 1), last)]
    for year in range(2016, 2021):
        starts, ends = day_number(date(year, 1, 1)), day_number(date(year, 12, 31))
        spans.append((np.maximum(on, starts), np.minimum(until, ends)))
    return spans


def _first(household: Ints, rows: Truths) -> Truths:
    """The first of these rows of each household."""
    found = np.zeros(len(rows), np.bool_)
    at = np.flatnonzero(rows)
    _, firsts = np.unique(household[at], return_index=True)
    found[at[firsts]] = True
    return found


def _who_went(why: Ints, on: Ints, *, rng: np.random.Generator) -> tuple[Truths, Ints]:
    """Sex and birth of those who went: the old died, young women married."""
    many = len(why)
    dead = np.minimum(58 + 34 * rng.beta(2.2, 2.0, many), 99.0)
    years = np.select([why == 0, why == 1], [dead, rng.uniform(20.2, 29, many)], 0.0)
    years = np.where(why > 1, rng.uniform(18, 50, many), years)
    male = np.where(why == 1, rng.random(many) < 0.1, rng.random(many) < 0.55)
    return male, on - np.floor(years * 365.25).astype(np.int64)


def registered_at(year: int, *, cohort: Ints, identified: Ints, off: Ints) -> Truths:
    """Households on the register at the end of a year, those out of poverty included."""
    end = day_number(date(year, 12, 31))
    struck = np.array([one.struck for one in COHORTS] + [False])[cohort]
    return np.asarray((cohort >= 0) & (identified <= end) & ~(struck & (off <= end)))


def incomes_of(
    base: Mapping[str, Ints],
    *,
    registered: Mapping[int, Truths],
    known: Truths,
    people: Mapping[int, Ints],
    rng: np.random.Generator,
) -> dict[int, dict[str, Ints]]:
    """Incomes of each year 2015 to 2019, in whole yuan, whose means are the published ones.

    base        incomes of 2019 by name; "costs" are taken off
    registered  year → households on the register;  known  whose incomes are written down
    people      year → members of each household at its end
    The years between are reached with a constant yearly growth: a synthetic choice.
    """
    found: dict[int, dict[str, Ints]] = {}
    for year, listed in registered.items():
        step = (year - 2015) / 4
        means = [a * (b / a) ** step for a, b in (REGISTERED_INCOME, FARMERS_INCOME)]
        swing = np.exp(0.08 * rng.standard_normal(len(known)))
        parts = {name: values * (swing if year < 2019 else 1.0) for name, values in base.items()}
        # What the state paid in the last year is known to the yuan, pension by pension.
        fixed = np.asarray(parts["transfer"] if year == 2019 else 0.0 * swing, np.float64)
        net = parts["wage"] + parts["operating"] + parts["owned"] + parts["transfer"]
        net = net - parts["costs"] - fixed
        factor = _factors(net, fixed, listed, known, people[year], means)
        found[year] = {
            name: np.round(values * (1.0 if year == 2019 and name == "transfer" else factor))
            for name, values in parts.items()
        }  # fmt: skip
    return {
        year: {name: values.astype(np.int64) for name, values in of.items()}
        for year, of in found.items()
    }


def _factors(
    net: Reals, fixed: Reals, listed: Truths, known: Truths, people: Ints, means: list[float]
) -> Reals:
    """What to multiply each household's incomes with, so that both means come out."""
    heads = people * known
    of_listed = means[0] * heads[listed].sum()
    of_others = means[1] * heads.sum() - of_listed
    found = []
    for rows, wanted in ((listed & known, of_listed), (~listed & known, of_others)):
        total = float(net[rows].sum())
        found.append((wanted - float(fixed[rows].sum())) / total if total > 0 else 1.0)
    return np.where(listed, *found)
