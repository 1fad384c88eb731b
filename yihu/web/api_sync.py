"""API of phones, /api/v1/sync/: hand in entries and photos, fetch one's families. docs/sync.md."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema
from ninja.security import HttpBearer, SessionAuth
from pydantic import Field

from yihu.access.actions import log_readings
from yihu.access.models import Token, Worker
from yihu.access.scope import Scope
from yihu.book.says import SHA256
from yihu.loop import this_moment
from yihu.problems import Problem
from yihu.sync import devices, down, photos, taking
from yihu.sync.batch import Batch
from yihu.sync.facts_sent import version
from yihu.sync.models import Device
from yihu.sync.receipts import hashes_of
from yihu.sync.sent import Clock
from yihu.web.api_places import REFUSED
from yihu.web.api_shapes import Words
from yihu.web.sync_shown import answer_shown


class BySession(SessionAuth):
    """Somebody signed in at the desk's own page, with the token against forged requests."""

    def __call__(self, request: HttpRequest) -> Any:
        """Nobody signed in is told so, and not that a token is missing."""
        return super().__call__(request) if request.user.is_authenticated else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Worker | None:
        """The worker, unless his password is still the one-time one."""
        user = request.user
        if not isinstance(user, Worker) or user.one_time:
            return None
        return _caller(request, user, "read", "write")


class ByPhone(HttpBearer):
    """The key of a registered phone: hands in, reads nothing."""

    def authenticate(self, request: HttpRequest, token: str) -> Worker | None:
        """The worker whose phone it is; his account may be closed.

        Raises  Problem (sync.phone_ended): it was a phone's key, and the session beside it, if any,
                is not asked: it would miss its mark, and the phone could not know what is wrong
        """
        found = devices.device_of(token)
        if found is None:
            if token.startswith(devices.PREFIX):
                raise Problem("sync.phone_ended", status=401)
            return None
        request.device = found  # type: ignore[attr-defined]
        return _caller(request, found.worker, "write")


def _caller(request: HttpRequest, worker: Worker, *may: str) -> Worker:
    at = this_moment()
    request.at, request.may = at, may  # type: ignore[attr-defined]
    request.scope = Scope(worker, at.today)  # type: ignore[attr-defined]
    return worker


def _scope(request: Any, act: str) -> Scope:
    """The worker's scope, if the session, key or token is for that."""
    token: Token | None = getattr(request, "token", None)
    may = token.scopes if token else request.may
    if act not in may:
        raise Problem("access.token_may_not", status=403, scope=act)
    found: Scope = request.scope
    return found


def router_for(by_token: HttpBearer) -> Router:
    """The addresses, for sessions, phones' keys and programs' tokens."""
    router = Router(tags=["phones"], auth=[ByPhone(), by_token, BySession()])
    router.get("/hello", response={200: HelloOut, **REFUSED}, summary="Hello")(hello)
    router.post("/devices", response={200: DeviceOut, **REFUSED}, summary="Register a phone")(
        register
    )
    router.post("/leave", response={200: LeaveOut, **REFUSED}, summary="Leave a phone")(leave)
    router.post("/entries", response={200: AnswersOut, **REFUSED}, summary="Hand in entries")(
        entries
    )
    router.get("/pull", response={200: NewsOut, **REFUSED}, summary="Fetch what is new")(pull)
    router.api_operation(
        ["HEAD", "GET"], "/files/{sha256}", response={200: OffsetOut, **REFUSED},
        summary="How much of a file is here",
    )(file_offset)  # fmt: skip
    router.api_operation(
        ["PUT", "PATCH"], "/files/{sha256}", response={200: OffsetOut, **REFUSED},
        summary="Hand in a piece of a file",
    )(file_piece)  # fmt: skip
    return router


# --- shapes ---------------------------------------------------------------------------------------


class HelloOut(Schema):
    """Who is known here, and what time it is."""

    name: str
    worker: str
    now: datetime
    rulebook: str
    device: UUID | None


class DeviceIn(Schema):
    """A phone, by the id it made for itself."""

    id: UUID
    name: Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")] = ""
    replaces: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()


class LeaveIn(Schema):
    """The phone that is left; without one only the session ends.

    pin  it was wiped after too many wrong PINs, perhaps not by its helper
    """

    device: UUID | None = None
    pin: bool = False


class LeaveOut(Schema):
    """Whether a registration has ended."""

    left: bool


class DeviceOut(Schema):
    """The key of a phone: shown once."""

    id: UUID
    key: str


class EntriesIn(Schema):
    """Entries as docs/sync.md says, each judged by itself. clock: what the phone's clock says."""

    entries: list[Any]
    clock: datetime | None = None
    device: UUID | None = None


class AnswersOut(Schema):
    """What became of each entry; one that is not here is sent again."""

    answers: list[dict[str, Any]]
    now: datetime


