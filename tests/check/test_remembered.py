"""Cards kept from one check to the next are those that would be read anew."""

from __future__ import annotations

import random
from dataclasses import replace

import pyarrow as pa
import pytest

from tests import makers
from tests.check.test_whole import facts, random_county
from yihu.book import dictionary
from yihu.card.models import Household, Person
from yihu.check import remembered
from yihu.check.cards_read import Asked, Cards, Part, read_cards
from yihu.check.progress import quiet
from yihu.check.remembered import cards_now
from yihu.rulebook.bind import bind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(remembered, "path", lambda: tmp_path / "cards.kept")


def asked() -> Asked:
    return Asked.by(bind(dictionary.active(), makers.TODAY))


def rows(cards: Cards) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """What is known of everybody, household by household; a column of nothing counts for none."""
    return known_of(cards.homes), known_of(cards.people)


def known_of(table: pa.Table) -> list[dict[str, object]]:
    rows = table.to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def not_read(monkeypatch):
    def refuse(*_args):
        raise AssertionError("cards were read though none moved on")

    monkeypatch.setattr(remembered, "read_cards", refuse)


def change(home: Household, draw: random.Random) -> None:
    """Something that may happen to a household."""
    people = list(Person.objects.filter(household=home, left_on=None))
    says = {
        "household": facts("household", draw, 0.2),
        "members": {str(person.pk): facts("person", draw, 0.2) for person in people[:1]},
    }
    match draw.randrange(3):
        case 0:
            makers.write(home.pk, says=says)
        case 1 if len(people) > 1:
            acts = [{"did": "left", "person": str(people[-1].pk), "why": "died"}]
            makers.write(home.pk, kind="people", says={"acts": acts})
        case _:
            acts = [{"did": "closed", "why": "重复建档"}]
            makers.write(home.pk, kind="people", says={"acts": acts})


@pytest.mark.parametrize("seed", range(4))
def test_after_any_changes_the_kept_cards_are_those_read_anew(seed, monkeypatch):
    monkeypatch.setattr(remembered, "MOST_CHANGED", 1.0)
    draw = random.Random(seed)
    homes = random_county(draw, 8)
    cards_now(asked(), keep=True)

    for _ in range(3):
        for home in draw.sample(homes, 2):
            if Household.objects.filter(pk=home.pk, closed_on=None).exists():
                change(home, draw)
        homes.append(makers.household(facts("person", draw, 0.3)))

        assert rows(cards_now(asked(), keep=True)) == rows(read_cards(asked(), quiet))


def test_a_county_in_which_nothing_moved_is_read_from_the_file(monkeypatch):
    random_county(random.Random(1), 3)
    before = rows(cards_now(asked(), keep=True))

    not_read(monkeypatch)

    assert rows(cards_now(asked())) == before


def test_a_household_lies_where_it_lies_now_without_an_entry(monkeypatch):
    home, other = makers.household(), makers.place(code="451022101202")
    cards_now(asked(), keep=True)

    Household.objects.filter(pk=home.pk).update(place=other)
    not_read(monkeypatch)

    assert cards_now(asked()).homes.column(".place").to_pylist() == [other.pk]


def test_the_file_holds_nothing_to_read_and_a_damaged_one_is_as_none():
    makers.household({"identity": "45102220080301001X"}, house_grade="a")
    whole = rows(cards_now(asked(), keep=True))
    kept = remembered.path().read_bytes()
    head = kept.partition(b"\n")[0] + b"\n"

    assert b"45102220080301001X" not in kept.partition(b"\n")[2]
    assert remembered.path().stat().st_mode & 0o777 == 0o600
    for damaged in (kept[:-1], kept[:-20] + b"\0" * 20, kept[:40], head, b"", b"{}\n" + kept):
        remembered.path().write_bytes(damaged)
        assert remembered._load(asked()) is None
        assert rows(cards_now(asked())) == whole


def test_a_file_of_another_year_or_of_other_codes_is_not_used():
    makers.household({"identity": "45102220080301001X"})
    now = asked()
    cards_now(now, keep=True)
    homes = now.facts["household"]
    other = {**homes, "phone": replace(homes["phone"], privacy="open")}

    assert remembered._load(now) is not None
    assert remembered._load(replace(now, until=makers.TODAY)) is None
    assert remembered._load(replace(now, facts={**now.facts, "household": other})) is None


def test_fewer_facts_than_were_kept_are_taken_from_the_file_too(monkeypatch):
    makers.household()
    now = asked()
    cards_now(now, keep=True)
    few = {level: dict(list(specs.items())[:3]) for level, specs in now.facts.items()}

    not_read(monkeypatch)
    found = cards_now(replace(now, facts=few))

    assert {n for n in found.people.column_names if n != "id"} <= set(few["person"])


def test_parts_read_side_by_side_are_the_whole():
    random_county(random.Random(7), 9)
    ids = sorted(home.hex for home in Household.objects.values_list("pk", flat=True))
    parts = [Part(ends=(some[0], some[-1])) for some in (ids[:3], ids[3:4], ids[4:])]

    read = [read_cards(asked(), quiet, part) for part in parts]

    homes, people = rows(read_cards(asked(), quiet))
    assert [home for part in read for home in rows(part)[0]] == homes
    assert [person for part in read for person in rows(part)[1]] == people
