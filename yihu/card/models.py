"""Tables of cards. All rows can be thrown away and rebuilt from the books."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yihu.book.models import Book
from yihu.places.models import Place


class Household(models.Model):
    """A household as its book says it is now.

    facts    {fact: value} of the rulebook's household facts but for the secret ones
    sealed   {fact: token} of the secret ones
    number   number of the last entry the card was built from
    """

    book = models.OneToOneField(Book, models.PROTECT, primary_key=True, related_name="household")
    code = models.CharField(max_length=30, unique=True)  # 户编号
    place = models.ForeignKey(Place, models.PROTECT, related_name="households")
    place_path = models.CharField(max_length=80, db_index=True)
    head_name = models.CharField(max_length=60, db_index=True)
    pinyin = models.CharField(max_length=120, db_index=True)
    size = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=12, db_index=True)  # register status, see card/status.py
    closed_why = models.CharField(max_length=200, blank=True)
    closed_on = models.DateField(null=True, db_index=True)
    facts = models.JSONField(default=dict)
    sealed = models.JSONField(default=dict)
    number = models.PositiveIntegerField()
    changed_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.code} {self.head_name}"


class Person(models.Model):
    """A person of a household now; after leaving it, the last household that knew the person.

    facts, sealed  as for households; name, sex and birth also stand in columns for search
    """

    id = models.UUIDField(primary_key=True, editable=False)
    household = models.ForeignKey(Household, models.CASCADE, related_name="people")
    place_in_household = models.PositiveSmallIntegerField()
    is_head = models.BooleanField(default=False)
    name = models.CharField(max_length=60, db_index=True)
    pinyin = models.CharField(max_length=120, db_index=True)
    birth = models.DateField(null=True)
    left_on = models.DateField(null=True)
    left_why = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)
    sealed = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["place_in_household"]

    def __str__(self) -> str:
        return self.name


class Sealed(models.Model):
    """Blind index of a sealed value: finds the exact value and nothing else."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="+")
    person_id = models.UUIDField(null=True)
    fact = models.CharField(max_length=60)
    index = models.BinaryField(max_length=16)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["index", "fact"])]
