"""The tables a query reads: one for each level, from lists in memory or from a snapshot.

Columns: `row` (place from 0), `id`, `parent` (id of the thing above, NULL if there is none) and
one for each fact: BOOLEAN, whole numbers for codes, money (fen), days and months (see tree.py),
DOUBLE, VARCHAR; unknown is NULL. The value of the period before is the column `last.<fact>`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.tree import Type

if TYPE_CHECKING:
    from yihu.rulebook.snapshot import Column, Snapshot, Texts

#: Values of one level: id, parent, facts in the form of the tree; None is unknown.
Table = Mapping[str, Sequence[Any]]

_ARROW = {Type.TRUTH: pa.bool_(), Type.REAL: pa.float64(), Type.TEXT: pa.string()}


@dataclass(frozen=True, slots=True)
class Tables:
    """Level → Arrow table, and the level its `parent` column names."""

    arrow: Mapping[str, Any]
    parents: Mapping[str, str]


def tables_of(program: Program, data: Snapshot | Mapping[str, Table]) -> Tables:
    """The tables a query of the program reads, with the facts it uses.

    A level without a table is made from the parents of the level below it, without facts.
    """
    if isinstance(data, Mapping):
        return _from_lists(program, data)
    return _from_snapshot(program, data)


def register(connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """Make the tables known to a DuckDB connection, each under the name of its level."""
    for level, table in tables.arrow.items():
        connection.register(level, table)


def next_levels(program: Program) -> dict[str, str]:
    """Level → the one after it, without the population: what `parent` names unless told."""
    names = program.level_names()[:-1]
    return dict(pairwise(names))


def _facts_of(program: Program, level: str) -> Iterator[tuple[str, FactSpec]]:
    """Columns of a level: name and description."""
    for prefix, facts in (("", program.facts), ("last.", program.last_facts)):
        for (of, name), spec in facts.items():
            if of == level:
                yield prefix + name, spec


# -- from lists -----------------------------------------------------------------------------------


def _from_lists(program: Program, tables: Mapping[str, Table]) -> Tables:
    found: dict[str, Any] = {}
    parents: list[str] = []
    for level in program.levels:
        made = [POPULATION] if level.name == POPULATION else list(dict.fromkeys(parents))
        given = tables.get(level.name) or {"id": made}
        above = list(given.get("parent") or _own_codes(level, given["id"]))
        found[level.name] = _arrow_table(program, level.name, given, above)
        parents = [key for key in above if key is not None]
    return Tables(found, next_levels(program))


def _own_codes(level: Level, ids: Sequence[Any]) -> list[str | None]:
    """The first characters of a place's own code name the place above it."""
    code = next((key for key in level.parent if key.startswith("code:")), "code:0")
    length = int(code.removeprefix("code:"))
    return [id_[:length] if length and len(id_) >= length else None for id_ in ids]


def _arrow_table(program: Program, level: str, given: Table, above: list[str | None]) -> Any:
    columns = {
        "row": pa.array(range(len(given["id"])), pa.int64()),
        "id": pa.array(given["id"], pa.string()),
        "parent": pa.array(above, pa.string()),
    }
    for name, spec in _facts_of(program, level):
        values = given.get(name) or [None] * len(above)
        columns[name] = pa.array(values, _ARROW.get(spec.type, pa.int64()))
    return pa.table(columns)


# -- from a snapshot ------------------------------------------------------------------------------


def _from_snapshot(program: Program, snapshot: Snapshot) -> Tables:
    names = [level for level in program.level_names() if level in snapshot.ids]
    orders = {level: _file_order(snapshot, level) for level in names}
    above = {level: _above(snapshot, level, orders) for level in names}
    found = {
        level: _snapshot_table(program, snapshot, level, orders[level], above[level][1])
        for level in names
    }
    population = {name: [None] for name, _ in _facts_of(program, POPULATION)}
    found[POPULATION] = _arrow_table(
        program, POPULATION, {"id": [POPULATION], **population}, [None]
    )
    return Tables(found, {level: upper for level, (upper, _) in above.items() if upper})


def _file_order(snapshot: Snapshot, level: str) -> Any:
    """For each thing in the order of the answers, where its values stand."""
    if level not in snapshot.slots:
        return np.arange(snapshot.count(level))
    order = snapshot.slots[level].astype(np.int64)
    for block in snapshot.blocks:
        start, end = block.lower if level == snapshot.lower else block.upper
        order[start:end] += start
    return order


def _above(snapshot: Snapshot, level: str, orders: Mapping[str, Any]) -> tuple[str, Any]:
    """The level above and for each thing the index there, -1 for none."""
    if level == snapshot.lower and snapshot.upper:
        return snapshot.upper, _households(snapshot, orders[snapshot.upper])
    upper, index = snapshot.parents.get(level, ("", np.full(snapshot.count(level), -1)))
    return upper, index[orders[level]]


def _households(snapshot: Snapshot, order: Any) -> Any:
    """The household of each person: members follow each other, those of nobody come last."""
    found = np.full(snapshot.count(snapshot.lower), -1, np.int64)
    for block in snapshot.blocks:
        start, end = block.upper
        sizes = snapshot.sizes[order[start:end]]
        members = np.repeat(np.arange(start, end), sizes)
        found[block.lower[0] : block.lower[0] + len(members)] = members
    return found


def _snapshot_table(
    program: Program, snapshot: Snapshot, level: str, order: Any, above: Any
) -> Any:
    upper = snapshot.upper if level == snapshot.lower else snapshot.parents.get(level, ("",))[0]
    parent = pa.nulls(len(order), pa.large_string())
    if upper:
        index = pa.array(above, mask=above < 0)
        parent = _texts(snapshot.ids[upper]).take(index)
    columns = {
        "row": pa.array(np.arange(len(order))),
        "id": _texts(snapshot.ids[level]),
        "parent": parent,
    }
    for name, spec in _facts_of(program, level):
        column = snapshot.columns.get((level, name))
        kind = _ARROW.get(spec.type, pa.int64())
        columns[name] = pa.nulls(len(order), kind) if column is None else _values(column, order)
        if spec.type is not Type.TEXT:
            # A snapshot keeps small numbers in a byte each; DuckDB would add them in one, too.
            columns[name] = columns[name].cast(kind)
    return pa.table(columns)


def _texts(texts: Texts) -> Any:
    return texts.part(0, len(texts))


def _values(column: Column, order: Any) -> Any:
    if column.kind == "text":
        whole = column.values.part(0, len(column.values), empty_is_unknown=True)
        return whole.take(pa.array(order))
    values = column.values[order]
    if column.kind == "truth":
        return pa.array(values == 1, mask=values == column.sentinel)
    unknown = np.isnan(values) if column.kind == "float" else values == column.sentinel
    return pa.array(values, mask=unknown)
