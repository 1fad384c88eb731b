"""How the work on an upload stands: who has begun it, how far it is, how it ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from yihu.access.models import Worker
from yihu.exchange.dry import Outcome
from yihu.exchange.models import Upload
from yihu.problems import Problem
from yihu.reason import MOST_IN_LOG, good_reason
from yihu.rulebook.refusals import Refused

BUSY = ("reading", "writing")
#: Without a sign of life for so long the work was cut off. Opening the largest workbook gives none
#: for some twenty seconds.
SILENCE = timedelta(seconds=120)


def uploads(**of: Any) -> Upload:
    """A file that was just kept, with all that is known of it."""
    return Upload.objects.create(**of)


def is_cut_off(upload: Upload) -> bool:
    """Was the work begun and not ended by who does it no longer?"""
    if upload.state not in BUSY:
        return False
    return upload.alive_at is None or timezone.now() - upload.alive_at > SILENCE


def claim(upload: Upload, states: Sequence[str], state: str) -> None:
    """Begin work on an upload, unless somebody else has.

    Raises  Problem (exchange.not_in_state)
    """
    was = upload.state
    if was in BUSY and is_cut_off(upload):
        states = (*states, was)
    begun = Upload.objects.filter(pk=upload.pk, state__in=states).update(
        state=state, phase="", done=0, total=0, alive_at=timezone.now(), problem={}
    )
    if not begun:
        raise Problem("exchange.not_in_state", status=409, state=was)
    upload.refresh_from_db()


class Told:
    """Progress of an upload, kept once a second for the page that shows it."""

    def __init__(self, upload: Upload) -> None:
        self._id, self._next = upload.pk, 0.0

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Say what is being done and how much of it is."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + 1
        Upload.objects.filter(pk=self._id).update(
            phase=phase, done=done, total=total, alive_at=timezone.now()
        )


def found(upload: Upload, outcome: Outcome) -> None:
    """The dry run has ended."""
    said: dict[str, Any] = {
        "counts": {**outcome.counts, "by_fact": outcome.facts},
        "samples": outcome.samples,
        "digest": outcome.digest,
    }
    Upload.objects.filter(pk=upload.pk).update(state="read", phase="", **said)


#: Signs of the shortest reason.
LEAST = 2


def ask_back(upload: Upload, *, by: Worker, why: str, at: datetime) -> None:
    """Keep who takes a file back and why, for the work that does it and the page that shows it.

    Raises  Problem (exchange.no_reason, desk.reason_too_long)
    """
    why = good_reason(why, "exchange.no_reason", least=LEAST, most=MOST_IN_LOG)
    told = {"by": str(by.pk), "name": by.name, "why": why, "at": at.isoformat()}
    upload.wishes = {**upload.wishes, "back": told}
    upload.save(update_fields=["wishes"])


def asked_back(upload: Upload) -> tuple[Worker, str]:
    """Who takes the file back, and why: see `ask_back`; who sent it where nobody was asked."""
    told = upload.wishes.get("back")
    if told is None:
        return upload.by, ""
    return Worker.objects.get(pk=told["by"]), told["why"]


def failed(id: UUID, refused: Refused) -> None:
    """The work has ended with a refusal; the file is kept and can be tried again."""
    said = {lang: refused.sentence(lang) for lang in ("zh", "en")}
    Upload.objects.filter(pk=id).update(state="failed", phase="", problem=said)


def set_state(upload: Upload, state: str, **also: Any) -> None:
    """The upload is now in this state."""
    Upload.objects.filter(pk=upload.pk).update(state=state, phase="", **also)


def uploaded(id: UUID) -> Upload:
    """The upload with this id, for work begun by a page that has asked who may."""
    return Upload.objects.select_related("by", "batch").get(pk=id)
