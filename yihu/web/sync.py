"""Entries from phones that wait for a decision, with both values; and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from yihu.book.models import Book, Entry
from yihu.problems import Problem
from yihu.sync import holds
from yihu.sync.aside import opened
from yihu.sync.models import Arrival
from yihu.web.days import day_of, require_no_day_ahead
from yihu.web.household_view import source_name
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.phones import tabs
from yihu.web.says import language, said
from yihu.web.sync_shown import differences
from yihu.web.typed_in import number_in

SHOWN = 30
STATES = ("held", "refused")


def _require(request: DeskRequest) -> None:
    """Settling is for who compares and may write."""
    request.scope.require("compare")
    request.scope.require("write")


@dataclass(frozen=True, slots=True)
class Undecided:
    """A decision that could not be: whose it was, what was chosen and typed, and the refusal."""

    row: int
    form: QueryDict
    refused: str

    def chosen(self, key: str) -> str:
        """The side that was chosen for a fact."""
        return str(self.form.get(f"fact:{key}", ""))


@signed_in
def waiting(request: DeskRequest) -> HttpResponse:
    """What is held, the oldest first; or what was refused, the newest first."""
    return _page(request, None)


def _page(request: DeskRequest, back: Undecided | None) -> HttpResponse:
    _require(request)
    state = request.GET.get("state", "held")
    state = state if state in STATES else "held"
    rows = holds.to_settle(request.scope)
    chosen = rows.filter(state=state)
    found = chosen if state == "held" else chosen.order_by("-received_at", "-pk")
    shown = list(found[:SHOWN])
    if back is not None and all(each.pk != back.row for each in shown):
        # It stands further down; what was typed is shown again all the same.
        shown = [*rows.filter(pk=back.row), *shown]
    context = {
        "state": state,
        "phone_tabs": tabs(request.scope, state),
        "rows": [_shown(request, each, back) for each in shown],
        "more": max(0, chosen.count() - len(shown)),
    }
    return render(request, "sync/waiting.html", context)


def _shown(request: DeskRequest, row: Arrival, back: Undecided | None) -> dict[str, Any]:
    back = back if back is not None and back.row == row.pk else None
    book = request.scope.of(Book).filter(pk=row.household_id).first() if row.household_id else None
    raw = opened(row) if row.body else None
    says = raw.get("says") if isinstance(raw, dict) else None
    words = says.get("words") if isinstance(says, dict) else None
    disputed = differences(row, request.scope) if row.state == "held" else []
    wrote = _who_wrote(request, row, [each["by"] for each in disputed])
    return {
        "row": row, "book": book, "seen": book.last_number if book else 0,
        "why": said(row.why.get("zh", ""), row.why.get("en", "")),
        "words": _shown_words(words),
        "differences": [
            {
                **each, "wrote": wrote.get(each["by"]),
                "chosen": back.chosen(f"{each['whose']}/{each['fact']}") if back else "",
            }
            for each in disputed
        ],
        "own": row.worker_id == request.user.pk, "lacks_day": holds.lacks_day(row),
        "own_value": bool(disputed) and holds.own_value(row, request.user) is not None,
        "back": back,
    }  # fmt: skip


def _shown_words(words: object) -> str:
    """The first words of an entry. Half a sign, which no page can hold, is shown as a question."""
    text = words[:200] if isinstance(words, str) else ""
    return text.encode("utf-8", "replace").decode()


def _who_wrote(
    request: DeskRequest, row: Arrival, numbers: list[int]
) -> dict[int, tuple[str, str, date]]:
    """Number of an entry a value of the book stands in → who wrote it, whence, of which day."""
    if not any(numbers) or row.household_id is None:
        return {}
    rows = request.scope.of(Entry).filter(book_id=row.household_id, number__in=numbers)
    return {
        each.number: (
            each.author.name if each.author else "—", source_name(each.source), each.seen_on,
        )
        for each in rows.select_related("author")
    }  # fmt: skip


@require_POST
@signed_in
def settle(request: DeskRequest, id: int) -> HttpResponse:
    """Write what is held, each fact with the value chosen; or decline it, for a reason."""
    _require(request)
    row = request.scope.one(Arrival, "compare", pk=id)
    row = request.scope.one(Arrival, "write", pk=row.pk)
    try:
        _decide(request, row)
    except Problem as refused:
        # What was chosen and typed comes back with the refusal.
        row.refresh_from_db()
        if row.state != "held":
            raise
        answer = _page(request, Undecided(id, request.POST, refused.sentence(language())))
        answer.status_code = refused.status
        return answer
    return redirect("phones")


def _decide(request: DeskRequest, row: Arrival) -> None:
    why = str(request.POST.get("why", ""))
    if request.POST.get("decide") == "decline":
        holds.decline(row, why=why, by=request.user, at=request.at)
        messages.success(
            request, said("已记为不采用，理由已保存。", "Declined; the reason is kept.")
        )
        return
    choices = {
        name.removeprefix("fact:"): str(value)
        for name, value in request.POST.items()
        if name.startswith("fact:")
    }
    on = day_of(day) if (day := request.POST.get("seen_on", "").strip()) else None
    require_no_day_ahead(on, request.at.today)
    holds.settle(
        row, choices=choices, seen=number_in(request.POST.get("seen", "")), why=why,
        by=request.user, at=request.at, on=on,
    )  # fmt: skip
    messages.success(request, said("已写入户册。", "Written in the book."))


urls = [
    path("sync/", waiting, name="phones"),
    path("sync/<int:id>/settle/", settle, name="settle-phone-entry"),
]
