"""Summing books up: the only writer of steps and year ends."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.timezone import get_current_timezone

from yihu.book import rows
from yihu.book.models import Entry
from yihu.card.bulk import cores
from yihu.card.models import Household
from yihu.children import children
from yihu.statistics.models import Step, Summary, YearEnd
from yihu.statistics.steps import COSTS, INCOMES, walk

#: Households summed up together.
CHUNK = 500
#: Fewer are summed up here; processes would take longer to begin.
FEW = 2_000

Progress = Callable[[int, int], None]
Card = tuple[UUID, int, str, str]


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry as it was read."""

    number: int
    kind: str
    seen_on: date
    source: str
    says: dict[str, Any]
    undoes: int | None


@dataclass(frozen=True, slots=True)
class Summed:
    """Rows of some households, in the form of the database."""

    ids: list[UUID]
    summaries: list[rows.Row]
    steps: list[rows.Row]
    ends: list[rows.Row]


def stale(today: date) -> Q:
    """Condition: not summed up, or the card is further, or a year has ended since."""
    new_year = datetime(today.year, 1, 1, tzinfo=get_current_timezone())
    return Q(summary=None) | ~Q(summary__number=F("number")) | Q(summary__at__lt=new_year)


def refresh(
    *, now: datetime, today: date, processes: int | None = None, progress: Progress | None = None
) -> int:
    """Sum up every household whose card is further than its summary; returns how many were.

    processes  how many read and walk at once; one a core unless given; 0: all is done here, which
               a caller needs whose entries are not yet committed
    """
    fields = ("pk", "number", "facts__cause", "facts__attribute")
    waiting = Household.objects.filter(stale(today)).order_by("pk").values_list(*fields)
    cards: list[Card] = [(id, number, of or "", to or "") for id, number, of, to in waiting]
    chunks = [cards[start : start + CHUNK] for start in range(0, len(cards), CHUNK)]
    many = cores() if processes is None else processes
    done = 0
    for summed in _summed(chunks, now, today, many if len(cards) > FEW else 0):
        write(summed)
        done += len(summed.ids)
        if progress:
            progress(done, len(cards))
    return done


def _summed(
    chunks: Sequence[list[Card]], now: datetime, today: date, processes: int
) -> Iterator[Summed]:
    if processes < 1:
        yield from (sum_up(chunk, now, today) for chunk in chunks)
        return
    with children(processes) as pool:
        waiting: deque[Any] = deque()
        for chunk in chunks:
            waiting.append(pool.submit(sum_up, chunk, now, today))
            if len(waiting) > processes * 3:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def sum_up(cards: Sequence[Card], now: datetime, today: date) -> Summed:
    """Rows of these households from their books; writes nothing."""
    made = Summed([], [], [], [])
    as_step, as_end, as_summary = (rows.values_of(m) for m in (Step, YearEnd, Summary))
    books = dict(_entries([card[0] for card in cards]))

    def row(values: Sequence[Any], kept: Sequence[Callable[[Any], Any]]) -> rows.Row:
        return tuple(as_kept(v) for as_kept, v in zip(kept, values, strict=True))

    for id, number, cause, attribute in cards:
        walked = walk(books.get(id, []), until=today)
        made.ids.append(id)
        made.summaries.append(row((id, number, now, cause, attribute), as_summary))
        for c in walked.changes:
            values = (id, c.on, c.did, c.before, c.after, c.people_before, c.people_after)
            made.steps.append(row(values, as_step))
        for e in walked.ends:
            ended = (id, e.year, e.status, e.listed, e.people, e.income, e.between)
            made.ends.append(row(ended, as_end))
    return made


def _entries(ids: Sequence[UUID]) -> Iterator[tuple[UUID, list[_Read]]]:
    """Of each book the entries that bear on size, standing or income."""
    text = "CAST(says AS text)"
    words = ('"acts"', *(f'"{fact}"' for fact in (*INCOMES, COSTS)))
    bears = " OR ".join([f"{text} LIKE %s"] * len(words))
    marks = ", ".join(["%s"] * len(ids))
    asked = (
        f"SELECT book_id, number, kind, seen_on, source, says, undoes FROM "  # noqa: S608
        f"{Entry._meta.db_table} WHERE book_id IN ({marks}) AND kind <> 'gap' AND "
        f"(kind IN ('people', 'decision', 'correction') OR {bears}) ORDER BY book_id, number"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, [*map(rows.key_of, ids), *(f"%{word}%" for word in words)])
        found = cursor.fetchall()
    for book, of in groupby(found, key=lambda row: row[0]):
        yield rows.as_id(book), [_read(row) for row in of]


def _read(row: Sequence[Any]) -> _Read:
    _, number, kind, seen_on, source, says, undoes = row
    day = date.fromisoformat(seen_on) if isinstance(seen_on, str) else seen_on
    return _Read(number, kind, day, source, json.loads(says), undoes)


@transaction.atomic
def write(summed: Summed) -> None:
    """Put the rows in place of those that stood there."""
    for model in (Step, YearEnd, Summary):
        rows.remove(model, "household_id", summed.ids)
    rows.insert(Step, summed.steps)
    rows.insert(YearEnd, summed.ends)
    rows.insert(Summary, summed.summaries)


def computed_at(today: date) -> tuple[datetime | None, int]:
    """When the oldest sum in use was made, and how many households are not up to date."""
    first = Summary.objects.order_by("at").values_list("at", flat=True).first()
    waiting = Household.objects.filter(stale(today)).count()
    return (first.astimezone(UTC) if first else None), waiting
