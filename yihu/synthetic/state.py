"""A piece of a county: some villages, and everything true about their people before it is written.

What is written may be blank or wrong; what stands here is how it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yihu.synthetic.chance import Chance
from yihu.synthetic.families import YEAR_DAYS, Families, families
from yihu.synthetic.homes import Homes, homes_of, standing_of
from yihu.synthetic.lives import Lives, lives_of
from yihu.synthetic.plan import SIZE_SHARES, County, Ints, sizes_of

#: Villages are put together until a piece has so many people: the unit of work and of memory.
PIECE_PEOPLE = 60_000
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Piece:
    """Villages first … last (not included) of a county; `closing` is the county's last piece."""

    county: County
    number: int
    first: int
    last: int
    people: int
    closing: bool


@dataclass(slots=True)
class State:
    """Everything about a piece.

    year, today    the year of the facts, and the day ages and visits are counted to, its last
                   unless told; in days since 1970-01-01
    cohort         place of each household's history in plan.COHORTS; -1: never registered
    village        number of each household's village in the county
    in_village     number of each household within its village, from 1
    birth          of each person, days since 1970-01-01
    place          number of each person within the household, from 1
    persons, households, villages   chance for the rows of each table
    """

    piece: Piece
    year: int
    today: int
    family: Families
    lives: Lives
    homes: Homes
    village: Ints
    in_village: Ints
    cohort: Ints
    birth: Ints
    place: Ints
    remote: NDArray[np.float64]
    persons: Chance
    households: Chance
    villages: Chance

    @property
    def year_end(self) -> int:
        """The last day of the year, in days since 1970-01-01."""
        return day_number(date(self.year, 12, 31))

    def per_household(self, values: NDArray[np.generic]) -> Ints:
        """Sum over the members of each household."""
        return np.asarray(np.add.reduceat(values.astype(np.int64), self.family.starts[:-1]))

    def per_village(self, values: NDArray[np.generic]) -> Ints:
        """Sum over the households of each village of the piece."""
        at = self.village - self.piece.first
        sums = np.bincount(at, weights=values.astype(np.float64), minlength=self.villages.size)
        return np.asarray(np.round(sums).astype(np.int64))

    def to_members(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Value of each person's household."""
        return np.asarray(values[self.family.household])


def pieces_of(county: County) -> Iterator[Piece]:
    """Cut a county into pieces of about PIECE_PEOPLE people."""
    first, people, number = 0, 0, 0
    for village in range(len(county.villages)):
        people += int(county.people[village])
        closing = village + 1 == len(county.villages)
        if people >= PIECE_PEOPLE or closing:
            yield Piece(county, number, first, village + 1, people, closing)
            first, people, number = village + 1, 0, number + 1


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def state_of(
    piece: Piece,
    *,
    seed: int,
    year: int,
    today: date | None = None,
    shares: Sequence[float] = SIZE_SHARES,
) -> State:
    """Draw everything about a piece; its stream of chance depends on seed, county and number.

    today   the day ages and visits are counted to; the last of the year unless told
    shares  of the sizes of households that were never registered
    """
    rng = np.random.default_rng([seed, piece.county.number, 1 + piece.number])
    village, sizes, cohort = _homesteads(piece, rng=rng, shares=shares)
    family = families(sizes, rng=rng)
    here = piece.last - piece.first
    listed = np.array(
        [one.code[9] == "2" for one in piece.county.villages[piece.first : piece.last]]
    )
    remote = np.where(listed, rng.beta(1.6, 1.9, here), 0.02)
    standing, _, _ = standing_of(cohort, year=year)
    poor, out = (np.asarray((standing == one)[family.household]) for one in (1, 2))
    lives = lives_of(family, poor=poor, registered=poor | out, rng=rng)
    homes = homes_of(
        family, lives, village=village, cohort=cohort, remote=remote[village - piece.first],
        year=year, rng=rng,
    )  # fmt: skip
    now = day_number(today or date(year, 12, 31))
    firsts = np.searchsorted(village, np.arange(piece.first, piece.last))
    return State(
        piece=piece, year=year, today=now, family=family, lives=lives, homes=homes,
        village=village, cohort=cohort,
        in_village=np.arange(len(village)) - firsts[village - piece.first] + 1,
        birth=now - np.floor(family.years * YEAR_DAYS).astype(np.int64),
        place=np.arange(len(family.role)) - family.starts[family.household] + 1,
        remote=remote,
        persons=Chance(rng, len(family.role)), households=Chance(rng, len(village)),
        villages=Chance(rng, here),
    )  # fmt: skip


def _homesteads(
    piece: Piece, *, rng: np.random.Generator, shares: Sequence[float]
) -> tuple[Ints, Ints, Ints]:
    """Village, size and cohort (-1: never registered) of each household, by village."""
    county = piece.county
    villages, sizes, cohorts = [], [], []
    for village in range(piece.first, piece.last):
        low, high = np.searchsorted(county.registered_village, (village, village + 1))
        listed = county.registered_size[low:high]
        others = sizes_of(int(county.people[village] - listed.sum()), rng=rng, shares=shares)
        order = rng.permutation(len(listed) + len(others))
        villages.append(np.full(len(order), village))
        sizes.append(np.concatenate((listed, others))[order])
        none = np.full(len(others), -1)
        cohorts.append(np.concatenate((county.registered_cohort[low:high], none))[order])
    return np.concatenate(villages), np.concatenate(sizes), np.concatenate(cohorts)