class NewsOut(Schema):
    """Families that are new or changed, those to let go, what belongs to the helper himself."""

    families: list[dict[str, Any]]
    removed: list[UUID]
    own: dict[str, Any]
    answers: list[dict[str, Any]]
    token: str
    more: bool


class OffsetOut(Schema):
    """Bytes of a file that are here; whole: it is kept."""

    offset: int
    whole: bool


# --- addresses ------------------------------------------------------------------------------------


def hello(
    request: HttpRequest,
    device: UUID | None = None,
    unsent: Annotated[int | None, Field(ge=0, le=100_000)] = None,
) -> Any:
    """Who is known here, and the server's clock. unsent: entries the phone has still to send."""
    scope = _scope(request, "write")
    found = _device(request, scope, device)
    at = request.at  # type: ignore[attr-defined]
    devices.seen(found, at, unsent=unsent)
    # A phone that lost the cookie, or whose session is new, has a good one from here on.
    get_token(request)
    return {
        "name": scope.worker.name, "worker": str(scope.worker.pk), "now": at.now,
        "rulebook": version(), "device": found.pk if found else None,
    }  # fmt: skip


def _device(request: Any, scope: Scope, id: UUID | None) -> Device | None:
    known: Device | None = getattr(request, "device", None)
    return known or devices.own_device(scope.worker, id)


def register(request: HttpRequest, phone: DeviceIn) -> Any:
    """Register the phone of who is signed in; its key hands in after the session has ended."""
    scope = _scope(request, "read")
    at = request.at  # type: ignore[attr-defined]
    found, key = devices.register(
        scope.worker, id=phone.id, name=phone.name, at=at, replaces=phone.replaces
    )
    return {"id": found.pk, "key": key}


def leave(request: HttpRequest, phone: LeaveIn) -> Any:
    """The phone was wiped: its registration ends, and the session whose cookie came along."""
    scope = _scope(request, "write")
    found = _device(request, scope, phone.device)
    why = devices.TOO_MANY_PINS if phone.pin else devices.LEFT
    devices.leave(found, at=request.at, why=why)  # type: ignore[attr-defined]
    logout(request)
    return {"left": found is not None}


def entries(request: HttpRequest, sent: EntriesIn) -> Any:
    """Judge each entry by itself: taken with a receipt, held for a person, or refused."""
    scope = _scope(request, "write")
    at = request.at  # type: ignore[attr-defined]
    clock = Clock.of(at.now, sent.clock if sent.clock and sent.clock.tzinfo else None)
    device = _device(request, scope, sent.device)
    batch = Batch(by=scope.worker, device=device, clock=clock, at=at)
    answered = taking.take_in(sent.entries, batch)
    fresh = sum(not each.again for each in answered)
    devices.seen(device, at, app=_app(sent.entries), answered=fresh)
    hashes = hashes_of(a.arrival for a in answered)
    shown = [
        {"n": a.n, **answer_shown(a.arrival, scope, hashes), "again": a.again} for a in answered
    ]
    return {"answers": shown, "now": at.now}


def _app(entries: list[Any]) -> str:
    """The version of the app that sent these, as the last of them says it."""
    last = entries[-1] if entries else None
    app = last.get("app") if isinstance(last, dict) else None
    return app if isinstance(app, str) and "\0" not in app else ""


def pull(request: HttpRequest, token: Words = "", unsent: Words = "") -> Any:
    """What is new since the token: only the caller's families. unsent: see docs/sync.md."""
    scope = _scope(request, "read")
    at = request.at  # type: ignore[attr-defined]
    found = down.news(scope, now=at.now, token=token, unsent=unsent)
    carried = [UUID(family["id"]) for family in found.families]
    log_readings(scope.worker, what="carried", now=at.now, households=carried, why="phone")
    return {
        "families": found.families, "removed": found.removed, "own": found.own,
        "answers": [answer_shown(each, scope) for each in found.settled],
        "token": found.token, "more": found.more,
    }  # fmt: skip


def file_offset(request: HttpRequest, sha256: Words) -> Any:
    """How many bytes of a file are here: where a broken upload goes on."""
    scope = _scope(request, "write")
    return _part(photos.offset_of(_named(sha256), by=scope.worker))


def file_piece(request: HttpRequest, sha256: Words, offset: int, size: int) -> Any:
    """Add a piece at an offset; where it is another offset, nothing is written and that is said."""
    scope = _scope(request, "write")
    at = request.at  # type: ignore[attr-defined]
    return _part(
        photos.add_piece(
            _named(sha256), request.body, offset=offset, size=size, by=scope.worker, now=at.now
        )
    )


def _named(sha256: str) -> str:
    if not SHA256.fits(sha256):
        raise Problem("sync.not_awaited", status=404)
    return sha256


def _part(part: photos.Part) -> dict[str, Any]:
    return {"offset": part.offset, "whole": part.whole}
