"""Who helps whom: pairings begun and ended, and how a caseload changes hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.access import actions, queries
from yihu.access.models import Pairing, Worker
from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.ledger.handing import follow_pairings
from yihu.ledger.models import Gap
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.reason import MOST_IN_LOG, good_reason
from yihu.web.household_plans import home_of_code
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.people import changes, day_of, page_of
from yihu.web.says import language, phrase, said
from yihu.web.typed_in import number_in
from yihu.web.values import located

#: Letters of the shortest reason: 调离, 退休.
LEAST_REASON = 2


def _pair(request: DeskRequest, id: UUID) -> str:
    """Pair a helper with a household, by its code."""
    worker = request.scope.one(Worker, pk=id)
    code = request.POST.get("code", "").strip()
    home = home_of_code(request.scope, code, "pair")
    since = day_of(request, "since")
    if queries.helped_by(worker, [home.pk], day=since):
        return said(
            f"早已结对：{home.code}，没有改动。", f"Paired already with {home.code}: as it was."
        )
    actions.pair(worker, [home.pk], since=since)
    places = queries.helping_at(worker, day=since)
    if _is_beyond(home, places):
        messages.warning(request, said(*_beyond_in_words(home, places)))
    return said(f"已结对：{home.code}", f"Paired with {home.code}")


def _is_beyond(home: Household, places: Sequence[Place]) -> bool:
    """Does the household lie in none of the places its helper is appointed to?"""
    return not any(home.place_path.startswith(place.path) for place in places)


def _beyond_in_words(home: Household, places: Sequence[Place]) -> tuple[str, str]:
    zh, en = (sep.join(place.name for place in places) for sep in ("、", ", "))
    lies = located(home.place)
    return (
        f"该户在{lies}，不在其帮扶岗位（{zh}）的范围内；如不是跨村帮扶，请结束结对。",
        (
            f"The household lies in {lies}, outside the post as a helper ({en}); end the pairing "
            "unless it is meant to reach across villages."
        ),
    )


@signed_in
@require_POST
def hand_over(request: DeskRequest, id: UUID) -> HttpResponse:
    """Hand families over to another helper from a day on: first shown, then done.

    All that may be paired here are offered; those that are ticked go.
    """
    request.scope.require("pair")
    giver = request.scope.one(Worker, pk=id)
    try:
        return _handed(request, giver)
    except Problem as refused:
        if request.POST.get("sure") == "1":
            raise
        # What was typed comes back: one wrong name costs no other field.
        answer = page_of(
            request, id, handing=request.POST, handing_refused=refused.sentence(language())
        )
        answer.status_code = refused.status
        return answer


def _taker(scope: Scope, text: str) -> Worker:
    """Whoever is named: “name (sign-in name)”, a sign-in name, or a name only one has."""
    username = text[text.rfind("(") + 1 : -1] if text.endswith(")") else text
    rows = scope.of(Worker)
    found = list(rows.filter(username=username) or rows.filter(name=text, is_active=True)[:2])
    if len(found) != 1:
        raise Problem("people.no_taker", found=text[:40])
    return found[0]


def _handed(request: DeskRequest, giver: Worker) -> HttpResponse:
    scope = request.scope
    taker = _taker(scope, request.POST.get("taker", "").strip())
    on, why = day_of(request, "on"), _why(request)
    _require_no_day_gone(request, giver.pk, on - actions.ONE_DAY)
    mine = actions.lasting(scope.of(Pairing, "pair").filter(worker=giver), on)
    rows = list(mine.select_related("household__place__parent").order_by("household__code"))
    if request.POST.get("sure") != "1":
        return _shown_before(request, giver, taker, on, why, rows)
    chosen = set(request.POST.getlist("pairing"))
    homes = [row.household_id for row in rows if str(row.pk) in chosen]
    if not homes:
        raise Problem("people.nobody_chosen")
    at = request.at
    with transaction.atomic():
        actions.hand_over(giver, taker, on=on, why=why, households=homes, now=at.now)
        gaps = follow_pairings(by=request.user, now=at.now, today=at.today, households=homes)
    told = phrase(
        "已移交 {n} 户给{to}", "{n} famil[ies|y] handed over to {to}", n=len(homes), to=taker
    )
    also = phrase("，{n} 条问题随户移交", ", with {n} gap[s]", n=gaps) if gaps else ""
    messages.success(request, f"{told}{also}")
    return redirect("person", id=giver.pk)


def _shown_before(
    request: DeskRequest, giver: Worker, taker: Worker, on: date, why: str, rows: list[Pairing]
) -> HttpResponse:
    """The families, and what both carry before and would carry after; nothing is written."""
    actions.require_taker(giver, taker, on=on)
    day = request.scope.today
    both = request.scope.of(Worker).filter(pk__in=[giver.pk, taker.pk])
    loads = {load.worker.pk: load for load in queries.loads(both, day=day)}
    has = queries.helped_by(taker, [row.household_id for row in rows], day=on)
    places = queries.helping_at(taker, day=on)
    gaps = _gaps_of(request.scope, giver, [row.household_id for row in rows])
    context = {
        "gaps": sum(gaps.values()),
        "giver": giver, "taker": taker, "on": on, "why": why,
        "rows": [
            (row, row.household_id in has, _is_beyond(row.household, places),
             gaps.get(row.household_id, 0))
            for row in rows
        ],
        "givers": loads[giver.pk], "takers": loads[taker.pk],
        "crumbs": [(said("人员", "People"), reverse("people")),
                   (str(giver), reverse("person", args=[giver.pk])),
                   (said("移交", "Hand over"), "")],
    }  # fmt: skip
    return render(request, "people/hand_over.html", context)


def _gaps_of(scope: Scope, giver: Worker, homes: Sequence[UUID]) -> dict[UUID, int]:
    """Household → how many of its open gaps he is responsible for."""
    rows = scope.of(Gap).filter(responsible=giver, todo=1, household_id__in=homes)
    return dict(rows.values_list("household_id").annotate(n=Count("pk")).order_by())


def _why(request: DeskRequest) -> str:
    return good_reason(
        request.POST.get("why", ""), "people.no_reason", least=LEAST_REASON, most=MOST_IN_LOG
    )


def _end_pairing(request: DeskRequest, id: UUID) -> str:
    """End one pairing of a helper with a day."""
    number = request.POST.get("pairing", "")
    found = request.scope.one(Pairing, "pair", pk=number_in(number))
    if found.worker_id != id:
        raise Problem("access.not_yours", status=404)
    last_day = day_of(request, "last_day")
    _require_no_day_gone(request, id, last_day)
    actions.end_pairing(found, last_day=last_day, why=_why(request), now=request.at.now)
    return said("结对已结束", "The pairing has ended")


def _require_no_day_gone(request: DeskRequest, giver: UUID, last_day: date) -> None:
    """Ended before a gap opened, the pairing would leave its waiver to the helper himself."""
    if giver == request.user.pk and last_day < request.at.today - actions.ONE_DAY:
        raise Problem(
            "access.own_pairing", status=403, found=last_day, today=request.at.today
        )  # fmt: skip


urls = [
    path("people/<uuid:id>/pair/", changes(_pair, "pair"), name="pair"),
    path("people/<uuid:id>/hand-over/", hand_over, name="hand_over"),
    path("people/<uuid:id>/end-pairing/", changes(_end_pairing, "pair"), name="end_pairing"),
]
