"""The cards as the last check read them: typed columns on disk, sealed, brought up to date.

A county's cards are a gigabyte of JSON with half a million sealed values; from one night to the
next some hundred of them change. So what was read is kept beside the database, and only the cards
that moved on since are read again: those whose stamp – household, number of the last entry and the
moment that was received – is not the one kept. Nothing is flagged; a file that is lost, damaged, of
another rulebook or of a key that is gone is as none, and everything is read.

The file holds identity numbers, so all of it is sealed with the key that seals them in the books.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import connection

from yihu import __version__
from yihu.access.sealing import NONCE
from yihu.book import dictionary
from yihu.check.cards_read import (
    ROWS,
    STAMP,
    TEXT,
    Asked,
    Cards,
    Part,
    packed,
    read_cards,
    read_side_by_side,
)
from yihu.check.progress import Progress, quiet
from yihu.rulebook.facts import FactSpec

#: Changes with what is in the columns.
FORMAT = 1
#: Bytes sealed in one piece; a cipher takes 2 GB at once.
PIECE = 1 << 26
#: Where more than this share of the cards moved on, reading them all is quicker.
MOST_CHANGED = 0.25


def path() -> Path:
    """The file."""
    return Path(settings.HOME) / "cards.kept"


def forget() -> None:
    """Let the next check read every card: for cards made anew by another version."""
    path().unlink(missing_ok=True)


def cards_now(
    asked: Asked,
    *,
    progress: Progress = quiet,
    keep: bool = False,
    known: Cards | None = None,
    processes: int = 0,
) -> Cards:
    """The cards of all open households, read again where they moved on since they were kept.

    keep       write what was read for the next time, unless `known` was given
    known      cards of the same question that are still in memory; else those on disk
    processes  how many read side by side where all must be read
    """
    keep = keep and known is None
    known = known or _load(asked)
    cards = _up_to_date(known, asked, progress) if known else None
    if cards is None:
        cards = read_side_by_side(asked, progress, _ids() if processes else (), processes)
    if keep and (known is None or cards.people is not known.people):
        _save(asked, cards)
    return cards


# --- up to date -----------------------------------------------------------------------------------


def _up_to_date(known: Cards, asked: Asked, progress: Progress) -> Cards | None:
    """The cards now; None where too much changed. The same people where nothing did."""
    ids, stamps, places = _heads()
    progress("households", len(ids), len(ids))
    at = pc.index_in(stamps, value_set=known.homes.column(".stamp").combine_chunks())
    at = at.fill_null(-1).to_numpy().copy()
    changed = np.flatnonzero(at < 0)
    if len(changed) > MOST_CHANGED * len(ids):
        return None
    if not len(changed) and len(ids) == len(known.homes):
        return replace(known, homes=_placed(known.homes, places))
    fresh = read_cards(asked, progress, Part([ids[row] for row in changed.tolist()]))
    # A card that moved on or was closed between the two readings has the row of the second.
    found = {
        id: row for row, id in enumerate(fresh.homes.column("id").to_pylist(), len(known.homes))
    }
    at[changed] = [found.get(ids[row], -1) for row in changed.tolist()]
    there = np.flatnonzero(at >= 0)
    cards = _picked(known, fresh, at[there])
    places[changed] = 0
    kept_place = cards.homes.column(".place").to_numpy()
    now = np.where(places[there] > 0, places[there], kept_place)
    return replace(cards, homes=_placed(cards.homes, now))


def _ids() -> list[str]:
    """Of each open household its id, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(book_id AS text) FROM yihu_household WHERE closed_on IS NULL")
        return sorted(id.replace("-", "") for (id,) in cursor.fetchall())


def _heads() -> tuple[list[str], Any, Any]:
    """Of each open household id, stamp and place, by id; answered from an index."""
    found: list[tuple[str, str, int]] = []
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT CAST(book_id AS text), {STAMP}, place_id FROM yihu_household "  # noqa: S608
            "WHERE closed_on IS NULL"
        )
        while rows := cursor.fetchmany(ROWS):
            found += rows
    found.sort()
    ids = [id.replace("-", "") for id, *_ in found]
    stamps = pa.array([stamp for _, stamp, _ in found], TEXT)
    return ids, stamps, np.array([place for *_, place in found], np.int64)


def _placed(homes: pa.Table, places: Any) -> pa.Table:
    """Where a household lies may change without an entry of its own: villages are merged."""
    at = homes.column_names.index(".place")
    return homes.set_column(at, ".place", pa.array(places, pa.int64()))


