"""Visits to make: who is due and why, for whom a day is planned; as a list, a file, a month."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from yihu.access.actions import log_reading
from yihu.access.models import Pairing, Worker
from yihu.access.queries import in_force
from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.places.models import Place, within
from yihu.problems import Problem
from yihu.visit import due, planning
from yihu.visit.models import Planned
from yihu.web.exports import places_of, small_table
from yihu.web.household_search import status_name
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import day, phrase, said
from yihu.web.typed_in import number_in

#: Families on a page of the list, and on a sheet that is printed or given out.
SHOWN, MOST = 50, 5000
#: Ahead the list looks unless it is asked otherwise.
SOON = timedelta(days=30)
#: Of no more families than these their names stand in the calendar; of more, how many they are.
NAMED = 60
STATES = {
    "soon": ("近期该去的", "To go soon"),
    "late": ("走访已逾期", "Visit overdue"),
    "gaps": ("有逾期问题", "Gap overdue"),
    "planned": ("已定日期", "Planned"),
    "all": ("全部", "All"),
}
TABS = (
    ("visits", "走访计划", "To visit"),
    ("visit_calendar", "月历", "Calendar"),
    ("visit_rates", "走访情况", "What came of it"),
    ("burden", "走访负担", "What it costs"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is narrowed to. place: code; who: name or sign-in name of a helper; on: day."""

    state: str = "soon"
    place: str = ""
    who: str = ""
    on: date | None = None

    @classmethod
    def of(cls, given: Any, *, otherwise: str = "soon") -> Asked:
        """What an address says. Raises Problem (desk.no_such_day)."""
        state, text = given.get("state", ""), given.get("on", "").strip()
        try:
            on = date.fromisoformat(text) if text else None
        except ValueError:
            raise Problem("desk.no_such_day", found=text[:40]) from None
        return cls(
            state if state in STATES else otherwise, given.get("place", "").strip()[:20],
            given.get("who", "").strip()[:150], on,
        )  # fmt: skip

    @property
    def narrow(self) -> bool:
        """Are other families than all one reaches asked about?"""
        return bool(self.place or self.who)

    @property
    def query(self) -> str:
        """As an address says it."""
        said_of = {"state": self.state, "place": self.place, "who": self.who,
                   "on": self.on.isoformat() if self.on else ""}  # fmt: skip
        return urlencode({name: value for name, value in said_of.items() if value})


def tabs(here: str) -> list[tuple[str, str, bool]]:
    """Address, name, and whether it is this page."""
    return [(reverse(name), said(zh, en), name == here) for name, zh, en in TABS]


def homes_of(scope: Scope, asked: Asked) -> QuerySet[Household]:
    """The families asked about: of a place, of a helper; a helper's own."""
    rows = scope.of(Household)
    if asked.place:
        rows = rows.filter(within(scope.one(Place, code=asked.place).path, "place_path"))
    if asked.who:
        him = Q(worker__username=asked.who) | Q(worker__name=asked.who)
        paired = scope.of(Pairing).filter(in_force(scope.today), him)
        rows = rows.filter(pk__in=paired.values("household_id"))
    return rows


def to_visit(scope: Scope, asked: Asked) -> QuerySet[Any]:
    """The families to visit, in no order."""
    today = scope.today
    rows = due.served(homes_of(scope, asked), today)
    planned = planning.ahead(scope, today)
    if asked.on:
        of_day = planned.filter(on=asked.on).values("household_id")
        rows = rows.filter(Q(due_on=asked.on) | Q(pk__in=of_day))
    elif asked.state == "planned":
        rows = rows.filter(pk__in=planned.values("household_id"))
    elif asked.state == "late":
        rows = rows.filter(due.due_before(today, today))
    elif asked.state == "gaps":
        rows = rows.filter(due.has_late_gap(today))
    elif asked.state == "soon":
        # A gap whose day is past is a reason to go, whenever somebody was there last.
        rows = rows.filter(due.due_before(today + SOON, today) | due.has_late_gap(today))
    return rows


@signed_in
@require_safe
def visits(request: DeskRequest) -> HttpResponse:
    """Whom to visit, why, and on which day it is planned."""
    scope = request.scope
    # Who helps three families wants to see all three.
    asked = Asked.of(request.GET, otherwise="soon" if scope.paths else "all")
    rows = to_visit(scope, asked)
    start = number_in(request.GET.get("from", ""))
    found = due.pressing(rows, scope.today, start=start, most=SHOWN + 1)
    whole = due.served(homes_of(scope, asked), scope.today)
    context = {
        "tabs": tabs("visits"), "asked": asked, "rows": shown(scope, found[:SHOWN]),
        "count": rows.order_by().count(), "counts": _counts(whole, scope.today),
        "states": [(name, said(*words)) for name, words in STATES.items()], "soon": SOON.days,
        "places": places_of(scope) if scope.paths else [], "may_export": scope.may("export"),
        "page": {
            "before": f"?{asked.query}&from={max(0, start - SHOWN)}" if start else "",
            "after": f"?{asked.query}&from={start + SHOWN}" if len(found) > SHOWN else "",
        },
    }  # fmt: skip
    return render(request, "visits/list.html", context)


