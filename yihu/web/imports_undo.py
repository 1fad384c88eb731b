"""Undoing an import: first what that does, then the reason, then how it ended; or throwing it away.

What was never written is thrown away without a reason: no book ever knew it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.card.models import Household
from yihu.exchange.models import Upload
from yihu.exchange.taking_back import SHOWN, TakenBack, look
from yihu.exchange.throwing_away import throw_away
from yihu.exchange.work import ask_back
from yihu.problems import Problem
from yihu.web import imports
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, phrase, said


@signed_in
def undo_import(request: DeskRequest, id: UUID) -> HttpResponse:
    """Undo an import that was written, for a reason, once its figures were seen."""
    request.scope.require("import")
    upload = imports.own(request, id)
    batch = upload.batch
    if batch is None or upload.state not in ("written", "failed"):
        raise Problem("exchange.not_in_state", status=409, state=upload.state)
    found = look(batch)
    if request.method != "POST":
        return _asked(request, upload, found)
    try:
        _require_any(found)
        ask_back(upload, by=request.user, why=request.POST.get("why", ""), at=request.at.now)
    except Problem as refused:
        return _asked(request, upload, found, refused)
    answer = imports.started(upload, "undo", at=request.at)
    upload.refresh_from_db()
    if upload.state == "undone":
        told = phrase(
            "这次导入已撤销：{n} 条记录，{homes} 户。",
            "The import is undone: {n} entr[ies|y] of {homes} household[s].",
            n=found.entries, homes=found.homes,
        )  # fmt: skip
        messages.success(request, told + _left(found))
    return answer


def _require_any(found: TakenBack) -> None:
    if not found.entries:
        raise Problem("exchange.nothing_to_undo", status=409, kept=len(found.kept))


def _left(found: TakenBack) -> str:
    if not found.kept:
        return ""
    return phrase(
        "另有 {n} 户保留未撤销。", " {n} household[s] [were|was] left whole.", n=len(found.kept)
    )


def _asked(
    request: DeskRequest, upload: Upload, found: TakenBack, refused: Problem | None = None
) -> HttpResponse:
    """What undoing would do, and the field for the reason."""
    shown = [*list(found.on_top)[:SHOWN], *list(found.kept)[:SHOWN]]
    homes = (
        request.scope.of(Household).filter(pk__in=shown).select_related("place__parent").in_bulk()
    )
    context: dict[str, Any] = {
        "upload": upload, "found": found, "given": request.POST, "shown": SHOWN,
        "on_top": [(homes[id], sorted(found.on_top[id])) for id in shown if id in found.on_top
                   and id in homes],
        "kept": [homes[id] for id in shown if id in found.kept and id in homes],
        "facts": Counter(fact for those in found.on_top.values() for fact in those).most_common(),
        "refused": refused.sentence(language()) if refused else "",
        "crumbs": [(said("导入", "Imports"), reverse("imports")),
                   (upload.name, reverse("import", args=[upload.pk])), (said("撤销", "Undo"), "")],
    }  # fmt: skip
    status = refused.status if refused else 200
    return render(request, "imports/undo.html", context, status=status)


@require_POST
@signed_in
def discard_import(request: DeskRequest, id: UUID) -> HttpResponse:
    """Throw a sheet away that was never written."""
    request.scope.require("import")
    upload = imports.own(request, id)
    throw_away(upload)
    messages.success(
        request,
        said(f"“{upload.name}”已丢弃，户册没有变动。",
             f"“{upload.name}” is thrown away; the books are as they were."),
    )  # fmt: skip
    return redirect("imports")


urls = [
    path("imports/<uuid:id>/undo/", undo_import, name="import-undo"),
    path("imports/<uuid:id>/discard/", discard_import, name="import-discard"),
]
