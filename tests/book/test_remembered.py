"""What a process remembers of books it has read is what it would read anew."""

from __future__ import annotations

import pytest

from tests import makers
from yihu.book import remembered
from yihu.book.models import Book, Entry
from yihu.book.reading import entries_of

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
    kept = dict(remembered._BOOKS)
    makers.write(home.pk, says={"household": {"water_litres": 40}})
    remembered._BOOKS.clear()
    remembered._BOOKS.update(kept)
    after = without_gaps(home)
    assert after == read_anew(home) != before


def test_a_book_is_read_anew_after_a_while_and_few_are_kept(monkeypatch, django_assert_num_queries):
    homes = [makers.household() for _ in range(3)]
    monkeypatch.setattr(remembered, "MOST", 2)
    for home in homes:
        remembered.remember(home.pk, read_anew(home))
    assert list(remembered._BOOKS) == [home.pk for home in homes[1:]]
    book = Book.objects.get(pk=homes[2].pk)
    later = remembered.monotonic() + remembered.SECONDS + 1
    monkeypatch.setattr(remembered, "monotonic", lambda: later)
    with django_assert_num_queries(1):
        assert remembered.without_gaps([book])
