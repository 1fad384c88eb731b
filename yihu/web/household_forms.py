"""Writing facts of a household or of one of its people, a theme at a time.

The form follows from the rulebook: its facts, their types, units, ranges, codes and questions.
Only what was changed is written. Who wrote before is shown beside what was typed, and decides
nothing by being first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from yihu import loop
from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.book.actions import NewEntry
from yihu.book.models import Entry
from yihu.card.fold import Card, Known, fold
from yihu.card.models import Household
from yihu.check.asked import edges
from yihu.problems import Problem
from yihu.report.units import unit_text
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.refusals import Refused
from yihu.web.asked_fields import Around, When, data_for, require_asked, say_when
from yihu.web.days import day_of
from yihu.web.household import entries_of, frame_of
from yihu.web.household_themes import Theme, theme, themes
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import label, language, phrase, said
from yihu.web.typed_identity import require_possible
from yihu.web.typed_in import number_in, typed_in
from yihu.web.values import fact_value

#: Ranges of numbers beyond this are not said: nobody types millions by mistake.
LARGE = 100_000
#: Sources a person may name for what he writes at the desk.
SOURCES = (
    ("visit", "入户走访", "Seen at the door"),
    ("paper", "证件或材料", "A paper"),
    ("call", "电话询问", "Asked by telephone"),
    ("desk", "其他", "Other"),
)


def source_in(request: DeskRequest) -> str:
    """The source a form names: one of SOURCES, as what others say comes in by other ways."""
    named = request.POST.get("source", "")
    return named if named in {key for key, *_ in SOURCES} else "desk"


@dataclass(slots=True)
class Field:
    """One field of the form. value, chosen: as the input holds it; newer: what another wrote.

    typed  of a sealed value, which is shown masked, what was typed when it comes back refused

    whose   before the fact's name, in a form that asks of several people
    when   of a field that is not asked of everybody, when it is
    """

    spec: FactSpec
    value: str
    chosen: list[str]
    known: Known | None
    typed: str = ""
    wrong: str = ""
    newer: str = ""
    whose: str = ""
    when: When | None = None

    @property
    def name(self) -> str:
        """How the form names it."""
        return f"{self.whose}/{self.spec.name}" if self.whose else self.spec.name

    @property
    def kind(self) -> str:
        """The kind of input: choice, choices, day, month, number, text, secret."""
        if self.spec.privacy == "secret":
            return "secret"
        kinds = {
            "yes_no": "choice", "code": "choice", "codes": "choices", "date": "day",
            "month": "month", "whole": "number", "money": "number", "number": "number",
        }  # fmt: skip
        return kinds.get(self.spec.kind, "text")

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Values that may be chosen, in words."""
        if self.spec.kind == "yes_no":
            return [("true", said("是", "Yes")), ("false", said("否", "No"))]
        codes = self.spec.codes.codes if self.spec.codes else ()
        return [(code.key, label(code.label)) for code in codes]

    @property
    def unit(self) -> str:
        """The unit in words."""
        return label(unit_text(self.spec.unit)) if self.spec.unit else ""

    @property
    def bounds(self) -> dict[str, str]:
        """Least, greatest and step of a number."""
        money = 100 if self.spec.kind == "money" else 1
        found = {"step": {"whole": "1", "money": "0.01"}.get(self.spec.kind, "any")}
        if self.spec.low is not None:
            found["min"] = f"{self.spec.low / money:g}"
        if self.spec.high is not None:
            found["max"] = f"{self.spec.high / money:.15g}"
        return found

    @property
    def days(self) -> tuple[str, str]:
        """First and last day or month it may be, "" where there is none."""
        low, high = edges(self.spec) if self.kind in ("day", "month") else (None, None)
        return str(low or ""), str(high or "")

    @property
    def range(self) -> str:
        """The values it may have in words, where somebody could be wrong about them."""
        low, high = edges(self.spec)
        if low is None or high is None or (not isinstance(high, str) and high > LARGE):
            return ""
        shown = (one if isinstance(one, str) else f"{one:g}" for one in (low, high))
        return said("{} 到 {}", "{} to {}").format(*shown)

    @property
    def ask(self) -> str:
        """The question to ask the family, where it says more than the label does."""
        asked = label(self.spec.ask) if self.spec.ask else ""
        return "" if asked.startswith(label(self.spec.label)) else asked


