"""Work on many gaps at once: those ticked, or all that a filter leaves."""

from __future__ import annotations

from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from yihu.ledger import queries
from yihu.ledger.models import Gap
from yihu.ledger.queries import Filters
from yihu.problems import Problem
from yihu.web.ledger import listed, with_path
from yihu.web.ledger_acts import (
    do_answer,
    do_assign,
    do_due,
    do_waive,
    given_day,
    require_due_given,
    worker_named,
)
from yihu.web.ledger_sure import ask, mark_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, phrase
from yihu.web.typed_in import SentBack

#: Gaps that one press of a button changes at most.
MOST_AT_ONCE = 10_000


@signed_in
def bulk(request: DeskRequest) -> HttpResponse:
    """Assign, set a deadline for, or waive what is ticked, or all that a filter leaves."""
    if request.method != "POST":
        return redirect("ledger")  # the page of a refusal was opened again
    act = request.POST.get("act", "")
    need = {"assign": "assign", "due": "assign", "answer": "answer", "waive": "waive"}.get(act)
    if need is None:
        raise Problem("ledger.nothing_chosen")
    request.scope.require(need)
    try:
        return _do(request, act, need)
    except Problem as refused:
        # Ticks and words that took minutes are not lost over a name spelled wrong.
        sent = SentBack(request.POST, refused.sentence(language()), "gap")
        answer = listed(request, _filters(request), request.POST, sent=sent)
        answer.status_code = refused.status
        return answer


def _do(request: DeskRequest, act: str, need: str) -> HttpResponse:
    gaps = _chosen(request, need)
    if request.POST.get("all") == "1":
        _require_readable(request, act, gaps)
        if request.POST.get("sure") != mark_of(gaps):
            return ask(request, act, gaps, request.scope)
    done = _DO[act](request, gaps)
    told = phrase("已处理 {n} 条。", "{n} gap[s] done.", n=len(done))
    messages.success(request, told)
    # Without a place of its own the address would keep that of the form, below the list.
    return redirect(f"{reverse('ledger')}?{request.POST.get('query', '')}#main")


def _filters(request: DeskRequest) -> Filters:
    return Filters.of(dict(parse_qsl(request.POST.get("query", ""))))


def _require_readable(request: DeskRequest, act: str, gaps: list[Gap]) -> None:
    """Refuse a name or a day that means nothing before anybody is asked to confirm it."""
    if act in ("assign", "due"):
        require_due_given(request, gaps)
    if act == "assign":
        worker_named(request.scope, request.POST.get("to", ""))
    for name in ("due_on", "until"):
        given_day(request.POST.get(name, ""), name)


def _chosen(request: DeskRequest, act: str) -> list[Gap]:
    rows = request.scope.of(Gap, act)
    if request.POST.get("all") == "1":
        by = with_path(_filters(request), request.scope)
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


_DO = {"assign": do_assign, "due": do_due, "answer": do_answer, "waive": do_waive}


urls = [path("ledger/bulk/", bulk, name="ledger_bulk")]
