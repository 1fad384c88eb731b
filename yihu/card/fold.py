"""Book → card: the state of a household from its entries. Pure, and the only way to a card.

Entries take effect in the order of the days they held on, then of their numbers. A corrected entry
has no effect, unless its correction was itself corrected. As of a day: without what held later. As
known on a day: without what had not been received, corrections included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from yihu.book.order import Dated, undone


class EntryLike(Dated, Protocol):
    """What the fold asks of an entry, beside its place in the order."""

    @property
    def received_at(self) -> datetime: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def sealed(self) -> dict[str, str] | None: ...  # noqa: D102


class Known(NamedTuple):
    """A value, the day it held, and the entry that says so. token: of a sealed value."""

    value: Any
    seen_on: date
    number: int
    source: str
    token: str = ""


@dataclass(slots=True)
class Member:
    """A person of the household. left_on is None while the person belongs to it.

    to, into  where the person went, if to another household here; as whom, if a double
    """

    id: str
    joined_on: date
    why: str = ""
    left_on: date | None = None
    left_why: str = ""
    to: str = ""
    into: str = ""
    is_head: bool = False
    facts: dict[str, Known] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of the register: identified, exited, returned, monitored, …"""

    on: date
    did: str
    category: str
    number: int


@dataclass(slots=True)
class Card:
    """A household, or a place, as its book says. code is empty where none stands (yet).

    number, changed_at  last entry it is made of, and when that was received
    visit_on            day of the last entry that is a visit
    """

    code: str = ""
    place: str = ""
    facts: dict[str, Known] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    closed_on: date | None = None
    closed_why: str = ""
    into: str = ""
    number: int = 0
    changed_at: datetime | None = None
    visit_on: date | None = None

    @property
    def visited_on(self) -> date | None:
        """Day of the last visit: by an entry, or by what a register or handbook says of it."""
        told = self.facts.get("last_visit_on")
        if told is None or told.token:
            return self.visit_on
        on = date.fromisoformat(str(told.value))
        # A visit that lies after the day it was told of is a slip of the pen.
        return (
            max(filter(None, (self.visit_on, on)), default=None)
            if on <= told.seen_on
            else (self.visit_on)
        )

    @property
    def people(self) -> list[Member]:
        """Who belongs to it, the head first, then in order of joining."""
        here = [m for m in self.members.values() if m.left_on is None]
        return sorted(here, key=lambda member: not member.is_head)

    @property
    def listed(self) -> list[Member]:
        """Whose row stands with this household: who belongs to it, then who left for no other."""
        gone = [m for m in self.members.values() if m.left_on is not None and not m.to]
        return [*self.people, *gone]

    @property
    def status(self) -> str:
        """Register status: general, poor, exited, or the category of monitoring."""
        found = "general"
        for decision in self.decisions:
            found = status_after(found, decision)
        return found


#: decision → status after it; monitored takes its category.
_STATUS = {
    "identified": "poor",
    "returned": "poor",
    "exited": "exited",
    "corrected_out": "general",
}


def status_after(status: str, decision: Decision) -> str:
    """Register status after a decision."""
    if decision.did == "monitored":
        return decision.category
    if decision.did == "risk_removed":
        return "exited" if status == "unstable" else "general"
    return _STATUS.get(decision.did, status)


def fold(
    entries: Iterable[EntryLike], *, as_of: date | None = None, known_at: datetime | None = None
) -> Card:
    """The card that entries of one book make.

    as_of     only what held on or before this day
    known_at  only what had been received by this moment
    """
    known = [e for e in entries if known_at is None or e.received_at <= known_at]
    gone = undone(known)
    # What the ledger writes changes no card, so it does not make one stale.
    card = Card()
    last = max((e for e in known if e.kind != "gap"), key=attrgetter("number"), default=None)
    if last is not None:
        card.number, card.changed_at = last.number, last.received_at
    facts: dict[str, _Told] = {}
    held = (e for e in known if as_of is None or e.seen_on <= as_of)
    for entry in sorted(held, key=attrgetter("seen_on", "number")):
        if entry.number in gone or entry.kind in ("correction", "gap"):
            continue
        _take_facts(entry, facts)
        if entry.kind == "visit":
            card.visit_on = entry.seen_on
        for act in entry.says.get("acts", ()):
            _ACTS[act["did"]](card, act, entry)
        if entry.kind == "decision":
            says = entry.says
            card.decisions.append(
                Decision(entry.seen_on, says["did"], says.get("category", ""), entry.number)
            )
    if not card.code:
        _never_was(card, known)
    card.facts = _known(facts.pop("household", {})) | _known(facts.pop("place", {}))
    for person, told in facts.items():
        if person in card.members:
            card.members[person].facts = _known(told)
    return card


