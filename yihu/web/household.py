"""One household: card, people, book, checks and what it is due, today or as of any day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from yihu.access.models import Pairing
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.fold import Card
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings
from yihu.check.reasons import reason_of_household
from yihu.check.then import Past, findings_then, reason_then
from yihu.ledger.actions import OPEN
from yihu.ledger.models import Gap
from yihu.ledger.rows import standing_after
from yihu.ledger.topics import department_label
from yihu.places.models import Place
from yihu.places.queries import by_codes
from yihu.web import household_rows  # noqa: F401  the tags of the page
from yihu.web.days import Days
from yihu.web.household_answers import Answered, answers, by_topic, counted, due
from yihu.web.household_evidence import files_of
from yihu.web.household_search import status_name
from yihu.web.household_tally import put_beside
from yihu.web.household_themes import theme_of, themes, themes_of_rule
from yihu.web.household_view import groups, named, people, timeline
from yihu.web.ledger_words import title_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.reason_shown import sections
from yihu.web.says import label, language, said
from yihu.web.typed_identity import NUMBER
from yihu.web.typed_in import number_in

#: name of the part, its two names, its icon
PARTS = (
    ("card", "卡", "Card", "file-text"),
    ("people", "成员", "People", "users"),
    ("book", "册", "Book", "book-2"),
    ("checks", "核查", "Checks", "checks"),
    ("due", "政策待遇", "Due", "coin"),
)


def entries_of(request: DeskRequest, home: Household) -> list[Entry]:
    """All entries of a household's book, with who wrote them."""
    rows = request.scope.of(Entry).filter(book_id=home.pk).order_by("number")
    return list(rows.select_related("author"))


