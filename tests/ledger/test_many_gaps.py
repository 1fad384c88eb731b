"""Gaps of many households written at once leave what each written alone leaves."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction

from tests import makers
from tests.check.test_whole import random_county
from yihu import loop
from yihu.book.audit import faults_of
from yihu.book.models import Book, Entry
from yihu.book.reading import entries_of
from yihu.check.whole import Whole, run_of_whole
from yihu.ledger.actions import write_gaps
from yihu.ledger.models import Gap, GapFlow
from yihu.ledger.whole import entries_after_whole

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[Any]]:
    """All that writing gaps touches."""
    flows = GapFlow.objects.order_by("place", "on", "battle", "department")
    return {
        "books": list(Book.objects.order_by("pk").values()),
        "entries": list(Entry.objects.order_by("book", "number").values()),
        "gaps": list(Gap.objects.order_by("pk").values()),
        "flows": [{**flow, "id": None} for flow in flows.values()],
    }


def first_check(monkeypatch):
    """The entries a first check of a county would write, none of which is written."""
    monkeypatch.setattr(loop, "check", lambda *_, **__: [])
    random_county(random.Random(11), 6)
    assert not Gap.objects.exists()
    run = run_of_whole(makers.TODAY, makers.NOW)
    whole = Whole(makers.TODAY)
    found = [each for span in whole.spans() for each in whole.part(span)]
    return entries_after_whole(found, run.rules, on=makers.TODAY)


def test_many_at_once_are_written_as_one_by_one(monkeypatch):
    entries = first_check(monkeypatch)
    assert len({entry.book for entry in entries}) > 3

    alone = transaction.savepoint()
    for entry in entries:
        write_gaps([entry], by=None, now=makers.NOW, today=makers.TODAY)
    one_by_one = everything()
    transaction.savepoint_rollback(alone)
    write_gaps(entries, by=None, now=makers.NOW, today=makers.TODAY)

    assert everything() == one_by_one
    assert len(one_by_one["gaps"]) == len(entries)
    books = Book.objects.in_bulk({entry.book for entry in entries})
    for id, written in entries_of(list(books)):
        assert list(faults_of(written, books[id], None)) == []
