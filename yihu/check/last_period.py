"""What was known of households at the end of the period before, for the facts rules ask about.

Most books need one look at one entry: the last that mentions the fact. A book with corrections,
or a rulebook that asks for people's values, is folded whole; so both ways give the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from yihu.book.models import Entry
from yihu.card.fold import Card, fold
from yihu.check.cards import values_of

#: Ids in one query: SQLite's limit on variables is higher, its planner's patience is not.
IDS = 500
Values = dict[str, Any]


class LastPeriod:
    """Values on the last day of the period before: by household, and by person within it."""

    def __init__(self, until: date, household: Collection[str], person: Collection[str]) -> None:
        self.until, self.household, self.person = until, set(household), set(person)
        self.of_household: dict[str, Values] = {}
        self.of_person: dict[tuple[str, str], Values] = {}
        if self.person:
            self._fold(None)
        elif self.household:
            self._look()

    def _look(self) -> None:
        apart = corrected()
        for fact in sorted(self.household):
            for book, says in latest(fact, self.until):
                if book in apart:
                    continue
                told = says.get("household", {})
                if fact not in told or isinstance(told[fact], dict):
                    apart.add(book)  # spoken of elsewhere in the entry, or sealed
                elif told[fact] is not None:
                    self.of_household.setdefault(book, {})[fact] = told[fact]
        self._fold(apart)

    def _fold(self, books: Collection[str] | None) -> None:
        for book, card in _folded(books, self.until):
            self.of_household[book] = self._only(card, self.household)
            for person, member in card.members.items():
                values = values_of(member.facts)
                self.of_person[book, UUID(person).hex] = {
                    fact: value for fact, value in values.items() if fact in self.person
                }

    @staticmethod
    def _only(card: Card, facts: Collection[str]) -> Values:
        return {f: v for f, v in values_of(card.facts).items() if f in facts}


def corrected() -> set[str]:
    """Books of households in which something was ever corrected, as hex."""
    found = Entry.objects.exclude(undoes=None).values_list("book_id", flat=True).distinct()
    return {book.hex for book in found}


def latest(fact: str, until: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """(book, what it says) of the last entry of each book that mentions a fact, up to a day."""
    mentions = (
        "strpos(e.says::text, %s)" if connection.vendor == "postgresql" else "instr(e.says, %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT CAST(e.book_id AS text), CAST(e.says AS text) FROM yihu_entry e
            JOIN (
                SELECT e.id, ROW_NUMBER() OVER (
                    PARTITION BY e.book_id ORDER BY e.seen_on DESC, e.number DESC) AS nth
                FROM yihu_entry e
                WHERE e.seen_on <= %s AND e.kind NOT IN ('gap', 'correction') AND {mentions} > 0
            ) chosen ON chosen.id = e.id AND chosen.nth = 1
            """,  # noqa: S608  no word of it comes from outside
            [until, f'"{fact}"'],
        )
        while rows := cursor.fetchmany(5000):
            for book, says in rows:
                yield book.replace("-", ""), json.loads(says)


def _folded(books: Collection[str] | None, until: date) -> Iterator[tuple[str, Card]]:
    if books is None:
        rows = Entry.objects.filter(book__place=None).order_by("book_id", "number")
        yield from _cards(rows.iterator(chunk_size=5000), until)
        return
    ordered = sorted(books)
    for start in range(0, len(ordered), IDS):
        some = Entry.objects.filter(book_id__in=ordered[start : start + IDS])
        yield from _cards(some.order_by("book_id", "number"), until)


def _cards(entries: Iterable[Entry], until: date) -> Iterator[tuple[str, Card]]:
    for book, of in groupby(entries, key=lambda entry: entry.book_id):
        yield book.hex, fold(list(of), as_of=until)
