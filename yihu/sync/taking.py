"""Taking in what phones wrote: each entry is judged by itself, and nothing that came is lost.

An entry is taken (it stands in a book under its id), held (a named person decides) or refused. Are
only some of its facts in doubt, these are held and all else it says is taken: then it is both.
Whatever the answer, the row of `Arrival` keeps that it came; sent again it is answered as before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction

from yihu import loop
from yihu.access.models import Worker
from yihu.book import rows
from yihu.book.actions import NewEntry
from yihu.book.models import Book, Entry
from yihu.book.says import facts_in, require_shape, says_anything
from yihu.card.models import Household
from yihu.loop import Moment
from yihu.problems import Problem
from yihu.sync.aside import Held, hold_in_part, kept_aside, taken, to_be_taken
from yihu.sync.batch import Batch, Known, Waiting
from yihu.sync.clues import take_clue
from yihu.sync.facts_sent import (
    Doubt,
    doubts,
    in_todays_words,
    labels,
    require_household_acts,
    without,
)
from yihu.sync.lately import require_seen_lately
from yihu.sync.models import Arrival
from yihu.sync.notices import take_receipt
from yihu.sync.sent import Sent, digest_of, household_of, id_of, not_too_deep, read
from yihu.tables import rows_by

log = logging.getLogger(__name__)
SOURCE = "phone"
#: Entries of one request. A helper who was away for a week has some hundred: several requests.
MOST = 100
#: Kinds that are written with others of their request; the rest depend on how things stand then.
WAIT = ("facts", "visit", "help", "evidence", "signature")
#: After the end of a pairing, what was written before it goes into the book for so long (K: a
#: county may want more); what comes later is held for a person.
GRACE = timedelta(days=60)
#: What can no longer be because somebody else wrote since the phone's copy: a person decides.
CHANGED = (
    "book.behind", "book.closed", "book.not_here", "book.dead", "book.here_already",
    "book.later_depends", "book.undone_already", "book.not_opened", "card.person_elsewhere",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of the n-th entry of a batch. again: it had come before."""

    n: int
    arrival: Arrival
    again: bool


def take_in(items: Sequence[object], batch: Batch) -> list[Answered]:
    """Judge every entry and write those that may stand; answers in the order given.

    An entry that could not be judged at this moment has no answer: it is sent again.

    Raises  Problem (sync.too_many): nothing was looked at
    """
    if len(items) > MOST:
        raise Problem("sync.too_many", status=413, found=len(items), most=MOST)
    items = [not_too_deep(raw) for raw in items]
    try:
        return _together(items, batch)
    except Exception:  # noqa: BLE001  whatever it was: it may be the fault of one
        log.info("a batch could not be taken in at once; each entry is judged by itself")
        return _one_by_one(items, batch)


@transaction.atomic
def _together(items: Sequence[object], batch: Batch) -> list[Answered]:
    """All in one transaction: cards are built and checked once a household."""
    ids = [id_of(raw, digest_of(raw)) for raw in items]
    waiting = Waiting()
    batch = replace(batch, waiting=waiting, known=Known.of(ids))
    homes = {id for raw in items if (id := household_of(raw)) is not None}
    batch.known.look_up(homes)
    waiting.open(id for id in homes if batch.known.homes[id] is not None)
    answers = [_looked_at(n, raw, batch) for n, raw in enumerate(items)]
    waiting.write(batch.by, batch.at)
    _require_there(answers)
    books = {a.arrival.book_id for a in answers if not a.again and a.arrival.book_id}
    loop.follow(set(rows.count_by(Household, "book_id", books)), at=batch.at)
    return answers


def _require_there(answers: Sequence[Answered]) -> None:
    """What is answered as taken stands in a book; a phone lets go of it then."""
    told = {a.arrival.entry_id for a in answers if not a.again and a.arrival.number is not None}
    missing = told - set(rows.count_by(Entry, "id", told))
    if missing:
        raise RuntimeError(f"answered as taken and in no book: {sorted(missing)}")


def _one_by_one(items: Sequence[object], batch: Batch) -> list[Answered]:
    answers = []
    for n, raw in enumerate(items):
        try:
            answers.append(_alone(n, raw, batch))
        except Exception:
            log.exception("an entry could not be taken in; the phone sends it again")
    # The rules are asked once a household, not once an entry; the words are safe before that.
    _check({a.arrival.book_id for a in answers if not a.again}, batch.at)
    return answers


