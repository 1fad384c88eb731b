"""Counting: stock and flow from steps, incomes from year ends, answers from findings.

Every query begins with `reach(model)`: the rows the asker may see. A page passes its scope's `of`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Model, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Substr

from yihu.access.models import Pairing, Post
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings, Run
from yihu.places.models import Place
from yihu.statistics.models import Step, Summary, YearEnd

Reach = Callable[[type[Any]], QuerySet[Any]]


def all_rows(model: type[Model]) -> QuerySet[Any]:
    """Everything: for commands, which run as the house itself."""
    return model._default_manager.all()


@dataclass(frozen=True, slots=True)
class Count2:
    """Households and the people in them."""

    households: int = 0
    people: int = 0


def _where(field: str, status: str | None) -> Q:
    return Q(**{field: status}) if status is not None else ~Q(**{field: ""})


def _sums(status: str | None) -> dict[str, Sum]:
    """Stock as sums over steps: what came into a standing less what left it."""
    into, out = _where("after", status), _where("before", status)
    whole = IntegerField()

    def part(condition: Q, amount: Any) -> Case:
        return Case(When(condition, then=amount), default=Value(0), output_field=whole)

    return {
        "households": Sum(part(into, Value(1)) - part(out, Value(1))),
        "people": Sum(part(into, F("people_after")) - part(out, F("people_before"))),
    }


def _bearing(steps: QuerySet[Step], status: str | None) -> QuerySet[Step]:
    """Steps into, out of or within a standing: few, where the standing is not all that are open."""
    return steps if status is None else steps.filter(Q(before=status) | Q(after=status))


def stock(day: date, status: str | None, reach: Reach = all_rows) -> Count2:
    """Households of a standing at the end of a day, and their people; None: all that are open."""
    found = _bearing(reach(Step).filter(on__lte=day), status).aggregate(**_sums(status))
    return Count2(found["households"] or 0, found["people"] or 0)


def stock_by(
    level: str, day: date, status: str | None, reach: Reach = all_rows
) -> dict[str, Count2]:
    """The same by place of a level: path of the place → count."""
    rows = _by_place(_bearing(reach(Step).filter(on__lte=day), status), level)
    return {
        row["place"]: Count2(row["households"], row["people"])
        for row in rows.annotate(**_sums(status))
    }


def flow(did: str, since: date, until: date, reach: Reach = all_rows) -> Count2:
    """How often something was done from one day to another, both included, and people meant.

    For who came or went (born, died, …) the people are one each time.
    """
    rows = reach(Step).filter(did=did, on__gte=since, on__lte=until)
    found = rows.aggregate(households=Count("pk"), people=Sum("people_after"))
    return Count2(found["households"], found["people"] or 0)


def flow_by_year(did: str, reach: Reach = all_rows) -> dict[int, Count2]:
    """The same for each year in which it happened."""
    rows = reach(Step).filter(did=did).values("on__year")
    found = rows.annotate(households=Count("pk"), people=Sum("people_after")).order_by("on__year")
    return {row["on__year"]: Count2(row["households"], row["people"]) for row in found}


def flow_by_place_and_year(
    level: str, did: str, reach: Reach = all_rows
) -> dict[tuple[str, int], Count2]:
    """(path of the place, year) → how often and with how many people."""
    rows = _by_place(reach(Step).filter(did=did), level, "on__year")
    found = rows.annotate(households=Count("pk"), people=Sum("people_after"))
    return {
        (row["place"], row["on__year"]): Count2(row["households"], row["people"]) for row in found
    }


def _by_place(rows: QuerySet[Any], level: str, *more: str) -> QuerySet[Any]:
    """Grouped by the place of a level; all places of a level have paths of the same length."""
    placed = rows.annotate(place=Substr("household__place_path", 1, length_of(level)))
    grouped: QuerySet[Any] = placed.values("place", *more).order_by("place", *more)
    return grouped


def length_of(level: str) -> int:
    """Signs of the path of the places of a level; 0 where there is none."""
    path = Place.objects.filter(level=level).values_list("path", flat=True).first()
    return len(path or "")


@dataclass(frozen=True, slots=True)
class Income:
    """Sum of net incomes in fen, people of the households that have one, interpolated ones."""

    fen: int
    people: int
    between: int


def incomes(*, listed: bool, reach: Reach = all_rows) -> dict[int, Income]:
    """Year → income of all households, or of those on the register and lifted from it."""
    rows = reach(YearEnd).exclude(income=None).exclude(status="")
    rows = rows.filter(listed=True) if listed else rows
    found = rows.values("year").order_by("year").annotate(
        fen=Sum("income"), heads=Sum("people"), guessed=Count("pk", filter=Q(between=True))
    )  # fmt: skip
    return {r["year"]: Income(r["fen"], r["heads"], r["guessed"]) for r in found}


def causes(reach: Reach = all_rows) -> dict[str, Count2]:
    """Main cause → households that are or were on the register, and their people now."""
    rows = reach(Household).filter(closed_on=None, status__in=("poor", "exited", "unstable"))
    found = rows.values("summary__cause").annotate(n=Count("pk"), people=Sum("size"))
    return {r["summary__cause"] or "": Count2(r["n"], r["people"]) for r in found}


def statuses(reach: Reach = all_rows) -> dict[str, Count2]:
    """Standing now → households and people."""
    rows = reach(Household).filter(closed_on=None).values("status").order_by("status")
    found = rows.annotate(n=Count("pk"), people=Sum("size"))
    return {r["status"]: Count2(r["n"], r["people"]) for r in found}


@dataclass(frozen=True, slots=True)
class Answers:
    """How many households hold, fail, and are unknown."""

    holds: int = 0
    fails: int = 0
    unknown: int = 0


def answers(
    rule: str, reach: Reach = all_rows, *, level: str = "", status: tuple[str, ...] = ()
) -> dict[str, Answers]:
    """Path of the place → answers of a household rule; one place "" without a level.

    Findings of several runs stand side by side; each is read in the order of its own run.
    """
    made: dict[str, dict[str, int]] = {}
    length = length_of(level) if level else 0
    used = reach(HouseholdFindings).order_by().values("run")
    for run in Run.objects.filter(pk__in=used):
        rules = run.rules["household"]
        if rule not in rules:
            continue
        rows = reach(HouseholdFindings).filter(run=run, household__closed_on=None)
        rows = rows.filter(household__status__in=status) if status else rows
        place: Any = Substr("household__place_path", 1, length) if length else Value("")
        found = rows.annotate(place=place, figure=Substr("answers", rules.index(rule) + 1, 1))
        for r in found.values("place", "figure").order_by().annotate(n=Count("pk")):
            of = made.setdefault(r["place"], {})
            of[r["figure"]] = of.get(r["figure"], 0) + r["n"]
    return {
        place: Answers(of.get("1", 0), of.get("0", 0), of.get("2", 0)) for place, of in made.items()
    }


def last_summed() -> str:
    """A mark that changes whenever a book is summed up again; says nothing of any book."""
    last = Summary.objects.aggregate(at=Max("at"))["at"]
    return last.isoformat() if last else ""


def poverty_villages(day: date, reach: Reach = all_rows) -> tuple[int, int]:
    """Villages that ever were poverty villages by a day, and those of them that are out."""
    listed = out = 0
    for periods in reach(Place).filter(level="village").values_list("poverty_village", flat=True):
        begun = [(since, until) for since, until in periods if since <= day.isoformat()]
        listed += bool(begun)
        out += bool(begun) and all(until and until <= day.isoformat() for _, until in begun)
    return listed, out


def helpers(day: date, reach: Reach = all_rows) -> tuple[int, int, int]:
    """People with the post of a helper on a day; those paired; households with a helper."""
    on = Q(since__lte=day) & (Q(until=None) | Q(until__gte=day))
    posts = reach(Post).filter(on, role="helper").values("worker").distinct().count()
    pairs = reach(Pairing).filter(on)
    workers = pairs.values("worker").distinct().count()
    return posts, workers, pairs.values("household").distinct().count()
