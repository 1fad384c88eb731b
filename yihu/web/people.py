"""People: who works here, in which posts, with which families, and how a caseload changes hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.access import actions, queries
from yihu.access.models import Pairing, Post, Worker
from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.reason import MOST_IN_LOG, good_reason
from yihu.web import signing_in
from yihu.web.api_pages import reached_place
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, phrase, said
from yihu.web.typed_in import number_in

SHOWN = 50
#: Pairings of one helper that are shown; a helper has 2 to 10 families.
MOST_PAIRINGS = 200
#: Letters of the shortest reason: 调离, 退休.
LEAST_REASON = 2


def _role_names() -> list[tuple[str, str]]:
    return [(role.name, said(role.zh, role.en)) for role in ROLES.values()]


def _day(request: DeskRequest, name: str) -> date:
    """A day of the form; today where none is given. Raises Problem (people.no_day)."""
    text = request.POST.get(name, "")
    if not text:
        return request.at.today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("people.no_day", found=text[:40]) from None


@signed_in
def people(request: DeskRequest) -> HttpResponse:
    """Those who work in the places that are reached, with what they carry today."""
    scope = request.scope
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "role", "after")}
    rows = _found(scope, asked).order_by("username")
    if asked["after"]:
        rows = rows.filter(username__gt=asked["after"])
    loads = queries.loads(rows[: SHOWN + 1], day=scope.today)
    more = len(loads) > SHOWN
    page = {"after": _next(asked, loads[SHOWN - 1].worker.username) if more else ""}
    context = {
        "rows": [(load, _posts(load.posts)) for load in loads[:SHOWN]], "page": page,
        "asked": asked, "roles": _role_names(), "may_people": scope.may("people"),
    }  # fmt: skip
    return render(request, "people/list.html", context)


def _found(scope: Scope, asked: dict[str, str]) -> QuerySet[Worker]:
    rows = scope.of(Worker).filter(is_active=True)
    if asked["q"]:
        rows = rows.filter(Q(name__contains=asked["q"]) | Q(username__istartswith=asked["q"]))
    if asked["role"]:
        held = scope.of(Post).filter(queries.in_force(scope.today), role=asked["role"])
        rows = rows.filter(pk__in=held.values("worker_id"))
    return rows


def _next(asked: dict[str, str], after: str) -> str:
    kept = {name: value for name, value in asked.items() if value}
    return f"?{urlencode({**kept, 'after': after})}"


def _posts(posts: list[Post]) -> list[str]:
    return [f"{said(ROLES[p.role].zh, ROLES[p.role].en)} · {p.place.name}" for p in posts]


@signed_in
def person(request: DeskRequest, id: UUID) -> HttpResponse:
    """One who works here: posts and pairings with their history, and what may be changed."""
    return _page_of(request, id)


def _page_of(request: DeskRequest, id: UUID, **handing: Any) -> HttpResponse:
    """The page of one person. handing: a hand-over that was refused, and why."""
    scope = request.scope
    worker = scope.one(Worker, pk=id)
    (load,) = queries.loads(scope.of(Worker).filter(pk=worker.pk), day=scope.today)
    posts = scope.of(Post).filter(worker=worker).select_related("place").order_by("-since")
    pairings = queries.pairings_of(worker, scope.of(Pairing))[:MOST_PAIRINGS]
    context = {
        "worker": worker, "load": load, "pairings": pairings,
        "posts": [(p, said(ROLES[p.role].zh, ROLES[p.role].en), _lasts(p, scope)) for p in posts],
        "may_pair": scope.may("pair"), "may_people": _may_keep(scope, worker),
        "locked": signing_in.is_locked(worker),
        "second_factor": signing_in.has_second_factor(worker),
        "roles": _role_names(), "places": scope.of(Place).filter(until=None).order_by("path")[:400],
        "crumbs": [(said("人员", "People"), reverse("people")), (str(worker), "")], **handing,
    }  # fmt: skip
    return render(request, "people/one.html", context)


def _lasts(post: Post, scope: Scope) -> bool:
    return post.until is None or post.until >= scope.today


def _may_keep(scope: Scope, worker: Worker) -> bool:
    """Every post the worker holds lies where this administrator keeps accounts.

    Otherwise whoever keeps a township could give the county's administrator a new password.
    """
    held = [post.pk for post in worker.posts.all() if _lasts(post, scope)]
    kept = scope.of(Post, "people").filter(pk__in=held).count()
    return scope.may("people") and len(held) == kept


def kept(request: DeskRequest, id: UUID) -> Worker:
    """A worker whose account may be changed. Raises Problem (access.not_yours, access.may_not)."""
    worker = request.scope.one(Worker, pk=id)
    if not _may_keep(request.scope, worker):
        raise Problem("access.may_not", status=403, what="keep this account", what_zh="管理该账号")
    return worker


def _changes(act: Callable[..., str], act_name: str) -> Callable[..., HttpResponseBase]:
    """A form's page: allowed first, one action, and back with what was done."""

    @signed_in
    @require_POST
    def page(request: DeskRequest, id: UUID) -> HttpResponse:
        request.scope.require(act_name)
        with transaction.atomic():
            done = act(request, id)
            if act_name == "people":
                log_account(request, act.__name__.strip("_"), request.scope.one(Worker, pk=id))
        messages.success(request, done)
        return redirect("person", id=id)

    page.__doc__ = act.__doc__
    return page


