"""Cards this process has just made: what follows an entry folds the same book several times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from yihu.book.reading import Read
from yihu.card.fold import Card, fold
from yihu.recent import Recent

#: (hash of a book's last entry without gaps, as of) → those entries and the card they make.
_CARDS: Recent[tuple[bytes, date | None], tuple[Sequence[Read], Card]] = Recent(200, 60.0)


def folded(entries: Sequence[Read], *, as_of: date | None = None) -> Card:
    """`fold` of all entries of a book but those of gaps; nobody changes the card he is given."""
    if not entries:
        return Card()
    key = entries[-1].hash, as_of
    found = _CARDS.get(key)
    # Tokens of sealed values are renewed without a new hash: then the entries were read anew.
    if found is not None and found[0] is entries:
        return found[1]
    return _CARDS.keep(key, (entries, fold(entries, as_of=as_of)))[1]
