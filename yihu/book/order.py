"""What can happen after what: people come before they go, and a closed household takes nothing.

Pure. Entries of a book are taken in the order of the days they speak of, then of their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from yihu.problems import Problem


class Dated(Protocol):
    """What the order asks of an entry."""

    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def seen_on(self) -> date: ...  # noqa: D102
    @property
    def says(self) -> dict[str, Any]: ...  # noqa: D102
    @property
    def undoes(self) -> int | None: ...  # noqa: D102


def undone(entries: Iterable[Dated]) -> set[int]:
    """Numbers of the entries without effect: those countered by a correction in effect."""
    return set(undone_by(entries))


def undone_by(entries: Iterable[Dated]) -> dict[int, int]:
    """Number of each entry without effect → of the correction that took it away."""
    gone: dict[int, int] = {}
    corrections = [entry for entry in entries if entry.undoes is not None]
    for entry in sorted(corrections, key=lambda e: -e.number):
        if entry.number not in gone and entry.undoes is not None:
            gone[entry.undoes] = entry.number
    return gone


@dataclass(slots=True)
class Standing:
    """How a household stands after some entries: open or closed, who belongs to it."""

    opened: Dated | None = None
    closed: Dated | None = None
    closed_why: str = ""
    here: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    died: dict[str, Dated] = field(default_factory=dict)
    poor: str = ""  # "", poor, exited or monitored


def standing(entries: Sequence[Dated]) -> Standing:
    """How the household stands after its entries.

    Raises  Problem: book.not_opened, book.opened_twice, book.here_already, book.not_here,
            book.dead, book.closed, book.not_closed, book.no_such_person, book.not_decided;
            `details["number"]` is the entry that cannot stand
    """
    found = Standing()
    gone = undone(entries)
    in_effect = [e for e in entries if e.number not in gone and e.kind not in _ASIDE]
    for entry in sorted(in_effect, key=lambda e: (e.seen_on, e.number)):
        for act in entry.says.get("acts", ()):
            _take(found, act, entry)
        if entry.kind == "decision":
            _decide(found, entry)
    for entry in in_effect:
        for person in _spoken_of(entry):
            if person not in found.ever:
                raise Problem("book.no_such_person", person=person, number=entry.number)
    return found


#: What changes nobody's standing.
_ASIDE = ("correction", "gap")


def _spoken_of(entry: Dated) -> Iterator[str]:
    yield from entry.says.get("members", ())
    if "person" in entry.says:
        yield entry.says["person"]


def _take(found: Standing, act: dict[str, Any], entry: Dated) -> None:
    did = act["did"]
    if found.opened is None and did != "opened":
        raise Problem("book.not_opened", on=entry.seen_on, number=entry.number)
    if found.closed is not None and did != "reopened":
        raise Problem(
            "book.closed", status=409, on=found.closed.seen_on, why=found.closed_why,
            number=entry.number,
        )  # fmt: skip
    _TAKE[did](found, act, entry)


def _opened(found: Standing, _act: dict[str, Any], entry: Dated) -> None:
    if found.opened is not None:
        raise Problem("book.opened_twice", at=found.opened.number, number=entry.number)
    found.opened = entry


def _joined(found: Standing, act: dict[str, Any], entry: Dated) -> None:
    person = act["person"]
    if person in found.here:
        raise Problem(
            "book.here_already", person=person, on=entry.seen_on, number=entry.number
        )  # fmt: skip
    if person in found.died:
        raise Problem(
            "book.dead", person=person, on=found.died[person].seen_on, number=entry.number
        )
    found.here.add(person)
    found.ever.add(person)


def _left(found: Standing, act: dict[str, Any], entry: Dated) -> None:
    _require_here(found, act, entry)
    found.here.discard(act["person"])
    if act["why"] == "died":
        found.died[act["person"]] = entry


def _require_here(found: Standing, act: dict[str, Any], entry: Dated) -> None:
    if act["person"] not in found.here:
        raise Problem("book.not_here", person=act["person"], on=entry.seen_on, number=entry.number)


def _closed(found: Standing, act: dict[str, Any], entry: Dated) -> None:
    found.closed, found.closed_why = entry, act["why"]


def _reopened(found: Standing, _act: dict[str, Any], entry: Dated) -> None:
    if found.closed is None:
        raise Problem("book.not_closed", on=entry.seen_on, number=entry.number)
    found.closed, found.closed_why = None, ""


def _moved(_found: Standing, _act: dict[str, Any], _entry: Dated) -> None:
    """A household may move at any time while it is open."""


_TAKE: dict[str, Callable[[Standing, dict[str, Any], Dated], None]] = {
    "opened": _opened,
    "joined": _joined,
    "left": _left,
    "head": _require_here,
    "moved": _moved,
    "closed": _closed,
    "reopened": _reopened,
}

#: decision → what must stand before it (None: anything), and what stands after it.
_DECIDE: dict[str, tuple[tuple[str, ...] | None, str]] = {
    "identified": (None, "poor"),
    "exited": (("poor",), "exited"),
    "returned": (("exited", "monitored"), "poor"),
    "monitored": (None, "monitored"),
    "risk_removed": (("monitored",), "exited"),
    "corrected_out": (None, ""),
}


def _decide(found: Standing, entry: Dated) -> None:
    before, after = _DECIDE[entry.says["did"]]
    if before is not None and found.poor not in before:
        raise Problem(
            "book.not_decided", did=entry.says["did"], on=entry.seen_on, number=entry.number
        )
    found.poor = after
