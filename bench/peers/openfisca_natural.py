"""OpenFisca-Core as it is used: missing inputs take the default of their variable.

A missing yes-or-no is no, a missing number 0, a missing code the first of its list, a missing day
1 January 1970: nothing is ever unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from openfisca_core.indexed_enums import Enum
from openfisca_core.simulations import SimulationBuilder

from bench.data import Data
from bench.peers import openfisca_rules as of
from bench.peers.scan import COLUMNS

Inputs = dict[str, tuple[Any, Any]]


def inputs(path: Path, columns: str) -> Inputs:
    """Columns of a file as (values with defaults for the missing, where it is known)."""
    names = columns.split(", ")
    coded = [name for name in names if name in of.CODES or name == "county_code"]
    table = pq.read_table(path, columns=names, read_dictionary=coded)
    return {name: _input(name, table[name]) for name in names}


def _input(name: str, column: Any) -> tuple[Any, Any]:
    known = np.ones(len(column), bool)
    if column.null_count:
        known = column.is_valid().to_numpy()
    if name in of.CODES or name == "county_code":
        return _codes(name, column, known), known
    if name in of.YES_NO:
        return pc.fill_null(column, False).to_numpy(), known
    if name in of.DATES:
        return pc.fill_null(column, date(1970, 1, 1)).to_numpy(), known
    return pc.fill_null(column, 0).to_numpy(), known


def _codes(name: str, column: Any, known: Any) -> Any:
    joined = column.unify_dictionaries().combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.chunk(0)
    words = joined.dictionary.to_pylist()
    keys = of.CODES.get(name)
    places = [keys.index(word) if keys else _county(word) for word in words]
    found = np.array([*places, 0], np.uint8)[pc.fill_null(joined.indices, len(words)).to_numpy()]
    # An unknown county has the line of all others.
    return found if keys else np.where(known, found, len(of.COUNTIES) - 1)


def _county(code: str) -> int:
    return next(i for i, start in enumerate(of.COUNTIES) if start == "*" or code.startswith(start))


def allowance(p: Any, t: Any, _: Any) -> Any:
    """Allowance for a person's disability, yuan."""
    grade = p("disability", t)
    is_ = of.is_
    return np.select(
        [
            is_(grade, "disability", "one"),
            is_(grade, "disability", "two"),
            is_(grade, "disability", "three") & p("certified", t),
        ],
        [1200, 960, 600],
        0,
    )


def dibao_line(h: Any, t: Any, parameters: Any) -> Any:
    """Line of the county, yuan."""
    p = parameters(t)
    lines = [p.dibao_990201, p.dibao_9900, p.dibao_9901, p.dibao_rest]
    return np.array(lines)[h("county", t)]


def variables() -> list[type]:
    """All variables of the natural form."""
    found = [of.variable(of.household, "county", int)]
    for entity, columns in ((of.household, "households"), (of.person, "persons")):
        names = [n for n in COLUMNS[columns].split(", ")[1:] if n != "county_code"]
        found += [of.variable(entity, name, kind_of(name)) for name in names]
    found += [of.variable(of.person, f.__name__, bool, f) for f in of.OF_PERSON]
    found.append(of.variable(of.person, "allowance", int, allowance))
    found.append(of.variable(of.household, "dibao_line", int, dibao_line))
    found += [of.variable(of.household, f.__name__, int, f) for f in of.NUMBERS]
    found.append(of.variable(of.household, "income_per_person", float, of.income_per_person))
    found += [of.variable(of.household, f.__name__, bool, f) for f in of.RULES]
    return found + [of.variable(of.household, f.__name__, int, f) for f in of.AMOUNTS]


def kind_of(name: str) -> Any:
    """Type of an input variable."""
    if name in of.CODES:
        return Enum
    if name in of.DATES:
        return date
    if name in of.YES_NO:
        return bool
    return float if name == "house_area" else int


def simulation(system: Any, homes: Inputs, persons: Inputs) -> Any:
    """A simulation with everybody in it; ids and places are set as arrays, not as lists."""
    builder = SimulationBuilder()
    builder.create_entities(system)
    ids, owners = homes["household_id"][0], persons["household_id"][0]
    home, everybody = builder.populations["household"], builder.populations["person"]
    home.ids, home.count = ids, len(ids)
    everybody.ids, everybody.count = np.arange(len(owners)), len(owners)
    home.members_entity_id = np.searchsorted(ids, owners)
    return builder.build(system)


def set_input(found: Any, name: str, values: Any) -> None:
    """One input for the year."""
    if name == "county_code":
        name = "county"
    elif name in of.CODES:
        values = of.code_array(name, values)
    found.set_input(name, of.PERIOD, values)


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    system = of.system(variables())

    def run(out: Path) -> None:
        homes = inputs(data.households, COLUMNS["households"])
        persons = inputs(data.persons, COLUMNS["persons"])
        found = simulation(system, homes, persons)
        for columns in (homes, persons):
            for name, (values, _) in columns.items():
                if name != "household_id":
                    set_input(found, name, values)
        answers = {"household_id": homes["household_id"][0]}
        for rule in of.RULES:
            answers[rule.__name__] = found.calculate(rule.__name__, of.PERIOD)
        for amount in of.AMOUNTS:
            rule_name = amount.__name__.removesuffix("_amount")
            due = found.calculate(amount.__name__, of.PERIOD).astype(np.int64)
            column = pa.array(due, mask=~answers[rule_name])
            answers[f"{rule_name}.amount"] = column
        pq.write_table(pa.table(answers), out, compression="snappy")

    return run
