"""API: households, their cards, books and findings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router, Status

from yihu import loop
from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.book.actions import NewEntry
from yihu.book.again import says_the_same
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.card.queries import card_of
from yihu.check.models import HouseholdFindings
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.web.api_pages import in_place, log_read, need, page, reached_place
from yihu.web.api_places import REFUSED
from yihu.web.api_shapes import (
    CardOut,
    EntryIn,
    EntryOut,
    FindingsOut,
    HouseholdOut,
    Limit,
    Number,
    Page,
    Words,
    Written,
)
from yihu.web.api_shown import card_shown, close_in, entry_shown, findings_shown
from yihu.web.api_words import require_lately, require_own_words
from yihu.web.days import require_no_day_ahead

router = Router(tags=["households"])


@router.get("", response={200: Page[HouseholdOut], **REFUSED}, summary="Households, by code")
def households(
    request: HttpRequest,
    place: Words | None = None,
    status: Words | None = None,
    closed: bool = False,
    after: Words | None = None,
    limit: Limit = 100,
) -> Any:
    """The households you reach: at or below a place, of one status; closed ones only if asked."""
    scope = need(request, "read")
    rows = scope.of(Household).filter(in_place(scope, place)).select_related("place")
    rows = rows.filter(Q() if closed else Q(closed_on=None))
    if status:
        rows = rows.filter(status=status)
    return page(rows, key="code", after=after, limit=limit, shown=_shown)


def _shown(row: Household) -> dict[str, Any]:
    return {
        "id": row.pk, "code": row.code, "place": row.place.code, "head": row.head_name,
        "size": row.size, "status": row.status, "closed_on": row.closed_on, "number": row.number,
        "changed_at": row.changed_at,
    }  # fmt: skip


@router.get("/{uuid:id}", response={200: CardOut, **REFUSED}, summary="The card of a household")
def card(
    request: HttpRequest, id: UUID, as_of: date | None = None, known_at: datetime | None = None
) -> Any:
    """The card now, as of a day, as known at a moment. Sensitive facts for those who see them."""
    scope = need(request, "read")
    home = scope.one(Household, pk=id)
    _require_known(known_at, request.at.now)  # type: ignore[attr-defined]
    require_no_day_ahead(as_of, scope.today)
    then = card_of(id, as_of=as_of, known_at=known_at)
    if not then.code:
        raise _no_card_then(scope, id, as_of=as_of, known_at=known_at)
    shown = card_shown(home, then, scope)
    if facts := close_in(shown):
        log_read(request, "card", household=id, facts=facts)
    return shown


def _no_card_then(
    scope: Scope, id: UUID, *, as_of: date | None, known_at: datetime | None
) -> Problem:
    """A day before the book: an empty card would read like a family of whom nothing is so."""
    first = scope.of(Entry).filter(book_id=id).order_by("number").first()
    asked = " / ".join(each.isoformat() for each in (as_of, known_at) if each)
    return Problem(
        "api.no_card_then", status=404, found=asked or "—", first=first.seen_on if first else "—",
        received=first.received_at.isoformat() if first else "—",
    )  # fmt: skip


def _require_known(known_at: datetime | None, now: datetime) -> None:
    _require_zone(known_at)
    if known_at is not None and known_at > now + AHEAD:
        raise Problem("api.known_ahead", found=known_at.isoformat(), now=now.isoformat())


def _require_zone(moment: datetime | None) -> None:
    if moment is None:
        return
    try:
        known = moment.tzinfo is not None and bool(moment.astimezone(UTC))
    except OverflowError:  # the first and the last day of the calendar, elsewhere
        known = False
    if not known:
        raise Problem("api.no_zone")


@router.get("/{uuid:id}/findings", response={200: FindingsOut, **REFUSED}, summary="Findings")
def findings(request: HttpRequest, id: UUID) -> Any:
    """The answers of every rule for the household and its people."""
    scope = need(request, "read")
    home = scope.one(Household, pk=id)
    scope.require_sight("sensitive", home)
    rows = scope.of(HouseholdFindings).select_related("run", "household")
    found = rows.filter(household=home).first()
    if found is None:
        raise Problem("api.not_checked", status=404)
    log_read(request, "findings", household=id)
    return findings_shown(found)


@router.get("/{uuid:id}/entries", response={200: Page[EntryOut], **REFUSED}, summary="The book")
def entries(
    request: HttpRequest,
    id: UUID,
    known_at: datetime | None = None,
    after: Number | None = None,
    limit: Limit = 100,
) -> Any:
    """The entries of the household's book by number; with known_at, those received by then."""
    scope = need(request, "read")
    home = scope.one(Household, pk=id)
    _require_known(known_at, request.at.now)  # type: ignore[attr-defined]
    rows = scope.of(Entry).filter(book_id=id).select_related("author")
    rows = rows.filter(received_at__lte=known_at) if known_at else rows
    last = str(after) if after else None
    if scope.sees("sensitive", home):
        log_read(request, "book", household=id)
    return page(
        rows, key="number", after=last, limit=limit, shown=lambda e: entry_shown(e, home, scope)
    )


