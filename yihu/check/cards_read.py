"""Cards of many households read from their tables as typed columns: all of them, or some."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection

from yihu.access.sealing import Keys
from yihu.book import dictionary, rows
from yihu.check.cards import end_of_period_before
from yihu.check.kept import columns_of, pairs_of
from yihu.check.last_period import LastPeriod
from yihu.check.progress import Progress, quiet
from yihu.children import children
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.program import Program

#: Cards read at a time.
ROWS = 20_000
#: Households asked for by their ids in one query.
IDS = 900
#: Fewer households than this are read before a second process has begun.
LEAST_OF_MANY = 4_000
Specs = Mapping[str, FactSpec]
TEXT = pa.large_string()


@dataclass(frozen=True, slots=True)
class Asked:
    """The facts of households and people a program looks at, and the day `last.` speaks of."""

    facts: Mapping[str, Specs]
    last: Mapping[str, Specs]
    until: date

    @classmethod
    def by(cls, program: Program) -> Asked:
        """What a program asks."""
        both = (program.facts, program.last_facts)
        now, last = (
            {
                level: {name: spec for (at, name), spec in known.items() if at == level}
                for level in ("household", "person")
            }
            for known in both
        )
        return cls(now, last, end_of_period_before(program.on))


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards as typed columns. Names of columns that are no facts begin with a point.

    homes   id and .stamp (see `store.heads`), .number, .place (its key), .people (how many), and
            the facts, by id
    people  id and the facts, by household, then in the order of the household
    """

    homes: pa.Table
    people: pa.Table


@dataclass(frozen=True, slots=True)
class Part:
    """Which households are read: those of these ids, as hex, or all between two of them."""

    ids: Sequence[str] | None = None
    ends: tuple[str, str] | None = None

    def conditions(self, key: str) -> Iterator[tuple[str, list[Any]]]:
        """What a query asks in addition, and with which values; some ids at a time."""
        if self.ends is not None:
            yield f" AND {key} BETWEEN %s AND %s", [rows.key_of(UUID(id)) for id in self.ends]
        elif self.ids is None:
            yield "", []
        else:
            for start in range(0, len(self.ids), IDS):
                some = [rows.key_of(UUID(id)) for id in self.ids[start : start + IDS]]
                yield f" AND {key} IN ({', '.join(['%s'] * len(some))})", some


def read_cards(asked: Asked, progress: Progress, part: Part | None = None) -> Cards:
    """Everybody who belongs to an open household, or those of a part."""
    part = part or Part()
    with ThreadPoolExecutor(2) as pool:
        homes = _homes(asked, part, pool, progress)
        return _with_people(homes, asked, part, pool, progress)


