"""How long ago something may have been seen that a phone or a program writes today.

Registers and sheets bring what was known for decades. Who writes at a door or by a program says
what he saw: the year 1900 is a slip of the fingers or a clock that was reset, and would stand in
the book as older than all that is known.
"""

from __future__ import annotations

from datetime import date, timedelta

from yihu.book import dictionary

LINE = "seen_days"


def earliest_seen(today: date) -> date | None:
    """The first day that may be said, by the line of the rulebook; None where it says nothing."""
    line = dictionary.active().lines.get(LINE)
    step = line.on(today) if line else None
    if step is None or not isinstance(step.value, int | float):
        return None
    return today - timedelta(days=int(step.value))


def too_long_ago(seen_on: date, today: date) -> date | None:
    """Of what was seen before the first day that may be said that day, else None."""
    earliest = earliest_seen(today)
    return earliest if earliest is not None and seen_on < earliest else None
