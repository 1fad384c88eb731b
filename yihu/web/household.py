"""One household: card, people, book, checks and what it is due, today or as of any day."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone

from yihu.access.models import Pairing
from yihu.book.models import Entry
from yihu.card.fold import Card, fold
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings
from yihu.check.reasons import reason_of_household
from yihu.ledger.actions import OPEN
from yihu.ledger.models import Gap
from yihu.ledger.rows import standing_after
from yihu.problems import Problem
from yihu.web import household_rows  # noqa: F401  the tags of the page
from yihu.web.household_answers import Answered, answers, by_kind, due
from yihu.web.household_search import status_name
from yihu.web.household_themes import themes
from yihu.web.household_view import groups, named, people, timeline
from yihu.web.ledger_words import title_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import label, language, said

#: name of the part, its two names, its icon
PARTS = (
    ("card", "卡", "Card", "file-text"),
    ("people", "成员", "People", "users"),
    ("book", "册", "Book", "book-2"),
    ("checks", "核查", "Checks", "checks"),
    ("due", "政策待遇", "Due", "coin"),
)


def day_of(text: str) -> date:
    """A day from an address or a form. Raises Problem (household.no_day)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("household.no_day", found=text[:40]) from None


def entries_of(request: DeskRequest, home: Household) -> list[Entry]:
    """All entries of a household's book, with who wrote them."""
    rows = request.scope.of(Entry).filter(book_id=home.pk).order_by("number")
    return list(rows.select_related("author"))


def end_of_day(day: date) -> datetime:
    """The last moment of a day in the county."""
    return timezone.make_aware(datetime.combine(day, time.max))


@signed_in
def household(request: DeskRequest, id: UUID) -> HttpResponse:
    """One household; `part` says which side of it, `all` prints every side."""
    home = request.scope.one(Household, pk=id)
    entries = entries_of(request, home)
    as_of, known = request.GET.get("as_of", ""), request.GET.get("known", "")
    card = fold(
        entries,
        as_of=day_of(as_of) if as_of else None,
        known_at=end_of_day(day_of(known)) if known else None,
    )
    if known:
        entries = [e for e in entries if e.received_at <= end_of_day(day_of(known))]
    on = day_of(as_of) if as_of else request.at.today
    part = request.GET.get("part", "card")
    context = {
        **frame_of(request, home, card), "as_of": as_of, "known": known, "past": as_of or known,
        "part": part, "parts": _parts(home, part, as_of, known),
    }  # fmt: skip
    for name, made in _MADE.items():
        if part in (name, "all"):
            context |= made(request, home, card, entries, on)
    return render(request, "household.html", context)


def frame_of(request: DeskRequest, home: Household, card: Card) -> dict[str, Any]:
    """What every page about a household shows at its head."""
    helpers = request.scope.of(Pairing).filter(household=home, until=None)
    place = home.place
    village = reverse("village", args=[place.code])
    return {
        "home": home, "card": card, "status_words": status_name(card.status),
        "helpers": list(helpers.select_related("worker")),
        "may_write": request.scope.may("write", home) and home.closed_on is None,
        "may_reopen": request.scope.may("write", home) and home.closed_on is not None,
        "may_raise": request.scope.may("raise", home),
        "may_unmask": request.scope.may("unmask", home),
        "crumbs": [
            (said("农户", "Households"), reverse("households")),
            (place.name, village),
            (home.head_name or home.code, ""),
        ],
    }  # fmt: skip


def _parts(home: Household, here: str, as_of: str, known: str) -> list[dict[str, Any]]:
    days = "".join(f"&{n}={d}" for n, d in (("as_of", as_of), ("known", known)) if d)
    return [
        {
            "name": said(zh, en), "icon": icon, "here": name == here,
            "url": f"{reverse('household', args=[home.pk])}?part={name}{days}",
        }
        for name, zh, en, icon in PARTS
    ]  # fmt: skip


Made = dict[str, Any]