def _never_was(card: Card, known: Iterable[EntryLike]) -> None:
    """A household whose registration was undone stands closed: its book and its gaps remain."""
    by = {entry.undoes: entry for entry in known if entry.undoes is not None}
    for entry in known:
        acts = entry.says.get("acts", ())
        if entry.number in by and acts and acts[0]["did"] == "opened":
            _opened(card, acts[0], entry)
            _closed(card, {"why": by[entry.number].says["why"]}, by[entry.number])


#: fact → the last that was said of it: values by fact, and the entry that says them.
_Told = dict[str, tuple[dict[str, Any], EntryLike]]


def _take_facts(entry: EntryLike, facts: dict[str, _Told]) -> None:
    says = entry.says
    for whose in ("household", "place"):
        if whose in says:
            _take(says[whose], entry, facts.setdefault(whose, {}))
    for person, values in says.get("members", {}).items():
        _take(values, entry, facts.setdefault(person, {}))


def _take(values: dict[str, Any], entry: EntryLike, of: _Told) -> None:
    # All at once, and looked at one by one only in the end: books repeat themselves.
    of.update(dict.fromkeys(values, (values, entry)))
    if None in values.values():
        for fact, value in values.items():
            if value is None:
                del of[fact]


def _known(told: _Told) -> dict[str, Known]:
    found, last = {}, None
    # A county has thirty million of them: a value's own maker takes twice the time of the rest.
    make = tuple.__new__
    for fact, (values, entry) in told.items():
        if entry is not last:
            last, on, number, source = entry, entry.seen_on, entry.number, entry.source
        value, token = values[fact], ""
        if isinstance(value, dict):
            token = (entry.sealed or {}).get(value["sealed"], "")
        found[fact] = make(Known, (value, on, number, source, token))
    return found


def _opened(card: Card, act: dict[str, Any], _entry: EntryLike) -> None:
    card.code, card.place = act["code"], act["place"]


def _joined(card: Card, act: dict[str, Any], entry: EntryLike) -> None:
    person = str(act["person"])
    before = card.members.pop(person, None)
    facts = before.facts if before else {}
    member = Member(person, entry.seen_on, act.get("why", ""), facts=facts)
    card.members[person] = member
    if act.get("head"):
        _head(card, act, entry)


def _left(card: Card, act: dict[str, Any], entry: EntryLike) -> None:
    member = card.members.get(str(act["person"]))
    if member is not None:
        member.left_on, member.left_why, member.is_head = entry.seen_on, act["why"], False
        member.to, member.into = act.get("to", ""), act.get("into", "")


def _head(card: Card, act: dict[str, Any], _entry: EntryLike) -> None:
    for member in card.members.values():
        member.is_head = member.id == str(act["person"])


def _moved(card: Card, act: dict[str, Any], _entry: EntryLike) -> None:
    card.place = act["place"]


def _closed(card: Card, act: dict[str, Any], entry: EntryLike) -> None:
    card.closed_on, card.closed_why = entry.seen_on, act["why"]
    card.into = str(act.get("into", ""))


def _reopened(card: Card, _act: dict[str, Any], _entry: EntryLike) -> None:
    card.closed_on, card.closed_why, card.into = None, "", ""


_ACTS = {
    "opened": _opened,
    "joined": _joined,
    "left": _left,
    "head": _head,
    "moved": _moved,
    "closed": _closed,
    "reopened": _reopened,
}
