"""Making cards from books: the only writer of households and people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.fold import Card, Known, Member, fold
from yihu.card.models import Household, Person, Sealed
from yihu.card.pinyin import spoken
from yihu.places.models import Place


@transaction.atomic
def rebuild(ids: Collection[UUID], *, now: datetime) -> int:
    """Build the cards of these households anew from their books; returns how many there are."""
    entries = Entry.objects.filter(book_id__in=ids, book__place=None).order_by("book_id", "number")
    cards = {book: fold(list(of)) for book, of in groupby(entries, key=lambda e: e.book_id)}
    places = {p.code: p for p in Place.objects.filter(code__in={c.place for c in cards.values()})}
    Household.objects.bulk_create(
        [household_row(id, card, places[card.place], now) for id, card in cards.items()],
        update_conflicts=True,
        unique_fields=["book"],
        update_fields=[f.name for f in Household._meta.concrete_fields if f.name != "book"],
        batch_size=200,
    )
    _write_people(cards)
    return len(cards)


def _write_people(cards: dict[UUID, Card]) -> None:
    Sealed.objects.filter(household_id__in=cards).delete()
    people = [
        person_row(id, member, order)
        for id, card in cards.items()
        for order, member in enumerate(_in_order(card))
    ]
    Person.objects.filter(household_id__in=cards).exclude(pk__in=[p.pk for p in people]).delete()
    Person.objects.bulk_create(
        people,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[f.name for f in Person._meta.concrete_fields if f.name != "id"],
        batch_size=500,
    )
    Sealed.objects.bulk_create(
        (row for id, card in cards.items() for row in sealed_rows(id, card)), batch_size=1000
    )


def _in_order(card: Card) -> list[Member]:
    gone = [member for member in card.members.values() if member.left_on is not None]
    return [*card.people, *gone]


def household_row(id: UUID, card: Card, place: Place, now: datetime) -> Household:
    """The row of a household as its card says."""
    people = card.people
    head = people[0] if people else None
    name = _text(head.facts.get("name")) if head else ""
    return Household(
        book_id=id, code=card.code, place=place, place_path=place.path, head_name=name,
        pinyin=spoken(name), size=len(people), status=card.status, closed_why=card.closed_why,
        closed_on=card.closed_on, facts=plain_facts(card.facts), sealed=_tokens(card.facts),
        number=card.number, changed_at=now,
    )  # fmt: skip


def person_row(household: UUID, member: Member, order: int) -> Person:
    """The row of a person as the card says."""
    name = _text(member.facts.get("name"))
    birth = member.facts.get("birth")
    return Person(
        id=UUID(member.id), household_id=household, place_in_household=order,
        is_head=member.is_head, name=name, pinyin=spoken(name),
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
        *((member.id, member.facts) for member in card.members.values()),
    ]
    for person, facts in whose:
        for fact, (commitment, token) in _tokens(facts).items():
            yield Sealed(
                household_id=id, person_id=UUID(person) if person else None, fact=fact,
                index=keys.blind(keys.open(commitment, token)),
            )  # fmt: skip
