"""A county of a synthetic register put straight into the store, for measuring.

No chains, and no seals but those the rules read.

python -m tests.bench.county_store FOLDER   with the files of `yihu county` in it
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast
from uuid import UUID, uuid5

import django
import pyarrow.parquet as pq

NAMES = UUID("7e8d9f5c-0000-4000-8000-000000000001")
NOW = datetime(2020, 10, 17, 4, tzinfo=UTC)
ROWS = 5_000


def put_in(folder: Path, *, copies: int = 1) -> None:
    """All registers of a folder; copies: entries like the last one in each book."""
    from yihu.places.models import Place  # noqa: PLC0415  Django must be set up first

    for level, file in (("county", "counties"), ("township", "townships"), ("village", "villages")):
        put_places(level, folder / f"{file}.parquet")
    places = {place.code: place for place in Place.objects.filter(level="village")}
    put_homes(folder / "households.parquet", places, copies)
    put_people(folder / "persons.parquet")


def rows_of(path: Path) -> Iterator[list[dict[str, object]]]:
    for batch in pq.ParquetFile(path).iter_batches(batch_size=ROWS):
        rows = batch.to_pylist()
        yield [{k: kept(k, v) for k, v in row.items() if v is not None} for row in rows]


def kept(_name: str, value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def put_places(level: str, path: Path) -> None:
    from yihu.book.models import Book, Entry  # noqa: PLC0415
    from yihu.places.models import Place  # noqa: PLC0415

    length = {"county": 0, "township": 6, "village": 9}[level]
    for row in (row for rows in rows_of(path) for row in rows):
        code = str(row.pop(f"{level}_code"))
        above = Place.objects.filter(code=code[:length]).first() if length else None
        place = Place.objects.create(
            level=level, code=code, name=str(row.pop("name")), parent=above, path=""
        )
        place.path = f"{above.path if above else ''}{place.pk:06d}/"
        place.save()
        book = Book.objects.create(place=place, last_number=1)
        facts = known_facts(level, row)
        Entry.objects.create(**entry_of(book.pk, 1, {"place": facts}))


def known_facts(level: str, row: dict[str, object]) -> dict[str, object]:
    from yihu.book import dictionary  # noqa: PLC0415

    known = dictionary.active().facts
    return {name: value for name, value in row.items() if (level, name) in known}


def entry_of(book: UUID, number: int, says: object, seen_on: date = date(2019, 6, 30)):
    return {
        "id": uuid5(NAMES, f"{book}/{number}"), "book_id": book, "number": number,
        "kind": "facts", "seen_on": seen_on, "written_at": NOW, "received_at": NOW,
        "source": "bench", "based_on": number - 1, "says": says, "hash": b"",
    }  # fmt: skip


def put_homes(path: Path, places, copies: int) -> None:
    from yihu.book.models import Book, Entry  # noqa: PLC0415
    from yihu.card.models import Household  # noqa: PLC0415

    for rows in rows_of(path):
        books, homes, entries = [], [], []
        for row in rows:
            code, village = str(row.pop("household_id")), places[str(row.pop("village_code"))]
            book = uuid5(NAMES, code)
            head = str(row.get("head_name", ""))
            facts = known_facts("household", row)
            books.append(Book(id=book, last_number=copies))
            homes.append(
                Household(
                    book_id=book, code=code, place=village, place_path=village.path,
                    head_name=head, size=1, status="general",
                    facts=public(facts, "household"), number=copies, changed_at=NOW,
                )
            )  # fmt: skip
            says = {"household": facts}
            days = (date(2015 + n % 5, 6, 30) for n in range(copies))
            entries += [
                Entry(**entry_of(book, n, says, day)) for n, day in enumerate(days, 1)
            ]  # fmt: skip
        Book.objects.bulk_create(books)
        Household.objects.bulk_create(homes)
        Entry.objects.bulk_create(entries, batch_size=2000)


def public(facts: dict[str, object], level: str) -> dict[str, object]:
    from yihu.book import dictionary  # noqa: PLC0415

    return {name: v for name, v in facts.items() if not dictionary.is_secret(level, name)}


def put_people(path: Path) -> None:
    from yihu.book import dictionary  # noqa: PLC0415
    from yihu.card.models import Household, Person  # noqa: PLC0415

    paths = dict(Household.objects.values_list("pk", "place_path"))
    for rows in rows_of(path):
        people = []
        for order, row in enumerate(rows):
            id, home = str(row.pop("person_id")), uuid5(NAMES, str(row.pop("household_id")))
            tokens: dict[str, str] = {}
            facts = dictionary.sealed("person", known_facts("person", row), tokens)
            sealed = {
                fact: [v["sealed"], tokens[v["sealed"]]]
                for fact, v in facts.items()
                if isinstance(v, dict)
            }
            people.append(
                Person(
                    id=uuid5(NAMES, id), household_id=home, place_path=paths[home],
                    place_in_household=order,
                    is_head=row.get("relation") == "head", name=str(row.get("name", "")),
                    birth=cast("date | None", row.get("birth")), sealed=sealed,
                    facts={name: v for name, v in facts.items() if name not in sealed},
                )
            )  # fmt: skip
        Person.objects.bulk_create(people)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yihu.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        put_in(Path(sys.argv[1]), copies=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    sys.stdout.write(json.dumps({"done": True}) + "\n")


if __name__ == "__main__":
    main()
