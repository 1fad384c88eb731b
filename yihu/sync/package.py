"""The package of a family: all a phone shows of it, bounded however long the book is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.book.models import Book
from yihu.book.reading import Read
from yihu.book.remembered import without_gaps
from yihu.card.fold import Known
from yihu.card.folded import folded
from yihu.card.models import Household, Person
from yihu.card.status import STATUSES
from yihu.check.asked import edges
from yihu.check.models import HouseholdFindings
from yihu.ledger.models import Gap
from yihu.report.units import unit_text
from yihu.rulebook.facts import FactSpec, Form, Text
from yihu.sync import asking, visits
from yihu.tables import M, rows_by
from yihu.visit.door import door_of
from yihu.visit.models import Planned

#: Raised when a package looks otherwise: phones fetch all anew.
SHAPE = 3
#: Entries of a book a phone carries: a household visited for ten years costs no more.
PAST = 20
#: Signs of the words of one of them.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of the families of one answer, read at once: book or household → its rows.

    names  of those who wrote the last entries
    """

    books: Mapping[UUID, Book]
    entries: Mapping[UUID, Sequence[Read]]
    findings: Mapping[UUID, HouseholdFindings]
    people: Mapping[UUID, list[Person]]
    gaps: Mapping[UUID, list[Gap]]
    names: Mapping[UUID, str]
    plans: Mapping[UUID, Planned]


def families(
    homes: Sequence[Household],
    scope: Scope,
    books: Mapping[UUID, Book],
    findings: Mapping[UUID, HouseholdFindings],
    plans: Mapping[UUID, Planned],
) -> list[dict[str, Any]]:
    """The packages of families the worker reaches. books, findings, plans: theirs, just read."""
    ids = [home.pk for home in homes]
    entries = without_gaps([books[id] for id in ids])
    last = {row.author_id for of in entries.values() for row in of[-PAST:] if row.author_id}
    names = {worker.pk: worker.name for worker in rows_by(Worker, "id", sorted(last))}
    people, gaps = _by(Person, "household_id", ids), _by(Gap, "book_id", ids)
    kept = _Kept(books, entries, findings, people, gaps, names, plans)
    return [_family(home, scope, kept) for home in homes]


def _by(model: type[M], column: str, ids: Sequence[UUID]) -> dict[UUID, list[M]]:
    found: dict[UUID, list[M]] = {id: [] for id in ids}
    for row in rows_by(model, column, ids):
        found[getattr(row, column)].append(row)
    return found


def _family(home: Household, scope: Scope, kept: _Kept) -> dict[str, Any]:
    entries, findings = kept.entries.get(home.pk, []), kept.findings.get(home.pk)
    card, past = folded(entries), _past(entries, scope, home, kept.names)
    asked = asking.of(home, scope.today, entries, findings, kept.people[home.pk])
    number = kept.books[home.pk].last_number
    return {
        "id": str(home.pk), "code": home.code, "number": number, "head": home.head_name,
        "place": home.place.name, "status": _status(home.status),
        "phone": _phone(card.facts), **visits.due(home, card, scope.today),
        **visits.planned(kept.plans.get(home.pk), scope.worker),
        "people": [
            {
                "id": member.id, "name": _plain(member.facts.get("name")), "head": member.is_head,
                "facts": _facts("person", member.facts, home, scope),
            }
            for member in card.people
        ],
        "facts": _facts("household", card.facts, home, scope),
        "gaps": _gaps(kept.gaps[home.pk], asked),
        "dues": visits.dues(findings, entries, scope.today),
        "plan": asked.plan, "past": past, "at": _at(entries, scope.today),
    }  # fmt: skip


def _facts(
    level: str, facts: Mapping[str, Known], home: Household, scope: Scope
) -> dict[str, dict[str, Any]]:
    return {
        fact: {"value": _shown(known), "seen_on": known.seen_on.isoformat()}
        for fact, known in facts.items()
        if scope.sees(_privacy(level, fact), home)
    }


def _privacy(level: str, fact: str) -> str:
    spec = dictionary.active().facts.get((level, fact))
    return spec.privacy if spec else "secret"


def _shown(known: Known) -> Any:
    if not known.token:
        return known.value
    return masked(dictionary.keys().open(known.value["sealed"], known.token))


def _plain(known: Known | None) -> str:
    return str(known.value) if known and not known.token else ""


