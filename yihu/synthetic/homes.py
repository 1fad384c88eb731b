"""What each household is and has: its place on the register, income, house, water, road, land.

Means of income are published for 2015 and 2019 only; other years are reached with a constant yearly
growth, which is a synthetic choice, as are all shares here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yihu.synthetic.columns import pick, some
from yihu.synthetic.families import Families, Truths
from yihu.synthetic.lives import Lives
from yihu.synthetic.plan import COHORTS, Ints

Reals = NDArray[np.float64]

#: Yuan a person and year in 2015 and 2019: all farmers, and registered households.
FARMERS_INCOME = (11_163.0, 16_146.0)
REGISTERED_INCOME = (5_311.0, 9_808.0)
#: Persons of the register among all at the end of 2015.
REGISTERED_SHARE = 52_109 / 347_162
#: Spread of the logarithm of income per person, registered and others.
REGISTERED_SPREAD, SPREAD = 0.38, 0.62
#: Poor households have this part of the income of other registered ones.
POOR_PART = 0.42
#: Costs in gross operating income, from and to.
COSTS = (0.15, 0.50)
#: In minimum living allowance: poor, off the list, all others.
ALLOWANCE = (0.62, 0.17, 0.022)
#: Classes A, B, C of the allowance.
ALLOWANCE_CLASSES = (0.12, 0.38, 0.50)
#: Lone elders without income who are wholly supported by the state, poor or once poor.
SUPPORTED = 0.30
#: Grades A to D of the house: others and off the list; poor.
HOUSE_GRADES = (0.600, 0.3935, 0.004, 0.0025)
HOUSE_GRADES_POOR = (0.22, 0.50, 0.17, 0.11)
#: Water: share with each of quantity, quality, way and surety in order, near and remote, poor less.
WATER_NEAR, WATER_REMOTE, WATER_POOR = 0.9994, 0.9955, 0.95
POWER, BROADCAST, BROADCAST_POOR = 0.9985, 0.989, 0.93
#: Roads into the hamlet: earth, gravel, concrete, asphalt; near and remote.
ROADS_NEAR = (0.004, 0.036, 0.86, 0.10)
ROADS_REMOTE = (0.018, 0.112, 0.83, 0.04)

#: Standing on the register, in the order of `Homes.standing`.
OTHER, POOR, OUT, STRUCK = range(4)


@dataclass(slots=True)
class Homes:
    """State of each household, one item each; money in whole yuan a year.

    standing        OTHER, POOR, OUT or STRUCK; joined, left are years, 0 = never
    labour          members with ordinary, skilled or weak ability
    allowance       0 none, 1 A, 2 B, 3 C; supported: 特困供养
    wage, operating, owned, transfer, costs   the four incomes and the costs of operating;
                    net is their balance
    paddy, dry, returned   fields and forest given back, mu
    house_area      m2;  house_grade 0 A … 3 D
    water           four columns of truths: quantity, quality, way, surety
    remote          0 near the town … 1 far in the hills
    """

    village: Ints
    size: Ints
    standing: Ints
    joined: Ints
    left: Ints
    labour: Ints
    allowance: Ints
    supported: Truths
    wage: Ints
    operating: Ints
    owned: Ints
    transfer: Ints
    costs: Ints
    paddy: Reals
    dry: Reals
    returned: Reals
    house_area: Ints
    house_grade: Ints
    water: NDArray[np.bool_]
    power: Truths
    broadcast: Truths
    road: Ints
    remote: Reals

    @property
    def poor(self) -> Truths:
        """On the list at the end of the year."""
        return np.asarray(self.standing == POOR)

    @property
    def registered(self) -> Truths:
        """On the list or off it by leaving poverty."""
        return np.asarray((self.standing == POOR) | (self.standing == OUT))

    @property
    def safe_water(self) -> Truths:
        """Quantity, quality, way and surety all in order."""
        return np.asarray(self.water.all(axis=0))

    @property
    def near_water(self) -> Truths:
        """Way and surety in order: water is not hard to get."""
        return np.asarray(self.water[2] & self.water[3])

    @property
    def net(self) -> Ints:
        """Net income, yuan a year."""
        return self.wage + self.operating + self.owned + self.transfer - self.costs


def standing_of(cohort: Ints, *, year: int) -> tuple[Ints, Ints, Ints]:
    """Standing, year of joining and year of leaving at the end of `year`; cohort -1 = none."""
    joined = np.array([one.joined for one in COHORTS] + [9999])[cohort]
    left = np.array([one.left or 9999 for one in COHORTS] + [9999])[cohort]
    struck = np.array([one.struck for one in COHORTS] + [False])[cohort]
    on, gone = joined <= year, left <= year
    standing = np.select([~on, ~gone, struck], [OTHER, POOR, STRUCK], OUT)
    return standing, np.where(on, joined, 0), np.where(on & gone, left, 0)


def mean_income(year: int) -> tuple[float, float]:
    """Yuan a person: of registered households, and of all others."""
    farmers, registered = (
        first * (last / first) ** ((year - 2015) / 4)
        for first, last in (FARMERS_INCOME, REGISTERED_INCOME)
    )
    others = (farmers - REGISTERED_SHARE * registered) / (1 - REGISTERED_SHARE)
    return registered, others


def homes_of(
    family: Families,
    lives: Lives,
    *,
    village: Ints,
    cohort: Ints,
    remote: Reals,
    year: int,
    rng: np.random.Generator,
) -> Homes:
    """Draw the state of households; village and cohort of each, remoteness of each."""
    standing, joined, left = standing_of(cohort, year=year)
    poor = standing == POOR
    many = len(village)
    firsts = family.starts[:-1]
    labour = np.add.reduceat(lives.works.astype(np.int64), firsts)
    size = np.diff(family.starts)
    share = np.choose(standing, (ALLOWANCE[2], *ALLOWANCE[:2], ALLOWANCE[2]))
    # Those who cannot work are not on the list for nothing.
    allowed = some(np.where(labour == 0, np.minimum(share * 3, 0.9), share), many, rng=rng)
    alone = (size == 1) & (lives.age[firsts] >= 60) & (labour == 0)
    supported = alone & (poor | (standing == OUT)) & some(SUPPORTED, many, rng=rng)
    allowance = np.where(allowed & ~supported, 1 + pick(many, ALLOWANCE_CLASSES, rng=rng), 0)
    return Homes(
        village=village, size=size, standing=standing, joined=joined, left=left, labour=labour,
        allowance=allowance, supported=supported, remote=remote,
        **_incomes(family, lives, standing, labour, allowance, size, year=year, rng=rng),
        **_fields(size, remote, rng=rng), **_dwellings(poor, size, rng=rng),
        **_services(poor, remote, rng=rng),
    )  # fmt: skip


def _incomes(
    family: Families,
    lives: Lives,
    standing: Ints,
    labour: Ints,
    allowance: Ints,
    size: Ints,
    *,
    year: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Four incomes and costs whose balance is the income drawn for the household."""
    many = len(size)
    total = _totals(standing, labour, size, year=year, rng=rng)
    firsts = family.starts[:-1]
    earned = np.add.reduceat((lives.away * lives.months * lives.wage).astype(np.float64), firsts)
    elders = np.add.reduceat((lives.age >= 60).astype(np.int64), firsts)
    # Pensions of 60 and more, allowances and farm subsidies; never more than most of it all.
    given = elders * 1_400.0 + (allowance > 0) * size * 2_300.0 + size * rng.uniform(0, 420, many)
    transfer = np.where(labour == 0, np.maximum(given, 0.75 * total), given)
    transfer = np.minimum(transfer, 0.9 * total)
    owned = np.where(rng.random(many) < 0.16, rng.uniform(0.005, 0.08, many) * total, 0.0)
    rest = total - transfer - owned
    # Wages follow the months worked away, as far as the household's income bears them.
    away = np.clip(earned / np.maximum(rest, 1.0), 0.0, 1.0) * rng.uniform(0.55, 0.98, many)
    wage = rest * away
    part = rng.uniform(*COSTS, many)
    gross = (rest - wage) / (1 - part)
    rounded = {
        "wage": wage, "operating": gross, "owned": owned, "transfer": transfer,
        "costs": gross * part,
    }  # fmt: skip
    return {name: np.round(values).astype(np.int64) for name, values in rounded.items()}