@signed_in
def household(request: DeskRequest, id: UUID) -> HttpResponse:
    """One household; `part` says which side of it, `all` prints every side."""
    home = request.scope.one(Household, pk=id)
    days = Days.of(request.GET, today=request.at.today)
    entries = entries_of(request, home)
    card = days.card(entries)
    part = request.GET.get("part", "card")
    context = {
        **frame_of(request, home, card, days), "part": part, "parts": _parts(home, part, days),
        "wrote": 0 if days.past else number_in(request.GET.get("wrote", "")),
    }  # fmt: skip
    asked = Asked(request, home, card, entries, days)
    for name, made in _MADE.items():
        if part in (name, "all"):
            context |= made(asked)
    return render(request, "household.html", context)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a side of the page is made of. entries: the whole book."""

    request: DeskRequest
    home: Household
    card: Card
    entries: list[Entry]
    days: Days

    @property
    def scope(self) -> Scope:
        """What the worker reaches."""
        return self.request.scope

    @property
    def on(self) -> date:
        """The day the page speaks of."""
        return self.days.on(self.request.at.today)

    @property
    def book(self) -> list[Entry]:
        """The book as it stood."""
        return self.days.book(self.entries)

    @property
    def past(self) -> Past:
        """The household as the rules are asked of it on a past day."""
        return Past(self.home.pk, self.entries, self.on, self.days.known_at)


def frame_of(
    request: DeskRequest, home: Household, card: Card, days: Days | None = None
) -> dict[str, Any]:
    """What every page about a household shows at its head; of a past day, as it was then."""
    days = days or Days()
    write = not days.past and request.scope.may("write", home)
    place = _place_of(home, card, days)
    name = (_head(card) if days.past else home.head_name) or home.code
    return {
        "home": home, "card": card, "status_words": status_name(card.status), "days": days,
        "home_name": name, "home_place": place, "closed": card.closed_on is not None,
        "never": days.past and not card.code,
        "helpers": _helpers(request.scope, home, days.on(request.at.today)),
        "may_write": write and home.closed_on is None,
        "may_reopen": write and home.closed_on is not None,
        # The form in the frame is sent once, however often its button is pressed.
        "entry": uuid4(),
        "may_raise": not days.past and request.scope.may("raise", home),
        "may_unmask": not days.past and request.scope.may("unmask", home),
        "crumbs": [
            (said("农户", "Households"), reverse("households")),
            (place.name, reverse("village", args=[place.code])),
            (name, ""),
        ],
    }  # fmt: skip


def _head(card: Card) -> str:
    return names_on(card).get(card.people[0].id, "") if card.people else ""


def _place_of(home: Household, card: Card, days: Days) -> Place:
    if not days.past or not card.place:
        return home.place
    return by_codes([card.place]).get(card.place, home.place)


def _helpers(scope: Scope, home: Household, on: date) -> list[Pairing]:
    rows = scope.of(Pairing).filter(household=home, since__lte=on)
    rows = rows.filter(Q(until=None) | Q(until__gte=on))
    return list(rows.select_related("worker"))


def _parts(home: Household, here: str, days: Days) -> list[dict[str, Any]]:
    more = f"&{days.query}" if days.past else ""
    return [
        {
            "name": said(zh, en), "icon": icon, "here": name == here,
            "url": f"{reverse('household', args=[home.pk])}?part={name}{more}",
        }
        for name, zh, en, icon in PARTS
    ]  # fmt: skip


Made = dict[str, Any]


def _card(asked: Asked) -> Made:
    names = names_on(asked.card)
    if asked.days.past:
        rows = _gaps_then(asked.book)
    else:
        gaps = asked.scope.of(Gap).filter(book_id=asked.home.pk, state__in=OPEN)
        rows = list(gaps.select_related("responsible").order_by("due_on", "rule"))
    for gap in rows:
        gap.words = title_of(gap)
        gap.who = names.get(str(gap.person_id), "")
        gap.late = gap.due_on is not None and gap.due_on < asked.on
    known = groups("household", asked.card.facts, asked.scope, asked.home)
    at_themes = Counter(theme for gap in rows for theme in _themes_of(gap, asked.on))
    for group in known:
        group.gaps = at_themes[group.name]
    return {
        "groups": known,
        "gaps": rows,
        "short": named(asked.card, asked.on),
    }


def _themes_of(gap: Any, on: date) -> Iterable[str]:
    """The themes whose facts an open gap of a rule asks for."""
    rulebook = dictionary.active()
    rule = rulebook.rule(gap.rule) if gap.rule else None
    return themes_of_rule(rulebook, rule.level, rule.name, on) if rule else ()


def _gaps_then(entries: list[Entry]) -> list[Any]:
    """The gaps that were open after these entries."""
    gaps = [gap for gap in standing_after(entries) if gap.state in OPEN]
    return sorted(gaps, key=lambda gap: (gap.due_by, gap.rule))


def names_on(card: Card) -> dict[str, str]:
    """Person → name, of everybody a card knows."""
    return {m.id: str(m.facts["name"].value) for m in card.members.values() if "name" in m.facts}


def _people(asked: Asked) -> Made:
    return {
        "people": people(asked.card, asked.scope, asked.home, asked.on),
        "person_themes": [(each.name, label(each.title)) for each in themes("person")],
        "number_theme": _number_theme(asked),
    }


def _number_theme(asked: Asked) -> str:
    """The theme in whose form identity numbers are written; "" where the worker sees none."""
    spec = dictionary.active().facts.get((dictionary.PERSON, NUMBER))
    return theme_of(spec) if spec and asked.scope.sees("secret", asked.home) else ""


def _book(asked: Asked) -> Made:
    gaps_too = asked.request.GET.get("gaps") == "1"
    book = asked.book
    rows = [entry for entry in book if gaps_too or entry.kind != "gap"]
    lines = timeline(rows, asked.card, asked.scope, asked.home)
    kept = files_of(rows, asked.scope, asked.home)
    for line in lines:
        line.file = kept.get(line.entry.number)
    return {"lines": lines, "gaps_too": gaps_too, "left_out": len(book) - len(rows)}


def _found(asked: Asked) -> tuple[HouseholdFindings | None, list[Answered]]:
    # Whether a child goes to school or an illness is treated says as much as the facts behind it.
    if not asked.scope.sees("sensitive", asked.home):
        return None, []
    findings = _findings(asked)
    return findings, list(answers(findings, names_on(asked.card))) if findings else []


def _findings(asked: Asked) -> HouseholdFindings | None:
    if asked.days.past:
        return findings_then(asked.past) if asked.card.code else None
    rows = asked.scope.of(HouseholdFindings).select_related("run")
    return rows.filter(pk=asked.home.pk).first()


def _checks(asked: Asked) -> Made:
    findings, found = _found(asked)
    stale = findings is not None and not asked.days.past and (
        findings.number != asked.home.number or findings.run.on != asked.on
    )  # fmt: skip
    hidden = not asked.scope.sees("sensitive", asked.home)
    topics = by_topic(found)
    return {
        "findings": findings, "topics": topics, "answered": counted(topics), "stale": stale,
        "hidden": hidden, "tally": put_beside(found, _all_gaps(asked)),
    }  # fmt: skip


def _all_gaps(asked: Asked) -> list[Any]:
    """The gaps of the household, in whichever state; of a past day, as they stood then."""
    if asked.days.past:
        return standing_after(asked.book)
    return list(asked.scope.of(Gap).filter(book_id=asked.home.pk))


def _due(asked: Asked) -> Made:
    _, found = _found(asked)
    given = [entry for entry in asked.book if entry.kind == "help"]
    return {
        "due": due(found),
        "hidden": not asked.scope.sees("sensitive", asked.home),
        "given": timeline(given, asked.card, asked.scope, asked.home),
    }


_MADE = {"card": _card, "people": _people, "book": _book, "checks": _checks, "due": _due}


@signed_in
def why(request: DeskRequest, id: UUID, rule: str) -> HttpResponse:
    """Why a rule answers so for this household, as a fragment; of a past day, why it did so."""
    home = request.scope.one(Household, pk=id)
    days, person = Days.of(request.GET, today=request.at.today), request.GET.get("person", "")
    if days.past:
        entries = entries_of(request, home)
        past = Past(home.pk, entries, days.on(request.at.today), days.known_at)
        who = next((UUID(one) for one in days.card(entries).members if one == person), None)
        reason = reason_then(past, rule, lang=language(), person=who)
    else:
        row = next((one for one in home.people.all() if str(one.pk) == person), None)
        reason = reason_of_household(
            home, rule, on=request.at.today, lang=language(), person=row.pk if row else None
        )
    request.scope.require_sight(reason.privacy if reason.privacy != "secret" else "sensitive", home)
    spec = dictionary.active().rule(rule)
    owner = label(department_label(spec.owner)) if spec and spec.owner else ""
    shown = sections(reason.sentences, owner=owner)
    return render(request, "household/why.html", {"reason": shown})


urls = [
    path("households/<uuid:id>/", household, name="household"),
    path("households/<uuid:id>/why/<str:rule>/", why, name="household_why"),
]
