"""Mean, quantiles and what each part of the population holds, all weighted."""

from __future__ import annotations

from typing import Literal

import numpy as np

from yihu.measure.sample import Floats, Numbers, checked, in_order

Tie = Literal["mean", "lower", "upper"]


def mean(values: Numbers, weight: Numbers | None = None) -> float:
    """Weighted mean, in the unit of the values."""
    x, w = checked(values, weight)
    return float((w * x).sum() / w.sum())


def quantile(
    values: Numbers, share: float, weight: Numbers | None = None, *, tie: Tie = "mean"
) -> float:
    """The value below which a share of the population lies, in the unit of the values.

    share     between 0 and 1; 0 gives the smallest value, 1 the largest
    tie       what to take when the cumulated weight share of a value is exactly `share`: "mean",
              the mean of it and the next (Eurostat's definition, and the common median);
              "lower", the value itself (wbpip); "upper", the next (what laeken 0.5.2 computes:
              it documents Eurostat's definition and looks for shares strictly above). Without
              such a tie the three are the same: the smallest value whose cumulated weight share
              is above `share`; nothing is interpolated.
    Raises    ValueError: share outside 0..1, unusable values or weights
    Source    Eurostat, EU-SILC 131-rev/04; laeken, weightedQuantile

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.5
    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5, [1, 1, 1, 2])
    3.0
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; expected 0 to 1: write 0.2 for the lowest fifth")
    x, w = in_order(values, weight)
    return _quantile_in_order(x, w, share, tie)


def median(values: Numbers, weight: Numbers | None = None, *, tie: Tie = "mean") -> float:
    """The weighted median: `quantile` at one half."""
    return quantile(values, 0.5, weight, tie=tie)


def s80_s20(welfare: Numbers, weight: Numbers | None = None, *, tie: Tie = "mean") -> float:
    """Income quintile share ratio: what the top fifth has over what the bottom fifth has.

    The top fifth is everyone strictly above the 80 % quantile, the bottom fifth everyone at or
    below the 20 % quantile, so with many equal values the fifths are not equally large. For
    equally large fifths take `quantile_shares(..., parts=5)` and divide the last by the first.

    tie       as in `quantile`
    Raises    ValueError when the bottom fifth has nothing (or less than nothing), or nobody is
              above the 80 % quantile: few rows, or many equal ones at the top
    Source    laeken 0.5.2, qsr
    """
    x, w = in_order(welfare, weight)
    bottom = x <= _quantile_in_order(x, w, 0.2, tie)
    top = x > _quantile_in_order(x, w, 0.8, tie)
    low, high = float((w * x)[bottom].sum()), float((w * x)[top].sum())
    if low <= 0:
        raise ValueError(
            f"the bottom fifth has {low} in all; expected more than 0: the ratio is not defined "
            "for this population"
        )
    if not top.any():
        raise ValueError(
            "nobody has more than the 80 % quantile; expected some above it: the ratio is not "
            "defined for so few or so equal rows"
        )
    return high / low


def lorenz(
    welfare: Numbers, weight: Numbers | None = None, *, points: int | None = None
) -> tuple[Floats, Floats]:
    """The Lorenz curve from (0, 0) to (1, 1): population shares and welfare shares.

    points    None gives a point for every row. A number thins the curve to that many points, each
              at the first row whose population share reaches 1/points, 2/points, …, as wbpip does
              (100 points when there are more than 1000 rows).
    Returns   two arrays of equal length, both beginning with 0
    Raises    ValueError when the total welfare is not above 0
    """
    x, w = in_order(welfare, weight)
    held = np.cumsum(w * x)
    if held[-1] <= 0:
        raise ValueError(
            f"the total welfare is {float(held[-1])}; expected more than 0: shares of it are not "
            "defined for this population"
        )
    people = np.cumsum(w) / w.sum()
    people[-1] = 1.0
    shares = held / held[-1]
    if points is not None:
        # The factor is wbpip's: a share that misses its step by rounding still counts.
        steps = np.arange(1, points + 1) / points * 0.999999999
        first = np.searchsorted(people, steps)
        people, shares = people[first], shares[first]
    return np.concatenate(([0.0], people)), np.concatenate(([0.0], shares))


def quantile_shares(
    welfare: Numbers,
    weight: Numbers | None = None,
    *,
    parts: int = 10,
    points: int | None = None,
) -> Floats:
    """Share of total welfare held by each of `parts` equally large parts, poorest first.

    The Lorenz curve is interpolated, so a row that straddles two parts is split between them and
    the parts are exactly equally large. With points=100 the curve is thinned first, as wbpip does;
    on its test data the two differ in the fifth decimal.

    Returns   an array of `parts` shares that sum to 1
    """
    if parts < 1:
        raise ValueError(f"parts is {parts}; expected 1 or more: write 10 for decile shares")
    people, shares = lorenz(welfare, weight, points=points)
    ends = np.interp(np.arange(1, parts + 1) / parts, people, shares)
    return np.diff(ends, prepend=0.0)


def decile_shares(
    welfare: Numbers, weight: Numbers | None = None, *, points: int | None = None
) -> Floats:
    """Share of total welfare held by each tenth of the population, poorest first."""
    return quantile_shares(welfare, weight, parts=10, points=points)


def _quantile_in_order(x: Floats, w: Floats, share: float, tie: Tie) -> float:
    if share == 0:
        return float(x[0])
    if share == 1:
        return float(x[-1])
    cumulated = np.cumsum(w)
    reached = cumulated / cumulated[-1]
    at = int(np.searchsorted(reached, share))
    if tie == "lower" or reached[at] != share:
        return float(x[at])
    return float(x[at + 1] if tie == "upper" else (x[at] + x[at + 1]) / 2)
