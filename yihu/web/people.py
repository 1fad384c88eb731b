"""People: who works here, in which posts, with which families, and how a caseload changes hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Case, Q, QuerySet, When
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.access import actions, queries
from yihu.access.models import Pairing, Post, Worker
from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.web import signing_in
from yihu.web.api_pages import reached_place
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, said
from yihu.web.typed_in import number_in

SHOWN = 50
#: Pairings of one helper that are shown; a helper has 2 to 10 families.
MOST_PAIRINGS = 200
#: Helpers offered to take families over; others are typed.
MOST_TAKERS = 300


def _role_names() -> list[tuple[str, str]]:
    return [(role.name, said(role.zh, role.en)) for role in ROLES.values()]


def day_of(request: DeskRequest, name: str) -> date:
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
    return page_of(request, id)


def page_of(request: DeskRequest, id: UUID, **handing: Any) -> HttpResponse:
    """The page of one person. handing: a hand-over that was refused, and why."""
    scope = request.scope
    worker = scope.one(Worker, pk=id)
    (load,) = queries.loads(scope.of(Worker).filter(pk=worker.pk), day=scope.today)
    posts = scope.of(Post).filter(worker=worker).select_related("place").order_by("-since")
    pairings = queries.pairings_of(worker, scope.of(Pairing))[:MOST_PAIRINGS]
    context = {
        "worker": worker, "load": load, "pairings": pairings,
        "posts": [(p, said(ROLES[p.role].zh, ROLES[p.role].en), _lasts(p, scope)) for p in posts],
        "may_pair": scope.may("pair"), "takers": _takers(scope, worker),
        "may_people": _may_keep(scope, worker),
        "locked": signing_in.is_locked(worker),
        "second_factor": signing_in.has_second_factor(worker),
        "roles": _role_names(), "places": scope.of(Place).filter(until=None).order_by("path")[:400],
        "crumbs": [(said("人员", "People"), reverse("people")), (str(worker), "")], **handing,
    }  # fmt: skip
    return render(request, "people/one.html", context)


def _takers(scope: Scope, giver: Worker) -> list[Worker]:
    """Helpers who may take families over, those of the giver's unit first."""
    if not scope.may("pair"):
        return []
    held = scope.of(Post, "pair").filter(queries.in_force(scope.today), role="helper")
    rows = scope.of(Worker).filter(pk__in=held.values("worker_id"), is_active=True)
    rows = rows.exclude(pk=giver.pk).only("name", "username", "unit")
    own = Case(When(unit=giver.unit, then=0), default=1)
    return list(rows.order_by(own, "name", "username")[:MOST_TAKERS])


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


def changes(act: Callable[..., str], act_name: str) -> Callable[..., HttpResponseBase]:
    """A form's page: allowed first, one action, and back with what was done."""

    @signed_in
    @require_POST
    def page(request: DeskRequest, id: UUID) -> HttpResponse:
        request.scope.require(act_name)
        name = act.__name__.strip("_")
        try:
            with transaction.atomic():
                done = act(request, id)
                if act_name == "people":
                    log_account(request, name, request.scope.one(Worker, pk=id))
        except Problem as refused:
            # What was typed comes back, with why, where it was typed.
            sent = {"act": name, "form": request.POST, "refused": refused.sentence(language())}
            answer = page_of(request, id, sent=sent)
            answer.status_code = refused.status
            return answer
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
        worker, role=request.POST.get("role", ""), place=place, since=day_of(request, "since"),
        department=request.POST.get("department", "").strip()[:40],
    )  # fmt: skip


def _end_post(request: DeskRequest, id: UUID) -> str:
    """End a post with a day."""
    number = request.POST.get("post", "")
    post = request.scope.one(Post, "people", pk=number_in(number))
    if post.worker_id != id:
        raise Problem("access.not_yours", status=404)
    actions.end_post(post, last_day=day_of(request, "last_day"))
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
    path("people/<uuid:id>/appoint/", changes(_appoint, "people"), name="appoint"),
    path("people/<uuid:id>/end-post/", changes(_end_post, "people"), name="end_post"),
    path("people/<uuid:id>/password/", changes(_new_password, "people"), name="new_password"),
    path("people/<uuid:id>/unlock/", changes(_unlock, "people"), name="unlock"),
    path(
        "people/<uuid:id>/second-factor/",
        changes(_second_factor, "people"),
        name="forget_second_factor",
    ),
]