@signed_in
def write(request: DeskRequest, id: UUID, level: str, name: str) -> HttpResponse:
    """The form of a theme, and what is sent by it."""
    home = request.scope.one(Household, pk=id)
    request.scope.require("write", home)
    asked = theme(level, name)
    card = fold(entries_of(request, home))
    whose, known = _whose(card, level, request.GET.get("person", ""))
    if asked is None:
        raise Problem("access.not_yours", status=404)
    fields = _fields(request, home, asked, known)
    person = f"?person={whose}" if level == dictionary.PERSON else ""
    say_when(
        fields, asked, request.at.today,
        lambda other: reverse("household_write", args=[home.pk, level, other.name]) + person,
    )  # fmt: skip
    around = {dictionary.HOUSEHOLD: card.facts, level: known}
    status = 200
    if request.method == "POST":
        try:
            return _written(request, home, asked, whose, fields, around)
        except Refused as refused:
            status = getattr(refused, "status", 400)
            now = _whose(fold(entries_of(request, home)), level, whose)[1]
            keep(request, fields, refused, level, now)
            context = {"refused": refused.sentence(language()), "behind": status == 409}
    else:
        context = {}
    member = card.members.get(whose)
    context |= {
        **frame_of(request, home, card), "asked": asked, "fields": fields, "whose": whose,
        "name": str(member.facts["name"].value) if member and "name" in member.facts else "",
        "sources": [(key, said(zh, en)) for key, zh, en in SOURCES],
        "based_on": fold(entries_of(request, home)).number, "themes": list(themes(level)),
        "sent": request.POST, "asked_data": data_for(fields, around, request.at.today),
    }  # fmt: skip
    return render(request, "household/write.html", context, status=status)


def _whose(card: Card, level: str, person: str) -> tuple[str, Mapping[str, Known]]:
    if level == dictionary.HOUSEHOLD:
        return "household", card.facts
    if level != dictionary.PERSON or person not in card.members:
        raise Problem("household.no_such_person", status=404)
    return person, card.members[person].facts


def _fields(
    request: DeskRequest, home: Household, asked: Theme, known: Mapping[str, Known]
) -> list[Field]:
    return [
        field_of(spec, known.get(spec.name))
        for spec in asked.specs
        if request.scope.sees(spec.privacy, home)
    ]


def field_of(spec: FactSpec, known: Known | None) -> Field:
    """The field of a fact with what is known of it."""
    value = known.value if known else None
    if isinstance(value, bool):
        return Field(spec, str(value).lower(), [str(value).lower()], known)
    if isinstance(value, dict):
        opened = dictionary.keys().open(value["sealed"], known.token) if known else ""
        return Field(spec, masked(opened), [], known)
    if isinstance(value, list):
        return Field(spec, "", [str(each) for each in value], known)
    text = "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)
    # Nothing known is nothing ticked: or each form would write that it is no longer known.
    return Field(spec, text, [text] if text else [], known)


def sent_for(request: DeskRequest, field: Field) -> Any:
    """What was sent for a field, as it would be written; the field's own value if untouched."""
    name = field.name
    if field.kind == "choices":
        return request.POST.getlist(name)
    text = request.POST.get(name, "").strip()
    if field.kind == "secret" and not text:
        return field.value
    if field.spec.kind == "yes_no" and text:
        return text == "true"
    return text


