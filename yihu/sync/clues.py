"""A family that is not on the list, taken down at the door: a clue for the village office.

It becomes a gap in the book of the village (origin: visit), so that it is assigned, answered and
cleared as every other; procedures.md §7.2 step 1. Its phone and identity numbers stay sealed with
what came; where one cannot be right, the gap says that it is as told and not verified.
"""

from __future__ import annotations

from datetime import date

from yihu.access.models import Post
from yihu.access.queries import in_force
from yihu.access.sealing import normal
from yihu.book import dictionary
from yihu.book.actions import NewEntry
from yihu.book.models import Entry
from yihu.exchange.identities import is_possible
from yihu.ledger.actions import Raised, write_gaps
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.sync.aside import first_place, sealed, taken, to_be_taken
from yihu.sync.batch import Batch
from yihu.sync.facts_sent import spec_or_none
from yihu.sync.lately import require_seen_lately
from yihu.sync.models import Arrival
from yihu.sync.sent import Sent

#: Signs of one part of a clue that are kept in the ledger; the whole stays with what came.
LONGEST = 120


def take_clue(sent: Sent, batch: Batch) -> Arrival:
    """Open the gap of a clue. Raises Held (sync.held_past) and Problem."""
    require_seen_lately(sent, batch)
    row, place = write_clue(sent, batch)
    arrival = to_be_taken(sent, batch, place.path, sent.marks)
    arrival.body = sealed(sent.raw)
    return taken(arrival, row)


def write_clue(sent: Sent, batch: Batch) -> tuple[Entry, Place]:
    """The entry that opens the gap of a clue, and the place it stands at."""
    place = _place(sent, batch)
    head, where = _words(sent, "head"), _words(sent, "where")
    if not head:
        raise Problem("sync.bad_shape", at="says.head", found="—", expected="户主姓名 / a name")
    raised = Raised(
        book=place.book.pk, origin="visit", department="",
        title=f"线索：名单外的户 {head}" + (f"（{where}）" if where else ""),
        evidence=_evidence(sent),
    )  # fmt: skip
    says = {**raised.says(), "gap": str(sent.id)}
    new = NewEntry(
        book=place.book.pk, kind="gap", says=says, seen_on=min(sent.seen_on, batch.at.today),
        source="phone", written_at=sent.written_at, id=sent.id,
    )  # fmt: skip
    write_gaps([new], by=batch.by, now=batch.at.now, today=batch.at.today)
    return Entry.objects.get(pk=sent.id), place


def _evidence(sent: Sent) -> str:
    people = sent.says.get("people")
    parts = [f"{people} 人" if isinstance(people, int) else "", _words(sent, "words")]
    told_by = _words(sent, "told_by")
    parts += [f"来源 {told_by}" if told_by else "", *_numbers(sent)]
    return "；".join(part for part in parts if part)


def _numbers(sent: Sent) -> list[str]:
    """Of the numbers that came, whether they may be right: never a number itself."""
    phone, number = _words(sent, "phone"), _words(sent, "identity")
    told = [
        ("电话", phone, bool(phone) and _is_no_phone(phone, sent.seen_on)),
        ("证件号码", number, bool(number) and not is_possible(normal(number))),
    ]
    return [
        f"{label}{'照说的记，未核对' if wrong else '已记下'}" for label, said, wrong in told if said
    ]


def _is_no_phone(phone: str, on: date) -> bool:
    spec = spec_or_none("household", "phone")
    return spec is not None and dictionary.other_form(spec, phone, on) is not None


def _words(sent: Sent, name: str) -> str:
    found = sent.says.get(name, "")
    return (
        found.strip()[: LONGEST * 4 if name == "words" else LONGEST]
        if isinstance(found, str)
        else ""
    )


def _place(sent: Sent, batch: Batch) -> Place:
    """The village the clue names, where the helper serves; else the place of his post."""
    posts = Post.objects.filter(in_force(batch.at.today), worker=batch.by).select_related("place")
    at = [post.place for post in posts.order_by("pk")] or [
        place for place in (first_place(batch.by),) if place
    ]
    code = sent.says.get("village")
    if isinstance(code, str) and code:
        named = Place.objects.filter(code=code).first()
        if named and any(named.path.startswith(each.path) for each in at):
            at = [named]
    for place in at:
        if hasattr(place, "book"):
            return place
    raise Problem("sync.no_place")
