"""What a card cannot tell alone: how many others have the same number, as the blind index finds.

A rulebook counts whoever shares a value (`repeats`); one card alone answers nothing then. Values
that are sealed have an index, so the few households that share one are found, and the count over
them and this one is the count over everybody: nobody else has the value. It is given to the card as
if it had been written there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from yihu.book import dictionary, rows
from yihu.card.models import Household, Person, Sealed
from yihu.check.kept import BookReader
from yihu.rulebook.bind import bind
from yihu.rulebook.evaluate import Row
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.tree import Fact, Node, Ref, Repeats, parts_of
from yihu.tables import rows_by

#: (level, name)
Key = tuple[str, str]
#: Households that share a number with one and are looked at; a village office's telephone stands
#: with hundreds of families, and a count of so many says all there is to say.
MOST = 200


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted over everybody.

    values  derived facts, given to a card
    sealed  the facts whose indexes find who shares them
    rules   names of the rules that look no further than these
    one     reads several households as if they were everybody
    """

    values: tuple[Key, ...]
    sealed: tuple[str, ...]
    rules: frozenset[str]
    one: OneCard


@lru_cache(maxsize=32)
def counting(_hash: str, on: date) -> Counting | None:
    """What the rulebook in use counts over everybody; None where that is nothing."""
    rulebook = dictionary.active()
    given = [key for key, spec in rulebook.derived.items() if spec.given]
    whole = bind(rulebook, on, rules=(), values=given)
    values, sealed = [], set()
    for key in given:
        facts = _counted(whole, key)
        if facts and all(dictionary.is_secret(*fact) for fact in facts):
            values.append(key)
            sealed |= {name for _, name in facts}
    if not values:
        return None
    program = bind(rulebook, on, rules=(), values=values)
    one = OneCard(rulebook, on, POPULATION, program=program)
    one.reader = BookReader(program, rulebook)
    return Counting(tuple(values), tuple(sorted(sealed)), _rules(on, values), one)


def _counted(program: Program, key: Key) -> list[Key]:
    """The facts whose copies a derived fact counts; none where it does anything else."""
    if key not in program.definitions:
        return []
    repeats = [node for node in _within(program.definitions[key].node) if isinstance(node, Repeats)]
    bodies = [node.body for node in repeats]
    known = [(node.level, node.name) for node in bodies if isinstance(node, Fact) and not node.last]
    return known if len(known) == len(bodies) else []


def _rules(on: date, values: Collection[Key]) -> frozenset[str]:
    """Rules that rest on these values and else only on the household and its people."""
    program = bind(dictionary.active(), on)
    wanted, near = set(values), (dictionary.HOUSEHOLD, dictionary.PERSON)
    found = set()
    for output in program.outputs:
        nodes = _below(program, output.holds)
        names = {(node.level, node.name) for node in nodes if isinstance(node, Ref)}
        if wanted & names and all(node.level in (*near, "") for node in nodes):
            found.add(output.name)
    return frozenset(found)


def _below(program: Program, node: Node) -> list[Node]:
    """All nodes a rule rests on, its derived facts looked through."""
    found, seen, waiting = [], set(), [node]
    while waiting:
        for each in _within(waiting.pop()):
            found.append(each)
            key = (each.level, each.name) if isinstance(each, Ref) else None
            if key and key not in seen and key in program.definitions:
                seen.add(key)
                waiting.append(program.definitions[key].node)
    return found


def _within(node: Node) -> list[Node]:
    found, waiting = [], [node]
    while waiting:
        found.append(waiting.pop())
        waiting += parts_of(found[-1])
    return found


# --- one card -------------------------------------------------------------------------------------


def sharing(household: Household, on: date) -> tuple[tuple[UUID, int], ...]:
    """(id, number of the card) of the open households that share a sealed value with one."""
    asked = counting(dictionary.active().hash, on)
    if asked is None:
        return ()
    table, homes = Sealed._meta.db_table, Household._meta.db_table
    own = rows.key_of(household.pk)
    marks = ", ".join(["%s"] * len(asked.sealed))
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "index" FROM {table} WHERE household_id = %s AND fact IN ({marks})',  # noqa: S608
            [own, *asked.sealed],
        )
        indexes = [index for (index,) in cursor.fetchall()]
        if not indexes:
            return ()
        # In two steps: joined to itself, PostgreSQL without statistics walked the table each time.
        cursor.execute(
            f"SELECT DISTINCT h.book_id, h.number FROM {table} other "  # noqa: S608
            f"JOIN {homes} h ON h.book_id = other.household_id "
            f'WHERE other."index" IN ({", ".join(["%s"] * len(indexes))}) '
            f"AND other.fact IN ({marks}) AND h.book_id <> %s AND h.closed_on IS NULL "
            f"ORDER BY h.book_id LIMIT {MOST}",
            [*indexes, *asked.sealed, own],
        )
        return tuple((rows.as_id(id), number) for id, number in cursor.fetchall())


def with_copies(
    card: dict[str, Any], others: Sequence[tuple[UUID, int]], on: date
) -> dict[str, Any]:
    """The card with what is counted over everybody, given as its own.

    others  who shares a sealed value with it, as `sharing` says
    """
    asked = counting(dictionary.active().hash, on)
    if asked is None:
        return card
    own = _plain(card, asked.one)
    everybody = {"households": [own, *_cards([id for id, _ in others], asked.one.program)]}
    _, _, top = asked.one.rows(everybody)
    home = _first(top, asked.one)
    values = asked.one.compiled
    mine = [key for key in asked.values if key[0] == dictionary.HOUSEHOLD]
    of_people = [key for key in asked.values if key[0] == dictionary.PERSON]
    members = [
        {**member, **{name: values.value(row, level, name) for level, name in of_people}}
        for member, row in zip(card["members"], home.below, strict=True)
    ]
    counted = {name: values.value(home, level, name) for level, name in mine}
    return {**card, **counted, "members": members}


def _first(top: Row, one: OneCard) -> Row:
    row = top
    while one.program.levels[row.level].name != dictionary.HOUSEHOLD:
        row = row.below[0]
    return row


def _plain(card: Mapping[str, Any], one: OneCard) -> dict[str, Any]:
    """A household with what counting looks at: a few facts of hundreds, no place, no last year."""
    known = {*one.program.facts, *one.reader.may_be_given}

    def of(level: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: v for name, v in body.items() if name == "id" or (level, name) in known}

    members = [of(dictionary.PERSON, member) for member in card["members"]]
    return {**of(dictionary.HOUSEHOLD, card), "members": members}


def _cards(ids: Sequence[UUID], program: Program) -> list[dict[str, Any]]:
    """Households with the few facts that are counted or looked at in counting."""
    facts = {
        level: {name for at, name in program.facts if at == level}
        for level in (dictionary.HOUSEHOLD, dictionary.PERSON)
    }
    people: dict[UUID, list[Person]] = {id: [] for id in ids}
    for person in rows_by(Person, "household_id", ids):
        if person.left_on is None:
            people[person.household_id].append(person)
    return [
        {
            **_facts(home, facts[dictionary.HOUSEHOLD]),
            "members": [_facts(each, facts[dictionary.PERSON]) for each in people[home.pk]],
        }
        for home in rows_by(Household, "book_id", ids)
    ]


def _facts(row: Household | Person, names: Collection[str]) -> dict[str, Any]:
    keys = dictionary.keys()
    known = {name: value for name, value in row.facts.items() if name in names}
    sealed = {name: keys.open(*pair) for name, pair in row.sealed.items() if name in names}
    return {**known, **sealed, "id": str(row.pk)}
