"""One call, one dictionary: what there is to say about a column of welfare."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from yihu.measure.design import Design, Estimate, estimate_mean, estimate_total
from yihu.measure.inequality import gini, mean_log_deviation, polarization
from yihu.measure.lines import relative_line
from yihu.measure.poverty import (
    gap,
    headcount,
    is_poor,
    poor_persons,
    poverty_by_group,
    relative_median_gap,
    sen,
    severity,
    shortfall,
    watts,
)
from yihu.measure.quantiles import decile_shares, mean, median, quantile, s80_s20
from yihu.measure.sample import Floats, Negative, Numbers, Sample, clean, floats, in_order, positive

if TYPE_CHECKING:
    from collections.abc import Callable

    from yihu.measure.groups import Labels

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
QUANTILES = (0.05, 0.1, 0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 0.8, 0.9, 0.95)


def summary(
    welfare: Numbers,
    weight: Numbers | None = None,
    line: float | None = None,
    *,
    relative: float = 0.6,
    design: Design | None = None,
    group: Labels | None = None,
    negative: Negative = "drop",
) -> dict[str, Json]:
    """Every measure of this package over one column of welfare, ready for JSON.

    welfare     one value per row; None or NaN is missing
    weight      per row; without it the design's weights, or 1 each
    line        an amount in the unit of welfare; None takes the line at `relative` times the
                weighted median of the clean rows
    design      how the rows were drawn, one entry per given row; adds standard errors
    group       a label per given row; adds poverty by group at the same line
    negative    what to do with negative welfare, as in `sample.clean`
    Returns     rates and shares as fractions of one, amounts in the unit of welfare; the keys
                are named in both languages in `names.NAMES`. Under "cleaning" what was left out;
                a welfare of zero ("zero_welfare" there) is left out of the logarithms of Watts
                and the mean log deviation and kept everywhere else. A measure that is not defined
                for these rows is null, and "not_defined" says why.
    Raises      ValueError: unusable welfare, weights or line; design or group of another length
    """
    sample = clean(welfare, _weight(weight, design), negative=negative)
    # Sorted once; sorting what is sorted costs each measure next to nothing.
    x, w = in_order(sample.welfare, sample.weight)
    at, where = _line(line, relative, x, w)
    reasons: dict[str, Json] = {}
    return {
        "rows": sample.cleaning.used,
        "population": float(w.sum()),
        "mean": mean(x, w),
        "median": median(x, w),
        "quantiles": {f"{share:g}": quantile(x, share, w) for share in QUANTILES},
        "line": at,
        "line_from": where,
        **_poverty(x, at, w, reasons),
        **_inequality(x, w, reasons),
        "cleaning": {**asdict(sample.cleaning), "dropped": sample.cleaning.dropped},
        "not_defined": reasons,
        **({} if design is None else {"standard_errors": _errors(welfare, at, sample, design)}),
        **({} if group is None else {"by_group": _groups(group, at, sample)}),
    }


def _groups(group: Labels, line: float, sample: Sample) -> Json:
    parts = poverty_by_group(sample.welfare, line, _of_rows(group, sample), sample.weight)
    return {label: asdict(part) for label, part in parts.items()}


def _of_rows(group: Labels, sample: Sample) -> Labels:
    labels = np.asarray(group)
    if labels.shape != sample.kept.shape:
        raise ValueError(
            f"group has shape {labels.shape}; expected one label for each of the "
            f"{len(sample.kept)} rows given, dropped ones included"
        )
    return labels[sample.kept]


def _weight(weight: Numbers | None, design: Design | None) -> Numbers | None:
    if design is None:
        return weight
    if weight is None:
        return design.weight
    if not np.array_equal(floats(weight, "weight"), design.weight):
        raise ValueError(
            "weight and the design's weights differ; expected one set of weights: leave weight "
            "out, or make the design with it"
        )
    return weight


def _line(line: float | None, relative: float, x: Floats, w: Floats) -> tuple[float, Json]:
    if line is not None:
        return positive(line, "line"), {"kind": "amount"}
    made = relative_line(x, w, share=relative)
    return made.value, {"kind": "relative", **asdict(made)}


def _poverty(x: Floats, line: float, w: Floats, reasons: dict[str, Json]) -> dict[str, Json]:
    return {
        "headcount": headcount(x, line, w),
        "poor_persons": poor_persons(x, line, w),
        "gap": gap(x, line, w),
        "severity": severity(x, line, w),
        "watts": _ask("watts", reasons, lambda: watts(x, line, w, zero="leave_out")),
        "sen": _ask("sen", reasons, lambda: sen(x, line, w)),
        "relative_median_gap": _ask(
            "relative_median_gap", reasons, lambda: relative_median_gap(x, line, w)
        ),
    }


def _inequality(x: Floats, w: Floats, reasons: dict[str, Json]) -> dict[str, Json]:
    return {
        "gini": _ask("gini", reasons, lambda: gini(x, w)),
        "s80_s20": _ask("s80_s20", reasons, lambda: s80_s20(x, w)),
        "mean_log_deviation": _ask(
            "mean_log_deviation", reasons, lambda: mean_log_deviation(x, w, zero="leave_out")
        ),
        "polarization": _ask("polarization", reasons, lambda: polarization(x, w)),
        "decile_shares": _ask("decile_shares", reasons, lambda: _list(decile_shares(x, w))),
    }


def _ask(name: str, reasons: dict[str, Json], measure: Callable[[], Json]) -> Json:
    """The measure, or null with its reason when it is not defined for these rows."""
    try:
        return measure()
    except ValueError as undefined:
        reasons[name] = str(undefined)
        return None


def _list(values: Floats) -> list[Json]:
    return [float(value) for value in values]


def _errors(welfare: Numbers, line: float, sample: Sample, design: Design) -> Json:
    """Rows left out stay in the design as rows outside the domain: their units were drawn too."""
    x = floats(welfare, "welfare")
    made: dict[str, Estimate] = {"mean": estimate_mean(x, design, domain=sample.kept)}
    for name, alpha in (("headcount", 0), ("gap", 1), ("severity", 2)):
        made[name] = estimate_mean(shortfall(x, line, alpha), design, domain=sample.kept)
    poor = np.zeros(len(x))
    poor[sample.kept] = is_poor(sample.welfare, line)
    made["poor_persons"] = estimate_total(poor, design, domain=sample.kept)
    found: dict[str, Json] = {}
    for name, estimate in made.items():
        low, high = estimate.interval()
        found[name] = {"se": estimate.se, "low": low, "high": high}
    return {
        "level": 0.95,
        "units": design.units,
        "strata": design.strata,
        "line": "taken as known",
        "of": found,
    }
