"""Tables of the ledger: each gap as its entries in the book say it stands now."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models

from yihu.book.models import Book
from yihu.places.models import Place

NEVER = date(9999, 12, 31)
ORIGINS = ("rule", "inspection", "census", "visit", "complaint", "difference")
STATES = ("open", "assigned", "answered", "cleared", "waived")


class Gap(models.Model):
    """Something that fails or is unknown and should hold, or a problem somebody raised.

    household  None for a gap of a village, township or county
    answer     for a rule: fails or unknown (unknown means: ask)
    history    stands in the book, as entries of kind `gap` that carry this id
    """

    id = models.UUIDField(primary_key=True, editable=False)
    book = models.ForeignKey(Book, models.PROTECT, related_name="gaps")
    household = models.ForeignKey(
        "yihu.Household", models.CASCADE, null=True, related_name="gaps", db_constraint=False
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="gaps")
    place_path = models.CharField(max_length=80)
    person_id = models.UUIDField(null=True)
    origin = models.CharField(max_length=10, choices=[(origin, origin) for origin in ORIGINS])
    rule = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=200, blank=True)  # for gaps no rule names
    answer = models.CharField(max_length=7, blank=True)
    state = models.CharField(max_length=8, choices=[(s, s) for s in STATES])
    department = models.CharField(max_length=40, blank=True)
    battle = models.CharField(max_length=40, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="gaps"
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="raised"
    )
    opened_on = models.DateField()
    # 1: open, assigned or answered; else 0. A number, because `todo = 1` is answered from an index
    # and the bare `todo` that a truth value becomes is not.
    todo = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(null=True)
    due_by = models.DateField(default=NEVER)  # due_on, or the end of days: what lists are sorted by
    cleared_on = models.DateField(null=True)
    waived_until = models.DateField(null=True)
    times_opened = models.PositiveSmallIntegerField(default=1)
    last_number = models.PositiveIntegerField()  # last entry about it

    class Meta:
        indexes: ClassVar = [
            # Every count of a page is answered from one of the first two alone, every list from the
            # third. SQLite takes the second where counts are grouped: its order needs no sorting.
            models.Index(
                fields=[
                    "todo",
                    "place_path",
                    "battle",
                    "department",
                    "answer",
                    "origin",
                    "state",
                    "due_by",
                ],
                name="gap_counted",
            ),
            models.Index(
                fields=[
                    "todo",
                    "battle",
                    "department",
                    "answer",
                    "origin",
                    "state",
                    "place_path",
                    "due_by",
                ],
                name="gap_grouped",
            ),
            models.Index(
                fields=["todo", "due_by", "place_path", "id", "household"], name="gap_listed"
            ),
            models.Index(
                fields=[
                    "todo",
                    "rule",
                    "place_path",
                    "battle",
                    "department",
                    "answer",
                    "origin",
                    "state",
                    "due_by",
                    "id",
                ],
                name="gap_of_rule",
            ),
            models.Index(
                fields=["todo", "responsible", "place_path", "due_by", "answer"],
                name="gap_of_person",
            ),
        ]


class GapFlow(models.Model):
    """How many gaps opened and closed in a place on a day: the entries, counted."""

    on = models.DateField()
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    battle = models.CharField(max_length=40, blank=True)
    department = models.CharField(max_length=40, blank=True)
    opened = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place", "on", "battle", "department"], name="flow_counted_once"
            ),
        ]


class SavedView(models.Model):
    """Filters of a list under a name, for one worker or shared with all of a place.

    place_path  those with a post there or below find it too; "": nobody else
    role        only those with this role; "": every role
    """

    worker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    place_path = models.CharField(max_length=80, blank=True, db_index=True)
    role = models.CharField(max_length=13, blank=True)
