"""Counting poverty of Alkire and Foster: who is deprived in enough things at once.

Weights and the cut-off are exact: whole numbers, fractions such as "1/6" or decimals such as
"0.25". They are brought to whole numbers once, so 1/6 + 1/6 reaches 1/3 by arithmetic and not by
a tolerance; in floating point it would depend on the order of adding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

import numpy as np
import numpy.typing as npt

from yihu.measure.design import Design, Domain, Estimate, estimate_mean, estimate_ratio
from yihu.measure.groups import Labels, rows_of
from yihu.measure.sample import Bools, Floats, Numbers, checked, floats

Exact = int | str | Decimal | Fraction
_Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Identified:
    """Who is deprived in what, and who is poor by count. Made by `identify`.

    names       of the deprivations
    weights     whole numbers, in the order of the names
    total       their sum; a score of `total` is deprived in everything
    need        the smallest score that is poor (score >= cut-off)
    deprived    rows x deprivations, 0 or 1; 0 where it is not known
    known       rows x deprivations, whether it is known
    """

    names: tuple[str, ...]
    weights: tuple[int, ...]
    total: int
    need: Fraction
    deprived: _Whole
    known: Bools

    @property
    def complete(self) -> Bools:
        """Per row, whether every deprivation is known; others leave the estimation."""
        return np.asarray(self.known.all(axis=1))

    @property
    def score(self) -> _Whole:
        """Per row, the sum of the weights of its known deprivations; a whole number."""
        return self.deprived @ np.array(self.weights, dtype=np.int64)

    @property
    def poor(self) -> Bools:
        """Per row, whether the known deprivations alone reach the cut-off."""
        return self._reaches(self.score)

    @property
    def maybe_poor(self) -> Bools:
        """Per row, whether the cut-off is reached if every unknown deprivation were one."""
        missing = (~self.known).astype(np.int64) @ np.array(self.weights, dtype=np.int64)
        return self._reaches(self.score + missing)

    def _reaches(self, score: _Whole) -> Bools:
        return np.asarray(score * self.need.denominator >= self.need.numerator)


@dataclass(frozen=True)
class Counting:
    """The measures of one population or group; shares are fractions of one.

    rows, used       rows given, and rows with every deprivation known; only these are measured
    population       sum of the weights of the rows used
    poor             sum of the weights of the poor
    headcount        H, share of the population that is poor
    intensity        A, mean share of deprivations (by weight) of the poor; None without poor
    adjusted         M0 = H x A, the adjusted headcount
    uncensored       per deprivation, share of the population deprived in it
    censored         per deprivation, share of the population poor and deprived in it
    contribution     per deprivation, its part in M0; sums to 1; None without poor
    """

    rows: int
    used: int
    population: float
    poor: float
    headcount: float
    intensity: float | None
    adjusted: float
    uncensored: dict[str, float]
    censored: dict[str, float]
    contribution: dict[str, float] | None


@dataclass(frozen=True)
class GroupCounting:
    """One group's measures, its share of the population, of the poor and of the whole M0."""

    counting: Counting
    population_share: float
    share_of_poor: float
    share_of_adjusted: float


@dataclass(frozen=True)
class Bounds:
    """The headcount without dropping rows: if no unknown were a deprivation, and if all were."""

    low: float
    high: float
    undecided: int


def identify(
    deprivations: Mapping[str, Numbers], weights: Mapping[str, Exact], cutoff: Exact
) -> Identified:
    """Score every row and say who is poor.

    deprivations   name -> per row 1 (deprived), 0 (not), missing (not known)
    weights        name -> weight; any unit, they are divided by their sum
    cutoff         share of the weights that makes poor, above 0 and at most 1, such as "1/3";
                   a score equal to it is poor
    Raises         ValueError: other values than 0 and 1, names that differ, weights not above 0,
                   a float that is not the fraction it looks like
    Source         Alkire, Foster (2011), Journal of Public Economics 95

    >>> who = identify({"a": [1, 1], "b": [1, 0]}, {"a": "1/6", "b": "1/6"}, "1/2")
    >>> who.poor.tolist()
    [True, True]
    """
    names = tuple(deprivations)
    if not names or set(names) != set(weights):
        raise ValueError(
            f"deprivations are {sorted(names)} and weights {sorted(weights)}; expected the same "
            "names, at least one: give every deprivation a weight"
        )
    given = [exact(weights[name], f"weight of {name}") for name in names]
    share = exact(cutoff, "cutoff")
    if min(given) <= 0 or not 0 < share <= 1:
        raise ValueError(
            f"weights are {[str(w) for w in given]} and the cut-off {share}; expected weights "
            "above 0 and a cut-off above 0 and at most 1: leave out what does not count"
        )
    scale = lcm(*(w.denominator for w in given))
    whole = tuple(int(w * scale) for w in given)
    need = share * sum(whole)
    if sum(whole) * need.denominator >= 2**62:
        raise ValueError("the weights have no common unit small enough; write simpler fractions")
    deprived, known = _matrix(deprivations)
    return Identified(names, whole, sum(whole), need, deprived, known)


def exact(value: Exact, name: str) -> Fraction:
    """A whole number, "1/6", "0.25" or Decimal as a fraction; a float is refused.

    The float 0.1 is not one tenth, and 1/6 as a float is not one sixth: comparing sums of such
    numbers with a cut-off gives answers that depend on the order of adding.
    """
    if isinstance(value, float):
        raise ValueError(  # noqa: TRY004 - all bad input here is a ValueError
            f"{name} is the float {value!r}, which is not exact; expected a whole number, "
            f'Fraction, Decimal or text such as "1/6": write it so'
        )
    try:
        return Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError) as wrong:
        raise ValueError(
            f'{name} is {value!r}; expected a number or text such as "1/6" or "0.25"'
        ) from wrong


