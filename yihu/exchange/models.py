"""Tables of taking in and giving out: uploads, mappings, forms, lists, differences, pairs.

Every row has the path of the place it belongs to, and what comes from a department has its name:
through a scope a department reaches its own rows only. A pair of two places belongs to the place
above both. Cards can be thrown away and built anew: what was decided about them stays, so nothing
here goes with a card.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from yihu.book.models import Batch
from yihu.places.models import Place

#: States of an upload, in the order it goes through them; failed can be tried again.
STATES = ("kept", "reading", "read", "writing", "written", "undone", "failed")


class Mapping(models.Model):
    """Which heading is which fact, as somebody last said for files of one shape.

    shape    SHA-256 of the headings in their order, spelling aside
    columns  {place of the column: target}: "person.schooling", "key.household", "" for not read;
             of a form's submissions {question: target}
    sheet    the sheet somebody chose of a workbook of several
    """

    shape = models.CharField(max_length=64)
    department = models.CharField(max_length=40, blank=True)
    columns = models.JSONField(default=dict)
    sheet = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shape", "department"], name="mapping_once"),
        ]


class Upload(models.Model):
    """A file that was sent. The file itself is kept encrypted; see `kept`.

    use       "import": accepted rows become entries; "list": a department's list to compare with
    place     the highest place of who sent it: who reaches all of it sees the upload
    columns   {place of the column: target}, as in `Mapping`
    state     of a list: read is tried out, written is kept as work items, undone is withdrawn
    wishes    {"opens": households and people not in the books yet are opened, "sheets": names of
              the sheets of a workbook of several, "chosen": somebody chose the sheet; of
              submissions "form": id of their form, "partial": the server had more of them;
              "back": who took it back, when and why: see `work.ask_back`}
    counts    {"new": …, "changed": …, "unchanged": …, "refused": …} rows, and facts by kind
    samples   {kind: [{"row", "who", "fact", "before", "after"}]}, secret values masked
    digest    SHA-256 of all that is to be written: what was shown is what is written
    alive_at  last sign of life of who reads or writes it
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    use = models.CharField(max_length=6, default="import")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads")
    at = models.DateTimeField(db_index=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    place_path = models.CharField(max_length=80, db_index=True)
    department = models.CharField(max_length=40, blank=True, db_index=True)
    seen_on = models.DateField()
    state = models.CharField(max_length=8, default="kept")
    sheet = models.CharField(max_length=100, blank=True)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    wishes = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    samples = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    phase = models.CharField(max_length=20, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    alive_at = models.DateTimeField(null=True)
    problem = models.JSONField(default=dict)  # {"zh": …, "en": …}
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="+")


class Form(models.Model):
    """An upper level's own form (xlsx), kept encrypted, and what stands in its cells.

    mapping   as `forms_out.fill_form` takes it
    headings  {column or cell: what the form calls it}
    shared    those who work below the place may fill it too
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    file_name = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="forms")
    at = models.DateTimeField()
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    place_path = models.CharField(max_length=80, db_index=True)
    sheets = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    headings = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["by", "name"], name="form_named")]


class Difference(models.Model):
    """A fact that the books and a department say differently: a work item.

    ours, theirs  both values in the spelling of the book; secret ones masked; ours None where
                  the book says nothing
    our_mark, their_mark  what both are told by: see `comparison.mark_of`
    token         the department's secret value, sealed: [commitment, token]
    row           row of the list that says it
    displaced_by  the later list that says it anew, or no more
    """

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="differences")
    department = models.CharField(max_length=40, db_index=True)
    household = models.ForeignKey(
        "yihu.Household", models.DO_NOTHING, related_name="differences", db_constraint=False
    )
    person_id = models.UUIDField(null=True, db_index=True)
    who = models.CharField(max_length=60)
    place_path = models.CharField(max_length=80, db_index=True)
    fact = models.CharField(max_length=80, db_index=True)  # "person.schooling"
    row = models.PositiveIntegerField()
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    our_mark = models.CharField(max_length=64, blank=True)
    their_mark = models.CharField(max_length=64, blank=True)
    token = models.JSONField(null=True)
    state = models.CharField(max_length=9, default="open")  # open, settled, gone, withdrawn
    displaced_by = models.ForeignKey(Upload, models.SET_NULL, null=True, related_name="displaced")
    settlement = models.ForeignKey(
        "Settlement", models.SET_NULL, null=True, related_name="differences"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "place_path"])]


class Settlement(models.Model):
    """What was decided about a difference. Asked again only when one of the two values moves.

    theirs  what the department said then; value what was written; both as marks, see `mark_of`
    took    ours, theirs or other
    """

    household = models.ForeignKey(
        "yihu.Household", models.DO_NOTHING, related_name="+", db_constraint=False
    )
    person_id = models.UUIDField(null=True)
    fact = models.CharField(max_length=80)
    department = models.CharField(max_length=40)
    place_path = models.CharField(max_length=80, db_index=True)
    theirs = models.CharField(max_length=64)
    value = models.CharField(max_length=64)
    took = models.CharField(max_length=6)
    why = models.CharField(max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_id", "household", "fact"])]


class PossibleMatch(models.Model):
    """A row of a list that may be a person of the books: somebody decides.

    mark   blind index of what the row says of the person: the decision holds for later lists
    says   what the row says, secret values masked; state open, same, different
    """

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="matches")
    department = models.CharField(max_length=40, db_index=True)
    row = models.PositiveIntegerField()
    person = models.ForeignKey(
        "yihu.Person", models.DO_NOTHING, related_name="+", db_constraint=False
    )
    household = models.ForeignKey(
        "yihu.Household", models.DO_NOTHING, related_name="+", db_constraint=False
    )
    place_path = models.CharField(max_length=80, db_index=True)
    chance = models.FloatField()
    mark = models.CharField(max_length=32, db_index=True)
    says = models.JSONField(default=dict)
    state = models.CharField(max_length=9, default="open", db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)


class DuplicatePair(models.Model):
    """Two people of the books who may be one. a before b by id.

    why    identity (the same number), twin (15 and 18 figures of one), near (name, birth, place)
    place  the nearest place above both
    """

    a = models.ForeignKey("yihu.Person", models.DO_NOTHING, related_name="+", db_constraint=False)
    b = models.ForeignKey("yihu.Person", models.DO_NOTHING, related_name="+", db_constraint=False)
    place_path = models.CharField(max_length=80, db_index=True)
    why = models.CharField(max_length=8, db_index=True)
    chance = models.FloatField()
    state = models.CharField(max_length=9, default="open", db_index=True)  # open, same, different
    reason = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["a", "b"], name="pair_once"),
        ]


class DuplicateSearch(models.Model):
    """A look for people who stand twice, within the reach of who asked for it.

    found  new pairs; None while it goes on, and where it broke off
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    found = models.PositiveIntegerField(null=True)
