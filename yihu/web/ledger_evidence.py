"""Files that show a gap, or that it is cleared: joined to the gap, kept as evidence in its book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from yihu import loop
from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.book import files
from yihu.book.models import Entry
from yihu.book.order import undone
from yihu.ledger.deadlines import MOST_WORDS
from yihu.ledger.models import Gap
from yihu.problems import Problem
from yihu.reason import require_short
from yihu.web.evidence_files import evidence_answer
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said

#: Acts of which one must be a worker's own for him to add files to a gap.
ACTS = ("answer", "raise", "clear")


def may_add(gap: Gap, scope: Scope) -> bool:
    """May the worker add files to the gap?"""
    return any(scope.may(act, gap) for act in ACTS)


def evidence_of(gap: Gap, scope: Scope) -> list[dict[str, Any]]:
    """Files joined to a gap that are in effect; none for whom they may not be shown to."""
    if not scope.sees("sensitive", gap):
        return []
    told = scope.of(Entry).filter(book_id=gap.book_id)
    gone = undone(told.filter(kind="correction"))
    rows = told.filter(kind="evidence", says__about__gap=str(gap.pk)).exclude(number__in=gone)
    return [
        {"entry": entry, "name": entry.says.get("name") or entry.says["sha256"][:12],
         "type": entry.says["type"], "kilobytes": max(1, entry.says["size"] // 1024),
         "words": entry.says.get("words", "")}
        for entry in rows.select_related("author").order_by("number")
    ]  # fmt: skip


def sent_with(request: DeskRequest) -> list[UploadedFile[Any]]:
    """The files of a form."""
    return list(request.FILES.getlist("file"))


@transaction.atomic
def join(
    request: DeskRequest,
    gap: Gap,
    sent: Sequence[UploadedFile[Any]],
    words: str = "",
    *,
    once: bool = False,
) -> None:
    """Keep files and say in the gap's book that they belong to it.

    once    a file that was joined to the gap in this way before is not joined again
    Raises  Problem (file.*, desk.reason_too_long)
    """
    about: dict[str, Any] = {"about": {"gap": str(gap.pk)}}
    if words.strip():
        require_short(words.strip(), MOST_WORDS)
        about["words"] = words.strip()
    if gap.person_id:
        about["person"] = str(gap.person_id)
    entries = []
    for file in sent:
        kept = files.keep(
            file.chunks(), name=file.name or "", by=request.user, now=request.at.now
        )  # fmt: skip
        new = files.evidence(
            kept, book=gap.book_id, seen_on=request.at.today, source="desk", **about
        )
        entries.append(replace(new, id=uuid5(gap.pk, kept.sha256)) if once else new)
    loop.write(entries, by=request.user, at=request.at)


@signed_in
@require_POST
def add_evidence(request: DeskRequest, id: UUID) -> HttpResponse:
    """Add files to a gap, open or not: what shows that it was cleared may come after."""
    gap = request.scope.one(Gap, pk=id)
    if not may_add(gap, request.scope):
        request.scope.require("answer", gap)
    request.scope.require_sight("sensitive", gap)
    sent = sent_with(request)
    if not sent:
        raise Problem("ledger.no_file")
    join(request, gap, sent, request.POST.get("words", ""))
    messages.success(request, said("证据已记入户册。", "The evidence stands in the book."))
    return redirect("gap", id=id)


@signed_in
@require_safe
def evidence_file(request: DeskRequest, id: UUID, number: int) -> HttpResponse:
    """One file of a gap; that it was read is logged."""
    gap = request.scope.one(Gap, pk=id)
    request.scope.require_sight("sensitive", gap)
    entry = request.scope.one(
        Entry, book_id=gap.book_id, number=number, kind="evidence", says__about__gap=str(id)
    )
    says = entry.says
    # What it is was read from its bytes when it was kept; an entry may call it anything.
    kept = files.kept(says["sha256"])
    if kept is None:
        raise Problem("file.missing", status=404, sha256=says["sha256"][:12])
    log_reading(
        request.user, what="evidence", now=request.at.now, household=gap.household_id, rows=1,
        why=f"gap {gap.pk} entry {number}",
    )  # fmt: skip
    return evidence_answer(kept, str(says.get("name", "")), request.headers.get("Range", ""))


urls = [
    path("ledger/<uuid:id>/evidence/", add_evidence, name="gap_evidence"),
    path("ledger/<uuid:id>/evidence/<int:number>/", evidence_file, name="gap_evidence_file"),
]