def read_side_by_side(
    asked: Asked, progress: Progress, ids: Sequence[str], processes: int
) -> Cards:
    """The same, read by several processes; a caller needs 0 whose entries are not yet committed.

    ids  of all open households, in order
    """
    if processes < 2 or len(ids) < LEAST_OF_MANY:
        return read_cards(asked, progress)
    size = -(-len(ids) // (processes * 4))
    parts = [Part(ends=(some[0], some[-1])) for some in _chunks(ids, size)]
    read: list[Cards] = []
    with children(processes) as pool:
        for done in pool.map(_in_child, repeat(asked), parts):
            read.append(Cards(*(pa.ipc.open_stream(table).read_all() for table in done)))
            progress("households", sum(len(each.homes) for each in read), len(ids))
    return Cards(_joined([each.homes for each in read]), _joined([each.people for each in read]))


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _in_child(asked: Asked, part: Part) -> tuple[pa.Buffer, pa.Buffer]:
    cards = read_cards(asked, quiet, part)
    return packed(cards.homes), packed(cards.people)


def packed(table: pa.Table) -> pa.Buffer:
    """A table as it goes to another process or to the disk."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, table.schema, options=options) as to:
        to.write_table(table)
    return sink.getvalue()


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    """In the order given; a column only some have is empty in the others."""
    return pa.concat_tables(tables, promote_options="default").combine_chunks()


STAMP = "CAST(book_id AS text) || ' ' || CAST(number AS text) || ' ' || CAST(changed_at AS text)"
_HOMES = (
    f"SELECT CAST(book_id AS text), {STAMP}, number, place_id, "  # noqa: S608
    "CAST(facts AS {raw}), CAST(sealed AS {raw}) FROM yihu_household WHERE closed_on IS NULL"
)
_PEOPLE = (
    "SELECT CAST(id AS text), CAST(household_id AS text), place_in_household, "
    "CAST(facts AS {raw}), CAST(sealed AS {raw}) FROM yihu_person WHERE left_on IS NULL"
)


def _homes(asked: Asked, part: Part, pool: ThreadPoolExecutor, progress: Progress) -> pa.Table:
    parts = _Parts(asked.facts["household"], pool)
    keys: list[tuple[str, str, int, int]] = []
    for some in _rows(_HOMES, "book_id", part):
        keys += [(row[0].replace("-", ""), *row[1:4]) for row in some]
        parts.add([row[4] for row in some], [row[5] for row in some])
        progress("households", len(keys), 0)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    keys = [keys[at] for at in order]
    own = {
        "id": pa.array([key[0] for key in keys], TEXT),
        ".stamp": pa.array([key[1] for key in keys], TEXT),
        ".number": pa.array([key[2] for key in keys], pa.int64()),
        ".place": pa.array([key[3] for key in keys], pa.int64()),
    }
    return parts.table(order, own)


def _with_people(
    homes: pa.Table, asked: Asked, part: Part, pool: ThreadPoolExecutor, progress: Progress
) -> Cards:
    parts = _Parts(asked.facts["person"], pool)
    names = homes.column("id").to_pylist()
    where = {id: at for at, id in enumerate(names)}
    keys: list[tuple[int, int, str]] = []
    for some in _rows(_PEOPLE, "household_id", part):
        # Of a household that was closed or came since: left out.
        at = [where.get(row[1].replace("-", ""), -1) for row in some]
        here = [(n, row) for n, row in zip(at, some, strict=True) if n >= 0]
        keys += [(n, row[2], row[0].replace("-", "")) for n, row in here]
        parts.add([row[3] for _, row in here], [row[4] for _, row in here])
        progress("people", len(keys), 0)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    people = parts.table(order, {"id": pa.array([keys[at][2] for at in order], TEXT)})
    whose = np.array([keys[at][0] for at in order], np.int64)
    count = np.bincount(whose, minlength=len(names))
    last = _last(asked, part, names)
    at_home = [names[at] for at in whose.tolist()]
    pairs = zip(at_home, people.column("id").to_pylist(), strict=True)
    return Cards(
        _with_last(
            homes.append_column(".people", pa.array(count, pa.int64())),
            [last.of_household.get(id) for id in names], asked.last["household"],
        ),
        _with_last(people, [last.of_person.get(pair) for pair in pairs], asked.last["person"]),
    )  # fmt: skip


def _last(asked: Asked, part: Part, homes: Sequence[str]) -> LastPeriod:
    books = part.ids if part.ends is None else homes
    household, person = asked.last["household"], asked.last["person"]
    return LastPeriod(asked.until, household, person, books=books, ends=part.ends)


def _with_last(table: pa.Table, then: Sequence[Mapping[str, Any] | None], specs: Specs) -> pa.Table:
    if not specs or not any(then):
        return table
    texts = [json.dumps(values) if values else "{}" for values in then]
    for name, column in columns_of(texts, specs).items():
        table = table.append_column(f"last.{name}", column)
    return table


def _rows(query: str, key: str, part: Part) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query, some thousand at a time; JSON as bytes where that spares decoding."""
    asked = query.format(raw="text" if connection.vendor == "postgresql" else "blob")
    for condition, values in part.conditions(key):
        with connection.chunked_cursor() as cursor:
            cursor.execute(asked + condition, values)
            while found := cursor.fetchmany(ROWS):
                yield found


class _Parts:
    """Typed columns in the making; Arrow reads one part while the next comes from the store."""

    def __init__(self, specs: Specs, pool: ThreadPoolExecutor) -> None:
        self.open = {name: spec for name, spec in specs.items() if spec.privacy != "secret"}
        self.secret = [name for name, spec in specs.items() if spec.privacy == "secret"]
        self.pool = pool
        self.keys: Keys = dictionary.keys()
        self.reading: list[tuple[int, Future[dict[str, Any]], dict[str, Any]]] = []

    def add(self, facts: list[Any], sealed: list[Any]) -> None:
        """Some cards."""
        future = self.pool.submit(columns_of, facts, self.open)
        self.reading.append((len(facts), future, self._opened(sealed)))

    def _opened(self, sealed: list[Any]) -> dict[str, Any]:
        found = {}
        for name, pairs in pairs_of(sealed, self.secret).items():
            clear = [self.keys.read(*pair) if pair else None for pair in pairs]
            found[name] = pa.array(clear, pa.string())
        return found

    def table(self, order: Sequence[int], own: Mapping[str, Any]) -> pa.Table:
        """All of it, in another order, with its own columns before the facts."""
        parts = [_table(rows, future.result() | own) for rows, future, own in self.reading]
        self.reading.clear()
        whole = pa.concat_tables(parts, promote_options="default") if parts else pa.table({})
        taken = pa.array(order, pa.int64())
        columns = {n: whole.column(n).take(taken) for n in whole.column_names if n}
        return pa.table({**own, **columns}).combine_chunks()


def _table(rows: int, columns: Mapping[str, Any]) -> pa.Table:
    # A column of nothing keeps the number of rows where nobody has any fact.
    return pa.table({"": pa.nulls(rows), **columns})
