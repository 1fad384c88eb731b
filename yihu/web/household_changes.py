"""Splitting, joining, moving and closing households: a preview first, and all of it undone at once.

The preview writes everything and takes it back: what it shows is what the books, the cards and the
ledger would say, and a refusal comes before anybody presses the last button.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from yihu import loop
from yihu.book.actions import NewEntry, open_batch
from yihu.book.models import Batch, Entry
from yihu.card import plans
from yihu.card.fold import Card, fold
from yihu.card.models import Household
from yihu.places.models import Place, within
from yihu.problems import Problem
from yihu.web.household import entries_of, frame_of
from yihu.web.household_forms import SOURCES
from yihu.web.household_plans import (
    LIVED_IN,
    card_of,
    ids_of,
    name_of,
    other_home,
    plan_of,
    require_reason,
    suggested_code,
)
from yihu.web.household_view import Line, timeline
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, said

#: act → its name, and what it does.
WORDS = {
    "split": ("分户", "Split", "部分成员另立一户", "Some members become a household of their own"),
    "give": ("成员转到另一户", "Move members", "部分成员转入已有的一户",
             "Some members go to a household that is known here"),
    "merge": ("合户", "Merge", "这一户是重复的，并入另一户",
              "This household stands twice: it becomes one with another"),
    "move": ("整户迁移", "Move", "整户迁到另一个村或屯",
             "The household lives elsewhere from now on"),
    "head": ("更换户主", "Another head", "由另一名成员任户主", "Another member becomes the head"),
    "close": ("销户", "Close", "登记错误或已不存在的户；户册保留",
              "A wrong household, or one that is no more; its book stays"),
    "reopen": ("恢复", "Open again", "恢复已销的户", "A closed household is one again"),
}  # fmt: skip
#: What batches of these pages are called in the book.
KEPT_AS = {act: f"household_{act}" for act in WORDS}
#: Changes that are offered to be undone.
SHOWN = 20


@signed_in
def changes(request: DeskRequest, id: UUID) -> HttpResponse:
    """The forms; what one of them would write; and, once that was looked at, the writing."""
    home = request.scope.one(Household, "write", pk=id)
    if request.method != "POST":
        return _forms(request, home, request.GET.get("act", ""))
    try:
        entries = plan_of(request, home)
    except Problem as refused:
        # What was typed comes back: a name spelled wrong costs no other field.
        answer = _forms(
            request, home, request.POST.get("act", ""), refused=refused.sentence(language())
        )
        answer.status_code = refused.status
        return answer
    numbers = _numbers(request, entries)
    if request.POST.get("seen") == _mark(request, numbers):
        return _written(request, home, entries)
    return _preview(request, home, entries, numbers)


def _forms(request: DeskRequest, home: Household, act: str, *, refused: str = "") -> HttpResponse:
    card = card_of(request, home)
    if act not in WORDS:
        act = "reopen" if home.closed_on else "split"
    context = {
        **frame_of(request, home, card), "acts": _acts(home, act), "act": act,
        "sent": request.POST, "chosen": request.POST.getlist("people"), "refused": refused,
        "members": [(m.id, name_of(m), m.is_head) for m in card.people],
        "sources": [(key, said(zh, en)) for key, zh, en in SOURCES],
        "code": suggested_code(card), "places": _places(request, home),
        "done": _done(request, home),
    }  # fmt: skip
    return render(request, "household/changes.html", context)


def _acts(home: Household, here: str) -> list[dict[str, Any]]:
    able = [act for act in WORDS if (act == "reopen") == (home.closed_on is not None)]
    return [
        {"act": act, "name": said(*WORDS[act][:2]), "about": said(*WORDS[act][2:]),
         "here": act == here}
        for act in able
    ]  # fmt: skip


def _places(request: DeskRequest, home: Household) -> list[Place]:
    """Villages and hamlets of the household's township; others are named by their codes."""
    above = home.place
    while above.parent is not None and above.level in LIVED_IN:
        above = above.parent
    rows = request.scope.of(Place, "write").filter(within(above.path, "path"), until=None)
    return list(rows.filter(level__in=LIVED_IN).order_by("path"))


# --- the preview ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Book:
    """One household of a preview: how it stood, what is written, how it would stand."""

    home: Household
    before: list[str]
    after: list[str]
    lines: list[Line]
    ledger: list[Line]
    closed: bool
    new: bool


def _numbers(request: DeskRequest, entries: list[NewEntry]) -> str:
    """Where each book ends now; one that is not begun yet has no number."""
    rows = request.scope.of(Household).filter(pk__in=ids_of(entries))
    return " ".join(f"{pk}:{n}" for pk, n in sorted(rows.values_list("pk", "number")))


def _mark(request: DeskRequest, numbers: str) -> str:
    """What was previewed, in a word: the form as it was sent, and where the books ended."""
    given = sorted(
        (name, request.POST.getlist(name))
        for name in request.POST
        if name not in ("csrfmiddlewaretoken", "seen")
    )
    return hashlib.sha256(f"{given} {numbers}".encode()).hexdigest()


