"""Tables that sum up books, so that figures of any day come in a moment. Thrown away at will."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from yihu.card.models import Household


class Summary(models.Model):
    """How far a household's book has been summed up; stale where the card is further.

    number   of the card the steps and year ends were made from
    cause, attribute   of the card now, for households that ever were on the register
    """

    household = models.OneToOneField(
        Household, models.CASCADE, primary_key=True, related_name="summary", db_constraint=False
    )
    number = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)
    cause = models.CharField(max_length=20, blank=True)
    attribute = models.CharField(max_length=20, blank=True)


class Step(models.Model):
    """One change of a household's size or standing: stock and flow are sums of these.

    did      opened, closed, a decision, or why somebody joined or left
    before, after            standing on the register; "" while the book is not open
    people_before, people_after   members
    """

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="steps", db_constraint=False
    )
    on = models.DateField()
    did = models.CharField(max_length=16)
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    people_before = models.PositiveSmallIntegerField()
    people_after = models.PositiveSmallIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["on", "did"]),
            models.Index(fields=["did", "on"]),
            # What came into a standing or left it, without the steps of all others.
            models.Index(fields=["before", "on"]),
            models.Index(fields=["after", "on"]),
        ]


class YearEnd(models.Model):
    """A household as it stood at the end of a year.

    listed    on the register, those out of poverty included
    income    net income of the year, fen; None where a part of it is not known
    between   the income was interpolated between two known years
    """

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="year_ends", db_constraint=False
    )
    year = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12)
    listed = models.BooleanField()
    people = models.PositiveSmallIntegerField()
    income = models.BigIntegerField(null=True)
    between = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["year", "status"])]
