"""Poverty lines that come from the population itself."""

from __future__ import annotations

from dataclasses import dataclass

from yihu.measure.quantiles import Tie, quantile
from yihu.measure.sample import Numbers, positive


@dataclass(frozen=True)
class RelativeLine:
    """A line at a share of a quantile, with what it was computed from.

    value      the line, in the unit of welfare
    share      of the quantile, such as 0.6
    quantile   which quantile, 0.5 for the median
    at         the quantile's value, in the unit of welfare
    """

    value: float
    share: float
    quantile: float
    at: float


def relative_line(
    welfare: Numbers,
    weight: Numbers | None = None,
    *,
    share: float = 0.6,
    of: float = 0.5,
    tie: Tie = "mean",
) -> RelativeLine:
    """The line at a share of the weighted median (or another quantile) of the population.

    welfare   of the whole population the line is for: breakdowns keep the national line
    share     0.6 for the European at-risk-of-poverty line
    of        the quantile, 0.5 for the median
    Raises    ValueError when the share or the resulting line is not above 0
    Source    laeken 0.5.2, arpt
    """
    positive(share, "share")
    at = quantile(welfare, of, weight, tie=tie)
    if at <= 0:
        raise ValueError(
            f"the {of:g} quantile of welfare is {at}; expected more than 0: a line relative to it "
            "is not defined, give an amount instead"
        )
    return RelativeLine(value=share * at, share=share, quantile=of, at=at)
