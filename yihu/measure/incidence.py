"""The field's own rates: 贫困发生率, the three rates and one degree (三率一度), and changes.

Numerators and bases are kept beside every rate, because townships must add up to their county and
a rounded rate cannot be added. Rates are percent, rounded half up to two decimals as the tables
print them; whether a limit is kept is decided on the exact fraction, never on the printed figure.
Which limits hold where and when (2 % or 3 %, 90 %) is dated data of a rulebook, so it is an
argument here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil, sqrt
from typing import Literal

import numpy as np

from yihu.measure.counting import Exact, exact
from yihu.measure.design import estimate_ratio, normal_quantile, survey_design

Wanted = Literal["below", "at_least"]


@dataclass(frozen=True)
class Rate:
    """A count over a base, both whole persons or households.

    count     such as poor persons at the date
    base      such as 乡村人口, the rural population (not all residents)
    """

    count: int
    base: int

    def __post_init__(self) -> None:
        """Refuse a base of nobody and a count outside it."""
        if self.base < 1 or not 0 <= self.count <= self.base:
            raise ValueError(
                f"{self.count} of {self.base} is no rate; expected a base of at least 1 and a "
                "count from 0 to the base: check the two columns"
            )

    @property
    def fraction(self) -> Fraction:
        """The exact value."""
        return Fraction(self.count, self.base)

    @property
    def percent(self) -> Decimal:
        """Percent, rounded half up to two decimals."""
        return percent(self.fraction)


def percent(fraction: Fraction, decimals: int = 2) -> Decimal:
    """An exact fraction as percent, rounded half up.

    >>> percent(Fraction(1, 800))
    Decimal('0.13')
    """
    return rounded(fraction * 100, decimals)


def rounded(value: Fraction, decimals: int) -> Decimal:
    """An exact number as a decimal, rounded half up (away from zero when negative)."""
    unit = Decimal(1).scaleb(-decimals)
    # The quotient of two whole numbers is cut after enough figures to see which side of a half
    # it lies on; a remainder beyond them counts as "above the half".
    scaled, rest = divmod(abs(value.numerator) * 10 ** (decimals + 1), value.denominator)
    shown = Decimal(scaled).scaleb(-(decimals + 1))
    shown += Decimal(1).scaleb(-(decimals + 2)) if rest else 0
    shown = shown.quantize(unit, rounding=ROUND_HALF_UP)
    return -shown if value < 0 else shown


def incidence(*, poor: int, rural_population: int) -> Rate:
    """贫困发生率: poor persons at the date over 乡村人口.

    >>> incidence(poor=52109, rural_population=347162).percent
    Decimal('15.01')
    """
    return Rate(count=poor, base=rural_population)


def add_up(rates: Iterable[Rate]) -> Rate:
    """The rate of a whole from its parts: counts and bases are added, rates never."""
    parts = list(rates)
    if not parts:
        raise ValueError("there is no part to add up; expected at least one place")
    return Rate(count=sum(p.count for p in parts), base=sum(p.base for p in parts))


def bases_behind(*, count: int, printed: Decimal) -> tuple[int, int]:
    """The smallest and largest base with which `count` prints as this percent figure.

    Raises    ValueError when no whole base does, or the printed rate could be 0

    >>> bases_behind(count=52109, printed=Decimal("15.01"))
    (347047, 347277)
    """
    low, high = _printed_range(printed)
    if low <= 0:
        raise ValueError(f"a rate printed as {printed} % may be 0; any large base would do")
    smallest = int(Fraction(count) / high) + 1
    largest = int(Fraction(count) / low)
    return _range(smallest, largest, f"base with which {count} prints as {printed} %")


def counts_behind(*, base: int, printed: Decimal) -> tuple[int, int]:
    """The smallest and largest count that prints as this percent figure on `base`.

    >>> counts_behind(base=347162, printed=Decimal("0.24"))
    (816, 850)
    """
    low, high = _printed_range(printed)
    smallest = max(0, ceil(low * base))
    largest = min(base, ceil(high * base) - 1)
    return _range(smallest, largest, f"count that prints as {printed} % of {base}")


@dataclass(frozen=True)
class SampleRate:
    """A rate found in a sample, with its uncertainty; `rate` keeps count and base.

    se          standard error, as a fraction
    low, high   confidence interval, as fractions; by Wilson's method without clusters (it stays
                useful when nothing was found), else from the spread between clusters
    level       of the interval, such as 0.95
    clusters    villages the sample came from; 0 when it is taken as a simple random sample
    """

    rate: Rate
    se: float
    low: float
    high: float
    level: float
    clusters: int


def sample_rate(*, found: int, checked: int, level: float = 0.95) -> SampleRate:
    """A rate in a simple random sample: 错退率, 漏评率 or 群众认可度.

    found      wrongly exited persons; omitted persons; satisfied households
    checked    exited persons, unregistered rural persons, or households in the sample
    Persons of one family or village are alike, so the true uncertainty is larger: where the
    villages are known take `sample_rate_of_villages`.
    """
    rate = Rate(count=found, base=checked)
    z = normal_quantile(level)
    p, n = found / checked, checked
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the ends the interval touches 0 or 1 exactly; rounding must not carry it past the rate.
    low = 0.0 if found == 0 else max(0.0, middle - reach)
    high = 1.0 if found == checked else min(1.0, middle + reach)
    return SampleRate(
        rate=rate, se=sqrt(p * (1 - p) / n), low=low, high=high, level=level, clusters=0
    )


def sample_rate_of_villages(
    *, found: Sequence[int], checked: Sequence[int], level: float = 0.95
) -> SampleRate:
    """A rate in a sample drawn by villages, one pair of counts per village.

    The ratio of the two totals, linearised, with villages as sampling units drawn with
    replacement. Without any spread between villages (nothing found anywhere) the standard error
    is 0, which says little: the interval of `sample_rate` is then given instead, so it never has
    a width of 0.

    Raises    ValueError: fewer than two villages, lists of different length
    """
    if len(found) != len(checked) or len(found) < 2:
        raise ValueError(
            f"found has {len(found)} villages and checked {len(checked)}; expected as many of "
            "each, at least 2: with one village take sample_rate"
        )
    whole = add_up(Rate(count=f, base=c) for f, c in zip(found, checked, strict=True) if c or f)
    one = sample_rate(found=whole.count, checked=whole.base, level=level)
    made = survey_design(rows=len(found))
    ratio = estimate_ratio(np.array(found, float), np.array(checked, float), made)
    low, high = ratio.interval(level) if ratio.se > 0 else (one.low, one.high)
    return SampleRate(
        rate=whole,
        se=ratio.se,
        low=max(0.0, low),
        high=min(1.0, high),
        level=level,
        clusters=len(found),
    )


@dataclass(frozen=True)
class ProjectedRate:
    """综合贫困发生率 with its parts; persons projected from a sample are fractions, not counts.

    remaining        registered persons not exited
    wrongly_exited   persons, projected: 错退率 of the sample x exited persons
    omitted          persons, projected: 漏评率 of the sample x unregistered rural persons
    base             乡村人口
    fraction         the exact rate
    se               standard error from the two samples, taken as independent; a fraction
    low, high        confidence interval from it, as fractions
    """

    remaining: int
    wrongly_exited: Fraction
    omitted: Fraction
    base: int
    fraction: Fraction
    se: float
    low: float
    high: float

    @property
    def percent(self) -> Decimal:
        """Percent, rounded half up to two decimals."""
        return percent(self.fraction)


def comprehensive_incidence(
    *,
    remaining: int,
    exited: int,
    unregistered: int,
    rural_population: int,
    wrong_exit: SampleRate,
    omission: SampleRate,
) -> ProjectedRate:
    """综合贫困发生率: (not exited + wrongly exited + omitted) over 乡村人口.

    remaining       registered persons of the county not exited
    exited          persons of the county who exited; the wrong-exit rate is of these
    unregistered    rural persons of the county outside the register; the omission rate is of these
    Raises          ValueError when the three groups together exceed the rural population
    """
    if min(remaining, exited, unregistered) < 0 or (
        remaining + exited + unregistered > rural_population or rural_population < 1
    ):
        raise ValueError(
            f"{remaining} remaining, {exited} exited and {unregistered} unregistered persons do "
            f"not fit in a rural population of {rural_population}; expected at most as many: "
            "check the base, 乡村人口 of the same day"
        )
    wrongly = wrong_exit.rate.fraction * exited
    omitted = omission.rate.fraction * unregistered
    value = (remaining + wrongly + omitted) / Fraction(rural_population)
    se = sqrt((exited * wrong_exit.se) ** 2 + (unregistered * omission.se) ** 2) / rural_population
    reach = normal_quantile(wrong_exit.level) * se
    return ProjectedRate(
        remaining=remaining,
        wrongly_exited=wrongly,
        omitted=omitted,
        base=rural_population,
        fraction=value,
        se=se,
        low=max(0.0, float(value) - reach),
        high=min(1.0, float(value) + reach),
    )


@dataclass(frozen=True)
class Limit:
    """One of 三率一度 held against its limit.

    wanted     "below" (错退率, 漏评率, 综合贫困发生率) or "at_least" (群众认可度)
    limit      percent, as the rulebook dates it for the place
    kept       decided on the exact fraction
    certain    whether the whole confidence interval is on the same side
    """

    percent: Decimal
    limit: Fraction
    wanted: Wanted
    kept: bool
    certain: bool


@dataclass(frozen=True)
class ThreeRates:
    """三率一度. One failing item is enough against the county's exit."""

    comprehensive: Limit
    wrong_exit: Limit
    omission: Limit
    recognition: Limit

    @property
    def kept(self) -> bool:
        """Whether all four limits are kept."""
        return all(
            item.kept
            for item in (self.comprehensive, self.wrong_exit, self.omission, self.recognition)
        )


