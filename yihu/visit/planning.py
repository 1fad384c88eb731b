"""The day a helper means to go to a family: his own calendar, and no word about the family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.problems import Problem
from yihu.tables import join_one, rows_by
from yihu.visit.models import Planned

#: No day further off than this is a plan.
FURTHEST = timedelta(days=366)


def plan(
    home: Household, worker: Worker, *, on: date | None, now: datetime, today: date
) -> Planned | None:
    """Set the day a worker means to visit a household; None takes it away.

    Raises  Problem (visit.plan_day)
    """
    if on is None:
        Planned.objects.filter(household=home, worker=worker).delete()
        return None
    if not today <= on <= today + FURTHEST:
        raise Problem("visit.plan_day", found=on, today=today)
    row, _ = Planned.objects.update_or_create(
        household=home, worker=worker, defaults={"on": on, "made_at": now}
    )
    return row


def planned_for(scope: Scope, homes: Iterable[UUID], today: date) -> dict[UUID, list[Planned]]:
    """Household → the plans that are not over, the nearest first."""
    found: dict[UUID, list[Planned]] = {}
    for row in ahead(scope, today).filter(household__in=list(homes)).select_related("worker"):
        found.setdefault(row.household_id, []).append(row)
    return found


def next_for(worker: Worker, homes: Sequence[UUID], today: date) -> dict[UUID, Planned]:
    """Household → the day it is next planned for: the worker's own, else the nearest of another's.

    homes  households the worker reaches
    """
    rows = rows_by(Planned, "household_id", homes, since=("on", today))
    join_one(rows, "worker")
    found: dict[UUID, Planned] = {}
    for row in sorted(rows, key=lambda each: (each.worker_id != worker.pk, each.on, each.pk)):
        found.setdefault(row.household_id, row)
    return found


def ahead(scope: Scope, today: date) -> QuerySet[Planned]:
    """Plans for today and later, of the households that are reached."""
    return scope.of(Planned).filter(on__gte=today).order_by("on", "pk")
