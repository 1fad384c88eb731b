"""Figures counted from the sums of books, kept until a book is summed up again.

To count a whole county takes seconds. What one process counted, all of them have, and all who reach
the same: whoever opens the statistics in the morning finds what the night has counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from hashlib import sha256
from typing import TypeVar

from django.core.cache import caches

from yihu.access.queries import workers_at
from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.places.models import Place
from yihu.statistics import queries
from yihu.statistics.indicators import Figure
from yihu.statistics.sums import Sums, read_sums

T = TypeVar("T")
#: What is kept has these parts: what a former program kept otherwise is counted anew.
SHAPE = tuple(each.name for kept in (Sums, Figure) for each in fields(kept))


def summed(what: str, scope: Scope, place: Place | None, on: date, make: Callable[[], T]) -> T:
    """What is counted from sums of books alone, of all a worker reaches or of one place in it.

    what  what is counted; it says nothing of whom it was counted for
    """
    where = place.path if place else ""
    return _kept((what, _reached(scope), str(scope.today), where, str(on)), make)


def sums_of(scope: Scope, place: Place | None) -> Sums:
    """The sums of the books a worker reaches, of all of them or of one place in it."""
    whole = scope.whole
    if whole is None:
        found = _kept(("sums", _reached(scope), str(scope.today)), lambda: read_sums(scope.of))
    else:
        found = _kept(("sums",), read_sums).inside(whole)
    return found.inside([place.path]) if place else found


def _kept(of: tuple[object, ...], make: Callable[[], T]) -> T:
    key = sha256(repr((*SHAPE, *of, queries.last_summed())).encode()).hexdigest()
    return caches["figures"].get_or_set(key, make)  # type: ignore[return-value]


def _reached(scope: Scope) -> list[str]:
    """What a worker reaches of places and households; of answers, whether any is left out."""
    helped = [] if all(role.whole for role in scope.roles) else sorted(map(str, scope.helped))
    return [*sorted(scope.paths), *helped, str(scope.hides("HouseholdFindings"))]


def forget() -> None:
    """Let go what was kept: nothing of it is right once books were summed up again."""
    caches["figures"].clear()


def of_the_county(today: date) -> list[Scope]:
    """A scope for each way in which workers reach the whole of a county today."""
    scopes = [Scope(worker, today) for worker in workers_at("county", today)]
    whole = [scope for scope in scopes if all(ROLES[post.role].whole for post in scope.posts)]
    return list({str(_reached(scope)): scope for scope in whole}.values())