@router.post(
    "/{uuid:id}/entries",
    response={200: Written, 201: Written, **REFUSED},
    summary="Write an entry",
)
def write(request: HttpRequest, id: UUID, entry: EntryIn) -> Any:
    """Add one entry to the household's book; sent again with the same id it is written once."""
    scope = need(request, "write")
    home = scope.one(Household, "write", pk=id)
    _require_zone(entry.written_at)
    _require_past(entry.written_at, request.at.now)  # type: ignore[attr-defined]
    require_own_words(entry.kind, entry.says, entry.source, entry.seen_on, scope)
    require_lately(entry.seen_on, scope)
    acts = entry.says.get("acts")
    if acts and not scope.of(Entry).filter(pk=entry.id, book_id=home.pk).exists():
        _require_reached(scope, acts)
    new = NewEntry(
        book=home.pk, kind=entry.kind, says=entry.says, seen_on=entry.seen_on, source=entry.source,
        based_on=entry.based_on, written_at=entry.written_at, undoes=entry.undoes, id=entry.id,
    )  # fmt: skip
    at = request.at  # type: ignore[attr-defined]
    (row,) = loop.write([new], by=scope.worker, at=at)
    # What came before was received before.
    again = row.received_at != at.now
    if again and not says_the_same(new, row):
        raise Problem("book.id_reused", status=409, id=new.id, number=row.number)
    body = {"id": row.pk, "number": row.number, "hash": bytes(row.hash).hex()}
    return Status(200 if again else 201, {**body, "again": again})


#: A program's clock may go before ours by so much.
AHEAD = timedelta(days=1)


def _require_past(written_at: datetime | None, now: datetime) -> None:
    if written_at is not None and written_at > now + AHEAD:
        raise Problem("api.written_in_future", found=written_at.isoformat(), now=now.isoformat())


def _require_reached(scope: Any, acts: Any) -> None:
    """Acts that speak of another place or household: both must be the writer's."""
    for act in acts if isinstance(acts, list) else ():
        if not isinstance(act, dict):
            continue
        if act.get("did") == "opened":
            raise Problem("access.may_not", status=403, what="open a household in another's book",
                          what_zh="在别户的册里开户")  # fmt: skip
        if act.get("did") == "moved":
            scope.one(Place, "write", pk=reached_place(scope, str(act.get("place"))).pk)
        for word in ("from", "to", "into"):
            if word in act:
                scope.one(Household, "write", pk=_uuid(act[word]))


def _uuid(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise Problem("access.not_yours", status=404) from None


@router.get("/cards", response={200: Page[CardOut], **REFUSED}, summary="Whole cards, by code")
def cards(
    request: HttpRequest, place: Words | None = None, after: Words | None = None, limit: Limit = 50
) -> Any:
    """Whole cards of many households; each page is logged as an export."""
    scope = need(request, "export")
    scope.require("export")
    rows = scope.of(Household, "export").filter(in_place(scope, place), closed_on=None)
    shown = page(
        rows, key="code", after=after, limit=limit,
        shown=lambda row: card_shown(row, card_of(row.pk), scope),
    )  # fmt: skip
    log_reading(
        scope.worker, what="exported", now=request.at.now,  # type: ignore[attr-defined]
        facts=set().union(*map(close_in, shown["items"])), rows=len(shown["items"]), why="API",
    )  # fmt: skip
    return shown
