"""Which places there are and how many people live in each, before any person is drawn.

A run of `people` is cut into counties of 347,162 rural persons, the base on which the published
15.01 % of 52,109 persons fits. The first is county 451022 with its public township and village
names; each further one repeats them under codes and names that say they are made up. A county
smaller than that has fewer villages rather than smaller ones, down to a few townships of three
villages each: below that its villages are smaller, so that there is still something to compare.

The register of poor households is planned here too, so that its totals are exact in each whole
county: households and persons registered at the end of 2015 and taken off the list year by year.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
#: Code and name of a township, code and name of a village of it.
Row = tuple[str, str, str, str]
_T = TypeVar("_T")

#: Rural persons of a whole county: 52,109 / 0.1501, rounded inside the published rate.
PEOPLE_OF_A_COUNTY = 347_162
#: Poverty villages of a whole county at the end of 2015. Which ones is drawn: the list is unknown.
POVERTY_VILLAGES = 53
#: Times as many registered households per person in a poverty village as elsewhere. Synthetic.
POVERTY_VILLAGE_WEIGHT = 2.4
#: Villages of each township of a county too small for all of its townships; how many villages a
#: small county has in any case, and the fewest people in one of these. Synthetic.
VILLAGES_OF_A_TOWNSHIP, VILLAGES_AT_LEAST, PEOPLE_OF_A_VILLAGE = 3, 9, 330
#: Spread of village sizes (of their logarithm). Synthetic.
VILLAGE_SPREAD = 0.35
#: Households of 1, 2, … 8 persons. Mean 3.93, the mean of the register at the end of 2015.
SIZE_SHARES = (0.085, 0.125, 0.180, 0.250, 0.190, 0.105, 0.045, 0.020)
MAX_SIZE = len(SIZE_SHARES)
#: The same with more people living alone, mean 3.4: a county of 347,162 has about 100,000
#: households. For households that were never on the register. Synthetic.
SMALL_SIZE_SHARES = (0.145, 0.175, 0.21, 0.225, 0.14, 0.07, 0.025, 0.01)
#: Years whose end can be shown; incomes are published for 2015 and 2019.
YEARS = range(2015, 2024)
#: Codes 459101 … 459998 are given to no place; 98 counties in each hundred.
MAX_COUNTIES = 1 + 9 * 98


@dataclass(frozen=True, slots=True)
class Cohort:
    """Registered households with one history.

    joined, left   years; left 0 = still on the list
    struck         taken off because registered wrongly or gone, not because out of poverty
    """

    joined: int
    left: int
    struck: bool
    households: int
    persons: int


#: The register of a whole county. Published: 13,276 households and 52,109 persons at the end of
#: 2015; 9,543 / 38,336 out in 2016 and 2017 together; 10,984 / 44,143 by 2018; 12,960 / 50,990 by
#: 2019; rates 3.90 %, 2.16 % and 0.24 %. Synthetic: the halves of 2016–2017, everything struck or
#: added (what the rates need beside the exits), and the households of the last stock.
COHORTS = (
    Cohort(2015, 2016, struck=False, households=4_689, persons=18_836),
    Cohort(2015, 2017, struck=False, households=4_854, persons=19_500),
    Cohort(2015, 2018, struck=False, households=1_441, persons=5_807),
    Cohort(2015, 2019, struck=False, households=1_976, persons=6_847),
    Cohort(2015, 2017, struck=True, households=64, persons=233),
    Cohort(2015, 2018, struck=True, households=64, persons=234),
    Cohort(2015, 0, struck=False, households=188, persons=652),
    Cohort(2019, 0, struck=False, households=52, persons=181),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A township or a village of the list."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class County:
    """One county before its people are drawn; arrays have one item per village.

    number     0 for 451022, 1 … for the made-up ones
    township   place of each village's township in `townships`
    within     number of each village within its township, from 0
    households registered ones: village (ascending), size, cohort: one item per household
    """

    number: int
    code: str
    name: str
    townships: tuple[Place, ...]
    villages: tuple[Place, ...]
    township: Ints
    within: Ints
    poverty: NDArray[np.bool_]
    people: Ints
    registered_village: Ints
    registered_size: Ints
    registered_cohort: Ints


def counties(*, seed: int, people: int) -> Iterator[County]:
    """Yield the counties of a run one after another. Raises ValueError for too many people."""
    most = MAX_COUNTIES * PEOPLE_OF_A_COUNTY
    if not 1 <= people <= most:
        raise ValueError(f"people is {people}; a run has 1 to {most:,}")
    for number in range(-(-people // PEOPLE_OF_A_COUNTY)):
        here = min(PEOPLE_OF_A_COUNTY, people - number * PEOPLE_OF_A_COUNTY)
        yield _county(seed=seed, number=number, people=here)


def apportion(total: int, weights: Sequence[float] | NDArray[np.float64]) -> Ints:
    """Split a whole number by weights into whole numbers of the same sum (largest remainders)."""
    exact = np.asarray(weights, dtype=np.float64)
    exact = exact * (total / exact.sum())
    parts: Ints = np.floor(exact).astype(np.int64)
    missing = total - int(parts.sum())
    # Ties go to the earlier one, so that the same weights always give the same parts.
    parts[np.argsort(parts - exact, kind="stable")[:missing]] += 1
    return parts


def sizes_of(
    total: int, *, rng: np.random.Generator, shares: Sequence[float] = SIZE_SHARES
) -> Ints:
    """Household sizes drawn from these shares that add up to `total` persons."""
    drawn = _draw_sizes(total // 3 + MAX_SIZE, rng=rng, shares=shares)
    ends = np.cumsum(drawn)
    last = int(np.searchsorted(ends, total))
    sizes = drawn[: last + 1].copy()
    sizes[last] -= ends[last] - total
    return sizes


@cache
def _listed() -> tuple[Row, ...]:
    text = (files("yihu.synthetic") / "data" / "villages_451022.csv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines())
    next(rows)
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


def _county(*, seed: int, number: int, people: int) -> County:
    rng = np.random.default_rng([seed, number, 0])
    part = people / PEOPLE_OF_A_COUNTY
    rows = _chosen(people)
    code, name, mark = _named(number)
    names = {row[0]: row[1] for row in rows}
    codes = sorted(names)
    township = np.array([codes.index(row[0]) for row in rows], dtype=np.int64)
    inhabitants = apportion(people, rng.lognormal(0.0, VILLAGE_SPREAD, len(rows)))
    poverty = _poverty(rows, rng=rng)
    weights = np.where(poverty, POVERTY_VILLAGE_WEIGHT, 1.0) * inhabitants.astype(np.float64)
    village, size, cohort = _register(part=part, weights=weights, rng=rng)
    return County(
        number=number,
        code=code,
        name=name,
        townships=tuple(Place(code + one[6:], names[one] + mark) for one in codes),
        villages=tuple(Place(code + row[2][6:], row[3] + mark) for row in rows),
        township=township,
        within=np.array([township[:at].tolist().count(one) for at, one in enumerate(township)]),
        poverty=poverty,
        people=inhabitants,
        registered_village=village,
        registered_size=size,
        registered_cohort=cohort,
    )


def _chosen(people: int) -> list[Row]:
    """The villages of a county of so many people, in the order of their codes."""
    listed = _listed()
    by_part = round(len(listed) * people / PEOPLE_OF_A_COUNTY)
    wanted = max(1, by_part, min(VILLAGES_AT_LEAST, people // PEOPLE_OF_A_VILLAGE))
    codes = sorted({row[0] for row in listed})
    towns = max(1, wanted // VILLAGES_OF_A_TOWNSHIP)
    if towns >= len(codes):
        return _spread(listed, wanted)
    # Spread over all townships a few villages would each be the only one of theirs.
    found = []
    for code, many in zip(_spread(codes, towns), apportion(wanted, [1.0] * towns), strict=True):
        found += _spread([row for row in listed if row[0] == code], int(many))
    return found


def _spread(rows: Sequence[_T], wanted: int) -> list[_T]:
    """So many of the rows, from all along them."""
    return [rows[(2 * at + 1) * len(rows) // (2 * wanted)] for at in range(wanted)]


def _named(number: int) -> tuple[str, str, str]:
    """Code and name of a county, and the mark behind the names of its places."""
    if number == 0:
        return "451022", "田东县", ""
    hundred, one = divmod(number - 1, 98)
    mark = f"（合成{number + 1}）"
    return f"{459_101 + 100 * hundred + one}", f"田东县{mark}", mark


def _poverty(rows: list[Row], *, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which villages are poverty villages; communities in towns (office 居委会, 社区) never are."""
    may = np.flatnonzero([row[2][9] == "2" for row in rows])
    chosen = rng.permutation(may)[: round(POVERTY_VILLAGES * len(rows) / len(_listed()))]
    found = np.zeros(len(rows), dtype=np.bool_)
    found[chosen] = True
    return found


