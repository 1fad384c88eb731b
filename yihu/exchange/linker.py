"""Who may be whom: probabilistic linkage of two lists, or of one with itself.

The model is that of Fellegi and Sunter (1969): each field of a pair agrees to a level; how often a
level is seen among matches (m) and among pairs by chance (u) makes its weight. u is counted on
pairs drawn by chance, m is learnt by expectation maximisation among the pairs of each block, on
the fields the block does not hold equal. Frequent names weigh less than rare ones. Pairs are found
and compared by DuckDB, weights are learnt with NumPy. Same lists, same answers.
"""

# ruff: noqa: S608  the names in the queries are those of our own fields, never of a file
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]
#: Pairs drawn by chance for u.
DRAWN = 400_000
#: Pairs a single key of a block may make; a key shared by more says too little to look at each.
MOST_OF_A_KEY = 20_000
ROUNDS, STILL = 200, 1e-6
#: Short lists teach little: learning begins with so many matches that agree mostly, and so many
#: pairs by chance that hardly do.
BEFORE = 20.0
#: No level is held to be impossible.
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is compared.

    levels      conditions over {l} and {r}, its columns in both lists, the strongest first; the
                first must be equality
    frequency   equal values weigh by how rare they are
    """

    name: str
    levels: tuple[str, ...]
    frequency: bool = False


def text(name: str, *, near: Sequence[float] = (0.92, 0.8), frequency: bool = False) -> Field:
    """A field of words: equal, or near by Jaro-Winkler."""
    steps = (f"jaro_winkler_similarity({{l}}, {{r}}) >= {least}" for least in near)
    return Field(name, ("{l} = {r}", *steps), frequency)


def exact(name: str, *, frequency: bool = False) -> Field:
    """A field that is equal or not."""
    return Field(name, ("{l} = {r}",), frequency)


def day(name: str) -> Field:
    """A day as yyyymmdd: equal; one figure wrong or day and month changed about; the same year."""
    swapped = "{l} = substr({r}, 1, 4) || substr({r}, 7, 2) || substr({r}, 5, 2)"
    near = f"(damerau_levenshtein({{l}}, {{r}}) = 1 or {swapped})"
    return Field(name, ("{l} = {r}", near, "substr({l}, 1, 4) = substr({r}, 1, 4)"))


@dataclass(slots=True)
class Model:
    """What was learnt. m, u: field → share of each level, the weakest (no level) first.

    chance   that two records drawn by chance are a match
    """

    m: dict[str, Floats] = field(default_factory=dict)
    u: dict[str, Floats] = field(default_factory=dict)
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs: places in both lists (from 0), and how likely they are one person."""

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    chance: Floats
    model: Model


