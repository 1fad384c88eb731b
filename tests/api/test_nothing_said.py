"""An entry of a program says something, or it is none."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.api.test_api import Program, entry
from yihu.book.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.mark.parametrize(
    ("kind", "says"),
    [("facts", {}), ("facts", {"household": {}}), ("visit", {}), ("visit", {"words": "  "}),
     ("facts", {"members": {"5f0c1f36-3c0d-5a0e-9d38-8a2d6a0e7a11": {}}}),
     ("people", {"acts": []})],
)  # fmt: skip
def test_an_entry_that_says_nothing_is_refused(kind, says):
    home = makers.household()
    before = Entry.objects.count()

    answer = Program(people.mei(), "write").post(
        f"/households/{home.pk}/entries", entry(kind=kind, says=says)
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "api.nothing_said")
    assert Entry.objects.count() == before


def test_taking_a_fact_back_says_something():
    home = makers.household(power=True)

    answer = Program(people.mei(), "write").post(
        f"/households/{home.pk}/entries", entry(says={"household": {"power": None}})
    )

    assert answer.status_code == 201


@pytest.mark.parametrize("fact", ["name", "birth", "identity"])
def test_a_program_empties_nothing_of_who_somebody_is(fact):
    home, program = (
        makers.household({"name": "覃一", "birth": "1980-01-01"}),
        Program(people.mei(), "write"),
    )
    (person,) = makers.members(home)
    body = entry(says={"members": {str(person.pk): {fact: None}}})

    answer = program.post(f"/households/{home.pk}/entries", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "book.kept")
    assert "cannot be emptied" in answer.json()["message"]
    assert not Entry.objects.filter(source="program").exists()
