"""What a phone is given: the helper's families as a delta, and what belongs to himself.

The resume token says what the phone has: for each family the mark of its package. A package whose
mark is another now is sent again. Nothing is read off a counter of all books, so an entry that
commits late cannot be skipped: it changes the mark of its own household whenever it is there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from yihu.access.scope import Scope
from yihu.book.models import Book
from yihu.card.models import Household
from yihu.check import asked
from yihu.check.models import HouseholdFindings
from yihu.problems import Problem
from yihu.sync import package
from yihu.sync.account import accounts
from yihu.sync.facts_sent import version
from yihu.sync.models import Arrival
from yihu.sync.notices import notices_for
from yihu.sync.photos import awaited
from yihu.tables import join_one, rows_by
from yihu.visit.models import Planned
from yihu.visit.planning import next_for

#: Families of one answer: each is some 10 to 30 kB, and a line that breaks costs one answer.
AT_ONCE = 10
#: Families a phone carries at most; a helper has 2 to 10.
MOST = 200
#: Signs of a mark: 48 bits tell two packages of one family apart.
SIGNS = 12
#: Answers to entries that were settled are told for so long.
TOLD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class News:
    """The answer to a pull. settled: entries of the caller that a person has decided about."""

    families: list[dict[str, Any]]
    removed: list[str]
    own: dict[str, Any]
    settled: list[Arrival]
    token: str
    more: bool


@dataclass(frozen=True, slots=True)
class Had:
    """What a phone has: family → mark, and the marks of its own lists; at: when it was told so."""

    families: dict[str, str]
    own: str = ""
    at: str = ""


def news(scope: Scope, *, now: datetime, token: str = "", unsent: str = "") -> News:
    """What is new of a helper's families since the token.

    unsent  ids of households, with commas, about which the phone still has something to send:
            these are not told to leave yet
    Raises  Problem (sync.bad_token)
    """
    had = read_token(token)
    mine = _mine(scope)
    ids = [home.pk for home in mine]
    books = {book.pk: book for book in rows_by(Book, "id", ids)}
    findings = _findings_of(ids)
    plans = next_for(scope.worker, ids, scope.today)
    marks = {str(id): mark_of(books.get(id), findings.get(id), plans.get(id)) for id in ids}
    changed = [home for home in mine if marks[str(home.pk)] != had.families.get(str(home.pk))]
    given = changed[:AT_ONCE]
    sent = {str(home.pk) for home in given}
    staying = _staying(scope, had.families.keys() - marks.keys(), unsent)
    has = {id: mark for id, mark in had.families.items() if id in marks or id in staying}
    has |= {id: marks[id] for id in sent}
    own, own_mark = _own(scope, had.own)
    since = datetime.fromisoformat(had.at).astimezone(UTC) if had.at else None
    return News(
        families=package.families(given, scope, books, findings, plans),
        removed=sorted(had.families.keys() - marks.keys() - staying),
        own=own, settled=_settled(scope, since, now),
        token=token_of(Had(has, own_mark, now.isoformat())), more=len(changed) > len(given),
    )  # fmt: skip


def _mine(scope: Scope) -> list[Household]:
    helped = rows_by(Household, "book_id", sorted(scope.helped))
    mine = [each for each in helped if each.closed_on is None and scope.may("write", each)]
    given = sorted(mine, key=lambda each: each.pk)[:MOST]
    join_one(given, "place")
    return given


def _findings_of(ids: Sequence[UUID]) -> dict[UUID, HouseholdFindings]:
    rows = rows_by(HouseholdFindings, "household_id", ids)
    join_one(rows, "run")
    return {row.household_id: row for row in rows}


def mark_of(
    book: Book | None, findings: HouseholdFindings | None, plan: Planned | None = None
) -> str:
    """The mark of a family's package: its book's end, its answers, the day planned, the rulebook.

    All that a package is made of stands in one of these.
    """
    end = book.last_number if book else None
    of = findings and (findings.answers, findings.people, findings.amounts, findings.run.hash)
    return _mark([package.SHAPE, version(), end, of, plan and (plan.on, plan.worker_id)])


def _mark(of: object) -> str:
    said = json.dumps(of, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:SIGNS]


def _staying(scope: Scope, gone: Iterable[str], unsent: str) -> set[str]:
    """Families no longer the helper's about which something has still to be received."""
    said = {each.strip() for each in unsent.split(",")}
    found = {id for id in gone if id in said}
    for id in set(gone) - found:
        rows = Arrival.objects.filter(worker=scope.worker, household_id=id).exclude(photo="")
        if awaited(set(rows.values_list("photo", flat=True))):
            found.add(id)
    return found


def _own(scope: Scope, had: str) -> tuple[dict[str, Any], str]:
    """Notices always; the rulebook's facts, and when they are asked, where the phone has others.

    What is asked of whom changes with the day, as people grow older; the facts themselves, which
    are many, do not: they have marks of their own.
    """
    own: dict[str, Any] = {"notices": notices_for(scope)}
    facts = _mark([package.SHAPE, version()])
    if had[:SIGNS] != facts:
        told = {"facts": package.facts(), "account": accounts(scope.today)}
        own |= {"rulebook": version(), **told}
    if had[SIGNS:] != (when := _mark_of_asked(version(), scope.today)):
        own["asked_if"] = asked.as_data(scope.today)
    return own, facts + when


@lru_cache(maxsize=8)
def _mark_of_asked(_rulebook: str, on: date) -> str:
    return _mark(asked.as_data(on))


def _settled(scope: Scope, since: datetime | None, now: datetime) -> list[Arrival]:
    """Entries decided since the last pull; a little more, as clocks and transactions overlap."""
    start = max(since - timedelta(hours=1), now - TOLD) if since else now - TOLD
    rows = rows_by(Arrival, "worker_id", [scope.worker.pk], since=("settled_at", start))
    return sorted(rows, key=lambda each: (each.settled_at, each.pk))[:MOST]


# --- the token ------------------------------------------------------------------------------------


def token_of(had: Had) -> str:
    """What a phone has, as it sends it back; it holds ids and marks, nothing to be kept secret."""
    families = {UUID(id).hex: mark for id, mark in had.families.items()}
    said = json.dumps([families, had.own, had.at], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(said.encode(), 9)).decode().rstrip("=")


def read_token(token: str) -> Had:
    """What a token says. Raises Problem (sync.bad_token)."""
    if not token:
        return Had({})
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        families, own, at = json.loads(zlib.decompressobj().decompress(raw, 100_000))
        found = {str(UUID(id)): str(mark) for id, mark in families.items()}
        if at:
            datetime.fromisoformat(at).astimezone(UTC)
        return Had(found, str(own), str(at))
    except (ValueError, TypeError, AttributeError, OverflowError, zlib.error, binascii.Error):
        raise Problem("sync.bad_token") from None
