"""Rows read without building a query are what a query gives."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from tests import makers
from yihu.book.models import Book, Entry
from yihu.card.models import Household, Person
from yihu.places.models import Place
from yihu.tables import all_or_nothing, join_one, rows_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    """Rows in most tables, with texts, days, moments, sealed values, and nothing."""
    home = makers.household(
        {"identity": "451022200905010012", "birth": "2009-05-01", "schooling": "primary"},
        {"name": "农二"},
        water_litres=30,
    )
    makers.write(
        home.pk, kind="visit", seen_on=makers.TODAY, says={"household": {"water_litres": 40}}
    )
    return home


def test_every_table_gives_what_a_query_gives(county):
    filled = [m for m in apps.get_app_config("yihu").get_models() if m.objects.exists()]
    assert {"Entry", "Household", "Person", "Gap", "HouseholdFindings", "Sealed"} <= {
        model.__name__ for model in filled
    }
    for model in filled:
        key = model._meta.pk
        asked = {row.pk: row for row in model.objects.order_by()}
        read = {row.pk: row for row in rows_by(model, key.column, list(asked))}

        assert {pk: _values(row) for pk, row in read.items()} == {
            pk: _values(row) for pk, row in asked.items()
        }


def _values(row: models.Model) -> list[tuple[type, object]]:
    values = [getattr(row, field.attname) for field in row._meta.concrete_fields]
    return [(type(value), value) for value in values]


def test_a_row_that_was_read_can_be_saved_and_joined(county):
    (row,) = rows_by(Household, "book_id", [county.pk])
    assert not row._state.adding
    village = county.place
    with CaptureQueriesContext(connection) as asked:
        join_one([row], "place")
        assert row.place == village
    assert len(asked) == 1

    row.head_name = "黄二"
    row.save()
    assert Household.objects.get(pk=county.pk).head_name == "黄二"


def test_a_key_that_points_nowhere_joins_nothing(county):
    (book,) = rows_by(Book, "id", [county.pk])
    join_one([book], "place")
    assert book.place is None
    join_one([], "place")


def test_more_values_than_one_statement_takes(county):
    many = [Place(level="hamlet", code=f"X{n}", name=f"屯{n}", path="") for n in range(1100)]
    Place.objects.bulk_create(many)
    codes = [f"X{n}" for n in range(1100)]

    assert {place.code for place in rows_by(Place, "code", codes)} == set(codes)
    assert rows_by(Place, "code", []) == []
    assert rows_by(Person, "household_id", [county.pk]) != []


def test_locked_rows_are_locked_in_the_order_of_their_ids(county):
    ids = [county.pk, makers.household().pk, makers.household().pk]
    locks = connection.features.has_select_for_update  # SQLite has one writer, and needs none
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        found = [book.pk for book in rows_by(Book, "id", sorted(ids, reverse=True), lock=True)]
    assert set(found) == set(ids)
    assert not locks or found == sorted(ids)
    assert ('ORDER BY "id" FOR UPDATE' in asked.captured_queries[-1]["sql"]) == locks


def test_what_was_refused_inside_takes_all_of_it_back_and_nothing_else():
    kept = makers.place("county")

    @all_or_nothing()
    def outside():
        Place.objects.filter(pk=kept.pk).update(name="外")
        inside()

    @all_or_nothing()
    def inside():
        Place.objects.filter(pk=kept.pk).update(name="里")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        outside()
    assert Place.objects.get(pk=kept.pk).name == kept.name
    with all_or_nothing():
        Place.objects.filter(pk=kept.pk).update(name="后")
    assert Place.objects.get(pk=kept.pk).name == "后"


def test_what_is_marked_inside_can_be_given_up_alone():
    kept = makers.place("county")
    with all_or_nothing():
        Place.objects.filter(pk=kept.pk).update(name="外")
        with suppress(ValueError), transaction.atomic(), all_or_nothing():
            Place.objects.filter(pk=kept.pk).update(name="里")
            raise ValueError("no")

    assert Place.objects.get(pk=kept.pk).name == "外"


def test_an_entry_is_written_with_one_mark_to_go_back_to(county):
    with CaptureQueriesContext(connection) as asked:
        makers.write(county.pk, says={"household": {"water_litres": 20}})
    assert sum(each["sql"].startswith("SAVEPOINT") for each in asked) == 1


def test_rows_since_a_value_are_those_a_query_gives(county):
    key, moments = county.pk, sorted(row.received_at for row in Entry.objects.all())
    for moment in (moments[0], moments[-1], moments[-1] + timedelta(days=1)):
        asked = Entry.objects.filter(book_id=key, received_at__gte=moment)
        read = rows_by(Entry, "book_id", [key], since=("received_at", moment))

        assert {row.pk for row in read} == set(asked.values_list("pk", flat=True))
    assert rows_by(Entry, "book_id", [key], since=("undoes", 1)) == []