def counting(who: Identified, weight: Numbers | None = None) -> Counting:
    """H, A, M0 and the deprivations behind them, over the rows where everything is known.

    Raises    ValueError when no row is complete, or the weights are unusable
    """
    w = _weights(who, weight)
    use = who.complete
    if not (w[use] > 0).any():
        raise ValueError(
            f"none of {len(use)} rows has every deprivation known; expected at least one: use "
            "headcount_bounds, or leave out the deprivation that is missing"
        )
    w, poor, deprived = w[use], who.poor[use], who.deprived[use]
    population = float(w.sum())
    poor_weight = float(w[poor].sum())
    adjusted = float((w * who.score[use] * poor).sum()) / who.total / population
    censored = (w * poor) @ deprived / population
    part = np.array(who.weights) / who.total * censored
    return Counting(
        rows=len(use),
        used=int(use.sum()),
        population=population,
        poor=poor_weight,
        headcount=poor_weight / population,
        intensity=adjusted / (poor_weight / population) if poor_weight else None,
        adjusted=adjusted,
        uncensored=_named(who, w @ deprived / population),
        censored=_named(who, censored),
        contribution=_named(who, part / part.sum()) if poor_weight else None,
    )


def counting_by_group(
    who: Identified, group: Labels, weight: Numbers | None = None
) -> dict[str, GroupCounting]:
    """The measures of each group with its share of the whole; label (as text) -> measures.

    Headcount and M0 of the whole are the means of the groups', weighted by population share.
    """
    w = _weights(who, weight)
    whole = counting(who, w)
    results: dict[str, GroupCounting] = {}
    for label, rows in rows_of(group, rows=len(w)).items():
        try:
            here = counting(_rows(who, rows), w[rows])
        except ValueError as refused:
            raise ValueError(f"group {label}: {refused}") from refused
        share = here.population / whole.population
        results[label] = GroupCounting(
            counting=here,
            population_share=share,
            share_of_poor=here.poor / whole.poor if whole.poor else 0.0,
            share_of_adjusted=share * here.adjusted / whole.adjusted if whole.adjusted else 0.0,
        )
    return results


def headcount_bounds(who: Identified, weight: Numbers | None = None) -> Bounds:
    """The smallest and largest headcount the unknown deprivations allow, over all rows.

    undecided    rows that are poor under one reading of their unknowns and not under the other
    """
    w = _weights(who, weight)
    low, high = who.poor, who.maybe_poor
    return Bounds(
        low=float(w[low].sum() / w.sum()),
        high=float(w[high].sum() / w.sum()),
        undecided=int((high & ~low).sum()),
    )


def counting_estimates(
    who: Identified, design: Design, *, domain: Domain | None = None
) -> dict[str, Estimate]:
    """The measures with their standard errors under a survey design.

    Keys      "H", "M0", "A" (left out when nobody is poor), and for each deprivation
              "uncensored NAME" and "censored NAME"
    domain    rows to estimate for; incomplete rows leave the estimation, not the design
    """
    inside = who.complete if domain is None else who.complete & np.asarray(domain, np.bool_)
    poor = who.poor.astype(np.float64)
    share = who.score / who.total * poor
    results = {
        "H": estimate_mean(poor, design, domain=inside),
        "M0": estimate_mean(share, design, domain=inside),
    }
    if poor[inside].any():
        results["A"] = estimate_ratio(share, poor, design, domain=inside)
    for at, name in enumerate(who.names):
        deprived = who.deprived[:, at].astype(np.float64)
        results[f"uncensored {name}"] = estimate_mean(deprived, design, domain=inside)
        results[f"censored {name}"] = estimate_mean(deprived * poor, design, domain=inside)
    return results


def _matrix(deprivations: Mapping[str, Numbers]) -> tuple[_Whole, Bools]:
    columns: list[Floats] = []
    for name, values in deprivations.items():
        column = floats(values, f"deprivation {name}")
        if columns and len(column) != len(columns[0]):
            raise ValueError(
                f"deprivation {name} has {len(column)} rows; expected one value per row, as "
                "many as the others"
            )
        odd = ~(np.isnan(column) | (column == 0) | (column == 1))
        if odd.any():
            raise ValueError(
                f"deprivation {name} is {column[odd.argmax()]:g} in row {int(odd.argmax()) + 1}; "
                "expected 1 (deprived), 0 (not) or missing: code it so first"
            )
        columns.append(column)
    table: Floats = np.column_stack(columns)
    known = ~np.isnan(table)
    return np.where(known, table, 0).astype(np.int64), known


def _weights(who: Identified, weight: Numbers | None) -> Floats:
    rows = np.ones(len(who.known))
    w = rows if weight is None else floats(weight, "weight")
    checked(rows, w)
    return w


def _rows(who: Identified, rows: npt.NDArray[np.intp]) -> Identified:
    return Identified(
        who.names, who.weights, who.total, who.need, who.deprived[rows], who.known[rows]
    )


def _named(who: Identified, values: Sequence[float] | Floats) -> dict[str, float]:
    return {name: float(value) for name, value in zip(who.names, values, strict=True)}
