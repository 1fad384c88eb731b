"""Closing an account: first what follows from it is shown, then it is done, for a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.access import actions, queries
from yihu.access.models import Pairing, Worker
from yihu.problems import Problem
from yihu.reason import good_reason
from yihu.sync.devices import phones_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.people import kept, log_account
from yihu.web.says import language, said

#: Families named that would be without a helper; of more, how many they are.
NAMED = 40
#: Letters of the shortest reason, and signs of the longest.
LEAST_REASON, MOST_REASON = 2, 120


@signed_in
@require_POST
def close(request: DeskRequest, id: UUID) -> HttpResponse:
    """What follows from closing an account; sent again with a reason, it is closed."""
    request.scope.require("people")
    worker = kept(request, id)
    if worker.pk == request.user.pk:
        raise Problem("access.oneself", status=409)
    if request.POST.get("sure") != "1":
        return _shown_before(request, worker)
    try:
        # In the log it stands behind the name of the account.
        why = good_reason(
            request.POST.get("why", ""), "people.no_reason", least=LEAST_REASON, most=MOST_REASON
        )
    except Problem as refused:
        return _shown_before(request, worker, refused)
    at = request.at
    with transaction.atomic():
        actions.close_account(worker, by=request.user, now=at.now, today=at.today, why=why)
        log_account(request, "close", worker)
    messages.success(request, said("账号已停用", "The account is closed"))
    return redirect("person", id=id)


def _shown_before(
    request: DeskRequest, worker: Worker, refused: Problem | None = None
) -> HttpResponse:
    today = request.at.today
    (load,) = queries.loads(request.scope.of(Worker).filter(pk=worker.pk), day=today)
    alone = queries.left_alone(worker, day=today)
    shown = request.scope.of(Pairing).filter(pk__in=alone.values("pk"))
    phones = phones_of(worker)
    context: dict[str, Any] = {
        "worker": worker, "load": load, "alone": alone.count(),
        "families": list(shown.select_related("household__place__parent")[:NAMED]),
        "phones": phones, "unsent": sum(phone.unsent or 0 for phone in phones),
        "tokens": queries.keys_of_programs(worker),
        "refused": refused.sentence(language()) if refused else "",
        "crumbs": [(said("人员", "People"), reverse("people")),
                   (str(worker), reverse("person", args=[worker.pk])),
                   (said("停用账号", "Close the account"), "")],
    }  # fmt: skip
    return render(request, "people/close.html", context, status=refused.status if refused else 200)


urls = [path("people/<uuid:id>/close/", close, name="close_account")]
