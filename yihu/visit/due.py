"""Who is due for a visit, since when and why: by the lines of the rulebook and the last visit.

A line says the most days between two visits of a family of one status. It is asked for on the day
itself, as the rules do. A family no line speaks of is due never; one never visited always is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    F,
    Func,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Substr

from yihu.book import dictionary
from yihu.card.models import Household
from yihu.ledger.models import Gap

#: Status → the line of the rulebook with the most days between two visits.
LINES = {
    "poor": "visit_days", "exited": "visit_days_exited", "unstable": "visit_days_monitored",
    "marginal": "visit_days_monitored", "sudden": "visit_days_monitored",
}  # fmt: skip


def days_on(today: date) -> dict[str, int]:
    """Status → most days between two visits on a day; a status no line speaks of is left out."""
    found = {}
    for status, name in LINES.items():
        line = dictionary.active().lines.get(name)
        step = line.on(today) if line else None
        if step and isinstance(step.value, int | float):
            found[status] = int(step.value)
    return found


class _Later(Func):
    """A day some days after that of a column.

    Django's own way of adding days calls into Python for each row of SQLite: ten times the time of
    a list of thirteen thousand families.
    """

    output_field = DateField()
    template = "(%(expressions)s + %(days)s)"

    def __init__(self, of: str, days: int) -> None:
        super().__init__(F(of), days=int(days))

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """By the function of SQLite itself."""
        template = "date(%(expressions)s, '+%(days)s days')"
        return super().as_sql(compiler, connection, template=template, **more)


def served(homes: QuerySet[Household], today: date) -> QuerySet[Any]:
    """Those of these households that are to be visited, with `due_on` (None: never visited)."""
    days = days_on(today)
    when = [When(status=status, then=_Later("visited_on", most)) for status, most in days.items()]
    rows = homes.filter(closed_on=None, status__in=days)
    found: QuerySet[Any] = rows.annotate(due_on=Case(*when, output_field=DateField()))
    return found


def pressing(rows: QuerySet[Any], today: date, *, start: int = 0, most: int) -> list[Any]:
    """Some of `served`: who is due, then others with a late gap, then those due next.

    Of who is due those with a late gap come first, then due for longest. Each has `due_on` and
    `gap_late`.

    The order is found in an index alone, and only the rows shown are read: a county's thirteen
    thousand families would else be sorted with all that stands on their cards.
    """
    is_late = Case(When(has_late_gap(today), then=True), default=False)
    waits = Case(When(in_time(today), then=True), default=False)
    ordered = rows.annotate(gap_late=is_late, waits=waits).order_by(
        "waits", "-gap_late", F("due_on").asc(nulls_first=True), "pk"
    )
    told = ordered.values_list("pk", "due_on", "gap_late")[start : start + most]
    said = {pk: (due_on, gap_late) for pk, due_on, gap_late in told}
    homes = Household.objects.select_related("place__parent").defer("facts", "sealed")
    found: dict[Any, Any] = dict(homes.in_bulk(said))
    for pk, home in found.items():
        home.due_on, home.gap_late = said[pk]
    return [found[pk] for pk in said if pk in found]


def has_late_gap(today: date) -> Q:
    """Condition on households: a gap of theirs is open past its day."""
    # Asked of all gaps once. Asked of each family's, SQLite went through all late ones each time.
    late = Gap.objects.filter(todo=1, due_by__lt=today, household__isnull=False)
    return Q(pk__in=late.values("household_id"))


def in_time(today: date) -> Q:
    """Condition on households that are to be visited: the last visit is not too long ago."""
    found = Q(pk__in=[])
    for status, most in days_on(today).items():
        found |= Q(status=status, visited_on__gte=today - timedelta(days=most))
    return found


def due_before(before: date, today: date) -> Q:
    """Condition on such households: the next visit is due before a day, or there never was one."""
    found = Q(visited_on=None)
    for status, most in days_on(today).items():
        found |= Q(status=status, visited_on__lt=before - timedelta(days=most))
    return found


def whole_percent(share: float) -> int:
    """A share of a hundred: 100 is all and 0 is none, however little is missing."""
    return round(100 * share) if share in (0, 1) else min(max(round(100 * share), 1), 99)


@dataclass(frozen=True, slots=True)
class Rate:
    """Families of one place that are to be visited, and how many were in time."""

    path: str
    homes: int
    in_time: int
    never: int

    @property
    def percent(self) -> int | None:
        """Share in time, of a hundred; None of none."""
        return whole_percent(self.in_time / self.homes) if self.homes else None


def rates(homes: QuerySet[Household], today: date, *, signs: int) -> list[Rate]:
    """By the places whose path has so many signs, in the order of the tree: one question."""
    rows = homes.filter(closed_on=None, status__in=days_on(today)).order_by()
    named = rows.values(path=Substr("place_path", 1, signs))
    grouped = named.annotate(
        homes=Count("pk"), in_time=Count("pk", filter=in_time(today)),
        never=Count("pk", filter=Q(visited_on=None)),
    )  # fmt: skip
    found: list[dict[str, Any]] = [dict(each) for each in grouped.order_by("path")]
    return [Rate(**each) for each in found]
