"""What a program may say in its worker's name: its own source, numbers that can be one, once."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.api.test_api import Program, entry, on_the_day
from yihu.book.models import Entry

__all__ = ["on_the_day"]

pytestmark = pytest.mark.django_db


def test_the_same_id_with_other_content_is_refused_and_in_another_spelling_it_is_the_same():
    home = makers.household({"identity": "11010519491231002X"})
    (person,) = makers.members(home)
    program = Program(people.mei(), "read", "write")
    book = f"/households/{home.pk}/entries"
    says = {
        "household": {"water_litres": 30},
        "members": {str(person.pk): {"phone": "13907761234"}},
    }
    body = entry(kind="visit", says={**says, "words": "看过"})
    assert program.post(book, body).status_code == 201

    again = program.post(book, body)
    other = {**says, "household": {"water_litres": 31}, "words": "看过"}
    refused = [
        program.post(book, {**body, **more})
        for more in (
            {"says": other},
            {"seen_on": "2020-10-02"},
            {"says": {**says, "words": "没看"}},
        )
    ]

    assert (again.status_code, again.json()["again"]) == (200, True)
    assert {(each.status_code, each.json()["code"]) for each in refused} == {
        (409, "book.id_reused")
    }
    assert Entry.objects.filter(book_id=home.pk, kind="visit").count() == 1


@pytest.mark.parametrize("value", ["x", "139"])
def test_a_number_that_cannot_be_one_is_refused_as_on_the_desks_form(value):
    home = makers.household({"phone": "13907761234"})
    (person,) = makers.members(home)
    program = Program(people.mei(), "write")
    says = {"members": {str(person.pk): {"phone": value}}}

    answer = program.post(f"/households/{home.pk}/entries", entry(says=says))

    assert (answer.status_code, answer.json()["code"]) == (400, "book.bad_value")
    assert Entry.objects.filter(book_id=home.pk, kind="facts").count() == 0


@pytest.mark.parametrize("number", ["0", "110105194912310021"])
def test_an_identity_number_no_document_has_is_refused_and_not_repeated(number):
    home = makers.household({"birth": "1949-12-31"}, {"id_kind": "passport"})
    first, second = makers.members(home)
    program = Program(people.mei(), "write")
    book = f"/households/{home.pk}/entries"

    answer = program.post(book, entry(says={"members": {str(first.pk): {"identity": number}}}))
    other = program.post(book, entry(says={"members": {str(second.pk): {"identity": number}}}))

    assert (answer.status_code, answer.json()["code"]) == (422, "household.no_identity")
    assert "110105194912310021" not in answer.json()["message"]
    assert other.status_code == 201
    assert Entry.objects.filter(book_id=home.pk, kind="facts").count() == 1


@pytest.mark.parametrize(
    ("source", "status"),
    [("visit", 201), ("my-program", 201), ("education", 403), ("check", 403), ("import", 403),
     ("核查", 422), ("<script>", 422)],
)  # fmt: skip
def test_a_source_that_is_somebody_elses_is_not_the_writers_to_name(source, status):
    home, program = makers.household(), Program(people.mei(), "write")
    answer = program.post(f"/households/{home.pk}/entries", entry(source=source))
    assert answer.status_code == status, answer.content


def test_a_program_is_not_taken_for_the_office_it_names(client):
    home, mei = makers.household(), people.mei()
    Program(mei, "write").post(f"/households/{home.pk}/entries", entry(source="auditor"))
    client.force_login(mei)

    page = client.get(f"/households/{home.pk}/?part=book").content.decode()

    assert "程序“auditor”" in page


def test_what_was_written_tomorrow_is_refused():
    home, program = makers.household(), Program(people.mei(), "write")

    answer = program.post(
        f"/households/{home.pk}/entries", entry(written_at="9999-12-31T00:00:00Z")
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "api.written_in_future")
    assert Entry.objects.filter(book_id=home.pk, kind="facts").count() == 0


def test_a_department_names_itself_as_the_source():
    home = makers.household()
    worker = people.worker("He", "department", makers.place("county"), department="education")
    program = Program(worker, "write")
    book = f"/households/{home.pk}/entries"
    own, other = (program.post(book, entry(source=each)) for each in ("education", "health"))
    assert own.status_code != 403 or own.json()["code"] != "api.not_your_source"
    assert other.status_code == 403


def test_a_program_says_nothing_was_seen_in_1900():
    home = makers.household()
    body = {**entry(says={"household": {"power": True}}), "seen_on": "1900-01-01"}

    answer = Program(people.mei(), "write").post(f"/households/{home.pk}/entries", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "book.seen_long_ago")
    assert Entry.objects.filter(book_id=home.pk, kind="facts").count() == 0
