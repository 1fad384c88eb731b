"""One county's files checked by the columns reader, on whatever machine runs the task.

The result is a folder with one Parquet file for each level and a receipt. It is written beside its
place under another name and renamed when it is whole: a half result is never seen, and what has a
receipt for the same program and the same files is not computed again.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from yihu.rulebook import columns, intake, snapshot
from yihu.rulebook.columns.answers import NO_AMOUNT, UNKNOWN, Answered
from yihu.rulebook.program import Program
from yihu.rulebook.snapshot import Snapshot

RECEIPT = "receipt.json"
#: What a result is called while it is written; leftovers of a broken run are cleared by the next.
UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class FilePair:
    """One county: files by level, or an open-ready snapshot folder.

    name  names the county's result folder
    """

    name: str
    files: Mapping[str, str]
    snapshot: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """What every file pair is checked with.

    missing, bad  see `intake.intake`; strays: persons without household are refused or kept
    out      folder of all results, seen by every machine under this path
    program  fingerprint of the program, part of each receipt
    places   levels whose things may lie in one file pair only
    """

    out: str
    program: str
    places: tuple[str, ...]
    missing: Literal["refuse", "unknown"] = "refuse"
    bad: Literal["refuse", "unknown"] = "refuse"
    strays: Literal["refuse", "keep"] = "refuse"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stands beside a result.

    rows     level → things answered for
    places   level → ids of the places that lie in this file pair
    seconds  time the task took, reading and writing included
    """

    name: str
    program: str
    inputs: str
    rows: Mapping[str, int]
    places: Mapping[str, list[str]]
    seconds: float


def result_of(pair: FilePair, task: Task) -> Receipt | None:
    """The receipt of a finished result for the same program and files, or None."""
    try:
        found = Receipt(**json.loads((Path(task.out) / pair.name / RECEIPT).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if (found.program, found.inputs) == (task.program, inputs_of(pair)) else None


def inputs_of(pair: FilePair) -> str:
    """A fingerprint of the files: path, size and time of change of each."""
    found = blake2b(digest_size=16)
    for level, name in sorted([*pair.files.items(), ("snapshot", pair.snapshot)]):
        for path in _files_below(Path(name)) if name else ():
            at = path.stat()
            found.update(f"{level}\0{path}\0{at.st_size}\0{at.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _files_below(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def run(pair: FilePair, task: Task, program: Program) -> Receipt:
    """Check one file pair and put its result in place; a finished one is left as it is.

    Raises Refused (intake.*, snapshot.*), OSError where nothing can be written.
    """
    finished = result_of(pair, task)
    if finished is not None:
        return finished
    started = time.monotonic()
    inputs = inputs_of(pair)
    folder = Path(task.out) / f"{UNFINISHED}{pair.name}-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        with _read(pair, task, program) as read:
            rows = _write(folder, program, read)
            places = {level: _ids(read, level) for level in task.places}
        seconds = round(time.monotonic() - started, 3)
        receipt = Receipt(pair.name, task.program, inputs, rows, places, seconds)
        text = json.dumps(asdict(receipt), ensure_ascii=False)
        (folder / RECEIPT).write_text(text, encoding="utf-8")
        _into_place(folder, Path(task.out) / pair.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return receipt


@contextlib.contextmanager
def _read(pair: FilePair, task: Task, program: Program) -> Iterator[Snapshot]:
    if pair.snapshot:
        yield snapshot.open(pair.snapshot)
        return
    data = intake.intake(program, pair.files, missing=task.missing, bad=task.bad)
    tables = {level: Rows(batches) for level, batches in data.tables().items()}
    last = {(level, f"last.{name}"): spec for (level, name), spec in program.last_facts.items()}
    with tempfile.TemporaryDirectory() as folder:
        yield snapshot.write(
            Path(folder) / "county",
            program.levels,
            tables,
            specs={**program.facts, **last},
            keep_strays=task.strays == "keep",
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file, which may be read more than once."""

    batches: Callable[[], Iterator[pa.RecordBatch]]

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return self.batches()


def _ids(read: Snapshot, level: str) -> list[str]:
    return [str(id_) for id_ in columns.ids_of(read, level).to_pylist()]


def _write(folder: Path, program: Program, read: Snapshot) -> dict[str, int]:
    """Answers block by block into one Parquet file for each level. Level → rows."""
    rows: dict[str, int] = {}
    with contextlib.ExitStack() as files:
        writers: dict[str, pq.ParquetWriter] = {}

        def keep(part: Answered) -> None:
            table = as_table(part)
            if part.level not in writers:
                path = folder / f"{part.level}.parquet"
                writer = pq.ParquetWriter(path, table.schema, compression="zstd")
                writers[part.level] = files.enter_context(writer)
            writers[part.level].write_table(table)
            rows[part.level] = rows.get(part.level, 0) + len(part)

        # The cluster gives each task one core; more threads would take those of other tasks.
        columns.run(program, read, keep, threads=1)
    return rows


def as_table(part: Answered) -> Any:
    """Columns of a result: id, for each rule 1, 0 or null, `<rule>.amount` in fen or null."""
    found: dict[str, Any] = {"id": part.ids}
    for rule, values in part.rules.items():
        found[rule] = pa.array(values, mask=values == UNKNOWN)
        if rule in part.amounts:
            amounts = part.amounts[rule]
            found[f"{rule}.amount"] = pa.array(amounts, mask=amounts == NO_AMOUNT)
    return pa.table(found)


def _into_place(folder: Path, place: Path) -> None:
    for path in folder.iterdir():
        _to_disk(path)
    _to_disk(folder)
    if place.exists():
        # A result for other files or rules, or a second attempt that came in first.
        place.rename(folder.with_name(f"{folder.name}-before"))
    folder.rename(place)
    _to_disk(place.parent)
    shutil.rmtree(folder.with_name(f"{folder.name}-before"), ignore_errors=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_unfinished(out: Path) -> None:
    """Remove what a broken run left behind."""
    for path in out.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True)
