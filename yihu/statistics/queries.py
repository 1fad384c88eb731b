"""Counting what stands now: causes, standings, answers, villages.

Every query begins with `reach(model)`: the rows the asker may see. A page passes its scope's `of`.
What stood on any day is counted by `sums`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Sum, Value
from django.db.models.functions import Substr

from yihu.card.models import Household
from yihu.check.models import HouseholdFindings, Run
from yihu.places.models import Place, PlaceChange
from yihu.statistics.models import Summary
from yihu.statistics.sums import Count2, Reach, all_rows, length_of


def causes(reach: Reach = all_rows) -> dict[str, Count2]:
    """Main cause → households that are or were on the register, and their people now."""
    rows = reach(Household).filter(closed_on=None, status__in=("poor", "exited", "unstable"))
    found = rows.values("summary__cause").annotate(n=Count("pk"), people=Sum("size"))
    return {r["summary__cause"] or "": Count2(r["n"], r["people"]) for r in found}


@dataclass(frozen=True, slots=True)
class Answers:
    """How many households hold, fail, and are unknown."""

    holds: int = 0
    fails: int = 0
    unknown: int = 0


def answers(
    rules: Sequence[str], reach: Reach = all_rows, *, level: str = ""
) -> dict[str, dict[str, Answers]]:
    """Household rule → path of the place → its answers; one place "" without a level.

    All rules are counted in one walk. Findings of several runs stand side by side, and each is read
    in the order of its own run; nearly all have that of the last. A rule no run knows is left out.
    """
    made: dict[str, dict[str, dict[str, int]]] = {}
    length = length_of(level) if level else 0
    rows = reach(HouseholdFindings).filter(household__closed_on=None)
    place: Any = Substr("household__place_path", 1, length) if length else Value("")
    rows = rows.annotate(place=place).order_by()
    orders = {run.pk: run.rules["household"] for run in Run.objects.order_by("-pk")[:1]}
    read: set[int] = set()
    while orders:
        asked = next(iter(orders.values()))
        known = [rule for rule in rules if rule in asked]
        figures = {f"f{n}": Substr("answers", asked.index(r) + 1, 1) for n, r in enumerate(known)}
        counted = list(
            rows.exclude(run__in=read).annotate(**figures).values_list("run", "place", *figures)
            .annotate(n=Count("pk"))
        )  # fmt: skip
        found = Run.objects.in_bulk({run for run, *_ in counted})
        orders = {pk: run.rules["household"] for pk, run in found.items()}
        same = {pk for pk, order in orders.items() if order == asked}
        for run, way, *each, many in counted:
            for rule, figure in zip(known, each, strict=True) if run in same else ():
                of = made.setdefault(rule, {}).setdefault(way, {})
                of[figure] = of.get(figure, 0) + many
        read |= same
        orders = {pk: order for pk, order in orders.items() if pk not in same}
    return {
        rule: {way: Answers(*(of.get(figure, 0) for figure in "102")) for way, of in places.items()}
        for rule, places in made.items()
    }


def last_summed() -> str:
    """A mark that changes when a book is summed up again or a place changes; says nothing more."""
    last = Summary.objects.aggregate(at=Max("at"))["at"]
    changed = PlaceChange.objects.aggregate(pk=Max("pk"))["pk"]
    return f"{last.isoformat()} {changed}" if last else ""


def poverty_villages(day: date, reach: Reach = all_rows) -> tuple[int, int]:
    """Villages that ever were poverty villages by a day, and those of them that are out."""
    listed = out = 0
    for periods in reach(Place).filter(level="village").values_list("poverty_village", flat=True):
        begun = [(since, until) for since, until in periods if since <= day.isoformat()]
        listed += bool(begun)
        out += bool(begun) and all(until and until <= day.isoformat() for _, until in begun)
    return listed, out