def link(
    left: pa.Table,
    right: pa.Table | None,
    fields: Sequence[Field],
    blocks: Sequence[Sequence[str]],
    *,
    seed: int = 1,
) -> Links:
    """Compare two lists, or one with itself where `right` is None.

    left, right   columns of text by the names of the fields and blocks; null: not known
    blocks        names of columns that are equal in the pairs looked at; one block is not enough
    """
    work = _Work(left, right, fields, seed)
    found = [work.pairs(block) for block in blocks]
    learnt = [
        _learnt(pairs, fields, block, work.u) for pairs, block in zip(found, blocks, strict=True)
    ]
    model = _model(learnt, blocks, found, work)
    pairs, levels = _together(found)
    weights = _weights(levels, fields, model) + work.rarity(pairs, levels, model)
    odds = np.log(model.chance / (1 - model.chance)) + weights
    chance = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
    return Links(pairs[:, 0], pairs[:, 1], chance, model)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of a block: places in both lists, and the level of each field (-1: not known)."""

    places: npt.NDArray[np.int64]
    levels: Levels


class _Work:
    """The lists inside DuckDB."""

    def __init__(
        self, left: pa.Table, right: pa.Table | None, fields: Sequence[Field], seed: int
    ) -> None:
        self.fields, self.is_one = fields, right is None
        self.db = duckdb.connect(config={"threads": 2})
        for name, table in (("l", left), ("r", left if right is None else right)):
            numbered = table.append_column("at", pa.array(range(table.num_rows), pa.int64()))
            self.db.register(f"{name}_given", numbered)
            self.db.execute(f"create table {name} as select * from {name}_given")
        self.sizes = (left.num_rows, (left if right is None else right).num_rows)
        n, other = self.sizes
        self.possible = n * (n - 1) / 2 if self.is_one else n * other
        self.u = self._by_chance(seed)

    def _compared(self, source: str) -> _Pairs:
        levels = ", ".join(_level(each) for each in self.fields)
        got = self.db.execute(f"select l.at as a, r.at as b, {levels} from {source}").fetchnumpy()
        places = np.stack([np.asarray(got[name], np.int64) for name in ("a", "b")], axis=1)
        columns = [np.asarray(got[f"is_{each.name}"], np.int8) for each in self.fields]
        return _Pairs(places, np.stack(columns, axis=1))

    def pairs(self, block: Sequence[str]) -> _Pairs:
        """All pairs that agree in the columns of a block, those of crowded keys left out."""
        same = " and ".join(f"l.{name} = r.{name}" for name in block)
        once = " and l.at < r.at" if self.is_one else ""
        names = ", ".join(block)
        mine = " and ".join(f"l.{name} = k.{name}" for name in block)
        crowded = f"""(select {names} from
            (select {names}, count(*) as n from l group by all) as one join
            (select {names}, count(*) as n from r group by all) as two using ({names})
            where one.n * two.n <= {MOST_OF_A_KEY}) as k"""
        return self._compared(f"l join {crowded} on {mine} join r on {same}{once}")

    def _by_chance(self, seed: int) -> dict[str, Floats]:
        """U of each field: of equality counted, of other levels on pairs drawn by chance."""
        draw = np.random.default_rng(seed)
        n, other = self.sizes
        drawn = pa.table(
            {
                "a": draw.integers(0, max(n, 1), DRAWN),
                "b": draw.integers(0, max(other, 1), DRAWN),
            }
        )
        self.db.register("drawn", drawn)
        apart = " where l.at <> r.at" if self.is_one else ""
        source = f"drawn join l on l.at = drawn.a join r on r.at = drawn.b{apart}"
        levels = self._compared(source).levels
        found = {}
        for place, each in enumerate(self.fields):
            shares = _shares(levels[:, place], len(each.levels))
            shares[-1] = max(self._equal(each.name), LEAST)
            # Short lists teach little of chance too.
            pairs = min(self.possible, DRAWN)
            rare = np.array([0.95] + [0.05 / len(each.levels)] * len(each.levels))
            shares = (shares / shares.sum() * pairs + rare * BEFORE) / (pairs + BEFORE)
            found[each.name] = np.maximum(shares, LEAST)
        return found

    def _equal(self, name: str) -> float:
        """How often two known values drawn by chance are equal."""
        counted = f"select {name}, count(*) as n from {{}} where {name} is not null group by all"
        one, two = (counted.format(table) for table in ("l", "r"))
        n, other = (
            self.db.execute(f"select count({name}) from {table}").fetchall()[0][0]
            for table in ("l", "r")
        )
        if not n or not other:
            return LEAST
        less = n if self.is_one else 0
        same = self.db.execute(
            f"select coalesce(sum(x.n * y.n), 0) from ({one}) x join ({two}) y using ({name})"
        ).fetchall()[0][0]
        return max(float(same) - less, 0.0) / float(max(n * other - less, 1))

    def rarity(self, places: npt.NDArray[np.int64], levels: Levels, model: Model) -> Floats:
        """What rare values add to the weight of being equal, and frequent ones take from it."""
        more = np.zeros(len(places))
        for place, each in enumerate(self.fields):
            if not each.frequency:
                continue
            name = each.name
            counts = self.db.execute(
                f"""select coalesce(f.n, 0) as n from l left join (select {name}, count(*) as n from
                (select {name} from l union all select {name} from r)
                where {name} is not null group by all) as f using ({name}) order by l.at"""
            ).fetchnumpy()["n"]
            share = np.asarray(counts, np.float64) / max(float(sum(self.sizes)), 1.0)
            equal = levels[:, place] == len(each.levels)
            mine = np.maximum(share[places[:, 0]], 1 / max(float(sum(self.sizes)), 1.0))
            more += np.where(equal, np.log(model.u[name][-1] / mine), 0.0)
        return more


def _level(each: Field) -> str:
    """SQL that says to which level a field agrees: 0 none, higher stronger, -1 not known."""
    sides = {"l": f"l.{each.name}", "r": f"r.{each.name}"}
    steps = [
        f"when {condition.format(**sides)} then {len(each.levels) - at}"
        for at, condition in enumerate(each.levels)
    ]
    blank = f"when {sides['l']} is null or {sides['r']} is null then -1"
    return f"cast(case {blank} {' '.join(steps)} else 0 end as tinyint) as is_{each.name}"


def _shares(levels: Levels, most: int) -> Floats:
    """Share of each level 0..most among the known ones."""
    known = levels >= 0
    counts = np.bincount(levels[known], minlength=most + 1).astype(np.float64)
    total = counts.sum()
    even = np.full(most + 1, 1 / (most + 1))
    return np.maximum(counts / total, LEAST) if total > 0 else even


def _taught(levels: Levels, match: Floats, most: int) -> Floats:
    """Share of each level among matches, with BEFORE matches that agree mostly."""
    known = levels >= 0
    counts = np.bincount(levels[known], match[known], most + 1).astype(np.float64)
    counts += BEFORE * _first_guess(most)
    shares: Floats = np.maximum(counts / counts.sum(), LEAST)
    return shares


@dataclass(frozen=True, slots=True)
class _Learnt:
    """m of the fields a block leaves open, and the share of matches among its pairs."""

    m: dict[str, Floats]
    share: float


def _learnt(
    pairs: _Pairs, fields: Sequence[Field], block: Sequence[str], u: dict[str, Floats]
) -> _Learnt:
    """Expectation maximisation over the patterns of agreement of one block."""
    free = [place for place, each in enumerate(fields) if each.name not in block]
    if not len(pairs.places) or not free:
        return _Learnt({}, 0.0)
    patterns, counts = np.unique(pairs.levels[:, free], axis=0, return_counts=True)
    m = {fields[place].name: _first_guess(len(fields[place].levels)) for place in free}
    share, before = 0.1, -1.0
    for _ in range(ROUNDS):
        odds = np.full(len(patterns), np.log(share / (1 - share)))
        for column, place in enumerate(free):
            name = fields[place].name
            odds += _weight(patterns[:, column], m[name], u[name])
        match = counts / (1 + np.exp(-np.clip(odds, -500, 500)))
        share = float((match.sum() + 1) / (counts.sum() + 2))
        for column, place in enumerate(free):
            each = fields[place]
            m[each.name] = _taught(patterns[:, column], match, len(each.levels))
        if abs(share - before) < STILL:
            break
        before = share
    return _Learnt(m, share)


def _first_guess(levels: int) -> Floats:
    """Matches agree mostly."""
    rest = 0.1 / levels
    return np.array([rest] * levels + [0.9])


def _weight(levels: Levels, m: Floats, u: Floats) -> Floats:
    """Weight of each level; what is not known weighs nothing."""
    table: Floats = np.append(np.log(m / u), 0.0)  # -1 is the last
    return table[levels]


def _model(
    learnt: Sequence[_Learnt],
    blocks: Sequence[Sequence[str]],
    found: Sequence[_Pairs],
    work: _Work,
) -> Model:
    """The means of what the blocks have taught, and how often two by chance are one."""
    model = Model(u=work.u)
    for each in work.fields:
        said = [one.m[each.name] for one in learnt if each.name in one.m]
        guess = _first_guess(len(each.levels))
        model.m[each.name] = np.mean(said, axis=0) if said else guess
        model.m[each.name] = model.m[each.name] / model.m[each.name].sum()
    expected = []
    for one, block, pairs in zip(learnt, blocks, found, strict=True):
        caught = np.prod([model.m[name][-1] for name in block if name in model.m])
        if one.share:
            expected.append(one.share * len(pairs.places) / max(float(caught), LEAST))
    matches = float(np.mean(expected)) if expected else 1.0
    model.chance = float(np.clip(matches / max(work.possible, 1), 1e-12, 0.5))
    return model


def _together(found: Iterable[_Pairs]) -> tuple[npt.NDArray[np.int64], Levels]:
    """The pairs of all blocks, each once."""
    parts = list(found)
    places = np.concatenate([one.places for one in parts])
    levels = np.concatenate([one.levels for one in parts])
    _, first = np.unique(places, axis=0, return_index=True)
    return places[first], levels[first]


def _weights(levels: Levels, fields: Sequence[Field], model: Model) -> Floats:
    total = np.zeros(len(levels))
    for place, each in enumerate(fields):
        total += _weight(levels[:, place], model.m[each.name], model.u[each.name])
    return total
