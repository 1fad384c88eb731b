"""Answers of a nation written as they are computed: Parquet for people, packed words for machines.

A result is a folder with a file (or several) for each level. It is written under another name and
renamed when it is whole; an interrupted run leaves earlier results as they were.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yihu.rulebook import columns
from yihu.rulebook.answers import HOLDS, NO_AMOUNT, UNKNOWN, Answered
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Snapshot, Texts
from yihu.rulebook.snapshot_files import mapped, raw_of
from yihu.rulebook.stages import Progress
from yihu.rulebook.texts import raw_bytes
from yihu.rulebook.values import Array

WORDS = pa.array(["holds", "fails", "unknown"])
#: Rules in one pair of words of the packed form.
BITS = 64


class Form(Protocol):
    """Writes the answers of one level."""

    def add(self, part: Answered) -> None:
        """The next rows."""

    def close(self) -> None:
        """No more rows."""


def check_to(
    program: Program,
    snapshot: Snapshot,
    folder: str | Path,
    *,
    form: Literal["parquet", "packed"] = "parquet",
    threads: int | None = None,
    rules: Iterable[str] | None = None,
    facts: Iterable[tuple[str, str]] = (),
    progress: Progress | None = None,
) -> dict[str, int]:
    """Answer all rules for everybody into a new folder, with bounded memory. Level → rows.

    form     parquet: one file a level with id, a column of holds, fails, unknown for each rule,
             `<rule>.amount` in whole fen, and the derived facts
             packed: flat arrays, two bits for each rule; read with `packed_answers`
    Raises   Refused: bulk.exists, bulk.unwritable
    """
    target = Path(folder)
    if target.exists():
        raise Refused("bulk.exists", path=target)
    rows: dict[str, int] = {}
    workers = max(1, (threads or os.cpu_count() or 1) - 1)  # and this thread writes
    try:
        with _Whole(target) as beside, ExitStack() as open_files:
            forms: dict[str, Form] = {}

            def keep(part: Answered) -> None:
                if part.level not in forms:
                    forms[part.level] = _FORMS[form](beside, part)
                    open_files.callback(forms[part.level].close)
                forms[part.level].add(part)
                rows[part.level] = rows.get(part.level, 0) + len(part)

            columns.run(
                program, snapshot, keep,
                threads=workers, rules=rules, facts=facts, progress=progress, beside=True,
            )  # fmt: skip
            open_files.close()
            head = {"program": program.name, "on": str(program.on), "snapshot": snapshot.hash}
            _put(beside / "check.json", json.dumps(head | {"form": form, "rows": rows}))
    except OSError as fault:
        raise Refused("bulk.unwritable", path=target, why=fault.strerror or fault) from None
    return rows


class _Whole:
    """A folder beside the wanted one, renamed to it at the end or removed."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f".{self.target.name}-", dir=self.target.parent))
        return self.folder

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.folder.chmod(0o755)
            self.folder.rename(self.target)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


# --- Parquet ----------------------------------------------------------------------------------


class WideParquet:
    """One row a thing, one column a rule; never null, so that nothing is spent on nulls."""

    def __init__(self, folder: Path, first: Answered) -> None:
        schema = _table(first).schema
        self._writer = pq.ParquetWriter(
            folder / f"{first.level}.parquet",
            schema,
            compression="lz4",
            use_dictionary=list(first.rules),
            write_statistics=False,
        )

    def add(self, part: Answered) -> None:
        """The next rows, as one row group."""
        self._writer.write_table(_table(part))

    def close(self) -> None:
        """No more rows."""
        self._writer.close()


def _table(part: Answered) -> Any:
    arrays: list[Any] = [part.ids.cast(pa.string())]
    fields = [pa.field("id", pa.string(), nullable=False)]
    for rule, answers in part.rules.items():
        # holds, fails, unknown stand at 0, 1, 2 of WORDS.
        places = np.subtract(1, answers)
        arrays.append(pa.DictionaryArray.from_arrays(pa.array(places), WORDS))
        fields.append(pa.field(rule, arrays[-1].type, nullable=False))
        if rule in part.amounts:
            amounts = part.amounts[rule]
            arrays.append(pa.array(amounts, mask=amounts == NO_AMOUNT))
            fields.append(pa.field(f"{rule}.amount", pa.int64()))
    for name, values in part.facts.items():
        arrays.append(values)
        fields.append(pa.field(name, values.type))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