def _totals(
    standing: Ints, labour: Ints, size: Ints, *, year: int, rng: np.random.Generator
) -> Reals:
    """Net income of each household, yuan; means by person as published."""
    registered, others = mean_income(year)
    listed = (standing == POOR) | (standing == OUT)
    spread = np.where(listed, REGISTERED_SPREAD, SPREAD)
    mean = np.where(listed, registered, others)
    # Before the first household left poverty all were poor: then poor is no less than the mean.
    if (standing == OUT).any():
        mean = np.where(standing == POOR, mean * POOR_PART, mean)
    # Without labour less; together the published mean.
    mean = mean * np.where(labour == 0, 0.72, 1.006)
    per_person = mean * np.exp(spread * rng.standard_normal(len(size)) - spread**2 / 2)
    return np.asarray(np.maximum(per_person, 600.0) * size)


def _fields(size: Ints, remote: Reals, *, rng: np.random.Generator) -> dict[str, Any]:
    many = len(size)
    paddy, dry, forest = np.exp(0.7 * rng.standard_normal((3, many)))
    returned = np.where(rng.random(many) < 0.18, 0.9 * forest * size, 0.0)
    return {
        "paddy": 0.55 * paddy * size * (1.25 - remote),
        "dry": 0.75 * dry * size * (0.55 + remote),
        "returned": returned,
    }


def _dwellings(poor: Truths, size: Ints, *, rng: np.random.Generator) -> dict[str, Any]:
    many = len(size)
    per_person = np.where(poor, 19.0, 30.0) * np.exp(0.33 * rng.standard_normal(many))
    grade = np.where(
        poor, pick(many, HOUSE_GRADES_POOR, rng=rng), pick(many, HOUSE_GRADES, rng=rng)
    )
    return {
        "house_area": np.clip(per_person * (size + 0.8), 16, 620).astype(np.int64),
        "house_grade": grade,
    }


def _services(poor: Truths, remote: Reals, *, rng: np.random.Generator) -> dict[str, Any]:
    many = len(poor)
    each = WATER_NEAR + (WATER_REMOTE - WATER_NEAR) * remote
    each = np.where(poor, np.minimum(each, WATER_POOR), each)
    roads = np.where(
        rng.random(many) < remote,
        pick(many, ROADS_REMOTE, rng=rng),
        pick(many, ROADS_NEAR, rng=rng),
    )
    return {
        "water": rng.random((4, many)) < each,
        "power": some(POWER, many, rng=rng),
        "broadcast": some(np.where(poor, BROADCAST_POOR, BROADCAST), many, rng=rng),
        "road": roads,
    }