def _phone(facts: Mapping[str, Known]) -> str:
    """The household's own number, whole: its helper calls it. Each package is a logged reading."""
    known = facts.get("phone")
    if known is None:
        return ""
    opened = dictionary.keys().open(known.value["sealed"], known.token) if known.token else ""
    return opened or str(known.value)


def _gaps(gaps: Sequence[Gap], asked: asking.Asked) -> list[dict[str, Any]]:
    # Put in order here: asked for an order, SQLite goes through all gaps of the county in it.
    todo = [gap for gap in gaps if gap.todo]
    rows = sorted(todo, key=lambda gap: (gap.due_by, gap.pk))
    return [
        {
            "id": str(gap.pk), "title": asking.title(gap.rule, gap.title),
            "why": asked.why.get((gap.rule, str(gap.person_id or "")), {"zh": "", "en": ""}),
            "until": gap.due_on.isoformat() if gap.due_on else None,
            "since": gap.opened_on.isoformat(), "person": str(gap.person_id or "") or None,
            "answer": gap.answer,
        }
        for gap in rows
    ]  # fmt: skip


def _past(
    entries: Sequence[Read], scope: Scope, home: Household, names: Mapping[UUID, str]
) -> list[dict[str, Any]]:
    last = [*reversed(entries)][:PAST]
    close = scope.sees("sensitive", home)
    return [
        {
            "number": row.number, "kind": row.kind, "seen_on": row.seen_on.isoformat(),
            "by": names[row.author_id] if row.author_id else "", "source": row.source,
            "words": str(row.says.get("words", ""))[:LONGEST] if close else "",
            "programme": row.says.get("programme", ""), **_help(row.says),
        }
        for row in last
    ]  # fmt: skip


def _help(says: Mapping[str, Any]) -> dict[str, Any]:
    """Of help its kind, its amount where it is in yuan, and to whom of the family it went."""
    if "measure" not in says:
        return {}
    yuan = (says.get("amount") or {}).get("yuan")
    return {
        "measure": str(says["measure"])[:LONGEST], "person": says.get("person"),
        "yuan": yuan if isinstance(yuan, int | float) else None,
    }  # fmt: skip


def _at(entries: Sequence[Read], today: date) -> list[float] | None:
    """Where the door is, to some ten metres; only ever sent to those who help this family."""
    door = door_of(entries, today)
    return [round(door.latitude, 4), round(door.longitude, 4)] if door else None


def _text(text: Text | None) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en} if text else {"zh": "", "en": ""}


def _status(status: str) -> dict[str, str]:
    zh, en = STATUSES.get(status, (status, status))
    return {"zh": zh, "en": en}


# --- the rulebook's facts as questions ------------------------------------------------------------


def facts() -> list[dict[str, Any]]:
    """The facts of households and people as a phone asks them; bounds in the unit people write."""
    return _facts_asked(dictionary.active().hash)


@lru_cache(maxsize=2)
def _facts_asked(_hash: str) -> list[dict[str, Any]]:
    return [
        _fact(spec)
        for spec in dictionary.active().facts.values()
        if spec.level in ("household", "person")
    ]


def _fact(spec: FactSpec) -> dict[str, Any]:
    low, high = edges(spec)
    return {
        "level": spec.level, "name": spec.name, "kind": spec.kind, "label": _text(spec.label),
        "ask": _text(spec.ask) if spec.ask else None,
        "unit": _text(unit_text(spec.unit)) if spec.unit else None,
        "low": low, "high": high, "none": _none(spec),
        "codes": [
            {"key": code.key, "label": _text(code.label)}
            for code in (spec.codes.codes if spec.codes else ())
        ],
        "privacy": spec.privacy, "asked_at": spec.asked_at,
        "forms": [_form(each) for each in spec.forms],
    }  # fmt: skip


def _none(spec: FactSpec) -> float | None:
    """What "there is none" stands for, where the rulebook says so: 0 of hospital costs."""
    value = spec.not_applicable
    if spec.kind not in ("whole", "money", "number") or not isinstance(value, int | float):
        return None
    return value / 100 if spec.kind == "money" else value


def _form(form: Form) -> dict[str, Any]:
    since, until = (day and day.isoformat() for day in (form.since, form.until))
    return {"label": _text(form.label), "pattern": form.pattern, "from": since, "until": until}
