"""Households and persons of any number, made up from a seed, as two Parquet files.

31 household and 23 person columns, 3.95 persons a household, 5 % of all values unknown, persons
beside each other by household, one household in 500 without anybody. No value is of a real person.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Array = npt.NDArray[Any]
Maker = Callable[[np.random.Generator, int], Any]

SEED = 1
#: Part of the folder's name: raise it when what is made changes.
EDITION = 1
UNKNOWN = 0.05
NOBODY = 0.002
SIZES = (0.06, 0.155, 0.2, 0.235, 0.175, 0.095, 0.05, 0.02, 0.01)  # of 1 to 9 persons
PERSONS_A_HOUSEHOLD = (1 - NOBODY) * sum(n * p for n, p in enumerate(SIZES, 1))
#: Households written at a time; each has a generator of its own, so that memory stays bounded.
STEP = 250_000
ROW_GROUP = 131_072
COUNTIES = tuple(f"99{city:02d}{county:02d}" for city in range(4) for county in range(1, 11))
FIRST_ID = 1_000_000_000
TODAY = date(2020, 6, 30)
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Data:
    """A data set: its folder and how much is in it."""

    folder: Path
    households_count: int
    persons_count: int

    @property
    def households(self) -> Path:
        """The file of households."""
        return self.folder / "households.parquet"

    @property
    def persons(self) -> Path:
        """The file of persons."""
        return self.folder / "persons.parquet"


def households_for(people: int) -> int:
    """How many households make about so many people."""
    return max(1, round(people / PERSONS_A_HOUSEHOLD))


def made(people: int, folder: Path, *, seed: int = SEED) -> Data:
    """About so many people in a folder below `folder`; made once, then found again."""
    home = folder / f"people-{people}-seed-{seed}-edition-{EDITION}"
    if not home.is_dir():
        unfinished = home.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _write(unfinished, households_for(people), seed)
        unfinished.rename(home)
    return opened(home)


def opened(home: Path) -> Data:
    """A data set that was made before."""
    counts = json.loads((home / "counts.json").read_text())
    return Data(home, counts["households"], counts["persons"])


def _write(folder: Path, households: int, seed: int) -> None:
    files: dict[str, pq.ParquetWriter] = {}
    persons = 0
    for start in range(0, households, STEP):
        count = min(STEP, households - start)
        chance = np.random.default_rng([seed, EDITION, start])
        sizes = _sizes(chance, count)
        if start + count == households:
            # A last household without anybody stops OpenFisca-Core; that is not measured here.
            sizes[-1] = max(1, sizes[-1])
        ids = np.arange(FIRST_ID + start, FIRST_ID + start + count)
        place = np.arange(start, start + count) * len(COUNTIES) // households
        owner = np.repeat(ids, sizes)
        tables = {
            "households": _households(chance, ids, place),
            "persons": _persons(chance, owner, persons),
        }
        persons += len(owner)
        for name, table in tables.items():
            if name not in files:
                files[name] = pq.ParquetWriter(
                    folder / f"{name}.parquet", table.schema, compression="zstd", store_schema=False
                )
            files[name].write_table(table, row_group_size=ROW_GROUP)
    for file in files.values():
        file.close()
    counts = {"households": households, "persons": persons, "seed": seed}
    (folder / "counts.json").write_text(json.dumps(counts))


def _sizes(chance: np.random.Generator, count: int) -> Array:
    shares = (NOBODY, *(p * (1 - NOBODY) for p in SIZES))
    edges = np.cumsum(shares) / sum(shares)
    found: Array = np.searchsorted(edges[:-1], chance.random(count, np.float32), side="right")
    return found


# -- kinds of columns -----------------------------------------------------------------------------


def _money(middle: float, spread: float = 0.8, *, zero: float = 0.0) -> Maker:
    """Whole yuan, most near the middle, some far above; `zero` is the share that has none."""

    def make(chance: np.random.Generator, count: int) -> Array:
        tail = np.exp(chance.standard_normal(count, np.float32) * np.float32(spread))
        some = chance.random(count, np.float32) >= zero
        found: Array = (np.minimum(tail * middle, 10_000_000) * some).astype(np.int32)
        return found

    return make


def _codes(*keys: str, shares: Sequence[float]) -> Maker:
    def make(chance: np.random.Generator, count: int) -> Any:
        edges = np.cumsum(shares)[:-1] / sum(shares)
        places = np.searchsorted(edges, chance.random(count, np.float32), side="right")
        return pa.DictionaryArray.from_arrays(places.astype(np.int8), pa.array(keys))

    return make


def _whole(low: int, high: int) -> Maker:
    return lambda chance, count: chance.integers(low, high, count, np.int16, endpoint=True)


def _mostly_zero(share: float, high: int) -> Maker:
    def make(chance: np.random.Generator, count: int) -> Array:
        some = chance.random(count, np.float32) < share
        return chance.integers(1, high, count, np.int16, endpoint=True) * some

    return make


def _tenths(low: float, high: float) -> Maker:
    return lambda chance, count: chance.integers(int(low * 10), int(high * 10), count) / 10


def _yes(share: float) -> Maker:
    return lambda chance, count: chance.random(count, np.float32) < share


def _days_before(most: int) -> Maker:
    last = (TODAY - _EPOCH).days

    def make(chance: np.random.Generator, count: int) -> Array:
        days = last - chance.integers(0, most, count, np.int32)
        return days.astype("datetime64[D]")

    return make


def _text(prefix: str, kinds: int) -> Maker:
    words = [f"{prefix}{n:04d}" for n in range(kinds)]
    return lambda chance, count: pa.DictionaryArray.from_arrays(
        chance.integers(0, kinds, count, np.int16), pa.array(words)
    )


def _telephone(chance: np.random.Generator, count: int) -> Any:
    # Numbers that begin with 000 are nobody's.
    figures = pa.array(chance.integers(10_000_000, 99_999_999, count)).cast(pa.string())
    return pc.binary_join_element_wise(pa.scalar("000"), figures, pa.scalar(""))


HOUSEHOLD: dict[str, Maker] = {
    "wage_income": _money(12_000, zero=0.3),
    "business_income": _money(6_000, zero=0.2),
    "property_income": _money(500, zero=0.6),
    "transfer_income": _money(3_000, zero=0.3),
    "production_cost": _money(2_500, zero=0.2),
    "debt": _money(20_000, 1.2, zero=0.6),
    "medical_aid": _money(1_500, zero=0.8),
    "disaster_loss": _money(4_000, 1.0, zero=0.9),
    "vehicle_value": _money(12_000, 1.2, zero=0.7),
    "house_grade": _codes("a", "b", "c", "d", shares=(70, 22, 6, 2)),
    "house_area": _tenths(30, 220),
    "water_source": _codes("piped", "well", "spring", "river", shares=(78, 12, 7, 3)),
    "water_minutes": _whole(0, 40),
    "electricity": _yes(0.995),
    "road": _yes(0.96),
    "toilet": _codes("flush", "dry", "none", shares=(60, 37, 3)),
    "registered": _codes("never", "poor", "exited", "at_risk", shares=(70, 10, 16, 4)),
    "owns_company": _yes(0.02),
    "last_visit": _days_before(200),
    "food_months": _mostly_zero(0.03, 4),
    "clothing": _yes(0.97),
    "land_mu": _tenths(0, 20),
    "forest_mu": _tenths(0, 60),
    "television": _yes(0.9),
    "fuel": _codes("wood", "gas", "power", shares=(30, 40, 30)),
    "phone": _telephone,
    "cooperative": _yes(0.2),
    "surveyed_by": _text("调查员", 300),
    "relocated": _yes(0.05),
}
PERSON: dict[str, Maker] = {
    "birth": _days_before(85 * 365),
    "male": _yes(0.51),
    "relation": _codes(
        "head", "spouse", "child", "parent", "soldier", "other", shares=(25, 20, 33, 14, 1, 7)
    ),
    "schooling": _codes(
        "none", "primary", "junior", "senior", "college", shares=(4, 40, 36, 12, 8)
    ),
    "school_exempt": _yes(0.3),
    "insured": _yes(0.97),
    "pension": _yes(0.93),
    "disability": _codes("none", "one", "two", "three", "four", shares=(940, 8, 12, 20, 20)),
    "certified": _yes(0.9),
    "labour": _codes("none", "weak", "normal", "skilled", shares=(25, 15, 50, 10)),
    "absent": _yes(0.2),
    "months_out": _mostly_zero(0.5, 12),
    "wage": _money(9_000, zero=0.6),
    "illness": _codes("healthy", "chronic", "serious", shares=(85, 12, 3)),
    "medical_cost": _money(1_500, 1.0, zero=0.4),
    "name": _text("人", 2000),
    "ethnicity": _codes("zhuang", "han", "yao", "miao", shares=(50, 40, 6, 4)),
    "marital": _codes("single", "married", "widowed", "divorced", shares=(40, 50, 6, 4)),
    "telephone": _telephone,
    "arrived_in": _whole(1950, 2020),
    "party": _yes(0.06),
}


def _households(chance: np.random.Generator, ids: Array, place: Array) -> pa.Table:
    keys = {
        "household_id": pa.array(ids),
        "county_code": pa.DictionaryArray.from_arrays(place.astype(np.int8), pa.array(COUNTIES)),
    }
    return pa.table({**keys, **_filled(chance, HOUSEHOLD, len(ids))})


def _persons(chance: np.random.Generator, owner: Array, before: int) -> pa.Table:
    ids = np.arange(FIRST_ID + before, FIRST_ID + before + len(owner))
    keys = {"person_id": pa.array(ids), "household_id": pa.array(owner)}
    return pa.table({**keys, **_filled(chance, PERSON, len(owner))})


def _filled(chance: np.random.Generator, makers: dict[str, Maker], count: int) -> dict[str, Any]:
    return {name: _with_unknown(chance, make(chance, count)) for name, make in makers.items()}


def _with_unknown(chance: np.random.Generator, values: Any) -> Any:
    unknown = chance.random(len(values), np.float32) < UNKNOWN
    if isinstance(values, pa.DictionaryArray):
        places = pa.array(values.indices.to_numpy(), mask=unknown)
        return pa.DictionaryArray.from_arrays(places, values.dictionary)
    if isinstance(values, pa.Array):
        return pc.if_else(pa.array(unknown), pa.scalar(None, values.type), values)
    return pa.array(values, mask=unknown)
