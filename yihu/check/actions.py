"""Running the rulebook on cards: one household at once, all of them in columns (`whole`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from yihu.book import dictionary
from yihu.book import rows as kept
from yihu.book.models import Book
from yihu.book.reading import Read, entries_of
from yihu.card.actions import Rebuilt
from yihu.card.fold import fold
from yihu.card.folded import folded
from yihu.card.models import Household, Person
from yihu.check.cards import card_of, end_of_period_before, values_of
from yihu.check.copies import sharing, with_copies
from yihu.check.kept import BookReader
from yihu.check.models import HouseholdFindings, Run
from yihu.places.models import Place
from yihu.recent import Recent
from yihu.rulebook.evaluate import Answer
from yihu.rulebook.one_card import OneCard
from yihu.tables import rows_by

#: rule → its answer
Answers = dict[str, Answer]
FIGURES = {False: "0", True: "1", None: "2"}


@lru_cache(maxsize=32)
def reader(_hash: str, on: date) -> OneCard:
    """The compiled rulebook for household cards on a day; some tenths of a second once a day."""
    one = OneCard(dictionary.active(), on, dictionary.HOUSEHOLD)
    one.reader = BookReader(one.program, dictionary.active())
    return one


def run_of(on: date, now: datetime) -> Run:
    """The run that findings of single households of this day belong to."""
    rulebook = dictionary.active()
    key = (rulebook.hash, on)
    # Looked at even so: the transaction that made it may have been taken back.
    found = rows_by(Run, "id", [_RUNS[key]]) if key in _RUNS else []
    if found and (found[0].hash, found[0].on, found[0].whole) == (*key, False):
        return found[0]
    run = Run.objects.filter(hash=rulebook.hash, on=on, whole=False).first()
    run = run or Run.objects.create(
        rulebook=rulebook.name, version=rulebook.version, hash=rulebook.hash, on=on, at=now,
        rules=rules_asked(on),
    )  # fmt: skip
    _RUNS[key] = run.pk
    return run


#: (hash of the rulebook, day) → the run it had the last time.
_RUNS: dict[tuple[str, date], int] = {}


def rules_asked(on: date) -> dict[str, list[str]]:
    """Names of the rules in force by level, in the order of the figures."""
    found: dict[str, list[str]] = {"household": [], "person": []}
    for output in reader(dictionary.active().hash, on).program.outputs:
        found.setdefault(output.level, []).append(output.name)
    return found


def check_households(
    cards: Sequence[Household | Rebuilt], *, on: date, now: datetime
) -> list[HouseholdFindings]:
    """Answer every rule for some households and their people, and keep the answers.

    cards  a card that was just built is not read again
    """
    run = run_of(on, now)
    rows = [findings_of(home_of(each), run, *answered(each, on)) for each in cards]
    kept.put(HouseholdFindings, kept.rows_of(rows), key="household_id")
    return rows


def home_of(card: Household | Rebuilt) -> Household:
    """The household of a card."""
    return card.household if isinstance(card, Rebuilt) else card


#: What the answers of a card that was just built depend on → those answers.
_ANSWERED: Recent[tuple[Any, ...], tuple[Answers, dict[str, Answers]]] = Recent(100, 60.0)


def answered(of: Household | Rebuilt, on: date) -> tuple[Answers, dict[str, Answers]]:
    """Answers for a card; those of one just built are remembered until its book goes on."""
    if isinstance(of, Household):
        people = list(Person.objects.filter(household=of, left_on=None))
        card = full_card(of, people, on)
        return answers_of(with_copies(card, sharing(of, on), on), on)
    books, others = _books_above(of.household.place), sharing(of.household, on)
    key = (dictionary.active().hash, on, of.entries[-1].hash, books, others)
    found = _ANSWERED.get(key)
    if found is None:
        here = [each for each in of.people if each.left_on is None]
        card = full_card(of.household, here, on, of.entries, books)
        found = answers_of(with_copies(card, others, on), on)
        _ANSWERED.keep(key, found)
    return found


def findings_of(
    household: Household, run: Run, answers: Answers, people: Mapping[str, Answers]
) -> HouseholdFindings:
    """The row that holds these answers, not yet kept."""
    return HouseholdFindings(
        household=household, run=run, number=household.number,
        answers=_figures(run.rules["household"], answers),
        people={person: _figures(run.rules["person"], of) for person, of in people.items()},
        amounts=_amounts(answers, people),
    )  # fmt: skip


def answers_of(card: Mapping[str, Any], on: date) -> tuple[Answers, dict[str, Answers]]:
    """Answers of the household rules, and of the person rules by person."""
    one = reader(dictionary.active().hash, on)
    _, asked, top = one.rows(card)
    answers = one.compiled.answers(asked, dictionary.HOUSEHOLD)
    rows = top.below
    return answers, {row.id: one.compiled.answers(row, dictionary.PERSON) for row in rows}


def full_card(
    household: Household,
    people: Sequence[Person],
    on: date,
    entries: Sequence[Read] | None = None,
    books: BooksAbove | None = None,
) -> dict[str, Any]:
    """The card with last period's values and the facts of the places above.

    entries  of its book without those of gaps, by number
    books    of the places above; both are read where they are not given
    """
    if entries is None:
        entries = next((of for _, of in entries_of([household.pk], but="gap")), [])
    before = folded(entries, as_of=end_of_period_before(on))
    return card_of(household, list(people), before, facts_above(household.place, books=books))


def facts_above(
    place: Place,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    books: BooksAbove | None = None,
) -> dict[str, dict[str, Any]]:
    """Level → facts of the place at that level above the household, from the places' books."""
    known = {level.name for level in dictionary.active().levels}
    rulebook, found = dictionary.active().hash, {}
    for level, code, id, end in books or _books_above(place):
        if level in known:
            facts = _facts_of(id, end, as_of, known_at, rulebook) if id and end else {}
            found[level] = {**facts, "id": code}
    return found


#: (level, code, id of the book, its last hash) of places, from the top; no book: None, empty.
BooksAbove = tuple[tuple[str, str, UUID | None, bytes], ...]


def _books_above(place: Place) -> BooksAbove:
    """Of a place and those above."""
    ids = [int(step) for step in place.path.split("/") if step]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.level, p.code, b.id, b.last_hash "  # noqa: S608
            f"FROM {Place._meta.db_table} p LEFT JOIN {Book._meta.db_table} b ON b.place_id = p.id "
            f"WHERE p.id IN ({', '.join(['%s'] * len(ids))}) ORDER BY p.path",
            ids,
        )
        return tuple(
            (level, code, kept.as_id(id) if id else None, bytes(end or b""))
            for level, code, id, end in cursor.fetchall()
        )


@lru_cache(maxsize=2_000)
def _facts_of(
    book: UUID, _end: bytes, as_of: date | None, known_at: datetime | None, _rulebook: str
) -> dict[str, Any]:
    """Facts of a place; a book that ends as it did says what it said."""
    entries = next((of for _, of in entries_of([book], but="gap")), [])
    return values_of(fold(entries, as_of=as_of, known_at=known_at).facts)


def _figures(rules: Sequence[str], answers: Mapping[str, Answer]) -> str:
    return "".join(FIGURES[answers[rule].holds] for rule in rules)


def _amounts(
    answers: Mapping[str, Answer], people: Mapping[str, Mapping[str, Answer]]
) -> dict[str, int]:
    found = {rule: a.amount for rule, a in answers.items() if a.amount is not None}
    for person, of in people.items():
        found |= {f"{person}/{rule}": a.amount for rule, a in of.items() if a.amount is not None}
    return found
