"""Days and months as the whole numbers of the tree, and back."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from yihu.rulebook.tree import DAYS_IN_MONTH_SLOT, day_number

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number_of(day: date) -> int:
    """A day as its number in the tree.

    >>> day_of(number_of(date(2020, 2, 29)))
    datetime.date(2020, 2, 29)
    """
    return day_number(day.year, day.month, day.day)


def day_of(number: int) -> date:
    """The day of a number. Raises ValueError where the calendar has no such day."""
    months, day = divmod(number, DAYS_IN_MONTH_SLOT)
    year, month = divmod(months, 12)
    return date(year, month + 1, day + 1)


def is_day(number: int) -> bool:
    """Has the calendar the day of this number? 30 February has a number and is none."""
    months, day = divmod(number, DAYS_IN_MONTH_SLOT)
    year, month = divmod(months, 12)
    return day < monthrange(year, month + 1)[1]


def moved(number: int, days: int) -> int:
    """The number of the day so many days later (earlier if negative)."""
    return number_of(day_of(number) + timedelta(days=days))


def month_text(number: int) -> str:
    """A month number as 2020-05."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def day_said(day: date, lang: str) -> str:
    """A day as people write it.

    >>> day_said(date(2020, 10, 17), "zh")
    '2020年10月17日'
    """
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month_said(number: int, lang: str) -> str:
    """A month as people write it.

    >>> month_said(month_number(date(2020, 5, 1)), "en")
    'May 2020'
    """
    year, month = divmod(number, 12)
    return f"{year}年{month + 1}月" if lang == "zh" else f"{_MONTHS[month]} {year}"


def month_number(day: date) -> int:
    """The month a day is in, as a number."""
    return day.year * 12 + day.month - 1
