"""Examples as tables: many cards in one run of a batch reader.

Cards of one day, one level and one population lie side by side as separate families; what they
have in common is only what the population is given, so none can see another. A card that must lie
alone is laid once for all rules that ask about it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import duckdb

from yihu.rulebook import columns, sql
from yihu.rulebook.bind import bind
from yihu.rulebook.book import Example, Rulebook, RuleSpec
from yihu.rulebook.cards import Family, Reader, Thing, root_for
from yihu.rulebook.evaluate import Answer
from yihu.rulebook.examples import Outcome
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Snapshot

Tables = dict[str, dict[str, list[Any]]]
#: Runs a program over tables: rule → id → answer, for one level.
Run = Callable[[Program, Tables, str], Mapping[str, Mapping[str, Answer]]]


def by_sql(rulebook: Rulebook) -> Iterator[Outcome]:
    """All examples on the sql reader."""
    with duckdb.connect() as engine:
        return _all(rulebook, partial(_run_sql, engine))


def by_columns(rulebook: Rulebook) -> Iterator[Outcome]:
    """All examples on the batch reader."""
    return _all(rulebook, _run_columns)


def _run_columns(program: Program, tables: Tables, about: str) -> dict[str, dict[str, Answer]]:
    snapshot = Snapshot.from_tables(program, tables)
    found = columns.check(program, snapshot, threads=1)[about]
    ids = found.ids.to_pylist()
    return {
        rule: _by_id(ids, column, found.amounts.get(rule)) for rule, column in found.rules.items()
    }


def _run_sql(
    engine: duckdb.DuckDBPyConnection, program: Program, tables: Tables, about: str
) -> dict[str, dict[str, Answer]]:
    found = sql.check(program, tables, engine=engine)[about]
    return {
        rule: _by_id(found.ids, column, found.amounts.get(rule))
        for rule, column in found.answers.items()
    }


def _by_id(ids: Sequence[str], codes: Any, amounts: Any) -> dict[str, Answer]:
    return {
        id_: _answer(int(codes[i]), None if amounts is None else int(amounts[i]))
        for i, id_ in enumerate(ids)
    }


def _answer(code: int, amount: int | None) -> Answer:
    holds = {1: True, 0: False, -1: None}[code]
    due = amount if holds and amount != sql.NO_AMOUNT else None
    return Answer(holds, due)


@dataclass(slots=True)
class _Batch:
    """Cards of one day, level and population."""

    on: date
    about: str
    program: Program
    reader: Reader
    keeps_ids: bool
    tables: Tables = field(default_factory=dict)
    asked: list[tuple[int, RuleSpec, Example, str]] = field(default_factory=list)

    def named(self, place: int) -> Callable[[Thing], str]:
        """What the things of a card are called among those of the other cards."""
        if self.keeps_ids:
            return lambda thing: POPULATION if thing.level == POPULATION else thing.id
        return lambda thing: f"{place}:{thing.id}"


def _all(rulebook: Rulebook, run: Run) -> Iterator[Outcome]:
    outcomes: dict[int, Outcome] = {}
    batches: dict[str, _Batch] = {}
    place = -1
    for rule in rulebook.rules.values():
        for example in rule.examples:
            place += 1
            try:
                batch = _batch(rulebook, rule, example, batches)
                if batch.keeps_ids and batch.asked:
                    asked = batch.asked[0][-1]
                else:
                    asked = _added(batch, place, example.card)
                batch.asked.append((place, rule, example, asked))
            except Refused as refusal:
                outcomes[place] = Outcome(rule, example, None, refusal)
    for batch in batches.values():
        outcomes.update(_ran(batch, run))
    return (outcomes[i] for i in sorted(outcomes))


def _batch(
    rulebook: Rulebook, rule: RuleSpec, example: Example, batches: dict[str, _Batch]
) -> _Batch:
    population = example.card.get(POPULATION, {})
    # A card that names its places by code needs them as they are, so it is alone.
    alone = rule.level == POPULATION or _names_ids(example.card)
    apart = example.card if alone else population
    key = json.dumps([example.on, rule.level, alone, apart], default=repr, sort_keys=True)
    if key not in batches:
        root = POPULATION if rule.level == POPULATION else root_for(rulebook.levels, rule.level)
        names = {
            r.name
            for r in rulebook.rules.values()
            if r.level == rule.level and any(e.on == example.on for e in r.examples)
        }
        in_force = {n for n in names if rulebook.rules[rule.level, n].in_force(example.on)}
        program = bind(rulebook, example.on, root=root, rules=in_force)
        reader = Reader(program, rulebook)
        batches[key] = _Batch(example.on, rule.level, program, reader, keeps_ids=alone)
    return batches[key]


def _names_ids(card: object) -> bool:
    if isinstance(card, Mapping):
        return "id" in card or any(_names_ids(part) for part in card.values())
    return isinstance(card, list) and any(_names_ids(part) for part in card)


def _added(batch: _Batch, place: int, card: Mapping[str, Any]) -> str:
    """Put a card's things into the tables; the id of the thing asked about."""
    family: Family = batch.reader.card(card, batch.about)
    above = [thing for thing in family.above if thing.level != POPULATION]
    everybody = next((t for t in (*family.above, family.top) if t.level == POPULATION), None)
    if everybody is not None and POPULATION not in batch.tables:
        _row(batch.tables, everybody, POPULATION, None)
    named = batch.named(place)
    parent = None
    for thing in reversed(above):
        _row(batch.tables, thing, named(thing), parent)
        parent = named(thing)
    if family.top.level != POPULATION:
        _row(batch.tables, family.top, named(family.top), parent)
    _below(batch.tables, family.top, named)
    thing = family.top
    while thing.level != batch.about:
        thing = thing.below[0]
    return named(thing)


def _below(tables: Tables, thing: Thing, named: Callable[[Thing], str]) -> None:
    for child in thing.below:
        _row(tables, child, named(child), named(thing))
        _below(tables, child, named)


def _row(tables: Tables, thing: Thing, id_: str, parent: str | None) -> None:
    table = tables.setdefault(thing.level, {"id": [], "parent": []})
    count = len(table["id"])
    table["id"].append(id_)
    table["parent"].append(parent)
    for name in (*table, *thing.values):
        if name not in ("id", "parent"):
            column = table.setdefault(name, [None] * count)
            column.append(thing.values.get(name)) if len(column) == count else None


def _ran(batch: _Batch, run: Run) -> Iterator[tuple[int, Outcome]]:
    answers = run(batch.program, batch.tables, batch.about)
    for place, rule, example, id_ in batch.asked:
        answer = answers.get(rule.name, {}).get(id_)
        yield place, Outcome(rule, example, answer)
