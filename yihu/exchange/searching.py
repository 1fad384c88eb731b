"""A look through a whole county for people who stand twice: begun on a page, ended beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.exchange import duplicates
from yihu.exchange.models import DuplicateSearch

#: A search that says nothing for so long has broken off. A county takes some minutes.
LIMIT = timedelta(minutes=30)


def begin(by: Worker, now: datetime) -> DuplicateSearch | None:
    """A new search; None where one of the same worker goes on."""
    with transaction.atomic():
        # Locked: two presses of the button begin one search.
        Worker.objects.select_for_update().get(pk=by.pk)
        last = latest(by)
        if last is not None and goes_on(last, now):
            return None
        return DuplicateSearch.objects.create(by=by, begun_at=now)


def begun(by: Worker, id: int | None, now: datetime) -> DuplicateSearch:
    """The search a page has begun for a worker; a new one where none is named."""
    if id is None:
        return DuplicateSearch.objects.create(by=by, begun_at=now)
    return DuplicateSearch.objects.get(pk=id, by=by)


def latest(by: Worker) -> DuplicateSearch | None:
    """The last search of a worker."""
    return DuplicateSearch.objects.filter(by=by).order_by("-begun_at", "-pk").first()


def goes_on(search: DuplicateSearch, now: datetime) -> bool:
    """Is it still at work?"""
    return search.ended_at is None and now - search.begun_at < LIMIT


def look(search: DuplicateSearch, scope: Scope, *, clock: Callable[[], datetime]) -> int:
    """Search, and keep when and how it ended; returns how many pairs are new."""
    try:
        search.found = duplicates.find(scope)
    finally:
        search.ended_at = clock()
        search.save(update_fields=["found", "ended_at"])
    return search.found
