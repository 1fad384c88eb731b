"""Persons brought beside their households, in one pass where the file allows it.

Registers list persons household by household in the order of the household file; then both files
are read side by side and nothing is kept. Any other order is put right once by DuckDB, on disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.arrays.values import Array

TEXT = pa.large_string()
#: Row of the file, kept where rows had to be put in another order.
FILE_ROW = "row of the file"
#: More rows than this are sorted on disk.
ROWS_IN_MEMORY = 2_000_000
#: Rows looked through at a time.
SLICE = 1 << 17
Batches = Iterable[pa.RecordBatch]


class NotAligned(Exception):  # noqa: N818  no fault: the rows are then sorted
    """Persons do not stand in the order of the households."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some households with their members.

    upper   the households; None if there are none
    sizes   members of each
    lower   their members, household by household, then the strays (members of nobody)
    """

    upper: pa.Table | None
    sizes: Array
    lower: pa.Table | None
    strays: int


class Source:
    """A table that can be read again and again; one that cannot is put on disk first."""

    def __init__(self, batches: Batches | Callable[[], Batches], folder: Path) -> None:
        self._batches = batches
        if not callable(batches) and iter(batches) is batches:
            self._batches = _spooled(batches, folder)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        found = self._batches() if callable(self._batches) else self._batches
        return iter(found)

    def has(self, name: str) -> bool:
        """Whether its batches have a column."""
        first = next(iter(self), None)
        return first is not None and name in first.schema.names


def _spooled(batches: Batches, folder: Path) -> Callable[[], Batches]:
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".arrow", delete=False) as file:
        path = Path(file.name)
    writer = None
    for batch in batches:
        writer = writer or pa.ipc.new_stream(str(path), batch.schema)
        writer.write_batch(batch)
    if writer is None:
        return list
    writer.close()

    def again() -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(path)) as mapped, pa.ipc.open_stream(mapped) as stream:
            yield from stream

    return again


def keyed(batch: pa.RecordBatch | pa.Table, name: str) -> pa.LargeStringArray:
    """A key column as large strings in one piece; empty texts are null."""
    return without_empty(one_piece(batch.column(name)))


def one_piece(column: Any) -> Any:
    """A column as one Arrow array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def without_empty(texts: Any) -> pa.LargeStringArray:
    """Texts as large strings, empty ones as null."""
    texts = texts.cast(TEXT)
    empty = pc.equal(texts, "")
    if not pc.any(empty).as_py():
        return texts
    return pc.if_else(empty, pa.scalar(None, TEXT), texts)


def rechunked(batches: Batches, rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of `rows`."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        rest = batch
        while count + rest.num_rows >= rows:
            now = rows - count
            yield pa.Table.from_batches([*waiting, rest.slice(0, now)])
            waiting, count, rest = [], 0, rest.slice(now)
        if rest.num_rows:
            waiting.append(rest)
            count += rest.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting)


class Reader:
    """The lower table as it is consumed: what has been read and not yet placed."""

    def __init__(self, batches: Batches) -> None:
        # In slices: what is held back is looked through again for the next households.
        self._rest = (
            batch.slice(at, SLICE) for batch in batches for at in range(0, batch.num_rows, SLICE)
        )
        self._held: pa.RecordBatch | None = None

    def next(self) -> pa.RecordBatch | None:
        """What was held back, or the next batch with rows; None at the end."""
        if self._held is not None:
            held, self._held = self._held, None
            return held
        return next(self._rest, None)

    def hold(self, batch: pa.RecordBatch) -> None:
        """Give back rows for the next household."""
        if batch.num_rows:
            self._held = batch


def runs_of(keys: pa.LargeStringArray) -> tuple[Array, Array]:
    """Starts and lengths of runs of equal keys; nulls are runs of their own."""
    changed = np.ones(len(keys), np.bool_)
    if len(keys) > 1:
        differ = pc.fill_null(pc.not_equal(keys[1:], keys[:-1]), True)
        changed[1:] = differ.to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(changed)
    return starts, np.diff(starts, append=len(keys))


def side_by_side(upper: Batches, lower: Batches, rows: int) -> Iterator[Part]:
    """Households in parts of `rows` with their members. Raises NotAligned."""
    reader = Reader(lower)
    for table in rechunked(upper, rows):
        yield _with_members(table, reader)
    while (batch := reader.next()) is not None:
        if keyed(batch, "parent").null_count < batch.num_rows:
            raise NotAligned
        yield _strays(pa.Table.from_batches([batch]))


def _strays(table: pa.Table) -> Part:
    return Part(None, np.empty(0, np.int64), table, table.num_rows)


def _with_members(table: pa.Table, reader: Reader) -> Part:
    ids = keyed(table, "id")
    sizes = np.zeros(len(ids), np.int64)
    members: list[pa.RecordBatch] = []
    last = -1
    while (batch := reader.next()) is not None:
        keys = keyed(batch, "parent")
        starts, lengths = runs_of(keys)
        found = pc.index_in(keys.take(pa.array(starts)), value_set=ids)
        ours = int(np.argmin(_there(found))) if found.null_count else len(starts)
        at = found[:ours].to_numpy(zero_copy_only=False).astype(np.int64)
        if ours and (at[0] < last or np.any(np.diff(at) <= 0)):
            raise NotAligned
        np.add.at(sizes, at, lengths[:ours])
        last = int(at[-1]) if ours else last
        cut = int(starts[ours]) if ours < len(starts) else batch.num_rows
        members.append(batch.slice(0, cut))
        if cut < batch.num_rows:
            reader.hold(batch.slice(cut))
            break
    parts = [b for b in members if b.num_rows]
    return Part(table, sizes, pa.Table.from_batches(parts) if parts else None, 0)


