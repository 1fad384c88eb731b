"""One gap: why it is one, what happened to it, and what the worker may do; problems raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.models import Book, Entry
from yihu.card.models import Household
from yihu.check.reasons import Reason, reason_of_household, reason_of_place
from yihu.exchange.disputes import open_difference
from yihu.exchange.models import Difference
from yihu.ledger import actions, queries
from yihu.ledger.actions import OPEN, Raised
from yihu.ledger.models import ORIGINS, Gap
from yihu.ledger.topics import lists
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused
from yihu.web import ledger_words as words
from yihu.web.household_themes import theme, theme_of
from yihu.web.ledger_acts import (
    do_answer,
    do_assign,
    do_due,
    do_unwaive,
    do_waive,
    given_day,
    workers_of,
)
from yihu.web.ledger_evidence import evidence_of, join, may_add, sent_with
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.reason_shown import sections
from yihu.web.says import language, said


@signed_in
def gap(request: DeskRequest, id: UUID) -> HttpResponse:
    """One gap."""
    return _shown(request, _gap(request, id))


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed into one of the forms of a gap, when it comes back with a refusal."""

    act: str
    form: QueryDict
    refused: str


def _shown(request: DeskRequest, found: Gap, sent: Sent | None = None) -> HttpResponse:
    scope = request.scope
    names = words.names_of([found], scope)
    rule_gap = found.origin == "rule"
    open_now = found.state in OPEN
    differs = open_difference(found)
    reason = _reason(request, found) if rule_gap else None
    may = {act: open_now and scope.may(act, found) for act in ("assign", "answer", "waive")}
    owner = words.department_name(found.department)
    may["unwaive"] = found.state == "waived" and scope.may("waive", found)
    may["clear"] = open_now and not rule_gap and not differs and scope.may("clear", found)
    context = {
        "gap": found,
        "title": words.title_of(found),
        "person": names.get(found.person_id, "") if found.person_id else "",
        "department": owner,
        "topic": words.topic_name(found.battle),
        "state": said(*words.STATE_WORDS[found.state]),
        "origin": said(*words.ORIGIN_WORDS[found.origin]),
        "answer": words.answer_of(found),
        "late": queries.days_late(found, request.at.today),
        "reason": reason,
        "why": sections(reason.sentences, owner=owner if found.department else "")
        if reason
        else [],
        "form": _form(request.scope, found, reason) if open_now and reason else "",
        "history": _history(request, found),
        "may": may,
        "differences": scope.of(Difference, "compare").filter(pk=differs.pk) if differs else [],
        "chosen_department": found.department,
        "files": evidence_of(found, scope),
        "may_add": may_add(found, scope) and scope.sees("sensitive", found),
        "workers": workers_of(scope, gap=found) if may["assign"] else [],
        "sent": sent,
        # Cleared by another meanwhile, the gap has no such form any more.
        "lost": sent is not None and not may.get(sent.act),
        "crumbs": [(said("问题台账", "Ledger"), reverse("ledger")), (words.title_of(found), "")],
    }
    return render(request, "ledger/gap.html", context)


def _gap(request: DeskRequest, id: UUID) -> Gap:
    rows = request.scope.of(Gap).select_related("household__place", "place__parent", "responsible")
    found = rows.filter(pk=id).first()
    if found is None:
        raise Problem("access.not_yours", status=404)
    return found


def _reason(request: DeskRequest, gap: Gap) -> Reason | None:
    """Why it is a gap; only the answer where the facts are not for this worker's eyes."""
    on, lang = request.at.today, language()
    try:
        if gap.household is None:
            found = reason_of_place(gap.place, gap.rule, on=on, lang=lang)
        else:
            found = reason_of_household(
                gap.household, gap.rule, on=on, lang=lang, person=gap.person_id
            )
    except Refused:
        return None  # the rule is not in force on this day, or the person has left
    if found.privacy in ("sensitive", "secret") and not request.scope.sees("sensitive", gap):
        hidden = said(
            "依据涉及敏感信息，您的岗位看不到。", "The facts are sensitive; your post shows none."
        )
        return Reason(found.answer, (found.sentences[0], hidden), found.privacy, found.facts)
    return found


def _form(scope: Scope, gap: Gap, reason: Reason) -> str:
    """The address of the form in which the first fact that decided is written; "" for none."""
    home = gap.household
    if home is None or home.closed_on or not scope.may("write", home):
        return ""
    for spec in reason.facts:
        name = theme_of(spec)
        if spec.level == dictionary.PERSON and gap.person_id and theme(spec.level, name):
            address = reverse("household_write", args=[home.pk, spec.level, name])
            return f"{address}?person={gap.person_id}#f-{spec.name}"
        if spec.level == dictionary.HOUSEHOLD and theme(spec.level, name):
            return f"{reverse('household_write', args=[home.pk, spec.level, name])}#f-{spec.name}"
    return ""


