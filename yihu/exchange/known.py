"""What the books know of those a sheet speaks of, as far as the worker reaches."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from yihu.access.scope import Scope
from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.card.fold import Known as Fold
from yihu.card.models import ENDS, Household, Person, Sealed
from yihu.card.queries import card_of
from yihu.places.models import Place
from yihu.rulebook.identity import check_figure
from yihu.rulebook.intake.cells import plain

T = TypeVar("T")
#: So many keys are asked for at once: SQLite takes a thousand variables in the oldest builds.
AT_ONCE = 500
VILLAGE = re.compile(r"(村民委员会|居民委员会|村委会|居委会|社区|村)$")
TOWNSHIP = re.compile(r"(镇|乡|街道|街道办|街道办事处|(瑶|壮|苗|侗|回|满)族?乡)$")


#: What stands for a secret value of which only the blind index is at hand.
HIDDEN = "…"


def value_now(household: UUID, person: UUID | str | None, fact: str) -> Any:
    """The value a card has now, a secret one in clear; None where nothing is known.

    Folds the book of the household: for single values, not for lists.
    """
    card = card_of(household)
    facts: Mapping[str, Fold] = card.facts
    if person:
        member = card.members.get(str(person))
        facts = member.facts if member else {}
    known = facts.get(fact)
    if known is None or not known.token:
        return None if known is None else known.value
    return dictionary.keys().open(known.value["sealed"], known.token)


def masked_now(household: UUID, person: UUID | str | None, fact: str) -> str:
    """The secret value a card has now, masked."""
    value = value_now(household, person, fact)
    return HIDDEN if value is None else masked(str(value))


def in_parts(things: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The same things in lists of a size."""
    rest = iter(things)
    while part := list(islice(rest, size)):
        yield part


@dataclass(slots=True)
class KnownPerson:
    """A member now. indexes: blind indexes of the secret facts."""

    id: str
    name: str
    birth: date | None
    facts: dict[str, Any]
    indexes: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class KnownHome:
    """A household now."""

    id: UUID
    code: str
    number: int
    closed_on: date | None
    closed_why: str
    place_path: str
    facts: dict[str, Any]
    indexes: dict[str, bytes] = field(default_factory=dict)
    people: dict[str, KnownPerson] = field(default_factory=dict)


class Known:
    """Looks up households and people with whom a worker may do something: import or compare."""

    def __init__(self, scope: Scope, act: str) -> None:
        self.scope, self.act = scope, act
        self.keys = dictionary.keys()

    def by_code(self, codes: Iterable[str]) -> dict[str, UUID]:
        """户编号 → household."""
        found: dict[str, UUID] = {}
        for part in in_parts(codes):
            rows = self.scope.of(Household, self.act).filter(code__in=part)
            found.update(rows.values_list("code", "book_id"))
        return found

    def taken(self, codes: Iterable[str]) -> set[str]:
        """Which of these 户编号 are in use anywhere. Never to be told apart from unknown ones."""
        found: set[str] = set()
        for part in in_parts(codes):
            found.update(Household.objects.filter(code__in=part).values_list("code", flat=True))
        return found

    def by_identity(self, indexes: Iterable[bytes]) -> dict[bytes, list[tuple[UUID, str]]]:
        """Blind index of an identity number → (household, person) of those who live there now."""
        found: dict[bytes, list[tuple[UUID, str]]] = defaultdict(list)
        sealed = self.scope.of(Sealed, self.act).filter(fact="identity").exclude(person_id=None)
        for part in in_parts(set(indexes)):
            rows = sealed.filter(index__in=part).values_list("index", "household_id", "person_id")
            hits = [(bytes(index), home, person) for index, home, person in rows]
            living = self._living(person for _, _, person in hits if person)
            for index, home, person in hits:
                if (home, person) in living:
                    found[index].append((home, str(person)))
        return found

    def _living(self, people: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        found: set[tuple[UUID, UUID]] = set()
        for part in in_parts(people):
            rows = Person.objects.filter(pk__in=part, left_on=None)
            found.update(rows.values_list("household_id", "id"))
        return found

    def homes(self, ids: Iterable[UUID]) -> dict[UUID, KnownHome]:
        """The households with these ids, with their people."""
        found: dict[UUID, KnownHome] = {}
        for part in in_parts(ids):
            for row in self.scope.of(Household, self.act).filter(pk__in=part):
                found[row.pk] = KnownHome(
                    row.pk,
                    row.code,
                    row.number,
                    row.closed_on,
                    row.closed_why,
                    row.place_path,
                    row.facts,
                )
            self._add_people(found, part)
        return found

    def _add_people(self, homes: dict[UUID, KnownHome], part: Sequence[UUID]) -> None:
        for row in Person.objects.filter(household_id__in=part, left_on=None):
            if row.household_id in homes:
                known = KnownPerson(str(row.pk), row.name, row.birth, row.facts)
                homes[row.household_id].people[known.id] = known
        rows = Sealed.objects.filter(household_id__in=part).exclude(fact=ENDS)
        for home, person, fact, index in rows.values_list(
            "household_id", "person_id", "fact", "index"
        ):
            if home in homes:
                of: KnownHome | KnownPerson | None = homes[home]
                if person is not None:
                    of = homes[home].people.get(str(person))
                if of is not None:
                    of.indexes[fact] = bytes(index)


def twin_of(identity: str) -> str:
    """The other form of an identity number: 15 figures for 18, 18 for 15, "" if there is none.

    >>> twin_of("110105491231002"), twin_of("11010519491231002X")
    ('11010519491231002X', '110105491231002')
    """
    if len(identity) == 15 and identity.isdigit():
        first = f"{identity[:6]}19{identity[6:]}"
        return first + check_figure(first)
    if len(identity) == 18 and identity[:17].isdigit() and identity[6:8] == "19":
        return identity[:6] + identity[8:17]
    return ""


class Villages:
    """Villages of which a worker may take sheets in, by code and by what sheets call them."""

    def __init__(self, scope: Scope) -> None:
        self._by_code: dict[str, Place] = {}
        self._by_name: dict[tuple[str, str], list[Place]] = defaultdict(list)
        rows = scope.of(Place, "import").filter(level="village", until=None)
        for place in rows.select_related("parent"):
            self._by_code[place.code] = place
            above = place.parent.name if place.parent else ""
            for township in {"", short(above, TOWNSHIP)}:
                self._by_name[township, short(place.name, VILLAGE)].append(place)

    def find(self, code: str | None, township: str | None, village: str | None) -> Place | None:
        """The one village meant; None where there is none or more than one."""
        if code:
            return self._by_code.get(code)
        if not village:
            return None
        key = (short(township or "", TOWNSHIP), short(village, VILLAGE))
        found = self._by_name.get(key, [])
        return found[0] if len(found) == 1 else None


def short(name: str, ending: re.Pattern[str]) -> str:
    """A name without the word for what it is.

    >>> short("那马村民委员会", VILLAGE)
    '那马'
    """
    word = plain(name)
    return ending.sub("", word) or word