def three_rates(
    *,
    comprehensive: ProjectedRate,
    wrong_exit: SampleRate,
    omission: SampleRate,
    recognition: SampleRate,
    comprehensive_limit: Exact,
    wrong_exit_limit: Exact,
    omission_limit: Exact,
    recognition_limit: Exact,
) -> ThreeRates:
    """Hold the three rates and one degree against their limits, given in percent ("2", "90")."""
    return ThreeRates(
        comprehensive=_against(comprehensive, comprehensive_limit, "below"),
        wrong_exit=_against(wrong_exit, wrong_exit_limit, "below"),
        omission=_against(omission, omission_limit, "below"),
        recognition=_against(recognition, recognition_limit, "at_least"),
    )


@dataclass(frozen=True)
class Change:
    """From one figure to a later one, in its own unit and relative to the first.

    absolute    later minus earlier: persons for counts, percentage points for rates
    relative    absolute over earlier, a fraction; None when the earlier figure is 0
    """

    absolute: Fraction
    relative: Fraction | None

    def percent(self, decimals: int = 1) -> Decimal | None:
        """The relative change in percent, rounded half up."""
        return None if self.relative is None else percent(self.relative, decimals)


def change(earlier: Exact, later: Exact) -> Change:
    """The change between two published figures, exact.

    From a rate of 1.7 % to 0.6 % is 1.1 points less and 64.7 percent less: two different
    sentences, so both are given and neither is called just "change".
    """
    first, last = exact(earlier, "earlier"), exact(later, "later")
    return Change(absolute=last - first, relative=(last - first) / first if first else None)


def _against(rate: SampleRate | ProjectedRate, limit: Exact, wanted: Wanted) -> Limit:
    line = exact(limit, "limit")
    value = (rate.rate.fraction if isinstance(rate, SampleRate) else rate.fraction) * 100
    kept = value < line if wanted == "below" else value >= line
    ends = (rate.low * 100, rate.high * 100)
    sides = [end < line if wanted == "below" else end >= line for end in ends]
    return Limit(
        percent=rounded(value, 2),
        limit=line,
        wanted=wanted,
        kept=kept,
        certain=all(side == kept for side in sides),
    )


def _printed_range(printed: Decimal) -> tuple[Fraction, Fraction]:
    """The fractions that print as this percent figure: from the first, to below the second."""
    half = Fraction(Decimal(1).scaleb(int(printed.as_tuple().exponent))) / 2
    return (Fraction(printed) - half) / 100, (Fraction(printed) + half) / 100


def _range(smallest: int, largest: int, what: str) -> tuple[int, int]:
    if smallest > largest:
        raise ValueError(f"there is no {what}; check both figures")
    return smallest, largest
