"""A department's list withdrawn (撤回): what it left open closes, what was settled from it stays.

What an earlier list of the department said and the withdrawn one took over is open again, as long
as no later list spoke since and the book still says what it said then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from yihu.exchange.comparison import mark_of
from yihu.exchange.disputes import gap_of
from yihu.exchange.known import in_parts, value_now
from yihu.exchange.models import Difference, PossibleMatch, Upload

#: States in which a list may be withdrawn, or thrown away before it was ever confirmed.
STATES = ("kept", "written", "read", "failed")


@dataclass(slots=True)
class Withdrawn:
    """The differences that close, those that are open again, and how many stay as settled."""

    closed: list[Difference] = field(default_factory=list)
    again: list[Difference] = field(default_factory=list)
    settled: int = 0
    asked: int = 0


def may_be_withdrawn(upload: Upload) -> bool:
    """Is this list at rest, and not withdrawn yet?"""
    return upload.state in STATES


def was_confirmed(upload: Upload) -> bool:
    """Was anything of this list kept? One of which nothing was is thrown away by who sent it."""
    return upload.batch_id is not None or upload.differences.exists()


def found_of(upload: Upload) -> Withdrawn:
    """What withdrawing a list would do; nothing is written."""
    rows = upload.differences.select_related("household", "upload")
    return Withdrawn(
        closed=list(rows.filter(state="open").order_by("pk")),
        again=_again(upload),
        settled=rows.filter(state="settled").count(),
        asked=upload.matches.filter(state="open").count(),
    )


def _again(upload: Upload) -> list[Difference]:
    later = Upload.objects.filter(
        use="list", department=upload.department, state="written", at__gt=upload.at
    )
    if later.exclude(pk=upload.pk).exists():
        return []
    newest: dict[UUID, Difference] = {}
    rows = upload.displaced.filter(state="gone").exclude(upload__state="undone")
    for each in rows.select_related("household", "upload").order_by("upload__at", "pk"):
        newest[gap_of(each)] = each
    return [each for each in newest.values() if _stands(each)]


def _stands(of: Difference) -> bool:
    """Does the book still say what it said when the two were compared?"""
    level, _, fact = of.fact.partition(".")
    ours = value_now(of.household_id, of.person_id, fact)
    return ("" if ours is None else mark_of(level, fact, ours)) == of.our_mark


@transaction.atomic
def withdraw(upload: Upload, found: Withdrawn) -> None:
    """Close what a list left open, as `found_of` has it; the gaps are the caller's."""
    for part in in_parts([each.pk for each in found.closed]):
        Difference.objects.filter(pk__in=part).update(state="withdrawn")
    for part in in_parts([each.pk for each in found.again]):
        Difference.objects.filter(pk__in=part).update(state="open", displaced_by=None)
    PossibleMatch.objects.filter(upload=upload, state="open").delete()
