"""A snapshot: everybody's facts on one day as typed columns, never changed once made.

Persons and households (the two lowest levels) lie in blocks and planes (see `members`), places as
plain columns. On disk a snapshot is a folder with `snapshot.json` and one flat file per column,
mapped into memory and paged in as it is read. It appears as a whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.members import Members
from yihu.rulebook.arrays.values import UNKNOWN, Array, Constant, Number, Truth, Value, Words
from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.refusals import Phrase, Refused
from yihu.rulebook.snapshot.files import checksum_of, checksum_of_head, mapped

FORMAT = 1
#: Households in a block: its columns fit in the cache of one core.
BLOCK = 65_536
TEXT = pa.large_string()
#: Why a file is refused whose size is right.
CHANGED = Phrase("its content has changed", "内容已改变")


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts one after the other: `starts` has one more entry than there are texts."""

    starts: Array
    data: Array

    def __len__(self) -> int:
        return max(len(self.starts) - 1, 0)

    def part(self, start: int, end: int, *, empty_is_unknown: bool = False) -> pa.LargeStringArray:
        """Texts start..end-1 as an Arrow array over the same memory."""
        if end <= start:
            return pa.array([], TEXT)
        starts = self.starts[start : end + 1]
        valid = None
        if empty_is_unknown:
            there = np.packbits(starts[1:] > starts[:-1], bitorder="little")
            valid = pa.py_buffer(there)
        buffers = [valid, pa.py_buffer(starts), pa.py_buffer(self.data)]
        return pa.Array.from_buffers(TEXT, end - start, buffers)


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of one level.

    kind      truth, whole (also codes and days), float or text
    values    the numbers, or Texts; sentinel stands where unknown (NaN for floats, empty texts)
    stats     for each block: least and largest known number, how many are unknown
    """

    kind: str
    values: Any
    sentinel: int
    stats: Array

    def value(self, start: int, end: int, block: int) -> Value:
        """Rows start..end-1, which are those of this block."""
        lo, hi, unknown = self.stats[block].tolist()
        if unknown == end - start:
            return UNKNOWN
        if self.kind == "text":
            return Words(self.values.part(start, end, empty_is_unknown=unknown > 0))
        values = self.values[start:end]
        if self.kind == "float":
            return Number(values, sentinel=np.nan if unknown else None)
        if self.kind == "truth":
            if not unknown:
                return Truth(values.view(np.bool_), None)
            return Truth(np.equal(values, 1), np.equal(values, 0))
        if lo == hi and not unknown:
            return Constant(lo)
        return Number(values, lo=lo, hi=hi, sentinel=self.sentinel if unknown else None)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of the upper and lower level that are worked on together."""

    number: int
    upper: tuple[int, int]
    lower: tuple[int, int]
    planes: int


