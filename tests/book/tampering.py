"""What somebody who has the database can do behind the back of the books, and do well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from tests import makers
from yihu.book.chain import link
from yihu.book.models import Book, Entry
from yihu.book.reading import entries_of
from yihu.card.actions import rebuild
from yihu.card.models import Household, Person, Sealed
from yihu.check.models import HouseholdFindings
from yihu.ledger.models import Gap


def delete_whole(home: Household) -> None:
    """A household's book with its card, people and all that hangs on them."""
    with connection.constraint_checks_disabled():
        Gap.objects.filter(book_id=home.pk).delete()
        HouseholdFindings.objects.filter(household_id=home.pk).delete()
        Sealed.objects.filter(household_id=home.pk).delete()
        Person.objects.filter(household_id=home.pk).delete()
        Household.objects.filter(pk=home.pk).delete()
        Entry.objects.filter(book_id=home.pk).delete()
        Book.objects.filter(pk=home.pk).delete()


def put_right(*homes: Household) -> None:
    """Ends and cards as the entries that are left make them."""
    for at, home in enumerate(homes):
        last = Entry.objects.filter(book_id=home.pk).order_by("-number")[0]
        Book.objects.filter(pk=home.pk).update(last_number=last.number, last_hash=last.hash)
        Household.objects.filter(pk=home.pk).update(code=f"X{at}")
    rebuild([home.pk for home in homes], now=makers.NOW)


def cut_off(home: Household) -> None:
    """The last entry of a book, and what shows that it was there."""
    Entry.objects.filter(book_id=home.pk).order_by("number").reverse()[0].delete()
    put_right(home)


def rewrite(
    home: Household, change: Callable[[dict[str, Any]], dict[str, Any]], since: int = 1
) -> None:
    """Every entry from one on with a right hash: nothing in the book betrays it."""
    ((_, entries),) = entries_of([home.pk])
    before = entries[since - 2].hash if since > 1 else b""
    for entry in entries[since - 1 :]:
        says = change(entry.says) if entry.number == since else entry.says
        before = link(
            before, id=entry.id, book=entry.book_id, number=entry.number, kind=entry.kind,
            seen_on=entry.seen_on, written_at=entry.written_at, received_at=entry.received_at,
            author=entry.author_id, source=entry.source, based_on=entry.based_on,
            undoes=entry.undoes, batch=entry.batch_id, says=says,
        )  # fmt: skip
        Entry.objects.filter(pk=entry.id).update(says=says, hash=before)
