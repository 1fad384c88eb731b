"""Before many gaps are changed at once: how many they are, which, and what would be done."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yihu.access.scope import Scope
from yihu.ledger.models import Gap
from yihu.ledger.queries import Filters
from yihu.places.models import Place
from yihu.web import ledger_words as words
from yihu.web.says import said

#: act → what it is called, and what is done with each gap.
ACTS = {
    "assign": ("分派", "Assign"),
    "due": ("改期限", "Set the deadline"),
    "answer": ("回复", "Answer"),
    "waive": ("豁免", "Waive"),
}
#: What of the form is sent on.
SENT = ("to", "due_on", "why", "words", "until")
#: Lines of the list, and villages that are named.
SHOWN = 12


def mark_of(gaps: list[Gap]) -> str:
    """Which gaps they are, in a word: what was confirmed is done with these and no others."""
    ids = " ".join(sorted(gap.pk.hex for gap in gaps))
    return hashlib.sha256(ids.encode()).hexdigest()[:20]


def ask(request: HttpRequest, act: str, gaps: list[Gap], scope: Scope) -> HttpResponse:
    """The page that asks whether all of these are meant; nothing is written by it."""
    given = request.POST
    by = Filters.of(dict(parse_qsl(given.get("query", ""))))
    places = Counter(gap.place_id for gap in gaps)
    names = dict(scope.of(Place).filter(pk__in=places).values_list("pk", "name"))
    context = {
        "act": act, "name": said(*ACTS[act]), "count": len(gaps), "mark": mark_of(gaps),
        "filters": filters_in_words(by, scope), "query": given.get("query", ""),
        "sent": [(name, given.get(name, "")) for name in SENT],
        "again": bool(given.get("sure")),
        "titles": Counter(words.title_of(gap) for gap in gaps).most_common(SHOWN),
        "places": [(names.get(pk, "—"), n) for pk, n in places.most_common(SHOWN)],
        "more_places": max(0, len(places) - SHOWN),
        "moved": sum(gap.due_on is not None for gap in gaps) if given.get("due_on") else 0,
        "taken": sum(gap.responsible_id is not None for gap in gaps),
        "crumbs": [(said("问题台账", "Ledger"), reverse("ledger")), (said(*ACTS[act]), "")],
    }  # fmt: skip
    return render(request, "ledger/sure.html", context)


def filters_in_words(by: Filters, scope: Scope) -> list[tuple[str, str]]:
    """What the list was narrowed to, as people read it."""
    given: dict[str, Any] = by.said()
    spoken: dict[str, Callable[[str], str]] = {
        "state": lambda v: said(*words.STATE_WORDS[v]),
        "battle": lambda v: words.topic_name("" if v == "none" else v),
        "department": lambda v: words.department_name("" if v == "none" else v),
        "origin": lambda v: said(*words.ORIGIN_WORDS[v]),
        "answer": lambda v: said(*words.ANSWER_WORDS["" if v == "none" else v]),
        "rule": lambda v: words.title_of(Gap(rule=v)),
        "place": lambda v: scope.one(Place, code=v).name,
        "who": lambda v: said(*WHO.get(v, ("某人", "One person"))),
        "late": lambda _: said("是", "yes"),
        "due": lambda v: said(*DUE.get(v, (v, v))),
    }  # fmt: skip
    return [
        (said(*NAMES[name]), spoken.get(name, str)(value))
        for name, value in {"state": by.state, **given}.items()
    ]


WHO = {"none": ("未分派", "Not assigned"), "some": ("已有责任人", "Somebody named")}
DUE = {"none": ("未定期限", "No deadline set"), "set": ("已定期限", "A deadline is set")}
NAMES = {
    "state": ("状态", "State"), "battle": ("战役 / 专题", "Battle or topic"),
    "department": ("责任部门", "Department"), "place": ("乡镇、村", "Place"),
    "who": ("责任人", "Responsible"), "origin": ("来源", "Origin"), "rule": ("规则", "Rule"),
    "answer": ("结论", "Answer"), "late": ("只看逾期", "Overdue only"),
    "before": ("期限在此日之前", "Due by"), "person": ("成员", "Person"),
    "due": ("期限", "Due"),
}  # fmt: skip
