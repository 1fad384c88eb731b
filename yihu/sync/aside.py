"""What stands of every entry that came: the row of the one taken, of the one held or refused."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from yihu.access.models import Post, Worker
from yihu.access.queries import in_force
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.card.queries import card_of
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.sync.batch import Batch, Key
from yihu.sync.models import Arrival
from yihu.sync.sent import KINDS, Sent, moment_or_none, photo_of

#: Who looks at what is held, the nearest office first.
HOLDERS = ("township", "county")


#: Kinds of entries that bring the words of others than their author.
OF_OTHERS = ("import", "comparison")


class Held(Exception):  # noqa: N818  no error: a person decides
    """An entry a person has to decide about. facts: [whose, fact] of those in dispute."""

    def __init__(
        self, code: str, sent: Sent, *, keys: Sequence[Key] = (), **details: object
    ) -> None:
        self.code, self.sent, self.keys, self.details = code, sent, keys, details
        super().__init__(code)


def taken(made: Arrival, row: Entry | None) -> Arrival:
    """Write the row of an entry that stands in a book; of a receipt, which stands in none."""
    if row is not None:
        made.book_id, made.number = row.book_id, row.number
    made.save(force_insert=True)
    return made


def to_be_taken(sent: Sent, batch: Batch, place_path: str, marks: Sequence[str] = ()) -> Arrival:
    """The row before it is known where the entry stands; not yet written."""
    return Arrival(
        entry_id=sent.id, digest=sent.digest, state="taken", household_id=sent.household,
        place_path=place_path, marks=sorted(set(marks)), kind=sent.kind, seen_on=sent.seen_on,
        written_at=sent.written_at, based_on=sent.based_on, app=sent.app, rulebook=sent.rulebook,
        photo=photo_of(sent.raw), **_common(batch),
    )  # fmt: skip


def hold_in_part(arrival: Arrival, why: Held, batch: Batch) -> None:
    """Some facts of an entry wait for a person; what else it says stands in the book."""
    spoke = {each for _, each in wrote_theirs(arrival.household_id, why.keys)}
    arrival.state, arrival.holder = "held", holder_of(arrival.place_path, batch, but=spoke)
    said, rest = _problem(why, arrival.holder), Problem("sync.rest_written")
    arrival.code = why.code
    arrival.why = {
        "zh": said.sentence() + rest.sentence(),
        "en": f"{said.sentence('en')} {rest.sentence('en')}",
    }
    arrival.facts, arrival.body = [list(key) for key in why.keys], sealed(why.sent.raw)


def kept_aside(
    raw: object, id: UUID, digest: str, batch: Batch, state: str, why: Held | Problem
) -> Arrival:
    """The row of an entry that stands in no book: all of it, sealed, with the reason."""
    sent = why.sent if isinstance(why, Held) else None
    home = _reached(raw, batch) if sent is None else _household(sent.household)
    place = home.place_path if home else _own_path(batch.by)
    spoke = wrote_theirs(home.pk, why.keys) if home and isinstance(why, Held) else ()
    holder = holder_of(place, batch, but={each for _, each in spoke}) if sent else None
    said = _problem(why, holder)
    return Arrival.objects.create(
        entry_id=id, digest=digest, state=state, household_id=home.pk if home else None,
        place_path=place, code=why.code, why={"zh": said.sentence(), "en": said.sentence("en")},
        facts=[list(key) for key in why.keys] if isinstance(why, Held) else [],
        body=sealed(raw), holder=holder, marks=list(sent.marks) if sent else [],
        photo=photo_of(raw), **_told(raw), **_common(batch),
    )  # fmt: skip


def _common(batch: Batch) -> dict[str, Any]:
    behind = batch.clock.behind
    return {
        "worker": batch.by, "device": batch.device, "received_at": batch.at.now,
        "skew": None if behind is None else _held_in_a_column(behind.total_seconds()),
    }  # fmt: skip


def _held_in_a_column(seconds: float) -> int:
    return int(max(-(2**31) + 1, min(2**31 - 1, seconds)))


def _told(raw: object) -> dict[str, Any]:
    """What of a refused entry can be read, for those who look at it."""
    if not isinstance(raw, dict):
        return {}
    based_on = raw.get("based_on")
    number = isinstance(based_on, int) and 0 <= based_on < 2**31
    return {
        "kind": raw.get("kind") if raw.get("kind") in KINDS else "",
        "written_at": moment_or_none(raw.get("written_at")),
        "seen_on": _day(raw.get("seen_on")), "based_on": based_on if number else None,
        "app": _short(raw.get("app"), 40), "rulebook": _short(raw.get("rulebook"), 80),
    }  # fmt: skip


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _short(value: object, most: int) -> str:
    return ascii(value)[1:-1][:most] if isinstance(value, str) else ""


def _problem(why: Held | Problem, holder: Worker | None) -> Problem:
    if isinstance(why, Problem):
        return why
    name = holder.name if holder else ""
    said = {**why.details, "holder": name or "the township", "holder_zh": name or "乡镇"}
    return Problem(why.code, 409, **said)


def sealed(raw: object) -> list[str]:
    """What was sent, as nobody reads it without the keys: identity numbers may be in it."""
    return list(dictionary.keys().seal(json.dumps(raw, ensure_ascii=True)))


def opened(arrival: Arrival) -> Any:
    """What was sent. Of an entry that stands in a book: None, the book has it."""
    return json.loads(dictionary.keys().open(*arrival.body)) if arrival.body else None


def _household(id: UUID | None) -> Household | None:
    return Household.objects.filter(pk=id).first() if id else None


def _reached(raw: object, batch: Batch) -> Household | None:
    """The household a refused entry names, if its sender reaches it; else it says nothing of it."""
    try:
        id = UUID(str(raw.get("household"))) if isinstance(raw, dict) else None
    except ValueError:
        return None
    return Scope(batch.by, batch.at.today).of(Household).filter(pk=id).first() if id else None


def wrote_theirs(household: UUID | None, keys: Collection[Key]) -> list[tuple[Key, UUID]]:
    """(key, worker) of the book's values of some facts that a worker wrote in his own words.

    An import brings the words of others, whoever loaded it, and a settlement chose between them.
    """
    if household is None or not keys:
        return []
    card = card_of(household)
    facts = {"household": card.facts} | {str(id): of.facts for id, of in card.members.items()}
    known = [(key, facts.get(key[0], {}).get(key[1])) for key in keys]
    numbers = {there.number for _, there in known if there is not None}
    rows = Entry.objects.filter(book_id=household, number__in=numbers, author__isnull=False)
    by = dict(rows.exclude(kind__in=OF_OTHERS).values_list("number", "author_id"))
    return [(key, by[there.number]) for key, there in known if there and there.number in by]


def holder_of(place_path: str, batch: Batch, *, but: Collection[UUID] = ()) -> Worker | None:
    """The named person who decides: of the township, else of the county; never the sender.

    but  workers who wrote the other value
    """
    step = len(place_path.split("/", maxsplit=1)[0]) + 1
    above = [place_path[:end] for end in range(step, len(place_path) + 1, step)]
    posts = Post.objects.filter(in_force(batch.at.today), role__in=HOLDERS, place__path__in=above)
    posts = posts.filter(worker__is_active=True).exclude(worker=batch.by)
    posts = posts.exclude(worker__in=but).select_related("worker")
    found = min(posts, key=lambda post: (HOLDERS.index(post.role), post.pk), default=None)
    return found.worker if found else None


def _own_path(worker: Worker) -> str:
    found = first_place(worker)
    return found.path if found else ""


def first_place(worker: Worker) -> Place | None:
    """The place of a worker's first post, in force or not: where what he sent is looked after."""
    posts = Post.objects.filter(worker=worker).order_by("since", "pk").select_related("place")
    found = posts.first()
    return found.place if found else None
