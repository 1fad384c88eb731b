"""What is held: shown with both values, and settled by somebody else than who wrote it.

An entry of which only some facts are held stands in its book already, without these. Settling
writes what was decided, in the name of who decided; where all of the entry was held, before it
that entry, without what is in dispute, in the name of who sent it. Declined, nothing more is
written, and what was held stays with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from yihu import loop
from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.actions import NewEntry
from yihu.book.models import Book, Entry
from yihu.card.fold import Card, Known
from yihu.card.models import Household
from yihu.card.queries import card_of
from yihu.loop import Moment
from yihu.problems import Problem
from yihu.reason import good_reason
from yihu.sync.aside import opened, wrote_theirs
from yihu.sync.batch import Batch
from yihu.sync.clues import write_clue
from yihu.sync.facts_sent import (
    is_writable,
    level_of,
    renamed,
    spec_or_none,
    stands_in_no_form,
    without,
)
from yihu.sync.models import Arrival
from yihu.sync.sent import Clock, Sent, read

LEAST_REASON = 5
SIDES = ("ours", "theirs")


@dataclass(frozen=True, slots=True)
class Dispute:
    """A fact with the value the phone sent (ours) and the one the book has now (theirs).

    retired  the rulebook has no such fact any more: there is nothing to choose
    person   name of whom it is about; "" of the household
    by       number of the entry the book's value stands in; 0 where it has none
    no_form  the phone's value is none its fact may have: it is put right at the desk, not chosen
    """

    whose: str
    fact: str
    label: dict[str, str]
    ours: Any
    theirs: Any
    retired: bool = False
    person: str = ""
    by: int = 0
    no_form: bool = False

    @property
    def level(self) -> str:
        """The level of the fact."""
        return level_of(self.whose)

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.whose}/{self.fact}"


def disputes(arrival: Arrival) -> list[Dispute]:
    """The facts in dispute with both values; of a settled entry none."""
    raw = opened(arrival)
    if arrival.state != "held" or not arrival.facts or raw is None:
        return []
    says = renamed(raw["says"])
    card = card_of(arrival.household_id) if arrival.household_id else Card()
    on = arrival.seen_on or arrival.received_at.date()
    return [_dispute(whose, fact, says, card, on) for whose, fact in arrival.facts]


def _dispute(whose: str, fact: str, says: Mapping[str, Any], card: Card, on: date) -> Dispute:
    of, known = says.get("household", {}), card.facts
    if whose != "household":
        of = says.get("members", {}).get(whose, {})
        known = card.members[whose].facts if whose in card.members else {}
    spec, there, ours = spec_or_none(whose, fact), known.get(fact), of.get(fact)
    label = {"zh": spec.label.zh, "en": spec.label.en} if spec else {"zh": fact, "en": fact}
    name = known.get("name") if whose != "household" else None
    retired = not is_writable(whose, fact, ours)
    return Dispute(
        whose, fact, label, ours, _value(there), retired=retired,
        person=str(name.value) if name else "", by=there.number if there else 0,
        no_form=not retired and stands_in_no_form(whose, fact, ours, says, on),
    )  # fmt: skip


def _value(known: Known | None) -> Any:
    if known is None or not known.token:
        return known.value if known else None
    return dictionary.keys().open(known.value["sealed"], known.token)


# --- settling -------------------------------------------------------------------------------------


@transaction.atomic
def settle(
    arrival: Arrival, *, choices: Mapping[str, str], seen: int, why: str, by: Worker, at: Moment,
    on: date | None = None,
) -> Arrival:  # fmt: skip
    """Write what is held, each fact in dispute with the value chosen.

    choices  "whose/fact" → ours (the phone's value) or theirs (the book's)
    seen     number the book ended at when who decides looked at it
    on       the day it was seen, where the phone's cannot be it; None: the phone's
    Raises   Problem: sync.own_hold, sync.own_value, sync.no_reason, sync.settled_already,
             sync.which_value, sync.which_day, sync.no_form, sync.no_book, and those of the book,
             where it cannot stand there: then decline it
    """
    found = _open_hold(arrival, why, by)
    open_facts = disputes(found)
    said = _told(open_facts, choices, by.name, why.strip())
    found.left_out = [[o.whose, o.fact] for o in open_facts if _side(o, choices) != "ours"]
    if found.number is not None:
        _decide(found, choices, seen, why, by, at)
    else:
        sent = _seen(_sent(found), found, on)
        if sent.kind == "clue":
            row, _ = write_clue(sent, Batch(found.worker, found.device, Clock(at.now, None), at))
        else:
            row = _decide(found, choices, seen, why, by, at, first=sent)
        found.book_id, found.number = row.book_id, row.number
    return _settled(found, "taken", said, why, by, at)


def _decide(
    found: Arrival, choices: Mapping[str, str], seen: int, why: str, by: Worker, at: Moment, *,
    first: Sent | None = None,
) -> Entry:  # fmt: skip
    """The last entry of whom it is about: the one sent if it is written now, else the decision."""
    home = Household.objects.filter(pk=found.household_id).first()
    if home is None:
        raise Problem("sync.no_book", status=409)
    # Locked: what is decided about is what the book says until it is written.
    book = Book.objects.select_for_update().get(pk=home.pk)
    if book.last_number != seen:
        raise Problem("sync.settled_already", status=409)
    open_facts = disputes(found)
    if any(choices.get(one.key) not in SIDES for one in open_facts if not one.retired):
        raise Problem("sync.which_value")
    for one in open_facts:
        if one.no_form and choices[one.key] == "ours":
            raise Problem("sync.no_form", fact=one.label["en"], fact_zh=one.label["zh"])
    rows = []
    if first is not None:
        written = _as_sent(first, open_facts, home, at)
        rows += loop.write([written], by=found.worker, at=at, checked=False)
    rows += loop.write([_decision(found, home, open_facts, choices, why, at)], by=by, at=at)
    return rows[0]


def _told(of: list[Dispute], choices: Mapping[str, str], name: str, reason: str) -> Problem:
    """What the phone hears: which of its values were written, and which the book kept."""
    sides = {side: [one for one in of if _side(one, choices) == side] for side in SIDES}
    zh = {"ours": "写入您的值", "theirs": "保留户册的值"}
    en = {"ours": "written as you said", "theirs": "the book's value kept"}
    parts = [
        (
            f"{zh[side]}：{'、'.join(one.label['zh'] for one in ones)}；",
            f"{en[side]}: {', '.join(one.label['en'] for one in ones)}; ",
        )
        for side, ones in sides.items()
        if ones
    ]
    return Problem(
        "sync.settled", name=name, reason=reason, what_zh="".join(zh for zh, _ in parts),
        what="".join(en for _, en in parts),
    )  # fmt: skip


def _side(one: Dispute, choices: Mapping[str, str]) -> str:
    return "theirs" if one.retired else choices.get(one.key, "")


@transaction.atomic
def decline(arrival: Arrival, *, why: str, by: Worker, at: Moment) -> Arrival:
    """Write nothing of what is held; it stays with the reason.

    An entry of which some facts are held stands in its book, and stays taken; else it is refused.

    Raises  Problem: sync.own_hold, sync.own_value, sync.no_reason, desk.reason_too_long,
            sync.settled_already
    """
    found = _open_hold(arrival, why, by)
    said = Problem("sync.declined", name=by.name, reason=why.strip())
    state = "refused" if found.number is None else "taken"
    found.left_out = found.facts
    return _settled(found, state, said, why, by, at)


def _open_hold(arrival: Arrival, why: str, by: Worker) -> Arrival:
    found = Arrival.objects.select_for_update().get(pk=arrival.pk)
    if found.state != "held":
        raise Problem("sync.settled_already", status=409)
    if found.worker_id == by.pk:
        raise Problem("sync.own_hold", status=403)
    good_reason(why, "sync.no_reason", least=LEAST_REASON)
    own = own_value(found, by)
    if own is not None:
        raise Problem("sync.own_value", status=403, fact=own.label["en"], fact_zh=own.label["zh"])
    return found


def own_value(arrival: Arrival, by: Worker) -> Dispute | None:
    """A fact in dispute whose value in the book a worker wrote himself; None where there is none.

    Where nothing can be chosen he may put it in order: the phone's value stands in no form.
    """
    choices = {(o.whose, o.fact): o for o in disputes(arrival) if not (o.retired or o.no_form)}
    spoke = wrote_theirs(arrival.household_id, choices)
    return next((choices[key] for key, author in spoke if author == by.pk), None)


def lacks_day(arrival: Arrival) -> bool:
    """Must who writes it say of which day it is? The phone's is too long ago to be believed."""
    return arrival.state == "held" and arrival.number is None and arrival.code == "sync.held_past"


