"""The whole county read from the store, as typed columns: what the batch reader runs on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection

from yihu.access.sealing import Keys
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.fold import fold
from yihu.check.cards import end_of_period_before, values_of
from yihu.check.kept import columns_of, pairs_of
from yihu.check.last_period import LastPeriod
from yihu.places.models import Place
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.program import Program
from yihu.rulebook.snapshot import Snapshot, in_memory, specs_of

#: Cards read at a time.
ROWS = 20_000
Specs = Mapping[str, FactSpec]
Progress = Callable[[str, int, int], None]


def quiet(_stage: str, _done: int, _of: int) -> None:
    """Nobody looks."""


@dataclass(slots=True)
class County:
    """All open households of the store with their people and places, on one day.

    homes    (id as hex, number of the card), in the order of the snapshot
    people   for each person, in that order: id as hex; starts[i] is the first of household i
    tables   level → Arrow table with id, parent and the facts in the form of the tree
    """

    homes: list[tuple[str, int]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    starts: Any = None
    places: list[Place] = field(default_factory=list)
    tables: dict[str, pa.Table] = field(default_factory=dict)

    def snapshot(self, program: Program) -> Snapshot:
        """The batch reader's form of it."""
        levels = [level for level in program.levels if level.name != "population"]
        batches = {name: table.to_batches() for name, table in self.tables.items()}
        return in_memory(levels, batches, specs=specs_of(program), keep_strays=True)


def read_county(program: Program, *, progress: Progress = quiet) -> County:
    """Everything a program asks about, of everybody who belongs to an open household."""
    county = County()
    _read_places(county, program)
    last = _last(program)
    codes = _codes_of_places(county.places)
    with ThreadPoolExecutor(2) as pool:
        _read_homes(county, program, last, codes, pool, progress)
        _read_people(county, program, last, pool, progress)
    return county


def _last(program: Program) -> LastPeriod:
    asked: dict[str, list[str]] = {"household": [], "person": []}
    for level, fact in program.last_facts:
        if level in asked:
            asked[level].append(fact)
    return LastPeriod(end_of_period_before(program.on), asked["household"], asked["person"])


def _specs(program: Program, level: str) -> dict[str, FactSpec]:
    return {name: spec for (at, name), spec in program.facts.items() if at == level}


def _last_specs(program: Program, level: str) -> dict[str, FactSpec]:
    return {name: spec for (at, name), spec in program.last_facts.items() if at == level}


# --- households and people ------------------------------------------------------------------------

_HOMES = (
    "SELECT CAST(book_id AS text), number, place_id, CAST(facts AS {raw}), CAST(sealed AS {raw}) "
    "FROM yihu_household WHERE closed_on IS NULL"
)
_PEOPLE = (
    "SELECT CAST(id AS text), CAST(household_id AS text), place_in_household, "
    "CAST(facts AS {raw}), CAST(sealed AS {raw}) FROM yihu_person WHERE left_on IS NULL"
)


def _read_homes(
    county: County, program: Program, last: LastPeriod, codes: Mapping[int, str],
    pool: ThreadPoolExecutor, progress: Progress,
) -> None:  # fmt: skip
    parts = _Parts(_specs(program, "household"), pool)
    keys: list[tuple[str, int, int]] = []
    for rows in _rows(_HOMES):
        keys += [(row[0].replace("-", ""), row[1], row[2]) for row in rows]
        parts.add([row[3] for row in rows], [row[4] for row in rows])
        progress("households", len(keys), 0)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    keys = [keys[at] for at in order]
    county.homes = [(id, number) for id, number, _ in keys]
    villages = [codes.get(place) for *_, place in keys]
    table = parts.table(order, {"id": [id for id, *_ in keys], "parent": villages})
    then = [last.of_household.get(id) for id, *_ in keys]
    county.tables["household"] = _with_last(table, then, _last_specs(program, "household"))


