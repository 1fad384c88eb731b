"""Renewing the key that seals: every token is sealed again, book by book, while the desk goes on.

Commitments and blind indexes stay, so no chain changes and nothing has to be found anew. Stopped
half-way, old and new tokens stand side by side and all of them open; started again, it goes on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction

from yihu.access.sealing import Keys, key_of
from yihu.book import dictionary, rows
from yihu.book.models import Book, Entry
from yihu.card.models import Household, Person

#: Books in one transaction: others write between two of them.
CHUNK = 100

Progress = Callable[[int, int], None]


def begin() -> Keys:
    """Make a new key that seals from now on; go on with the last one where that is not done yet."""
    keys = dictionary.keys()
    if set(keys_in_use()) - {keys.now}:
        return keys
    keys.renewed().save(settings.KEYS)
    return dictionary.keys()


def keys_in_use() -> Counter[int]:
    """Number of each key → how many tokens of entries it sealed."""
    found: Counter[int] = Counter()
    sealed = Entry.objects.filter(sealed__isnull=False).values_list("sealed", flat=True)
    for tokens in sealed.iterator(chunk_size=5000):
        found.update(key_of(token) for token in (tokens or {}).values())
    return found


def seal_again(*, progress: Progress | None = None) -> int:
    """Seal every token that an older key sealed with the one of now; returns how many."""
    ids = sorted(Book.objects.values_list("pk", flat=True))
    count = 0
    for start in range(0, len(ids), CHUNK):
        count += _seal_books_again(ids[start : start + CHUNK])
        if progress:
            progress(min(start + CHUNK, len(ids)), len(ids))
    return count


@transaction.atomic
def _seal_books_again(ids: list[UUID]) -> int:
    keys = dictionary.keys()
    locked = Book.objects.filter(pk__in=ids).order_by("pk")
    if connection.features.has_select_for_update:
        list(locked.select_for_update().values_list("pk"))
    renewed: dict[UUID, dict[str, str]] = {}
    entries: list[tuple[UUID, dict[str, str]]] = []
    sealed = Entry.objects.filter(book_id__in=ids, sealed__isnull=False)
    for id, book, tokens in sealed.values_list("pk", "book_id", "sealed"):
        new = {of: keys.again(of, token) for of, token in (tokens or {}).items()}
        if new != tokens:
            entries.append((id, new))
            renewed.setdefault(book, {}).update(new)
    if not entries:
        return 0
    _update(Entry, "id", entries)
    homes = Household.objects.filter(pk__in=renewed).values_list("pk", "pk", "sealed")
    people = Person.objects.filter(household_id__in=renewed)
    _update(Household, "book_id", _on_cards(homes, renewed))
    _update(Person, "id", _on_cards(people.values_list("pk", "household_id", "sealed"), renewed))
    return sum(len(new) for _, new in entries)


def _on_cards(
    found: Iterable[tuple[UUID, UUID, dict[str, list[str]]]],
    renewed: Mapping[UUID, Mapping[str, str]],
) -> list[tuple[UUID, dict[str, list[str]]]]:
    """The same tokens as in the entries, on the rows they stand on."""
    made = []
    for id, book, sealed in found:
        new = {
            fact: [commitment, renewed[book].get(commitment, token)]
            for fact, (commitment, token) in sealed.items()
        }
        if new != sealed:
            made.append((id, new))
    return made


def _update(model: type[models.Model], key: str, values: Iterable[tuple[UUID, Any]]) -> None:
    asked = f'UPDATE "{model._meta.db_table}" SET sealed = %s WHERE "{key}" = %s'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(asked, [(json.dumps(new), rows.key_of(id)) for id, new in values])


def drop_unused(also: Counter[int] | None = None) -> list[int]:
    """Drop old keys that seal nothing any more; returns their numbers.

    also  number of a key → values it sealed that stand in no book

    A backup made before the renewal opens with the keys of its own day only.
    """
    keys = dictionary.keys()
    used = keys_in_use() + (also or Counter())
    unused = sorted(number for number in keys.ciphers if number != keys.now and not used[number])
    for number in unused:
        keys = keys.without(number)
    if unused:
        keys.save(settings.KEYS)
    return unused
