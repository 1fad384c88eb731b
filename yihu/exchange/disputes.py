"""Differences between departments as gaps of the ledger: opened by a list, cleared by settling.

A fact that a department says otherwise is one gap of its book, whichever list says it: it opens
with the first list, opens again if a later one says it anew, and clears when the difference is
settled, a later list agrees, or the list that said it is withdrawn. It belongs to the department
that says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from yihu.book.actions import NewEntry
from yihu.card.models import Person
from yihu.exchange.known import in_parts
from yihu.exchange.mapping import spec_of
from yihu.exchange.models import Difference
from yihu.ledger.models import Gap
from yihu.ledger.standing import OPEN
from yihu.ledger.topics import lists
from yihu.tables import rows_by

#: Space of the ids of such gaps.
NAMES = UUID("7d1a0c52-0d0b-5a53-9c55-0b8f3d2a6e21")
#: How their titles begin; the rest is the label of the fact. Values stand in no title: whoever
#: sees the gap need not be one who sees the fact.
TITLE = "与部门名单不符："
GONE = "新的比对中已无此差异"
ELSEWHERE = "本人已转到另一户，差异随人转去"
#: Gaps looked up at once.
AT_ONCE = 300


def gap_of(of: Difference) -> UUID:
    """The id of the gap of a difference."""
    person = of.person_id or ""
    return uuid5(NAMES, f"{of.household_id}/{of.department}/{person}/{of.fact}")


def entries_opening(differences: Iterable[Difference], *, on: date) -> Iterator[list[NewEntry]]:
    """Entries that open the gaps of these differences, in parts; none where one is open already."""
    for part in in_parts(differences, AT_ONCE):
        had = Gap.objects.in_bulk([gap_of(each) for each in part])
        entries = []
        for each in part:
            id = gap_of(each)
            gap = had.get(id)
            if gap is None:
                entries.append(_entry(each, _opened(each), on))
            elif _is_over(gap, on):
                entries.append(_entry(each, {"did": "reopened"}, on))
        yield entries


def _is_over(gap: Gap, on: date) -> bool:
    """Was it cleared, or has its waiver ended?"""
    if gap.state == "waived":
        return gap.waived_until is not None and gap.waived_until < on
    return gap.state not in OPEN


def _opened(of: Difference) -> dict[str, Any]:
    spec = spec_of(of.fact)
    topic = lists().topic_of_fact(spec.file if spec else "")
    says = {
        "did": "opened", "origin": "difference", "department": of.department,
        "battle": topic.name if topic else "",
        "title": f"{TITLE}{spec.label.zh if spec else of.fact}"[:200], "fact": of.fact,
    }  # fmt: skip
    return says | ({"person": str(of.person_id)} if of.person_id else {})


def entries_clearing(
    differences: Sequence[Difference],
    *,
    why: str,
    evidence: str,
    on: date,
    withdrawn: bool = False,
) -> list[NewEntry]:
    """Entries that clear the gaps of differences that are settled, or no longer there.

    withdrawn  the list that said them was withdrawn
    """
    by_gap = {gap_of(each): each for each in differences}
    found: set[UUID] = set()
    for part in in_parts(by_gap, AT_ONCE):
        rows = Gap.objects.filter(pk__in=part, state__in=(*OPEN, "waived"))
        found.update(rows.values_list("pk", flat=True))
    says: dict[str, Any] = {"did": "cleared", "words": why, "evidence": evidence}
    if withdrawn:
        says["withdrawn"] = True
    return [_entry(each, says, on) for id, each in by_gap.items() if id in found]


def entries_following(books: Collection[UUID], *, on: date) -> list[NewEntry]:
    """People who went to another household take their open differences along.

    books  of the households they may have left; the work items are moved here and now
    """
    gone: list[Difference] = []
    for part in in_parts(books, AT_ONCE):
        rows = Difference.objects.filter(household__in=part, state="open")
        gone += rows.exclude(person_id=None)
    if not gone:
        return []
    now = {person.pk: person for person in rows_by(Person, "id", {of.person_id for of in gone})}
    both = [(of, now[of.person_id]) for of in gone if of.person_id and of.person_id in now]
    both = [(of, person) for of, person in both if of.household_id != person.household_id]
    moved = [of for of, _ in both]
    if not moved:
        return []
    entries = entries_clearing(moved, why=ELSEWHERE, evidence=ELSEWHERE, on=on)
    for of, person in both:
        of.household_id, of.place_path = person.household_id, person.place_path
    Difference.objects.bulk_update(moved, ["household", "place_path"], batch_size=AT_ONCE)
    return [*entries, *(entry for part in entries_opening(moved, on=on) for entry in part)]


def _entry(of: Difference, says: dict[str, Any], on: date) -> NewEntry:
    says = {"gap": str(gap_of(of)), **says}
    return NewEntry(book=of.household_id, kind="gap", says=says, seen_on=on, source="comparison")


def open_difference(gap: Gap) -> Difference | None:
    """The open difference a gap stands for; None for a gap of another origin."""
    if gap.origin != "difference" or gap.household_id is None:
        return None
    rows = Difference.objects.filter(
        household_id=gap.household_id, department=gap.department, state="open"
    )
    return next((each for each in rows.order_by("-pk") if gap_of(each) == gap.pk), None)
