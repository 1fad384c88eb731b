"""The ledger: the list with its filters and counts, saved views, work on many gaps at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.access.actions import log_reading
from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.exchange.known import in_parts
from yihu.exchange.out import Column, Listing
from yihu.ledger import actions, queries
from yihu.ledger.models import NEVER, Gap
from yihu.ledger.policy import watched
from yihu.ledger.queries import Filters
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.web import ledger_words as words
from yihu.web.exports import answer as as_file
from yihu.web.ledger_sure import ask, mark_of
from yihu.web.ledger_views import shares, views_for
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import day, label, said

#: Gaps that one press of a button changes at most.
MOST_AT_ONCE = 10_000
MOST_IN_FILE = 200_000


@signed_in
def ledger(request: DeskRequest) -> HttpResponse:
    """Gaps the worker reaches, what is late first, with the counts of every filter."""
    by = _filters(request)
    rows = request.scope.of(Gap)
    here, counts = queries.faceted(rows, _with_path(by, request.scope), today=request.at.today)
    after, before = request.GET.get("next", ""), request.GET.get("previous", "")
    page = queries.page_of(_listed(request, by), after=after, before=before)
    context = {
        "by": by,
        "rows": _shown(page.rows, request.scope, request.at.today),
        "page": _pages(page, by, here, request),
        "figures": _figures(here, by),
        "facets": _facets(counts, by),
        "fields": _fields(request.scope, by),
        "query": urlencode(by.said()),
        "views": views_for(request.scope),
        "share": shares(request.scope),
        "may": {act: request.scope.may(act) for act in ("assign", "answer", "waive", "export")},
        "workers": workers_of(request.scope) if request.scope.may("assign") else [],
        "filtered": bool(by.said()),
    }
    return render(request, "ledger/list.html", context)


def _filters(request: DeskRequest) -> Filters:
    """The filters of the address; a department begins with its own gaps."""
    by = Filters.of(request.GET.dict())
    if not request.GET and len(request.scope.departments) == 1:
        (own,) = request.scope.departments
        by = replace(by, department=own)
    return by


def _with_path(by: Filters, scope: Scope) -> Filters:
    """The same filters with the path of the place, where the address has its code."""
    if not by.place:
        return by
    return replace(by, place=scope.one(Place, code=by.place).path)


def _listed(request: DeskRequest, by: Filters) -> QuerySet[Gap]:
    rows = request.scope.of(Gap)
    return queries.filtered(rows, _with_path(by, request.scope), today=request.at.today)


def _shown(rows: list[Gap], scope: Scope, today: date) -> list[dict[str, Any]]:
    names = words.names_of(rows, scope)
    return [
        {
            "gap": gap,
            "title": words.title_of(gap),
            "person": names.get(gap.person_id, "") if gap.person_id else "",
            "department": words.department_name(gap.department),
            "topic": words.topic_name(gap.battle),
            "state": said(*words.STATE_WORDS[gap.state]),
            "late": queries.days_late(gap, today),
        }
        for gap in rows
    ]


def _pages(
    page: queries.Page, by: Filters, here: queries.Cube, request: DeskRequest
) -> dict[str, str]:
    def address(**key: str) -> str:
        return f"{request.path}?{urlencode({**by.said(), **key})}"

    total = here.total
    return {
        "before": address(previous=page.before) if page.before else "",
        "after": address(next=page.after) if page.after else "",
        "says": said(f"共 {total:,} 条", f"{total:,} gaps"),
    }


def _figures(here: queries.Cube, by: Filters) -> list[dict[str, Any]]:
    answers = here.by("answer")
    late = here.by("late")[1]
    found: list[tuple[str, int, str, dict[str, str]]] = [
        (said("未清零", "To clear"), here.total, "", {}),
        (said("逾期", "Overdue"), late, "figure-late" if late else "", {"late": "1"}),
        (said("未达标", "Fails"), answers["fails"], "figure-bad", {"answer": "fails"}),
        (said("待核实", "Unknown: ask"), answers["unknown"], "figure-ask", {"answer": "unknown"}),
        (said("未分派", "Nobody named"), here.by("state")["open"], "", {"state": "open"}),
    ]
    if by.state not in ("todo", "open", "assigned", "answered"):
        name = said(*words.STATE_WORDS[by.state])
        found[0] = (name, here.total, "", {})
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


# --- who may be made responsible ------------------------------------------------------------------


def workers_of(scope: Scope, most: int = 300) -> list[Worker]:
    """People with a post in force in the places reached, leaders before helpers."""
    today = scope.today
    rows = scope.of(Worker, "assign").filter(is_active=True, posts__since__lte=today)
    return list(rows.exclude(posts__until__lt=today).distinct().order_by("unit", "name")[:most])


def worker_named(scope: Scope, given: str) -> Worker:
    """Whoever a field names: “name (username)”, a username, or a name only one worker has.

    Raises    ledger.no_such_worker
    """
    text, workers = given.strip(), scope.of(Worker, "assign")
    username = text[text.rfind("(") + 1 : -1] if text.endswith(")") else text
    found = workers.filter(username=username).first()
    if found is None:
        # Two of one name are told apart by the list alone.
        namesakes = list(workers.filter(name=text, is_active=True).distinct()[:2]) if text else []
        found = namesakes[0] if len(namesakes) == 1 else None
    if found is None:
        raise Problem("ledger.no_such_worker", found=given)
    return found


def _require_reach(worker: Worker, gaps: list[Gap], today: date) -> None:
    """Nobody is made responsible for what he may neither see nor answer."""
    his, ids = Scope(worker, today).of(Gap, "answer"), [gap.pk for gap in gaps]
    parts = [ids[at : at + 500] for at in range(0, len(ids), 500)]
    beyond = len(ids) - sum(his.filter(pk__in=part).count() for part in parts)
    if beyond:
        raise Problem("ledger.not_his", status=403, name=str(worker), count=beyond)


# --- many at once ---------------------------------------------------------------------------------


@signed_in
@require_POST
def bulk(request: DeskRequest) -> HttpResponse:
    """Assign, set a deadline for, or waive what is ticked, or all that a filter leaves."""
    act = request.POST.get("act", "")
    need = {"assign": "assign", "due": "assign", "answer": "answer", "waive": "waive"}.get(act)
    if need is None:
        raise Problem("ledger.nothing_chosen")
    request.scope.require(need)
    gaps = _chosen(request, need)
    if request.POST.get("all") == "1":
        _require_readable(request, act)
        if request.POST.get("sure") != mark_of(gaps):
            return ask(request, act, gaps, request.scope)
    done = _DO[act](request, gaps)
    told = said(f"已处理 {len(done)} 条。", f"{len(done)} gaps done.")
    messages.success(request, told)
    return redirect(f"{reverse('ledger')}?{request.POST.get('query', '')}")


def _require_readable(request: DeskRequest, act: str) -> None:
    """Refuse a name or a day that means nothing before anybody is asked to confirm it."""
    if act == "assign":
        worker_named(request.scope, request.POST.get("to", ""))
    for name in ("due_on", "until"):
        given_day(request.POST.get(name, ""), name)


def _chosen(request: DeskRequest, act: str) -> list[Gap]:
    rows = request.scope.of(Gap, act)
    if request.POST.get("all") == "1":
        given = dict(parse_qsl(request.POST.get("query", "")))
        by = _with_path(Filters.of(given), request.scope)
        rows = queries.filtered(rows, by, today=request.at.today)
    else:
        rows = rows.filter(pk__in=[_id(text) for text in request.POST.getlist("gap")])
    rows = rows.filter(todo=1)
    found = list(rows[: MOST_AT_ONCE + 1])
    if not found:
        raise Problem("ledger.nothing_chosen")
    if len(found) > MOST_AT_ONCE:
        raise Problem("ledger.too_many", count=rows.count(), most=MOST_AT_ONCE)
    return found


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem("ledger.nothing_chosen") from None


def given_day(text: str, name: str) -> date | None:
    """A day of a form; None where nothing stands. Raises Problem (ledger.bad_filter)."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem("ledger.bad_filter", name=name, found=text) from None


