"""The ledger: the list with its filters and counts, and the same as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse

from yihu.access.actions import log_reading
from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.exchange.known import in_parts
from yihu.exchange.out import Column, Listing
from yihu.ledger import queries
from yihu.ledger.models import NEVER, Gap
from yihu.ledger.policy import watched
from yihu.ledger.queries import Filters
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.web import ledger_words as words
from yihu.web.exports import answer as as_file
from yihu.web.ledger_acts import workers_of
from yihu.web.ledger_views import shares, views_for
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import day, label, phrase, said
from yihu.web.typed_in import SentBack

MOST_IN_FILE = 200_000


@signed_in
def ledger(request: DeskRequest) -> HttpResponse:
    """Gaps the worker reaches, what is late first, with the counts of every filter."""
    return listed(request, _filters(request), request.GET)


def listed(
    request: DeskRequest, by: Filters, at: Mapping[str, str], *, sent: SentBack | None = None
) -> HttpResponse:
    """The page of the list. at: `next` or `previous`, the key of the page in it."""
    rows = request.scope.of(Gap)
    here, counts = queries.faceted(rows, with_path(by, request.scope), today=request.at.today)
    after, before = at.get("next", ""), at.get("previous", "")
    page = queries.page_of(_listed(request, by), after=after, before=before)
    context = {
        "by": by,
        "rows": _shown(page.rows, request.scope, request.at.today),
        "page": _pages(page, by, here),
        "at": [(name, key) for name, key in (("next", after), ("previous", before)) if key],
        "figures": _figures(
            here, by, queries.undated(rows, with_path(by, request.scope), today=request.at.today)
        ),
        "facets": _facets(counts, by),
        "fields": _fields(request.scope, by),
        "query": urlencode(by.said()),
        "views": views_for(request.scope),
        "share": shares(request.scope),
        "may": {act: request.scope.may(act) for act in ("assign", "answer", "waive", "export")},
        "workers": _workers(request.scope, by),
        "filtered": len(by.said()),
        "sent": sent,
        "form": sent.form if sent else {},
        "ticked": sent.ticked if sent else (),
    }
    return render(request, "ledger/list.html", context)


def _workers(scope: Scope, by: Filters) -> list[Worker]:
    """Who may be made responsible for gaps of the list."""
    if not scope.may("assign"):
        return []
    return workers_of(scope, place=with_path(by, scope).place)


def _filters(request: DeskRequest) -> Filters:
    """The filters of the address; a department begins with its own gaps."""
    by = Filters.of(request.GET.dict())
    if not request.GET and len(request.scope.departments) == 1:
        (own,) = request.scope.departments
        by = replace(by, department=own)
    return by


def with_path(by: Filters, scope: Scope) -> Filters:
    """The same filters with the path of the place, where the address has its code."""
    if not by.place:
        return by
    return replace(by, place=scope.one(Place, code=by.place).path)


def _listed(request: DeskRequest, by: Filters) -> QuerySet[Gap]:
    rows = request.scope.of(Gap)
    return queries.filtered(rows, with_path(by, request.scope), today=request.at.today)


def _shown(rows: list[Gap], scope: Scope, today: date) -> list[dict[str, Any]]:
    names = words.names_of(rows, scope)
    return [
        {
            "gap": gap,
            "id": str(gap.pk),
            "title": words.title_of(gap),
            "person": names.get(gap.person_id, "") if gap.person_id else "",
            "department": words.department_name(gap.department),
            "topic": words.topic_name(gap.battle),
            "state": said(*words.STATE_WORDS[gap.state]),
            "late": queries.days_late(gap, today),
        }
        for gap in rows
    ]


def _pages(page: queries.Page, by: Filters, here: queries.Cube) -> dict[str, str]:
    def address(**key: str) -> str:
        return f"{reverse('ledger')}?{urlencode({**by.said(), **key})}"

    total = here.total
    return {
        "before": address(previous=page.before) if page.before else "",
        "after": address(next=page.after) if page.after else "",
        "says": phrase("共 {n:,} 条", "{n:,} gap[s]", n=total),
    }


def _figures(here: queries.Cube, by: Filters, undated: int) -> list[dict[str, Any]]:
    answers = here.by("answer")
    late = here.by("late")[1]
    found: list[tuple[str, int, str, dict[str, str]]] = [
        (said("未销号", "Open"), here.total, "", {}),
        (said("逾期", "Overdue"), late, "figure-late" if late else "", {"late": "1"}),
        (said("查出问题", "Problem found"), answers["fails"], "figure-bad", {"answer": "fails"}),
        (said("待核实", "Unknown: ask"), answers["unknown"], "figure-ask", {"answer": "unknown"}),
        (said("未分派", "Not assigned"), here.by("state")["open"], "", {"state": "open"}),
        (said("未定期限", "No deadline set"), undated, "", {"due": "none"}),
    ]
    if by.state not in ("todo", "open", "assigned", "answered"):
        name = said(*words.STATE_WORDS[by.state])
        found[0] = (name, here.total, "", {})
        del found[-1]  # what is done needs no day
    return [
        {"name": name, "count": count, "kind": kind, "query": urlencode({**by.said(), **more})}
        for name, count, kind, more in found
    ]


def _facets(counts: dict[str, Counter[Any]], by: Filters) -> list[dict[str, Any]]:
    named = (
        ("battle", said("战役 / 专题", "Battle or topic"), words.topic_name),
        ("department", said("责任部门", "Department"), words.department_name),
        ("origin", said("来源", "Origin"), lambda name: said(*words.ORIGIN_WORDS[name])),
    )
    return [
        {
            "name": name, "label": title,
            "values": [
                {
                    "words": spoken(value), "count": count, "on": (value or "none") == chosen,
                    "query": _toggled(by, name, value or "none"),
                }
                for value, count in counts[name].most_common()
            ],
        }
        for name, title, spoken in named
        for chosen in (getattr(by, name),)
    ]  # fmt: skip


def _toggled(by: Filters, name: str, value: str) -> str:
    now = "" if getattr(by, name) == value else value
    return urlencode(replace(by, **{name: now}).said())


def _fields(scope: Scope, by: Filters) -> dict[str, Any]:
    return {
        "states": words.state_choices(),
        "topics": words.topic_choices(),
        "origins": words.origin_choices(),
        "places": words.places_of(scope),
        "rules": _rules(scope),
        "who": _who_name(by, scope),
    }


def _rules(scope: Scope) -> list[tuple[str, str]]:
    known = dictionary.active().rules
    return sorted(((name, label(known[at, name].title)) for at, name in watched()),
                  key=lambda pair: pair[1])  # fmt: skip


def _who_name(by: Filters, scope: Scope) -> str:
    if by.who in ("", "none", "some"):
        return ""
    found = scope.of(Worker).filter(pk=UUID(by.who)).first()
    return found.name if found else ""


# --- files ----------------------------------------------------------------------------------------


@signed_in
def ledger_file(request: DeskRequest, ending: str) -> HttpResponseBase:
    """The list as it is filtered, as xlsx or csv."""
    request.scope.require("export")
    by = with_path(_filters(request), request.scope)
    rows = queries.filtered(request.scope.of(Gap, "export"), by, today=request.at.today)
    count = rows.count()
    if count > MOST_IN_FILE:
        raise Problem("ledger.too_many", count=count, most=MOST_IN_FILE)
    log_reading(
        request.user, what="exported", now=request.at.now, facts=[], rows=count,
        why=f"gaps {urlencode(by.said())}"[:200],
    )  # fmt: skip
    listing = Listing("gaps", [Column(*each) for each in _headings()], count,
                      lambda: _lines(rows, request.scope, request.at.today))  # fmt: skip
    name = said("问题台账", "gaps")
    return as_file(listing, ending, f"{name}-{request.at.today}.{ending}")


def _headings() -> list[tuple[str, bool]]:
    """The headings, and whether numbers stand below them."""
    return [
        (said(*pair), pair[1] in ("days late", "times opened"))
        for pair in (
            ("户编号", "household"), ("户主", "head"), ("乡(镇)、村", "place"), ("成员", "person"),
            ("问题", "problem"), ("结论", "answer"), ("状态", "state"), ("来源", "origin"),
            ("战役/专题", "topic"), ("责任部门", "department"), ("责任人", "responsible"),
            ("发现日期", "opened"), ("期限", "due"), ("逾期天数", "days late"),
            ("销号日期", "cleared"), ("豁免至", "waived until"), ("次数", "times opened"),
        )
    ]  # fmt: skip


def _lines(rows: QuerySet[Gap], scope: Scope, today: date) -> Any:
    above = {place.path: place.name for place in words.places_of(scope)}
    found = rows.select_related("household", "responsible", "place").order_by("due_by", "id")
    for part in in_parts(found.iterator(chunk_size=2000), 2000):
        people = words.names_of(part, scope)
        for gap in part:
            yield _line(gap, people.get(gap.person_id, "") if gap.person_id else "", above, today)


def _line(gap: Gap, person: str, above: dict[str, str], today: date) -> list[Any]:
    home = gap.household
    return [
        home.code if home else "", home.head_name if home else "",
        " ".join(filter(None, (above.get(gap.place_path[:-7], ""), gap.place.name))),
        person, words.title_of(gap), words.answer_of(gap),
        said(*words.STATE_WORDS[gap.state]), said(*words.ORIGIN_WORDS[gap.origin]),
        words.topic_name(gap.battle), words.department_name(gap.department),
        gap.responsible.name if gap.responsible else "", day(gap.opened_on),
        day(gap.due_on if gap.due_by != NEVER else None),
        queries.days_late(gap, today) or None, day(gap.cleared_on), day(gap.waived_until),
        gap.times_opened,
    ]  # fmt: skip


urls = [
    path("ledger/", ledger, name="ledger"),
    path("ledger/list.<str:ending>", ledger_file, name="ledger_file"),
]
