"""What a process remembers of books it has read is what it would read anew."""

from __future__ import annotations

import pytest

from tests import makers
from yihu.book import remembered
from yihu.book.models import Book, Entry
from yihu.book.reading import entries_of
from yihu.card import renewing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered():
    remembered._BOOKS.clear()


def read_anew(home):
    return next(of for _, of in entries_of([home.pk], but="gap"))


def without_gaps(home):
    return remembered.without_gaps([Book.objects.get(pk=home.pk)])[home.pk]


def test_a_book_just_written_is_read_once(django_assert_num_queries):
    home = makers.household()
    makers.write(home.pk, says={"household": {"water_litres": 40}})
    book = Book.objects.get(pk=home.pk)
    with django_assert_num_queries(0):
        found = remembered.without_gaps([book])[home.pk]
    assert found == read_anew(home)


def test_the_gaps_a_check_opens_after_an_entry_change_nothing_of_it(django_assert_num_queries):
    home = makers.household()
    last = Entry.objects.filter(book=home.pk).latest("number")
    assert last.kind == "gap", "this test needs an entry after which the check opens gaps"
    book = Book.objects.get(pk=home.pk)
    with django_assert_num_queries(0):
        found = remembered.without_gaps([book])[home.pk]
    assert found == read_anew(home)


def test_what_another_process_wrote_is_read():
    home = makers.household()
    before = without_gaps(home)
    kept = remembered._BOOKS._found.copy()
    makers.write(home.pk, says={"household": {"water_litres": 40}})
    remembered._BOOKS._found = kept
    after = without_gaps(home)
    assert after == read_anew(home) != before


def test_what_was_written_since_the_book_was_looked_at_lies_behind_its_end():
    home = makers.household()
    book, before = Book.objects.get(pk=home.pk), read_anew(home)
    makers.write(home.pk, says={"household": {"water_litres": 40}})
    remembered._BOOKS.clear()
    assert remembered.without_gaps([book])[home.pk] == before


def test_a_book_is_read_anew_once_another_key_seals():
    home = makers.household({"phone": "13800000000"})
    without_gaps(home)
    book = Book.objects.get(pk=home.pk)
    assert remembered.at_end(home.pk, bytes(book.last_hash)) is not None
    renewing.begin()
    renewing.seal_again()
    assert remembered.at_end(home.pk, bytes(book.last_hash)) is None
    assert remembered.without_gaps([book])[home.pk] == read_anew(home)
