"""Tables of what the books were found to say of visits. Thrown away and made anew at will."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from yihu.book.models import Book
from yihu.places.models import Place


class Look(models.Model):
    """One going through the books: which visits, and when. The last one is shown."""

    at = models.DateTimeField()
    since = models.DateField()
    until = models.DateField()
    visits = models.PositiveIntegerField(default=0)


class Sign(models.Model):
    """Something in the books that calls for a question. What was asked stands in the ledger.

    id       follows from the evidence; the gap of its question has the same
    worker   who wrote the visits, or helps the household
    entries  [[book, number], …], the evidence, the oldest first
    figures  what shows it: seconds, metres, share, …
    """

    id = models.UUIDField(primary_key=True, editable=False)
    look = models.ForeignKey(Look, models.CASCADE, related_name="signs")
    kind = models.CharField(max_length=5)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    book = models.ForeignKey(Book, models.PROTECT, related_name="+")
    place_path = models.CharField(max_length=80)
    seen_on = models.DateField()
    entries = models.JSONField()
    figures = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["place_path", "seen_on", "id"], name="sign_listed"),
        ]


class PhotoLook(models.Model):
    """How a photo looks, in 64 bits; None where it cannot be read as a picture."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    bits = models.BinaryField(max_length=8, null=True)


class Burden(models.Model):
    """What one helper's visits of the last days took him, in one village.

    days     on which he visited there; minutes, taps: only of visits that say them (timed, tapped)
    asked    facts the visits told; form: facts a full form of those families would ask
    up, down bytes, as the phone counted them
    """

    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    place_path = models.CharField(max_length=80, db_index=True)
    until = models.DateField()
    visits = models.PositiveIntegerField()
    days = models.PositiveIntegerField()
    timed = models.PositiveIntegerField(default=0)
    minutes = models.FloatField(default=0)
    tapped = models.PositiveIntegerField(default=0)
    taps = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    form = models.PositiveIntegerField(default=0)
    carried_days = models.PositiveIntegerField(default=0)
    up = models.PositiveBigIntegerField(default=0)
    down = models.PositiveBigIntegerField(default=0)


class Planned(models.Model):
    """The day a helper means to visit a household. His calendar, and no word about the family.

    One row for each household and worker; kept when the visit is made, so that the day shows.
    """

    household = models.ForeignKey("yihu.Household", models.CASCADE, related_name="planned")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="planned")
    on = models.DateField(db_index=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "worker"], name="planned_once"),
        ]


class VisitSum(models.Model):
    """What one helper's visits of the last days brought, in one village.

    homes    households visited
    learned  facts of which nothing was known before
    cleared  gaps that were open on the day of a visit and were cleared since
    """

    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    place_path = models.CharField(max_length=80, db_index=True)
    until = models.DateField()
    visits = models.PositiveIntegerField()
    homes = models.PositiveIntegerField()
    learned = models.PositiveIntegerField()
    cleared = models.PositiveIntegerField()
