"""A village on a past day: the short way gives what folding every whole book gives."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import makers
from yihu import loop
from yihu.book.later import Until
from yihu.book.reading import entries_of
from yihu.book.undoing import undo_entry
from yihu.card.fold import fold
from yihu.card.models import Household
from yihu.card.plans import When, close, move_household
from yihu.card.queries import home
from yihu.ledger.rows import standing_after
from yihu.ledger.standing import OPEN
from yihu.ledger.then import households_then
from yihu.places.models import Place

pytestmark = pytest.mark.django_db

NAMES = ["韦一", "黄二", "覃三", "农四", "罗五", "陆六"]
CHILD = {"name": "小月", "birth": "2010-03-01", "schooling": "none", "home_taught": False,
         "absence_proved": False}  # fmt: skip
DAYS = [None, *(date(2020, month, 15) for month in range(1, 11))]


def on(month: int, day: int = 1):
    return makers.at(date(2020, month, day))


def moved(family: Household, to: Place, month: int):
    """A move that is written ten days after it held."""
    entries = move_household(
        home(family.pk), When(date(2020, month, 1), "test"), place=to.code, why="搬迁"
    )
    return loop.write(entries, by=None, at=on(month, 11))


@pytest.fixture
def villages() -> list[Place]:
    """Two villages with families that were moved, moved back, renamed, closed and taken back."""
    one, other = makers.place(), makers.place("village", "451022100202", "新村")
    hamlet = makers.place("hamlet", "451022100201001", "上屯", parent=one)
    lie = [one, one, hamlet, other, one, other]
    first, second, third, fourth, fifth, sixth = (
        makers.household({"name": name, "birth": "1970-01-01"}, CHILD, village=place, when=on(n))
        for n, (name, place) in enumerate(zip(NAMES, lie, strict=True), 1)
    )
    moved(first, other, 4)
    moved(third, other, 6)
    moved(third, one, 8)
    (move,) = moved(fourth, one, 7)
    loop.write([undo_entry(move, why="看错了", on=date(2020, 9, 1))], by=None, at=on(9))
    person = str(makers.members(second)[0].pk)
    makers.write(second.pk, says={"members": {person: {"name": "黄改名"}}}, when=on(5))
    child = str(makers.members(second)[1].pk)
    makers.write(second.pk, says={"members": {child: {"schooling": "primary"}}}, when=on(9))
    decided = {"did": "monitored", "category": "marginal"}
    makers.write(fifth.pk, kind="decision", says=decided, when=on(8))
    ended = close(home(sixth.pk), When(date(2020, 9, 1), "test"), why="无人")
    loop.write(ended, by=None, at=on(9, 20))
    return [one, other]


def in_full(place: Place, until: Until) -> list[tuple[Any, ...]]:
    """The same from whole books: slow, and plain to see that it is right."""
    codes = {place.code, *Place.objects.filter(parent=place).values_list("code", flat=True)}
    found = []
    for id, entries in entries_of(sorted(Household.objects.values_list("pk", flat=True))):
        card = fold(entries, as_of=until.as_of, known_at=until.known_at)
        if card.code and card.place in codes and card.closed_on is None:
            people = [str(member.facts["name"].value) for member in card.people]
            gaps = standing_after(entry for entry in entries if not until.is_later(entry))
            written = sum(until.is_later(e) for e in entries if e.kind != "gap")
            open_then = sorted((str(g.pk), g.answer) for g in gaps if g.state in OPEN)
            found.append((people[0], card.code, id, len(people), card.status, written, open_then))
    return sorted(found)


def in_short(place: Place, until: Until) -> list[tuple[Any, ...]]:
    homes = households_then(
        place, homes=Household.objects.all(), as_of=until.as_of, known_at=until.known_at
    )
    return [
        (each.head, each.code, each.id, each.size, each.status, each.written,
         sorted((str(gap.pk), gap.answer) for gap in each.gaps))
        for each in homes
    ]  # fmt: skip


def test_a_village_of_each_day_is_what_whole_books_say_of_it(villages):
    seen = set()
    for place, as_of, known in product(villages, DAYS, DAYS):
        until = Until(as_of, makers.at(known).now if known else None)
        short = in_short(place, until)
        assert short == in_full(place, until), (place.name, as_of, known)
        seen.add(tuple(code for _, code, *_ in short))
    # The days are different ones: families came, moved, moved back and were closed.
    assert len(seen) > 10


def test_who_a_gap_was_about_is_called_as_then(villages):
    one, _ = villages

    def names(known):
        homes = households_then(one, homes=Household.objects.all(), known_at=on(known).now)
        return {
            each.head: {each.names.get(gap.person_id) for gap in each.gaps if gap.person_id}
            for each in homes
        }

    assert "小月" in names(4)["黄二"]
    assert "小月" in names(6)["黄改名"]
    assert "黄二" not in names(6)


@pytest.mark.sqlite
def test_moves_are_found_by_their_index(villages):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        in_short(villages[0], Until(known_at=on(3).now))

    moves = [each["sql"] for each in asked if "moved" in each["sql"]]
    assert len(moves) == 3
    with connection.cursor() as cursor:
        for sql in moves:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row) for row in cursor.fetchall())
            assert "entry_moves" in plan, plan
