"""A department's list as a whole: confirmed after its dry run, or withdrawn with a reason."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.exchange.models import Upload
from yihu.exchange.withdrawal import Withdrawn, found_of, may_be_withdrawn, was_confirmed
from yihu.exchange.work import ask_back
from yihu.problems import Problem
from yihu.web import imports
from yihu.web.comparison import may_take_back
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, phrase, said


@require_POST
@signed_in
def confirm_list(request: DeskRequest, id: UUID) -> HttpResponse:
    """Make work items of what the dry run of a list has shown."""
    request.scope.require("compare")
    upload = imports.own(request, id, "list")
    answer = imports.started(upload, "write", at=request.at)
    upload.refresh_from_db()
    if upload.state == "written":
        n = upload.counts.get("different", 0)
        messages.success(
            request,
            phrase(
                "已确认：{n} 条差异待核定，并记入问题台账。",
                "Confirmed: {n} difference[s] to settle, each in the ledger.", n=n,
            ),
        )  # fmt: skip
    return answer


#: What is told when a list nobody had confirmed is gone.
THROWN_AWAY = (
    "名单已丢弃。它从未确认，户册和台账没有变动。",
    "The list is thrown away. It was never confirmed, so that books and ledger are as they were.",
)


@signed_in
def withdraw_list(request: DeskRequest, id: UUID) -> HttpResponse:
    """Withdraw a list that was loaded by mistake: first what that does, then the reason."""
    request.scope.require("compare")
    upload = request.scope.one(Upload, "compare", pk=id, use="list")
    if not may_take_back(request, upload):
        raise Problem("access.not_yours", status=404)
    if not may_be_withdrawn(upload):
        raise Problem("exchange.not_in_state", status=409, state=upload.state)
    found, confirmed = found_of(upload), was_confirmed(upload)
    if request.method != "POST":
        return _withdrawal(request, upload, found)
    try:
        ask_back(upload, by=request.user, why=request.POST.get("why", ""), at=request.at.now)
    except Problem as refused:
        return _withdrawal(request, upload, found, refused)
    answer = imports.started(upload, "withdraw", at=request.at)
    upload.refresh_from_db()
    if upload.state == "undone":
        n = len(found.closed)
        told = said(*THROWN_AWAY) if not confirmed else phrase(
            "名单已撤回：{n} 条待核定的差异已关闭，理由记在各条经过里。",
            "The list is withdrawn: {n} difference[s] closed, with the reason in the history of "
            "each.", n=n,
        )  # fmt: skip
        messages.success(request, told)
    return answer


def _withdrawal(
    request: DeskRequest, upload: Upload, found: Withdrawn, refused: Problem | None = None
) -> HttpResponse:
    """What withdrawing would do, and the field for the reason."""
    confirmed = was_confirmed(upload)
    context: dict[str, Any] = {
        "was_confirmed": confirmed,
        "upload": upload, "found": found, "given": request.POST,
        "facts": Counter(each.fact for each in found.closed).most_common(),
        "refused": refused.sentence(language()) if refused else "",
        "crumbs": [(said("部门比对", "Compare"), reverse("compare")),
                   (upload.name, reverse("list", args=[upload.pk])),
                   (said("撤回", "Withdraw") if confirmed else said("丢弃", "Throw away"), "")],
    }  # fmt: skip
    status = refused.status if refused else 200
    return render(request, "comparison/withdraw.html", context, status=status)


urls = [
    path("compare/<uuid:id>/confirm/", confirm_list, name="list-confirm"),
    path("compare/<uuid:id>/withdraw/", withdraw_list, name="list-withdraw"),
]
