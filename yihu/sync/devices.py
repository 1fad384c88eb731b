"""Phones: registered by who is signed in, known afterwards by a key that only hands in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Greatest

from yihu.access.actions import log_reading
from yihu.access.models import Worker
from yihu.book.models import StoredFile
from yihu.loop import Moment
from yihu.problems import Problem
from yihu.reason import MOST_IN_LOG, good_reason
from yihu.sync.models import Arrival, Device
from yihu.tables import join_one, rows_by

PREFIX = "yihu_phone_"
LEAST_REASON = 4
#: Why a registration ended where nobody at the desk ended it, in both languages.
LEFT = "本人在手机上退出并清空 / left and wiped by its helper"
TOO_MANY_PINS = "PIN 连错次数过多，手机已清空 / wiped after too many wrong PINs"
ANEW = "手机清空后重新登记 / wiped, and registered anew"


def register(
    worker: Worker, *, id: UUID, name: str, at: Moment, replaces: Sequence[UUID] = ()
) -> tuple[Device, str]:
    """Register a phone, and its key, shown once. Registered again it gets another key.

    id        made on the phone at its first start
    replaces  what the same phone was before it was wiped; what is not the worker's is left alone
    Raises  Problem (sync.device_taken): it is somebody else's
    """
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        found = Device.objects.select_for_update().filter(pk=id).first()
        if found is None:
            found = Device(pk=id, worker=worker, made_at=at.now)
        if found.worker_id != worker.pk:
            raise Problem("sync.device_taken", status=409)
        found.name, found.hash, found.seen_at = name[:80], _hash(key), at.now
        found.revoked_at, found.revoked_by, found.revoked_why = None, None, ""
        found.save()
        for each in replaces:
            if each != id:
                leave(own_device(worker, each), at=at, why=ANEW)
    return found, key


def leave(device: Device | None, *, at: Moment, why: str = LEFT) -> None:
    """A phone was left and wiped: what it was registered as hands in no more.

    why  in both languages: LEFT, TOO_MANY_PINS or ANEW
    """
    if device is None:
        return
    rows = Device.objects.filter(pk=device.pk, revoked_at=None)
    if rows.update(revoked_at=at.now, revoked_by=device.worker, revoked_why=why):
        log_reading(device.worker, what="phone", now=at.now, why=why)


def device_of(key: str) -> Device | None:
    """The phone with this key. Its worker's account may be closed: it still hands in."""
    if not key.startswith(PREFIX):
        return None
    rows = [row for row in rows_by(Device, "hash", [_hash(key)]) if row.revoked_at is None]
    join_one(rows, "worker")
    return rows[0] if rows else None


def phones_of(worker: Worker) -> list[Device]:
    """The phones of a worker whose keys still open, the one seen last before the others."""
    return list(Device.objects.filter(worker=worker, revoked_at=None).order_by("-seen_at"))


def own_device(worker: Worker, id: UUID | None) -> Device | None:
    """The phone with this id, if it is the worker's."""
    if id is None:
        return None
    return Device.objects.filter(pk=id, worker=worker, revoked_at=None).first()


@transaction.atomic
def revoke(device: Device, *, by: Worker, why: str, at: Moment) -> None:
    """A phone that was lost hands in no more; who took its key away and why is kept, and logged.

    Raises  Problem: sync.no_revoke_reason, sync.revoked_already
    """
    why = good_reason(why, "sync.no_revoke_reason", least=LEAST_REASON, most=MOST_IN_LOG)
    rows = Device.objects.filter(pk=device.pk, revoked_at=None)
    if not rows.update(revoked_at=at.now, revoked_by=by, revoked_why=why):
        raise Problem("sync.revoked_already", status=409)
    whose = f"{device.worker.username} {device.name}"
    # The log has room for 200 signs, and the reason goes before the name of a phone.
    log_reading(by, what="phone", now=at.now, why=f"{why} · {whose}"[:200])


def seen(
    device: Device | None, at: Moment, *, unsent: int | None = None, app: str | None = None,
    answered: int = 0,
) -> None:  # fmt: skip
    """Keep when a phone was here last, and what it says of itself.

    unsent    entries it has still to send; app: its version. What it does not say stays as it was
    answered  entries it has sent since it said so, for which it has an answer now
    """
    if device is None:
        return
    told: dict[str, object] = {"seen_at": at.now}
    if unsent is not None:
        told["unsent"] = unsent
    elif answered:
        told["unsent"] = Greatest(F("unsent") - answered, 0)
    if app:
        told["app"] = app[:40]
    Device.objects.filter(pk=device.pk).update(**told)


def awaited(arrivals: QuerySet[Arrival]) -> QuerySet[Arrival]:
    """Of these entries, those whose photo has not come yet, the longest awaited first."""
    here = StoredFile.objects.filter(sha256=OuterRef("photo"))
    rows = arrivals.exclude(photo="").exclude(state="refused").filter(~Exists(here))
    return rows.select_related("worker", "device").order_by("received_at", "pk")


def _hash(key: str) -> str:
    # 256 random bits cannot be guessed from their hash.
    return hashlib.sha256(key.encode()).hexdigest()
