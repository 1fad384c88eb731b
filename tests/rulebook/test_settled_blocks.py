"""Totals of blocks in which an operand is settled for some and open for others.

A block of one or two households often holds one value only, or none: what it then asks for must
fit what the other blocks ask for. Every aggregate is tried over persons and households, seen from
the household, the village, the county and everybody.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.rulebook.hand_trees import Hand
from tests.rulebook.test_columns_agree import by_hand, of_snapshot
from tests.rulebook.test_sql_agrees import flat
from tests.soak import SOAK
from yihu.rulebook import sql, tree
from yihu.rulebook.facts import Level, Text
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.tree import Type

ABOVE = {
    "person": ("household", "village", "county", "population"),
    "household": ("village", "county", "population"),
    "village": ("county", "population"),
}
#: What a whole block may hold of a fact: few values, so that blocks are alike more often than not.
CELLS: dict[str, list[object]] = {
    "sick": [True, False],
    "child": [True, False],
    "rooms": [0, 3, 300],
    "cost": [-5, 0, 100, 70_000, 3_000_000_000],
    "hours": [0.0, 0.1, 2.5],
    "weight": [0.0, 1.0, 0.3],
    "birth": [740_000, 751_000],
    "school": [0, 3],
    "name": ["a", "韦月"],
}
VALUES = {
    "rooms": Type.WHOLE,
    "cost": Type.MONEY,
    "hours": Type.REAL,
    "birth": Type.DATE,
    "name": Type.TEXT,
    "sick": Type.TRUTH,
}
CONSTANTS = {
    Type.WHOLE: 300,
    Type.MONEY: 70_000,
    Type.REAL: 0.1,
    Type.DATE: 745_000,
    Type.TEXT: "a",
    Type.TRUTH: True,
}
COMPARED = ("=", "!=", "<", "<=", ">", ">=")


class Drawn:
    """One program and its tables."""

    def __init__(self, chance):
        self.chance, self.h = chance, Hand()
        self.pick = chance.choice

    def condition(self, over):
        """A condition that is settled where a block holds one code, and open elsewhere."""
        school = self.h.fact("school", over)
        form = self.pick(["fact", "in", "known", "constant", "both", "either"])
        if form == "fact":
            return self.h.fact("sick", over)
        if form == "in":
            return self.h.node(tree.In, Type.TRUTH, over, school, self.pick([(0,), (3,), (0, 3)]))
        if form == "known":
            return self.h.node(tree.IsUnknown, Type.TRUTH, over, school)
        if form == "constant":
            return self.h.const(Type.TRUTH, self.pick([True, False, None]))
        parts = self.h.fact("child", over), self.h.compare("=", school, 0)
        return (self.h.both if form == "both" else self.h.either)(*parts, level=over)

    def value(self, over, kind, name):
        """A value of a type: a fact, a constant, or one where the other is unknown."""
        fact = self.h.fact(name, over)
        constant = self.h.const(kind, CONSTANTS[kind] if self.pick([1, 1, 0]) else None)
        form = self.pick(["fact", "fact", "fact", "constant", "either", "chosen"])
        if form == "either":
            return self.h.node(tree.IfUnknown, kind, over, fact, constant)
        if form == "chosen":
            arms = ((self.condition(over), fact),)
            return self.h.node(tree.Case, kind, over, arms, constant)
        return fact if form == "fact" else constant

    def ask(self):
        over = self.pick([*ABOVE])
        level = self.pick(ABOVE[over])
        op = self.pick(["any", "count", "share", "sum", "min", "max", "avg", "only", "median"])
        where = self.condition(over) if self.pick([True, True, False]) else None
        if op in ("any", "count", "share"):
            self._of_conditions(op, over, level, where)
            return
        names = [*VALUES] if op == "only" else ["rooms", "cost", "hours"]
        name = self.pick(names + ["birth"] * (op in ("min", "max")))
        value = self.value(over, VALUES[name], name)
        weighted = op == "median" and self.pick([True, False])
        weight = self.h.fact("weight", over) if weighted else None
        p = self.pick([0.25, 0.5, 1.0]) if op == "median" else None
        found = self.h.agg(op, value, where, level=level, over=over, weight=weight, p=p)
        self.shown(level, found)

    def _of_conditions(self, op, over, level, where):
        value = self.condition(over)
        if op == "any":
            found = self.h.agg(self.pick(["any", "all"]), value, level=level, over=over)
            self.h.ask(level, found)
            return
        where = None if op == "count" else where or self.h.const(Type.TRUTH, True)
        found = self.h.agg(op, value, where, level=level, over=over)
        if self.pick([True, False, False]):
            self.shown(level, found)
            return
        right = self.h.const(found.type, self.pick([0, 1, 2, None] if op == "count" else RIGHTS))
        if op == "count" and level != "population" and self.pick([True, False]):
            right = self.h.fact("rooms", level)
        test = (tree.CountTest, Type.TRUTH, level, self.pick(COMPARED), found, right)
        self.h.ask(level, self.h.node(*test))

    def shown(self, level, found):
        """A rule that holds where the value is known, and shows it as its amount if it is one."""
        amount = found if found.type in (Type.WHOLE, Type.MONEY, Type.DATE) else None
        if found.type in (Type.REAL, Type.MONEY_REAL):
            thousand = self.h.const(found.type, 1000.0)
            many = self.h.node(tree.Arith, found.type, level, "*", found, thousand)
            amount = self.h.node(tree.Round, Type.WHOLE, level, "half_up", 1, many)
        if found.type is Type.TEXT:
            self.h.ask(level, self.h.compare("=", found, "a"))
        if found.type is Type.TRUTH:
            self.h.ask(level, found)
        self.h.ask(level, found, amount)

    def tables(self, size):
        """Tables whose facts are alike for `size` households at a time, and for their persons."""
        counts = {"household": self.pick([1, 3, 6, 9]), "village": 3, "county": 2}
        found = {"county": {"id": ["c0", "c1"], "rooms": [self.pick([1, 3, None]), 2]}}
        found["village"] = self._level("village", 3, self._above("c", 3, 2), [0, 1, 2])
        runs = [n // size for n in range(counts["household"])]
        of = self._above("v", len(runs), 3)
        found["household"] = self._level("household", len(runs), of, runs)
        homes = self.chance.choices(range(len(runs)), k=self.pick([1, 4, 12]))
        if self.pick([True, False]):  # else the file has another order than the blocks
            homes.sort()
        lost = [None] if self.pick([True, False, False]) else []
        parents = [*(f"h{n}" for n in homes), *lost]
        places = [*(runs[n] for n in homes), *lost]
        found["person"] = self._level("person", len(parents), parents, places)
        return found

    def _above(self, letter, count, of):
        stray = [None, *(f"{letter}{n}" for n in range(of))]
        return [self.pick(stray if self.pick([0, 0, 1]) else stray[1:]) for _ in range(count)]

    def _level(self, level, count, parents, runs):
        found = {"id": [f"{level[0]}{n}" for n in range(count)], "parent": parents}
        for name, cells in CELLS.items():
            kinds = {run: self.pick(["one", "one", "none", "mixed"]) for run in set(runs)}
            ones = {run: self.pick(cells) for run in kinds}
            found[name] = [
                ones[run]
                if kinds[run] == "one"
                else self.pick([*cells, None])
                if kinds[run] == "mixed"
                else None
                for run in runs
            ]
        return found


RIGHTS = [0.0, 0.5, 1.0, 1 / 3, None]


def drawn(seed):
    """A program over five levels, its tables and the size of a block."""
    made = Drawn(random.Random(seed))
    size = made.pick([1, 2])
    for _ in range(4):
        made.ask()
    program = made.h.program()
    county = Level("county", Text("county", "county"), "counties", ("county",))
    levels = (*program.levels[:3], county, program.levels[3])
    rooms = replace(program.facts["village", "rooms"], level="county")
    facts = {**program.facts, ("county", "rooms"): rooms}
    return replace(program, levels=levels, facts=facts), made.tables(size), size


@settings(
    max_examples=150 * SOAK,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(0, 2**64))
def test_blocks_settled_and_open_give_the_plain_meaning_together(engine, seed):
    program, tables, size = drawn(seed)
    made = Snapshot.from_tables(program, tables, block=size)
    found = flat(sql.check(program, made, engine=engine))
    by_witness = {key: cells for key, cells in found.items() if cells}

    assert of_snapshot(program, made) == by_witness == by_hand(program, tables)


@pytest.mark.parametrize("op", ["sum", "min", "max", "avg", "only", "median"])
def test_small_numbers_add_up_to_large_ones_in_every_reader(op):
    # A snapshot keeps them in one byte each.
    asked = Drawn(random.Random(0))
    h = asked.h
    p = 0.5 if op == "median" else None
    cost = h.fact("cost", "household")
    own = h.node(tree.Arith, Type.MONEY, "household", "+", cost, cost)
    h.ask("household", own, own)
    asked.shown("population", h.agg(op, cost, level="population", over="household", p=p))
    homes: dict[str, list[object]] = {
        "id": ["h0", "h1"],
        "parent": ["v0", "v0"],
        "cost": [100, 100],
    }
    tables: dict[str, dict[str, list[object]]] = {
        "person": {"id": []},
        "household": homes,
        "village": {"id": ["v0"]},
    }
    made = Snapshot.from_tables(h.program(), tables)

    found = flat(sql.check(h.program(), made))

    assert found["household", "rule_0.amount"] == [200, 200]
    assert found == by_hand(h.program(), tables)
