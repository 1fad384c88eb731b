"""Phones: registered by who is signed in, known afterwards by a key that only hands in."""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

from django.db import transaction

from yihu.access.models import Worker
from yihu.loop import Moment
from yihu.problems import Problem
from yihu.sync.models import Device

PREFIX = "yihu_phone_"


def register(worker: Worker, *, id: UUID, name: str, at: Moment) -> tuple[Device, str]:
    """Register a phone, and its key, shown once. Registered again it gets another key.

    id      made on the phone at its first start
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
        found.revoked_at = None
        found.save()
    return found, key


def device_of(key: str) -> Device | None:
    """The phone with this key. Its worker's account may be closed: it still hands in."""
    if not key.startswith(PREFIX):
        return None
    rows = Device.objects.filter(hash=_hash(key), revoked_at=None)
    return rows.select_related("worker").first()


def own_device(worker: Worker, id: UUID | None) -> Device | None:
    """The phone with this id, if it is the worker's."""
    if id is None:
        return None
    return Device.objects.filter(pk=id, worker=worker, revoked_at=None).first()


def revoke(device: Device, *, at: Moment) -> None:
    """A phone that was lost hands in no more."""
    Device.objects.filter(pk=device.pk, revoked_at=None).update(revoked_at=at.now)


def seen(device: Device | None, at: Moment) -> None:
    """Keep when a phone was here last."""
    if device is not None:
        Device.objects.filter(pk=device.pk).update(seen_at=at.now)


def _hash(key: str) -> str:
    # 256 random bits cannot be guessed from their hash.
    return hashlib.sha256(key.encode()).hexdigest()
