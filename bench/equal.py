"""Are the answers of two engines the same, cell by cell, and if not: what became of the unknown?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.data import TODAY, Data
from yihu.rulebook import read
from yihu.rulebook.columns import bulk
from yihu.rulebook.evaluate import Answer
from yihu.rulebook.one_card import OneCard

RULEBOOK = Path(__file__).parent / "rulebook"
#: Households looked at one by one with the reference reader.
SAMPLE = 2_000
LEVEL = "household"
NO_AMOUNT = np.iinfo(np.int64).min
Array = npt.NDArray[Any]


@dataclass(slots=True)
class Difference:
    """Cells of one engine against those of the reference.

    cells          answers and amounts compared
    unknown        answers and amounts that are unknown in the reference
    to_holds       of these: answered as holds           to_fails   answered as fails
    made_up        of these: amounts given as a number
    wrong          other cells that differ
    """

    cells: int = 0
    unknown: int = 0
    to_holds: int = 0
    to_fails: int = 0
    made_up: int = 0
    wrong: int = 0

    @property
    def differing(self) -> int:
        """All cells that differ."""
        return self.to_holds + self.to_fails + self.made_up + self.wrong

    def figures(self) -> dict[str, int]:
        """As plain numbers."""
        return asdict(self)


@cache
def rules() -> list[str]:
    """Names of the 30 rules."""
    return [rule.name for rule in read.rulebook(RULEBOOK, check=False).rules.values()]


@cache
def entitlements() -> list[str]:
    """Names of the 4 rules with an amount."""
    book = read.rulebook(RULEBOOK, check=False)
    return [rule.name for rule in book.rules.values() if rule.amount]


def difference(reference: Path, other: Path) -> Difference:
    """Compare two files of answers. Raises ValueError when their households differ."""
    found = Difference()
    (ids, order), (other_ids, other_order) = order_of(reference), order_of(other)
    if not np.array_equal(ids, other_ids):
        raise ValueError(f"{other.name} is not about the same households as {reference.name}")
    for rule in rules():
        right, given = answers(reference, rule)[order], answers(other, rule)[other_order]
        unknown = right == -1
        found.cells += len(right)
        found.unknown += int(unknown.sum())
        found.to_holds += int((unknown & (given == 1)).sum())
        found.to_fails += int((unknown & (given == 0)).sum())
        found.wrong += int((~unknown & (given != right)).sum())
        if rule in entitlements():
            due = amounts(reference, rule)[order], amounts(other, rule)[other_order]
            _count_amounts(found, right == 1, *due)
    return found


def _count_amounts(found: Difference, holds: Array, right: Array, given: Array) -> None:
    # An amount is meant only where the rule holds.
    unknown = holds & (right == NO_AMOUNT)
    found.cells += int(holds.sum())
    found.unknown += int(unknown.sum())
    found.made_up += int((unknown & (given != NO_AMOUNT)).sum())
    found.wrong += int((holds & ~unknown & (given != right)).sum())


def order_of(path: Path) -> tuple[Array, Array]:
    """Household ids of a file in rising order, and where each stands in the file."""
    ids = _ids(path).cast(pa.int64()).to_numpy()
    order = np.argsort(ids, kind="stable")
    return ids[order], order


def answers(path: Path, rule: str) -> Array:
    """1 holds, 0 fails, -1 unknown, in the order of the file."""
    if _is_packed(path):
        return bulk.packed_answers(path, LEVEL).rules[rule]
    column = _column(path, rule)
    if pa.types.is_dictionary(column.type):
        column = pc.index_in(column.cast(pa.string()), pa.array(["fails", "holds"]))
    found: Array = pc.fill_null(column.cast(pa.int8()), -1).to_numpy()
    return found


def amounts(path: Path, rule: str) -> Array:
    """Whole fen, NO_AMOUNT where there is none, in the order of the file."""
    if _is_packed(path):
        return bulk.packed_answers(path, LEVEL).amounts[rule]
    column = _column(path, f"{rule}.amount").cast(pa.int64())
    found: Array = pc.fill_null(column, NO_AMOUNT).to_numpy()
    return found


def _ids(path: Path) -> Any:
    if _is_packed(path):
        return pa.chunked_array([bulk.packed_answers(path, LEVEL).ids])
    names = pq.ParquetFile(_files(path)[0]).schema_arrow.names
    return _column(path, "id" if "id" in names else "household_id")


def _is_packed(path: Path) -> bool:
    return (path / f"{LEVEL}.json").exists()


def _files(path: Path) -> list[Path]:
    """One file, or the files of a folder as Spark and yihu write them."""
    if not path.is_dir():
        return [path]
    return sorted([*path.glob("*.parquet"), *(path / LEVEL).glob("*.parquet")])


def _column(path: Path, name: str) -> Any:
    chunks = [chunk for file in _files(path) for chunk in _chunks(pq.ParquetFile(file), name)]
    return pa.chunked_array(chunks)


def _chunks(file: Any, name: str) -> Iterator[Any]:
    # By its place: a dot in a name would be taken for a path into a struct.
    place = file.schema_arrow.get_field_index(name)
    for group in range(file.num_row_groups):
        yield from file.reader.read_row_group(group, column_indices=[place]).column(0).chunks


# -- the reference reader, one household at a time -----------------------------------------------


def witness(data: Data, reference: Path, *, sample: int = SAMPLE) -> int:
    """Cells of the reference file that differ from what `evaluate` answers for a sample."""
    ids, order = order_of(reference)
    step = max(1, len(ids) // sample)
    chosen = ids[::step]
    found = {rule: answers(reference, rule)[order][::step] for rule in rules()}
    sums = {rule: amounts(reference, rule)[order][::step] for rule in entitlements()}
    wrong = 0
    for place, said in enumerate(evaluated(data, chosen)):
        for rule, answer in said.items():
            code = {True: 1, False: 0, None: -1}[answer.holds]
            wrong += int(found[rule][place] != code)
            if rule in sums and answer.holds:
                amount = NO_AMOUNT if answer.amount is None else answer.amount
                wrong += int(sums[rule][place] != amount)
    return wrong


@cache
def reader() -> OneCard:
    """The reference reader for the benchmark's rules, made once."""
    return OneCard(read.rulebook(RULEBOOK, check=False), TODAY, "household")


def evaluated(data: Data, ids: Array) -> Iterator[dict[str, Answer]]:
    """Answers of the reference reader for households, in the order of ids."""
    for card in cards(data, ids):
        yield reader().answers(card)


def cards(data: Data, ids: Array) -> Iterator[dict[str, Any]]:
    """Households of the files as cards written by hand, in the order of ids."""
    wanted = pa.array(ids)
    persons: dict[int, list[dict[str, Any]]] = {int(i): [] for i in ids}
    chosen = pc.field("household_id").isin(wanted)
    for person in pq.read_table(data.persons, filters=chosen).to_pylist():
        home = person.pop("household_id")
        person["id"] = str(person.pop("person_id"))
        persons[home].append(person)
    homes = {
        h["household_id"]: h for h in pq.read_table(data.households, filters=chosen).to_pylist()
    }
    for id_ in ids:
        home = homes[int(id_)]
        card = {k: v for k, v in home.items() if k not in ("household_id", "county_code")}
        yield card | {
            "id": str(id_),
            "county": {"id": home["county_code"]},
            "members": persons[int(id_)],
        }
