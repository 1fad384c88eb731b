"""How many are poor, how far below the line, and how unequal among themselves.

The line is an argument and never recomputed: a breakdown by group keeps the national line.
Poor means strictly below the line (European statistics, and the register's 低于); wbpip counts
those exactly on it too, which `on_line_is_poor=True` gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from yihu.measure.design import Design, Domain, Estimate, estimate_mean
from yihu.measure.groups import Labels, by_group
from yihu.measure.inequality import gini
from yihu.measure.quantiles import Tie, median
from yihu.measure.sample import Bools, Floats, Numbers, checked, floats, positive

Zero = Literal["refuse", "leave_out"]


def is_poor(welfare: Numbers, line: float, *, on_line_is_poor: bool = False) -> Bools:
    """For every row, whether its welfare is below the line (or on it, if that counts).

    Raises    ValueError: a welfare is missing, the line is not above 0
    """
    x = floats(welfare, "welfare")
    if np.isnan(x).any():
        raise ValueError(
            f"{int(np.isnan(x).sum())} of {len(x)} welfare values are missing; expected a number "
            "in every row: nobody is called poor or not poor without one"
        )
    return _below(x, line, on_line_is_poor=on_line_is_poor)


def _below(x: Floats, line: float, *, on_line_is_poor: bool) -> Bools:
    limit = positive(line, "line")
    return np.less_equal(x, limit) if on_line_is_poor else np.less(x, limit)


def shortfall(
    welfare: Numbers, line: float, alpha: float, *, on_line_is_poor: bool = False
) -> Floats:
    """For every row ((line - welfare) / line) ** alpha if poor, else 0; its mean is the FGT index.

    A negative welfare gives a shortfall above 1; a missing one has a missing shortfall. alpha is
    0 or more; alpha 0 gives 1 for the poor.
    """
    if alpha < 0:
        raise ValueError(f"alpha is {alpha}; expected 0 or more: 0 counts, 1 gap, 2 severity")
    x = floats(welfare, "welfare")
    poor = _below(x, line, on_line_is_poor=on_line_is_poor)
    result = np.where(np.isnan(x), np.nan, 0.0)
    result[poor] = ((line - x[poor]) / line) ** alpha
    return result


def fgt(
    welfare: Numbers,
    line: float,
    weight: Numbers | None = None,
    *,
    alpha: float = 0.0,
    on_line_is_poor: bool = False,
) -> float:
    """Foster-Greer-Thorbecke index: 0 is the headcount, 1 the gap, 2 the severity; a fraction.

    Raises    ValueError: line not above 0, alpha below 0, unusable welfare or weights
    Source    Foster, Greer, Thorbecke (1984), Econometrica 52
    """
    x, w = checked(welfare, weight)
    return float((w * shortfall(x, line, alpha, on_line_is_poor=on_line_is_poor)).sum() / w.sum())


def headcount(
    welfare: Numbers, line: float, weight: Numbers | None = None, *, on_line_is_poor: bool = False
) -> float:
    """Share of the population that is poor, 0 to 1."""
    return fgt(welfare, line, weight, alpha=0, on_line_is_poor=on_line_is_poor)


def gap(welfare: Numbers, line: float, weight: Numbers | None = None) -> float:
    """Poverty gap: mean shortfall of the whole population as a fraction of the line."""
    return fgt(welfare, line, weight, alpha=1)


def severity(welfare: Numbers, line: float, weight: Numbers | None = None) -> float:
    """Squared poverty gap: mean squared shortfall of the whole population."""
    return fgt(welfare, line, weight, alpha=2)


def poor_persons(welfare: Numbers, line: float, weight: Numbers | None = None) -> float:
    """Sum of the weights of the poor."""
    x, w = checked(welfare, weight)
    return float(w[is_poor(x, line)].sum())


def watts(
    welfare: Numbers, line: float, weight: Numbers | None = None, *, zero: Zero = "refuse"
) -> float:
    """Watts index: mean of ln(line / welfare) over the poor, divided by the whole population.

    zero      welfare of exactly 0 makes the index infinite: "refuse" raises; "leave_out" leaves
              such rows out of the sum but not out of the population, as wbpip does, so the
              poorest then count as not poor at all
    Raises    ValueError: negative welfare, zero welfare under "refuse", line not above 0
    Source    Watts (1968); wbpip, md_compute_poverty_stats
    """
    x, w = checked(welfare, weight)
    _no_negative(x, "the Watts index")
    if zero == "refuse":
        _no_zero(x, "the Watts index")
    poor = is_poor(x, line) & (x > 0)
    return float((w[poor] * np.log(line / x[poor])).sum() / w.sum())


def sen(welfare: Numbers, line: float, weight: Numbers | None = None) -> float:
    """Sen index H (I + (1 - I) G): headcount, mean shortfall and Gini index of the poor.

    The form for large populations, so that doubling every row changes nothing. 0 when nobody is
    poor; when the poor have nothing at all it is H.

    Raises    ValueError: negative welfare, line not above 0
    Source    Sen (1976), Econometrica 44
    """
    x, w = checked(welfare, weight)
    _no_negative(x, "the Sen index")
    poor = is_poor(x, line)
    if not poor.any():
        return 0.0
    share = float(w[poor].sum() / w.sum())
    depth = float((w[poor] * (1 - x[poor] / line)).sum() / w[poor].sum())
    among = gini(x[poor], w[poor]) if x[poor].any() else 0.0
    return share * (depth + (1 - depth) * among)


def relative_median_gap(
    welfare: Numbers, line: float, weight: Numbers | None = None, *, tie: Tie = "mean"
) -> float:
    """Relative median at-risk gap: (line - median welfare of the poor) / line.

    tie       as in `quantiles.quantile`
    Raises    ValueError when nobody is poor: the poor then have no median
    Source    laeken 0.5.2, rmpg; Eurostat ilc_li11
    """
    x, w = checked(welfare, weight)
    poor = is_poor(x, line)
    if not poor.any():
        raise ValueError(
            f"nobody is below the line of {line}; expected at least one poor row: the gap of the "
            "poor is not defined here"
        )
    return (line - median(x[poor], w[poor], tie=tie)) / line


def fgt_estimate(
    welfare: Numbers,
    line: float,
    design: Design,
    *,
    alpha: float = 0.0,
    domain: Domain | None = None,
    on_line_is_poor: bool = False,
) -> Estimate:
    """The FGT index with its standard error under a survey design.

    The line is taken as known, as in the reference values of R's survey package. A line computed
    from the same sample is itself uncertain; that part is not in this standard error.

    domain    the rows to estimate for; the other rows stay in the design, as R's svyby keeps them
    """
    depth = shortfall(welfare, line, alpha, on_line_is_poor=on_line_is_poor)
    return estimate_mean(depth, design, domain=domain)


@dataclass(frozen=True)
class GroupPoverty:
    """Poverty of one group at the national line; shares are fractions of one.

    population         sum of the group's weights
    population_share   of the whole population
    poor               sum of the weights of the group's poor
    share_of_poor      of all the poor; 0 when nobody is poor
    """

    rows: int
    population: float
    population_share: float
    poor: float
    share_of_poor: float
    headcount: float
    gap: float
    severity: float


def poverty_by_group(
    welfare: Numbers, line: float, group: Labels, weight: Numbers | None = None
) -> dict[str, GroupPoverty]:
    """Poverty of each group; the line stays the national one, so the groups add up to the whole.

    group     a label per row; none may be missing
    Returns   label (as text) -> poverty, in label order
    """
    parts = by_group(lambda x, w: _group_counts(x, w, line), welfare, group, weight)
    population = sum(part[1] for part in parts.values())
    poor = sum(part[2] for part in parts.values())
    return {
        label: GroupPoverty(
            rows=int(rows),
            population=people,
            population_share=people / population,
            poor=poor_here,
            share_of_poor=poor_here / poor if poor else 0.0,
            headcount=poor_here / people,
            gap=depth,
            severity=square,
        )
        for label, (rows, people, poor_here, depth, square) in parts.items()
    }


def _group_counts(x: Floats, w: Floats, line: float) -> tuple[float, float, float, float, float]:
    return len(x), float(w.sum()), poor_persons(x, line, w), gap(x, line, w), severity(x, line, w)


def _no_negative(x: Floats, what: str) -> None:
    below = int((x < 0).sum())
    if below:
        raise ValueError(
            f"{below} of {len(x)} welfare values are negative; {what} expects 0 or more: drop "
            "them with sample.clean, which counts them"
        )


def _no_zero(x: Floats, what: str) -> None:
    zero = int((x == 0).sum())
    if zero:
        raise ValueError(
            f"{zero} of {len(x)} welfare values are zero and {what} takes a logarithm; expected "
            'more than 0: choose zero="leave_out" to leave them out of the sum'
        )
