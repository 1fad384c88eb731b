"""A department's list beside the books (数据比对): who is meant, and what differs.

`compare` only looks; `keep` makes work items of what it found, when somebody has confirmed it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from yihu.access.scope import Scope
from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.book.chain import canonical
from yihu.card.models import Household
from yihu.exchange.dry import read_rows
from yihu.exchange.grouping import owners_of
from yihu.exchange.identities import refuse_impossible
from yihu.exchange.known import HIDDEN, Known, KnownHome, KnownPerson, in_parts
from yihu.exchange.mapping import WHERE
from yihu.exchange.models import Difference, PossibleMatch, Settlement, Upload
from yihu.exchange.reading import Progress, Rows
from yihu.exchange.resembling import Like, is_sure, likes, record_of_row, said_by

#: What says who is meant and is not itself compared.
WHO = frozenset({"person.identity", "person.sheet_row", *WHERE})


#: (household, "", fact), or of a person (None, person, fact): who goes to another household is
#: asked about once.
Key = tuple[UUID | None, str, str]


#: Facts of one household or person that a row says: what it says, and which row said it first.
Said = dict[Key, tuple[int, str]]


@dataclass(slots=True)
class Compared:
    """What a comparison found; row → (household, person).

    likely      rows whose person was found by name, birth and place
    doubled     rows about a person whom a row above them is about too
    compared    all that was held beside the books
    by_fact     fact → of how many it differs, the book has none, both are the same
    gone        differences that are open and of which this comparison says nothing more
    displaced   all that are open and that this list says anew or no more: `gone` among them
    """

    rows: Rows
    marks: dict[int, str]
    matched: dict[int, tuple[UUID, str]] = field(default_factory=dict)
    likely: set[int] = field(default_factory=set)
    doubled: set[int] = field(default_factory=set)
    unsure: dict[int, list[Like]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    compared: Said = field(default_factory=dict)
    by_fact: dict[str, list[int]] = field(default_factory=dict)
    people: dict[tuple[UUID, str], KnownPerson] = field(default_factory=dict)
    gone: list[Difference] = field(default_factory=list)
    displaced: list[Difference] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def compare(upload: Upload, scope: Scope, progress: Progress = lambda *_: None) -> Compared:
    """Hold a list beside the books; nothing is written.

    What a person decided before – who is meant, which value holds – is not asked again.
    """
    rows = read_rows(upload, progress)
    rows.bad = {row: list(reasons) for row, reasons in rows.cells.items()}
    found = Compared(rows, _marks(rows))
    _match(upload, scope, found, progress)
    found.differences = list(_differences(upload, scope, found, progress))
    for row in range(len(rows.numbers)):
        if row not in found.matched and row not in found.unsure and row not in rows.bad:
            rows.refuse(row, "exchange.nobody" if _says_who(rows, row) else "exchange.no_name")
            found.counts["unmatched"] += 1
    # Last, so that who is meant may still be found by name, birth and place.
    refuse_impossible(rows, {r: of for r, of in found.matched.items() if r not in found.likely})
    found.counts["rows"] = len(rows.numbers)
    found.counts["refused"] = len(rows.bad)
    found.counts["doubled"] = len(found.doubled)
    _look_back(upload, found)
    found.counts["gone"] = len(found.gone)
    return found


def _says_who(rows: Rows, row: int) -> bool:
    return bool(rows.get("person.name", row) or rows.get("person.identity", row))


# -- who is meant ----------------------------------------------------------------------------------


def _marks(rows: Rows) -> dict[int, str]:
    """Row → blind mark of what it says of its person."""
    keys = dictionary.keys()
    if "person.name" not in rows.values:
        return {}
    return {
        row: keys.blind(
            f"{rows.get('person.identity', row) or ''}/{said_by(record_of_row(rows, row))}"
        ).hex()
        for row in range(len(rows.numbers))
    }


def _match(upload: Upload, scope: Scope, found: Compared, progress: Progress) -> None:
    rows, marks = found.rows, found.marks
    owners = owners_of(rows, Known(scope, "compare"), progress)
    found.matched.update({row: who for row, who in owners.items() if row not in rows.bad})
    found.counts["by_number"] = len(found.matched)
    left = [row for row in marks if row not in found.matched and row not in rows.bad]
    if not left or "person.name" not in rows.values:
        return
    progress("linking", 0, 0)
    decided = _decided(upload, {marks[row] for row in left})
    for row, those in likes(rows, left, scope).items():
        same, different = decided.get(marks[row], (set(), set()))
        open_ones = [like for like in those if like.person not in different]
        chosen = next((like for like in open_ones if like.person in same), None)
        if chosen is None and open_ones and is_sure(open_ones):
            chosen = open_ones[0]
        if chosen is not None:
            found.matched[row] = (chosen.home, chosen.person)
            found.likely.add(row)
            found.counts["by_likeness"] += 1
        elif open_ones:
            found.unsure[row] = open_ones[:3]
            found.counts["unsure"] += 1


def _decided(upload: Upload, marks: set[str]) -> dict[str, tuple[set[str], set[str]]]:
    """Mark → people it was said to be, and not to be."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    rows = PossibleMatch.objects.filter(department=upload.department).exclude(state="open")
    for part in in_parts(marks):
        for one in rows.filter(mark__in=part):
            same, different = found.setdefault(one.mark, (set(), set()))
            (same if one.state == "same" else different).add(str(one.person_id))
    return found


