"""Taking in workbooks and CSV files of many people: seconds, memory, and how both grow."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import xlsxwriter

from bench.desk.running import Cost, yihu
from yihu.rulebook import read
from yihu.rulebook.facts import FactSpec

#: Besides the three keys, so many columns of what was asked of people.
COLUMNS = 37
KEYS = {"household_id": "户编号", "person_id": "人编号"}


def made(people: int, form: str, folder: Path) -> Path:
    """A sheet of that many people, one row each, 40 columns; made once and kept.

    form  "xlsx" or "csv"
    """
    path = folder / f"people-{people}.{form}"
    if path.exists():
        return path
    registers = registers_of(people, folder)
    rough = path.with_suffix(".part")
    lines = lines_of(registers, people)
    if form == "csv":
        with rough.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(lines)
    else:
        with xlsxwriter.Workbook(str(rough), {"constant_memory": True}) as book:
            sheet = book.add_worksheet("人口")
            for row, line in enumerate(lines):
                sheet.write_row(row, 0, line)
    rough.rename(path)
    return path


def registers_of(people: int, folder: Path) -> Path:
    """Synthetic registers with at least that many people."""
    path = folder / f"registers-{people}"
    if not path.exists():
        yihu(folder / "made", "county", "--seed", "1", "--people", str(people * 21 // 20),
             "--out", str(path))  # fmt: skip
    return path


def lines_of(registers: Path, people: int) -> Iterator[list[object]]:
    """Headings, then one line for each person, the village's code with each."""
    facts = _facts(pq.read_schema(registers / "persons.parquet").names)
    yield [*KEYS.values(), "行政村代码", *(fact.label.zh for fact in facts)]
    homes = pq.read_table(
        registers / "households.parquet", columns=["household_id", "village_code"]
    )
    village = dict(zip(*(column.to_pylist() for column in homes.columns), strict=True))
    left = people
    for batch in pq.ParquetFile(registers / "persons.parquet").iter_batches(5_000):
        rows = batch.slice(0, left).to_pylist()
        for row in rows:
            keys = [row[key] for key in KEYS]
            yield [*keys, village[row["household_id"]], *(_cell(f, row[f.name]) for f in facts)]
        left -= len(rows)


def _facts(names: list[str]) -> list[FactSpec]:
    known = read.rulebook("guangxi").facts
    found = [known["person", name] for name in names if ("person", name) in known]
    return found[:COLUMNS]


def _cell(fact: FactSpec, value: Any) -> object:
    """As a person would have typed it: the words of a code, 是 and 否."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if fact.codes and isinstance(value, str):
        words = {code.key: code.label.zh for code in fact.codes.codes}
        return words.get(value, value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def county_of(registers: Path, home: Path) -> None:
    """An installation with the places of these registers, one county worker, and nobody else."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    listed = home / "places.csv"
    with listed.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["code", "name"])
        for level, name in (
            ("county", "counties"),
            ("township", "townships"),
            ("village", "villages"),
        ):
            table = pq.read_table(registers / f"{name}.parquet", columns=[f"{level}_code", "name"])
            lines.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    yihu(home, "places", "load", str(listed))
    yihu(home, "worker", "add", "bench", "--name", "压测", "--role", "county", "--one-time")


def measured(people: int, form: str, folder: Path) -> dict[str, float]:
    """A dry run, the writing, and the same sheet again, into a county where nobody is known."""
    sheet = made(people, form, folder)
    home = folder / f"import-{people}-{form}"
    county_of(registers_of(people, folder), home)
    words = ("imports", "sheet", str(sheet), "--by", "bench", "--opens")
    dry = yihu(home, *words)
    whole = yihu(home, *words, "--write")
    again = yihu(home, *words)
    _require_all(whole, people)
    return {
        "dry_s": round(dry.seconds, 1),
        "dry_core_s": round(dry.core, 1),
        "dry_mb": round(dry.peak_mb),
        "write_s": round(whole.seconds, 1),
        "write_core_s": round(whole.core, 1),
        "write_mb": round(whole.peak_mb),
        "again_core_s": round(again.core, 1),
        "core_ms_a_person": round(whole.core / people * 1000, 3),
    }


def _require_all(cost: Cost, people: int) -> None:
    """Not a row was refused: else less was done than was measured."""
    said = cost.said.replace(",", "")
    if f": {people}\n" not in said:
        raise RuntimeError(f"of {people:,} people not all were taken in:\n{cost.said[-600:]}")