def _counts(rows: QuerySet[Household], today: date) -> dict[str, int]:
    """Of all families asked about: how many are to be visited, due, overdue, never visited."""
    found = rows.order_by().aggregate(
        of=Count("pk"), never=Count("pk", filter=Q(visited_on=None)),
        in_time=Count("pk", filter=due.in_time(today)),
        gaps=Count("pk", filter=due.has_late_gap(today)),
    )  # fmt: skip
    return {**found, "late": found["of"] - found["in_time"]}


def shown(scope: Scope, homes: list[Any]) -> list[dict[str, Any]]:
    """Families as lines: why they are due, who helps them, what is planned."""
    ids = [home.pk for home in homes]
    plans = planning.planned_for(scope, ids, scope.today)
    helpers: dict[UUID, list[Worker]] = {}
    pairs = scope.of(Pairing).filter(in_force(scope.today), household__in=ids)
    for pair in pairs.select_related("worker").order_by("since", "pk"):
        helpers.setdefault(pair.household_id, []).append(pair.worker)
    days = due.days_on(scope.today)
    return [
        {
            "home": home, "status": status_name(home.status), "days": days[home.status],
            "late": home.due_on is None or home.due_on < scope.today,
            "plans": plans.get(home.pk, []), "helpers": helpers.get(home.pk, []),
            "may_plan": _plans(scope, home),
            "own": _own(plans.get(home.pk, []), scope.worker),
        }
        for home in homes
    ]  # fmt: skip


def _plans(scope: Scope, home: Household) -> bool:
    """Who goes there sets a day: its helper, or who keeps the village; not who leads them."""
    leads = scope.may("assign", home)
    return home.pk in scope.helped or (scope.may("write", home) and not leads)


def _own(plans: list[Planned], worker: Worker) -> Planned | None:
    return next((plan for plan in plans if plan.worker_id == worker.pk), None)


@signed_in
@require_POST
def set_day(request: DeskRequest, id: UUID) -> HttpResponse:
    """Set the day I mean to go there; an empty one takes it away."""
    home = request.scope.one(Household, "write", pk=id)
    text = request.POST.get("on", "").strip()
    try:
        on = date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("visit.bad_day", found=text[:40]) from None
    at = request.at
    planning.plan(home, request.user, on=on, now=at.now, today=at.today)
    words = (f"已定于{day(on)}走访。", f"Planned for {day(on)}.") if on else (
        "已取消计划。", "The plan is taken away.")  # fmt: skip
    messages.success(request, said(*words))
    back = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if ours and back.startswith("/") else "visits")


@signed_in
@require_safe
def as_file(request: DeskRequest, ending: str) -> HttpResponseBase:
    """The list as it is narrowed, as a file; that it was given out is logged."""
    scope = request.scope
    scope.require("export")
    asked = Asked.of(request.GET)
    wanted = to_visit(scope, asked)
    if (n := wanted.order_by().count()) > MOST:
        raise Problem("visit.too_many", found=n, most=MOST)
    rows = shown(scope, due.pressing(wanted, scope.today, most=MOST))
    log_reading(request.user, what="exported", now=request.at.now, rows=len(rows), why="visits due")
    columns = [said(*words) for words in COLUMNS]
    return small_table(said("走访计划", "visits"), ending, columns, [_cells(row) for row in rows])


COLUMNS = (
    ("地点", "Place"), ("户编号", "Household"), ("户主", "Head"), ("类别", "Status"),
    ("上次走访", "Last visit"), ("应于", "Due on"), ("依据", "Why"), ("有逾期问题", "Gap overdue"),
    ("帮扶人", "Helpers"), ("计划日期", "Planned"),
)  # fmt: skip


def _cells(row: dict[str, Any]) -> list[Any]:
    home = row["home"]
    return [
        home.place.name, home.code, home.head_name, row["status"],
        home.visited_on.isoformat() if home.visited_on else "",
        home.due_on.isoformat() if home.due_on else "", why(row),
        said("是", "yes") if home.gap_late else "",
        "、".join(worker.name for worker in row["helpers"]),
        "、".join(plan.on.isoformat() for plan in row["plans"]),
    ]  # fmt: skip


def why(row: dict[str, Any]) -> str:
    """Why a family is due, in words."""
    if row["home"].visited_on is None:
        return said("还没有走访记录", "no visit is recorded")
    return phrase("最多 {n} 天走访一次", "one visit in {n} day[s] at least", n=row["days"])


