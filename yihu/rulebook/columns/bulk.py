"""Answers of a nation written as they are computed: Parquet for people, packed words for machines.

A result is a folder. It is written under another name and renamed when it is whole; an interrupted
run leaves earlier results as they were. Blocks are worked off in ranges, each by one thread that
computes and writes, so that two processors are twice as fast.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yihu.rulebook.arrays.texts import raw_bytes
from yihu.rulebook.arrays.values import Array
from yihu.rulebook.columns import Check
from yihu.rulebook.columns.answers import HOLDS, NO_AMOUNT, UNKNOWN, Answered, Wanted, answered
from yihu.rulebook.columns.blocks import BlockScope
from yihu.rulebook.columns.parquet_pages import ANSWER_WORDS, AnswerFile
from yihu.rulebook.columns.stages import Progress
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Snapshot, Texts
from yihu.rulebook.snapshot.files import mapped, raw_of
from yihu.rulebook.snapshot.scratch import scratch

WORDS = pa.array(ANSWER_WORDS)
#: Rules in one pair of words of the packed form.
BITS = 64


class Form(Protocol):
    """Writes answers. One for each range of blocks, or for all of them."""

    def add(self, part: Answered, start: int) -> None:
        """Rows of a level; `start` is the first."""

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

    form     parquet: for each level a folder of files, in order, with id, a column of holds,
             fails, unknown for each rule, `<rule>.amount` in whole fen, and the derived facts
             packed: flat arrays, two bits for each rule; read with `packed_answers`
    Raises   Refused: bulk.exists, bulk.unwritable
    """
    target = Path(folder)
    if target.exists():
        raise Refused("bulk.exists", path=target)
    check = Check(program, snapshot, rules=rules, facts=facts, threads=threads, progress=progress)
    try:
        with _whole(target) as beside:
            with ExitStack() as closing:
                _Writing(beside, form, snapshot, closing).all_of(check)
            rows = {level.level: snapshot.count(level.level) for level in check.wanted}
            head = {"program": program.name, "on": str(program.on), "snapshot": snapshot.hash}
            _put(beside / "check.json", json.dumps(head | {"form": form, "rows": rows}))
    except OSError as fault:
        raise Refused("bulk.unwritable", path=target, why=fault.strerror or fault) from None
    return rows


class _Writing:
    """Opens what ranges of blocks are written to."""

    def __init__(
        self,
        folder: Path,
        form: Literal["parquet", "packed"],
        snapshot: Snapshot,
        closing: ExitStack,
    ) -> None:
        self.folder, self.snapshot, self.closing = folder, snapshot, closing
        self.packed = PackedFiles(folder) if form == "packed" else None
        if self.packed is not None:
            closing.callback(self.packed.close)

    def all_of(self, check: Check) -> None:
        """All answers of a check."""
        check.run_apart(self.range)
        everything = self._form(0)
        for part in check.of_places():
            everything.add(part, 0)

    def range(self, number: int, wanted: list[Wanted]) -> _Range:
        """What the blocks of one range are written to."""
        return _Range(self._form(number), self.snapshot, wanted)

    def _form(self, number: int) -> Form:
        if self.packed is not None:
            return PackedPart(self.packed, self.folder, number, self.closing)
        return ParquetPart(self.folder, number, self.closing)


class _Range:
    """Answers block after block and writes them."""

    def __init__(self, form: Form, snapshot: Snapshot, wanted: list[Wanted]) -> None:
        self.form, self.snapshot, self.wanted = form, snapshot, wanted

    def visit(self, scope: BlockScope) -> None:
        """The next block of the range."""
        for level in self.wanted:
            start, end = scope.span(level.level)
            ids = self.snapshot.ids[level.level].part(start, end)
            self.form.add(answered(scope, level, ids), start)

    def close(self) -> None:
        """No more blocks."""
        self.form.close()


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A folder beside the wanted one, renamed to it at the end or removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with scratch(target) as beside:
        folder = beside / "answers"
        folder.mkdir()
        yield folder
        folder.rename(target)


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


# --- Parquet ----------------------------------------------------------------------------------