def do_assign(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Make somebody responsible."""
    to = worker_named(request.scope, request.POST.get("to", ""))
    _require_reach(to, gaps, request.at.today)
    due_on = given_day(request.POST.get("due_on", ""), "due_on")
    return actions.assign(gaps, to=to, due_on=due_on, **_by(request))


def do_due(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Set the last day."""
    due_on = given_day(request.POST.get("due_on", ""), "due_on")
    if due_on is None:
        raise Problem("ledger.bad_filter", name="due_on", found="")
    return actions.set_due(gaps, due_on=due_on, **_by(request))


def do_answer(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Say what was done."""
    return actions.answer(gaps, words=request.POST.get("words", ""), **_by(request))


def do_waive(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Let rest until a day."""
    until = given_day(request.POST.get("until", ""), "until") or request.at.today
    return actions.waive(gaps, why=request.POST.get("words", ""), until=until, **_by(request))


def _by(request: DeskRequest) -> dict[str, Any]:
    return {"by": request.user, "now": request.at.now, "today": request.at.today}


_DO = {"assign": do_assign, "due": do_due, "answer": do_answer, "waive": do_waive}


# --- files ----------------------------------------------------------------------------------------


@signed_in
def ledger_file(request: DeskRequest, ending: str) -> HttpResponseBase:
    """The list as it is filtered, as xlsx or csv."""
    request.scope.require("export")
    by = _with_path(_filters(request), request.scope)
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
        person, words.title_of(gap), said(*words.ANSWER_WORDS.get(gap.answer, ("", ""))),
        said(*words.STATE_WORDS[gap.state]), said(*words.ORIGIN_WORDS[gap.origin]),
        words.topic_name(gap.battle), words.department_name(gap.department),
        gap.responsible.name if gap.responsible else "", day(gap.opened_on),
        day(gap.due_on if gap.due_by != NEVER else None),
        queries.days_late(gap, today) or None, day(gap.cleared_on), day(gap.waived_until),
        gap.times_opened,
    ]  # fmt: skip


urls = [
    path("ledger/", ledger, name="ledger"),
    path("ledger/bulk/", bulk, name="ledger_bulk"),
    path("ledger/list.<str:ending>", ledger_file, name="ledger_file"),
]
