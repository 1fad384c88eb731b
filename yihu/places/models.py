"""Tables of places.

`path` is the way from the top down to a place, as "000001/000004/000023/": whoever may see a place
may see all whose path begins with its own. It is rebuilt from `parent` when the tree changes.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import connection, models
from django.db.models import Q

LEVELS = ("province", "city", "county", "township", "village", "hamlet")


def within(path: str, field: str = "path") -> Q:
    """Condition: a row lies at or below the place with this path.

    As a range, because SQLite takes its index for that and not for a pattern; PostgreSQL sorts by
    the rules of a language and takes the pattern.
    """
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": path})
    return Q(**{f"{field}__gte": path, f"{field}__lt": path[:-1] + "0"})


class Place(models.Model):
    """One place. code and name are those of today; `PlaceName` has those of every day."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    level = models.CharField(max_length=10, choices=[(level, level) for level in LEVELS])
    code = models.CharField(max_length=15, unique=True)
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=80, db_index=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)  # merged away; its households lie elsewhere
    poverty_village = models.JSONField(default=list)  # [["2014-01-01", "2019-12-31"], …]

    class Meta:
        ordering: ClassVar = ["path"]

    def __str__(self) -> str:
        return self.name


class PlaceName(models.Model):
    """A code and name a place had from one day to another (both included, None: open)."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="names")
    code = models.CharField(max_length=15, db_index=True)
    name = models.CharField(max_length=60)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    source = models.CharField(max_length=80, blank=True)


class PlaceChange(models.Model):
    """What happened to a place: renamed, recoded, merged, split, moved."""

    KINDS = ("renamed", "recoded", "merged", "split", "moved")
    kind = models.CharField(max_length=8, choices=[(kind, kind) for kind in KINDS])
    on = models.DateField()
    from_place = models.ForeignKey(Place, models.PROTECT, related_name="changes_from")
    to_place = models.ForeignKey(Place, models.PROTECT, related_name="changes_to")
    why = models.TextField(blank=True)
    source = models.CharField(max_length=80, blank=True)
