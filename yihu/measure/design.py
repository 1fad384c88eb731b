"""Standard errors where the survey's design is known: strata, sampling units, weights.

Taylor linearisation with the first-stage units taken as drawn with replacement, as R's survey
package does by default (survey 4.1.1: svydesign, svymean, svytotal, svyratio, svyby). A domain is
estimated with all rows of the design in place; leaving the other rows out would lose their units.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from yihu.measure.groups import Labels, coded, rows_of
from yihu.measure.sample import Floats, Numbers, checked, floats

Lonely = Literal["refuse", "certainty", "average", "adjust"]
Domain = npt.ArrayLike
_Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error.

    value      the estimate
    se         its standard error, in the same unit
    rows       rows it was made from (of the domain)
    units      first-stage sampling units in the design
    strata     strata in the design
    """

    value: float
    se: float
    rows: int
    units: int
    strata: int

    @property
    def degrees_of_freedom(self) -> int:
        """Units minus strata."""
        return self.units - self.strata

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval from the normal distribution, as R's confint gives by default."""
        reach = normal_quantile(level) * self.se
        return self.value - reach, self.value + reach


@dataclass(frozen=True, eq=False)
class Design:
    """How the rows were drawn. Made by `survey_design`, which checks it.

    weight       per row
    unit         per row, the number of its first-stage sampling unit
    stratum      per unit, the number of its stratum
    sampled      per stratum, the share of its units that was drawn; 0 for "with replacement"
    lonely       what a stratum with a single unit contributes
    """

    weight: Floats
    unit: _Codes
    stratum: _Codes
    sampled: Floats
    lonely: Lonely

    @property
    def units(self) -> int:
        """First-stage sampling units."""
        return len(self.stratum)

    @property
    def strata(self) -> int:
        """Strata; 1 when the sample is not stratified."""
        return len(self.sampled)


