"""Help that nothing followed: given again and again, and no fact of the family changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from yihu.visit.signs import Found, Limits


@dataclass(frozen=True, slots=True)
class Told:
    """Facts an entry told, {(whose, fact): value}; help: it is help, and whom it was for."""

    number: int
    on: date
    author: UUID | None
    facts: Mapping[tuple[str, str], object] = field(default_factory=dict)
    help: bool = False
    person: str = ""


def still(
    book: UUID, told: Sequence[Told], helper: UUID | None, today: date, limits: Limits
) -> Found | None:
    """Help given again and again long enough ago, and nothing of what is known changed since.

    told    of one household, by day and number; facts of paperwork are left out before
    """
    if limits.months is None or limits.helps is None or helper is None:
        return None
    given = [each for each in told if each.help and _months(each.on, today) >= limits.months]
    if len(given) < limits.helps or any(_followed(each, told) for each in given):
        return None
    asked = sum(1 for each in told if each.facts and each.on > given[0].on)
    at = tuple((book, each.number) for each in given)
    figures = {"helps": len(given), "months": _months(given[0].on, today), "asked": asked}
    return Found("still", helper, at, figures)


def _followed(given: Told, told: Sequence[Told]) -> bool:
    """Did a fact of whom it was for get another value, or its first, after the help?"""
    known: dict[tuple[str, str], object] = {}
    for each in told:
        for key, value in each.facts.items():
            aimed = not given.person or key[0] in (given.person, "household")
            if each.on > given.on and aimed and known.get(key) != value:
                return True
            known[key] = value
    return False


def _months(since: date, until: date) -> int:
    whole = (until.year - since.year) * 12 + until.month - since.month
    return whole - (until.day < since.day)
