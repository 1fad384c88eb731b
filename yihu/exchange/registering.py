"""What a register says of a household's standing, as decisions for a household it opens. Pure.

A register says that a household was identified, left poverty, is monitored; a household taken in
from it would otherwise stand as never registered. Each decision has the last day of the month or
year the register gives, which is the day by which it surely held, and the day of the data where it
gives none. What the register does not say is not decided.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from yihu.book.says import MONITORED

#: Facts by which a register says that the household is, or was, registered.
LISTED = ("attribute", "exit_status", "identified")
EXITED = ("exited", "newly_exited", "exited_before")
WHY = "登记表所载 as the register says"


def decisions_of(facts: Mapping[str, Any], *, day: date) -> list[tuple[date, dict[str, Any]]]:
    """(day it held by, what it says) of each decision the facts of a household imply, in order.

    facts  of the household, in the spelling of the book
    day    of the data

    >>> found = decisions_of({"identified": "2015-11", "exit_status": "exited", "exit_year": 2018},
    ...                      day=date(2020, 6, 30))
    >>> [(str(on), says["did"]) for on, says in found]
    [('2015-11-30', 'identified'), ('2018-12-31', 'exited')]
    """
    found: list[tuple[date, dict[str, Any]]] = []

    def decide(on: date, did: str, **more: str) -> None:
        first = found[-1][0] if found else date.min
        found.append((max(first, min(on, day)), {"did": did, "why": WHY, **more}))

    has_exited = _has_exited(facts)
    if has_exited or _is_listed(facts):
        decide(_end_of_month(facts.get("identified"), day), "identified")
    if has_exited:
        year = facts.get("exit_year")
        decide(date(year, 12, 31) if isinstance(year, int) else day, "exited")
    if facts.get("monitor_kind") in MONITORED:
        on = _end_of_month(facts.get("monitored_month"), day)
        decide(on, "monitored", category=facts["monitor_kind"])
        if facts.get("risk_removed") is True:
            decide(_end_of_month(facts.get("removed_month"), day), "risk_removed")
    return found


def _is_listed(facts: Mapping[str, Any]) -> bool:
    return facts.get("kind") == "poor" or any(facts.get(fact) is not None for fact in LISTED)


def _has_exited(facts: Mapping[str, Any]) -> bool:
    """What the register says last: who returned to poverty has not left it now."""
    status = facts.get("exit_status")
    if status is not None:
        return status in EXITED
    return facts.get("exited") is True or facts.get("kind") == "exited"


def _end_of_month(text: Any, otherwise: date) -> date:
    """The last day of a month written 2015-11.

    >>> _end_of_month("2016-02", date(2020, 1, 1))
    datetime.date(2016, 2, 29)
    """
    if not isinstance(text, str):
        return otherwise
    year, month = (int(part) for part in text.split("-")[:2])
    return date(year, month, monthrange(year, month)[1])
