"""Settling a difference: one value, a reason, and a memory, so that it is not asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.actions import NewEntry
from yihu.book.models import Batch
from yihu.exchange.comparison import mark_of
from yihu.exchange.known import HIDDEN, value_now
from yihu.exchange.models import Difference, PossibleMatch, Settlement, Upload
from yihu.exchange.out_cells import as_told
from yihu.exchange.reading import value_typed
from yihu.exchange.returned import refused
from yihu.problems import Problem
from yihu.reason import good_reason

TOOK = ("ours", "theirs", "other")
#: Signs of the shortest reason.
LEAST = 2
#: Figures of a key that no database holds.
MOST_FIGURES = 19


@dataclass(frozen=True, slots=True)
class Settled:
    """A difference, the value that holds, and the entry that says so."""

    difference: Difference
    value: Any
    entry: NewEntry


def settle(
    differences: Sequence[Difference], *, took: str, other: str, why: str, today: date
) -> list[Settled]:
    """The entries that settle differences: the book's value, the department's, or a third.

    other   the third value as it was typed; for one difference only
    Raises  Problem: exchange.no_reason, desk.reason_too_long, exchange.settled_already,
            exchange.which_value
    """
    why = good_reason(why, "exchange.no_reason", least=LEAST)
    if took not in TOOK or (took == "other" and (len(differences) != 1 or not other.strip())):
        raise Problem("exchange.which_value")
    return [_settled(each, took, other, why, today) for each in differences]


def require_not_own_word(differences: Sequence[Difference], scope: Scope, *, took: str) -> None:
    """Refuse that whoever sent a list decides that it is right, unless he may write in the books.

    A department may not write there: by a list of its own making it would, and nobody else would
    ever have looked. That the book is right it may say.

    Raises  Problem (exchange.own_list)
    """
    for each in differences:
        sent = each.upload.by_id == scope.worker.pk
        if sent and took != "ours" and not scope.may("write", each.household):
            raise Problem("exchange.own_list", status=403)


def _settled(of: Difference, took: str, other: str, why: str, today: date) -> Settled:
    level, _, fact = of.fact.partition(".")
    ours = value_now(of.household_id, of.person_id, fact)
    if of.state != "open" or _mark(level, fact, ours) != of.our_mark:
        raise Problem("exchange.settled_already", status=409)
    value = ours
    if took == "theirs":
        value = dictionary.keys().open(*of.token) if of.token else of.theirs
    elif took == "other":
        value = value_typed(of.fact, other, today)
    elif value is None:
        raise Problem("exchange.which_value")
    facts = {fact: value}
    says: dict[str, Any] = {"department": of.department, "difference": str(of.pk), "why": why}
    if of.person_id is None:
        says["household"] = facts
    else:
        says["members"] = {str(of.person_id): facts}
    if not dictionary.is_secret(level, fact):
        says |= {"ours": {of.fact: of.ours}, "theirs": {of.fact: of.theirs}}
    # A decision of today: it holds over whatever either side saw before.
    entry = NewEntry(
        book=of.household_id, kind="comparison", says=says, seen_on=today, source="comparison"
    )
    return Settled(of, value, entry)


def _mark(level: str, fact: str, value: Any) -> str:
    return "" if value is None else mark_of(level, fact, value)


def remember(
    settled: Sequence[Settled], *, took: str, why: str, by: Worker, at: datetime, batch: Batch
) -> None:
    """Keep what was decided, so that the question returns only when a value moves."""
    for each in settled:
        of = each.difference
        level, _, fact = of.fact.partition(".")
        of.settlement = Settlement.objects.create(
            household_id=of.household_id, person_id=of.person_id, fact=of.fact,
            department=of.department, place_path=of.place_path, theirs=of.their_mark,
            value=mark_of(level, fact, each.value), took=took, why=why.strip(), by=by, at=at,
            batch=batch,
        )  # fmt: skip
        of.state = "settled"
        of.save(update_fields=["state", "settlement"])


def decide(possible: PossibleMatch, *, same: bool, by: Worker, at: datetime) -> None:
    """Say whether a row is that person; said once for every list that says the same of him.

    Raises  Problem (exchange.settled_already)
    """
    if possible.state != "open":
        raise Problem("exchange.settled_already", status=409)
    possible.state, possible.by, possible.at = "same" if same else "different", by, at
    possible.save(update_fields=["state", "by", "at"])
    if same:
        # A row is one person: the others it might have been are not.
        others = PossibleMatch.objects.filter(upload_id=possible.upload_id, row=possible.row)
        others.filter(state="open").update(state="different", by=by, at=at)


Remarks = dict[int, list[tuple[int | None, str]]]


def errors_of(upload: Upload, scope: Scope, lang: str) -> Remarks:
    """What goes back to the department: rows whose value did not hold, and rows about nobody.

    lang   zh or en
    """
    remarks: Remarks = {row: list(said) for row, said in refused(upload, lang).items()}
    places = {target: int(place) for place, target in upload.columns.items()}
    rows = scope.of(Difference).filter(upload=upload, state="settled")
    for one in rows.exclude(settlement__took="theirs").select_related(
        "settlement", "settlement__by"
    ):
        if one.settlement is None:
            continue
        words = _said(one, one.settlement, lang)
        remarks.setdefault(one.row, []).append((places.get(one.fact), words))
    return remarks


def _said(of: Difference, settlement: Settlement, lang: str) -> str:
    if settlement.took == "ours":
        kept = ("以户册为准", "the book's value holds")
    else:
        kept = ("经核实另有其值", "another value was found to hold")
    shown = ""
    if of.ours not in (None, HIDDEN) and settlement.took == "ours":
        level, _, fact = of.fact.partition(".")
        shown = " " + as_told(level, fact, of.ours)
    zh, en = (f"{words}{shown}（{settlement.why}）" for words in kept)
    return zh if lang == "zh" else en


def open_differences(scope: Scope, ids: Sequence[int | str]) -> list[Difference]:
    """Differences of these ids as far as the worker may settle them."""
    named = [id for id in map(str, ids) if id.isdecimal() and len(id) < MOST_FIGURES]
    rows = scope.of(Difference, "compare").filter(pk__in=named, state="open")
    return list(rows.select_related("household", "upload").order_by("pk"))
