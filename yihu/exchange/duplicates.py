"""People who may stand in the books twice: found, decided by a person, merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from django.db.models import Count, Q

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.actions import NewEntry
from yihu.book.models import Batch
from yihu.card import plans
from yihu.card.models import Person, Sealed
from yihu.card.queries import home
from yihu.exchange.known import in_parts, twin_of
from yihu.exchange.linker import link
from yihu.exchange.models import DuplicatePair
from yihu.exchange.resembling import FIELDS, everybody
from yihu.problems import Problem
from yihu.reason import good_reason

#: From this chance on two people of like name, birth and place are shown to somebody.
ASKED = 0.5
BLOCKS = (("birth", "village"), ("name", "village"), ("name", "birth"), ("sound", "birth"))
LEAST = 2


@dataclass(frozen=True, slots=True)
class Found:
    """Two people, a before b, why they may be one, and how likely."""

    a: UUID
    b: UUID
    why: str
    chance: float


def find(scope: Scope) -> int:
    """Look for people who stand twice where the worker reaches; returns how many pairs are new.

    A pair somebody has decided, or that is open already, is left as it is.
    """
    known = {(one.a_id, one.b_id) for one in DuplicatePair.objects.only("a_id", "b_id")}
    found: dict[tuple[UUID, UUID], Found] = {}
    for each in (*_same_number(scope), *_twins(scope), *_near(scope)):
        if (each.a, each.b) not in known:
            found.setdefault((each.a, each.b), each)
    paths = _paths({id for pair in found for id in pair})
    rows = [
        DuplicatePair(
            a_id=each.a, b_id=each.b, why=each.why, chance=each.chance,
            place_path=above_both(paths[each.a], paths[each.b]),
        )
        for each in found.values()
        if each.a in paths and each.b in paths
    ]  # fmt: skip
    DuplicatePair.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def above_both(one: str, other: str) -> str:
    """Path of the nearest place above two others.

    >>> above_both("000001/000002/000004/", "000001/000003/")
    '000001/'
    """
    same = []
    for mine, theirs in zip(one.split("/"), other.split("/"), strict=False):
        if mine != theirs or not mine:
            break
        same.append(mine)
    return "".join(f"{part}/" for part in same)


def _paths(people: Iterable[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for part in in_parts(people):
        rows = Person.objects.filter(pk__in=part, left_on=None, household__closed_on=None)
        found.update(rows.values_list("pk", "household__place_path"))
    return found


def _pair(one: UUID, other: UUID, why: str, chance: float = 1.0) -> Found:
    a, b = sorted((one, other))
    return Found(a, b, why, chance)


def _same_number(scope: Scope) -> Iterator[Found]:
    """People with the same identity number."""
    sealed = scope.of(Sealed, "compare").filter(fact="identity").exclude(person_id=None)
    twice = sealed.values("index").annotate(n=Count("person_id", distinct=True)).filter(n__gt=1)
    for part in in_parts(bytes(row["index"]) for row in twice):
        people: dict[bytes, set[UUID]] = defaultdict(set)
        for index, person in sealed.filter(index__in=part).values_list("index", "person_id"):
            if person is not None:
                people[bytes(index)].add(person)
        for those in people.values():
            # One number on a hundred cards is a faulty file, not a hundred twins.
            for one, other in combinations(sorted(those)[:20], 2):
                yield _pair(one, other, "identity")


def _living(scope: Scope) -> Iterator[tuple[UUID, str]]:
    """Everybody with an identity number: person, number in clear."""
    keys = dictionary.keys()
    people = scope.of(Person, "compare").filter(left_on=None, household__closed_on=None)
    for person, sealed in people.values_list("pk", "sealed").iterator(chunk_size=5000):
        if "identity" in sealed:
            yield person, keys.open(*sealed["identity"])


def _twins(scope: Scope) -> Iterator[Found]:
    """One person with his old number of 15 figures, and with the 18 made of it."""
    keys = dictionary.keys()
    old = {
        keys.blind(twin_of(number)): person
        for person, number in _living(scope)
        if len(number) == 15 and twin_of(number)
    }
    sealed = scope.of(Sealed, "compare").filter(fact="identity").exclude(person_id=None)
    for part in in_parts(old):
        for index, person in sealed.filter(index__in=part).values_list("index", "person_id"):
            if person is not None and person != old[bytes(index)]:
                yield _pair(old[bytes(index)], person, "twin")


def _near(scope: Scope) -> Iterator[Found]:
    """People of like name, birth and place, unless two numbers say that they are two.

    Brothers and sisters born together differ in a sign of the name and in their numbers.
    """
    whose, people = everybody(scope)
    if len(whose) < 2:
        return
    links = link(people, None, FIELDS, BLOCKS)
    numbered = {person for person, _ in _living(scope)}
    names, births = people.column("name").to_pylist(), people.column("birth").to_pylist()
    for left, right, chance in zip(links.left, links.right, links.chance, strict=True):
        if chance < ASKED:
            continue
        one, other = (UUID(whose[int(at)][1]) for at in (left, right))
        same_name = names[int(left)] == names[int(right)]
        same = same_name and births[int(left)] == births[int(right)]
        if same or not {one, other} <= numbered:
            yield _pair(one, other, "near", float(chance))


# -- deciding --------------------------------------------------------------------------------------


def require_open(pair: DuplicatePair, reason: str) -> None:
    """Refuse to decide twice, or without a reason.

    Raises  Problem: exchange.no_reason, desk.reason_too_long, exchange.pair_decided
    """
    good_reason(reason, "exchange.no_reason", least=LEAST)
    if pair.state != "open":
        raise Problem("exchange.pair_decided", status=409)


def merging(
    pair: DuplicatePair, *, keeps: str, whole: bool, when: plans.When, why: str
) -> list[NewEntry]:
    """The entries that make one person of two.

    keeps   "a" or "b": who stays
    whole   their households become one too, with everybody who stands in both
    Raises  Problem: exchange.which_stays, card.*
    """
    if keeps not in ("a", "b"):
        raise Problem("exchange.which_stays")
    stays, goes = (pair.a, pair.b) if keeps == "a" else (pair.b, pair.a)
    into, double = home(stays.household_id), home(goes.household_id)
    if not whole or into.id == double.id:
        return plans.merge_people(double, into, when, person=str(goes.pk), into=str(stays.pk))
    same = {str(goes.pk): str(stays.pk)}
    pairs = [
        sorted((other.a, other.b), key=lambda person: person.household_id != double.id)
        for other in _between(into.id, double.id)
    ]
    told = [(str(one.pk), str(two.pk)) for one, two in pairs]
    # As where two households are merged by hand: who has the same name and birth in both.
    for one, two in (*told, *plans.alike(double.card, into.card).items()):
        if one not in same and two not in same.values():
            same[one] = two
    return plans.merge_households(double, into, when, why=why, same=same)


def _between(one: UUID, other: UUID) -> Sequence[DuplicatePair]:
    """Other pairs of two households whose numbers say that they are one person."""
    rows = DuplicatePair.objects.filter(why__in=("identity", "twin"), state="open")
    rows = rows.filter(
        Q(a__household_id=one, b__household_id=other)
        | Q(a__household_id=other, b__household_id=one)
    )
    return list(rows.select_related("a", "b"))


def decided(
    pair: DuplicatePair, state: str, *, reason: str, by: Worker, at: datetime, batch: Batch | None
) -> None:
    """Keep what was decided; the pair is not asked about again."""
    pair.state, pair.reason, pair.by, pair.at, pair.batch = state, reason.strip(), by, at, batch
    pair.save()
    if state == "same":
        _close_others(pair, batch)


def _close_others(pair: DuplicatePair, batch: Batch | None) -> None:
    """Pairs that are gone with the one who went, or with his household."""
    for other in DuplicatePair.objects.filter(state="open").filter(
        Q(a_id__in=[pair.a_id, pair.b_id]) | Q(b_id__in=[pair.a_id, pair.b_id])
        | Q(a__household_id__in=[pair.a.household_id, pair.b.household_id])
    ).select_related("a", "b"):  # fmt: skip
        if other.a.left_on is not None or other.b.left_on is not None:
            other.state, other.batch, other.by, other.at = "same", batch, pair.by, pair.at
            other.reason = pair.reason
            other.save()


def reopened(pair: DuplicatePair) -> None:
    """The decision that two are two is taken back."""
    DuplicatePair.objects.filter(pk=pair.pk).update(state="open", by=None, at=None, reason="")


def opened_again(batch: Batch) -> None:
    """After a merge was undone: its pairs are open again."""
    DuplicatePair.objects.filter(batch=batch).update(
        state="open", batch=None, by=None, at=None, reason=""
    )
