"""Signs of hollow help: each a question with its evidence side by side, for the inspector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from yihu.access.actions import log_reading
from yihu.book import files
from yihu.book.models import Entry
from yihu.ledger.models import Gap
from yihu.naming import KINDS as ENTRY_KINDS
from yihu.problems import Problem
from yihu.visit import asking, queries
from yihu.visit.due import whole_percent
from yihu.visit.models import Sign
from yihu.visit.signs import KINDS
from yihu.web.household_view import source_name
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said
from yihu.web.values import measure_called

#: Signs on a page, and entries of one side by side.
ROWS, ENTRIES = 10, 4
STATES = ("new", "asked", "answered", "closed")
#: What browsers show as a picture.
PICTURES = ("image/jpeg", "image/png", "image/webp")
KIND_WORDS = {
    "quick": ("相隔很短", "Close in time"),
    "photo": ("同一张照片", "Same photo"),
    "far": ("离家门远", "Far from the door"),
    "words": ("文字相同", "Same words"),
    "still": ("帮扶后无变化", "Nothing followed"),
}


@signed_in
@require_safe
def signs(request: DeskRequest) -> HttpResponse:
    """Signs in the places of the inspector, the newest visits first; nobody is ranked."""
    request.scope.require("inspect")
    kind, state = _chosen(request, "kind", KINDS), _chosen(request, "state", STATES) or "new"
    rows = queries.in_state(request.scope.of(Sign, "inspect"), state)
    rows = rows.filter(kind=kind) if kind else rows
    page = max(0, int(given) if (given := request.GET.get("page", "")).isdecimal() else 0) % 100_000
    found = list(
        rows.select_related("worker").order_by("-seen_on", "id")[page * ROWS :][: ROWS + 1]
    )
    context = {
        "look": queries.last_look(),
        "rows": _shown(request, found[:ROWS]),
        "kind": kind, "state": state, "page": page,
        "next": page + 1 if len(found) > ROWS else None, "before": page - 1 if page else None,
        "kinds": [(name, said(*words)) for name, words in KIND_WORDS.items()],
        "states": [(name, said(*_STATE_WORDS[name])) for name in STATES],
    }  # fmt: skip
    return render(request, "signs/list.html", context)


_STATE_WORDS = {
    "new": ("未提问", "Not asked"), "asked": ("已提问", "Asked"),
    "answered": ("已答复", "Answered"), "closed": ("已了结", "Closed"),
}  # fmt: skip


def _chosen(request: DeskRequest, name: str, known: Iterable[str]) -> str:
    given = request.GET.get(name, "")
    return given if given in known else ""


def _shown(request: DeskRequest, rows: list[Sign]) -> list[dict[str, Any]]:
    entries = _entries(request, rows)
    gaps = request.scope.of(Gap).in_bulk([row.pk for row in rows])
    return [
        {
            "sign": row, "kind": said(*KIND_WORDS[row.kind]), "gap": gaps.get(row.pk),
            "question": question(row),
            "entries": [_side(row, at, entries) for at in range(min(ENTRIES, len(row.entries)))],
            "more": max(0, len(row.entries) - ENTRIES),
        }
        for row in rows
    ]  # fmt: skip


def question(sign: Sign) -> str:
    """What is asked, in the language of the page: what the books show, and never why."""
    f = sign.figures
    if sign.kind == "quick" and f["seconds"] < 0:
        return said(
            f"这 {f['doors']} 次走访的时间有重叠，当时是怎样走的？",
            f"These {f['doors']} visits overlap in time. How were they made?",
        )
    if sign.kind == "quick":
        seconds = round(f["seconds"])
        return said(
            f"这 {f['doors']} 次走访，上一户结束到下一户开始最短 {seconds} 秒，当时是怎样走的？",
            f"Of these {f['doors']} visits one began {seconds} s after the last had ended. "
            "How were they made?",
        )
    return said(*_QUESTIONS[sign.kind, bool(f.get("same", 1))]).format(**_figures(f))


def _figures(f: dict[str, float]) -> dict[str, float]:
    return {**f, "percent": whole_percent(f.get("share", 0))}


_QUESTIONS = {
    ("photo", True): (
        "同一张照片记在 {photos} 处，各是什么情况？",
        "The same photo stands in {photos} places. What does it show in each?",
    ),
    ("photo", False): (
        "这 {photos} 张不同日期的照片看起来几乎相同，各是什么情况？",
        "These {photos} photos of different days look nearly the same. What do they show?",
    ),
    ("far", True): (
        "走访时的位置离这户平常的家门约 {metres} 米，是在哪里见面的？",
        (
            "The position lies about {metres} m from where this family is usually met. "
            "Where did you meet?"
        ),
    ),
    ("words", True): (
        "这 {doors} 次走访的文字有 {percent}% 相同，各户当时分别是什么情况？",
        "The words of these {doors} visits are {percent} % the same. How was each family?",
    ),
    ("still", True): (
        "帮扶 {helps} 次、最早已满 {months} 个月，户册里还看不到变化，后来怎样了？",
        (
            "Helped {helps} times, first {months} months ago, and the book shows no change yet. "
            "What came of it?"
        ),
    ),
}


def _entries(request: DeskRequest, rows: list[Sign]) -> dict[tuple[str, int], Entry]:
    """The evidence the inspector reaches; the other part of a pair may lie elsewhere."""
    wanted = {(book, number) for row in rows for book, number in row.entries[:ENTRIES]}
    found = request.scope.of(Entry).filter(
        book_id__in={book for book, _ in wanted}, number__in={number for _, number in wanted}
    )
    found = found.select_related("book__household__place", "author")
    found = found.defer("book__household__facts", "book__household__sealed")
    return {(str(row.book_id), row.number): row for row in found}


def _side(sign: Sign, at: int, entries: dict[tuple[str, int], Entry]) -> dict[str, Any]:
    """One entry of the evidence; empty where it lies outside the inspector's places."""
    book, number = sign.entries[at]
    entry = entries.get((book, number))
    if entry is None:
        return {}
    says, where = entry.says, entry.says.get("place_of_visit", {})
    return {
        "at": at, "entry": entry, "home": entry.book.household,
        "kind": said(*ENTRY_KINDS.get(entry.kind, (entry.kind, entry.kind))),
        "source": source_name(entry.source),
        "words": says.get("words") or measure_called(says.get("measure") or ""),
        "began": _clock(where.get("began")), "until": _clock(says.get("until")),
        "photo": entry.kind == "evidence" and says.get("type") in PICTURES,
    }  # fmt: skip


