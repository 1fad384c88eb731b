"""The demo county as drawn: tables of its people today, and the years that led there.

Everything is synthetic and follows from the seed. Totals are the published ones of county 451022.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from uuid import UUID

import numpy as np
import pyarrow as pa

from yihu.synthetic import plan
from yihu.synthetic.families import Truths
from yihu.synthetic.pieces import written
from yihu.synthetic.plan import Ints
from yihu.synthetic.state import State, day_number, pieces_of, state_of
from yihu.synthetic.upper_places import county_of, townships_of
from yihu.synthetic.years import Years, incomes_of, registered_at, years_of

#: The day it is in the demo county.
TODAY = date(2020, 10, 17)
YEAR = 2019
YEARS = range(2015, YEAR + 1)
#: Helpers of a whole county (published).
HELPERS = 7_033
#: Households in one hamlet (屯). Synthetic.
HAMLET = 40
#: Families of the helper who can sign in.
FAMILIES = 6
INCOMES = {
    "wage": "wage_income", "operating": "operating_income", "owned": "property_income",
    "transfer": "transfer_income", "costs": "operating_cost",
}  # fmt: skip

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class County:
    """All that was drawn; arrays have one item a household.

    starts     first person of each household in `persons`, and their number at the end
    village    place in plan.villages;  hamlet, new_hamlet  numbers within the village, from 1
    exit       day of leaving poverty;  struck  whether taken off as wrong instead
    helper     number of the helper, -1: none
    incomes    year → name in INCOMES → yuan;  gross, costs  of the last year as first drawn
    gone       for each household the rows of `years.gone_*`
    """

    seed: int
    plan: plan.County
    persons: pa.Table
    households: pa.Table
    villages: pa.Table
    townships: pa.Table
    county: pa.Table
    starts: Ints
    village: Ints
    hamlet: Ints
    new_hamlet: Ints
    cohort: Ints
    struck: Truths
    helper: Ints
    years: Years
    incomes: dict[int, dict[str, Ints]]
    gross: Ints
    costs: Ints
    gone: tuple[Ints, Ints]

    @property
    def part(self) -> float:
        """How much of a whole county it is."""
        return int(self.plan.people.sum()) / plan.PEOPLE_OF_A_COUNTY

    @property
    def helpers(self) -> int:
        """How many helpers there are."""
        return helpers_of(int(self.plan.people.sum()))

    @property
    def shown_village(self) -> int:
        """The village of the demo people: of the poverty villages the one with most people."""
        return _shown_village(self.plan)

    @property
    def shown_helper(self) -> int:
        """Number of the helper who can sign in, and has FAMILIES families in that village."""
        there = _families(self.village, self.helper, self.struck, self.shown_village)
        return int(self.helper[there[0]]) if len(there) else 0


def helpers_of(people: int) -> int:
    """Helpers of a county of so many people."""
    return max(1, round(HELPERS * people / plan.PEOPLE_OF_A_COUNTY))


#: The first 48 bits of ids: where they begin, and how far two of one kind lie apart. Books, whose
#: beginning people read, lie far apart; entries, of which there are a thousand a family, near.
BEGIN, STEP, STEPS = 0x1B69_4C3E_7A05, 1 << 19, {"book": 1 << 25, "entry": 1 << 4}


def id_of(seed: int, kind: str, number: int) -> UUID:
    """The id of the number-th thing of a kind: always the same, and in the order of the numbers.

    In order, because two million random ids make an index of scattered pages; with steps between
    them, so that a receipt, which begins with eight signs of its book, is not all zeros and no two
    books have the same.

    >>> id_of(1, "book", 1) < id_of(1, "book", 2)
    True
    >>> str(id_of(1, "book", 1))[:8] != str(id_of(1, "book", 2))[:8]
    True
    """
    rest = blake2b(f"{seed}/{kind}/{number}".encode(), digest_size=10).digest()
    step = STEPS.get(kind, STEP)
    first = BEGIN + number * step + int.from_bytes(rest[-4:], "big") % step
    raw = bytearray(first.to_bytes(6, "big") + rest)
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return UUID(bytes=bytes(raw))


def draw(*, seed: int, people: int, progress: Progress) -> County:
    """Draw the whole county; the same seed and people give the same one."""
    drawn = next(plan.counties(seed=seed, people=people))
    states, tables = [], []
    done = 0
    for piece in pieces_of(drawn):
        state = state_of(
            piece, seed=seed, year=YEAR, today=TODAY, shares=plan.SMALL_SIZE_SHARES
        )  # fmt: skip
        states.append(state)
        tables.append(written(state))
        done += piece.people
        progress(done, people)
    return _together(
        seed, drawn, states,
        *(pa.concat_tables([getattr(t, name) for t in tables]).unify_dictionaries()
          for name in ("persons", "households", "villages")),
    )  # fmt: skip


def _together(
    seed: int,
    drawn: plan.County,
    states: list[State],
    persons: pa.Table,
    households: pa.Table,
    villages: pa.Table,
) -> County:
    rng = np.random.default_rng([seed, 0, 999])
    size = np.concatenate([s.homes.size for s in states])
    starts = np.concatenate(([0], np.cumsum(size)))
    household = np.repeat(np.arange(len(size)), size)
    cohort = np.concatenate([s.cohort for s in states])
    off = _left_on(cohort, households, rng=rng)
    years = years_of(
        cohort=cohort, off=off, household=household,
        role=np.concatenate([s.family.role for s in states]),
        birth=np.concatenate([s.birth for s in states]), today=day_number(TODAY), rng=rng,
    )  # fmt: skip
    base = {name: np.concatenate([getattr(s.homes, name) for s in states]) for name in INCOMES}
    incomes = incomes_of(
        base, known=_known(households), rng=rng,
        registered={
            year: registered_at(year, cohort=cohort, identified=years.identified, off=off)
            for year in YEARS
        },
        people={
            year: years.sizes_on(day_number(date(year, 12, 31)), size=size, household=household)
            for year in YEARS
        },
    )  # fmt: skip
    village = np.concatenate([s.village for s in states])
    hamlet, moved = _hamlets(village, households)
    struck = np.array([one.struck for one in plan.COHORTS] + [False])[cohort]
    helper = _helpers(cohort, many=helpers_of(len(household)))
    _show(drawn, village=village, helper=helper, struck=struck)
    return County(
        seed=seed, plan=drawn, persons=persons, households=households, villages=villages,
        townships=townships_of(drawn), county=county_of(drawn, year=YEAR), starts=starts,
        village=village, hamlet=hamlet, new_hamlet=moved, cohort=cohort,
        struck=struck, helper=helper, years=years, incomes=incomes,
        gross=base["wage"] + base["operating"] + base["owned"] + base["transfer"],
        costs=base["costs"],
        gone=_gone(years, len(size)),
    )  # fmt: skip


def _gone(years: Years, households: int) -> tuple[Ints, Ints]:
    """Rows of those who went in the order of their households, and where each one's begin."""
    order = np.argsort(years.gone_household, kind="stable")
    return order, np.searchsorted(years.gone_household[order], np.arange(households + 1))


