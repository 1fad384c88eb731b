"""What every operation of the API needs: the token's scope, pages by key, places by code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.places.models import Place, within
from yihu.places.queries import place_for
from yihu.problems import Problem

M = TypeVar("M", bound=Model)


def need(request: Any, scope: str) -> Scope:
    """The worker's scope, if the token is for that. Raises Problem (access.token_may_not)."""
    if scope not in request.token.scopes:
        raise Problem("access.token_may_not", status=403, scope=scope)
    found: Scope = request.scope
    return found


def log_read(
    request: Any,
    why: str,
    *,
    household: UUID | None = None,
    facts: Iterable[str] = (),
    rows: int = 1,
) -> None:
    """Keep that a program read what is sensitive: which, whose, by whose token."""
    log_reading(
        request.scope.worker, what="program", now=request.at.now, household=household, facts=facts,
        rows=rows, why=f"{why} ({request.token.name})",
    )  # fmt: skip


def page(
    rows: QuerySet[M], *, key: str, after: str | None, limit: int, shown: Callable[[M], Any]
) -> dict[str, Any]:
    """One page of rows in the order of a key no two share; no page costs more than the first."""
    if after:
        rows = rows.filter(**{f"{key}__gt": after})
    found = list(rows.order_by(key)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {
        "items": [shown(row) for row in found],
        "next": str(getattr(found[-1], key)) if more else None,
    }


def reached_place(scope: Scope, code: str, on: date | None = None) -> Place:
    """The place a code means, if it is reached. Raises Problem (access.not_yours)."""
    try:
        place = place_for(code, on)
    except Problem as refused:
        if refused.code == "places.not_found":
            raise Problem("access.not_yours", status=404) from None
        raise
    return scope.one(Place, pk=place.pk)


def in_place(scope: Scope, code: str | None, path: str = "place_path") -> Q:
    """Condition: at or below the place with this code; all that is reached without one."""
    return within(reached_place(scope, code).path, path) if code else Q()