def _check(books: set[UUID | None], at: Moment) -> None:
    for home in Household.objects.filter(pk__in=books - {None}).select_related("place"):
        loop.check([home], at=at)


def _alone(n: int, raw: object, batch: Batch) -> Answered:
    try:
        with transaction.atomic():
            return _looked_at(n, raw, replace(batch, known=Known()))
    except DatabaseError:
        # The same entry came twice at once, and the other was first: what it made is the answer.
        with transaction.atomic():
            return _looked_at(n, raw, replace(batch, known=Known()))


def _looked_at(n: int, raw: object, batch: Batch) -> Answered:
    digest = digest_of(raw)
    id = id_of(raw, digest)
    known = batch.known if id in batch.known.arrivals else Known.of([id])
    had = known.arrivals[id].get(digest)
    if had is not None:
        return Answered(n, had, again=True)
    arrival = _judged(
        raw, id, digest, batch, new=not known.arrivals[id] and id not in known.written
    )
    batch.known.add(arrival)
    return Answered(n, arrival, again=False)


def _judged(raw: object, id: UUID, digest: str, batch: Batch, *, new: bool) -> Arrival:
    try:
        if not new:
            raise Problem("sync.id_reused", status=409, id=id)  # noqa: TRY301  answered as all else
        sent = read(raw, batch.clock)
        if batch.waiting is not None and sent.kind in WAIT:
            # What is refused or held here has written nothing that were to be taken back.
            return _taken(sent, batch)
        if batch.waiting is not None:
            # Before the mark to go back to: what is refused takes nothing of others back with it.
            batch.waiting.write(batch.by, batch.at)
        with transaction.atomic():
            return _taken(sent, batch)
    except Held as held:
        return kept_aside(raw, id, digest, batch, "held", held)
    except Problem as refused:
        return kept_aside(raw, id, digest, batch, "refused", refused)


def _taken(sent: Sent, batch: Batch) -> Arrival:
    if sent.kind == "read":
        return take_receipt(sent, batch)
    if not batch.by.is_active:
        raise Held("sync.held_closed", sent)
    return _OTHERS.get(sent.kind, _take_entry)(sent, batch)


# --- entries of households ------------------------------------------------------------------------


def _take_entry(sent: Sent, batch: Batch) -> Arrival:
    home = batch.known.home(sent.household)
    if home is None:
        return _of_clue(sent, batch)
    if not may_write(sent, home, batch):
        # Whatever clue came under its id: it is a household, and not his.
        raise Problem("sync.not_yours", status=404)
    return write_sent(sent, batch, home)


def write_sent(sent: Sent, batch: Batch, home: Household) -> Arrival:
    """Write an entry into the book of a household it may be written in.

    Raises  Held where a person has to decide; Problem where it cannot be an entry
    """
    if sent.seen_on > batch.at.today:
        raise Held("sync.held_future", sent, seen_on=sent.seen_on, today=batch.at.today)
    require_seen_lately(sent, batch)
    require_household_acts(sent.says)
    require_shape(sent.kind, sent.says, of_place=False)
    if not says_anything(sent.says):
        raise Problem("sync.nothing_said")
    says, renamed = in_todays_words(sent)
    # Locked from here on: between the look at what others wrote and the writing nobody writes.
    book = _locked(home.pk, batch)
    based_on, doubted = doubts(sent, says, book, batch)
    says, held = _beside(sent, says, doubted) if doubted else (says, None)
    new = NewEntry(
        book=home.pk, kind=sent.kind, says=says, seen_on=sent.seen_on, source=SOURCE,
        based_on=based_on, written_at=sent.written_at, undoes=sent.undoes, id=sent.id,
    )  # fmt: skip
    arrival = to_be_taken(sent, batch, home.place_path, (*sent.marks, *renamed))
    if held is not None:
        hold_in_part(arrival, held, batch)
    if batch.waiting is not None and sent.kind in WAIT:
        batch.waiting.add(new, arrival)
        return arrival
    try:
        row = _write(new, batch)
    except Problem as wrong:
        raise _by_others(wrong, sent, book) from wrong
    return taken(arrival, row)


