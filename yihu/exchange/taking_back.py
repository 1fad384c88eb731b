"""What undoing an import would do, before anybody does it: what goes, and what was written on top.

A value written since on top of an imported one stays: the counter-entry takes the import's value
away and no other. A household is left whole where it cannot be undone without breaking what others
wrote since: people the import brought, of whom a later entry speaks, and a household it opened and
others have worked on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from yihu.book.models import Batch, Entry
from yihu.book.order import standing, undone
from yihu.book.says import facts_in
from yihu.exchange.known import in_parts
from yihu.problems import Problem
from yihu.tables import rows_by

#: Households of each kind that are named.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter-entry that is not written yet."""

    number: int
    undoes: int
    seen_on: date
    kind: str = "correction"
    says: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class TakenBack:
    """What goes and what stays; households by the id of their book.

    entries  of the import, still in effect, that would be countered
    homes    households they stand in
    closes   households the import opened, which close
    on_top   household → facts it says otherwise since, which stay as they are now
    kept     household → the refusal that leaves it whole, "" where others worked on it since
    """

    entries: int = 0
    homes: int = 0
    closes: int = 0
    on_top: dict[UUID, set[str]] = field(default_factory=dict)
    kept: dict[UUID, str] = field(default_factory=dict)


def look(batch: Batch) -> TakenBack:
    """What undoing a batch would do; nothing is written."""
    found = TakenBack()
    books = batch.entries.exclude(kind="gap").values_list("book_id", flat=True).distinct()
    for part in in_parts(list(books.order_by("book_id"))):
        for book, entries in _by_book(rows_by(Entry, "book_id", part)):
            _look_at(book, entries, batch, found)
    return found


def _by_book(entries: Iterable[Entry]) -> Iterator[tuple[UUID, list[Entry]]]:
    found: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind != "gap":
            found[entry.book_id].append(entry)
    for book, those in found.items():
        yield book, sorted(those, key=lambda each: each.number)


def _look_at(book: UUID, entries: Sequence[Entry], batch: Batch, found: TakenBack) -> None:
    gone = undone(entries)
    mine = [each for each in entries if each.batch_id == batch.pk and each.number not in gone]
    if not mine:
        return
    later = [
        each for each in entries
        if each.number > mine[0].number and each.batch_id != batch.pk
        and each.number not in gone and each.kind != "correction"
    ]  # fmt: skip
    opens = any(act["did"] in ("opened", "reopened")
                for each in mine for act in each.says.get("acts", ()))  # fmt: skip
    if later and (why := _stays_whole(entries, mine, opens=opens)) is not None:
        found.kept[book] = why
        return
    found.entries += len(mine)
    found.homes += 1
    found.closes += opens
    if on_top := _said_since(mine, later):
        found.on_top[book] = on_top


def _stays_whole(entries: Sequence[Entry], mine: Sequence[Entry], *, opens: bool) -> str | None:
    """Why a household is left as it is; None where it can be undone."""
    if opens:
        return ""
    end = entries[-1].number
    counters = [
        Counter(end + at, each.number, each.seen_on) for at, each in enumerate(reversed(mine), 1)
    ]
    try:
        standing([*entries, *counters])
    except Problem as refused:
        return refused.code
    return None


def _said_since(mine: Sequence[Entry], later: Sequence[Entry]) -> set[str]:
    """Facts the import said that a later entry says too, of the same day or a later one."""
    said = {
        (whose, fact): (each.number, each.seen_on)
        for each in mine
        for whose, fact, _ in facts_in(each.says)
    }
    levels = {"household": "household", "place": "place"}
    found = set()
    for each in later:
        for whose, fact, _ in facts_in(each.says):
            number, seen_on = said.get((whose, fact), (each.number, each.seen_on))
            if number < each.number and seen_on <= each.seen_on:
                found.add(f"{levels.get(whose, 'person')}.{fact}")
    return found
