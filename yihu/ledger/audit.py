"""Do books and ledger agree? Each gap laid beside what the entries of its book make of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from yihu.book.audit import Fault
from yihu.book.models import Book
from yihu.book.reading import entries_of
from yihu.ledger.models import Gap
from yihu.ledger.rows import standing_after

#: Books looked at together.
CHUNK = 400
#: Where a gap lies follows from its household's card.
_WHERE = ("household_id", "place_id", "place_path")
_COLUMNS = [f.attname for f in Gap._meta.concrete_fields if f.attname not in _WHERE]


def faults_of_gaps(books: Sequence[UUID] | None = None) -> Iterator[Fault]:
    """Gaps that are missing, too many, or not what their entries say; of these books, or of all."""
    ids = sorted(books) if books is not None else sorted(Book.objects.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        found = _faults_in(ids[start : start + CHUNK])
        # The desk goes on meanwhile: what was written between two questions differs only once.
        if doubtful := sorted({fault.book for fault in found if fault.book}):
            yield from _faults_in(doubtful)


def _faults_in(chunk: Sequence[UUID]) -> list[Fault]:
    rows = Gap.objects.filter(book_id__in=chunk).select_related("household")
    kept = {gap.pk: gap for gap in rows}
    made: dict[UUID, Gap] = {}
    found = []
    for _, entries in entries_of(chunk, kinds=("gap",)):
        made.update({gap.pk: gap for gap in standing_after(entries)})
    for id in sorted(made.keys() | kept.keys()):
        book = (made.get(id) or kept[id]).book_id
        if id not in kept or id not in made:
            found.append(Fault("gap.differs", book, None, str(id)))
        elif different := _different(made[id], kept[id]):
            found.append(Fault("gap.differs", book, made[id].last_number, different))
    return found


def _different(made: Gap, kept: Gap) -> str:
    names = [name for name in _COLUMNS if getattr(made, name) != getattr(kept, name)]
    home = kept.household
    if home is not None and (home.pk, home.place_path) != (kept.book_id, kept.place_path):
        names.append("place_path")
    return ", ".join(names)