class ParquetPart:
    """One file for each level, one row group a block.

    Answers are never null: nothing is spent on nulls, and a reader sees the three words.
    """

    def __init__(self, folder: Path, number: int, closing: ExitStack, name: str = "") -> None:
        self.folder, self.number, self.name = folder, number, name
        self._files: dict[str, AnswerFile | pq.ParquetWriter] = {}
        closing.callback(self.close)

    def add(self, part: Answered, start: int) -> None:
        """Rows of a level, as one row group."""
        file = self._files.get(part.level) or self._opened(part)
        if isinstance(file, AnswerFile):
            file.add(_columns(part))
        else:
            file.write_table(_table(part))

    def _opened(self, part: Answered) -> AnswerFile | pq.ParquetWriter:
        place = self.folder / f"{part.level}{self.name}"
        place.mkdir(exist_ok=True)
        path = place / f"part-{self.number:05d}.parquet"
        if part.facts:
            # Of any type: that is what a general writer is for.
            self._files[part.level] = pq.ParquetWriter(
                path, _table(part).schema, compression="zstd", use_dictionary=list(part.rules)
            )
        else:
            self._files[part.level] = AnswerFile(path, _schema(part))
        return self._files[part.level]

    def close(self) -> None:
        """No more rows."""
        while self._files:
            self._files.popitem()[1].close()


def _schema(part: Answered) -> pa.Schema:
    fields = [pa.field("id", pa.string(), nullable=False)]
    kind = pa.dictionary(pa.int8(), pa.string())
    for rule in part.rules:
        fields.append(pa.field(rule, kind, nullable=False))
        if rule in part.amounts:
            fields.append(pa.field(f"{rule}.amount", pa.int64()))
    for name, values in part.facts.items():
        fields.append(pa.field(name, values.type))
    return pa.schema(fields)


def _columns(part: Answered) -> list[Any]:
    columns: list[Any] = [part.ids]
    for rule, answers in part.rules.items():
        columns.append(_places(answers).view(np.uint8))
        if rule in part.amounts:
            amounts = part.amounts[rule]
            columns.append((amounts, np.not_equal(amounts, NO_AMOUNT)))
    return columns


def _places(answers: Array) -> Array:
    """1, 0, -1 as places in WORDS."""
    return np.subtract(1, answers)


def _table(part: Answered) -> Any:
    arrays: list[Any] = [part.ids.cast(pa.string())]
    for rule, answers in part.rules.items():
        arrays.append(pa.DictionaryArray.from_arrays(pa.array(_places(answers)), WORDS))
        if rule in part.amounts:
            amounts = part.amounts[rule]
            arrays.append(pa.array(amounts, mask=amounts == NO_AMOUNT))
    return pa.Table.from_arrays([*arrays, *part.facts.values()], schema=_schema(part))


# --- packed -----------------------------------------------------------------------------------


class PackedFiles:
    """Flat files into which ranges write at their own places."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._heads: dict[str, Answered] = {}
        self._lock = Lock()

    def put(self, name: str, at: int, values: Array) -> None:
        """Values from byte `at` on."""
        with self._lock:
            if name not in self._files:
                self._files[name] = (self.folder / name).open("wb")
            self._files[name].seek(at)
            self._files[name].write(raw_of(values))

    def saw(self, part: Answered) -> None:
        """Remember which rules a level has."""
        self._heads.setdefault(part.level, part)

    def close(self) -> None:
        """No more rows."""
        for file in self._files.values():
            file.close()
        for level, part in self._heads.items():
            head = {"rules": list(part.rules), "amounts": list(part.amounts)}
            _put(self.folder / f"{level}.json", json.dumps(head, ensure_ascii=False))


class PackedPart:
    """For every 64 rules two words a row: bits of what holds, bits of what is known."""

    def __init__(self, files: PackedFiles, folder: Path, number: int, closing: ExitStack) -> None:
        self.files = files
        self._facts = ParquetPart(folder, number, closing, ".facts")

    def add(self, part: Answered, start: int) -> None:
        """Rows of a level."""
        self.files.saw(part)
        self._add_ids(part, start)
        answers = list(part.rules.values())
        for at in range(0, len(answers), BITS):
            some = answers[at : at + BITS]
            masks = {
                "holds": [np.equal(column, HOLDS) for column in some],
                "known": [np.not_equal(column, UNKNOWN) for column in some],
            }
            for word, bits in masks.items():
                self.files.put(f"{part.level}.{word}.{at // BITS}", 8 * start, packed(bits))
        for i, rule in enumerate(part.rules):
            if rule in part.amounts:
                self.files.put(f"{part.level}.amount.{i}", 8 * start, part.amounts[rule])
        if part.facts:
            self._facts.add(Answered(part.level, part.ids, facts=part.facts), start)

    def _add_ids(self, part: Answered, start: int) -> None:
        # The ids of a snapshot lie one after the other: their place there is their place here.
        raw, starts, sizes = raw_bytes(part.ids)
        first, total = (int(starts[0]), int(sizes.sum())) if len(starts) else (0, 0)
        self.files.put(f"{part.level}.ids.data", first, raw[first : first + total])
        end = np.array([first + total] if len(starts) else [], np.int64)
        self.files.put(f"{part.level}.ids.starts", 8 * start, np.concatenate([starts, end]))

    def close(self) -> None:
        """No more rows."""
        self._facts.close()


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