# --- packed -----------------------------------------------------------------------------------


class Packed:
    """Flat arrays: for every 64 rules two words a row (bits of what holds, of what is known)."""

    def __init__(self, folder: Path, first: Answered) -> None:
        self.folder, self.level = folder, first.level
        self.rules, self.amounts = list(first.rules), list(first.amounts)
        self._files: dict[str, BinaryIO] = {}
        self._facts: pq.ParquetWriter | None = None
        self._end = 0
        self._write("ids.starts", np.zeros(1, np.int64))

    def add(self, part: Answered) -> None:
        """The next rows."""
        raw, starts, sizes = raw_bytes(part.ids)
        total = int(sizes.sum())
        self._write("ids.data", raw[int(starts[0]) : int(starts[0]) + total] if total else raw[:0])
        self._write("ids.starts", self._end + np.cumsum(sizes))
        self._end += total
        answers = list(part.rules.values())
        for at in range(0, len(answers), BITS):
            some = answers[at : at + BITS]
            self._write(f"holds.{at // BITS}", packed([a == HOLDS for a in some]))
            self._write(f"known.{at // BITS}", packed([a != UNKNOWN for a in some]))
        for rule, amounts in part.amounts.items():
            self._write(f"amount.{self.rules.index(rule)}", amounts)
        if part.facts:
            table = pa.table(part.facts)
            if self._facts is None:
                path = self.folder / f"{self.level}.facts.parquet"
                self._facts = pq.ParquetWriter(path, table.schema, compression="lz4")
            self._facts.write_table(table)

    def _write(self, name: str, values: Array) -> None:
        if name not in self._files:
            self._files[name] = (self.folder / f"{self.level}.{name}").open("wb")
        self._files[name].write(raw_of(values))

    def close(self) -> None:
        """No more rows."""
        for file in self._files.values():
            file.close()
        if self._facts is not None:
            self._facts.close()
        head = {"rules": self.rules, "amounts": self.amounts}
        _put(self.folder / f"{self.level}.json", json.dumps(head, ensure_ascii=False))


def packed(bits: list[Array]) -> Array:
    """Up to 64 boolean arrays as one uint64 array, the first in the lowest bit."""
    rows = len(bits[0])
    table = np.zeros((rows, 8), np.uint8)
    for lane in range(0, len(bits), 8):
        byte = bits[lane].view(np.uint8).copy()
        for bit, mask in enumerate(bits[lane + 1 : lane + 8], 1):
            np.add(byte, np.multiply(mask.view(np.uint8), 1 << bit), out=byte)
        table[:, lane // 8] = byte
    return table.view("<u8").ravel()


def packed_answers(folder: str | Path, level: str) -> Answered:
    """Answers of a level from the packed form. Raises Refused (bulk.not_found)."""
    home = Path(folder)
    try:
        head = json.loads((home / f"{level}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Refused("bulk.not_found", path=home, level=level) from None

    def flat(name: str, kind: Any) -> Array:
        return mapped(home / f"{level}.{name}", np.dtype(kind))

    ids = Texts(flat("ids.starts", np.int64), flat("ids.data", np.uint8))
    found = Answered(level, ids.part(0, len(ids)))
    for i, rule in enumerate(head["rules"]):
        holds, known = (flat(f"{word}.{i // BITS}", "<u8") for word in ("holds", "known"))
        bit = np.uint64(i % BITS)
        one = np.uint64(1)
        found.rules[rule] = np.where(
            (known >> bit) & one, ((holds >> bit) & one).astype(np.int8), np.int8(UNKNOWN)
        )
        if rule in head["amounts"]:
            found.amounts[rule] = flat(f"amount.{i}", np.int64)
    return found


_FORMS: dict[str, Callable[[Path, Answered], Form]] = {"parquet": WideParquet, "packed": Packed}