def _register(
    *, part: float, weights: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Village, size and cohort of each registered household, by village."""
    counts = _scaled([one.households for one in COHORTS], part)
    persons = np.clip(_scaled([one.persons for one in COHORTS], part), counts, counts * MAX_SIZE)
    sizes = [
        _sized(int(count), int(total), rng=rng)
        for count, total in zip(counts, persons, strict=True)
    ]
    size = np.concatenate(sizes)
    cohort = np.repeat(np.arange(len(COHORTS)), counts)
    order = rng.permutation(len(size))
    village = np.repeat(np.arange(len(weights)), apportion(len(size), weights))
    return village, size[order], cohort[order]


def _scaled(numbers: list[int], part: float) -> Ints:
    """The numbers times `part`, rounded so that their running sums stay right."""
    ends = np.floor(np.cumsum(numbers) * part + 0.5).astype(np.int64)
    return np.diff(ends, prepend=0)


def _sized(count: int, total: int, *, rng: np.random.Generator) -> Ints:
    """Draw `count` sizes and move some by one until they add up to `total`."""
    sizes = _draw_sizes(count, rng=rng)
    while (short := total - int(sizes.sum())) and count:
        step = 1 if short > 0 else -1
        may = np.flatnonzero((sizes + step >= 1) & (sizes + step <= MAX_SIZE))
        sizes[rng.permutation(may)[: abs(short)]] += step
        if not len(may):
            raise ValueError(f"{total} persons do not fit into {count} households")
    return sizes


def _draw_sizes(
    count: int, *, rng: np.random.Generator, shares: Sequence[float] = SIZE_SHARES
) -> Ints:
    ends = np.cumsum(shares)
    return np.asarray(np.searchsorted(ends / ends[-1], rng.random(count), side="right")) + 1
