"""The way to zero (清零): what is left, by battle, place and person, and week by week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.ledger import queries
from yihu.ledger.models import Gap, GapFlow
from yihu.ledger.queries import Filters, Line
from yihu.places.models import Place, within
from yihu.problems import Problem
from yihu.web import ledger_words as words
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import chart_json, day, said

BY = {
    "battle": ("战役 / 专题", "Battle or topic"),
    "township": ("乡镇", "Township"),
    "village": ("村", "Village"),
    "department": ("责任部门", "Department"),
    "person": ("责任人", "Person"),
}
#: Weeks drawn.
WEEKS = 26
MOST_LINES = 400


@signed_in
def ledger_zero(request: DeskRequest) -> HttpResponse:
    """What is left to clear, and how it went week by week."""
    group = request.GET.get("by", "battle")
    if group not in BY:
        raise Problem("ledger.bad_filter", name="by", found=group)
    given = {name: value for name, value in request.GET.items() if name != "by"}
    by = replace(Filters.of(given), state="todo")
    scope, today = request.scope, request.at.today
    lines = _lines(request, by, group)
    total = Line("")
    for line in lines:
        for name in ("todo", "late", "fails", "unknown", "other"):
            setattr(total, name, getattr(total, name) + getattr(line, name))
    weeks = queries.weeks(_flows(scope, by), open_now=total.todo, today=today, back=WEEKS)
    context = {
        "by": by,
        "group": group,
        "groups": [(name, said(*pair), _address(by, name)) for name, pair in BY.items()],
        "lines": _named(lines[:MOST_LINES], group, by, scope),
        "left_out": max(0, len(lines) - MOST_LINES),
        "total": total,
        "weeks": weeks[-8:],
        # Drawn from counts by place, battle and department: no other filter may stand.
        "chart": chart_json(_chart(weeks)) if _may_draw(by, scope) else "",
        "places": words.places_of(scope),
        "topics": words.topic_choices(),
        "crumbs": [(said("问题台账", "Ledger"), "/ledger/"), (said("清零进度", "To zero"), "")],
    }
    return render(request, "ledger/zero.html", context)


def _address(by: Filters, group: str) -> str:
    return urlencode({**by.said(), "by": group})


def _rows(request: DeskRequest, by: Filters) -> Any:
    if by.place:
        by = replace(by, place=request.scope.one(Place, code=by.place).path)
    return queries.filtered(request.scope.of(Gap), by, today=request.at.today)


def _lines(request: DeskRequest, by: Filters, group: str) -> list[Line]:
    rows, today = _rows(request, by), request.at.today
    if group == "person":
        return queries.lines_of_people(rows, today=today)
    dim = {"battle": "battle", "department": "department"}.get(group, "place_path")
    dims = (dim, "answer", "late")
    counts = queries.cube(rows, today=today, dims=dims).by(*dims)
    above: Callable[[Any], Any] = _above(request.scope, group) if dim == "place_path" else _same
    return queries.lines_by((above(key), answer, late, n) for (key, answer, late), n in
                            counts.items())  # fmt: skip


def _same(key: Any) -> Any:
    return key


def _above(scope: Scope, level: str) -> Callable[[str], str]:
    """Path of a place → path of the township or village it is or lies in."""
    known = {place.path for place in words.places_of(scope) if place.level == level}

    def found(path: str) -> str:
        for end in range(7, len(path) + 1, 7):
            if path[:end] in known:
                return path[:end]
        return ""

    return found


def _named(lines: list[Line], group: str, by: Filters, scope: Scope) -> list[dict[str, Any]]:
    spoken, field = _speaker(lines, group, scope)
    found = []
    for line in lines:
        name, value = spoken(line.key)
        more = {field: value} if value else {}
        found.append({
            "line": line, "name": name, "query": urlencode({**by.said(), **more}) if more else "",
            "late": urlencode({**by.said(), **more, "late": "1"}),
            "ask": urlencode({**by.said(), **more, "answer": "unknown"}),
        })  # fmt: skip
    return found


def _speaker(
    lines: list[Line], group: str, scope: Scope
) -> tuple[Callable[[Any], tuple[str, str]], str]:
    """Key of a line → its name and what a filter of the list says for it; and that filter."""
    if group == "person":
        ids = [line.key for line in lines if line.key]
        people = {w.pk: w.name for w in scope.of(Worker).filter(pk__in=ids)}
        nobody = said("未分派", "not assigned")
        return lambda key: (people.get(key, "—") if key else nobody, str(key or "none")), "who"
    if group in ("township", "village"):
        places = {p.path: p for p in words.places_of(scope)}
        here = said("本级", "this level")
        return (
            lambda key: (places[key].name, places[key].code) if key in places else (here, ""),
            "place",
        )
    named = words.topic_name if group == "battle" else words.department_name
    return lambda key: (named(key), key or "none"), group


def _may_draw(by: Filters, scope: Scope) -> bool:
    return not (by.who or by.origin or by.rule or by.answer or by.late or by.before) and bool(
        scope.paths and not scope.hides("Gap")
    )


def _flows(scope: Scope, by: Filters) -> Any:
    rows = scope.of(GapFlow)
    if by.place:
        rows = rows.filter(within(scope.one(Place, code=by.place).path, "place__path"))
    for name in ("battle", "department"):
        if value := getattr(by, name):
            rows = rows.filter(**{name: "" if value == "none" else value})
    return rows


def _chart(weeks: list[queries.Week]) -> dict[str, Any]:
    days = [day(week.until) for week in weeks]
    opened, closed = said("新增", "opened"), said("销号", "cleared")
    left = said("未销号（条）", "open")
    return {
        "xAxis": {"type": "category", "data": days},
        "yAxis": [
            {"type": "value", "name": said("条/周", "a week")},
            {"type": "value", "name": left, "splitLine": {"show": False}},
        ],
        "tooltip": {"trigger": "axis"},
        "series": [
            {"name": opened, "type": "bar", "data": [week.opened for week in weeks]},
            {"name": closed, "type": "bar", "data": [week.closed for week in weeks]},
            {"name": left, "type": "line", "yAxisIndex": 1, "symbol": "none",
             "data": [week.open for week in weeks]},
        ],
    }  # fmt: skip


urls = [path("ledger/zero/", ledger_zero, name="ledger_zero")]
