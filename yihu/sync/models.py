"""Tables of phones, of what they handed in, and of what the office wrote to helpers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from yihu.places.models import Place

STATES = ("taken", "held", "refused")


class Device(models.Model):
    """A phone a helper uses. Of its key only the hash is kept; it hands in and reads nothing.

    app         version of the app of the last entries it sent
    unsent      entries it said it had still to send, when it was here last; None: it said nothing
    revoked_by  who took its key away when it was lost, and why
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="devices")
    name = models.CharField(max_length=80, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    app = models.CharField(max_length=40, blank=True)
    unsent = models.PositiveIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revoked_why = models.CharField(max_length=200, blank=True)


class Arrival(models.Model):
    """One entry that came from a phone, and what became of it. Nothing that came is ever lost.

    entry_id   the id made on the phone; with another content it is another arrival, refused
    digest     SHA-256 of what was sent
    state      taken: it stands in a book under its id; held: a person decides; refused
    book_id    book and number where it stands; of one held in part, what else it says
    household_id  whose entry it is; None where the sender does not reach such a household
    code, why  of a refusal or a hold: code and the sentence in both languages
    facts      [whose, fact] of the facts in dispute
    left_out   those of them that were not written when it was settled
    body       [commitment, token] of what was sent, sealed; None where all of it was taken at once
    skew       seconds the phone's clock was behind ours
    marks      what was put right: clock (its days were), renamed (facts by a former name)
    """

    entry_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="arrivals")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="arrivals")
    household_id = models.UUIDField(null=True)
    place_path = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=7, choices=[(each, each) for each in STATES])
    book_id = models.UUIDField(null=True)
    number = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=60, blank=True)
    why = models.JSONField(default=dict)
    facts = models.JSONField(default=list)
    left_out = models.JSONField(default=list)
    body = models.JSONField(null=True)
    received_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)
    seen_on = models.DateField(null=True)
    based_on = models.PositiveIntegerField(null=True)
    skew = models.IntegerField(null=True)
    app = models.CharField(max_length=40, blank=True)
    rulebook = models.CharField(max_length=80, blank=True)
    marks = models.JSONField(default=list)
    photo = models.CharField(max_length=64, blank=True)  # SHA-256 of the file it speaks of
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="holds"
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="settled"
    )
    settled_at = models.DateTimeField(null=True)
    settled_why = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry_id", "digest"], name="arrival_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "place_path", "received_at"], name="arrival_waiting"),
            models.Index(fields=["worker", "received_at"], name="arrival_of_worker"),
            models.Index(fields=["photo"], name="arrival_photo"),
        ]


#: Whom a notice is written to → the roles; none: whoever has a post there.
AUDIENCES: dict[str, tuple[str, ...]] = {
    "helpers": ("helper",), "village": ("helper", "village"), "all": (),
}  # fmt: skip


class Notice(models.Model):
    """What an office writes to those who help at a place and below (通知); or a meeting.

    to            one of AUDIENCES
    asks_receipt  who has not read it is asked after
    until         the last day it is shown
    withdrawn_at  since then it no longer holds; it stays, with the reason, for those who read it
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)
    words = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices")
    at = models.DateTimeField(db_index=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="notices")
    place_path = models.CharField(max_length=80)
    to = models.CharField(
        max_length=7, choices=[(each, each) for each in AUDIENCES], default="helpers"
    )
    asks_receipt = models.BooleanField(default=False)
    until = models.DateField(null=True)
    meets_at = models.DateTimeField(null=True)
    meets_where = models.CharField(max_length=120, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withdrawn_why = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["place_path", "at"], name="notice_of_place")]


class NoticeRead(models.Model):
    """Somebody has read a notice: when, by the phone's entry or the desk, and when we heard."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="reads")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "worker"], name="notice_read_once"),
        ]


class Attendance(models.Model):
    """Somebody and a meeting: will he come, and did he. No row: nobody said either.

    coming    what he answered, why if he cannot, and when he said so
    came      what the convenor noted
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="attendance")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    coming = models.BooleanField(null=True)
    why = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    came = models.BooleanField(null=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    noted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "worker"], name="attendance_once"),
        ]
