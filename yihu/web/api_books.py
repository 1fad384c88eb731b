"""API: the ledger, findings of many, figures, the dictionary of facts, and oneself."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router

from yihu.access.models import Token
from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.check.models import HouseholdFindings
from yihu.ledger.models import Gap
from yihu.problems import Problem
from yihu.statistics.indicators import Figure
from yihu.web.api_pages import in_place, log_read, need, page, reached_place
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
from yihu.web.days import require_no_day_ahead
from yihu.web.statistics import kept

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
    found = page(rows, key="household_id", after=_id(after), limit=limit, shown=findings_shown)
    log_read(request, f"findings {place or ''}".strip(), rows=len(found["items"]))
    return found


@router.get(
    "/figures",
    response={200: FiguresOut, **REFUSED},
    tags=["figures"],
    summary="Figures of a place",
)
def figures(request: HttpRequest, place: Words, on: date | None = None) -> Any:
    """The figures of the statistics page at or below a place, as of a day; today without one.

    A day that has not come is refused.
    """
    scope = need(request, "read")
    found = reached_place(scope, place)
    require_no_day_ahead(on, scope.today)
    day = on or scope.today
    counted = kept(scope, found, day)
    return {
        "place": found.code, "on": day,
        "figures": {name: _figure(figure) for name, figure in counted.items()},
    }  # fmt: skip


def _figure(figure: Figure) -> dict[str, Any]:
    said = figure.as_json()
    return {
        "label": figure.zh, "label_en": figure.en, "source": figure.source,
        "of": figure.of_zh, "of_en": figure.of_en, "note": figure.note[0],
        "note_en": figure.note[1],
        **{key: said[key] for key in ("unit", "value", "numerator", "denominator", "year")},
    }  # fmt: skip


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
