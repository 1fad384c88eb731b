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
    visited_on  day of the last visit its book tells of
    """

    book = models.OneToOneField(Book, models.PROTECT, primary_key=True, related_name="household")
    code = models.CharField(max_length=30, unique=True)  # 户编号
    place = models.ForeignKey(Place, models.PROTECT, related_name="households")
    place_path = models.CharField(max_length=80, db_index=True)
    head_name = models.CharField(max_length=60, db_index=True)
    size = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=12, db_index=True)  # register status, see card/status.py
    closed_why = models.CharField(max_length=200, blank=True)
    closed_on = models.DateField(null=True)
    visited_on = models.DateField(null=True)
    facts = models.JSONField(default=dict)
    sealed = models.JSONField(default=dict)
    number = models.PositiveIntegerField()
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [
            # Lists are walked in this order, and what is counted of a place stands in it whole.
            models.Index(
                fields=["place_path", "code", "closed_on", "status", "size"],
                opclasses=["varchar_pattern_ops", *[""] * 4],
                name="household_listed",
            ),
            # Where a household lies, for what is counted by place, without opening a card.
            models.Index(fields=["book", "place_path"], name="household_lies"),
            # Which cards moved on since a check, in one look that opens none of them. Of the open
            # ones only: where `closed_on` came first, SQLite began with it in every question for
            # the open households of a village, and walked through the county.
            models.Index(
                fields=["book", "number", "changed_at", "place", "closed_on"],
                condition=models.Q(closed_on=None),
                name="household_stamped",
            ),
            # Who is due for a visit, and how many of each status there are, without opening a card.
            models.Index(
                fields=["status", "place_path", "closed_on", "visited_on", "book", "size"],
                opclasses=["", "varchar_pattern_ops", *[""] * 4],
                name="household_visited",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.head_name}"


class Person(models.Model):
    """A person of a household now; after leaving it, the last household that knew the person.

    facts, sealed  as for households; name and birth also stand in columns for search
    place_path     of the household: whoever searches a whole county looks at people alone
    """

    id = models.UUIDField(primary_key=True, editable=False)
    household = models.ForeignKey(Household, models.CASCADE, related_name="people")
    place_path = models.CharField(max_length=80)
    place_in_household = models.PositiveSmallIntegerField()
    is_head = models.BooleanField(default=False)
    name = models.CharField(max_length=60)
    birth = models.DateField(null=True)
    left_on = models.DateField(null=True)
    left_why = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)
    sealed = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["place_in_household"]
        indexes: ClassVar = [
            models.Index(
                fields=["name", "place_path", "left_on", "household"],
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "", ""],
                name="person_named",
            ),
            models.Index(
                fields=["place_path", "left_on", "household"],
                opclasses=["varchar_pattern_ops", "", ""],
                name="person_placed",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Spelling(models.Model):
    """A way to type the name of a person of a household without Chinese keys; see card/pinyin.py.

    One row a way: what is typed stands at the beginning of it, and an index finds that in a county
    as fast as in a village.
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="+")
    person_id = models.UUIDField()
    place_path = models.CharField(max_length=80)
    word = models.CharField(max_length=60)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["word", "place_path", "household", "person_id"],
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "", ""],
                name="spelling_typed",
            ),
        ]

    def __str__(self) -> str:
        return self.word


#: Stands for the fact in the rows of `Sealed` that hold how identity numbers end; no fact is
#: called so.
ENDS = "identity ends"


class Sealed(models.Model):
    """Blind index of a sealed value: finds the exact value and nothing else.

    fact  name of the fact; ENDS for the last four figures of an identity number
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="+")
    person_id = models.UUIDField(null=True)
    fact = models.CharField(max_length=60)
    index = models.BinaryField(max_length=16)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["index", "fact"])]
