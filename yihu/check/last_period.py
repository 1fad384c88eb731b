"""What was known of households at the end of the period before, for the facts rules ask about.

Most books need one look at one entry: the last that mentions the fact. A book with corrections,
or a rulebook that asks for people's values, is folded whole; so both ways give the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from yihu.book import rows as kept
from yihu.book.models import Book, Entry
from yihu.book.reading import entries_of
from yihu.card.fold import Card, fold
from yihu.check.cards import values_of

#: Ids in one query.
IDS = 900
Values = dict[str, Any]


class LastPeriod:
    """Values on the last day of the period before: by household, and by person within it.

    books  only of these households, as hex
    ends   only of those between these two, as hex; `books` names them then
    """

    def __init__(
        self, until: date, household: Collection[str], person: Collection[str],
        books: Collection[str] | None = None, ends: tuple[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.until, self.household, self.person = until, set(household), set(person)
        self.of_household: dict[str, Values] = {}
        self.of_person: dict[tuple[str, str], Values] = {}
        if not (self.household or self.person):
            return
        if self.person or (books is not None and ends is None):
            self._fold(books)
        else:
            self._look(ends)

    def _look(self, ends: tuple[str, str] | None) -> None:
        apart = corrected(ends)
        chosen = latest(sorted(self.household), self.until, ends)
        for book, fact, says in said_in(chosen):
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


def corrected(ends: tuple[str, str] | None = None) -> set[str]:
    """Books in which something was ever corrected, as hex; of all, or between two of them."""
    found = Entry.objects.filter(kind="correction").order_by()  # answered from an index
    if ends is not None:
        found = found.filter(book_id__gte=UUID(ends[0]), book_id__lte=UUID(ends[1]))
    return {book.hex for book in found.values_list("book_id", flat=True).distinct()}


def latest(
    facts: Sequence[str], until: date, ends: tuple[str, str] | None = None
) -> dict[str, set[str]]:
    """Entry → the facts of which it is the last mention in its book on or before a day."""
    mentions, exactly, roughly = _mentions(facts)
    found: dict[tuple[str, str], tuple[str, int, str]] = {}
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            _MENTIONS.format(
                each=", ".join([mentions] * len(facts)),
                some=" OR ".join([mentions] * len(facts)),
                where="" if ends is None else " AND book_id BETWEEN %s AND %s",
            ),
            [*exactly, until, *roughly, *(kept.key_of(UUID(id)) for id in ends or ())],
        )
        while found_rows := cursor.fetchmany(5000):
            for book, id, seen_on, number, *spoken in found_rows:
                at = (seen_on, number, id)
                for fact, is_said in zip(facts, spoken, strict=True):
                    if is_said and at > found.get((book, fact), ("", 0, "")):
                        found[book, fact] = at
    chosen: dict[str, set[str]] = {}
    for (_, fact), (*_, id) in found.items():
        chosen.setdefault(id, set()).add(fact)
    return chosen


def _mentions(facts: Sequence[str]) -> tuple[str, list[str], list[str]]:
    """A condition on what an entry says, and for each fact its value: exact, and for looking."""
    if connection.vendor == "postgresql":
        quoted = [f'"{fact}"' for fact in facts]
        return "strpos(says::text, %s) > 0", quoted, quoted
    # SQLite compares further wherever it meets the first sign, and a quote stands all over JSON:
    # without it a gigabyte is looked through in half the time.
    return "says GLOB %s", [f'*"{fact}"*' for fact in facts], [f'*{fact}"*' for fact in facts]


_MENTIONS = """
    SELECT CAST(book_id AS text), CAST(id AS text), CAST(seen_on AS text),
        number, {each} FROM yihu_entry
    WHERE seen_on <= %s AND kind NOT IN ('gap', 'correction') AND ({some}){where}
"""


def said_in(chosen: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(book, fact, what the entry says) of entries chosen for their facts."""
    ids = sorted(chosen)
    for start in range(0, len(ids), IDS):
        some = [kept.key_of(UUID(id)) for id in ids[start : start + IDS]]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT CAST(id AS text), CAST(book_id AS text), says FROM yihu_entry "  # noqa: S608
                f"WHERE id IN ({', '.join(['%s'] * len(some))})",
                some,
            )
            for id, book, says in cursor.fetchall():
                told = json.loads(says)
                for fact in chosen[id]:
                    yield book.replace("-", ""), fact, told


def _folded(books: Collection[str] | None, until: date) -> Iterator[tuple[str, Card]]:
    if books is None:
        ids = Book.objects.filter(place=None).order_by("pk").values_list("pk", flat=True)
        ordered = list(ids)
    else:
        ordered = sorted(map(UUID, books))
    for start in range(0, len(ordered), IDS):
        for book, entries in entries_of(ordered[start : start + IDS], but="gap"):
            yield book.hex, fold(entries, as_of=until)
