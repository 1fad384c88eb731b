"""Notices and meetings on the desk: what was written to one, read and answered; writing one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from yihu.access.scope import Scope
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.sync import attending, notices
from yihu.sync.models import Notice
from yihu.web.exports import places_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, said
from yihu.web.typed_in import number_in

SHOWN = 20
#: Notices on the start page.
AT_FIRST = 3
TABS = {"received": ("收到的", "Written to me"), "followed": ("跟踪回执", "Receipts")}
AUDIENCE_WORDS = {
    "helpers": ("全体帮扶干部", "all helpers"),
    "village": ("帮扶干部和村干部", "helpers and village officers"),
    "all": ("范围内全部岗位", "everybody with a post there"),
}


@signed_in
@require_safe
def listed(request: DeskRequest) -> HttpResponse:
    """What was written to me; or what I may follow, the newest first."""
    scope = request.scope
    follows = scope.may(attending.ACT)
    tab = "followed" if follows and request.GET.get("tab") == "followed" else "received"
    rows = attending.followed(scope) if tab == "followed" else notices.received(scope)
    start = number_in(request.GET.get("from", ""))
    found = list(rows[start : start + SHOWN + 1])
    context = {
        "tab": tab, "tabs": [(name, said(*words)) for name, words in TABS.items()],
        "follows": follows, "rows": told(scope, found[:SHOWN], request.at.now),
        "page": {
            "before": f"?tab={tab}&from={max(0, start - SHOWN)}" if start else "",
            "after": f"?tab={tab}&from={start + SHOWN}" if len(found) > SHOWN else "",
        },
    }  # fmt: skip
    return render(request, "notices/list.html", context)


def told(scope: Scope, rows: list[Notice], now: datetime) -> list[dict[str, Any]]:
    """Notices with what the worker did about them."""
    read, answers = notices.done_by(scope.worker, rows)
    return [
        {
            "notice": row, "read_at": read.get(row.pk), "answer": answers.get(row.pk),
            "to": said(*AUDIENCE_WORDS[row.to]),
            "asks": row.meets_at is not None and row.meets_at > now and not row.withdrawn_at,
        }
        for row in rows
    ]  # fmt: skip


def may_withdraw(scope: Scope, notice: Notice) -> bool:
    """May the worker withdraw it: who may write notices for its place, while it holds?"""
    return notice.withdrawn_at is None and scope.may(attending.ACT, notice)


def pending(scope: Scope, now: datetime) -> list[dict[str, Any]]:
    """For the start page: the newest of what the worker has still to read or to answer."""
    return told(scope, list(notices.pending(scope, now)[:AT_FIRST]), now)


def reached(scope: Scope, id: UUID) -> Notice:
    """A notice that was written to the worker, or that he may follow."""
    for rows in (notices.received(scope), attending.followed(scope)):
        found = rows.filter(pk=id).first()
        if found is not None:
            return found
    raise Problem("access.not_yours", status=404)


@signed_in
@require_safe
def one(request: DeskRequest, id: UUID) -> HttpResponse:
    """One notice: its words, my answer; for who may follow it, who read it and who comes."""
    scope = request.scope
    notice = reached(scope, id)
    context = {
        **told(scope, [notice], request.at.now)[0],
        "mine": notices.received(scope).filter(pk=id).exists(),
        "may_withdraw": may_withdraw(scope, notice),
        "crumbs": [(said("通知", "Notices"), reverse("notices")), (notice.title, "")],
    }
    if attending.followed(scope).filter(pk=id).exists():
        context |= _followed(scope, notice, request.at.now)
    return render(request, "notices/one.html", context)


def _followed(scope: Scope, notice: Notice, now: datetime) -> dict[str, Any]:
    rows = attending.receivers(notice, scope)
    lines = attending.by_place(notice, rows)
    places = {
        place.path: place for place in scope.of(Place).filter(path__in=[o.path for o in lines])
    }
    return {
        "counts": attending.Counted("", **attending.counts(notice, rows)),
        "lines": [(places.get(line.path, notice.place), line) for line in lines],
        "may_export": scope.may("export"), "met": met(notice, now),
    }  # fmt: skip


def met(notice: Notice, now: datetime) -> bool:
    """Has the meeting begun?"""
    return notice.meets_at is not None and notice.meets_at <= now


@signed_in
@require_POST
def answer(request: DeskRequest, id: UUID) -> HttpResponse:
    """I have read it; to a meeting: I come, or cannot and why."""
    notice = notices.received(request.scope).filter(pk=id).first()
    if notice is None:
        raise Problem("access.not_yours", status=404)
    now, coming = request.at.now, request.POST.get("coming", "")
    if coming in ("yes", "no"):
        why = request.POST.get("why", "")
        notices.answer(notice, request.user, coming=coming == "yes", why=why, said_at=now, now=now)
        messages.success(
            request, said("已答复，开会前可改。", "Answered; it can be changed until then.")
        )
    else:
        notices.acknowledge(notice, request.user, read_at=now, now=now)
        messages.success(request, said("已记为已读。", "Noted as read."))
    back = request.POST.get("back") == "today"
    return redirect("today") if back else redirect("notice", id=id)


@signed_in
@require_POST
def withdraw(request: DeskRequest, id: UUID) -> HttpResponse:
    """Say that a notice no longer holds, and why."""
    notice = request.scope.one(Notice, attending.ACT, pk=id)
    why = request.POST.get("why", "")
    notices.withdraw(notice, by=request.user, why=why, now=request.at.now)
    messages.success(
        request, said("已撤回；收件人会看到原因。", "Withdrawn; readers are told why.")
    )
    return redirect("notice", id=id)


# --- writing one ----------------------------------------------------------------------------------


@signed_in
def new(request: DeskRequest) -> HttpResponse:
    """Write to all helpers of a place; what was refused comes back as it was typed."""
    request.scope.require(attending.ACT)
    given = request.POST
    context: dict[str, Any] = {
        "entry": given.get("entry") or uuid4(),
        "given": given, "places": places_of(request.scope), "longest": notices.LONGEST,
        "audiences": [(name, said(*words)) for name, words in AUDIENCE_WORDS.items()],
        "crumbs": [(said("通知", "Notices"), reverse("notices")), (said("发通知", "Write"), "")],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "notices/new.html", context)
    try:
        made = _published(request)
    except Problem as refused:
        context["refused"] = refused.sentence(language())
        return render(request, "notices/new.html", context, status=refused.status)
    messages.success(request, said("已发出。", "Sent."))
    return redirect("notice", id=made.pk)


def _published(request: DeskRequest) -> Notice:
    given = request.POST
    place = request.scope.one(Place, attending.ACT, code=given.get("place", ""))
    meets = given.get("meets_at", "").strip()
    return notices.publish(
        title=given.get("title", ""), words=given.get("words", ""), place=place,
        by=request.user, at=request.at, to=given.get("to", "helpers"),
        asks_receipt=given.get("asks_receipt") == "1", until=_day(given.get("until", "")),
        meets_at=_moment(meets) if meets else None, meets_where=given.get("meets_where", ""),
        sent=given.get("entry", ""),
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Problem("notice.bad_moment", found=text[:40]) from None


def _moment(text: str) -> datetime:
    """A day and hour of a form, where the county lies."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Problem("notice.bad_moment", found=text[:40]) from None
    return found if found.tzinfo else timezone.make_aware(found)


urls = [
    path("notices/", listed, name="notices"),
    path("notices/new/", new, name="new_notice"),
    path("notices/<uuid:id>/", one, name="notice"),
    path("notices/<uuid:id>/answer/", answer, name="answer_notice"),
    path("notices/<uuid:id>/withdraw/", withdraw, name="withdraw_notice"),
]
