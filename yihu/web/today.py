"""Where the day begins: my gaps, deadlines, what changed, whom to visit, what was asked twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.ledger.models import Gap
from yihu.loop import Moment
from yihu.sync.holds import to_settle
from yihu.visit import due, planning
from yihu.visit.twice import asked_twice
from yihu.web import burden, notices
from yihu.web.ledger_words import title_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.today_changes import changes, start_of

#: Gaps and households on the page.
ROWS = 10
#: Days ahead that a deadline is near.
NEAR = 7
#: Days back in which a fact asked of the same family by two people was asked twice.
TWICE_DAYS = 30


@signed_in
def today(request: DeskRequest) -> HttpResponse:
    """The worker's day."""
    scope, at = request.scope, request.at
    open_gaps = scope.of(Gap).filter(todo=1)
    mine = open_gaps.filter(responsible=request.user)
    shown, whose = (mine, "mine") if mine.exists() else (open_gaps, "all")
    context = {
        "counts": _counts(open_gaps, at), "mine": mine.count(), "whose": whose,
        "gaps": _worded(shown, scope, at),
        "notices": notices.pending(scope, at.now), "changes": changes(scope, at),
        "visits": _visits(scope),
        "twice": asked_twice(scope, start_of(at, TWICE_DAYS)),
        "near": NEAR, "held": _held(scope),
        "meter": burden.line(scope),
    }  # fmt: skip
    return render(request, "today.html", context)


def _held(scope: Scope) -> int:
    """Entries of phones that wait for a decision, for who may decide."""
    if not (scope.may("compare") and scope.may("write")):
        return 0
    return to_settle(scope).filter(state="held").count()


def _counts(gaps: QuerySet[Gap], at: Moment) -> dict[str, int]:
    return gaps.aggregate(
        # Of a column that stands in the index, so that no row is read.
        open=Count("todo"),
        late=Count("todo", filter=Q(due_by__lt=at.today)),
        near=Count("todo", filter=Q(due_by__range=(at.today, at.today + timedelta(days=NEAR)))),
        ask=Count("todo", filter=Q(answer="unknown")),
    )


def _worded(gaps: QuerySet[Gap], scope: Scope, at: Moment) -> list[Any]:
    # First the ids alone, in the order of an index; then their rows.
    ids = list(gaps.order_by("due_by", "place_path", "id").values_list("pk", flat=True)[:ROWS])
    found = scope.of(Gap).select_related("household__place__parent")
    whole = found.defer("household__facts", "household__sealed").in_bulk(ids)
    rows: list[Any] = [whole[id] for id in ids]
    for gap in rows:
        gap.words = title_of(gap)
        gap.late = gap.due_on is not None and gap.due_on < at.today
    return rows


def _visits(scope: Scope) -> dict[str, Any]:
    """Whom to visit first; a helper his own families, also where he reaches a whole place."""
    homes = scope.of(Household)
    homes = homes.filter(pk__in=scope.helped) if scope.helped else homes
    rows = due.served(homes, scope.today)
    counted = rows.order_by().aggregate(
        of=Count("pk"), in_time=Count("pk", filter=due.in_time(scope.today))
    )
    found = due.pressing(rows, scope.today, most=ROWS)
    plans = planning.planned_for(scope, [home.pk for home in found], scope.today)
    return {
        "of": counted["of"], "late": counted["of"] - counted["in_time"],
        "rows": [
            {"home": home, "plan": next(iter(plans.get(home.pk, ())), None),
             "late": home.due_on is None or home.due_on < scope.today}
            for home in found
        ],
    }  # fmt: skip


urls = [path("", today, name="today")]