def _there(found: Any) -> Array:
    return np.asarray(found.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def from_below(lower: Batches, rows: int) -> Iterator[Part]:
    """Households made from the keys of their members; a household's members lie together."""
    waiting: list[pa.RecordBatch] = []
    lost = False
    for table in rechunked(lower, 4 * rows):
        tables = pa.Table.from_batches([*waiting, *table.to_batches()])
        keys = keyed(tables, "parent")
        last = runs_of(keys)[0][-1]
        # The last household may go on in the next rows; strays may wait without harm.
        waiting = tables.slice(int(last)).to_batches()
        if last:
            part = _made_part(tables.slice(0, int(last)))
            if lost and part.upper is not None:
                raise NotAligned
            lost = lost or part.strays > 0
            yield part
    if waiting:
        part = _made_part(pa.Table.from_batches(waiting))
        if lost and part.upper is not None:
            raise NotAligned
        yield part


def _made_part(table: pa.Table) -> Part:
    keys = keyed(table, "parent")
    strays = keys.null_count
    if strays == len(keys):
        return _strays(table)
    placed = keys[: len(keys) - strays]
    if placed.null_count:
        raise NotAligned  # strays among the others: the order of the file must be kept
    starts, lengths = runs_of(placed)
    made = pa.table({"id": placed.take(pa.array(starts))})
    return Part(made, lengths, table, strays)


def put_in_order(
    lower: Batches, upper: Batches | None, folder: Path
) -> tuple[Iterator[pa.RecordBatch], int]:
    """The lower table in the order of the upper one, and how many name one that is not there.

    Such rows come last, their parent null. Without an upper table, in order of first appearance.
    """
    first: list[pa.RecordBatch] = []
    rows = 0
    for batch in _numbered(lower):
        first.append(batch)
        rows += batch.num_rows
        if rows > ROWS_IN_MEMORY:
            return _ordered_on_disk(lower, upper, folder)
    return _ordered_in_memory(pa.Table.from_batches(first), upper)


def _ordered_in_memory(
    table: pa.Table, upper: Batches | None
) -> tuple[Iterator[pa.RecordBatch], int]:
    keys = keyed(table, "parent")
    if upper is None:
        heads = pc.unique(keys.drop_null())
    else:
        heads = pa.concat_arrays([pa.array([], TEXT), *(keyed(b, "id") for b in upper)])
    places = pc.index_in(keys, value_set=heads, skip_nulls=True)
    order = np.argsort(pc.fill_null(places, len(heads)).to_numpy(), kind="stable")
    found = table.take(pa.array(order))
    known = heads.take(places.take(pa.array(order)))
    at = found.column_names.index("parent")
    return iter(found.set_column(at, "parent", known).to_batches()), (
        places.null_count - keys.null_count
    )


def _ordered_on_disk(
    lower: Batches, upper: Batches | None, folder: Path
) -> tuple[Iterator[pa.RecordBatch], int]:
    # In its own file, so that what does not fit in memory goes there and to a folder beside it.
    con = duckdb.connect(str(folder / "order.duckdb"), config={"temp_directory": str(folder)})
    con.register("given", _reader(_numbered(lower)))
    con.execute("CREATE TABLE lower_rows AS SELECT * FROM given")
    if upper is None:
        con.execute(_FIRST_SEEN)
    else:
        con.register("ids", _reader(b.select(["id"]) for b in _numbered(upper)))
        con.execute("CREATE TABLE heads AS SELECT id, row_number() OVER () AS place FROM ids")
    lost = con.sql(_LOST).fetchall()
    ordered = con.sql(_ORDERED).to_arrow_reader(SLICE)
    batches: Iterator[pa.RecordBatch] = ordered
    return batches, int(lost[0][0])


_FIRST_SEEN = (
    f'CREATE TABLE heads AS SELECT parent AS id, min("{FILE_ROW}") AS place '  # noqa: S608
    "FROM lower_rows WHERE parent IS NOT NULL GROUP BY parent"
)
_LOST = (
    "SELECT count(*) FROM lower_rows l LEFT JOIN heads h ON l.parent = h.id "
    "WHERE l.parent IS NOT NULL AND h.id IS NULL"
)
_ORDERED = (
    "SELECT l.* REPLACE (h.id AS parent) FROM lower_rows l LEFT JOIN heads h "  # noqa: S608
    f'ON l.parent = h.id ORDER BY h.place NULLS LAST, l."{FILE_ROW}"'
)


def _numbered(batches: Batches) -> Iterator[pa.RecordBatch]:
    row = 0
    for batch in batches:
        columns = {name: batch.column(name) for name in batch.schema.names}
        for name in ("id", "parent"):
            if name in columns:
                columns[name] = keyed(batch, name)
        columns[FILE_ROW] = pa.array(np.arange(row, row + batch.num_rows))
        row += batch.num_rows
        yield pa.RecordBatch.from_pydict(columns)


def _reader(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    first = next(batches)

    def all_of() -> Iterator[pa.RecordBatch]:
        yield first
        yield from batches

    return pa.RecordBatchReader.from_batches(first.schema, all_of())
