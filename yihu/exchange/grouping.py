"""Rows that belong to one household: by its number in the file, its head's row, or who is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from yihu.exchange.known import Known, in_parts, twin_of
from yihu.exchange.reading import BY_ROW, Progress, Rows


@dataclass(slots=True)
class Group:
    """Rows of one household. name: what the file calls it; home: the household, if known."""

    name: str | None
    home: UUID | None
    rows: list[int]


Owners = dict[int, tuple[UUID, str]]


def owners_of(rows: Rows, known: Known, progress: Progress) -> Owners:
    """Row → household and person with its identity number."""
    column = rows.values.get("person.identity")
    if column is None:
        return {}
    blind = known.keys.blind
    marks: dict[int, tuple[bytes, ...]] = {}
    for row, identity in enumerate(column):
        if identity:
            twin = twin_of(identity)
            marks[row] = (blind(identity), *((blind(twin),) if twin else ()))
    found: dict[bytes, list[tuple[UUID, str]]] = {}
    asked = {mark for own in marks.values() for mark in own}
    for done, part in enumerate(in_parts(asked, 5000)):
        found.update(known.by_identity(part))
        progress("matching", done * 5000, len(asked))
    owners: Owners = {}
    for row, own in marks.items():
        hits = [hit for mark in own for hit in found.get(mark, ())]
        if len(set(hits)) == 1:
            owners[row] = hits[0]
    return owners


def groups_of(rows: Rows, known: Known, owners: Owners) -> Iterator[Group]:
    """All rows in groups, each of one household that is known or of one that is not."""
    named: dict[str, list[int]] = defaultdict(list)
    alone: dict[UUID | None, list[int]] = defaultdict(list)
    for row, name in enumerate(rows.homes):
        if name is not None:
            named[name].append(row)
        else:
            alone[owners[row][0] if row in owners else None].append(row)
    codes = known.by_code(name for name in named if not name.startswith(BY_ROW))
    made: dict[UUID, Group] = {}
    for name, of in named.items():
        home = codes.get(name) or (_home_of(of, owners) if name.startswith(BY_ROW) else None)
        if home is None:
            yield Group(name, None, of)
        elif home in made:
            made[home].rows += of
        else:
            made[home] = Group(name, home, of)
    for home, of in alone.items():
        if home is None:
            yield from (Group(None, None, [row]) for row in of)
        elif home in made:
            made[home].rows += of
        else:
            made[home] = Group(None, home, of)
    yield from made.values()


def _home_of(rows: Sequence[int], owners: Owners) -> UUID | None:
    """The household of a group named by its head's row: the head's, else its members'."""
    return next((owners[row][0] for row in rows if row in owners), None)
