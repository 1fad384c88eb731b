"""How unequally welfare is spread: Gini, mean log deviation, polarization."""

from __future__ import annotations

from typing import Literal

import numpy as np

from yihu.measure.design import Design, Estimate, estimate_from_influence
from yihu.measure.quantiles import lorenz, mean, median
from yihu.measure.sample import Floats, Numbers, checked, floats, in_order

ZeroLog = Literal["refuse", "leave_out", "one"]
Half = Literal["up_to_median", "exact"]


def gini(welfare: Numbers, weight: Numbers | None = None) -> float:
    """Gini index as a fraction; 0 when all have the same.

    (2 sum(w x c) - sum(w^2 x)) / (sum(w) sum(w x)) - 1, with c the cumulated weight in the order
    of x. This is laeken's formula (there times 100), without a correction for small samples, so
    doubling every row changes nothing. It equals one minus twice the area under the weighted
    Lorenz curve drawn straight from row to row, the way of wbpip (`gini_of_lorenz`): the same
    number by algebra, computed in another order. What does differ between the two tools is the
    rows: wbpip first drops negative welfare (`sample.clean`), laeken keeps it, and with negative
    welfare the index can exceed 1.

    Raises    ValueError when the total welfare is not above 0
    Source    laeken 0.5.2, gini

    >>> gini([1.0, 1.0, 2.0])
    0.16666666666666674
    """
    x, w = in_order(welfare, weight)
    held = float((w * x).sum())
    if held <= 0:
        raise ValueError(
            f"the total welfare is {held}; expected more than 0: the Gini index is not defined for "
            "this population"
        )
    return float((w * x * (2 * np.cumsum(w) - w)).sum() / (w.sum() * held) - 1)


def gini_of_lorenz(people: Numbers, shares: Numbers) -> float:
    """Gini index under a given Lorenz curve: one minus twice the area by trapezoids.

    people    cumulated population shares from 0 to 1
    shares    cumulated welfare shares at the same points
    With the full curve (`lorenz`) this is `gini`; with a thinned or published curve it is a
    little less, since straight lines hide the inequality between their ends.

    Raises    ValueError when the points do not run from 0 to 1
    Source    wbpip, md_compute_gini
    """
    p, s = floats(people, "people"), floats(shares, "shares")
    ends = p.shape == s.shape and len(p) > 1 and p[0] == s[0] == 0
    if not (ends and np.isclose(p[-1], 1) and np.isclose(s[-1], 1) and (np.diff(p) >= 0).all()):
        raise ValueError(
            "the Lorenz curve does not run from (0, 0) to (1, 1) with rising population shares; "
            "take the points from lorenz() or add the missing ends"
        )
    return float(1 - (np.diff(p) * (s[1:] + s[:-1])).sum())


def gini_estimate(welfare: Numbers, design: Design) -> Estimate:
    """The Gini index with its standard error under a survey design.

    Linearised by the exact derivative of `gini` by each row's weight. No reference value was at
    hand; the tests hold it against a numerical derivative and against leaving out one unit at a
    time.

    Raises    ValueError as `gini`; when the design has another number of rows
    """
    x = floats(welfare, "welfare")
    value = gini(x, design.weight)
    order = np.argsort(x, kind="stable")
    sorted_x, w = x[order], design.weight[order]
    # Equal values share their last cumulated weight, so the order among them does not matter.
    last = np.searchsorted(sorted_x, sorted_x, side="right") - 1
    below = np.cumsum(w)[last]
    held_below = np.cumsum(w * sorted_x)[last]
    people, held = float(w.sum()), float((w * sorted_x).sum())
    rise = 2 * (sorted_x * below + held - held_below) / (people * held)
    influence = np.empty(len(x))
    influence[order] = rise - (value + 1) * (1 / people + sorted_x / held)
    return estimate_from_influence(value, influence, design)


def mean_log_deviation(
    welfare: Numbers, weight: Numbers | None = None, *, zero: ZeroLog = "refuse"
) -> float:
    """Mean log deviation (Theil's L): mean of ln(mean / welfare).

    zero      a welfare of exactly 0 makes it infinite. "refuse" raises; "leave_out" takes the
              population without those rows, mean included; "one" reads it as 1 in the logarithm,
              as wbpip does: a number that changes with the currency, for comparison only
    Raises    ValueError: negative welfare; zero welfare under "refuse"; nothing above 0
    Source    wbpip, md_compute_mld
    """
    x, w = checked(welfare, weight)
    zeros = x == 0
    if (x < 0).any() or zeros.all() or (zero == "refuse" and zeros.any()):
        raise ValueError(
            f"welfare has {int((x < 0).sum())} negative and {int(zeros.sum())} zero values of "
            f"{len(x)}; the mean log deviation expects values above 0: drop negative ones with "
            'sample.clean and choose zero="leave_out" (or "one") for zeros'
        )
    if zero == "leave_out":
        x, w = x[~zeros], w[~zeros]
    centre = mean(x, w)
    logs: Floats = np.log(centre / np.where(x == 0, 1.0, x))
    return float((w * logs).sum() / w.sum())


def polarization(
    welfare: Numbers, weight: Numbers | None = None, *, half: Half = "up_to_median"
) -> float:
    """Wolfson's polarization: how far the two halves have moved apart around the median.

    2 (mean (1 - Gini) - mean of the poorer half) / median.

    half      "up_to_median" takes everyone up to and including the median person as the poorer
              half, with the median where the population share first reaches one half, as wbpip
              does; "exact" splits the row that straddles the middle, which is Wolfson's own
              2 (2 (0.5 - L(0.5)) - Gini) mean / median and what large populations tend to
    Raises    ValueError when the median or the total welfare is not above 0
    Source    Wolfson (1994); Ravallion and Chen (1996); wbpip, md_compute_polarization
    """
    x, w = checked(welfare, weight)
    middle = median(x, w, tie="lower" if half == "up_to_median" else "mean")
    if middle <= 0:
        raise ValueError(
            f"the median welfare is {middle}; expected more than 0: polarization around it is not "
            "defined for this population"
        )
    centre = mean(x, w)
    if half == "exact":
        people, shares = lorenz(x, w)
        poorer = 2 * centre * float(np.interp(0.5, people, shares))
    else:
        poorer = mean(x[x <= middle], w[x <= middle])
    return 2 * (centre * (1 - gini(x, w)) - poorer) / middle
