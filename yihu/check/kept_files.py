"""The county as typed Parquet, one folder a day: what researchers, the engine and a province read.

households, persons, villages, townships, counties   every fact of the rulebook but the sealed ones,
    in the types and under the headings that `yihu check` reads; an id is that of the book
findings_household, findings_person                  holds, fails or unknown, a column a rule
anchor.jsonl.gz                                      where every book ended; see book/anchor.py
county.json                                          rulebook, its hash, the day, rows of each file

The folder appears whole or not at all; one of the same day is replaced.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection

from yihu.book import anchor, dictionary
from yihu.book.anchor import Anchor
from yihu.check.kept import json_columns
from yihu.check.models import HouseholdFindings, Run
from yihu.check.progress import Progress, quiet
from yihu.check.store import facts_of_places
from yihu.places.models import Place
from yihu.rulebook.facts import FactSpec

ROWS = 20_000
_MONEY = pa.decimal128(16, 2)
_WORDS = pa.array(["fails", "holds", "unknown"])
#: Kind of fact → its type in the files.
_TYPES = {
    "yes_no": pa.bool_(), "whole": pa.int64(), "money": _MONEY, "number": pa.float64(),
    "date": pa.date32(), "month": pa.string(), "code": pa.string(),
    "codes": pa.list_(pa.string()), "text": pa.string(), "identity": pa.string(),
}  # fmt: skip
_HOMES = (
    "SELECT CAST(h.book_id AS text), h.code, p.code, CAST(h.facts AS {raw}) FROM yihu_household h "
    "JOIN yihu_place p ON p.id = h.place_id WHERE h.closed_on IS NULL"
)
_PEOPLE = (
    "SELECT CAST(p.id AS text), CAST(p.household_id AS text), CAST(p.facts AS {raw}) "
    "FROM yihu_person p JOIN yihu_household h ON h.book_id = p.household_id "
    "WHERE p.left_on IS NULL AND h.closed_on IS NULL"
)


def write_county(
    home: Path, *, on: date, progress: Progress = quiet, known: Anchor | None = None
) -> Path:
    """Write the county's files for a day; returns their folder.

    known  the anchor to lay with them; without one, that of an earlier run of the day stays
    """
    target, beside = home / on.isoformat(), home / f".{on.isoformat()}.new"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    rows = {
        "households": _write(beside / "households.parquet", "household", _HOMES,
                             ("household_id", "household_code", "village_code"), progress),
        "persons": _write(beside / "persons.parquet", "person", _PEOPLE,
                          ("person_id", "household_id"), progress),
    }  # fmt: skip
    rows |= {file: _write_places(beside, file, level) for file, level in _LEVELS.items()}
    rows |= _write_findings(beside, progress)
    rulebook = dictionary.active()
    head = {"rulebook": rulebook.name, "version": rulebook.version, "hash": rulebook.hash,
            "on": on.isoformat(), "rows": rows}  # fmt: skip
    (beside / "county.json").write_text(json.dumps(head, ensure_ascii=False, indent=1), "utf-8")
    if known is not None:
        anchor.write(known, beside / anchor.NAME)
    elif (target / anchor.NAME).exists():
        shutil.copyfile(target / anchor.NAME, beside / anchor.NAME)
    shutil.rmtree(target, ignore_errors=True)
    beside.rename(target)
    return target


_LEVELS = {"villages": "village", "townships": "township", "counties": "county"}


def _open_facts(level: str) -> dict[str, FactSpec]:
    facts = dictionary.active().facts
    return {n: spec for (at, n), spec in facts.items() if at == level and spec.privacy != "secret"}


def _schema(keys: Sequence[str], specs: dict[str, FactSpec]) -> pa.Schema:
    fields = [(key, pa.string()) for key in keys]
    return pa.schema([*fields, *((name, _TYPES[spec.kind]) for name, spec in specs.items())])


def _write(path: Path, level: str, query: str, keys: tuple[str, ...], progress: Progress) -> int:
    specs = {n: spec for n, spec in _open_facts(level).items() if n not in keys}
    count, schema = 0, _schema(keys, specs)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _rows(query):
            writer.write_table(_table(schema, keys, rows, specs))
            count += len(rows)
            progress(level, count, 0)
    return count


def _rows(query: str) -> Iterator[list[tuple[Any, ...]]]:
    raw = "text" if connection.vendor == "postgresql" else "blob"
    with connection.chunked_cursor() as cursor:
        cursor.execute(query.format(raw=raw))
        while rows := cursor.fetchmany(ROWS):
            yield rows


def _table(
    schema: pa.Schema, keys: tuple[str, ...], rows: Sequence[Sequence[Any]],
    specs: dict[str, FactSpec],
) -> pa.Table:  # fmt: skip
    found = json_columns([row[len(keys)] for row in rows], specs)
    columns: dict[str, Any] = {
        key: pa.array([_plain(row[at]) for row in rows], pa.string()) for at, key in enumerate(keys)
    }
    for name, spec in specs.items():
        columns[name] = _typed(spec, found[name])
    return pa.table([columns[field.name] for field in schema], schema=schema)


def _plain(key: str) -> str:
    return key.replace("-", "") if len(key) == 36 else key


def _typed(spec: FactSpec, column: Any) -> Any:
    if spec.kind == "money":
        return pc.cast(pc.round(column, 2), _MONEY, safe=False)
    return pc.cast(column, pa.date32()) if spec.kind == "date" else column


def _write_places(folder: Path, file: str, level: str) -> int:
    places = list(Place.objects.filter(level=level, until=None).order_by("code"))
    known = facts_of_places(place.pk for place in places)
    keys = (f"{level}_code",)
    specs = {n: spec for n, spec in _open_facts(level).items() if n not in keys}
    schema = _schema(keys, specs)
    rows = [(place.code, json.dumps(known.get(place.pk, {}))) for place in places]
    table = _table(schema, keys, rows, specs) if rows else schema.empty_table()
    pq.write_table(table, folder / f"{file}.parquet", compression="zstd")
    return len(rows)


# --- findings -------------------------------------------------------------------------------------


def _write_findings(folder: Path, progress: Progress) -> dict[str, int]:
    """Answers under the active rulebook; those of an older one are left out."""
    runs = list(Run.objects.filter(hash=dictionary.active().hash).order_by("-pk"))
    rules = runs[0].rules if runs else {"household": [], "person": []}
    same = [run.pk for run in runs if _asked(run.rules) == _asked(rules)]
    homes = _Figures(folder / "findings_household.parquet", rules["household"], "household_id")
    people = _Figures(folder / "findings_person.parquet", rules["person"], "person_id")
    rows = HouseholdFindings.objects.filter(run__in=same).order_by("household")
    found = rows.values_list("household", "answers", "people")
    for home, answers, of in found.iterator(chunk_size=5000):
        homes.add(home.hex, answers)
        for person, figures in of.items():
            people.add(person.replace("-", ""), figures)
        if homes.count % ROWS == 0:
            progress("findings", homes.count, 0)
    return {"findings_household": homes.close(), "findings_person": people.close()}


def _asked(rules: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    return rules["household"], rules["person"]


class _Figures:
    """Figures on their way into a file with a column a rule."""

    def __init__(self, path: Path, rules: Sequence[str], key: str) -> None:
        self.rules, self.count = rules, 0
        self.ids: list[str] = []
        self.texts: list[str] = []
        word = pa.dictionary(pa.int8(), pa.string())
        self.schema = pa.schema([(key, pa.string()), *((rule, word) for rule in rules)])
        self.writer = pq.ParquetWriter(path, self.schema, compression="zstd")

    def add(self, id: str, figures: str) -> None:
        """The answers of one."""
        self.ids.append(id)
        self.texts.append(figures)
        self.count += 1
        if len(self.ids) >= ROWS:
            self._put()

    def _put(self) -> None:
        if not self.ids:
            return
        figures = np.frombuffer("".join(self.texts).encode("ascii"), np.uint8) - ord("0")
        table = figures.reshape(len(self.ids), len(self.rules)).astype(np.int8)
        columns = [
            pa.DictionaryArray.from_arrays(pa.array(np.ascontiguousarray(table[:, at])), _WORDS)
            for at in range(len(self.rules))
        ]
        self.writer.write_table(pa.table([pa.array(self.ids), *columns], schema=self.schema))
        self.ids, self.texts = [], []

    def close(self) -> int:
        """No more; returns how many there were."""
        self._put()
        self.writer.close()
        return self.count
