"""Many new books at once: byte for byte what `add_entries` writes."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from tests import makers, people
from yihu.book import bulk, dictionary
from yihu.book.actions import NewEntry, add_entries, open_book
from yihu.book.models import Book, Entry
from yihu.problems import Problem

pytestmark = pytest.mark.django_db

BOOK, PERSON = UUID(int=11), UUID(int=12)
FIRST = datetime(2016, 1, 4, 9, 30, tzinfo=UTC)


def entries(book=BOOK):
    """Entries of several kinds: secret, spelled otherwise, taken back, countered."""
    acts = [
        {"did": "opened", "code": "H1", "place": makers.CODES["village"]},
        {"did": "joined", "person": str(PERSON), "why": "registered", "head": True},
    ]
    facts = {"name": "农一", "birth": "1980-01-01", "identity": " 99000019800101001x"}
    said: list[tuple[str, dict[str, Any], int | None]] = [
        ("people", {"acts": acts, "members": {str(PERSON): facts}}, None),
        ("facts", {"household": {"wage_income": 1200.5, "account": "6217 0001"}}, None),
        ("facts", {"household": {"wage_income": 1200.0, "fuel": ["firewood"]}}, None),
        ("facts", {"household": {"wage_income": None}}, None),
        ("correction", {"why": "写错"}, 4),
        ("visit", {"words": "看望", "household": {"power": True}}, None),
    ]
    return [
        NewEntry(
            book=book, kind=kind, says=says, seen_on=date(2016, 1, 1) + timedelta(days=n),
            source="test", undoes=undoes, id=UUID(int=book.int * 100 + n),
        )
        for n, (kind, says, undoes) in enumerate(said)
    ]  # fmt: skip


def received(of, by=None):
    return [
        bulk.Received(new=new, by=by and by.pk, at=FIRST + timedelta(days=n))
        for n, new in enumerate(of)
    ]


def raw(model):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY 1')
        return [
            tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
            for row in cursor.fetchall()
        ]


def test_books_in_bulk_are_byte_for_byte_those_written_one_by_one(monkeypatch):
    mei = people.mei()
    Entry.objects.all().delete()
    Book.objects.all().delete()
    dictionary.keys()  # made now, not with the counted chance below
    salts = itertools.count()
    monkeypatch.setattr(os, "urandom", lambda size: next(salts).to_bytes(size, "big"))
    open_book(id=BOOK)
    for n, new in enumerate(entries()):
        add_entries([new], by=mei, now=FIRST + timedelta(days=n), today=makers.TODAY)
    one_by_one = raw(Book), raw(Entry)
    Entry.objects.all().delete()
    Book.objects.all().delete()
    salts = itertools.count()

    bulk.store(bulk.pack([received(entries(), mei)], today=makers.TODAY))

    assert (raw(Book), raw(Entry)) == one_by_one


def test_what_add_entries_refuses_is_refused_and_nothing_is_written():
    bad = NewEntry(
        book=BOOK, kind="facts", says={"household": {"power": "maybe"}},
        seen_on=date(2016, 1, 1), source="test",
    )  # fmt: skip

    with pytest.raises(Problem) as refused:
        bulk.store(bulk.pack([received([bad])], today=makers.TODAY))

    assert refused.value.code == "book.bad_value"
    assert not Entry.objects.exists()


def test_a_chunk_is_written_whole_or_not_at_all():
    makers.place()
    other = UUID(int=21)
    bulk.store(bulk.pack([received(entries())], today=makers.TODAY))
    again = [received(entries(other)), received(entries())]

    with pytest.raises(IntegrityError):
        bulk.store(bulk.pack(again, today=makers.TODAY))

    assert not Book.objects.filter(pk=other).exists()
    assert Entry.objects.count() == len(entries())
