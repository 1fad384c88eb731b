"""API: cards, entries and findings as they are shown to a worker, by privacy class.

Facts of a class the worker's roles do not show are absent, not blank. Secret values are masked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from yihu.access.scope import Scope
from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.fold import Card, Known
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings

WORDS = {"0": "fails", "1": "holds", "2": "unknown"}


def card_shown(home: Household, card: Card, scope: Scope) -> dict[str, Any]:
    """A card as the worker sees it."""
    return {
        "id": home.pk, "code": card.code or home.code, "place": card.place,
        "status": card.status, "closed_on": card.closed_on, "closed_why": card.closed_why,
        "number": card.number, "facts": _facts("household", card.facts, home, scope),
        "members": [
            {
                "id": UUID(member.id), "head": member.is_head, "joined_on": member.joined_on,
                "left_on": member.left_on, "left_why": member.left_why,
                "facts": _facts("person", member.facts, home, scope),
            }
            for member in card.members.values()
        ],
    }  # fmt: skip


def close_in(shown: Mapping[str, Any]) -> set[str]:
    """Names of the sensitive and secret facts a card shows."""
    of = [("household", shown["facts"]), *(("person", one["facts"]) for one in shown["members"])]
    return {
        fact for level, facts in of for fact in facts
        if privacy_of(level, fact) in ("sensitive", "secret")
    }  # fmt: skip


def _facts(
    level: str, facts: Mapping[str, Known], home: Household, scope: Scope
) -> dict[str, dict[str, Any]]:
    return {
        fact: {
            "value": _opened(known), "seen_on": known.seen_on, "number": known.number,
            "source": known.source,
        }
        for fact, known in facts.items()
        if scope.sees(privacy_of(level, fact), home)
    }  # fmt: skip


def _opened(known: Known) -> Any:
    if not known.token:
        return known.value
    return masked(dictionary.keys().open(known.value["sealed"], known.token))


def privacy_of(level: str, fact: str) -> str:
    """The privacy class of a fact; of one the rulebook has no more, the closest."""
    spec = dictionary.active().facts.get((level, fact))
    return spec.privacy if spec else "secret"


def entry_shown(entry: Entry, home: Household, scope: Scope) -> dict[str, Any]:
    """An entry as the worker sees it."""
    return {
        "id": entry.pk, "number": entry.number, "kind": entry.kind, "seen_on": entry.seen_on,
        "written_at": entry.written_at, "received_at": entry.received_at,
        "author": str(entry.author) if entry.author else None, "source": entry.source,
        "based_on": entry.based_on, "undoes": entry.undoes,
        "says": _says(entry, home, scope), "hash": bytes(entry.hash).hex(),
    }  # fmt: skip


def _says(entry: Entry, home: Household, scope: Scope) -> dict[str, Any]:
    shown = dict(entry.says)
    if "household" in shown:
        shown["household"] = _said("household", shown["household"], entry, home, scope)
    if "members" in shown:
        shown["members"] = {
            person: _said("person", facts, entry, home, scope)
            for person, facts in shown["members"].items()
        }
    # Words, amounts and what a comparison had on both sides are free text about people.
    if not scope.sees("sensitive", home):
        for key in ("words", "why", "ours", "theirs", "promised", "carried"):
            shown.pop(key, None)
    return shown


def _said(
    level: str, facts: Mapping[str, Any], entry: Entry, home: Household, scope: Scope
) -> dict[str, Any]:
    tokens = entry.sealed or {}
    return {
        fact: _unsealed(value, tokens)
        for fact, value in facts.items()
        if scope.sees(privacy_of(level, fact), home)
    }


def _unsealed(value: Any, tokens: Mapping[str, str]) -> Any:
    if not isinstance(value, dict):
        return value
    commitment = value.get("sealed", "")
    token = tokens.get(commitment)
    return masked(dictionary.keys().open(commitment, token)) if token else None


def findings_shown(found: HouseholdFindings) -> dict[str, Any]:
    """Findings with rules by name."""
    rules = found.run.rules
    return {
        "household": found.household_id, "on": found.run.on, "rulebook": found.run.rulebook,
        "version": found.run.version, "number": found.number,
        "stale": found.number < found.household.number,
        "answers": _answers(rules["household"], found.answers),
        "members": {
            person: _answers(rules["person"], figures)
            for person, figures in found.people.items()
        },
    }  # fmt: skip


def _answers(rules: Sequence[str], figures: str) -> dict[str, str]:
    return {rule: WORDS[figure] for rule, figure in zip(rules, figures, strict=False)}
