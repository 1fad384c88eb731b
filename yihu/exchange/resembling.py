"""People of the books who may be meant by rows without a number that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyarrow as pa

from yihu.access.scope import Scope
from yihu.card.models import Person
from yihu.card.pinyin import spoken
from yihu.exchange.known import VILLAGE, short
from yihu.exchange.linker import Field, day, exact, link
from yihu.exchange.reading import Rows
from yihu.places.models import Place
from yihu.rulebook.days import day_of
from yihu.rulebook.identity import birth

#: A name is the same, sounds the same (typed by sound, the wrong sign chosen), or has one sign
#: changed; two-sign names that share only the family name share too little.
NAME = Field(
    "name",
    (
        "{l} = {r}",
        "split_part({l}, '|', 2) = split_part({r}, '|', 2)",
        (
            "length(split_part({l}, '|', 1)) > 2 and "
            "levenshtein(split_part({l}, '|', 1), split_part({r}, '|', 1)) = 1"
        ),
    ),
    frequency=True,
)
FIELDS = (NAME, day("birth"), exact("village"), exact("sex"))
BLOCKS = (("birth", "family"), ("birth", "village"), ("name",), ("sound", "village"))
COLUMNS = ("name", "birth", "village", "sex", "family", "sound")
#: Below this two are not asked about; from SURE on, and nobody else near, they are one.
POSSIBLE, SURE = 0.05, 0.995

Record = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Like:
    """A person who may be meant by a row."""

    row: int
    home: UUID
    person: str
    chance: float


def record(name: str, born: str | None, village: str | None, sex: str | None) -> Record:
    """What is compared of a person."""
    sound = spoken(name).split(" ")[0] if name else ""
    return {
        "name": f"{name}|{sound}" if name else None,
        "birth": born.replace("-", "") if born else None,
        "village": village or None,
        "sex": sex or None,
        "family": name[:1] or None,
        "sound": sound or None,
    }


def table(records: Iterable[Record]) -> pa.Table:
    """Records as the linker takes them."""
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    return pa.Table.from_pylist(list(records), schema=schema)


def record_of_row(rows: Rows, row: int) -> Record:
    """What a row says of its person; the day of birth also out of the identity number."""
    born = rows.get("person.birth", row)
    if born is None:
        number = birth(rows.get("person.identity", row))
        born = None if number is None else day_of(number).isoformat()
    village = rows.get("household.village_name", row)
    name = rows.get("person.name", row) or ""
    return record(
        name, born, short(village, VILLAGE) if village else None, rows.get("person.sex", row)
    )


def everybody(scope: Scope) -> tuple[list[tuple[UUID, str]], pa.Table]:
    """Who lives where the worker reaches: (household, person), and their records."""
    villages = {
        place.pk: short(place.name, VILLAGE) for place in scope.of(Place).filter(level="village")
    }
    living = scope.of(Person, "compare").filter(left_on=None, household__closed_on=None)
    people = living.order_by("pk")
    whose: list[tuple[UUID, str]] = []
    records: list[Record] = []
    for home, person, name, born, place, facts in people.values_list(
        "household_id", "pk", "name", "birth", "household__place_id", "facts"
    ).iterator(chunk_size=5000):
        whose.append((home, str(person)))
        sex = facts.get("sex")
        records.append(record(name, str(born) if born else None, villages.get(place), sex))
    return whose, table(records)


def likes(rows: Rows, of: Sequence[int], scope: Scope) -> dict[int, list[Like]]:
    """Row → people who may be meant by it, the likeliest first."""
    whose, people = everybody(scope)
    if not of or not whose:
        return {}
    asked = table(record_of_row(rows, row) for row in of)
    links = link(asked, people, FIELDS, BLOCKS)
    found: dict[int, list[Like]] = defaultdict(list)
    for mine, theirs, chance in zip(links.left, links.right, links.chance, strict=True):
        if chance >= POSSIBLE:
            home, person = whose[int(theirs)]
            row = of[int(mine)]
            found[row].append(Like(row, home, person, float(chance)))
    for those in found.values():
        those.sort(key=lambda like: -like.chance)
    return dict(found)


def is_sure(likes: Sequence[Like]) -> bool:
    """One person, and nobody else near."""
    return likes[0].chance >= SURE and (len(likes) == 1 or likes[1].chance < POSSIBLE * 2)


def said_by(record: Any) -> str:
    """A record as one text, for the mark under which a decision is remembered."""
    return "/".join(str(record[column] or "") for column in COLUMNS)
