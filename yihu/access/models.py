"""Tables of workers, posts, pairings and readings."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from yihu.places.models import Place

ROLES = (
    "helper",
    "village",
    "township",
    "department",
    "county",
    "inspector",
    "administrator",
    "auditor",
)


class Worker(AbstractUser):
    """Somebody who signs in. `first_name` and `last_name` stay empty: a name is one thing here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    unit = models.CharField(max_length=80, blank=True)  # 单位
    language = models.CharField(max_length=7, default="zh-hans")
    one_time = models.BooleanField(default=False)  # the password is to be changed at sign-in

    def __str__(self) -> str:
        return self.name or self.username


class Post(models.Model):
    """A duty at a place, from one day to another. department: for the role of that name."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="posts")
    role = models.CharField(max_length=13, choices=[(role, role) for role in ROLES])
    place = models.ForeignKey(Place, models.PROTECT, related_name="posts")
    department = models.CharField(max_length=40, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["place", "role"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="post_begins_first"
            ),
        ]


class Pairing(models.Model):
    """A helper and a household, from one day to another (帮扶结对).

    ended_at  when its end was noted: what he wrote on a phone before was still his to write
    """

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="pairings")
    household = models.ForeignKey("yihu.Household", models.PROTECT, related_name="pairings")
    since = models.DateField()
    until = models.DateField(null=True)
    why_ended = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["worker", "until"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="pairing_begins_first"
            ),
        ]


class Reading(models.Model):
    """A read or export of sealed or sensitive facts: who, what, whose, why."""

    at = models.DateTimeField(db_index=True)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="readings")
    what = models.CharField(max_length=40)  # unmasked, exported, printed, searched
    household_id = models.UUIDField(null=True, db_index=True)
    facts = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=1)
    why = models.CharField(max_length=200, blank=True)


class Token(models.Model):
    """A key for programs: only its hash is kept. scopes: read, write, export."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=60)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(hash=""), name="token_has_hash"),
        ]