# --- the month ------------------------------------------------------------------------------------


@signed_in
@require_safe
def calendar(request: DeskRequest) -> HttpResponse:
    """A month: on which day who is due, planned, and was visited."""
    scope, asked = request.scope, replace(Asked.of(request.GET), on=None, state="all")
    first = _month(request.GET.get("month", ""), scope.today)
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    rows = due.served(homes_of(scope, asked), scope.today)
    few = rows.order_by()[: NAMED + 1].count() <= NAMED
    cells = _Month(scope, asked, rows, weeks[0][0], weeks[-1][-1]).cells(named=few)
    context = {
        "tabs": tabs("visit_calendar"), "asked": asked, "first": first, "named": few,
        "weeks": [[(on, cells.get(on), on.month == first.month) for on in week] for week in weeks],
        "before": _address(asked, first - timedelta(days=1)),
        "after": _address(asked, first + timedelta(days=31)),
        "places": places_of(scope) if scope.paths else [],
        "weekdays": [said(*words) for words in WEEKDAYS], "list_query": asked.query,
    }  # fmt: skip
    return render(request, "visits/calendar.html", context)


WEEKDAYS = (("一", "Mon"), ("二", "Tue"), ("三", "Wed"), ("四", "Thu"), ("五", "Fri"),
            ("六", "Sat"), ("日", "Sun"))  # fmt: skip


def _month(text: str, today: date) -> date:
    """The first of the month named as 2020-10; of this one where none is."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 2000 <= found.year <= 2100 else today.replace(day=1)


def _address(asked: Asked, within_month: date) -> str:
    return f"?{asked.query}&month={within_month:%Y-%m}"


@dataclass(slots=True)
class Cell:
    """A day of the calendar: families due, planned and visited; by name where they are few."""

    due: int = 0
    planned: int = 0
    done: int = 0
    due_names: list[Household] | None = None
    planned_names: list[Household] | None = None
    done_names: list[Household] | None = None


@dataclass(frozen=True, slots=True)
class _Month:
    """The days shown, and the families asked about."""

    scope: Scope
    asked: Asked
    homes: QuerySet[Any]
    since: date
    until: date

    def cells(self, *, named: bool) -> dict[date, Cell]:
        """Day → what stands on it."""
        return self._named() if named else self._counted()

    def _visits(self) -> QuerySet[Entry]:
        rows = self.scope.of(Entry).filter(kind="visit", seen_on__range=(self.since, self.until))
        if self.asked.narrow:
            rows = rows.filter(book__in=homes_of(self.scope, self.asked).values("pk"))
        return rows.order_by()

    def _counted(self) -> dict[date, Cell]:
        cells: dict[date, Cell] = {}
        span = (self.since, self.until)
        plans = planning.ahead(self.scope, self.scope.today).filter(
            household__closed_on=None, household__status__in=due.days_on(self.scope.today)
        )
        if self.asked.narrow:
            plans = plans.filter(household__in=self.homes.order_by().values("pk"))
        counted: tuple[tuple[str, Any, str], ...] = (
            ("due", self.homes.filter(due_on__range=span), "due_on"),
            ("planned", plans.filter(on__range=span), "on"),
            ("done", self._visits(), "seen_on"),
        )
        for name, rows, field in counted:
            # Of the day itself, which stands in an index, so that no row is read.
            for on, n in rows.order_by().values_list(field).annotate(n=Count(field)):
                setattr(cells.setdefault(on, Cell()), name, n)
        return cells

    def _named(self) -> dict[date, Cell]:
        cells: dict[date, Cell] = {}
        homes = {home.pk: home for home in self.homes.defer("facts", "sealed")}

        def put(on: date | None, name: str, home: UUID) -> None:
            if on is None or not self.since <= on <= self.until or home not in homes:
                return
            cell = cells.setdefault(on, Cell())
            names = getattr(cell, f"{name}_names") or []
            if homes[home] not in names:
                setattr(cell, f"{name}_names", [*names, homes[home]])
                setattr(cell, name, getattr(cell, name) + 1)

        for home in homes.values():
            put(home.due_on, "due", home.pk)
        for plan in planning.ahead(self.scope, self.scope.today).filter(household__in=homes):
            put(plan.on, "planned", plan.household_id)
        for book, on in self._visits().filter(book__in=homes).values_list("book_id", "seen_on"):
            put(on, "done", book)
        return cells


urls = [
    path("visits/", visits, name="visits"),
    path("visits/calendar/", calendar, name="visit_calendar"),
    path("visits/list.<str:ending>", as_file, name="visit_list"),
    path("visits/<uuid:id>/plan/", set_day, name="plan_visit"),
]
