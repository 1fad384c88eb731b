"""What visits came to: families seen in time, what was learned, what was cleared; nobody ranked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import Substr
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from yihu.access.actions import log_reading
from yihu.access.models import Pairing, Worker
from yihu.access.queries import in_force
from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.places.models import Place, within
from yihu.visit import due
from yihu.visit.models import VisitSum
from yihu.visit.worth import DAYS, sums_of
from yihu.web.exports import places_of, small_table
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said
from yihu.web.visits import tabs

SHOWN = 50
SUMS = ("visits", "homes", "learned", "cleared")


def _place(scope: Scope, code: str) -> Place | None:
    """The place asked about; the one place of somebody who has one."""
    if code:
        return scope.one(Place, code=code)
    whole = [post.place for post, role in zip(scope.posts, scope.roles, strict=True) if role.whole]
    return min(whole, key=lambda place: len(place.path), default=None)


def _sums(scope: Scope, under: Place | None) -> QuerySet[VisitSum]:
    """Sums of the places reached; of a helper his own."""
    rows = sums_of(scope)
    return rows.filter(within(under.path, "place_path")) if under and scope.paths else rows


def _lines(scope: Scope, under: Place) -> list[dict[str, Any]]:
    """A line for each place one level below, with its sums of the last days."""
    step = len(under.path.split("/", maxsplit=1)[0]) + 1
    signs = len(under.path) + step
    homes = scope.of(Household).filter(within(under.path, "place_path"))
    named = _sums(scope, under).order_by().values(at=Substr("place_path", 1, signs))
    grouped = named.annotate(**{name: Sum(name) for name in SUMS})
    sums: dict[str, dict[str, Any]] = {each["at"]: dict(each) for each in grouped}
    lines = due.rates(homes, scope.today, signs=signs)
    places = {p.path: p for p in scope.of(Place).filter(path__in=[line.path for line in lines])}
    # Visits are summed up by village: of a hamlet nothing is known, which is not none.
    none: dict[str, Any] | None = None if under.level == "village" else {}
    return [
        {"place": places.get(line.path, under), "rate": line, "sums": sums.get(line.path, none)}
        for line in lines
    ]


def _people(scope: Scope, under: Place, after: str) -> tuple[list[dict[str, Any]], str]:
    """Helpers of a place in the order of their sign-in names, and where the next page begins."""
    pairs = scope.of(Pairing, "pair").filter(
        in_force(scope.today), within(under.path, "household__place_path")
    )
    ids = pairs.values("worker_id")
    workers = scope.of(Worker).filter(pk__in=ids, username__gt=after).order_by("username")
    found = list(workers[: SHOWN + 1])
    kept = found[:SHOWN]
    rows = person_lines(scope, kept, pairs)
    return rows, kept[-1].username if len(found) > SHOWN else ""


def person_lines(
    scope: Scope, workers: list[Worker], pairs: QuerySet[Pairing]
) -> list[dict[str, Any]]:
    """Of each of these helpers: families to visit, those in time, and what the visits brought."""
    today = scope.today
    own = pairs.filter(worker__in=workers).order_by()
    homes = scope.of(Household).filter(closed_on=None, status__in=due.days_on(today))
    served = own.filter(household__in=homes.values("pk"))
    in_time = homes.filter(due.in_time(today)).values("pk")

    def counted(rows: QuerySet[Pairing]) -> dict[Any, int]:
        named = rows.values_list("worker").annotate(n=Count("household", distinct=True))
        return dict(named)

    many, good = counted(served), counted(served.filter(household__in=in_time))
    named = _sums(scope, None).filter(worker__in=workers).order_by().values("worker_id")
    sums = {each["worker_id"]: each for each in named.annotate(**{n: Sum(n) for n in SUMS})}
    return [
        {"worker": worker, "homes": many.get(worker.pk, 0), "in_time": good.get(worker.pk, 0),
         "sums": sums.get(worker.pk, {})}
        for worker in workers
    ]  # fmt: skip


@signed_in
@require_safe
def rates(request: DeskRequest) -> HttpResponse:
    """By township, by village, and for who arranges pairings by person; a helper sees his own."""
    scope = request.scope
    under = _place(scope, request.GET.get("place", ""))
    people, after = _shown_people(scope, under, request.GET.get("after", ""))
    newest = _sums(scope, under).aggregate(until=Max("until"))["until"]
    lines = _lines(scope, under) if under else []
    context = {
        "tabs": tabs("visit_rates"), "under": under, "lines": lines, "days": DAYS,
        "until": newest, "people": people, "total": _total(scope, under, lines),
        "places": places_of(scope) if scope.paths else [],
        "may_export": scope.may("export"), "by_person": bool(people) or not under,
        "page": {"after": _next(under, after) if after else ""},
    }  # fmt: skip
    return render(request, "visits/rates.html", context)


def _next(under: Place | None, after: str) -> str:
    return "?" + urlencode({"place": under.code if under else "", "after": after}) + "#people"


def _shown_people(
    scope: Scope, under: Place | None, after: str
) -> tuple[list[dict[str, Any]], str]:
    if under is None:
        own = scope.of(Pairing).filter(in_force(scope.today), worker=scope.worker)
        return (person_lines(scope, [scope.worker], own), "") if scope.helped else ([], "")
    # A whole county's helpers are no list anybody reads; a township's are.
    if under.level in ("township", "village") and scope.may("pair", under):
        return _people(scope, under, after)
    return [], ""


def _total(scope: Scope, under: Place | None, lines: list[dict[str, Any]]) -> dict[str, Any]:
    rates_of = [one["rate"] for one in lines]
    total = due.Rate(
        "", sum(rate.homes for rate in rates_of), sum(rate.in_time for rate in rates_of),
        sum(rate.never for rate in rates_of),
    )  # fmt: skip
    sums = _sums(scope, under).aggregate(**{name: Sum(name) for name in SUMS})
    return {"rate": total, "sums": sums}


@signed_in
@require_safe
def as_file(request: DeskRequest, ending: str) -> HttpResponseBase:
    """The lines by place as a file."""
    scope = request.scope
    scope.require("export")
    under = _place(scope, request.GET.get("place", ""))
    lines = _lines(scope, under) if under else []
    log_reading(request.user, what="exported", now=request.at.now, rows=len(lines),
                why="visit rates")  # fmt: skip
    columns = [said(*words) for words in COLUMNS]
    return small_table(said("走访情况", "visit rates"), ending, columns, [_cells(x) for x in lines])


COLUMNS = (
    ("地点", "Place"), ("应走访户", "Families to visit"), ("按期走访", "In time"),
    ("从未走访", "Never visited"), ("走访次数", "Visits"), ("走访到的户", "Families visited"),
    ("查清的未知项", "Facts first learned"), ("走访后销号", "Gaps cleared after"),
)  # fmt: skip


def _cells(line: dict[str, Any]) -> list[Any]:
    rate, sums = line["rate"], line["sums"]
    return [line["place"].name, rate.homes, rate.in_time, rate.never,
            *(sums.get(name) or 0 for name in SUMS)]  # fmt: skip


urls = [
    path("visits/rates/", rates, name="visit_rates"),
    path("visits/rates/list.<str:ending>", as_file, name="visit_rates_list"),
]