def _history(request: DeskRequest, gap: Gap) -> list[dict[str, Any]]:
    rows = request.scope.of(Entry).filter(book_id=gap.book_id, kind="gap", says__gap=str(gap.pk))
    found = list(rows.select_related("author").order_by("number"))
    to = {entry.says["to"] for entry in found if "to" in entry.says}
    names = {str(w.pk): w.name for w in request.scope.of(Worker).filter(pk__in=to)}
    return [
        {
            "entry": entry,
            "did": said(*words.DID_WORDS.get(entry.says["did"], ("", entry.says["did"]))),
            "to": names.get(entry.says.get("to", ""), ""),
            "answer": said(*words.ANSWER_WORDS.get(entry.says.get("answer", ""), ("", "")))
            if entry.says.get("answer") else "",
            "says": entry.says,
        }
        for entry in reversed(found)
    ]  # fmt: skip


@signed_in
@require_POST
def gap_act(request: DeskRequest, id: UUID, act: str) -> HttpResponse:
    """Assign, answer, waive, clear or set the deadline of one gap."""
    need = {"due": "assign", "unwaive": "waive"}.get(act, act)
    if act not in _DO:
        raise Problem("access.not_yours", status=404)
    found = request.scope.one(Gap, need, pk=id)
    try:
        _DO[act](request, [found])
    except Problem as refused:
        # What took minutes to write is not lost over a name spelled wrong.
        sent = Sent(act, request.POST, refused.sentence(language()))
        answer = _shown(request, _gap(request, id), sent)
        answer.status_code = refused.status
        return answer
    messages.success(request, said("已记入户册。", "Written in the book."))
    return redirect("gap", id=id)


def _clear(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    if any(open_difference(gap) for gap in gaps):
        raise Problem("ledger.only_settlement", status=409)
    evidence = request.POST.get("evidence", "").strip()
    if not evidence:
        # The files that were joined to it show it as well as a paper that is named.
        shown = [file["name"] for gap in gaps for file in evidence_of(gap, request.scope)]
        evidence = "、".join(shown)[:200]
    return actions.clear(
        gaps, words=request.POST.get("words", ""), evidence=evidence,
        by=request.user, now=request.at.now, today=request.at.today,
    )  # fmt: skip


_DO = {
    "assign": do_assign, "due": do_due, "answer": do_answer, "waive": do_waive,
    "unwaive": do_unwaive, "clear": _clear,
}  # fmt: skip


# --- problems people raise ------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
def gap_raise(request: DeskRequest, id: UUID) -> HttpResponse:
    """Raise a problem at a household."""
    home = request.scope.one(Household, "raise", pk=id)
    return _raised(request, home.pk, f"{home.head_name} {home.code}")


@signed_in
@require_http_methods(["GET", "POST"])
def gap_raise_at(request: DeskRequest, code: str) -> HttpResponse:
    """Raise a problem at a village, township or county."""
    place = request.scope.one(Place, "raise", code=code)
    return _raised(request, request.scope.one(Book, place=place).pk, place.name)


def _raised(request: DeskRequest, book: UUID, whose: str) -> HttpResponse:
    context: dict[str, Any] = {
        "whose": whose,
        "given": request.POST,
        "entry": request.POST.get("entry") or uuid4(),
        "origins": [pair for pair in words.origin_choices() if pair[0] != "rule"],
        "topics": words.topic_choices(),
        "departments": words.department_choices(lists().departments),
        "crumbs": [(said("问题台账", "Ledger"), reverse("ledger")), (whose, "")],
    }
    if request.method != "POST":
        return render(request, "ledger/raise.html", context)
    try:
        made = _made(request, book)
    except Problem as refused:
        # The form comes back as it was sent, so that one wrong field costs no other.
        context["refused"] = refused.sentence(language())
        return render(request, "ledger/raise.html", context, status=refused.status)
    messages.success(request, said("已记入户册。", "Written in the book."))
    return redirect("gap", id=made.pk)


@transaction.atomic
def _made(request: DeskRequest, book: UUID) -> Gap:
    given = request.POST
    origin = given.get("origin", "inspection")
    if origin not in ORIGINS or origin == "rule":
        raise Problem("ledger.bad_filter", name="origin", found=origin)
    problem = Raised(
        book=book, origin=origin, title=given.get("title", ""),
        department=given.get("department", ""), battle=given.get("battle", ""),
        due_on=given_day(given.get("due_on", ""), "due_on"),
        measures=given.get("measures", ""), evidence=given.get("evidence", ""),
        sent=given.get("entry", ""),
    )  # fmt: skip
    now, today = request.at.now, request.at.today
    (made,) = actions.raise_gaps([problem], by=request.user, now=now, today=today)
    if files := sent_with(request):
        join(request, made, files, once=True)
    return made


urls = [
    path("ledger/<uuid:id>/", gap, name="gap"),
    path("ledger/<uuid:id>/<str:act>/", gap_act, name="gap_act"),
    path("ledger/raise/<uuid:id>/", gap_raise, name="gap_raise"),
    path("ledger/raise/at/<str:code>/", gap_raise_at, name="gap_raise_at"),
]
