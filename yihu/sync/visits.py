"""When a family is to be visited next and why, and what it is due and has not received."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Max

from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.fold import Card
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings

#: Status → the line of the rulebook with the most days between two visits.
LINES = {
    "poor": "visit_days", "exited": "visit_days_exited", "unstable": "visit_days_monitored",
    "marginal": "visit_days_monitored", "sudden": "visit_days_monitored",
}  # fmt: skip


def due(home: Household, card: Card) -> dict[str, Any]:
    """visited_on, due_on and due_why of a family; nothing is due where no line says so."""
    visits = Entry.objects.filter(book_id=home.pk, kind="visit")
    last = visits.aggregate(last=Max("seen_on"))["last"]
    told = card.facts.get("last_visit_on")
    if told is not None and not told.token:
        last = max(filter(None, (last, date.fromisoformat(str(told.value)))))
    found: dict[str, Any] = {"visited_on": last.isoformat() if last else None}
    days = _days(home, last or home.changed_at.date())
    if days is None:
        return {**found, "due_on": None, "due_why": None}
    if last is None:
        why = {"zh": "还没有走访记录", "en": "No visit is recorded"}
        return {**found, "due_on": card_began(home).isoformat(), "due_why": why}
    why = {"zh": f"最多 {days} 天走访一次", "en": f"One visit in {days} days at least"}
    return {**found, "due_on": (last + timedelta(days=days)).isoformat(), "due_why": why}


def card_began(home: Household) -> date:
    """The day the household's book begins: who was never visited is due since."""
    first = Entry.objects.filter(book_id=home.pk).order_by("number")
    return first.values_list("seen_on", flat=True).first() or home.changed_at.date()


def _days(home: Household, on: date) -> int | None:
    line = dictionary.active().lines.get(LINES.get(home.status, ""))
    step = line.on(on) if line else None
    value = step.value if step else None
    return int(value) if isinstance(value, int | float) else None


def dues(home: Household, today: date) -> list[dict[str, Any]]:
    """What rules about entitlements give the family, and whether help of that name came this year.

    The programmes of a county are its own: a help entry that names the rule is its receipt.
    """
    findings = HouseholdFindings.objects.filter(household=home).select_related("run").first()
    if findings is None:
        return []
    year = Entry.objects.filter(book_id=home.pk, kind="help", seen_on__year=today.year)
    came = {str(says.get("programme", "")) for says in year.values_list("says", flat=True)}
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
