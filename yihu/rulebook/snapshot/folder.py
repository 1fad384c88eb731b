"""A snapshot folder, written as a whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import FORMAT, Snapshot
from yihu.rulebook.snapshot.build import build
from yihu.rulebook.snapshot.files import InFiles, Stored, checksum_of_head
from yihu.rulebook.snapshot.plan import Plan
from yihu.rulebook.snapshot.scratch import scratch


def write_folder(
    path: Path, plan: Plan, tables: Mapping[str, Any], about: Mapping[str, Any]
) -> None:
    """Build under another name beside `path`, force to disk, rename.

    about   goes into snapshot.json: where the data come from
    Raises  Refused: snapshot.exists, snapshot.unwritable, and what `build` refuses
    """
    if path.exists():
        raise Refused("snapshot.exists", path=path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch(path) as beside:
            folder = beside / "snapshot"
            folder.mkdir()
            _write(folder, plan, tables, about)
            folder.rename(path)
            _to_disk(path.parent)
    except OSError as fault:
        raise Refused("snapshot.unwritable", path=path, why=fault.strerror or fault) from None


def _write(folder: Path, plan: Plan, tables: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    # Closed also where the tables are refused: open files would outlive their folder.
    with closing(InFiles(folder)) as sink:
        snapshot = build(plan, tables, sink, folder)
        rows = [[*b.upper, *b.lower, b.planes] for b in snapshot.blocks]
        sink.add("blocks", np.array(rows, np.int64).reshape(-1))
        sink.finish("blocks")
    head = _head(snapshot, sink) | {"about": dict(about)}
    sums = "".join(stored.checksum for _, stored in sorted(sink.finished.items()))
    head["hash"] = blake2b(sums.encode(), digest_size=16).hexdigest()
    head["checksum"] = checksum_of_head(head)
    target = folder / "snapshot.json"
    target.write_text(json.dumps(head, ensure_ascii=False, indent=1, default=str), "utf-8")
    _to_disk(target)
    _to_disk(folder)


def _head(snapshot: Snapshot, sink: InFiles) -> dict[str, Any]:
    """snapshot.json; writes the statistics of the columns."""

    def entry(name: str) -> dict[str, Any]:
        return _entry(sink.finished[name])

    def texts(name: str) -> dict[str, Any]:
        return {"starts": entry(f"{name}.starts"), "data": entry(f"{name}.data")}

    columns = []
    at = 0
    for (level, name), column in snapshot.columns.items():
        key = f"facts/{level}/{name}"
        stored = texts(key) if column.kind == "text" else entry(key)
        described = {"level": level, "name": name, "kind": column.kind}
        end = at + len(column.stats)
        sink.add("stats", column.stats.reshape(-1))
        columns.append(described | {"sentinel": column.sentinel, "stats": [at, end]} | stored)
        at = end
    sink.finish("stats")
    return {
        "format": FORMAT,
        "levels": list(snapshot.levels),
        "counts": {level: snapshot.count(level) for level in snapshot.levels},
        "ids": {level: texts(f"ids/{level}") for level in snapshot.levels},
        "parents": {
            level: {"level": above} | entry(f"parents/{level}")
            for level, (above, _) in snapshot.parents.items()
        },
        "sizes": entry("sizes"),
        "slots": {level: entry(f"slots/{level}") for level in snapshot.slots},
        "file_rows": {level: entry(f"rows/{level}") for level in snapshot.file_rows},
        "blocks": entry("blocks"),
        "stats": entry("stats"),
        "columns": columns,
    }


def _entry(stored: Stored) -> dict[str, Any]:
    return {
        "file": stored.file,
        "dtype": stored.values.dtype.str,
        "length": len(stored.values),
        "checksum": stored.checksum,
    }


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
