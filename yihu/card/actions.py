"""Making cards from books: the only writer of households and people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from yihu.access.sealing import Keys
from yihu.book import dictionary
from yihu.book import rows as kept
from yihu.book.models import Book
from yihu.book.reading import Read
from yihu.book.remembered import without_gaps
from yihu.card.fold import Card, Known, Member
from yihu.card.folded import folded
from yihu.card.models import ENDS, Household, Person, Sealed, Spelling
from yihu.card.pinyin import spoken
from yihu.places.models import Place
from yihu.places.queries import by_codes
from yihu.problems import Problem
from yihu.tables import all_or_nothing, join_one, rows_by


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A card as it was just written.

    people   all that are listed, in the order of the household
    entries  what it was made from: all of its book but those of gaps, by number
    moved    it lies in another place than before
    """

    household: Household
    people: list[Person]
    entries: Sequence[Read]
    moved: bool


@all_or_nothing()
def rebuild(ids: Collection[UUID], *, now: datetime) -> list[Rebuilt]:
    """Build the cards of these households anew from their books, and write what differs.

    Raises  Problem: card.code_taken, card.person_elsewhere, card.person_nowhere
    """
    read = without_gaps(rows_by(Book, "id", ids), keep=True)
    cards = _cards(read)
    had = _homes(cards)
    places = _places(cards, had)
    _require_own_codes(cards, had)
    homes = {id: household_row(id, card, places[card.place], now) for id, card in cards.items()}
    kept.put(Household, kept.rows_of(list(homes.values())), key="book_id")
    people = _write_people(cards, places)
    sealed = {id for id, home in homes.items() if id not in had or had[id].sealed != home.sealed}
    _write_indexes(cards, sealed | people.resealed)
    _write_spellings({id: people.listed[id] for id in people.respelled})
    return [
        Rebuilt(home, people.listed[id], read[id], id in had and had[id].place_id != home.place_id)
        for id, home in homes.items()
    ]


def foreseen(read: Mapping[UUID, Sequence[Read]], *, now: datetime) -> list[Rebuilt]:
    """What `rebuild` would make of these entries, by book; nothing is written or refused."""
    cards = _cards(read)
    places = _places(cards, _homes(cards))
    return [
        Rebuilt(
            household_row(id, card, place, now), _people(id, card, place), read[id], moved=False
        )
        for id, card in cards.items()
        if (place := places.get(card.place))
    ]


def _cards(read: Mapping[UUID, Sequence[Read]]) -> dict[UUID, Card]:
    made = {book: folded(entries) for book, entries in read.items()}
    # The book of a place opens no household.
    return {book: card for book, card in made.items() if card.code}


def _people(id: UUID, card: Card, place: Place) -> list[Person]:
    return [person_row(id, each, n, place) for n, each in enumerate(card.listed)]


def _homes(ids: Iterable[UUID]) -> dict[UUID, Household]:
    rows = rows_by(Household, "book_id", ids)
    join_one(rows, "place")
    return {row.pk: row for row in rows}


def _places(cards: Mapping[UUID, Card], had: Mapping[UUID, Household]) -> dict[str, Place]:
    """Code → place; about a card that stays where it was nothing is asked."""
    kept = {
        home.place.code: home.place
        for id, home in had.items()
        if home.place.code == cards[id].place and home.place.until is None
    }
    more = {card.place for card in cards.values()} - kept.keys()
    return {**by_codes(more), **kept} if more else kept


def _require_own_codes(cards: Mapping[UUID, Card], had: Mapping[UUID, Household]) -> None:
    codes = {card.code: id for id, card in cards.items()}
    if len(codes) < len(cards):
        twice = next(card.code for id, card in cards.items() if codes[card.code] != id)
        raise Problem("card.code_taken", status=409, household=twice)
    fresh = [code for code, id in codes.items() if id not in had or had[id].code != code]
    others = Household.objects.filter(code__in=fresh).exclude(pk__in=cards)
    taken = others.values_list("code", flat=True).first() if fresh else None
    if taken is not None:
        raise Problem("card.code_taken", status=409, household=taken)


