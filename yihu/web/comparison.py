"""Departments compared (数据比对): their lists, what differs, who is meant, and what goes back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, path, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from yihu import loop
from yihu.book.actions import hold_books, open_batch
from yihu.book.models import Batch
from yihu.book.seen import too_long_ago
from yihu.exchange import settling
from yihu.exchange.compared import KINDS
from yihu.exchange.disputes import entries_clearing
from yihu.exchange.known import HIDDEN, masked_now
from yihu.exchange.models import Difference, PossibleMatch, Upload
from yihu.exchange.withdrawal import may_be_withdrawn, was_confirmed
from yihu.ledger.actions import write_gaps
from yihu.ledger.topics import department_label, lists
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused
from yihu.web import imports
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import label, language, register, said
from yihu.web.typed_in import SentBack, number_in

#: Differences on one page.
SHOWN = 50


@register.filter
def department(name: str) -> str:
    """How a department is called."""
    return label(department_label(name)) if name else "—"


@signed_in
def compare(request: DeskRequest) -> HttpResponse:
    """Lists that were sent, what is open by department, and the form to send one."""
    request.scope.require("compare")
    if request.method != "POST":
        return _lists(request)
    try:
        _require_lately(request)
        upload = imports.receive(request, use="list", department=_department(request))
    except Refused as refused:
        # The department and the day stay; a browser lets no page fill in a file again.
        return _lists(request, refused)
    return redirect("list", id=upload.pk)


def _require_lately(request: DeskRequest) -> None:
    """Refuse a list about a day long gone: it would be held beside the books of today.

    Raises  Problem (exchange.list_long_ago)
    """
    day = imports.seen_on(request)
    earliest = too_long_ago(day, request.at.today)
    if earliest is not None:
        raise Problem("exchange.list_long_ago", found=day, earliest=earliest)


def _lists(request: DeskRequest, refused: Refused | None = None) -> HttpResponse:
    rows = request.scope.of(Upload).filter(use="list").select_related("by")
    is_open = Count("differences", filter=Q(differences__state="open"))
    context = {
        "rows": rows.annotate(open=is_open).order_by("-at")[: imports.SHOWN],
        "departments": _departments(request),
        "open_count": request.scope.of(Difference).filter(state="open").count(),
        **imports.given_back(request, refused),
    }
    return render(request, "comparison/list.html", context, status=imports.status_of(refused))


def may_load(request: DeskRequest, upload: Upload) -> bool:
    """Whether the worker may load lists of the department this one comes from."""
    return upload.department in dict(_departments(request))


def may_take_back(request: DeskRequest, upload: Upload) -> bool:
    """Whether the worker may withdraw a list: one never confirmed is only his who sent it."""
    return upload.by_id == request.user.pk or (was_confirmed(upload) and may_load(request, upload))


def _departments(request: DeskRequest) -> list[tuple[str, str]]:
    """Departments a worker may send a list of: his own; all of them for who leads a place."""
    names = sorted(lists().departments)
    if not any(role.name != "department" and "compare" in role.do for role in request.scope.roles):
        names = sorted(request.scope.departments)
    return [(name, department(name)) for name in names]


def _department(request: DeskRequest) -> str:
    name = str(request.POST.get("department", ""))
    if name not in dict(_departments(request)):
        raise Problem("exchange.no_department")
    return name


@signed_in
def one_list(request: DeskRequest, id: UUID) -> HttpResponse:
    """One list: its columns, what differs, who may be meant, who was not found."""
    request.scope.require("compare")
    return _one(request, id)


def _one(request: DeskRequest, id: UUID, **sent: Any) -> HttpResponse:
    upload = request.scope.one(Upload, pk=id, use="list")
    context = {**imports.context_of(request, upload), **_found(request, upload), **sent}
    context["crumbs"] = [(said("部门比对", "Compare"), reverse("compare")), (upload.name, "")]
    context["is_dry"] = upload.state == "read"
    if upload.state == "written":
        context["sheets"] = []  # another sheet would be another list
    context["may_withdraw"] = may_be_withdrawn(upload) and may_take_back(request, upload)
    context["was_confirmed"] = was_confirmed(upload)
    if upload.state in ("read", "reading", "failed"):
        context |= _dry(request, upload)
    return render(request, "comparison/one.html", context)


def _dry(request: DeskRequest, upload: Upload) -> dict[str, Any]:
    """The dry run: figures of each fact, and some rows of the kind that is chosen."""
    counts, samples = upload.counts, upload.samples
    kept = {"likely": "by_likeness", "blank": "blank"}
    numbers = {kind: counts.get(kept.get(kind, kind), 0) for kind in KINDS}
    numbers["different"] = counts.get("different", 0) - numbers["blank"]
    tabs = [(kind, n) for kind, n in numbers.items() if n]
    tab = request.GET.get("tab", "")
    if tab not in dict(tabs):
        tab = tabs[0][0] if tabs else ""
    return {
        "kinds": tabs, "kind": tab, "rows": samples.get(tab, []),
        "by_fact": [(fact, *of) for fact, of in counts.get("compared", {}).items()],
        "opens": counts.get("different", 0),
    }  # fmt: skip


def _found(request: DeskRequest, upload: Upload) -> dict[str, Any]:
    rows = request.scope.of(Difference).filter(upload=upload).select_related("household")
    fact, state = request.GET.get("fact", ""), request.GET.get("state", "open")
    blank = request.GET.get("blank", "")
    facts = rows.filter(state="open").values("fact").annotate(n=Count("pk")).order_by("-n")
    chosen = rows.filter(state=state if state in ("open", "settled") else "open")
    if fact:
        chosen = chosen.filter(fact=fact)
    if blank:
        chosen = chosen.filter(our_mark="") if blank == "1" else chosen.exclude(our_mark="")
    if after := number_in(request.GET.get("after", "")):
        chosen = chosen.filter(pk__gt=after)
    shown = list(chosen.select_related("settlement", "settlement__by").order_by("pk")[: SHOWN + 1])
    possible = request.scope.of(PossibleMatch).filter(upload=upload)
    return {
        "differences": _as_shown(shown[:SHOWN]),
        "after": shown[SHOWN - 1].pk if len(shown) > SHOWN else None,
        "facts": [(each["fact"], each["n"]) for each in facts],
        "fact": fact,
        "blank": blank,
        "blank_count": rows.filter(state="open", our_mark="").count(),
        "both_count": rows.filter(state="open").exclude(our_mark="").count(),
        "state": state,
        "open_count": rows.filter(state="open").count(),
        "settled_count": rows.filter(state="settled").count(),
        "possible": possible.filter(state="open")
        .select_related("person", "household", "household__place__parent")
        .order_by("row", "-chance")[:SHOWN],
        "decided": possible.filter(state="same").count(),
    }


def _as_shown(rows: list[Difference]) -> list[Difference]:
    """The same differences; of a secret value of the book what tells it from others."""
    for one in rows:
        if one.ours == HIDDEN and one.state == "open":
            fact = one.fact.partition(".")[2]
            one.ours = masked_now(one.household_id, one.person_id, fact)
    return rows


@signed_in
def open_differences(request: DeskRequest) -> HttpResponse:
    """What is to be settled where the worker reaches, whoever sent the list."""
    request.scope.require("compare")
    return _open(request)


def _open(request: DeskRequest, only: Collection[str] | None = None, **sent: Any) -> HttpResponse:
    """only: the differences with these ids, where they were not chosen on this page."""
    rows = request.scope.of(Difference).filter(state="open")
    if only is not None:
        rows = rows.filter(pk__in=[number_in(one) for one in only])
    by_department = rows.values("department").annotate(n=Count("pk")).order_by("department")
    chosen = request.GET.get("department", "")
    if chosen:
        rows = rows.filter(department=chosen)
    if after := number_in(request.GET.get("after", "")):
        rows = rows.filter(pk__gt=after)
    shown = list(rows.select_related("household").order_by("pk")[: SHOWN + 1])
    context = {
        "differences": _as_shown(shown[:SHOWN]),
        "after": shown[SHOWN - 1].pk if len(shown) > SHOWN else None,
        "by_department": [(each["department"], each["n"]) for each in by_department],
        "chosen_department": chosen,
        "state": "open",
        "crumbs": [(said("部门比对", "Compare"), reverse("compare")), (said("待核定", "Open"), "")],
        **sent,
    }
    return render(request, "comparison/open.html", context)


@require_POST
@signed_in
def map_list(request: DeskRequest, id: UUID) -> HttpResponse:
    """Take what the columns of a list are and compare it."""
    request.scope.require("compare")
    upload = imports.own(request, id, "list")
    try:
        imports.take_columns(request, upload)
    except Refused as refused:
        return _with_columns(request, upload, refused)
    return imports.started(upload, "read", at=request.at)


def _with_columns(request: DeskRequest, upload: Upload, refused: Refused) -> HttpResponse:
    answer = _one(request, upload.pk, **imports.columns_back(request, upload, refused))
    answer.status_code = imports.status_of(refused)
    return answer


@require_POST
@signed_in
def choose_sheet(request: DeskRequest, id: UUID) -> HttpResponse:
    """Read another sheet of the workbook a list came in."""
    request.scope.require("compare")
    return imports.turned(request, imports.own(request, id, "list"))


@signed_in
def settle(request: DeskRequest) -> HttpResponse:
    """Settle one difference or many to one side, with a reason."""
    request.scope.require("compare")
    if request.method != "POST":
        return redirect("open-differences")  # the page of a refusal was opened again
    try:
        settled = _settled(request)
    except Problem as refused:
        return _given_back(request, refused)
    n = len(settled)
    messages.success(request, said(f"已核定 {n} 条，不再重问。", f"{n} settled; not asked again."))
    return redirect(_back(request, reverse("list", args=[settled[0].difference.upload_id])))


def _given_back(request: DeskRequest, refused: Problem) -> HttpResponse:
    """The page that was sent, with the refusal above what was ticked and typed."""
    back = _back(request, reverse("open-differences"))
    sent: dict[str, Any] = {
        "sent_back": SentBack(request.POST, refused.sentence(language()), "difference"),
        "back": back,
    }
    to = urlsplit(back)
    try:
        page = resolve(to.path)
    except Resolver404:
        page = None
    if page and page.url_name in ("list", "open-differences"):
        request.GET = QueryDict(to.query)
    if page and page.url_name == "list":
        answer = _one(request, page.kwargs["id"], **sent)
    elif page and page.url_name == "open-differences":
        answer = _open(request, **sent)
    else:
        answer = _open(request, only=request.POST.getlist("difference"), **sent)
    answer.status_code = refused.status
    return answer


@transaction.atomic
def _settled(request: DeskRequest) -> list[settling.Settled]:
    """Judge and write while nobody else writes in these books: of two who settle, one is told."""
    asked = request.POST.getlist("difference")
    if not asked:
        raise Problem("exchange.none_chosen")
    hold_books({of.household_id for of in settling.open_differences(request.scope, asked)})
    chosen = settling.open_differences(request.scope, asked)
    if not chosen:
        raise Problem("exchange.settled_already", status=409)
    took, why = str(request.POST.get("took", "")), str(request.POST.get("why", "")).strip()
    settled = settling.settle(
        chosen, took=took, other=str(request.POST.get("other", "")), why=why, today=request.at.today
    )
    settling.require_not_own_word(chosen, request.scope, took=took)
    _write(request, settled, took, why)
    return settled


def _write(request: DeskRequest, settled: list[settling.Settled], took: str, why: str) -> Batch:
    batch = open_batch(
        what="settlement", name=why[:200], by=request.user, at=request.at.now,
        department=settled[0].difference.department,
    )  # fmt: skip
    entries = [each.entry for each in settled]
    loop.write(entries, by=request.user, at=request.at, batch=batch)
    holds = said_by(took)
    cleared = entries_clearing(
        [each.difference for each in settled], why=why, evidence=holds, on=request.at.today
    )
    write_gaps(cleared, by=request.user, now=request.at.now, today=request.at.today, batch=batch)
    settling.remember(settled, took=took, why=why, by=request.user, at=request.at.now, batch=batch)
    return batch


def said_by(took: str) -> str:
    """Whose value a settlement took, as the ledger keeps it."""
    return {"ours": "核定：以户册为准", "theirs": "核定：以部门为准"}.get(took, "核定：另有其值")


def _back(request: DeskRequest, otherwise: str) -> str:
    to = str(request.POST.get("next", ""))
    return to if url_has_allowed_host_and_scheme(to, {request.get_host()}) else otherwise


@require_POST
@signed_in
def decide(request: DeskRequest, id: int) -> HttpResponse:
    """Say whether a row of a list is that person."""
    request.scope.require("compare")
    possible = request.scope.one(PossibleMatch, "compare", pk=id)
    same = request.POST.get("same") == "1"
    settling.decide(possible, same=same, by=request.user, at=request.at.now)
    return redirect("list", id=possible.upload_id)


@signed_in
def errors(request: DeskRequest, id: UUID) -> FileResponse:
    """The department's own error list: its file, with what did not hold beside the cells."""
    request.scope.require("compare")
    upload = request.scope.one(Upload, pk=id, use="list")
    remarks = settling.errors_of(upload, request.scope, language())
    return imports.send(request, upload, remarks, "errors")


urls = [
    path("compare/", compare, name="compare"),
    path("compare/open/", open_differences, name="open-differences"),
    path("compare/settle/", settle, name="settle"),
    path("compare/<uuid:id>/", one_list, name="list"),
    path("compare/<uuid:id>/columns/", map_list, name="list-columns"),
    path("compare/<uuid:id>/sheet/", choose_sheet, name="list-sheet"),
    path("compare/<uuid:id>/errors/", errors, name="list-errors"),
    path("compare/match/<int:id>/", decide, name="decide-match"),
]