def log_account(request: DeskRequest, did: str, worker: Worker) -> None:
    """Keep who did it: an account made for oneself under another name shows nowhere else."""
    asked = (request.POST.get(name, "")[:40] for name in ("role", "place", "post", "last_day"))
    closed_for = request.POST.get("why", "")[:180] if did == "close" else ""
    why = " ".join(filter(None, (did, worker.username, *asked, closed_for)))
    actions.log_reading(request.user, what="account", now=request.at.now, why=why[:200])


def _pair(request: DeskRequest, id: UUID) -> str:
    """Pair a helper with a household, by its code."""
    worker = request.scope.one(Worker, pk=id)
    code = request.POST.get("code", "").strip()
    home = request.scope.one(Household, "pair", code=code)
    actions.pair(worker, [home.pk], since=_day(request, "since"))
    return said(f"已结对：{home.code}", f"Paired with {home.code}")


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
        answer = _page_of(
            request, id, handing=request.POST, handing_refused=refused.sentence(language())
        )
        answer.status_code = refused.status
        return answer


def _taker(scope: Scope, name: str) -> Worker:
    found = scope.of(Worker).filter(username=name).first()
    if found is None:
        raise Problem("people.no_taker", found=name[:40])
    return found


def _handed(request: DeskRequest, giver: Worker) -> HttpResponse:
    scope = request.scope
    taker = _taker(scope, request.POST.get("taker", "").strip())
    on, why = _day(request, "on"), _why(request)
    _require_no_day_gone(request, giver.pk, on - actions.ONE_DAY)
    mine = actions.lasting(scope.of(Pairing, "pair").filter(worker=giver), on)
    rows = list(mine.select_related("household__place").order_by("household__code"))
    if request.POST.get("sure") != "1":
        return _shown_before(request, giver, taker, on, why, rows)
    chosen = set(request.POST.getlist("pairing"))
    homes = [row.household_id for row in rows if str(row.pk) in chosen]
    if not homes:
        raise Problem("people.nobody_chosen")
    made = actions.hand_over(giver, taker, on=on, why=why, households=homes, now=request.at.now)
    messages.success(
        request,
        phrase(
            "已移交 {n} 户给{to}", "{n} famil[ies|y] handed over to {to}", n=len(made), to=taker
        ),
    )
    return redirect("person", id=giver.pk)


def _shown_before(
    request: DeskRequest, giver: Worker, taker: Worker, on: date, why: str, rows: list[Pairing]
) -> HttpResponse:
    """The families, and what both carry before and would carry after; nothing is written."""
    actions.require_taker(giver, taker, on=on)
    day = request.scope.today
    both = request.scope.of(Worker).filter(pk__in=[giver.pk, taker.pk])
    loads = {load.worker.pk: load for load in queries.loads(both, day=day)}
    context = {
        "giver": giver, "taker": taker, "on": on, "why": why, "rows": rows,
        "givers": loads[giver.pk], "takers": loads[taker.pk],
        "crumbs": [(said("人员", "People"), reverse("people")),
                   (str(giver), reverse("person", args=[giver.pk])),
                   (said("移交", "Hand over"), "")],
    }  # fmt: skip
    return render(request, "people/hand_over.html", context)


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
    last_day = _day(request, "last_day")
    _require_no_day_gone(request, id, last_day)
    actions.end_pairing(found, last_day=last_day, why=_why(request), now=request.at.now)
    return said("结对已结束", "The pairing has ended")