# -- what differs ----------------------------------------------------------------------------------


def _differences(
    upload: Upload, scope: Scope, found: Compared, progress: Progress
) -> Iterator[Difference]:
    rows = found.rows
    known = Known(scope, "compare")
    targets = [target for target in rows.values if "." in target and target not in WHO]
    targets = [target for target in targets if not target.startswith("key.")]
    by_home = sorted(found.matched.items(), key=lambda item: (item[1][0], item[0]))
    for done, part in enumerate(in_parts(by_home, 1000)):
        homes = known.homes({home for _, (home, _) in part})
        settled = _settled(upload, homes)
        for row, (home, person) in part:
            if home in homes and person in homes[home].people:
                of = homes[home]
                if (home, person) in found.people:
                    found.doubled.add(row)
                found.people[home, person] = of.people[person]
                yield from _of_row(upload, row, (of, of.people[person]), targets, found, settled)
        progress("comparing", done * 1000, len(found.matched))


Settled = dict[Key, list[Settlement]]


def _settled(upload: Upload, homes: dict[UUID, KnownHome]) -> Settled:
    """Key → what was decided about it."""
    found: Settled = {}
    rows = Settlement.objects.filter(department=upload.department)
    people = {person for home in homes.values() for person in home.people}
    of = (
        *(rows.filter(household_id__in=part, person_id=None) for part in in_parts(homes)),
        *(rows.filter(person_id__in=part) for part in in_parts(people)),
    )
    for one in (one for some in of for one in some.order_by("pk")):
        found.setdefault(_key(one), []).append(one)
    return found


def _of_row(
    upload: Upload,
    row: int,
    of: tuple[KnownHome, KnownPerson],
    targets: list[str],
    found: Compared,
    settled: Settled,
) -> Iterator[Difference]:
    (home, person), rows = of, found.rows
    for target in targets:
        theirs = rows.values[target][row]
        if theirs is None:
            continue
        level, _, fact = target.partition(".")
        of_person = level == "person"
        key = (None, person.id, target) if of_person else (home.id, "", target)
        mark = mark_of(level, fact, theirs)
        if key in found.compared:
            first, said = found.compared[key]
            if said != mark:
                rows.refuse(row, "exchange.says_otherwise", target, first=rows.numbers[first])
            continue
        found.compared[key] = row, mark
        ours, our_mark = _ours(level, fact, person if of_person else home)
        by_fact = found.by_fact.setdefault(target, [0, 0, 0])
        if mark == our_mark:
            by_fact[2] += 1
            found.counts["same"] += 1
            continue
        for before in settled.get(key, ()):
            if (before.theirs, before.value) == (mark, our_mark):
                # Nobody is asked again, but the department still says what did not hold.
                on = localdate(before.at).isoformat()
                rows.refuse(row, "exchange.settled_before", target, on=on, why=before.why)
                found.counts["settled"] += 1
                break
        else:
            by_fact[not our_mark] += 1
            found.counts["different"] += 1
            found.counts["blank"] += not our_mark
            of_both, marks = (target, ours, theirs), (our_mark, mark)
            yield _difference(upload, rows.numbers[row], of, of_both, marks)


def _ours(level: str, fact: str, card: KnownHome | KnownPerson) -> tuple[Any, str]:
    """What the book says, as it may be shown, and its mark."""
    if fact in card.indexes:
        return HIDDEN, card.indexes[fact].hex()
    value = card.facts.get(fact)
    return value, mark_of(level, fact, value) if value is not None else ""


