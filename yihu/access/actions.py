"""Accounts, posts, pairings, tokens and the log of readings: the only writes of this module."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from yihu.access.models import Pairing, Post, Reading, Token, Worker
from yihu.access.queries import in_force
from yihu.access.roles import ROLES
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.tables import join_one, rows_by

D = TypeVar("D", Post, Pairing)
ONE_DAY = timedelta(days=1)
#: Signs of one-time passwords and tokens that nobody mistakes for each other on paper.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
#: What a token may be used for.
TOKEN_SCOPES = ("read", "write", "export")


# --- accounts ------------------------------------------------------------------------------------


def make_worker(
    *, username: str, name: str, password: str = "", unit: str = "", language: str = "zh-hans"
) -> tuple[Worker, str]:
    """An account, and its password; without one given, a one-time password to be changed at once.

    Raises  Problem (access.name_taken, access.weak_password)
    """
    if Worker.objects.filter(username__iexact=username).exists():
        raise Problem("access.name_taken", found=username)
    worker = Worker(username=username, name=name, unit=unit, language=language)
    given = password or one_time_password()
    if password:
        require_strong(password, worker)
    worker.one_time = not password
    worker.set_password(given)
    worker.save()
    return worker, given


def one_time_password() -> str:
    """Fifteen signs in three groups, 74 bits: to be written down, used once and changed."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(3))


def require_strong(password: str, worker: Worker) -> None:
    """Refuse a password that is easily guessed. Raises Problem (access.weak_password)."""
    try:
        validate_password(password, worker)
    except ValidationError as weak:
        raise Problem("access.weak_password", why=" ".join(weak.messages)) from None


@transaction.atomic
def renew_password(worker: Worker, *, now: datetime) -> str:
    """A new one-time password; whoever is signed in with the old one is signed out by it.

    Tokens end with it: what somebody made who had the password would outlive it by a year.
    """
    given = one_time_password()
    worker.set_password(given)
    worker.one_time = True
    worker.save(update_fields=["password", "one_time"])
    _revoke_all(worker, now)
    return given


def _revoke_all(worker: Worker, now: datetime) -> None:
    Token.objects.filter(worker=worker, revoked_at=None).update(revoked_at=now)


def end_sessions(worker: Worker, *, but: str | None = None) -> int:
    """Sign somebody out everywhere; returns how many sessions ended. but: key of one that goes on.

    A session says whose it is only inside, so that all are looked through: a rare act.
    """
    ended = 0
    for session in Session.objects.filter(expire_date__gte=timezone.now()).iterator():
        mine = session.get_decoded().get("_auth_user_id") == str(worker.pk)
        if mine and session.session_key != but:
            session.delete()
            ended += 1
    return ended


def close_account(worker: Worker, *, by: Worker, now: datetime, today: date, why: str = "") -> None:
    """Nobody signs in with it any more; posts and pairings end. Raises Problem (access.oneself).

    why  stands at the end of the pairings
    """
    if worker.pk == by.pk:
        raise Problem("access.oneself", status=409)
    with transaction.atomic():
        worker.is_active = False
        worker.save(update_fields=["is_active"])
        _in_force(Post.objects.filter(worker=worker), today).update(until=today)
        _in_force(Pairing.objects.filter(worker=worker), today).update(
            until=today, why_ended=f"账号停用：{why}"[:200] if why else "账号停用"
        )
        _revoke_all(worker, now)


# --- posts ---------------------------------------------------------------------------------------


@transaction.atomic
def appoint(worker: Worker, *, role: str, place: Place, since: date, department: str = "") -> Post:
    """Give somebody a duty at a place from a day on.

    Raises  Problem (access.no_such_role, access.no_department, access.appointed_already)
    """
    if role not in ROLES:
        raise Problem("access.no_such_role", found=role, known=", ".join(ROLES))
    if role == "department" and not department:
        raise Problem("access.no_department")
    _hold(worker)
    same = Post.objects.filter(worker=worker, role=role, place=place, department=department)
    if same.filter(Q(until=None) | Q(until__gte=since)).exists():
        raise Problem("access.appointed_already", status=409, name=worker.name, place=place.name)
    return Post.objects.create(
        worker=worker, role=role, place=place, department=department, since=since
    )


def end_post(post: Post, *, last_day: date) -> Post:
    """End a duty with a day. Raises Problem (access.before_it_began, access.ended_already)."""
    _require_begun(post.since, last_day)
    _require_shorter(post.until, last_day)
    post.until = last_day
    post.save(update_fields=["until"])
    return post


# --- pairings ------------------------------------------------------------------------------------


@transaction.atomic
def pair(worker: Worker, households: Collection[UUID], *, since: date) -> list[Pairing]:
    """Pair a helper with households from a day on; those paired with him already stay as they are.

    Raises  Problem (access.no_helper): the worker holds no post of a helper on that day
    """
    _hold(worker)
    _require_helper(worker, since)
    open_now = Pairing.objects.filter(worker=worker, household_id__in=households)
    had = set(_in_force(open_now, since).values_list("household_id", flat=True))
    made = [
        Pairing(worker=worker, household_id=each, since=since)
        for each in dict.fromkeys(households)
        if each not in had
    ]
    return Pairing.objects.bulk_create(made)


