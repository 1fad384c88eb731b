"""People who may stand in the books twice: a queue a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from yihu import loop
from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.book.actions import open_batch
from yihu.card.models import Person
from yihu.card.plans import When
from yihu.exchange import duplicates, searching
from yihu.exchange.models import DuplicatePair
from yihu.problems import Problem
from yihu.reason import good_reason
from yihu.web import import_work
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language
from yihu.web.typed_in import number_in

SHOWN = 30
#: People a page waits for; more are looked through in a process of its own.
FEW = 20_000
MOST_PAGES = 100_000
STATES = ("open", "same", "different")


def _pair(request: DeskRequest, id: int) -> DuplicatePair:
    """A pair to decide: where the worker may compare and where he may write, not only look."""
    pair = request.scope.one(DuplicatePair, "compare", pk=id)
    return request.scope.one(DuplicatePair, "write", pk=pair.pk)


def _require(request: DeskRequest) -> None:
    """Deciding moves people between households: for who compares and may write."""
    request.scope.require("compare")
    request.scope.require("write")


@signed_in
def queue(request: DeskRequest) -> HttpResponse:
    """Pairs to decide, the surest first."""
    _require(request)
    state = request.GET.get("state", "open")
    return _queue(request, state if state in STATES else "open")


@dataclass(frozen=True, slots=True)
class Sent:
    """A decision that was refused: of which pair, why, and what was typed."""

    pair: DuplicatePair
    refused: str
    form: QueryDict


def _queue(request: DeskRequest, state: str, sent: Sent | None = None) -> HttpResponse:
    rows = request.scope.of(DuplicatePair, "compare")
    counts = dict(rows.values_list("state").annotate(n=Count("pk")).order_by("state"))
    chosen = rows.filter(state=state).select_related(
        "a", "b", "a__household", "b__household", "a__household__place__parent",
        "b__household__place__parent", "by", "batch",
    )  # fmt: skip
    pairs = chosen.order_by("-chance", "pk") if state == "open" else chosen.order_by("-at", "pk")
    page = min(number_in(request.GET.get("page", "")), MOST_PAGES)
    found = list(pairs[page * SHOWN : (page + 1) * SHOWN + 1])
    if sent is not None:
        # Wherever it stood: who is refused sees why beside it.
        found = [*chosen.filter(pk=sent.pair.pk), *(p for p in found if p.pk != sent.pair.pk)]
    context = {
        "pairs": [_shown(pair) for pair in found[:SHOWN]],
        "sent": sent,
        "tabs": [(each, counts.get(each, 0)) for each in STATES],
        "state": state,
        "before": page - 1 if page else None,
        **_search(request),
        "after": page + 1 if len(found) > SHOWN else None,
    }
    return render(request, "duplicates/queue.html", context)


def _shown(pair: DuplicatePair) -> dict[str, Any]:
    sides = [("a", pair.a, _number(pair.a)), ("b", pair.b, _number(pair.b))]
    return {"pair": pair, "sides": sides, "apart": pair.a.household_id != pair.b.household_id}


def _number(person: Person) -> str:
    """The identity number, masked."""
    pair = person.sealed.get("identity")
    return masked(dictionary.keys().open(*pair)) if pair else ""


@require_POST
@signed_in
def find(request: DeskRequest) -> HttpResponse:
    """Look for pairs where the worker reaches."""
    _require(request)
    search = searching.begin(request.user, request.at.now)
    if search is not None and request.scope.of(Person).count() <= FEW:
        searching.look(search, request.scope, clock=lambda: loop.this_moment().now)
    elif search is not None:
        import_work.call("duplicates", request.user.username, "--search", str(search.pk))
    return redirect("duplicates")


def _search(request: DeskRequest) -> dict[str, Any]:
    """The worker's last search, and whether it goes on."""
    search = searching.latest(request.user)
    return {"search": search, "goes_on": search and searching.goes_on(search, request.at.now)}


@signed_in
def progress(request: DeskRequest) -> HttpResponse:
    """How far the search is, for the page that waits; asks for the whole page when it has ended."""
    _require(request)
    context = _search(request)
    if not context["goes_on"]:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "duplicates/searching.html", context)


@require_POST
@signed_in
def decide(request: DeskRequest, id: int) -> HttpResponse:
    """Two people, or one: then they are merged, in one batch that can be undone."""
    _require(request)
    pair = _pair(request, id)
    reason = str(request.POST.get("why", "")).strip()
    try:
        duplicates.require_open(pair, reason)
        if request.POST.get("same") == "1":
            _merge(request, pair, reason)
        else:
            duplicates.decided(
                pair, "different", reason=reason, by=request.user, at=request.at.now, batch=None
            )
    except Problem as refused:
        return _sent_back(request, id, refused)
    return redirect("duplicates")


def _sent_back(request: DeskRequest, id: int, refused: Problem) -> HttpResponse:
    """The queue again, with the refusal beside the pair and what was typed."""
    pair = _pair(request, id)
    sent = Sent(pair, refused.sentence(language()), request.POST)
    answer = _queue(request, pair.state, sent)
    answer.status_code = refused.status
    return answer


@transaction.atomic
def _merge(request: DeskRequest, pair: DuplicatePair, reason: str) -> None:
    entries = duplicates.merging(
        pair, keeps=str(request.POST.get("keeps", "")), whole=request.POST.get("whole") == "1",
        when=When(on=request.at.today, source="desk"), why=reason,
    )  # fmt: skip
    batch = open_batch(what="merge", name=reason[:200], by=request.user, at=request.at.now)
    loop.write(entries, by=request.user, at=request.at, batch=batch)
    pair.refresh_from_db()
    duplicates.decided(pair, "same", reason=reason, by=request.user, at=request.at.now, batch=batch)


@require_POST
@signed_in
def undo(request: DeskRequest, id: int) -> HttpResponse:
    """Undo a merge, or a decision that two are two."""
    _require(request)
    try:
        _undo(request, _pair(request, id))
    except Problem as refused:
        return _sent_back(request, id, refused)
    return redirect("duplicates")


@transaction.atomic
def _undo(request: DeskRequest, pair: DuplicatePair) -> None:
    why = good_reason(request.POST.get("why", ""), "exchange.no_reason", least=duplicates.LEAST)
    if pair.state == "open":
        raise Problem("exchange.pair_decided", status=409)
    if pair.batch is None:
        duplicates.reopened(pair)
        return
    batch = pair.batch
    loop.undo(batch, why=f"撤销合并：{why}"[:200], by=request.user, at=request.at)
    duplicates.opened_again(batch)


urls = [
    path("duplicates/", queue, name="duplicates"),
    path("duplicates/find/", find, name="find-duplicates"),
    path("duplicates/progress/", progress, name="duplicates-progress"),
    path("duplicates/<int:id>/", decide, name="decide-pair"),
    path("duplicates/<int:id>/undo/", undo, name="undo-pair"),
]
