"""What goes into a measure: welfare and weights, checked, and cleaned by a named policy.

Measures refuse what they cannot use (missing values, negative weights, nothing at all). The only
place that drops rows is `clean`, and it reports every row it dropped, by reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.ArrayLike | Sequence[float | None]
Negative = Literal["drop", "keep", "refuse"]


@dataclass(frozen=True)
class Cleaning:
    """How many rows a policy dropped and why; the reasons do not overlap.

    rows               rows given
    used               rows left
    missing_welfare    rows without welfare (counted first)
    missing_weight     rows with welfare and without weight
    negative_welfare   rows with welfare below zero, whether dropped or kept
    negative           the policy for them: "drop", "keep" or "refuse"
    zero_welfare       rows left whose welfare is exactly zero; they stay
    weight_given       sum of the weights given
    weight_used        sum of the weights left
    """

    rows: int
    used: int
    missing_welfare: int
    missing_weight: int
    negative_welfare: int
    negative: Negative
    zero_welfare: int
    weight_given: float
    weight_used: float

    @property
    def dropped(self) -> int:
        """Rows given and not used."""
        return self.rows - self.used


@dataclass(frozen=True)
class Sample:
    """Clean rows, which of the given rows they are, and the report of the cleaning."""

    welfare: Floats
    weight: Floats
    kept: Bools
    cleaning: Cleaning


def clean(
    welfare: Numbers, weight: Numbers | None = None, *, negative: Negative = "drop"
) -> Sample:
    """Leave out rows that cannot be measured, and count them.

    welfare    one value per row; None or NaN is missing
    weight     one value per row, at least 0; without it every row weighs 1
    negative   "drop" leaves negative welfare out, as wbpip does; "keep" keeps it, as the
               European statistics on income and living conditions do (business losses are real
               and their households are poor); "refuse" raises
    Returns    the rows left, a mask over the rows given, and the counts
    Raises     ValueError: negative or infinite values, nothing left, lengths that differ

    Dropping negative welfare lowers the measured poverty, so the count is always reported.
    """
    x = floats(welfare, "welfare")
    w = np.ones(len(x)) if weight is None else floats(weight, "weight")
    _same_length(x, w)
    _no_infinity(x, "welfare")
    _no_infinity(w, "weight")
    _weights_not_negative(w)
    no_welfare = np.isnan(x)
    no_weight = np.isnan(w) & ~no_welfare
    below = (x < 0) & ~no_weight
    _known_policy(negative, below)
    kept = ~no_welfare & ~no_weight
    if negative == "drop":
        kept &= ~below
    report = Cleaning(
        rows=len(x),
        used=int(kept.sum()),
        missing_welfare=int(no_welfare.sum()),
        missing_weight=int(no_weight.sum()),
        negative_welfare=int(below.sum()),
        negative=negative,
        zero_welfare=int((x[kept] == 0).sum()),
        weight_given=float(np.nansum(w)),
        weight_used=float(w[kept].sum()),
    )
    checked(x[kept], w[kept])
    return Sample(welfare=x[kept], weight=w[kept], kept=kept, cleaning=report)


def checked(welfare: Numbers, weight: Numbers | None = None) -> tuple[Floats, Floats]:
    """Welfare and weights as float64, or a ValueError saying what was found and what to do.

    Rows of weight 0 are left out: they stand for nobody, and a quantile must not fall on them.
    """
    x = floats(welfare, "welfare")
    if len(x) == 0:
        raise ValueError("welfare is empty; expected at least one row: check the file or filter")
    w = np.ones(len(x)) if weight is None else floats(weight, "weight")
    _same_length(x, w)
    for values, name in ((x, "welfare"), (w, "weight")):
        missing = np.isnan(values)
        if missing.any():
            raise ValueError(
                f"{int(missing.sum())} of {len(values)} {name} values are missing (the first in "
                f"row {int(missing.argmax()) + 1}); expected a number in every row: fill them or "
                "drop them with sample.clean, which counts them"
            )
        _no_infinity(values, name)
    _weights_not_negative(w)
    if not w.any():
        raise ValueError(
            f"all {len(w)} weights are 0; expected at least one above 0: check the weight column"
        )
    some = w > 0
    return (x, w) if some.all() else (x[some], w[some])


def floats(values: Numbers, name: str) -> Floats:
    """One column as float64, with NaN for None and masked values, or a ValueError."""
    given: Any = values
    if isinstance(given, np.ma.MaskedArray):
        # np.asarray would show what lies under the mask as if it were an answer.
        given = np.ma.filled(given.astype(np.float64), np.nan)
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as wrong:
        raise ValueError(
            f"{name} holds something that is not a number ({wrong}); expected numbers: convert "
            "the column first"
        ) from wrong
    if array.ndim != 1:
        raise ValueError(
            f"{name} has {array.ndim} dimensions; expected one value per row: pass one column"
        )
    return array


def in_order(welfare: Numbers, weight: Numbers | None = None) -> tuple[Floats, Floats]:
    """Checked welfare and weights, sorted by welfare (stable)."""
    x, w = checked(welfare, weight)
    order = np.argsort(x, kind="stable")
    return x[order], w[order]


def positive(value: float, name: str) -> float:
    """The value as a float above 0, or a ValueError."""
    number = float(value)
    if not (np.isfinite(number) and number > 0):
        raise ValueError(f"{name} is {value}; expected a number above 0: correct it")
    return number


def _same_length(x: Floats, w: Floats) -> None:
    if len(x) != len(w):
        raise ValueError(
            f"welfare has {len(x)} rows and weight {len(w)}; expected as many of each: take both "
            "from the same file and filter them together"
        )


def _no_infinity(values: Floats, name: str) -> None:
    infinite = np.isinf(values)
    if infinite.any():
        raise ValueError(
            f"{name} is infinite in row {int(infinite.argmax()) + 1}; expected a finite number: "
            "correct the row"
        )


def _known_policy(negative: Negative, below: Bools) -> None:
    if negative not in ("drop", "keep", "refuse"):
        raise ValueError(
            f'negative is {negative!r}; expected "drop", "keep" or "refuse": choose one of them'
        )
    if negative == "refuse" and below.any():
        raise ValueError(
            f"{int(below.sum())} of {len(below)} welfare values are negative (the first in row "
            f'{int(below.argmax()) + 1}); expected 0 or more: correct them, or choose "drop" '
            'or "keep"'
        )


def _weights_not_negative(w: Floats) -> None:
    below = w < 0
    if below.any():
        raise ValueError(
            f"{int(below.sum())} of {len(w)} weights are negative (the first in row "
            f"{int(below.argmax()) + 1}); expected 0 or more: check the weight column"
        )