def end_pairing(
    pairing: Pairing, *, last_day: date, why: str, now: datetime | None = None
) -> Pairing:
    """End a pairing with a day, for a reason.

    now     the moment it is noted, where that is known
    Raises  Problem (access.before_it_began, access.ended_already)
    """
    _require_begun(pairing.since, last_day)
    _require_shorter(pairing.until, last_day)
    pairing.until, pairing.why_ended, pairing.ended_at = last_day, why, now
    pairing.save(update_fields=["until", "why_ended", "ended_at"])
    return pairing


@transaction.atomic
def hand_over(
    giver: Worker,
    taker: Worker,
    *,
    on: date,
    why: str,
    households: Collection[UUID] | None = None,
    now: datetime | None = None,
) -> list[Pairing]:
    """Hand a caseload over: to the day before `on` it is the giver's, from `on` the taker's.

    A pairing that began on that day was the giver's for a day: it ends with it.

    households  those handed over; all of the giver's unless given
    now         the moment it is done, where that is known
    Raises  Problem (access.no_helper, access.to_oneself)
    """
    require_taker(giver, taker, on=on)
    rows = lasting(Pairing.objects.filter(worker=giver), on)
    if households is not None:
        rows = rows.filter(household_id__in=households)
    ended = list(rows.order_by("pk"))
    for pairing in ended:
        end_pairing(pairing, last_day=max(on - ONE_DAY, pairing.since), why=why, now=now)
    return pair(taker, [pairing.household_id for pairing in ended], since=on)


def lasting(rows: QuerySet[Pairing], on: date) -> QuerySet[Pairing]:
    """Pairings that can be handed over on a day: in force, and not of that one day alone."""
    return _in_force(rows, on).exclude(since=on, until=on)


def require_taker(giver: Worker, taker: Worker, *, on: date) -> None:
    """Refuse who cannot take families over. Raises Problem (access.no_helper, access.to_oneself)"""
    if giver.pk == taker.pk:
        raise Problem("access.to_oneself")
    _require_helper(taker, on)


def _hold(worker: Worker) -> None:
    """One after the other: a button pressed twice would find nothing yet, and write twice."""
    Worker.objects.select_for_update().get(pk=worker.pk)


def _in_force(rows: QuerySet[D], day: date) -> QuerySet[D]:
    return rows.filter(in_force(day))


def _require_helper(worker: Worker, day: date) -> None:
    if not _in_force(Post.objects.filter(worker=worker, role="helper"), day).exists():
        raise Problem("access.no_helper", status=409, name=worker.name)


def _require_begun(since: date, last_day: date) -> None:
    if last_day < since:
        raise Problem("access.before_it_began", since=since, found=last_day)


def _require_shorter(until: date | None, last_day: date) -> None:
    """What has an end gets no later one: a former post would be given anew by nobody."""
    if until is not None and last_day > until:
        raise Problem("access.ended_already", status=409, until=until, found=last_day)


# --- tokens --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token as it is shown once; afterwards only its hash is known."""

    row: Token
    text: str


def make_token(
    worker: Worker, *, name: str, scopes: Sequence[str], now: datetime, until: datetime
) -> MadeToken:
    """A key with which a program does what its worker may, within the scopes, until a moment.

    Raises  Problem (access.token_scopes, access.token_end)
    """
    if not scopes or set(scopes) - set(TOKEN_SCOPES):
        raise Problem("access.token_scopes", known=", ".join(TOKEN_SCOPES))
    if not now < until <= now + timedelta(days=366):
        raise Problem("access.token_end")
    text = f"yihu_{secrets.token_urlsafe(32)}"
    row = Token.objects.create(
        worker=worker, name=name, hash=_hash(text), scopes=sorted(set(scopes)), made_at=now,
        until=until,
    )  # fmt: skip
    return MadeToken(row, text)


def revoke_token(token: Token, *, now: datetime) -> None:
    """The token opens nothing from now on; revoking it again changes nothing."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def token_of(text: str, *, now: datetime) -> Token | None:
    """The token of this text if it is good at this moment and its account is open."""
    rows = rows_by(Token, "hash", [_hash(text)])
    join_one(rows, "worker")
    good = (row for row in rows if row.revoked_at is None and row.worker.is_active)
    return next((row for row in good if row.until is None or row.until > now), None)


def _hash(text: str) -> str:
    # No salt and no slow hash: 256 random bits cannot be guessed from their hash.
    return hashlib.sha256(text.encode()).hexdigest()


# --- readings ------------------------------------------------------------------------------------


def log_readings(
    worker: Worker, *, what: str, now: datetime, households: Iterable[UUID], why: str = ""
) -> None:
    """Keep who read these households, one row each, in one piece."""
    Reading.objects.bulk_create(
        Reading(at=now, worker=worker, what=what, household_id=id, facts=[], rows=1, why=why)
        for id in households
    )


def log_reading(
    worker: Worker,
    *,
    what: str,
    now: datetime,
    household: UUID | None = None,
    facts: Iterable[str] = (),
    rows: int = 1,
    why: str = "",
) -> Reading:
    """Keep who read or exported what: unmasked, exported, printed, searched."""
    return Reading.objects.create(
        at=now, worker=worker, what=what, household_id=household, facts=sorted(set(facts)),
        rows=rows, why=why,
    )  # fmt: skip