@dataclass
class Snapshot:
    """Typed columns of every level.

    levels    names from the smallest up, without the population
    ids       of each level, in the order answers are given: by household, as in the file
    columns   (level, fact) → Column; facts of the period before are called last.<name>
    parents   level → (level above that has rows, index into it, -1 for none)
    sizes     members of each household, in the order of the blocks
    slots     for the two lowest levels: where in its block the next thing of the file stands
    file_rows row of the file for each id, where the file had another order
    """

    levels: tuple[str, ...]
    ids: Mapping[str, Texts]
    columns: Mapping[tuple[str, str], Column]
    parents: Mapping[str, tuple[str, Array]]
    sizes: Array
    slots: Mapping[str, Array]
    blocks: Sequence[Block]
    file_rows: Mapping[str, Array] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lower(self) -> str:
        """The lowest level: persons."""
        return self.levels[0]

    @property
    def upper(self) -> str:
        """The level above it: households; empty if there is only one level."""
        return self.levels[1] if len(self.levels) > 1 else ""

    @property
    def places(self) -> tuple[str, ...]:
        """The levels above households."""
        return self.levels[2:]

    def count(self, level: str) -> int:
        """How many things a level has."""
        return 1 if level == POPULATION else len(self.ids[level])

    def members(self, block: Block) -> Members:
        """The planes of a block."""
        sizes = self.sizes[slice(*block.upper)]
        most = int(sizes[0]) if len(sizes) else 0
        small = np.uint8 if most < 2**8 else np.uint16 if most < 2**16 else np.int64
        rows = block.lower[1] - block.lower[0]
        return Members(sizes.astype(small, copy=False), block.planes, rows)

    @cached_property
    def hash(self) -> str:
        """Names the snapshot: a checksum over those of its columns; empty in memory."""
        return str(self.about.get("hash", ""))

    @staticmethod
    def from_tables(
        levels: Program | Sequence[Level],
        tables: Mapping[str, Mapping[str, Sequence[Any]]],
        *,
        block: int = BLOCK,
    ) -> Snapshot:
        """A snapshot in memory from lists: "id", "parent" and facts in the form of the tree."""
        specs: Mapping[tuple[str, str], FactSpec] = {}
        if isinstance(levels, Program):
            specs = specs_of(levels)
            levels = levels.levels
        batches = {name: [_batch(name, table, specs)] for name, table in tables.items()}
        return in_memory(levels, batches, specs=specs, block=block, keep_strays=True)


def in_memory(
    levels: Sequence[Level],
    tables: Mapping[str, Any],
    *,
    specs: Mapping[tuple[str, str], FactSpec] | None = None,
    block: int = BLOCK,
    keep_strays: bool = False,
) -> Snapshot:
    """A snapshot of typed tables that is not kept; arguments and refusals as for `write`."""
    from yihu.rulebook.snapshot import build as snapshot_build  # noqa: PLC0415  it needs Snapshot
    from yihu.rulebook.snapshot.files import InMemory  # noqa: PLC0415  as above
    from yihu.rulebook.snapshot.plan import Plan  # noqa: PLC0415  as above

    plan = Plan(tuple(levels), specs or {}, block=block, keep_strays=keep_strays)
    return snapshot_build.build(plan, tables, InMemory())


def specs_of(program: Program) -> dict[tuple[str, str], FactSpec]:
    """Descriptions of a program's facts by column: last.<name> for the period before."""
    last = {(level, f"last.{name}"): spec for (level, name), spec in program.last_facts.items()}
    return {**program.facts, **last}


def _batch(
    level: str, table: Mapping[str, Sequence[Any]], specs: Mapping[tuple[str, str], FactSpec]
) -> pa.RecordBatch:
    arrays = {}
    for name, values in table.items():
        spec = specs.get((level, name))
        kind = TEXT if name in ("id", "parent") else _ARROW.get(spec.kind) if spec else None
        arrays[name] = pa.array(values, kind)
    return pa.RecordBatch.from_pydict(arrays)


_ARROW = {
    "yes_no": pa.bool_(), "whole": pa.int64(), "money": pa.int64(), "number": pa.float64(),
    "date": pa.int64(), "month": pa.int64(), "code": pa.int64(), "codes": pa.int64(),
    "text": TEXT, "identity": TEXT,
}  # fmt: skip


# --- on disk ----------------------------------------------------------------------------------


