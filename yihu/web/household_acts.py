"""What is done with a household beside its facts: people, problems, whole numbers, undoing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu import loop
from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.actions import NewEntry
from yihu.book.models import Entry
from yihu.book.says import REASONS_JOINED, REASONS_LEFT
from yihu.book.undoing import undo_entry
from yihu.card import plans
from yihu.card.fold import Card, fold
from yihu.card.models import Household
from yihu.card.plans import Home, When
from yihu.ledger.actions import Raised, raise_gaps
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.reason import MOST_IN_LOG, good_reason, require_short
from yihu.web.days import day_of
from yihu.web.household import entries_of, frame_of
from yihu.web.household_forms import SOURCES, source_in, where_written
from yihu.web.household_view import REASONS, people
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import language, said
from yihu.web.typed_identity import NUMBER, require_possible

#: Shortest reason for seeing a whole number, and for undoing an entry.
LEAST_REASON, LEAST_UNDONE = 4, 2
#: What is asked of somebody who comes, where the rulebook knows it.
JOINING = ("name", "birth", "sex", "relation", NUMBER)
#: Who comes and who goes by way of the forms here; splitting and merging have their own.
JOINED = tuple(why for why in REASONS_JOINED if why not in ("split", "merged", "registered"))
LEFT = tuple(why for why in REASONS_LEFT if why not in ("split", "merged"))


@signed_in
def people_events(request: DeskRequest, id: UUID) -> HttpResponse:
    """The form of what happened in the family, and what is sent by it."""
    home = request.scope.one(Household, pk=id)
    request.scope.require("write", home)
    card = fold(entries_of(request, home))
    if request.method != "POST":
        return _people_form(request, home, card)
    did = request.POST.get("did", "")
    if did not in _EVENTS:
        return redirect("household_people", id=id)
    try:
        when = When(day_of(request.POST.get("on", "")), source_in(request))
        entries = once(request, _EVENTS[did](request, Home(home.pk, card), when))
        rows = loop.write(entries, by=request.user, at=request.at)
    except Problem as refused:
        if refused.status not in MENDED:
            raise
        return _people_form(request, home, card, refused)
    _say(request, rows)
    return redirect(where_written(next(row for row in rows if row.book_id == home.pk)))


#: What somebody can put right in the form; what is not his to do is told on a page of its own.
MENDED = (400, 409)


def _people_form(
    request: DeskRequest, home: Household, card: Card, refused: Problem | None = None
) -> HttpResponse:
    """The four forms; what was refused stands in its own, with what was typed."""
    sent = {request.POST.get("did", ""): {**request.POST.dict(), "refused": refused}}
    context = {
        **frame_of(request, home, card),
        "people": people(card, request.scope, home, request.at.today),
        "joined": [(why, said(*REASONS[why])) for why in JOINED],
        "left": [(why, said(*REASONS[why])) for why in LEFT],
        "sources": [(key, said(zh, en)) for key, zh, en in SOURCES],
        "villages": request.scope.of(Place).filter(level="village", until=None).order_by("path"),
        "sexes": _codes("sex"), "relations": _codes("relation"), "entry": uuid4(),
        "numbers": _asks_number(request.scope, home), "sent": sent if refused else {},
        "refused": refused.sentence(language()) if refused else "",
    }  # fmt: skip
    status = refused.status if refused else 200
    return render(request, "household/people.html", context, status=status)


def _say(request: DeskRequest, rows: list[Entry]) -> None:
    if rows[0].received_at == request.at.now:
        messages.success(request, said("已写入户册。", "Written in the book."))
        return
    again = said(
        "这张表已经提交过，没有再写一次；还有别的变动，请重新打开本页填写。",
        "This form was sent before and was not written again; for another change open it anew.",
    )
    messages.warning(request, again)


def once(request: DeskRequest, entries: list[NewEntry]) -> list[NewEntry]:
    """The same entries under the id the form came with: sent twice, they are written once."""
    try:
        first = UUID(request.POST.get("entry", ""))
    except ValueError:
        return entries
    return [replace(each, id=uuid5(first, str(n))) for n, each in enumerate(entries)]


def _codes(fact: str) -> list[tuple[str, Any]]:
    spec = dictionary.active().facts.get((dictionary.PERSON, fact))
    return [(code.key, code.label) for code in spec.codes.codes] if spec and spec.codes else []


def _asks_number(scope: Scope, home: Household) -> bool:
    known = (dictionary.PERSON, NUMBER) in dictionary.active().facts
    return known and scope.sees("secret", home)


def _join(request: DeskRequest, home: Home, when: When) -> list[NewEntry]:
    known = dictionary.active().facts
    asked = [f for f in JOINING if (dictionary.PERSON, f) in known]
    sent = {f: request.POST.get(f, "").strip() for f in asked}
    facts = {f: dictionary.written(dictionary.PERSON, f, v) for f, v in sent.items() if v}
    require_possible(facts, {})
    return plans.join(home, when, facts=facts, why=_one_of(request, JOINED))


def _leave(request: DeskRequest, home: Home, when: When) -> list[NewEntry]:
    return plans.leave(
        home, when, person=_person(request, home), why=_one_of(request, LEFT),
        new_head=request.POST.get("new_head") or None,
    )  # fmt: skip


def _head(request: DeskRequest, home: Home, when: When) -> list[NewEntry]:
    return plans.change_head(home, when, person=_person(request, home))


def _move(request: DeskRequest, home: Home, when: When) -> list[NewEntry]:
    to = request.scope.one(Place, "write", code=request.POST.get("place", ""))
    why = request.POST.get("why", "").strip()
    require_short(why, MOST_IN_LOG)
    return plans.move_household(home, when, place=to.code, why=why)


Event = Callable[[DeskRequest, Home, When], list[NewEntry]]
_EVENTS: dict[str, Event] = {"join": _join, "leave": _leave, "head": _head, "move": _move}


def _one_of(request: DeskRequest, known: tuple[str, ...]) -> str:
    why = request.POST.get("why", "")
    return why if why in known else known[0]


def _person(request: DeskRequest, home: Home) -> str:
    person = request.POST.get("person", "")
    if person not in home.card.members:
        raise Problem("household.no_such_person", status=404)
    return person


@require_POST
@signed_in
def raise_problem(request: DeskRequest, id: UUID) -> HttpResponse:
    """A problem somebody saw: a gap that no rule can judge."""
    home = request.scope.one(Household, pk=id)
    request.scope.require("raise", home)
    due = request.POST.get("due_on", "")
    raised = Raised(
        book=home.pk, origin="visit", title=request.POST.get("title", ""),
        department=request.POST.get("department", "")[:40], due_on=day_of(due) if due else None,
        sent=request.POST.get("entry", ""),
    )  # fmt: skip
    (gap,) = raise_gaps([raised], by=request.user, now=request.at.now, today=request.at.today)
    messages.success(request, said("问题已记入台账。", "The problem stands in the ledger."))
    return redirect(f"{reverse('household', args=[id])}#gap-{gap.pk}")


@require_POST
@signed_in
def unmask(request: DeskRequest, id: UUID) -> HttpResponse:
    """Whole numbers of a household, for a reason that is logged before anything is shown."""
    home = request.scope.one(Household, pk=id)
    request.scope.require("unmask", home)
    request.scope.require_sight("secret", home)
    why = good_reason(
        request.POST.get("why", ""), "access.no_reason", least=LEAST_REASON, most=MOST_IN_LOG
    )
    card = fold(entries_of(request, home))
    keys = dictionary.keys()
    whose = [("", card.facts), *((_name(m), m.facts) for m in card.people)]
    rows = [
        (name, dictionary.spec_of("person" if name else "household", fact).label,
         keys.open(known.value["sealed"], known.token))
        for name, facts in whose for fact, known in facts.items() if known.token
    ]  # fmt: skip
    log_reading(
        request.user, what="unmasked", now=request.at.now, household=home.pk,
        facts=[f for _, facts in whose for f, k in facts.items() if k.token],
        rows=len(rows), why=why,
    )  # fmt: skip
    context = {**frame_of(request, home, card), "rows": rows, "why": why}
    answer = render(request, "household/unmasked.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _name(member: Any) -> str:
    return str(member.facts["name"].value) if "name" in member.facts else "？"


@require_POST
@signed_in
def undo(request: DeskRequest, id: UUID, number: int) -> HttpResponse:
    """A counter-entry, which takes the effect of an entry away and leaves it in the book."""
    home = request.scope.one(Household, pk=id)
    request.scope.require("write", home)
    entry = request.scope.one(Entry, book_id=home.pk, number=number)
    why = good_reason(
        request.POST.get("why", ""), "household.why_undone", least=LEAST_UNDONE, most=MOST_IN_LOG,
        number=number,
    )  # fmt: skip
    loop.write([undo_entry(entry, why=why, on=request.at.today)], by=request.user, at=request.at)
    messages.success(request, said(f"已撤销第 {number} 条。", f"Entry {number} is undone."))
    return redirect(f"{reverse('household', args=[id])}?part=book#entry-{number}")


urls = [
    path("households/<uuid:id>/people/", people_events, name="household_people"),
    path("households/<uuid:id>/raise/", raise_problem, name="household_raise"),
    path("households/<uuid:id>/unmask/", unmask, name="household_unmask"),
    path("households/<uuid:id>/undo/<int:number>/", undo, name="household_undo"),
]