def _preview(
    request: DeskRequest, home: Household, entries: list[NewEntry], numbers: str
) -> HttpResponse:
    act = request.POST["act"]
    card = card_of(request, home)
    context = {
        **frame_of(request, home, card), "act": act, "name": said(*WORDS[act][:2]),
        "books": _tried(request, entries), "why": require_reason(request),
        "sent": [
            (name, value) for name in request.POST for value in request.POST.getlist(name)
            if name not in ("csrfmiddlewaretoken", "seen") and not name.startswith("same-")
        ],
        "mark": _mark(request, numbers), "stale": bool(request.POST.get("seen")),
        "pairs": _pairs(request, card) if act == "merge" else [],
    }  # fmt: skip
    return render(request, "household/changes_preview.html", context)


def _tried(request: DeskRequest, entries: list[NewEntry]) -> list[Book]:
    """What would stand in the books and the ledger; all of it is taken back."""
    before = {
        home.pk: (card_of(request, home), home.book.last_number)
        for home in request.scope.of(Household)
        .filter(pk__in=ids_of(entries))
        .select_related("book")
    }
    with transaction.atomic():
        loop.write(entries, by=request.user, at=request.at)
        found = [
            _book(request, request.scope.one(Household, pk=book), before.get(book, (Card(), 0)))
            for book in ids_of(entries)
        ]
        transaction.set_rollback(True)
    return found


def _book(request: DeskRequest, home: Household, before: tuple[Card, int]) -> Book:
    was, number = before
    rows = entries_of(request, home)
    card = fold(rows)
    lines = timeline([row for row in rows if row.number > number], card, request.scope, home)
    return Book(
        home, [name_of(m) for m in was.people], [name_of(m) for m in card.people],
        [line for line in reversed(lines) if line.entry.kind != "gap"],
        [line for line in reversed(lines) if line.entry.kind == "gap"],
        home.closed_on is not None, number == 0,
    )  # fmt: skip


def _pairs(request: DeskRequest, card: Card) -> list[dict[str, Any]]:
    """For each person of the double: who in the other household is the same, to be corrected."""
    into = card_of(request, other_home(request))
    guessed = plans.alike(card, into)
    others = [(m.id, name_of(m)) for m in into.people]
    return [
        {"id": m.id, "name": name_of(m), "others": others,
         "sent": f"same-{m.id}" in request.POST,
         "chosen": request.POST.get(f"same-{m.id}", guessed.get(m.id, ""))}
        for m in card.people
    ]  # fmt: skip


# --- writing, and undoing -------------------------------------------------------------------------


@transaction.atomic
def _written(request: DeskRequest, home: Household, entries: list[NewEntry]) -> HttpResponse:
    act = request.POST["act"]
    batch = open_batch(
        what=KEPT_AS[act], name=require_reason(request), by=request.user, at=request.at.now
    )
    loop.write(entries, by=request.user, at=request.at, batch=batch)
    messages.success(
        request, said("已写入户册；可在本页整体撤销。", "Written; all of it can be undone here.")
    )
    return redirect("household_changes", id=home.pk)


def _done(request: DeskRequest, home: Household) -> list[dict[str, Any]]:
    """What was done to this household on these pages, the newest first."""
    rows = request.scope.of(Entry).filter(book_id=home.pk, batch__what__in=KEPT_AS.values())
    rows = rows.select_related("batch__by").order_by("-number")[: SHOWN * 5]
    batches: Mapping[Any, Batch] = {row.batch_id: row.batch for row in rows if row.batch}
    named = {kept: said(*WORDS[act][:2]) for act, kept in KEPT_AS.items()}
    return [
        {"batch": batch, "name": named[batch.what], "undone": batch.undone_by_id is not None}
        for batch in list(batches.values())[:SHOWN]
    ]


@signed_in
@require_POST
def undo_change(request: DeskRequest, id: UUID, batch: UUID) -> HttpResponse:
    """Take all of a change back, in every book it wrote in."""
    scope = request.scope
    home = scope.one(Household, "write", pk=id)
    entry = scope.one(Entry, "write", book_id=home.pk, number=_first_of(request, home, batch))
    found = entry.batch
    if found is None or found.what not in KEPT_AS.values():
        raise Problem("access.not_yours", status=404)
    if found.entries.count() != scope.of(Entry, "write").filter(batch=found).count():
        raise Problem("access.may_not", status=403, what="write in all households it touched",
                      what_zh="填写其中涉及的每一户")  # fmt: skip
    loop.undo(found, why=require_reason(request), by=request.user, at=request.at)
    messages.success(request, said("已整体撤销。", "All of it is undone."))
    return redirect("household_changes", id=id)


def _first_of(request: DeskRequest, home: Household, batch: UUID) -> int:
    rows = request.scope.of(Entry).filter(book_id=home.pk, batch_id=batch)
    return rows.order_by("number").values_list("number", flat=True).first() or 0


urls = [
    path("households/<uuid:id>/changes/", changes, name="household_changes"),
    path("households/<uuid:id>/changes/<uuid:batch>/undo/", undo_change, name="undo_change"),
]