def _require_no_day_gone(request: DeskRequest, giver: UUID, last_day: date) -> None:
    """Ended before a gap opened, the pairing would leave its waiver to the helper himself."""
    if giver == request.user.pk and last_day < request.at.today - actions.ONE_DAY:
        raise Problem(
            "access.own_pairing", status=403, found=last_day, today=request.at.today
        )  # fmt: skip


def _appoint(request: DeskRequest, id: UUID) -> str:
    """Give somebody a post at a place."""
    worker = kept(request, id)
    if worker.pk == request.user.pk:
        raise Problem("access.own_post", status=403)
    _give_post(request, worker)
    return said("已任命", "Appointed")


def _give_post(request: DeskRequest, worker: Worker) -> None:
    place = reached_place(request.scope, request.POST.get("place", ""))
    request.scope.one(Place, "people", pk=place.pk)
    actions.appoint(
        worker, role=request.POST.get("role", ""), place=place, since=_day(request, "since"),
        department=request.POST.get("department", "").strip()[:40],
    )  # fmt: skip


def _end_post(request: DeskRequest, id: UUID) -> str:
    """End a post with a day."""
    number = request.POST.get("post", "")
    post = request.scope.one(Post, "people", pk=number_in(number))
    if post.worker_id != id:
        raise Problem("access.not_yours", status=404)
    actions.end_post(post, last_day=_day(request, "last_day"))
    return said("岗位已结束", "The post has ended")


def _new_password(request: DeskRequest, id: UUID) -> str:
    """Give a new one-time password, shown once."""
    given = actions.renew_password(kept(request, id), now=request.at.now)
    return _once(given)


def _once(password: str) -> str:
    zh = f"一次性密码：{password}（只显示这一次）"
    return said(zh, f"One-time password: {password} (shown this once)")


def _unlock(request: DeskRequest, id: UUID) -> str:
    """Lift the lock-out after wrong passwords."""
    signing_in.unlock(kept(request, id))
    return said("已解除锁定", "The lock is lifted")


def _second_factor(request: DeskRequest, id: UUID) -> str:
    """Take a lost second factor away; the password goes with it, so that one of two is new."""
    worker = kept(request, id)
    given = actions.renew_password(worker, now=request.at.now)
    signing_in.forget_second_factor(worker)
    return _once(given)


@signed_in
def new_person(request: DeskRequest) -> HttpResponse:
    """Make an account with its first post; the one-time password is shown once."""
    request.scope.require("people")
    context: dict[str, Any] = {
        "roles": _role_names(), "given": request.POST,
        "places": request.scope.of(Place, "people").filter(until=None).order_by("path"),
        "crumbs": [(said("人员", "People"), reverse("people")), (said("新建", "New"), "")],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "people/new.html", context)
    try:
        worker = _made(request)
    except Problem as refused:
        # The form comes back as it was sent, so that one wrong field costs no other.
        context["refused"] = refused.sentence(language())
        return render(request, "people/new.html", context, status=refused.status)
    return redirect("person", id=worker.pk)


def _made(request: DeskRequest) -> Worker:
    said_of = {name: request.POST.get(name, "").strip()[:60] for name in
               ("username", "name", "unit")}  # fmt: skip
    if not (said_of["username"] and said_of["name"]):
        raise Problem("people.no_name")
    with transaction.atomic():
        worker, given = actions.make_worker(**said_of)
        _give_post(request, worker)
        log_account(request, "made", worker)
    messages.success(request, _once(given))
    return worker


urls = [
    path("people/", people, name="people"),
    path("people/new/", new_person, name="new_person"),
    path("people/<uuid:id>/", person, name="person"),
    path("people/<uuid:id>/pair/", _changes(_pair, "pair"), name="pair"),
    path("people/<uuid:id>/hand-over/", hand_over, name="hand_over"),
    path("people/<uuid:id>/end-pairing/", _changes(_end_pairing, "pair"), name="end_pairing"),
    path("people/<uuid:id>/appoint/", _changes(_appoint, "people"), name="appoint"),
    path("people/<uuid:id>/end-post/", _changes(_end_post, "people"), name="end_post"),
    path("people/<uuid:id>/password/", _changes(_new_password, "people"), name="new_password"),
    path("people/<uuid:id>/unlock/", _changes(_unlock, "people"), name="unlock"),
    path(
        "people/<uuid:id>/second-factor/",
        _changes(_second_factor, "people"),
        name="forget_second_factor",
    ),
]
