"""Examples as tables: many cards in one run of a batch reader.

Cards of one day, one level and one population lie side by side as separate families; what they
have in common is only what the population is given, so none can see another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yihu.rulebook import sql
from yihu.rulebook.bind import bind
from yihu.rulebook.book import Example, Rulebook, RuleSpec
from yihu.rulebook.cards import Family, Reader, Thing, root_for
from yihu.rulebook.evaluate import Answer
from yihu.rulebook.examples import Outcome
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.refusals import Refused

Tables = dict[str, dict[str, list[Any]]]
#: Runs a program over tables: rule → id → answer, for one level.
Run = Callable[[Program, Tables, str], Mapping[str, Mapping[str, Answer]]]


def by_sql(rulebook: Rulebook) -> Iterator[Outcome]:
    """All examples on the sql reader."""
    return _all(rulebook, _run_sql)


def _run_sql(program: Program, tables: Tables, about: str) -> dict[str, dict[str, Answer]]:
    found = sql.check(program, tables)[about]
    answers: dict[str, dict[str, Answer]] = {}
    for rule, column in found.answers.items():
        amounts = found.amounts.get(rule)
        answers[rule] = {
            id_: _answer(int(column[i]), None if amounts is None else int(amounts[i]))
            for i, id_ in enumerate(found.ids)
        }
    return answers


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
    tables: Tables = field(default_factory=dict)
    asked: list[tuple[int, RuleSpec, Example, str]] = field(default_factory=list)


def _all(rulebook: Rulebook, run: Run) -> Iterator[Outcome]:
    outcomes: dict[int, Outcome] = {}
    batches: dict[str, _Batch] = {}
    place = -1
    for rule in rulebook.rules.values():
        for example in rule.examples:
            place += 1
            try:
                batch = _batch(rulebook, rule, example, batches)
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
    apart = example.card if rule.level == POPULATION else population
    key = json.dumps([example.on, rule.level, apart], default=str, sort_keys=True)
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
        batches[key] = _Batch(example.on, rule.level, program, reader)
    return batches[key]


def _added(batch: _Batch, place: int, card: Mapping[str, Any]) -> str:
    """Put a card's things into the tables; the id of the thing asked about."""
    family: Family = batch.reader.card(card, batch.about)
    above = [thing for thing in family.above if thing.level != POPULATION]
    everybody = next((t for t in (*family.above, family.top) if t.level == POPULATION), None)
    if everybody is not None and POPULATION not in batch.tables:
        _row(batch.tables, everybody, POPULATION, None)
    parent = None
    for thing in reversed(above):
        id_ = f"{place}:{thing.level}"
        _row(batch.tables, thing, id_, parent)
        parent = id_
    if family.top.level == POPULATION:
        top = POPULATION
        _below(batch.tables, family.top, top)
    else:
        top = f"{place}:{family.top.level}"
        _row(batch.tables, family.top, top, parent)
        _below(batch.tables, family.top, top)
    thing, id_ = family.top, top
    while thing.level != batch.about:
        thing, id_ = thing.below[0], f"{id_}/0"
    return id_


def _below(tables: Tables, thing: Thing, id_: str) -> None:
    for i, child in enumerate(thing.below):
        _row(tables, child, f"{id_}/{i}", id_)
        _below(tables, child, f"{id_}/{i}")


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
