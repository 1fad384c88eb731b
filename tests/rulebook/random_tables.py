"""Random small tables: persons, households and villages with unknown values everywhere."""

from __future__ import annotations

from hypothesis import strategies as st

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
    "11010519491231002Y",
    "1101051949123100２X",
]
VALUES = {
    "yes_no": st.booleans(),
    "whole": st.integers(-3, 9),
    "money": st.integers(-5, 5).map(lambda n: n * 37),
    "number": st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 1 / 3, 2.5, -0.7, 1e16, 3.3]),
    "date": st.integers(740_000, 751_500),
    "code": st.integers(0, 4),
    "codes": st.integers(0, 15),
    "text": st.sampled_from(TEXTS),
}


@st.composite
def tables(draw):
    """Persons, households and villages; empty households, people without one, blanks."""
    counts = {
        level: draw(st.integers(0, most))
        for level, most in (("person", 12), ("household", 4), ("village", 2))
    }
    found = {"population": _facts(draw, 1) | {"id": ["population"]}}
    for level, upper in UPPER.items():
        n = counts[level]
        ids = [f"{level[0]}{i}" for i in range(n)]
        above = [f"{upper[0]}{i}" for i in range(counts.get(upper, 0))] or ["x"]
        parents = [draw(st.sampled_from([*above, *above, None, "x"])) for _ in ids]
        if upper == "population":
            parents = [None] * n
        found[level] = {"id": ids, "parent": parents, **_facts(draw, n)}
    return found


def _facts(draw, n):
    found = {}
    for name, kind in FACTS.items():
        for prefix in ("", "last."):
            if prefix == "" or name in ("child", "sick"):
                found[prefix + name] = draw(
                    st.lists(st.none() | VALUES[kind], min_size=n, max_size=n)
                )
    return found