def write(
    path: str | Path,
    levels: Sequence[Level],
    tables: Mapping[str, Iterable[pa.RecordBatch] | Callable[[], Iterable[pa.RecordBatch]]],
    *,
    specs: Mapping[tuple[str, str], FactSpec] | None = None,
    block: int = BLOCK,
    keep_strays: bool = False,
    about: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Snapshot:
    """Build a snapshot folder from typed tables, and open it.

    tables        level → record batches with `id`, `parent` and facts (see `snapshot_build`),
                  or a function that gives them
    keep_strays   take in persons without household; otherwise they are refused
    names         level → the file its table is of, for refusals
    Raises        Refused: snapshot.exists, snapshot.unwritable, snapshot.duplicate_id,
                  snapshot.stray
    """
    from yihu.rulebook.snapshot.folder import write_folder  # noqa: PLC0415  as above
    from yihu.rulebook.snapshot.plan import Plan  # noqa: PLC0415  the builder needs Snapshot first

    plan = Plan(tuple(levels), specs or {}, block=block, keep_strays=keep_strays, names=names or {})
    write_folder(Path(path), plan, tables, about or {})
    return open(path)


def open(path: str | Path, *, verify: bool = False) -> Snapshot:  # noqa: A001
    """Open a snapshot folder; `verify` reads all of it and compares checksums.

    Raises Refused: snapshot.not_found, snapshot.damaged
    """
    folder = Path(path)
    try:
        content = (folder / "snapshot.json").read_bytes()
    except OSError:
        raise Refused("snapshot.not_found", path=folder) from None
    try:
        head = json.loads(content)  # bytes that are no UTF-8 are a ValueError like the rest
        if head["format"] != FORMAT:
            raise Refused("snapshot.other_format", path=folder, format=head["format"], ours=FORMAT)
        if verify and head["checksum"] != checksum_of_head(head):
            raise Refused("snapshot.damaged", path=folder, file="snapshot.json", why=CHANGED)
        return _Reader(folder, head, verify=verify).snapshot()
    except (ValueError, KeyError, TypeError, OSError) as fault:
        why = Phrase(f"unreadable: {fault}", "无法读取")
        raise Refused("snapshot.damaged", path=folder, file="snapshot.json", why=why) from None


class _Reader:
    """Maps the files of a folder."""

    def __init__(self, folder: Path, head: Mapping[str, Any], *, verify: bool) -> None:
        self.folder, self.head, self.verify = folder, head, verify

    def array(self, entry: Mapping[str, Any]) -> Array:
        """One flat file. Raises Refused (snapshot.damaged)."""
        name, length = entry["file"], int(entry["length"])
        path, kind = self.folder / name, np.dtype(entry["dtype"])
        size = path.stat().st_size if path.exists() else -1
        if size != length * kind.itemsize:
            whole = length * kind.itemsize
            short = Phrase(f"{size} bytes, not {whole}", f"{size} 字节，应为 {whole}")
            why = Phrase("missing", "缺失") if size < 0 else short
            raise Refused("snapshot.damaged", path=self.folder, file=name, why=why)
        if self.verify and checksum_of(path) != entry["checksum"]:
            raise Refused("snapshot.damaged", path=self.folder, file=name, why=CHANGED)
        return mapped(path, kind)

    def texts(self, entry: Mapping[str, Any]) -> Texts:
        """A column of texts: its starts and its bytes."""
        return Texts(self.array(entry["starts"]), self.array(entry["data"]))

    def snapshot(self) -> Snapshot:
        """The whole."""
        head = self.head
        stats = self.array(head["stats"]).reshape(-1, 3)
        columns: dict[tuple[str, str], Column] = {}
        for entry in head["columns"]:
            values = self.texts(entry) if entry["kind"] == "text" else self.array(entry)
            part = stats[entry["stats"][0] : entry["stats"][1]]
            key = (entry["level"], entry["name"])
            columns[key] = Column(entry["kind"], values, entry["sentinel"], part)
        rows = self.array(head["blocks"]).reshape(-1, 5).tolist()
        return Snapshot(
            levels=tuple(head["levels"]),
            ids={level: self.texts(entry) for level, entry in head["ids"].items()},
            columns=columns,
            parents={k: (v["level"], self.array(v)) for k, v in head["parents"].items()},
            sizes=self.array(head["sizes"]),
            slots={k: self.array(v) for k, v in head["slots"].items()},
            blocks=[Block(i, (r[0], r[1]), (r[2], r[3]), r[4]) for i, r in enumerate(rows)],
            file_rows={k: self.array(v) for k, v in head["file_rows"].items()},
            about=head,
        )