def _seen(sent: Sent, found: Arrival, on: date | None) -> Sent:
    """What was sent, of the day it is said to be of by who decides."""
    if on is None and lacks_day(found):
        raise Problem("sync.which_day", seen_on=sent.seen_on)
    return sent if on is None else replace(sent, seen_on=on)


def _settled(
    found: Arrival, state: str, said: Problem, why: str, by: Worker, at: Moment
) -> Arrival:
    found.state, found.code = state, said.code
    found.why = {"zh": said.sentence(), "en": said.sentence("en")}
    found.settled_by, found.settled_at, found.settled_why = by, at.now, why.strip()
    found.save()
    return found


def _sent(arrival: Arrival) -> Sent:
    """What was sent, read again; its moments as they were put right when it came."""
    behind = None if arrival.skew is None else timedelta(seconds=arrival.skew)
    sent = read(opened(arrival), Clock(arrival.received_at, behind))
    if Entry.objects.filter(pk=sent.id).exists():
        raise Problem("sync.settled_already", status=409)
    return sent


def _as_sent(sent: Sent, but: list[Dispute], home: Household, at: Moment) -> NewEntry:
    says = without(renamed(sent.says), {(each.whose, each.fact) for each in but})
    return NewEntry(
        book=home.pk, kind=sent.kind, says=says, seen_on=_day(sent, at.today), source="phone",
        written_at=sent.written_at, undoes=sent.undoes, id=sent.id,
    )  # fmt: skip


