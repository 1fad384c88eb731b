"""Chance for the rows of one table, and which cells stay blank.

Every column has a share of blank cells, because registers have: `BLANK` for most, `BLANKS` for
those that are known to be filled in badly, none for keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yihu.synthetic import columns
from yihu.synthetic.families import Truths

#: Share of blank cells where nothing else is said. Synthetic.
BLANK = 0.003
#: Share of blank cells of columns people forget, or do not like to ask. Synthetic.
BLANKS = {
    "phone": 0.06,
    "ethnic_group": 0.002,
    "health": 0.006,
    "labour": 0.008,
    "education": 0.01,
    "schooling": 0.003,
    "medical_serious": 0.004,
    "medical_resident": 0.002,
    "pension_resident": 0.012,
    "work_months": 0.006,
    "monthly_wage": 0.03,
    "work_area": 0.015,
    "public_post_months": 0.04,
    "house_area": 0.002,
    "house_structure": 0.002,
    "house_grade": 0.002,
    "dangerous_house": 0.003,
    "water_litres": 0.002,
    "water_minutes": 0.004,
    "water_guarantee": 0.002,
    "water_safe_stated": 0.005,
    "power": 0.003,
    "water_clear": 0.001,
    "water_harmless": 0.001,
    "water_at_home": 0.002,
    "road_distance": 0.015,
    "road_type": 0.01,
    "hamlet_road_width": 0.03,
    "wage_income": 0.006,
    "operating_income": 0.006,
    "property_income": 0.01,
    "operating_cost": 0.012,
    "transfer_income": 0.006,
    "self_paid": 0.02,
    "farmland": 0.01,
    "forest": 0.015,
    "toilet": 0.012,
    "grade_report": 0.02,
    "risk_1": 0.02,
    "monitored_month": 0.02,
    "development_help": 0.03,
    "primary_schools": 0.03,
    "bus": 0.03,
    "collective_income_yuan": 0.03,
    "households_total": 0.02,
    "birth": 0.001,
    "sex": 0.001,
    "relation": 0.001,
    "identity": 0.0015,
    "basic_pension_money": 0.004,
}


@dataclass(slots=True)
class Chance:
    """A stream of chance for tables of `size` rows; makes columns, some cells of them blank."""

    rng: np.random.Generator
    size: int

    def some(self, share: float | NDArray[np.floating]) -> Truths:
        """Draw yes for this share of rows."""
        return columns.some(share, self.size, rng=self.rng)

    def pick(self, shares: Sequence[float]) -> NDArray[np.int64]:
        """Draw places 0, 1, … with these shares."""
        return columns.pick(self.size, shares, rng=self.rng)

    def between(self, low: float, high: float) -> NDArray[np.float64]:
        """Draw evenly from low to high."""
        return self.rng.uniform(low, high, self.size)

    def whole(self, low: int, high: int) -> NDArray[np.int64]:
        """Draw whole numbers from low to high, both included."""
        return self.rng.integers(low, high + 1, self.size)

    def around(self, median: float, spread: float) -> NDArray[np.float64]:
        """Draw from a lognormal with this median and spread of the logarithm."""
        return np.asarray(median * np.exp(spread * self.rng.standard_normal(self.size)))

    def blank(self, name: str, but: Truths | None = None) -> Truths:
        """Cells of a column that stay blank: by chance, and all those in `but`."""
        blank = self.some(BLANKS.get(name, BLANK))
        return blank if but is None else blank | but

    def yes(self, name: str, values: Truths, but: Truths | None = None) -> pa.Array:
        """A yes/no column."""
        return columns.truths(values, self.blank(name, but))

    def code(
        self, name: str, places: NDArray[np.integer], keys: Sequence[str], but: Truths | None = None
    ) -> pa.Array:
        """A code column; places count `keys` from 0."""
        return columns.codes(places, keys, self.blank(name, but))

    def amount(self, name: str, values: NDArray[np.generic], but: Truths | None = None) -> pa.Array:
        """A column of whole numbers or of whole yuan."""
        return columns.wholes(values, self.blank(name, but))

    def number(
        self, name: str, values: NDArray[np.floating], places: int, but: Truths | None = None
    ) -> pa.Array:
        """A column of numbers with so many figures behind the point."""
        return columns.numbers(values, places, self.blank(name, but))

    def day(self, name: str, days: NDArray[np.integer], but: Truths | None = None) -> pa.Array:
        """A column of dates from days since 1970-01-01."""
        return columns.days(days, self.blank(name, but))

    def month(self, name: str, months: NDArray[np.integer], but: Truths | None = None) -> pa.Array:
        """A column of months, counted from January of the year 0, written 2019-07."""
        return columns.months(months, self.blank(name, but))
