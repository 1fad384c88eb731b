"""OpenFisca-Core made three-valued by hand: beside each variable a second one, `<name>_known`.

The formulas are those of openfisca_rules; a small class of pairs carries both arrays through them.
A formula leaves its known part in the cache of the second variable, so nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from operator import ge, gt, le, lt, ne
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import Data
from bench.peers import openfisca_natural as natural
from bench.peers import openfisca_rules as of
from bench.peers.scan import COLUMNS


class Pair:
    """Values and where they are known. A condition is False where it is not known."""

    __slots__ = ("known", "value")
    __array_ufunc__ = None

    def __init__(self, value: Any, known: Any) -> None:
        self.value, self.known = value, known

    def _with(self, other: Any, work: Callable[[Any, Any], Any]) -> Pair:
        if isinstance(other, Pair):
            return Pair(work(self.value, other.value), self.known & other.known)
        return Pair(work(self.value, other), self.known)

    def _asked(self, other: Any, work: Callable[[Any, Any], Any]) -> Pair:
        found = self._with(other, work)
        return Pair(np.asarray(found.value) & found.known, found.known)

    def __add__(self, other: Any) -> Pair:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Pair:
        return self._with(other, lambda a, b: a - b)

    def __mul__(self, other: Any) -> Pair:
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other: Pair) -> Pair:
        # A count that is not known may be 0.
        return self._with(other, lambda a, b: a / np.maximum(b, 1))

    def __ge__(self, other: Any) -> Pair:
        return self._asked(other, ge)

    def __gt__(self, other: Any) -> Pair:
        return self._asked(other, gt)

    def __le__(self, other: Any) -> Pair:
        return self._asked(other, le)

    def __lt__(self, other: Any) -> Pair:
        return self._asked(other, lt)

    def __eq__(self, other: object) -> Pair:  # type: ignore[override]
        return self._asked(other, lambda a, b: a == b)

    def __ne__(self, other: object) -> Pair:  # type: ignore[override]
        return self._asked(other, ne)

    __hash__ = None  # type: ignore[assignment]

    def __and__(self, other: Pair) -> Pair:
        fails = (self.known & ~self.value) | (other.known & ~other.value)
        return Pair(self.value & other.value, (self.known & other.known) | fails)

    def __or__(self, other: Pair) -> Pair:
        holds = self.value | other.value
        return Pair(holds, (self.known & other.known) | holds)

    def __invert__(self) -> Pair:
        return Pair(self.known & ~self.value, self.known)

    @staticmethod
    def two_or_more(risks: list[Pair]) -> Pair:
        """Two or more hold: certain as soon as two do, unknown while two still may."""
        certain = sum(risk.value.astype(np.int8) for risk in risks) >= 2
        possible = sum((risk.value | ~risk.known).astype(np.int8) for risk in risks) >= 2
        return Pair(certain, certain | ~possible)


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """How many hold for certain, and how many may; where somebody is there at all."""

    low: Any
    high: Any
    there: Any

    def __ge__(self, least: int) -> Pair:
        holds = (self.low >= least) & self.there
        return Pair(holds, (holds | (self.high < least)) & self.there)

    def __gt__(self, other: Pair) -> Pair:
        sure = self.there & other.known
        holds = (self.low > other.value) & sure
        return Pair(holds, holds | ((self.high <= other.value) & sure))


@dataclass(frozen=True, slots=True)
class Known:
    """A population of OpenFisca whose values are pairs."""

    inner: Any

    def __call__(self, name: str, period: Any) -> Pair:
        """A variable and the one that says where it is known."""
        return Pair(self.inner(name, period), self.inner(f"{name}_known", period))

    @property
    def members(self) -> Known:
        """The persons."""
        return Known(self.inner.members)

    def nb_persons(self) -> Pair:
        """How many persons; unknown where nobody is there."""
        found = self.inner.nb_persons()
        return Pair(found, found > 0)

    def any(self, condition: Pair) -> Pair:
        """Holds if one holds, unknown if one is unknown or nobody is there."""
        holds = self.inner.any(condition.value)
        return Pair(holds, holds | self._all_known(condition))

    def _all_known(self, found: Pair) -> Any:
        return ~self.inner.any(~found.known) & (self.inner.nb_persons() > 0)

    def sum(self, values: Pair) -> Pair:
        """Unknown if one is unknown or nobody is there."""
        total = self.inner.sum(np.where(values.known, values.value, 0))
        return Pair(total, self._all_known(values))

    def count_of(self, condition: Pair) -> Count:
        """Least and most that hold."""
        low = self.inner.sum(condition.value)
        high = low + self.inner.sum(~condition.known)
        return Count(low, high, self.inner.nb_persons() > 0)

    def any_of_those(self, condition: Pair, where: Pair) -> Pair:
        """Unknown where somebody may be meant whose condition is not known, or nobody is."""
        lost = ~where.known | (where.value & ~condition.known)
        sure = ~self.inner.any(lost) & self.inner.any(where.value)
        return Pair(self.inner.any(where.value & condition.value) & sure, sure)


def three_valued(name: str, formula: of.Formula) -> of.Formula:
    """The formula over pairs, as OpenFisca calls it."""

    @wraps(formula)
    def run(population: Any, period: Any, parameters: Any) -> Any:
        found = formula(Known(population), period, parameters)
        population.get_holder(f"{name}_known").put_in_cache(found.known, period)
        return found.value

    return run


def allowance(p: Any, t: Any, _: Any) -> Pair:
    """Allowance for a person's disability, yuan: strict, as the rulebook's case is."""
    grade, certified = p("disability", t), p("certified", t)
    third = of.is_(grade, "disability", "three").value
    value = np.select(
        [
            of.is_(grade, "disability", "one").value,
            of.is_(grade, "disability", "two").value,
            third & certified.value,
        ],
        [1200, 960, 600],
        0,
    )
    return Pair(value, grade.known & (~third | certified.known))


def dibao_line(h: Any, t: Any, parameters: Any) -> Pair:
    """Line of the county, yuan; counties are always known here."""
    value = natural.dibao_line(h.inner, t, parameters)
    return Pair(value, np.ones(len(value), bool))


def variables() -> list[type]:
    """All variables, each with its second one."""
    found = [of.variable(of.household, "county", int)]
    asked: list[tuple[Any, str, Any, of.Formula | None]] = []
    for entity, columns in ((of.household, "households"), (of.person, "persons")):
        names = [n for n in COLUMNS[columns].split(", ")[1:] if n != "county_code"]
        asked += [(entity, name, natural.kind_of(name), None) for name in names]
    asked += [(of.person, f.__name__, bool, f) for f in of.OF_PERSON]
    asked.append((of.person, "allowance", int, allowance))
    asked.append((of.household, "dibao_line", int, dibao_line))
    asked += [(of.household, f.__name__, int, f) for f in (*of.NUMBERS, *of.AMOUNTS)]
    asked.append((of.household, "income_per_person", float, of.income_per_person))
    asked += [(of.household, f.__name__, bool, f) for f in of.RULES]
    for entity, name, kind, formula in asked:
        wrapped = None if formula is None else three_valued(name, formula)
        found.append(of.variable(entity, name, kind, wrapped))
        found.append(of.variable(entity, f"{name}_known", bool))
    return found


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    system = of.system(variables())

    def run(out: Path) -> None:
        homes = natural.inputs(data.households, COLUMNS["households"])
        persons = natural.inputs(data.persons, COLUMNS["persons"])
        found = natural.simulation(system, homes, persons)
        for columns in (homes, persons):
            for name, (values, known) in columns.items():
                if name != "household_id":
                    natural.set_input(found, name, values)
                if name not in ("household_id", "county_code"):
                    found.set_input(f"{name}_known", of.PERIOD, known)
        pq.write_table(_answers(found, homes), out, compression="snappy")

    return run


def _answers(found: Any, homes: natural.Inputs) -> Any:
    def pair(name: str) -> Pair:
        value = found.calculate(name, of.PERIOD)
        return Pair(value, found.calculate(f"{name}_known", of.PERIOD))

    columns = {"household_id": homes["household_id"][0]}
    for rule in of.RULES:
        said = pair(rule.__name__)
        columns[rule.__name__] = pa.array(said.value, mask=~said.known)
    for amount in of.AMOUNTS:
        name = amount.__name__.removesuffix("_amount")
        due, holds = pair(amount.__name__), pair(name)
        mask = ~(due.known & holds.value)
        columns[f"{name}.amount"] = pa.array(due.value.astype(np.int64), mask=mask)
    return pa.table(columns)
