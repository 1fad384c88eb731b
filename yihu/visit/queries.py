"""What pages ask of the nightly looks: the last one, and signs by what became of their question."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from yihu.ledger.models import Gap
from yihu.visit.models import Look, Sign

#: state of a sign's question → states of its gap; every other state of a gap is its end.
_GAP_STATES = {"asked": ("open", "assigned"), "answered": ("answered",)}


def last_look() -> Look | None:
    """The newest look at the books; it names visits and days, never a household."""
    return Look.objects.order_by("-at").first()


def in_state(signs: QuerySet[Sign], state: str) -> QuerySet[Sign]:
    """Those of a worker's signs that are new, asked, answered or closed.

    Only the signs given: the gap of a question has its sign's id and place.
    """
    gaps = Gap.objects.filter(pk=OuterRef("pk"))
    if state == "new":
        return signs.filter(~Exists(gaps))
    return signs.filter(
        Exists(gaps.filter(state__in=_GAP_STATES.get(state, ("cleared", "waived"))))
    )
