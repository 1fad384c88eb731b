"""Tables of findings: one row a household, one figure a rule."""

from __future__ import annotations

from django.db import models

from yihu.card.models import Household
from yihu.places.models import Place


class Run(models.Model):
    """Under what answers were given: rulebook, its hash, the day they were last given.

    Of single households one row for each day; of everybody (whole) one as long as the same rules
    are asked, whose day moves on with each check that came to its end.
    """

    rulebook = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    hash = models.CharField(max_length=64)
    on = models.DateField()
    rules = models.JSONField()  # {level: [rule names in the order of the figures]}
    at = models.DateTimeField()
    whole = models.BooleanField(default=False)  # a run over all households, not one after an entry
    counts = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["hash", "on"]),)


class HouseholdFindings(models.Model):
    """Answers for one household and its people, a figure a rule: 0 fails, 1 holds, 2 unknown.

    number   entry of the book the card stood at; findings are stale when the card is further
    answers  household rules in the order of `run.rules["household"]`
    people   {person id: the same for the person rules}
    amounts  {rule: fen}, {"person id/rule": fen} where a rule gives an amount
    """

    household = models.OneToOneField(
        Household, models.CASCADE, primary_key=True, related_name="findings"
    )
    # Nearly all rows have the same run: an index of it finds nothing sooner, and to renew it took
    # half of the time in which a first check under other rules writes.
    run = models.ForeignKey(Run, models.PROTECT, db_index=False)
    number = models.PositiveIntegerField()
    answers = models.TextField()
    people = models.JSONField(default=dict)
    amounts = models.JSONField(default=dict)


class PlaceFindings(models.Model):
    """Answers for a village, township or county."""

    place = models.OneToOneField(Place, models.CASCADE, primary_key=True, related_name="findings")
    run = models.ForeignKey(Run, models.PROTECT)
    answers = models.TextField()
