"""Making cards from books: the only writer of households and people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from yihu.book import dictionary
from yihu.book.reading import entries_of
from yihu.card.fold import Card, Known, Member, fold
from yihu.card.models import ENDS, Household, Person, Sealed
from yihu.card.pinyin import spoken
from yihu.places.models import Place
from yihu.places.queries import by_codes
from yihu.problems import Problem


@transaction.atomic
def rebuild(ids: Collection[UUID], *, now: datetime) -> int:
    """Build the cards of these households anew from their books; returns how many there are.

    Raises  Problem: card.code_taken, card.person_elsewhere, card.person_nowhere
    """
    made = ((book, fold(of)) for book, of in entries_of(list(ids), but="gap"))
    # The book of a place opens no household.
    cards = {book: card for book, card in made if card.code}
    places = by_codes({card.place for card in cards.values()})
    _require_own_codes(cards)
    Household.objects.bulk_create(
        [household_row(id, card, places[card.place], now) for id, card in cards.items()],
        update_conflicts=True,
        unique_fields=["book"],
        update_fields=[f.name for f in Household._meta.concrete_fields if f.name != "book"],
        batch_size=200,
    )
    _write_people(cards, places)
    return len(cards)


def _require_own_codes(cards: dict[UUID, Card]) -> None:
    codes = {card.code: id for id, card in cards.items()}
    others = Household.objects.filter(code__in=codes).exclude(pk__in=cards)
    taken = others.values_list("code", flat=True).first()
    if taken is None and len(codes) < len(cards):
        taken = next(card.code for id, card in cards.items() if codes[card.code] != id)
    if taken is not None:
        raise Problem("card.code_taken", status=409, household=taken)


def _write_people(cards: dict[UUID, Card], places: dict[str, Place]) -> None:
    rows = {
        UUID(member.id): person_row(id, member, order, places[card.place])
        for id, card in cards.items()
        for order, member in enumerate(card.listed)
    }
    _require_one_household(cards, rows)
    had = Person.objects.filter(household_id__in=cards).values_list("pk", flat=True)
    if gone := set(had) - rows.keys():
        Person.objects.filter(pk__in=gone).delete()
    Person.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[f.name for f in Person._meta.concrete_fields if f.name != "id"],
        batch_size=500,
    )
    _write_indexes(cards)


def _write_indexes(cards: dict[UUID, Card]) -> None:
    """The blind indexes; most entries change none, and then nothing is written."""
    made = [row for id, card in cards.items() for row in sealed_rows(id, card)]
    had = Sealed.objects.filter(household_id__in=cards)
    if Counter(map(_index_of, had)) != Counter(map(_index_of, made)):
        had.delete()
        Sealed.objects.bulk_create(made, batch_size=1000)


def _index_of(row: Sealed) -> tuple[UUID, UUID | None, str, bytes]:
    return row.household_id, row.person_id, row.fact, bytes(row.index)


def _require_one_household(cards: dict[UUID, Card], rows: dict[UUID, Person]) -> None:
    """Nobody stands in two households, and nobody who went from one to another stands in none."""
    if sum(len(card.listed) for card in cards.values()) > len(rows):
        twice = Counter(member.id for card in cards.values() for member in card.listed)
        raise Problem("card.person_elsewhere", status=409, person=max(twice, key=twice.__getitem__))
    others = Person.objects.filter(pk__in=rows).exclude(household_id__in=cards).order_by()
    other = others.values_list("pk", flat=True).first()
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
    people = card.people
    head = people[0] if people else None
    name = _text(head.facts.get("name")) if head else ""
    return Household(
        book_id=id, code=card.code, place=place, place_path=place.path, head_name=name,
        pinyin=spoken(name), size=len(people), status=card.status, closed_why=card.closed_why,
        closed_on=card.closed_on, visited_on=card.visited_on, facts=plain_facts(card.facts),
        sealed=_tokens(card.facts), number=card.number, changed_at=card.changed_at or now,
    )  # fmt: skip


def person_row(household: UUID, member: Member, order: int, place: Place) -> Person:
    """The row of a person as the card says."""
    name = _text(member.facts.get("name"))
    birth = member.facts.get("birth")
    return Person(
        id=UUID(member.id), household_id=household, place_path=place.path,
        place_in_household=order, is_head=member.is_head, name=name, pinyin=spoken(name),
        birth=date.fromisoformat(birth.value) if birth else None, left_on=member.left_on,
        left_why=member.left_why, facts=plain_facts(member.facts), sealed=_tokens(member.facts),
    )  # fmt: skip


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
        for fact, (commitment, token) in _tokens(facts).items():
            value = keys.open(commitment, token)
            index = keys.blind(value)
            yield Sealed(household_id=id, person_id=whom, fact=fact, index=index)
            if person and fact == "identity":
                index = keys.blind_ending(value)
                yield Sealed(household_id=id, person_id=whom, fact=ENDS, index=index)
