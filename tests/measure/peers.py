"""The recorded answers of laeken and survey (R), and how to ask yihu the same question.

One file of answers has one row per question: function, indicator, parameters, weight, domain,
value, standard error. `ask` turns such a row into a call of yihu.measure.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from yihu.measure import design, inequality, lines, poverty, quantiles
from yihu.measure.quantiles import Tie
from yihu.measure.sample import Bools, Floats

# laeken 0.5.2 documents Eurostat's quantile (the mean of two values at an exact tie) and computes
# the upper of the two: it looks for weight shares strictly above. Ties are common without weights.
LAEKEN: Tie = "upper"

Labels = np.ndarray


def columns(path: Path, *names: str) -> list[np.ndarray]:
    """Columns of a Parquet file as arrays; numbers with gaps become floats with NaN."""
    table = pq.read_table(path, columns=list(names))
    return [table[name].to_numpy(zero_copy_only=False) for name in names]


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, by heading."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, eq=False)
class Population:
    """A survey as the recorded answers used it: households are the sampling units."""

    welfare: Floats
    weight: Floats
    household: np.ndarray
    labels: dict[str, Labels]
    line_of: dict[str, float]

    def weights(self, row: dict[str, str]) -> Floats:
        return np.ones(len(self.weight)) if row["weight"] == "none" else self.weight

    def inside(self, row: dict[str, str]) -> Bools:
        if row["domain"] == "all":
            return np.ones(len(self.weight), dtype=bool)
        label, value = row["domain"].split("=")
        found: Bools = self.labels[label] == value
        assert found.any(), row
        return found


def population(
    welfare: Floats, weight: Floats, household: np.ndarray, labels: dict[str, Labels]
) -> Population:
    """With the 60 % line of either weighting, which every breakdown keeps."""
    equal = np.ones(len(weight))
    return Population(
        welfare=welfare,
        weight=weight,
        household=household,
        labels=labels,
        line_of={
            "none": lines.relative_line(welfare, equal, tie=LAEKEN).value,
            "weighted": lines.relative_line(welfare, weight, tie=LAEKEN).value,
        },
    )


Answer = tuple[float, float | None]


def ask(survey: Population, made: design.Design, row: dict[str, str]) -> Answer:
    """What yihu answers to one recorded question: value, and standard error if there is one."""
    if row["package"].startswith("survey"):
        return _with_error(survey, made, row)
    inside, w = survey.inside(row), survey.weights(row)
    line = survey.line_of["none" if row["weight"] == "none" else "weighted"]
    name, _, given = row["params"].partition("=")
    whole = row["domain"] == "all"
    if name == "p" and whole:
        line = lines.relative_line(survey.welfare, w, share=float(given), tie=LAEKEN).value
    share = float(given) if name == "q" else 0.5
    x, w = survey.welfare[inside], w[inside]
    measure: dict[str, Callable[[], float]] = {
        "line": lambda: line,
        "headcount_pct": lambda: 100 * poverty.headcount(x, line, w),
        "relative_median_gap_pct": lambda: (
            100 * poverty.relative_median_gap(x, line, w, tie=LAEKEN)
        ),
        "gini_pct": lambda: 100 * inequality.gini(x, w),
        "s80_s20": lambda: quantiles.s80_s20(x, w, tie=LAEKEN),
        "quantile": lambda: quantiles.quantile(x, share, w, tie=LAEKEN),
        "median": lambda: quantiles.median(x, w, tie=LAEKEN),
        "mean": lambda: quantiles.mean(x, w),
    }
    return measure[row["indicator"]](), None


def _with_error(survey: Population, made: design.Design, row: dict[str, str]) -> Answer:
    line = float(row["params"].removeprefix("z="))
    inside = survey.inside(row)
    if row["indicator"] == "poor_persons":
        poor = poverty.is_poor(survey.welfare, line)
        found = design.estimate_total(poor, made, domain=inside)
    else:
        alpha = float(row["indicator"].removeprefix("fgt"))
        found = poverty.fgt_estimate(survey.welfare, line, made, alpha=alpha, domain=inside)
    return found.value, found.se
