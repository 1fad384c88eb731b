"""Reading findings: which are stale, and what they say in words."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from yihu.book import dictionary
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings, Run


def stale(on: date) -> QuerySet[Household]:
    """Open households whose findings are not those of today's card, day and rulebook.

    Computed, never flagged: nothing has to be remembered when a rulebook or a day changes.
    """
    runs = Run.objects.filter(hash=dictionary.active().hash, on=on).values("pk")
    fresh = HouseholdFindings.objects.filter(
        household=OuterRef("pk"), number=OuterRef("number"), run__in=runs
    )
    return Household.objects.filter(closed_on=None).filter(~Exists(fresh))


def last_whole_run() -> Run | None:
    """The last check of everybody that came to its end."""
    return Run.objects.filter(whole=True).exclude(counts={}).order_by("-pk").first()


def answers_in_words(findings: HouseholdFindings, level: str = "household") -> dict[str, str]:
    """Rule → holds, fails or unknown, for the household rules."""
    words = {"0": "fails", "1": "holds", "2": "unknown"}
    rules = findings.run.rules[level]
    return {rule: words[figure] for rule, figure in zip(rules, findings.answers, strict=True)}


def runs_in_use() -> list[Run]:
    """The runs whose answers somebody has now; few, as each check renews them."""
    return list(Run.objects.filter(pk__in=HouseholdFindings.objects.values("run").distinct()))
