"""Identity numbers over columns, looked at as a table of figures. Meaning: `identity`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from yihu.rulebook import identity
from yihu.rulebook.arrays.texts import bytes_of_size, raw_bytes, texts_of
from yihu.rulebook.arrays.values import UNKNOWN, Array, Bools, Constant, Number, Truth, Value, Words
from yihu.rulebook.tree import DAYS_IN_MONTH_SLOT

_DAYS_IN_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int16)
_CHECK = np.array([10 if c == "X" else int(c) for c in identity.CHECK_FIGURES], np.uint8)
_WEIGHTS = np.array(identity.WEIGHTS, np.int16)
#: Where the figures of an old number of 15 stand among 18: 19 goes before the year.
_OLD_PLACES = np.r_[0:6, 8:17]


class Figures:
    """The figures of identity numbers, one row a number.

    known    where there is a text; None if everywhere
    figures  18 columns of 0..10 (10 is X)
    fits     whether the text is 17 figures and a figure or X, or 15 figures
    old      whether it is of the old form, which has no check figure
    days     day of birth as a day number; exists: whether there is such a day
    """

    def __init__(self, words: Words) -> None:
        self.known = words.known
        raw, starts, sizes = raw_bytes(words.texts)
        self.figures = np.zeros((len(words.texts), 18), np.uint8)
        self.fits = np.zeros(len(words.texts), np.bool_)
        self.old = np.equal(sizes, 15)
        rows, new = bytes_of_size(raw, starts, sizes, 18)
        figures = new - np.uint8(ord("0"))
        figures[(new[:, 17] | 32) == ord("x"), 17] = 10
        self.figures[rows] = figures
        good = figures[:, :17].max(axis=1, initial=0) <= 9
        self.fits[rows] = good & (figures[:, 17] <= 10) & (new[:, 17] != ord("0") + 10)
        rows, old = bytes_of_size(raw, starts, sizes, 15)
        table = np.zeros((len(rows), 18), np.uint8)
        table[:, _OLD_PLACES] = figures = old - np.uint8(ord("0"))
        table[:, 6:8] = (1, 9)
        self.figures[rows] = table
        self.fits[rows] = figures.max(axis=1, initial=0) <= 9
        self.days, self.exists = self._birth()

    def _birth(self) -> tuple[Array, Bools]:
        f = self.figures[:, 6:14].T.astype(np.int32)
        year = f[0] * 1000 + f[1] * 100 + f[2] * 10 + f[3]
        month, day = f[4] * 10 + f[5], f[6] * 10 + f[7]
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        most = _DAYS_IN_MONTH[np.where(month <= 12, month, 0)] + (leap & (month == 2))
        exists = self.fits & (year >= 1) & (day >= 1) & (day <= most)
        return (year * 12 + month - 1) * DAYS_IN_MONTH_SLOT + day - 1, exists

    def checked(self) -> Bools:
        """Whether the check figure is right; the old form has none."""
        total = self.figures[:, :17] @ _WEIGHTS
        return np.asarray(self.old | (_CHECK[total % 11] == self.figures[:, 17]), np.bool_)


def figures_of(words: Words) -> Figures:
    """The figures of these texts, made once."""
    if "figures" not in words.made:
        words.made["figures"] = Figures(words)
    found: Figures = words.made["figures"]
    return found


def identity_ok(a: Value) -> Truth | Constant:
    """A valid identity number."""
    if isinstance(a, Words):
        found = figures_of(a)
        yes = found.exists & found.checked()
        if found.known is None:
            return Truth(yes, None)
        return Truth(yes, np.greater(found.known, yes))
    return _single(identity_ok, a)


def identity_male(a: Value) -> Truth | Constant:
    """The sex figure is odd; unknown as for the day of birth."""
    if isinstance(a, Words):
        found = figures_of(a)
        odd = (found.figures[:, 16] & 1).astype(np.bool_)
        return Truth(odd & found.exists, found.exists & ~odd)
    return _single(identity_male, a)


def _single(of: Callable[[Value], Truth | Constant], a: Value) -> Constant:
    if a == UNKNOWN:
        return UNKNOWN
    answer = of(Words(texts_of(a, 1)))
    if isinstance(answer, Constant):
        return answer
    return Constant(True) if answer.yes[0] else Constant(False) if answer.no[0] else UNKNOWN


def identity_birth(a: Value) -> Number | Constant:
    """The day of birth."""
    if isinstance(a, Words):
        found = figures_of(a)
        return Number(found.days, found.exists, lo=0, hi=10_000 * 372)
    found = figures_of(Words(texts_of(a, 1)))
    return Constant(int(found.days[0])) if found.exists[0] else UNKNOWN
