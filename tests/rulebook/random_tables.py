"""Random small tables: persons, households and villages with unknown values everywhere."""

from __future__ import annotations

from tests.rulebook.hand_trees import FACTS

UPPER = {"person": "household", "household": "village", "village": "population"}
TEXTS = [
    "韦月",
    "韦 月",
    "a",
    "A",
    "户册𠀀",
    "é",
    "12345",
    "451022",
    "O'Neil",
    "\\d",
    "11010519491231002X",
    "11010519491231002x",
    "110105194912310021",
    "110105491231002",
    "110105194902310021",
    "45102219000229001X",
    "451022200002290010",
    "00000000000000000X",
    "450922200002290011",
    "450922190002290015",
    "450922000229001",
    "450922010229001",
    "11010519491231002Y",
    "1101051949123100２X",
]
#: What a cell may hold, and a constant of a tree.
CELLS = {
    "yes_no": [True, False],
    "whole": range(-3, 10),
    "money": range(-185, 200, 37),
    "number": [0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 1 / 3, 2.5, -0.7, 1e16, 3.3],
    "date": range(740_000, 751_500),
    "code": range(5),
    "codes": range(16),
    "text": TEXTS,
}


def tables(chance):
    """Persons, households and villages; empty households, people without one, blanks."""
    blank = chance.choice([0.0, 0.1, 0.1, 0.4])
    counts = {
        "person": chance.choice([0, 1, 6, 12, 20]),
        "household": chance.choice([0, 1, 3, 4, 4]),
        "village": chance.choice([0, 1, 2, 2]),
    }
    found = {"population": _facts(chance, 1, blank) | {"id": ["population"]}}
    for level, upper in UPPER.items():
        ids = [f"{level[0]}{i}" for i in range(counts[level])]
        above = [f"{upper[0]}{i}" for i in range(counts.get(upper, 0))] or ["x"]
        astray = [None, "x"] if chance.random() < 0.5 else []
        parents = [chance.choice([*above * 3, *astray]) for _ in ids]
        if upper == "population":
            parents = [None] * len(ids)
        found[level] = {"id": ids, "parent": parents, **_facts(chance, len(ids), blank)}
    return found


def _facts(chance, count, blank):
    names = [*FACTS.items(), ("last.child", "yes_no"), ("last.sick", "yes_no")]
    return {
        name: [
            None if chance.random() < blank else chance.choice(CELLS[kind]) for _ in range(count)
        ]
        for name, kind in names
    }
