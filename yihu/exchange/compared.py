"""What a comparison found, as the page of its dry run shows it: figures and samples, masked."""

from __future__ import annotations

from collections import Counter
from typing import Any

from yihu.exchange.comparison import Compared, said_of_whom
from yihu.exchange.dry import SHOWN
from yihu.exchange.known import HIDDEN, masked_now
from yihu.exchange.models import Difference
from yihu.exchange.reading import counted

#: Kinds of samples, in the order the page shows them.
KINDS = ("different", "blank", "likely", "unsure", "doubled", "refused")


def counts_of(found: Compared) -> dict[str, Any]:
    """The figures. compared: fact → [how many differ, the book has none of, are the same]."""
    return {**found.counts, "compared": found.by_fact}


def samples_of(found: Compared) -> dict[str, list[dict[str, Any]]]:
    """Some rows of each kind. row: as the file counts; before: the book's; after: the list's."""
    return {
        "different": _differences(found, blank=False),
        "blank": _differences(found, blank=True),
        "likely": _met(found, sorted(found.likely)),
        "unsure": [_unsure(found, row) for row in list(found.unsure)[:SHOWN]],
        "doubled": _met(found, sorted(found.doubled)),
        "refused": [
            {"row": found.rows.numbers[row], "place": reason.place,
             "zh": reason.sentence("zh"), "en": reason.sentence("en")}
            for row, reasons in counted(found.rows) for reason in reasons
        ][:SHOWN],
    }  # fmt: skip


def _differences(found: Compared, *, blank: bool) -> list[dict[str, Any]]:
    of_kind = [one for one in found.differences if (not one.our_mark) is blank]
    # A column that differs everywhere leaves room for the others.
    most = SHOWN // max(1, len({one.fact for one in of_kind}))
    taken: Counter[str] = Counter()
    shown = []
    for one in of_kind:
        taken[one.fact] += 1
        if taken[one.fact] <= most:
            shown.append(_difference(one))
    return sorted(shown[:SHOWN], key=lambda each: each["row"])


def _difference(of: Difference) -> dict[str, Any]:
    before = of.ours
    if before == HIDDEN:
        before = masked_now(of.household_id, of.person_id, of.fact.partition(".")[2])
    return {
        "row": of.row, "who": of.who, "fact": of.fact, "before": before, "after": of.theirs,
        "alike": before == of.theirs,
    }  # fmt: skip


def _met(found: Compared, rows: list[int]) -> list[dict[str, Any]]:
    """Rows with whom of the books they were taken to be about."""
    people = ((row, found.people.get(found.matched[row])) for row in rows[:SHOWN])
    return [
        {"row": found.rows.numbers[row], "says": said_of_whom(found.rows, row),
         "who": of.name if of else "", "birth": of.birth.isoformat() if of and of.birth else None}
        for row, of in people
    ]  # fmt: skip


def _unsure(found: Compared, row: int) -> dict[str, Any]:
    return {
        "row": found.rows.numbers[row], "says": said_of_whom(found.rows, row),
        "near": len(found.unsure[row]),
    }  # fmt: skip
