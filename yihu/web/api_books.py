"""API: the ledger, findings of many, figures, the dictionary of facts, and oneself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest
from ninja import Query, Router

from yihu.access.models import Token
from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.models import Household, Person
from yihu.check.models import HouseholdFindings
from yihu.ledger.models import Gap
from yihu.problems import Problem
from yihu.web.api_pages import in_place, need, page, reached_place
from yihu.web.api_places import REFUSED
from yihu.web.api_shapes import (
    FactOut,
    FiguresOut,
    FindingsOut,
    GapOut,
    GapsAsked,
    Limit,
    MeOut,
    Page,
    Words,
)
from yihu.web.api_shown import findings_shown

router = Router()


@router.get("/gaps", response={200: Page[GapOut], **REFUSED}, tags=["ledger"], summary="Gaps")
def gaps(request: HttpRequest, asked: Query[GapsAsked]) -> Any:
    """Gaps of the ledger, by id."""
    scope = need(request, "read")
    rows = scope.of(Gap).select_related("place", "responsible")
    rows = rows.filter(in_place(scope, asked.place))
    for name in ("state", "origin", "rule", "department", "battle"):
        if getattr(asked, name) is not None:
            rows = rows.filter(**{name: getattr(asked, name)})
    if asked.household is not None:
        rows = rows.filter(household__code=asked.household)
    late = Q(due_on__lt=scope.today, state__in=("open", "assigned", "answered"))
    if asked.overdue is not None:
        rows = rows.filter(late) if asked.overdue else rows.exclude(late)
    return page(rows, key="id", after=_id(asked.after), limit=asked.limit, shown=_gap)


def _id(after: str | None) -> str | None:
    """The key of a page of ids. Raises Problem (api.bad_after)."""
    if after is None:
        return None
    try:
        return str(UUID(after))
    except ValueError:
        raise Problem("api.bad_after", found=after[:40]) from None


def _gap(row: Gap) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in (
            "id", "origin", "rule", "title", "answer", "state", "department", "battle",
            "opened_on", "due_on", "cleared_on", "times_opened",
        )},
        "household": row.household_id, "place": row.place.code, "person": row.person_id,
        "responsible": str(row.responsible) if row.responsible else None,
    }  # fmt: skip


@router.get(
    "/findings", response={200: Page[FindingsOut], **REFUSED}, tags=["check"], summary="Findings"
)
def findings(
    request: HttpRequest, place: Words | None = None, after: Words | None = None, limit: Limit = 100
) -> Any:
    """The answers of every rule for many households, by the household's id."""
    scope = need(request, "read")
    scope.require_sight("sensitive")
    where = in_place(scope, place, "household__place_path")
    rows = scope.of(HouseholdFindings).filter(where).select_related("run", "household")
    return page(rows, key="household_id", after=_id(after), limit=limit, shown=findings_shown)


@router.get(
    "/figures",
    response={200: FiguresOut, **REFUSED},
    tags=["figures"],
    summary="Figures of a place",
)
def figures(request: HttpRequest, place: Words) -> Any:
    """Households, people and gaps at or below a place, counted today."""
    scope = need(request, "read")
    found = reached_place(scope, place)
    here = in_place(scope, place)
    homes = scope.of(Household).filter(here, closed_on=None)
    people = scope.of(Person).filter(in_place(scope, place, "household__place_path"), left_on=None)
    counted: dict[str, int | float | None] = {
        "households": homes.count(),
        "people": people.filter(household__closed_on=None).count(),
    }
    for status, count in homes.values_list("status").annotate(n=Count("pk")).order_by():
        counted[f"households.{status}"] = count
    for state, count in (
        scope.of(Gap).filter(here).values_list("state").annotate(n=Count("pk")).order_by()
    ):
        counted[f"gaps.{state}"] = count
    return {"place": found.code, "on": scope.today, "figures": counted}


@router.get("/facts", response={200: list[FactOut], **REFUSED}, tags=["rulebook"], summary="Facts")
def facts(request: HttpRequest) -> Any:
    """The facts of the rulebook in use: what an entry may say."""
    need(request, "read")
    return [
        {
            "level": spec.level, "name": spec.name, "label": spec.label.zh,
            "label_en": spec.label.en, "kind": spec.kind, "unit": spec.unit,
            "privacy": spec.privacy,
            "codes": {c.key: c.label.zh for c in spec.codes.codes} if spec.codes else {},
        }
        for spec in dictionary.active().facts.values()
    ]  # fmt: skip


@router.get("/me", response={200: MeOut, **REFUSED}, tags=["access"], summary="This token")
def me(request: HttpRequest) -> Any:
    """Whose token this is, and what it opens."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    token: Token = request.token  # type: ignore[attr-defined]
    return {
        "worker": str(scope.worker), "scopes": token.scopes, "until": token.until,
        "posts": [f"{post.role} {post.place.code}" for post in scope.posts],
        "acts": sorted({act for role in ROLES.values() for act in role.do if scope.may(act)}),
    }  # fmt: skip
