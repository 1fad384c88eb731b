"""Tables of books, entries, batches and evidence files."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from yihu.book.moves import Moves
from yihu.places.models import Place

#: What an entry can be. `gap` is written by the ledger, all others by people or by files.
KINDS = (
    "facts",
    "people",
    "visit",
    "help",
    "decision",
    "signature",
    "evidence",
    "correction",
    "import",
    "comparison",
    "gap",
)


class Book(models.Model):
    """The end of one book. A writer locks this row, so numbers never break or double.

    place   the place the book is about; None for a household, whose row has the book's id
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    place = models.OneToOneField(Place, models.PROTECT, null=True, related_name="book")
    last_number = models.PositiveIntegerField(default=0)
    last_hash = models.BinaryField(max_length=32, default=bytes)


class Batch(models.Model):
    """Entries that came together and may be undone together: an import, a settlement, a merge."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    what = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    at = models.DateTimeField(db_index=True)
    says = models.JSONField(default=dict)
    undone_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="undoes")


class Entry(models.Model):
    """One entry. Nothing in a row ever changes, but for `sealed` when keys are renewed.

    says      what it says: see docs/book.md; sealed values stand as commitments
    sealed    {commitment: token}, the sealed values themselves; not part of the hash
    based_on  the number the writer's copy ended at
    undoes    the number of the entry this correction counters
    """

    id = models.UUIDField(primary_key=True, editable=False)
    # Without an index of its own: the one of (book, number) begins with it.
    book = models.ForeignKey(Book, models.PROTECT, related_name="entries", db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    seen_on = models.DateField()
    written_at = models.DateTimeField()
    received_at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    source = models.CharField(max_length=40)
    based_on = models.PositiveIntegerField()
    says = models.JSONField()
    sealed = models.JSONField(null=True)
    undoes = models.PositiveIntegerField(null=True)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="entries")
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["book", "number"], name="entry_number_once"),
        ]
        indexes: ClassVar = [
            # The last visit of each household, and who wrote lately where, without the rows.
            models.Index(fields=["kind", "book", "seen_on"], name="entry_of_kind"),
            # What happened in the days of a month.
            models.Index(fields=["kind", "seen_on", "book"], name="entry_seen"),
            models.Index(fields=["received_at", "kind", "author", "book"], name="entry_received"),
            # Who lay elsewhere once: see book/later.py.
            models.Index(
                fields=["book", "seen_on", "received_at"],
                name="entry_moves",
                condition=models.Q(Moves(models.F("says"))),
            ),
        ]


class StoredFile(models.Model):
    """A file of evidence, kept once under the SHA-256 of its bytes."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    type = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    first_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