def _card(
    request: DeskRequest, home: Household, card: Card, entries: list[Entry], on: date
) -> Made:
    if request.GET.get("as_of") or request.GET.get("known"):
        rows, names = _gaps_then(entries, on), names_on(card)
    else:
        gaps = request.scope.of(Gap).filter(book_id=home.pk, state__in=OPEN)
        rows = list(gaps.select_related("responsible").order_by("due_on", "rule"))
        names = _names(home) if any(gap.person_id for gap in rows) else {}
    for gap in rows:
        gap.words = title_of(gap)
        gap.who = names.get(str(gap.person_id), "")
        gap.late = gap.due_on is not None and gap.due_on < request.at.today
    return {
        "groups": groups("household", card.facts, request.scope, home),
        "gaps": rows,
        "short": named(card, on),
    }


def _gaps_then(entries: list[Entry], on: date) -> list[Any]:
    """The gaps that were open at the end of a day, as these entries say."""
    gaps = standing_after(e for e in entries if e.seen_on <= on)
    return sorted(
        (gap for gap in gaps if gap.state in OPEN), key=lambda gap: (gap.due_by, gap.rule)
    )


def names_on(card: Card) -> dict[str, str]:
    """Person → name, of everybody a card knows."""
    return {m.id: str(m.facts["name"].value) for m in card.members.values() if "name" in m.facts}


def _people(
    request: DeskRequest, home: Household, card: Card, entries: list[Entry], on: date
) -> Made:
    return {
        "people": people(card, request.scope, home, on),
        "person_themes": [(each.name, label(each.title)) for each in themes("person")],
    }


def _book(
    request: DeskRequest, home: Household, card: Card, entries: list[Entry], on: date
) -> Made:
    gaps_too = request.GET.get("gaps") == "1"
    rows = [entry for entry in entries if gaps_too or entry.kind != "gap"]
    lines = timeline(rows, card, request.scope, home)
    return {"lines": lines, "gaps_too": gaps_too, "left_out": len(entries) - len(rows)}


def _names(home: Household) -> dict[str, str]:
    return {str(id): name for id, name in home.people.values_list("pk", "name")}


def _found(
    request: DeskRequest, home: Household
) -> tuple[HouseholdFindings | None, list[Answered]]:
    # Whether a child goes to school or an illness is treated says as much as the facts behind it.
    if not request.scope.sees("sensitive", home):
        return None, []
    findings = request.scope.of(HouseholdFindings).filter(pk=home.pk).select_related("run").first()
    names = _names(home)
    return findings, list(answers(findings, names)) if findings else []


def _checks(
    request: DeskRequest, home: Household, card: Card, entries: list[Entry], on: date
) -> Made:
    findings, found = _found(request, home)
    stale = findings is not None and (
        findings.number != home.number or findings.run.on != request.at.today
    )
    hidden = not request.scope.sees("sensitive", home)
    return {"findings": findings, "kinds": by_kind(found), "stale": stale, "hidden": hidden}


def _due(request: DeskRequest, home: Household, card: Card, entries: list[Entry], on: date) -> Made:
    _, found = _found(request, home)
    given = [entry for entry in entries if entry.kind == "help"]
    hidden = not request.scope.sees("sensitive", home)
    return {
        "due": due(found),
        "hidden": hidden,
        "given": timeline(given, card, request.scope, home),
    }


_MADE = {"card": _card, "people": _people, "book": _book, "checks": _checks, "due": _due}


@signed_in
def why(request: DeskRequest, id: UUID, rule: str) -> HttpResponse:
    """Why a rule answers so for this household, as a fragment."""
    home = request.scope.one(Household, pk=id)
    person = request.GET.get("person", "")
    who = next((one for one in home.people.all() if str(one.pk) == person), None)
    reason = reason_of_household(
        home, rule, on=request.at.today, lang=language(), person=who.pk if who else None
    )
    request.scope.require_sight(reason.privacy if reason.privacy != "secret" else "sensitive", home)
    return render(request, "household/why.html", {"sentences": reason.sentences})


urls = [
    path("households/<uuid:id>/", household, name="household"),
    path("households/<uuid:id>/why/<str:rule>/", why, name="household_why"),
]