def _read_people(
    county: County, program: Program, last: LastPeriod, pool: ThreadPoolExecutor,
    progress: Progress,
) -> None:  # fmt: skip
    parts = _Parts(_specs(program, "person"), pool)
    where = {id: at for at, (id, _) in enumerate(county.homes)}
    keys: list[tuple[int, int, str]] = []
    for rows in _rows(_PEOPLE):
        # Of a household that was closed or came since: left out.
        at = [where.get(row[1].replace("-", ""), -1) for row in rows]
        here = [(n, row) for n, row in zip(at, rows, strict=True) if n >= 0]
        keys += [(n, row[2], row[0].replace("-", "")) for n, row in here]
        parts.add([row[3] for _, row in here], [row[4] for _, row in here])
        progress("people", len(keys), 0)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    keys = [keys[at] for at in order]
    county.people = [id for *_, id in keys]
    at_home = np.array([home for home, *_ in keys], np.int64)
    county.starts = np.searchsorted(at_home, np.arange(len(county.homes) + 1))
    homes = [county.homes[home][0] for home, *_ in keys]
    table = parts.table(order, {"id": county.people, "parent": homes})
    then = [last.of_person.get(pair) for pair in zip(homes, county.people, strict=True)]
    county.tables["person"] = _with_last(table, then, _last_specs(program, "person"))


def _rows(query: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query, some thousand at a time; JSON as bytes where that spares decoding."""
    raw = "text" if connection.vendor == "postgresql" else "blob"
    with connection.chunked_cursor() as cursor:
        cursor.execute(query.format(raw=raw))
        while rows := cursor.fetchmany(ROWS):
            yield rows


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

    def table(self, order: Sequence[int], keys: Mapping[str, Sequence[Any]]) -> pa.Table:
        """All of it, in another order, with its keys."""
        parts = [_table(rows, future.result() | own) for rows, future, own in self.reading]
        self.reading.clear()
        whole = pa.concat_tables(parts, promote_options="default") if parts else pa.table({})
        made = {name: pa.array(values, pa.large_string()) for name, values in keys.items()}
        taken = pa.array(order, pa.int64())
        columns = {n: whole.column(n).take(taken) for n in whole.column_names if n}
        return pa.table({**made, **columns}).combine_chunks()


def _table(rows: int, columns: Mapping[str, Any]) -> pa.Table:
    # A column of nothing keeps the number of rows where nobody has any fact.
    return pa.table({"": pa.nulls(rows), **columns})


def _with_last(table: pa.Table, then: Sequence[Mapping[str, Any] | None], specs: Specs) -> pa.Table:
    if not specs or not any(then):
        return table
    texts = [json.dumps(values) if values else "{}" for values in then]
    for name, column in columns_of(texts, specs).items():
        table = table.append_column(f"last.{name}", column)
    return table


# --- places ---------------------------------------------------------------------------------------


def _read_places(county: County, program: Program) -> None:
    county.places = list(Place.objects.filter(until=None))
    by_id = {place.pk: place for place in county.places}
    known = facts_of_places(place.pk for place in county.places)
    for level in program.levels[2:]:
        here = [place for place in county.places if place.level == level.name]
        if not here:
            continue
        specs = _specs(program, level.name)
        texts = [json.dumps(known.get(place.pk, {})) for place in here]
        above = [by_id.get(place.parent_id or 0) for place in here]
        columns = {
            "id": pa.array([place.code for place in here], pa.large_string()),
            "parent": pa.array([p.code if p else None for p in above], pa.large_string()),
            **columns_of(texts, specs),
        }
        county.tables[level.name] = pa.table(columns)


def facts_of_places(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Facts by place, from the places' books."""
    entries = Entry.objects.filter(book__place_id__in=list(ids)).exclude(kind="gap")
    rows = entries.select_related("book").order_by("book_id", "number")
    return {
        place: values_of(fold(list(of)).facts)
        for place, of in groupby(rows, key=lambda entry: int(entry.book.place_id or 0))
    }


def _codes_of_places(places: Sequence[Place]) -> dict[int, str]:
    """Place → code of the village it is or lies in: hamlets have no facts of their own."""
    by_id = {place.pk: place for place in places}
    found: dict[int, str] = {}
    for place in places:
        above: Place | None = place
        while above is not None and above.level != "village":
            above = by_id.get(above.parent_id or 0)
        if above is not None:
            found[place.pk] = above.code
    return found
