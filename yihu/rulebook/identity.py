"""Identity numbers of citizens: 18 figures with a check digit, or the old 15.

Source: GB 11643-1999 (weights 7 9 10 5 8 4 2 …, result table 1 0 X 9 8 7 6 5 4 3 2); the first six
figures are an area, then the day of birth, three figures of order whose last is odd for men.
"""

from __future__ import annotations

import re
from datetime import date

from yihu.rulebook.tree import day_number

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_FIGURES = "10X98765432"
_NEW = re.compile(r"[0-9]{17}[0-9Xx]")
_OLD = re.compile(r"[0-9]{15}")


def check_figure(first: str) -> str:
    """The 18th figure for the first 17.

    >>> check_figure("11010519491231002")
    'X'
    """
    return CHECK_FIGURES[sum(w * int(c) for w, c in zip(WEIGHTS, first, strict=True)) % 11]


def birth(text: str | None) -> int | None:
    """Day number of the birth inside, or None where there is none.

    >>> birth("11010519491231002X") == day_number(1949, 12, 31)
    True
    """
    if text is None:
        return None
    if _NEW.fullmatch(text):
        day = text[6:14]
    elif _OLD.fullmatch(text):
        day = "19" + text[6:12]
    else:
        return None
    try:
        found = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return day_number(found.year, found.month, found.day)


def is_valid(text: str | None) -> bool | None:
    """Whether form, day of birth and check digit are right; None for nothing."""
    if text is None:
        return None
    if birth(text) is None:
        return False
    return len(text) == 15 or check_figure(text[:17]) == text[17].upper()


def is_male(text: str | None) -> bool | None:
    """Whether the sex figure is odd, or None where `birth` is None."""
    if text is None or birth(text) is None:
        return None
    return int(text[16] if len(text) == 18 else text[14]) % 2 == 1