def _day(sent: Sent, today: date) -> date:
    return min(sent.seen_on, today)


def _decision(
    arrival: Arrival, home: Household, of: list[Dispute], choices: Mapping[str, str], why: str,
    at: Moment,
) -> NewEntry:  # fmt: skip
    says: dict[str, Any] = {"why": why.strip(), "difference": str(arrival.entry_id)}
    ours, theirs = {}, {}
    for each in of:
        if each.retired:
            ours[each.key] = each.ours
            continue
        value = each.ours if choices[each.key] == "ours" else each.theirs
        if each.whose == "household":
            says.setdefault("household", {})[each.fact] = value
        else:
            says.setdefault("members", {}).setdefault(each.whose, {})[each.fact] = value
        if not dictionary.is_secret(each.level, each.fact):
            ours[each.key], theirs[each.key] = each.ours, each.theirs
    # A decision of today: it holds over whatever either side saw before.
    return NewEntry(
        book=home.pk, kind="comparison", says={**says, "ours": ours, "theirs": theirs},
        seen_on=at.today, source="sync",
    )  # fmt: skip


def to_settle(scope: Scope) -> QuerySet[Arrival]:
    """Entries of phones where the worker may both settle and write; the oldest first."""
    rows = scope.of(Arrival, "compare").filter(pk__in=scope.of(Arrival, "write").values("pk"))
    return rows.select_related("worker", "holder", "device", "settled_by").order_by(
        "received_at", "pk"
    )