def was_changed(request: DeskRequest, field: Field) -> bool:
    """Was something else sent than the field held?"""
    if field.name not in request.POST and field.kind != "choices":
        return False
    sent = sent_for(request, field)
    if isinstance(sent, list):
        return sorted(sent) != sorted(field.chosen)
    text = str(sent).lower() if isinstance(sent, bool) else sent
    return bool(text != field.value)


def _written(
    request: DeskRequest,
    home: Household,
    asked: Theme,
    whose: str,
    fields: list[Field],
    around: Around,
) -> HttpResponse:
    level = dictionary.HOUSEHOLD if whose == "household" else dictionary.PERSON
    facts = {
        field.spec.name: as_written(level, field.spec, sent_for(request, field), request.at.today)
        for field in fields
        if was_changed(request, field)
    }
    if not facts:
        raise Problem("household.nothing_written")
    if level == dictionary.PERSON:
        require_possible(facts, around[level])
    seen_on = day_of(request.POST.get("seen_on", ""))
    require_asked(fields, facts, around, on=seen_on, today=request.at.today)
    says = {"household": facts} if whose == "household" else {"members": {whose: facts}}
    entry = NewEntry(
        book=home.pk, kind="facts", says=says, seen_on=seen_on,
        source=source_in(request),
        based_on=number_in(request.POST.get("based_on", "")),
    )  # fmt: skip
    (row,) = loop.write([entry], by=request.user, at=request.at)
    messages.success(request, phrase("已写入 {n} 项。", "{n} fact[s] written.", n=len(facts)))
    return redirect(where_written(row, f"theme-{asked.name}"))


def where_written(row: Entry, theme: str = "") -> str:
    """The address of what an entry wrote: its theme on the card, or the person it speaks of."""
    says = row.says
    whom = [*says.get("members", ()), *(act.get("person") for act in says.get("acts", ()))]
    person = next((str(one) for one in whom if one), "")
    part, place = ("people", f"person-{person}") if person else ("card", theme)
    home = reverse("household", args=[row.book_id])
    return f"{home}?part={part}&wrote={row.number}#{place or 'main'}"


def as_written(level: str, spec: FactSpec, sent: Any, on: date) -> Any:
    """The value in the spelling of the book; nothing chosen, nothing typed: no longer known.

    on      day whose forms a text must have
    Raises  Problem (book.unknown_fact, book.bad_value)
    """
    if sent in ("", []):
        return None
    value = typed_in(spec, sent) if isinstance(sent, str) else sent
    found = dictionary.written(level, spec.name, value)
    forms = dictionary.other_form(spec, found, on) if isinstance(found, str) else None
    if forms is not None:
        raise Problem(
            "book.bad_value", fact=spec.label.en, fact_zh=spec.label.zh, found=found,
            expected=forms.en, expected_zh=forms.zh,
        )  # fmt: skip
    return found


def keep(
    request: DeskRequest,
    fields: list[Field],
    refused: Refused,
    level: str,
    now: Mapping[str, Known],
) -> None:
    """Put what was sent back into the fields, and say at each what is newer or wrong.

    now  what the book says by now
    """
    copy = number_in(request.POST.get("based_on", ""))
    for field in fields:
        known = now.get(field.spec.name)
        if known and known.number > copy:
            field.newer = (
                said("（已加密）", "(sealed)") if known.token
                else fact_value(known.value, f"{level}.{field.spec.name}")
            )  # fmt: skip
        if (
            refused.details.get("fact") in (field.spec.name, field.spec.label.en)
            and not field.newer
        ):
            field.wrong = refused.sentence(language())
        sent = request.POST.getlist(field.name)
        if field.kind == "secret":
            field.typed = sent[0] if sent else ""
        elif sent or field.kind == "choices":
            field.value, field.chosen = sent[0] if sent else "", sent


urls = [
    path("households/<uuid:id>/write/<str:level>/<str:name>/", write, name="household_write"),
]
