"""Identity numbers and telephones that look right and belong to nobody.

Identity numbers begin with 99, which is the code of no province (GB/T 2260 ends at 82, and 9 with
two more figures stands for foreigners' cards only with a province after it). The four figures
after it number county and township; birth date, sex and check digit are right. Telephones begin
with 154, a range given to no operator.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yihu.rulebook.identity import CHECK_FIGURES, WEIGHTS
from yihu.synthetic.families import Truths
from yihu.synthetic.plan import Ints

Figures = NDArray[np.uint8]

#: First two figures of every identity number made here; no province has them.
FALSE_REGION = "99"
#: First three figures of every telephone made here; no operator has them.
FALSE_PHONE = "154"
LENGTH = 18
#: People of a village with one birth date and sex that get different numbers.
ALIKE = 16


def identity_numbers(
    *, county: int, township: Ints, within: Ints, birth: Ints, male: Truths
) -> Figures:
    """Identity numbers as figures in ASCII, one row of 18 per person.

    township, within   number of each person's township in the county, of the village in that
    birth              days since 1970-01-01
    No two are the same as long as at most 16 of a village share birth date and sex.
    """
    figures = np.empty((len(birth), LENGTH), dtype=np.uint8)
    region = int(FALSE_REGION) * 10_000 + county * 10 + township
    number = (within * ALIKE + _rank(township, within, birth, male) % ALIKE) * 2 + male
    _write(figures, 0, 6, region)
    _write(figures, 6, 8, _as_date(birth))
    _write(figures, 14, 3, number)
    figures[:, 17] = check_characters(figures)
    return figures


def check_characters(figures: Figures) -> Figures:
    """Check character, in ASCII, of each row's first 17 figures."""
    weights = np.array(WEIGHTS, dtype=np.int32)
    total = (figures[:, :17].astype(np.int32) - 48) @ weights
    return np.asarray(np.frombuffer(CHECK_FIGURES.encode(), dtype=np.uint8)[total % 11])


def old_numbers(figures: Figures) -> Figures:
    """The 15-figure form of before 1999, filled up with zero bytes: no century, no check digit."""
    old = np.zeros_like(figures)
    old[:, :6] = figures[:, :6]
    old[:, 6:15] = figures[:, 8:17]
    return old


def phones(size: int, *, rng: np.random.Generator) -> pa.Array:
    """Draw telephone numbers of 11 figures."""
    figures = np.empty((size, 11), dtype=np.uint8)
    figures[:, :3] = np.frombuffer(FALSE_PHONE.encode(), dtype=np.uint8)
    _write(figures, 3, 8, rng.integers(0, 100_000_000, size))
    return texts(figures)


def joined(parts: list[tuple[Ints, int]]) -> pa.Array:
    """Texts of fixed length from numbers side by side, each with its count of figures."""
    figures = np.empty((len(parts[0][0]), sum(count for _, count in parts)), dtype=np.uint8)
    at = 0
    for number, count in parts:
        _write(figures, at, count, number)
        at += count
    return texts(figures)


def texts(figures: Figures) -> pa.Array:
    """Rows of ASCII as texts; zero bytes at the end of a row are no part of it."""
    lengths = figures.shape[1] - (figures == 0).sum(axis=1)
    offsets = np.zeros(len(figures) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    data = figures if (lengths == figures.shape[1]).all() else figures[figures != 0]
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.StringArray.from_buffers(len(figures), buffers[1], buffers[2])


def _write(figures: Figures, at: int, count: int, number: Ints) -> None:
    """Write numbers as `count` figures with leading zeros."""
    rest = np.asarray(number, dtype=np.int64)
    for place in range(at + count - 1, at - 1, -1):
        rest, figure = np.divmod(rest, 10)
        figures[:, place] = figure + 48


def _as_date(days: Ints) -> Ints:
    """Days since 1970-01-01 as the number YYYYMMDD."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    of_year = month.astype(np.int64) % 12 + 1
    of_month = (day - month).astype(np.int64) + 1
    return np.asarray(year * 10_000 + of_year * 100 + of_month)


def _rank(township: Ints, within: Ints, birth: Ints, male: Truths) -> Ints:
    """Count from 0 the people of one village who share birth date and sex."""
    key = ((township * 64 + within) * 200_000 + birth + 100_000) * 2 + male
    order = np.argsort(key, kind="stable")
    run = key[order]
    new = np.concatenate(([True], run[1:] != run[:-1]))
    at = np.arange(len(key))
    rank = np.empty_like(at)
    rank[order] = at - np.maximum.accumulate(np.where(new, at, 0))
    return rank
