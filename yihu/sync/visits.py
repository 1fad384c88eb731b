"""When a family is to be visited next and why, and what it is due and has not received."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from yihu.access.models import Worker
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.book.reading import Read
from yihu.card.fold import Card
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings
from yihu.visit.due import days_on
from yihu.visit.models import Planned


def due(home: Household, card: Card, today: date) -> dict[str, Any]:
    """visited_on, due_on and due_why of a family; nothing is due where no line says so."""
    last = card.visited_on
    found: dict[str, Any] = {"visited_on": last.isoformat() if last else None}
    days = days_on(today).get(home.status)
    if days is None:
        return {**found, "due_on": None, "due_why": None}
    if last is None:
        why = {"zh": "还没有走访记录", "en": "No visit is recorded"}
        return {**found, "due_on": card_began(home).isoformat(), "due_why": why}
    why = {"zh": f"最多 {days} 天走访一次", "en": f"One visit in {days} days at least"}
    return {**found, "due_on": (last + timedelta(days=days)).isoformat(), "due_why": why}


def planned(plan: Planned | None, worker: Worker) -> dict[str, Any]:
    """planned_on and planned_why: the day somebody set at the desk for going there, and who."""
    if plan is None:
        return {"planned_on": None, "planned_why": None}
    name = plan.worker.name
    why = {"zh": f"{name}的走访计划", "en": f"the plan of {name}"}
    if plan.worker_id == worker.pk:
        why = {"zh": "您的走访计划", "en": "your own plan"}
    return {"planned_on": plan.on.isoformat(), "planned_why": why}


def card_began(home: Household) -> date:
    """The day the household's book begins: who was never visited is due since."""
    first = Entry.objects.filter(book_id=home.pk).order_by("number")
    return first.values_list("seen_on", flat=True).first() or home.changed_at.date()


def dues(
    findings: HouseholdFindings | None, entries: Sequence[Read], today: date
) -> list[dict[str, Any]]:
    """What rules about entitlements give the family, and whether help of that name came this year.

    findings  its answers; None: not checked yet. entries: of its book

    The programmes of a county are its own: a help entry that names the rule is its receipt.
    """
    if findings is None:
        return []
    year = (each for each in entries if each.kind == "help" and each.seen_on.year == today.year)
    came = {str(each.says.get("programme", "")) for each in year}
    rulebook = dictionary.active()
    found = []
    for name, amount in sorted(findings.amounts.items()):
        person, _, rule = name.rpartition("/")
        spec = rulebook.rule(rule)
        if spec is None or spec.kind != "entitlement":
            continue
        found.append(
            {
                "rule": rule, "person": person or None, "amount": amount / 100,
                "title": {"zh": spec.title.zh, "en": spec.title.en}, "received": rule in came,
            }
        )  # fmt: skip
    return found