@dataclass(frozen=True, slots=True)
class _People:
    """People as they were written.

    resealed   households of which a sealed value may be another
    respelled  households of which a name may be another, or who answers to it
    """

    listed: dict[UUID, list[Person]]
    resealed: set[UUID]
    respelled: set[UUID]


def _write_people(cards: Mapping[UUID, Card], places: Mapping[str, Place]) -> _People:
    listed = {id: _people(id, card, places[card.place]) for id, card in cards.items()}
    rows = {row.pk: row for people in listed.values() for row in people}
    stood = {row.pk: row for row in rows_by(Person, "household_id", cards)}
    _require_one_household(cards, rows, stood)
    gone = {id: row for id, row in stood.items() if id not in rows}
    if gone:
        Person.objects.filter(pk__in=gone).delete()
    moved = [row for id, row in rows.items() if id not in stood or _differ(row, stood[id])]
    kept.put(Person, kept.rows_of(moved), key="id")

    def moving(fields: Sequence[str]) -> set[UUID]:
        # Who came to another household takes with him what is found by.
        own = attrgetter("household_id", *fields)
        new = [row for row in moved if row.pk not in stood or own(row) != own(stood[row.pk])]
        before = [stood[row.pk] for row in new if row.pk in stood]
        return {row.household_id for row in (*gone.values(), *new, *before)}

    return _People(listed, moving(["sealed"]), moving(["place_path", "name", "left_on"]))


def _differ(one: Person, other: Person) -> bool:
    """Would writing the one in place of the other change anything?"""
    return any(_plain(one, name) != _plain(other, name) for name in _FIELDS)


_FIELDS = [field.attname for field in Person._meta.concrete_fields]


def _plain(person: Person, name: str) -> Any:
    # As text: to Python yes is 1, to the book it is not.
    value = getattr(person, name)
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


def _write_indexes(cards: Mapping[UUID, Card], resealed: Collection[UUID]) -> None:
    """The blind indexes; most entries change none, and then nothing is computed or written."""
    count = kept.count_by(Sealed, "household_id", cards)
    wanted = [
        id for id, card in cards.items() if id in resealed or count.get(id, 0) != _indexes_of(card)
    ]
    if not wanted:
        return
    made = [row for id in wanted for row in sealed_rows(id, cards[id])]
    had = Sealed.objects.filter(household_id__in=wanted)
    if Counter(map(_index_of, had)) != Counter(map(_index_of, made)):
        had.delete()
        Sealed.objects.bulk_create(made, batch_size=1000)


def _write_spellings(respelled: Mapping[UUID, Sequence[Person]]) -> None:
    if respelled:
        Spelling.objects.filter(household_id__in=respelled).delete()
        made = [row for people in respelled.values() for row in spellings(people)]
        Spelling.objects.bulk_create(made, batch_size=1000)


def spellings(people: Iterable[Person]) -> Iterator[Spelling]:
    """The ways to type the names of those who live in a household."""
    for person in people:
        for word in words_of(person.name, person.left_on):
            yield Spelling(
                household_id=person.household_id, person_id=person.pk,
                place_path=person.place_path, word=word,
            )  # fmt: skip


def words_of(name: str, left_on: date | None) -> list[str]:
    """The ways to type a name; of somebody who left none."""
    return [word[:60] for word in spoken(name).split()] if left_on is None else []


def _indexes_of(card: Card) -> int:
    """How many rows `sealed_rows` gives."""
    people = [_tokens(member.facts) for member in card.listed]
    endings = sum("identity" in tokens for tokens in people)
    return len(_tokens(card.facts)) + sum(map(len, people)) + endings


def _index_of(row: Sealed) -> tuple[UUID, UUID | None, str, bytes]:
    return row.household_id, row.person_id, row.fact, bytes(row.index)


