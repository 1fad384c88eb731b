"""Weighted quantiles by the definition of tree.py, of one group or of many.

Rows are ordered by value, equal values in their own order; weights are added in that order, one
after the other, so that every reader comes to the same shares.
"""

from __future__ import annotations

import numpy as np

from yihu.rulebook.arrays.values import UNKNOWN, Array, Bools, Constant, Number, Value, truth_of
from yihu.rulebook.columns.totals import Operands, number_of
from yihu.rulebook.tree import Agg


def meant_rows(given: Operands, weight: Value | None) -> tuple[Bools, Array, Array | None]:
    """Rows that count, their values and weights (None: all alike)."""
    rows = given.rows
    value = number_of(given.value, rows)
    meant = np.ones(rows, np.bool_) if value.known is None else value.known
    if not (isinstance(given.where, Constant) and given.where.value is True):
        meant = np.logical_and(meant, truth_of(given.where, rows).yes)
    if weight is None:
        return meant, value.values[meant], None
    weights = number_of(weight, rows)
    if weights.known is not None:
        meant = np.logical_and(meant, weights.known)
    return meant, value.values[meant], weights.values[meant].astype(np.float64)


def quantile(values: Array, weights: Array | None, p: float) -> float | None:
    """Smallest x whose cumulated weight share is greater than p; None for nobody.

    A share of p itself gives the mean of that x and the next.
    """
    if not len(values):
        return None
    if weights is None:
        return _plain_quantile(values, p)
    order = np.argsort(values, kind="stable")
    x = values[order]
    so_far = np.cumsum(weights[order])
    if so_far[-1] <= 0:
        return None
    shares = so_far / so_far[-1]
    reached = np.greater_equal(shares, p)
    at = int(np.argmax(reached)) if reached.any() else len(x) - 1
    if shares[at] == p and at + 1 < len(x):
        return (float(x[at]) + float(x[at + 1])) / 2
    return float(x[at])


def _plain_quantile(values: Array, p: float) -> float:
    """`quantile` where all count alike: two places of the order are enough."""
    count = len(values)
    at = max(0, int(p * count) - 2)
    while at + 1 < count and (at + 1) / count < p:
        at += 1
    following = min(at + 1, count - 1)
    x = np.partition(values, (at, following))
    if (at + 1) / count == p:
        return (float(x[at]) + float(x[following])) / 2
    return float(x[at])


def quantile_in_groups(
    agg: Agg, given: Operands, weight: Value | None, group: Array, groups: int
) -> Value:
    """The quantile of each group; rows of group -1 belong to nobody."""
    meant, values, weights = meant_rows(given, weight)
    return quantiles_of(quantile_point(agg), values, weights, group[meant], groups)


def quantile_point(agg: Agg) -> float:
    """Which quantile is asked for; the median unless said otherwise."""
    return 0.5 if agg.p is None else agg.p


def quantiles_of(
    p: float, values: Array, weights: Array | None, group: Array, groups: int
) -> Value:
    """Quantiles of values that have been put together from all rows that count."""
    if groups == 1 and not np.any(group):
        one = quantile(values, weights, p)
        return UNKNOWN if one is None else Number(np.array([one]))
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(groups + 1))
    found = np.zeros(groups)
    known = np.zeros(groups, np.bool_)
    for i in np.flatnonzero(np.diff(bounds)).tolist():
        rows = order[bounds[i] : bounds[i + 1]]
        one = quantile(values[rows], None if weights is None else weights[rows], p)
        if one is not None:
            found[i], known[i] = one, True
    return Number(found, known) if known.any() else UNKNOWN