def _picked(known: Cards, fresh: Cards, at: Any) -> Cards:
    """Households by their row in both together, with their people."""
    homes = pa.concat_tables([known.homes, fresh.homes], promote_options="default")
    people = pa.concat_tables([known.people, fresh.people], promote_options="default")
    count = homes.column(".people").to_numpy()
    starts = np.cumsum(count) - count
    mine = count[at]
    ends = np.cumsum(mine)
    rows = np.repeat(starts[at] - (ends - mine), mine) + np.arange(ends[-1] if len(ends) else 0)
    return Cards(
        homes.take(pa.array(at)).combine_chunks(), people.take(pa.array(rows)).combine_chunks()
    )


# --- on disk --------------------------------------------------------------------------------------


def _head(asked: Asked) -> dict[str, Any]:
    """What the columns depend on beside the cards."""
    return {
        "format": FORMAT,
        "yihu": __version__,
        "until": asked.until.isoformat(),
        "facts": {level: _forms(specs) for level, specs in asked.facts.items()},
        "last": {level: _forms(specs) for level, specs in asked.last.items()},
    }


def _forms(specs: Mapping[str, FactSpec]) -> dict[str, str]:
    """Fact → what its values in a column depend on."""
    return {name: _form(spec) for name, spec in specs.items()}


def _form(spec: FactSpec) -> str:
    codes = [code.key for code in spec.codes.codes] if spec.codes else None
    of = json.dumps([spec.kind, spec.bounds, spec.privacy, codes])
    return hashlib.sha256(of.encode()).hexdigest()[:16]


def _save(asked: Asked, cards: Cards) -> None:
    """Write the file whole, in place of the one before."""
    keys = dictionary.keys()
    body = [packed(cards.homes), packed(cards.people)]
    head = json.dumps({**_head(asked), "key": keys.now, "sizes": [b.size for b in body]}).encode()
    rough = path().with_name(f".{path().name}.{os.getpid()}")
    handle = os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(head + b"\n")
        for place, piece in enumerate(_pieces(body)):
            nonce = os.urandom(NONCE)
            sealed = keys.engine(keys.now).encrypt(nonce, piece, _bound(head, place))
            file.write(len(sealed).to_bytes(8, "big") + nonce + sealed)
    # Not forced to the disk: what a power cut leaves of it does not open, and is as none.
    rough.rename(path())


def _pieces(body: list[pa.Buffer]) -> Iterator[memoryview]:
    for buffer in body:
        for start in range(0, buffer.size, PIECE):
            yield memoryview(buffer).cast("B")[start : start + PIECE]


def _bound(head: bytes, place: int) -> bytes:
    """A piece opens under its head and in its place only."""
    return head + b" %d" % place


def _load(asked: Asked) -> Cards | None:
    """What was kept, as far as it is asked for; None where it does not answer all of it."""
    with suppress(OSError, ValueError, LookupError, InvalidTag):
        with path().open("rb") as file:
            head = file.readline().rstrip(b"\n")
            if not _answers(json.loads(head), _head(asked)):
                return None
            homes, people = _tables(file, head)
        return Cards(_only(homes, asked, "household"), _only(people, asked, "person"))
    return None


def _answers(kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if any(kept[name] != wanted[name] for name in ("format", "yihu", "until")):
        return False
    return all(
        kept[when][level].get(name) == form
        for when in ("facts", "last")
        for level, forms in wanted[when].items()
        for name, form in forms.items()
    )


def _tables(file: Any, head: bytes) -> list[pa.Table]:
    said = json.loads(head)
    engine = dictionary.keys().engine(said["key"])
    whole, place = bytearray(), 0
    while size := int.from_bytes(file.read(8), "big"):
        nonce = file.read(NONCE)
        whole += engine.decrypt(nonce, file.read(size), _bound(head, place))
        place += 1
    body, start, tables = pa.py_buffer(bytes(whole)), 0, []
    for size in said["sizes"]:
        with pa.ipc.open_stream(body.slice(start, size)) as stream:
            tables.append(stream.read_all())
        start += size
    return tables


def _only(table: pa.Table, asked: Asked, level: str) -> pa.Table:
    wanted = {*asked.facts[level], *(f"last.{name}" for name in asked.last[level])}
    own = [n for n in table.column_names if n == "id" or n.startswith(".") or n in wanted]
    return table.select(own)
