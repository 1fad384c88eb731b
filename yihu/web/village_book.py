"""A place's own book: its facts by the rulebook's forms, line by line, and undone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu import loop
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.actions import NewEntry
from yihu.book.models import Book, Entry
from yihu.book.order import undone_by
from yihu.book.undoing import undo_entry
from yihu.card.fold import fold
from yihu.naming import KINDS
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused
from yihu.web.asked_fields import Around, data_for, require_asked, say_when
from yihu.web.days import day_of
from yihu.web.household_forms import (
    SOURCES,
    Field,
    as_written,
    field_of,
    keep,
    sent_for,
    source_in,
    was_changed,
)
from yihu.web.household_plans import require_reason
from yihu.web.household_themes import Theme, theme, themes
from yihu.web.household_view import Line, rule_title, source_name
from yihu.web.ledger_words import DID_WORDS
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import label, language, phrase, said
from yihu.web.typed_in import number_in
from yihu.web.values import fact_value
from yihu.web.village import crumbs_of


def entries_of(scope: Scope, place: Place) -> list[Entry]:
    """All entries of a place's book, with who wrote them."""
    rows = scope.of(Entry).filter(book__place=place).order_by("number")
    return list(rows.select_related("author"))


@signed_in
def write_place(request: DeskRequest, code: str, name: str) -> HttpResponse:
    """The form of a theme, and what is sent by it."""
    scope = request.scope
    place = scope.one(Place, "place", code=code)
    asked = theme(place.level, name)
    if asked is None:
        raise Problem("access.not_yours", status=404)
    card = fold(entries_of(scope, place))
    fields = [
        field_of(spec, card.facts.get(spec.name))
        for spec in asked.specs
        if scope.sees(spec.privacy, place)
    ]
    say_when(
        fields, asked, request.at.today,
        lambda other: reverse("write_place", args=[place.code, other.name]),
    )  # fmt: skip
    around = {place.level: card.facts}
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            return _written(request, place, asked, fields, around)
        except Refused as refused:
            status = getattr(refused, "status", 400)
            now = fold(entries_of(scope, place))
            keep(request, fields, refused, place.level, now.facts)
            context = {"refused": refused.sentence(language()), "behind": status == 409}
            card = now
    context |= {
        "place": place, "asked": asked, "fields": fields, "themes": list(themes(place.level)),
        "sources": [(key, said(zh, en)) for key, zh, en in SOURCES], "sent": request.POST,
        "asked_data": data_for(fields, around, request.at.today),
        "based_on": card.number, "crumbs": crumbs_of(scope, place, last=True),
    }  # fmt: skip
    return render(request, "village_write.html", context, status=status)


def _written(
    request: DeskRequest, place: Place, asked: Theme, fields: list[Field], around: Around
) -> HttpResponse:
    facts = {
        field.spec.name: as_written(
            place.level, field.spec, sent_for(request, field), request.at.today
        )
        for field in fields
        if was_changed(request, field)
    }
    if not facts:
        raise Problem("household.nothing_written")
    seen_on = day_of(request.POST.get("seen_on", ""))
    require_asked(fields, facts, around, on=seen_on, today=request.at.today)
    entry = NewEntry(
        book=request.scope.one(Book, place=place).pk, kind="facts", says={"place": facts},
        seen_on=seen_on, source=source_in(request),
        based_on=number_in(request.POST.get("based_on", "")),
    )  # fmt: skip
    (row,) = loop.write([entry], by=request.user, at=request.at)
    messages.success(request, phrase("已写入 {n} 项。", "{n} fact[s] written.", n=len(facts)))
    here = reverse("village", args=[place.code])
    return redirect(f"{here}?wrote={row.number}#theme-{asked.name}")


@signed_in
def book_of_place(request: DeskRequest, code: str) -> HttpResponse:
    """The book of a place, the newest first."""
    scope = request.scope
    place = scope.one(Place, code=code)
    rows = entries_of(scope, place)
    context = {
        "place": place, "lines": _lines(rows, place, scope), "may_write": scope.may("place", place),
        "crumbs": crumbs_of(scope, place, last=True),
    }  # fmt: skip
    return render(request, "village_book.html", context)


def _lines(rows: list[Entry], place: Place, scope: Scope) -> list[Line]:
    gone = undone_by(rows)
    return [
        Line(
            entry, said(*KINDS.get(entry.kind, (entry.kind, entry.kind))),
            _words(entry, place, scope), gone.get(entry.number), source_name(entry.source),
        )
        for entry in reversed(rows)
    ]  # fmt: skip


def _words(entry: Entry, place: Place, scope: Scope) -> list[str]:
    says = entry.says
    if entry.kind == "correction":
        number, why = entry.undoes, says.get("why", "")
        return [said(f"撤销第 {number} 条：{why}", f"Undoes entry {number}: {why}")]
    if entry.kind == "gap":
        did = said(*DID_WORDS.get(says["did"], (says["did"],) * 2))
        about = says.get("title") or rule_title(says.get("rule", ""))
        return [f"{did}{said('：', ': ')}{about}" if about else did]
    found = [str(says["words"])] if says.get("words") else []
    for fact, value in says.get("place", {}).items():
        spec = dictionary.active().facts.get((place.level, fact))
        if spec is not None and scope.sees(spec.privacy, place):
            words = said("（已加密）", "(sealed)") if isinstance(value, dict) else (
                fact_value(value, f"{place.level}.{fact}")
            )  # fmt: skip
            found.append(f"{label(spec.label)}{said('：', ': ')}{words}")
    return found


@signed_in
@require_POST
def undo_in_place(request: DeskRequest, code: str, number: int) -> HttpResponse:
    """A counter-entry in the book of a place."""
    place = request.scope.one(Place, "place", code=code)
    entry = request.scope.one(Entry, book__place=place, number=number)
    why = require_reason(request)
    loop.write([undo_entry(entry, why=why, on=request.at.today)], by=request.user, at=request.at)
    messages.success(request, said(f"已撤销第 {number} 条。", f"Entry {number} is undone."))
    return redirect(f"{reverse('village_book', args=[code])}#entry-{number}")


urls = [
    path("villages/<str:code>/write/<str:name>/", write_place, name="write_place"),
    path("villages/<str:code>/book/", book_of_place, name="village_book"),
    path("villages/<str:code>/book/<int:number>/undo/", undo_in_place, name="undo_in_place"),
]
