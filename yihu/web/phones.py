"""Phones: which are registered and when they were here; lost ones shut out; photos awaited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from yihu.access.actions import end_sessions
from yihu.access.scope import Scope
from yihu.card.models import Household
from yihu.sync import devices, holds
from yihu.sync.models import Arrival, Device
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.reading_words import why_said
from yihu.web.says import said
from yihu.web.typed_in import number_in

SHOWN = 50
#: Who arranges pairings shuts out phones of his helpers; everybody his own.
ACT = "pair"


def tabs(scope: Scope, here: str) -> list[dict[str, Any]]:
    """Phones, awaited photos, and for who settles them what is held and what was refused."""
    made: list[tuple[str, str, str, int | None]] = [
        ("phones", reverse("phone_list"), said("手机", "Phones"), None),
        ("photos", reverse("awaited_photos"), said("待传照片", "Photos awaited"),
         devices.awaited(scope.of(Arrival)).count()),
    ]  # fmt: skip
    if scope.may("compare") and scope.may("write"):
        rows = holds.to_settle(scope)
        for state, words in (("held", ("待裁定", "To settle")), ("refused", ("被退回", "Refused"))):
            address = f"{reverse('phones')}?state={state}"
            made.append((state, address, said(*words), rows.filter(state=state).count()))
    return [
        {"url": url, "words": words, "n": n, "here": name == here} for name, url, words, n in made
    ]


@signed_in
@require_safe
def phone_list(request: DeskRequest) -> HttpResponse:
    """Phones of those who are reached, in the order of sign-in names; or of one of them."""
    scope, who = request.scope, request.GET.get("who", "").strip()
    rows = scope.of(Device).select_related("worker", "revoked_by")
    if who:
        rows = rows.filter(Q(worker__name__contains=who) | Q(worker__username__istartswith=who))
    start = number_in(request.GET.get("from", ""))
    found = list(rows.order_by("worker__username", "made_at", "pk")[start : start + SHOWN + 1])
    allowed = set(scope.of(Device, ACT).filter(pk__in=[row.pk for row in found]).values_list(
        "pk", flat=True))  # fmt: skip
    context = {
        "phone_tabs": tabs(scope, "phones"), "who": who, "count": rows.count(),
        "rows": [
            {"phone": row, "why": why_said("phone", row.revoked_why), "may": row.revoked_at is None
             and (row.pk in allowed or row.worker_id == request.user.pk)}
            for row in found[:SHOWN]
        ],
        "page": {
            "before": f"?who={who}&from={max(0, start - SHOWN)}" if start else "",
            "after": f"?who={who}&from={start + SHOWN}" if len(found) > SHOWN else "",
        },
    }  # fmt: skip
    return render(request, "sync/phones.html", context)


@signed_in
@require_POST
def revoke(request: DeskRequest, id: UUID) -> HttpResponse:
    """A phone that was lost hands in no more."""
    phone = request.scope.one(Device, pk=id)
    if phone.worker_id != request.user.pk:
        phone = request.scope.one(Device, ACT, pk=id)
    devices.revoke(phone, by=request.user, why=request.POST.get("why", ""), at=request.at)
    # Whoever has it is signed out on it, too, or it would register itself again at once.
    end_sessions(phone.worker, but=request.session.session_key)
    messages.success(request, said(
        "已停用，那部手机不能再上传，本人在各处都已退出登录；它上面没有传的记录，"
        "本人在手机上重新登录后会接着上传。",
        "Shut out: it hands in no more, and its owner is signed out everywhere. What is still on "
        "it goes up once he has signed in on it again."))  # fmt: skip
    return redirect("phone_list")


@signed_in
@require_safe
def awaited_photos(request: DeskRequest) -> HttpResponse:
    """Entries whose photo has not come: since when, whose, about which family."""
    scope = request.scope
    rows = devices.awaited(scope.of(Arrival))
    start = number_in(request.GET.get("from", ""))
    found = list(rows[start : start + SHOWN + 1])
    homes = (
        scope.of(Household)
        .select_related("place__parent")
        .in_bulk({row.household_id for row in found if row.household_id})
    )
    context = {
        "phone_tabs": tabs(scope, "photos"), "count": rows.count(),
        "rows": [(row, homes.get(row.household_id)) for row in found[:SHOWN]],
        "page": {
            "before": f"?from={max(0, start - SHOWN)}" if start else "",
            "after": f"?from={start + SHOWN}" if len(found) > SHOWN else "",
        },
    }  # fmt: skip
    return render(request, "sync/photos.html", context)


urls = [
    path("sync/phones/", phone_list, name="phone_list"),
    path("sync/phones/<uuid:id>/revoke/", revoke, name="revoke_phone"),
    path("sync/photos/", awaited_photos, name="awaited_photos"),
]