def _require_one_household(
    cards: Mapping[UUID, Card], rows: Mapping[UUID, Person], stood: Mapping[UUID, Person]
) -> None:
    """Nobody stands in two households, and nobody who went from one to another stands in none."""
    if sum(len(card.listed) for card in cards.values()) > len(rows):
        twice = Counter(member.id for card in cards.values() for member in card.listed)
        raise Problem("card.person_elsewhere", status=409, person=max(twice, key=twice.__getitem__))
    fresh = rows.keys() - stood.keys()
    others = Person.objects.filter(pk__in=fresh).exclude(household_id__in=cards).order_by()
    other = others.values_list("pk", flat=True).first() if fresh else None
    if other is not None:
        raise Problem("card.person_elsewhere", status=409, person=other)
    gone = {UUID(m.id) for card in cards.values() for m in card.members.values() if m.to}
    gone -= rows.keys()
    if gone:
        known = Person.objects.filter(pk__in=gone).exclude(household_id__in=cards)
        lost = gone - set(known.values_list("pk", flat=True))
        if lost:
            raise Problem("card.person_nowhere", status=409, person=min(lost))


def household_row(id: UUID, card: Card, place: Place, now: datetime) -> Household:
    """The row of a household as its card says."""
    row = Household(**household_values(id, card, place, now))
    row.place = place
    return row


def household_values(id: UUID, card: Card, place: Place, now: datetime) -> dict[str, Any]:
    """What stands in the row of a household, by the names of its columns."""
    people = card.people
    head = people[0] if people else None
    name = _text(head.facts.get("name")) if head else ""
    return {
        "book_id": id, "code": card.code, "place_id": place.pk, "place_path": place.path,
        "head_name": name, "size": len(people), "status": card.status,
        "closed_why": card.closed_why, "closed_on": card.closed_on, "visited_on": card.visited_on,
        "facts": plain_facts(card.facts), "sealed": _tokens(card.facts), "number": card.number,
        "changed_at": card.changed_at or now,
    }  # fmt: skip


def person_row(household: UUID, member: Member, order: int, place: Place) -> Person:
    """The row of a person as the card says."""
    return Person(**person_values(household, member, order, place))


def person_values(household: UUID, member: Member, order: int, place: Place) -> dict[str, Any]:
    """What stands in the row of a person, by the names of its columns."""
    name = _text(member.facts.get("name"))
    birth = member.facts.get("birth")
    return {
        "id": UUID(member.id), "household_id": household, "place_path": place.path,
        "place_in_household": order, "is_head": member.is_head, "name": name,
        "birth": date.fromisoformat(birth.value) if birth else None, "left_on": member.left_on,
        "left_why": member.left_why, "facts": plain_facts(member.facts),
        "sealed": _tokens(member.facts),
    }  # fmt: skip


def _text(known: Known | None) -> str:
    return str(known.value)[:60] if known else ""


def plain_facts(facts: dict[str, Known]) -> dict[str, object]:
    """Values by fact, without the sealed ones."""
    return {fact: known.value for fact, known in facts.items() if not known.token}


def _tokens(facts: dict[str, Known]) -> dict[str, list[str]]:
    return {
        fact: [known.value["sealed"], known.token] for fact, known in facts.items() if known.token
    }


def sealed_rows(id: UUID, card: Card) -> Iterator[Sealed]:
    """Blind indexes of all sealed values of a card."""
    keys = dictionary.keys()
    whose: Iterable[tuple[str | None, dict[str, Known]]] = [
        (None, card.facts),
        *((member.id, member.facts) for member in card.listed),
    ]
    for person, facts in whose:
        whom = UUID(person) if person else None
        for fact, index in indexes_of(_tokens(facts), keys, of_person=whom is not None):
            yield Sealed(household_id=id, person_id=whom, fact=fact, index=index)


def indexes_of(
    tokens: Mapping[str, Sequence[str]], keys: Keys, *, of_person: bool
) -> Iterator[tuple[str, bytes]]:
    """(fact, blind index) of sealed values, as a row keeps them; fact is ENDS for an ending.

    Raises  ValueError: a value cannot be opened with these keys
    """
    for fact, (commitment, token) in tokens.items():
        value = keys.open(commitment, token)
        yield fact, keys.blind(value)
        if of_person and fact == "identity":
            yield ENDS, keys.blind_ending(value)