def mark_of(level: str, fact: str, value: Any) -> str:
    """What a value can be told by; of a secret one its blind index."""
    if dictionary.is_secret(level, fact):
        return dictionary.keys().blind(str(value)).hex()
    return hashlib.sha256(canonical(value)).hexdigest()


def _difference(
    upload: Upload,
    row: int,
    of: tuple[KnownHome, KnownPerson],
    said: tuple[str, Any, Any],
    marks: tuple[str, str],
) -> Difference:
    (home, person), (target, ours, theirs) = of, said
    level, _, fact = target.partition(".")
    token = None
    if dictionary.is_secret(level, fact):
        token = dictionary.keys().seal(str(theirs))
        theirs = masked(str(theirs))
    return Difference(
        upload=upload, department=upload.department, household_id=home.id,
        person_id=UUID(person.id) if level == "person" else None, who=person.name,
        place_path=home.place_path, fact=target, row=row, ours=ours, theirs=theirs,
        our_mark=marks[0], their_mark=marks[1], token=token,
    )  # fmt: skip


# -- keeping ---------------------------------------------------------------------------------------


def _look_back(upload: Upload, found: Compared) -> None:
    """What an earlier list, or this one with other columns, said and this comparison takes over."""
    still = {_key(each) for each in found.differences}
    before = Difference.objects.filter(department=upload.department, state="open")
    found.displaced = list(before.filter(upload=upload))
    others = before.exclude(upload=upload)
    homes = {home for home, _, _ in found.compared if home is not None}
    people = {person for _, person, _ in found.compared if person}
    for part in in_parts(homes):
        rows = others.filter(household_id__in=part, person_id=None)
        found.displaced += [each for each in rows if _key(each) in found.compared]
    for some in in_parts(people):
        rows = others.filter(person_id__in=some)
        found.displaced += [each for each in rows if _key(each) in found.compared]
    found.gone = [each for each in found.displaced if _key(each) not in still]


def digest_of(found: Compared) -> str:
    """What a comparison would keep, in a word: what was shown is what is kept."""
    told = [
        [each.row, each.household_id.hex, str(each.person_id or ""), each.fact, each.our_mark,
         each.their_mark]
        for each in found.differences
    ]  # fmt: skip
    told += [[row, like.person] for row, those in found.unsure.items() for like in those]
    told += sorted([str(each.pk)] for each in found.gone)
    return hashlib.sha256(canonical(told)).hexdigest()


@transaction.atomic
def keep(upload: Upload, found: Compared) -> None:
    """Work items of this list take the place of those of the department's lists before."""
    others = [each.pk for each in found.displaced if each.upload_id != upload.pk]
    for part in in_parts(others):
        Difference.objects.filter(pk__in=part).update(state="gone", displaced_by=upload)
    for part in in_parts([each.pk for each in found.gone]):
        Difference.objects.filter(pk__in=part).update(state="gone")
    Difference.objects.filter(upload=upload, state="open").delete()
    PossibleMatch.objects.filter(upload=upload, state="open").delete()
    Difference.objects.bulk_create(found.differences, batch_size=400)
    asked = {like.home for those in found.unsure.values() for like in those}
    paths: dict[UUID, str] = {}
    for homes in in_parts(asked):
        rows = Household.objects.filter(pk__in=homes)
        paths.update(rows.values_list("pk", "place_path"))
    PossibleMatch.objects.bulk_create(
        [
            _possible(upload, found, like, paths)
            for those in found.unsure.values()
            for like in those
        ],
        batch_size=400,
    )


def _key(of: Difference | Settlement) -> Key:
    if of.person_id is not None:
        return None, str(of.person_id), of.fact
    return of.household_id, "", of.fact


def _possible(upload: Upload, found: Compared, like: Like, paths: dict[UUID, str]) -> PossibleMatch:
    return PossibleMatch(
        upload=upload, department=upload.department, row=found.rows.numbers[like.row],
        person_id=like.person, household_id=like.home, mark=found.marks[like.row],
        place_path=paths[like.home], chance=like.chance, says=said_of_whom(found.rows, like.row),
    )  # fmt: skip


def said_of_whom(rows: Rows, row: int) -> dict[str, Any]:
    """What a row says of who is meant, its number masked."""
    said = ("person.name", "person.birth", "person.sex", "household.village_name")
    says = {target: value for target in said if (value := rows.get(target, row)) is not None}
    if identity := rows.get("person.identity", row):
        says["person.identity"] = masked(identity)
    return says