def _beside(sent: Sent, says: dict[str, Any], doubted: list[Doubt]) -> tuple[dict[str, Any], Held]:
    """What is written at once, and what of the entry waits for a person.

    Raises  Held: beside the facts in doubt it says nothing
    """
    keys = {key for doubt in doubted for key in doubt.keys}
    # The sentence gives the first reason; all facts stand on the page with both values.
    held = Held(doubted[0].code, sent, keys=sorted(keys), **labels(doubted[0].keys))
    rest = without(says, keys)
    if sent.kind == "facts" and next(facts_in(rest), None) is None:
        raise held
    return rest, held


def _locked(id: UUID, batch: Batch) -> Book:
    if batch.waiting is None:
        (book,) = rows_by(Book, "id", [id], lock=True)
        return book
    batch.waiting.open([id])
    return batch.waiting.books[id].book


def _write(new: NewEntry, batch: Batch) -> Entry:
    waiting = batch.waiting
    if waiting is not None:
        waiting.write(batch.by, batch.at)
    followed = waiting is None
    (row,) = loop.write([new], by=batch.by, at=batch.at, checked=False, followed=followed)
    if waiting is not None:
        waiting.books.pop(new.book, None)
    return row


def _by_others(wrong: Problem, sent: Sent, book: Book) -> Exception:
    """A refusal that is nobody's fault here is a hold."""
    if wrong.code in CHANGED and sent.based_on < book.last_number:
        return Held("sync.held_changed", sent, why=wrong.sentence("en"), why_zh=wrong.sentence())
    return wrong


def may_write(sent: Sent, home: Household, batch: Batch) -> bool:
    """May it be written now: the household is the helper's, or was when he wrote.

    Raises  Held (sync.held_late): it was his, and a person has to look at it
    """
    if batch.known.writes(batch.by, home, batch.at.today):
        return True
    written_on = sent.written_at.astimezone(batch.at.now.tzinfo).date()
    was = batch.known.writes(batch.by, home, written_on) or _ended_later(sent, home, batch.by)
    if was and _trusted(sent, home, batch):
        return True
    if was or _was_ever(batch.by, home):
        raise Held("sync.held_late", sent)
    return False


def _trusted(sent: Sent, home: Household, batch: Batch) -> bool:
    """Written before the end, on a phone that was his then, and not long ago.

    The moment of writing is the phone's word; that the phone is one we knew before the end, and
    that its copy is no newer than what he could have had, is ours.
    """
    if batch.device is None or batch.at.now - sent.written_at > GRACE:
        return False
    known = batch.device.made_at <= sent.written_at and batch.device.revoked_at is None
    had = Entry.objects.filter(book_id=home.pk, received_at__lte=sent.written_at)
    last = had.order_by("-number").values_list("number", flat=True).first() or 0
    return known and sent.based_on <= last


def _ended_later(sent: Sent, home: Household, by: Worker) -> bool:
    """Was it handed over in the course of that day, after he wrote? Days do not say so."""
    eve = sent.written_at.date() - timedelta(days=1)
    rows = by.pairings.filter(household=home, until__gte=eve, ended_at__gt=sent.written_at)
    return rows.exists()


def _was_ever(by: Worker, home: Household) -> bool:
    return by.pairings.filter(household=home).exists()


# --- families that are not on the list ------------------------------------------------------------


def _of_clue(sent: Sent, batch: Batch) -> Arrival:
    """A photo of a family that was handed in as a clue stands where the clue does."""
    clues = Arrival.objects.filter(worker=batch.by, kind="clue", household_id=sent.household)
    clue = clues.exclude(state="refused").first()
    if clue is None:
        raise Problem("sync.not_yours", status=404)
    if clue.book_id is None or sent.kind != "evidence":
        raise Held("sync.held_changed", sent, why="a family not on the list", why_zh="名单外的户")
    says = {key: value for key, value in sent.says.items() if key != "person"}
    new = NewEntry(
        book=clue.book_id, kind="evidence", says=says, seen_on=min(sent.seen_on, batch.at.today),
        source=SOURCE, written_at=sent.written_at, id=sent.id,
    )  # fmt: skip
    row = _write(new, batch)
    return taken(to_be_taken(sent, batch, clue.place_path, sent.marks), row)


_OTHERS: dict[str, Callable[[Sent, Batch], Arrival]] = {"clue": take_clue}