def survey_design(
    *,
    weight: Numbers | None = None,
    strata: Labels | None = None,
    cluster: Labels | None = None,
    rows: int | None = None,
    units_in_stratum: Numbers | None = None,
    lonely: Lonely = "refuse",
) -> Design:
    """Describe a sample: its weights, strata and first-stage sampling units.

    weight             per row; without it every row weighs 1
    strata             a label per row; without it there is one stratum
    cluster            label of the first-stage unit of each row, within its stratum (the same
                       label in two strata is two units); without it every row is a unit
    rows               how many rows; needed only when nothing else is given
    units_in_stratum   per row, how many units its stratum has in the population; without it the
                       units are taken as drawn with replacement
    lonely             a stratum with a single unit has no variance of its own. "refuse" raises;
                       "certainty" takes the unit as drawn for certain, so it adds nothing;
                       "average" gives such strata the mean variance of the others; "adjust"
                       takes the unit's distance from the mean of all units, which is cautious.
                       R: survey.lonely.psu = fail, certainty (or remove), average, adjust.
    Raises             ValueError: lengths that differ, labels missing, a lonely unit
    """
    n = _rows(weight, strata, cluster, rows)
    w = np.ones(n) if weight is None else floats(weight, "weight")
    checked(np.ones(n), w)
    names, of_row = ([""], np.zeros(n, np.intp)) if strata is None else _codes(strata, n, "strata")
    own = np.arange(n, dtype=np.intp) if cluster is None else _codes(cluster, n, "cluster")[1]
    # One number per pair (stratum, cluster): a label may come back in another stratum.
    pairs, unit = np.unique(of_row * (int(own.max()) + 1) + own, return_inverse=True)
    stratum = (pairs // (int(own.max()) + 1)).astype(np.intp)
    drawn = np.bincount(stratum, minlength=len(names))
    _check_lonely(names, drawn, lonely)
    sampled = _sampled_share(units_in_stratum, of_row, drawn, names)
    return Design(weight=w, unit=unit.reshape(-1), stratum=stratum, sampled=sampled, lonely=lonely)


def estimate_mean(values: Numbers, design: Design, *, domain: Domain | None = None) -> Estimate:
    """Weighted mean with its standard error (svymean; svyby for a domain).

    values    one per row of the design; may be missing outside the domain only
    domain    true for the rows to estimate for; without it all rows
    Raises    ValueError: a value missing in the domain, an empty domain, lengths that differ
    """
    y, inside = _values(values, design, domain)
    w = np.where(inside, design.weight, 0.0)
    total = w.sum()
    if total <= 0:
        raise ValueError("the weights in the domain sum to 0; expected more: check the domain")
    value = float((w * y).sum() / total)
    return _estimate(value, w * (y - value) / total, inside, design)


def estimate_total(values: Numbers, design: Design, *, domain: Domain | None = None) -> Estimate:
    """Weighted total with its standard error (svytotal); arguments as in `estimate_mean`."""
    y, inside = _values(values, design, domain)
    share = np.where(inside, design.weight, 0.0) * y
    return _estimate(float(share.sum()), share, inside, design)


def estimate_ratio(
    above: Numbers, below: Numbers, design: Design, *, domain: Domain | None = None
) -> Estimate:
    """Ratio of two weighted totals with its standard error (svyratio).

    Raises    ValueError as `estimate_mean`, and when the lower total is 0
    """
    top, inside = _values(above, design, domain)
    bottom, _ = _values(below, design, domain)
    w = np.where(inside, design.weight, 0.0)
    total = float((w * bottom).sum())
    if total == 0:
        raise ValueError("the lower total is 0; expected another number: there is no ratio here")
    value = float((w * top).sum()) / total
    return _estimate(value, w * (top - value * bottom) / total, inside, design)


def estimate_by_group(values: Numbers, group: Labels, design: Design) -> dict[str, Estimate]:
    """The mean of each group with its standard error, each as a domain of the whole design.

    values    one per row; a row without a value is outside every group, as na.rm does in R
    """
    y = floats(values, "values")
    known = ~np.isnan(y)
    results: dict[str, Estimate] = {}
    for label, rows in rows_of(group, rows=len(design.weight)).items():
        inside = np.zeros(len(known), dtype=np.bool_)
        inside[rows] = True
        results[label] = estimate_mean(y, design, domain=inside & known)
    return results


def estimate_from_influence(value: float, influence: Numbers, design: Design) -> Estimate:
    """Any estimate whose derivative by each row's weight is known.

    influence   per row, the derivative of the value by the row's weight (not yet weighted)
    """
    each = floats(influence, "influence")
    everyone = np.ones(len(each), dtype=np.bool_)
    return _estimate(value, design.weight * each, everyone, design)


def normal_quantile(level: float) -> float:
    """How many standard errors a two-sided interval of this level reaches: 1.96 for 0.95."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; expected between 0 and 1: write 0.95 for 95 %")
    return NormalDist().inv_cdf((1 + level) / 2)


def _estimate(
    value: float, share: Floats, inside: npt.NDArray[np.bool_], design: Design
) -> Estimate:
    return Estimate(
        value=value,
        se=sqrt(_variance(share, design)),
        rows=int(inside.sum()),
        units=design.units,
        strata=design.strata,
    )


def _variance(share: Floats, design: Design) -> float:
    """Variance of the sum of `share` over rows, from the spread of the units in each stratum."""
    of_unit = np.bincount(design.unit, weights=share, minlength=design.units)
    drawn = np.bincount(design.stratum, minlength=design.strata)
    centre = np.bincount(design.stratum, weights=of_unit) / drawn
    squares = np.bincount(design.stratum, weights=(of_unit - centre[design.stratum]) ** 2)
    alone = drawn == 1
    scale = np.where(alone, 0.0, drawn / np.maximum(drawn - 1, 1)) * (1 - design.sampled)
    variance = float((scale * squares).sum())
    if not alone.any():
        return variance
    if design.lonely == "average":
        return variance * len(drawn) / float((~alone).sum())
    if design.lonely == "adjust":
        left = of_unit[alone[design.stratum]] - of_unit.mean()
        return variance + float((left**2 * (1 - design.sampled[alone])).sum())
    return variance


def _values(
    values: Numbers, design: Design, domain: Domain | None
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    y = floats(values, "values")
    n = len(design.weight)
    inside = np.ones(n, np.bool_) if domain is None else np.asarray(domain, dtype=np.bool_)
    for name, array in (("values", y), ("domain", inside)):
        if array.shape != (n,):
            raise ValueError(
                f"{name} has shape {array.shape}; the design has {n} rows: give one for each row, "
                "and choose rows by the domain instead of leaving them out"
            )
    if not inside.any():
        raise ValueError("the domain is empty; expected at least one row: check its condition")
    missing = inside & ~np.isfinite(y)
    if missing.any():
        raise ValueError(
            f"{int(missing.sum())} values in the domain are missing (the first in row "
            f"{int(missing.argmax()) + 1}); expected a number: leave those rows out by the domain"
        )
    return np.where(inside, y, 0.0), inside


def _rows(
    weight: Numbers | None, strata: Labels | None, cluster: Labels | None, rows: int | None
) -> int:
    for given in (weight, strata, cluster):
        if given is not None:
            return len(np.asarray(given))
    if rows is None:
        raise ValueError(
            "nothing says how many rows the design has; expected weight, strata, cluster or rows"
        )
    return rows


def _codes(labels: Labels, n: int, what: str) -> tuple[list[str], _Codes]:
    return coded(labels, rows=n, what=what)


def _check_lonely(names: list[str], drawn: npt.NDArray[np.intp], lonely: Lonely) -> None:
    if lonely not in ("refuse", "certainty", "average", "adjust"):
        raise ValueError(
            f'lonely is {lonely!r}; expected "refuse", "certainty", "average" or "adjust"'
        )
    alone = drawn == 1
    if lonely == "average" and alone.all():
        raise ValueError("every stratum has a single unit; there is no other to take the mean of")
    if lonely == "refuse" and alone.any():
        raise ValueError(
            f"{int(alone.sum())} of {len(names)} strata have a single sampling unit (the first is "
            f"{names[int(alone.argmax())]!r}); expected 2 or more: join strata, or choose lonely "
            '"certainty", "average" or "adjust"'
        )


def _sampled_share(
    units_in_stratum: Numbers | None, of_row: _Codes, drawn: npt.NDArray[np.intp], names: list[str]
) -> Floats:
    if units_in_stratum is None:
        return np.zeros(len(drawn))
    there = floats(units_in_stratum, "units_in_stratum")
    if there.shape != of_row.shape:
        raise ValueError(
            f"units_in_stratum has shape {there.shape}; expected one for each of {len(of_row)} rows"
        )
    whole = np.zeros(len(drawn))
    whole[of_row] = there
    wrong = (whole < drawn) | (np.bincount(of_row, weights=whole[of_row] != there) > 0)
    if wrong.any():
        raise ValueError(
            f"units_in_stratum of stratum {names[int(wrong.argmax())]!r} is not one number at "
            "least as large as the units drawn there; correct it"
        )
    return np.asarray(drawn / whole, dtype=np.float64)
