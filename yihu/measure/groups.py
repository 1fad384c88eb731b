"""The same measure for each group of the population."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from yihu.measure.sample import Floats, Numbers, checked, floats

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")
Labels: TypeAlias = npt.ArrayLike | Sequence[object]


def by_group(
    measure: Callable[[Floats, Floats], Result],
    welfare: Numbers,
    group: Labels,
    weight: Numbers | None = None,
) -> dict[str, Result]:
    """Any measure of (welfare, weight), for each group alone.

    group      a label per row; none may be missing
    Returns    label as text -> what the measure returns, in label order
    Raises     ValueError: labels missing or not one per row; whatever the measure raises, with
               the group's label before it
    """
    x = floats(welfare, "welfare")
    w = np.ones(len(x)) if weight is None else floats(weight, "weight")
    checked(x, w)
    results: dict[str, Result] = {}
    for label, rows in rows_of(group, rows=len(x)).items():
        try:
            results[label] = measure(x[rows], w[rows])
        except ValueError as refused:
            raise ValueError(f"group {label}: {refused}") from refused
    return results


def rows_of(group: Labels, *, rows: int) -> dict[str, npt.NDArray[np.intp]]:
    """Label as text -> the numbers of its rows, in label order."""
    names, codes = coded(group, rows=rows, what="group")
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(names) + 1))
    return {name: order[ends[i] : ends[i + 1]] for i, name in enumerate(names)}


def coded(group: Labels, *, rows: int, what: str) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The distinct labels as text, in order, and for every row the number of its label."""
    labels = np.asarray(group)
    if labels.shape != (rows,):
        raise ValueError(
            f"{what} has shape {labels.shape}; expected one label for each of {rows} rows: take "
            "it from the same file and filter it together"
        )
    missing = _missing(labels)
    if missing.any():
        raise ValueError(
            f"{int(missing.sum())} of {rows} {what} labels are missing (the first in row "
            f"{int(missing.argmax()) + 1}); expected a label in every row: fill them with a name "
            "of their own or leave those rows out"
        )
    try:
        names, codes = np.unique(labels, return_inverse=True)
    except TypeError as mixed:
        raise ValueError(
            f"{what} mixes kinds of labels ({mixed}); expected all text or all numbers: convert "
            "the column first"
        ) from mixed
    return [str(name) for name in names.tolist()], codes.reshape(-1)


def _missing(labels: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    if labels.dtype.kind == "O":
        return np.array([label is None or label != label for label in labels], dtype=np.bool_)  # noqa: PLR0124
    if labels.dtype.kind == "f":
        return np.isnan(labels.astype(np.float64))
    return np.zeros(len(labels), dtype=np.bool_)