def _clock(moment: Any) -> str:
    """Hours, minutes and seconds of a moment as a phone spells it."""
    return moment[11:19] if isinstance(moment, str) and len(moment) >= 19 else ""


@signed_in
@require_POST
def act(request: DeskRequest, id: UUID, act: str) -> HttpResponse:
    """Ask, or close for a reason."""
    sign = request.scope.one(Sign, "inspect", pk=id)
    with override("zh-hans"):
        words = question(sign)
    now, today = request.at.now, request.at.today
    if act == "ask":
        asking.ask(sign, question=words, by=request.user, now=now, today=today)
    elif act == "close":
        why = request.POST.get("why", "")
        asking.close(sign, question=words, why=why, by=request.user, now=now, today=today)
    else:
        raise Problem("access.not_yours", status=404)
    messages.success(request, said("已记入户册。", "Written in the book."))
    return redirect("signs")


@signed_in
@require_safe
def photo(request: DeskRequest, id: UUID, at: int) -> HttpResponse:
    """A photo of the evidence; that it was looked at is logged."""
    sign = request.scope.one(Sign, "inspect", pk=id)
    if at >= len(sign.entries):
        raise Problem("access.not_yours", status=404)
    book, number = sign.entries[at]
    entry = request.scope.one(Entry, book_id=book, number=number, kind="evidence")
    request.scope.require_sight("sensitive", entry)
    kept = files.kept(entry.says["sha256"])
    if kept is None or kept.type not in PICTURES:
        raise Problem("file.missing", status=404, sha256=entry.says["sha256"][:12])
    log_reading(
        request.user, what="evidence", now=request.at.now, household=entry.book_id, rows=1,
        why=f"sign {sign.pk} entry {number}",
    )  # fmt: skip
    answer = HttpResponse(files.content_of(kept.sha256), content_type=kept.type)
    answer.headers["Cache-Control"] = "no-store"
    return answer


urls = [
    path("signs/", signs, name="signs"),
    path("signs/<uuid:id>/photo/<int:at>/", photo, name="sign_photo"),
    path("signs/<uuid:id>/<str:act>/", act, name="sign_act"),
]