def _left_on(cohort: Ints, households: pa.Table, *, rng: np.random.Generator) -> Ints:
    """Day each household left the register: as its papers say, in December where they do not."""
    left = np.array([one.left for one in plan.COHORTS] + [0])[cohort]
    said = households["marked_exited_on"].combine_chunks().cast(pa.int32())
    day = said.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.array([0 if y == 0 else day_number(date(int(y), 12, 31)) for y in range(2024)][2000:])
    end = np.where(left > 0, ends[np.maximum(left - 2000, 0)], 0)
    fits = (day > end - 120) & (day <= end)
    late = end - rng.integers(5, 30, len(cohort))
    return np.where(left == 0, 0, np.where(fits, day, late))


def _known(households: pa.Table) -> Truths:
    """Households whose five incomes are all written down."""
    found = np.ones(households.num_rows, np.bool_)
    for name in INCOMES.values():
        found &= households[name].combine_chunks().is_valid().to_numpy(zero_copy_only=False)
    return found


def _hamlets(village: Ints, households: pa.Table) -> tuple[Ints, Ints]:
    """Hamlet of each household, from 1, and the one it was moved to if it was relocated."""
    firsts = np.searchsorted(village, village)
    within = np.arange(len(village)) - firsts
    hamlet = within // HAMLET + 1
    last = np.searchsorted(village, village, side="right") - firsts
    moved = households["relocated"].combine_chunks().fill_null(False)
    there = moved.to_numpy(zero_copy_only=False)
    return hamlet, np.where(there, (last - 1) // HAMLET + 1, hamlet)


def _helpers(cohort: Ints, *, many: int) -> Ints:
    """Neighbours share a helper: the households of the register in order, dealt out evenly."""
    listed = cohort >= 0
    rank = np.cumsum(listed) - 1
    of = rank * many // max(int(listed.sum()), 1)
    return np.where(listed, of, -1)


def _show(drawn: plan.County, *, village: Ints, helper: Ints, struck: Truths) -> None:
    """Give one helper more families: two are what a county has, a phone to try shows some more."""
    shown = _families(village, helper, struck, _shown_village(drawn))[:FAMILIES]
    if len(shown):
        who = int(helper[shown[0]])
        # Others that this helper had go to a neighbour.
        helper[helper == who] = who - 1 if who else min(1, int(helper.max()))
        helper[shown] = who


def _shown_village(drawn: plan.County) -> int:
    return int(np.argmax(np.where(drawn.poverty, drawn.people, 0)))


def _families(village: Ints, helper: Ints, struck: Truths, shown: int) -> Ints:
    """Households of a village that have a helper."""
    return np.flatnonzero((village == shown) & (helper >= 0) & ~struck)
