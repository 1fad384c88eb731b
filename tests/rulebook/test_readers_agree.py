"""The batch reader and its witness agree on one snapshot, cell by cell."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.rulebook.hand_trees import Hand
from tests.rulebook.random_trees import cases
from tests.soak import SOAK
from yihu.rulebook import columns, sql, tree
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.tree import Type

BLOCKS = st.sampled_from([2, 3, 65_536])


def by_witness(program, made, engine=None):
    """(level, id, rule or rule.amount) → value."""
    return {
        (level, id_, name): int(value)
        for level, of in sql.check(program, made, engine=engine).items()
        for part, column in ((of.answers, ""), (of.amounts, ".amount"))
        for rule, values in part.items()
        for name in [rule + column]
        for id_, value in zip(of.ids, values, strict=True)
    }


def by_columns(program, made):
    found = columns.check(program, made)
    return {
        (level, id_, name): int(value)
        for level in {o.level for o in program.outputs}
        for part, column in ((found[level].rules, ""), (found[level].amounts, ".amount"))
        for rule, values in part.items()
        for name in [rule + column]
        for id_, value in zip(found[level].ids.to_pylist(), values, strict=True)
    }


@settings(
    max_examples=60 * SOAK,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(cases(), BLOCKS)
def test_columns_and_sql_agree_on_random_trees(engine, case, block):
    program, tables = case
    del tables["population"]  # no file brings facts of everybody
    made = Snapshot.from_tables(program, tables, block=block)

    assert by_columns(program, made) == by_witness(program, made, engine)


@pytest.mark.parametrize(
    ("at", "above", "lost"),
    [
        ("person", "household", ["c"]),
        ("person", "village", ["b", "c"]),
        ("household", "village", ["h1"]),
        ("household", "population", []),
    ],
)
def test_a_derived_constant_is_unknown_where_nothing_is_above(at, above, lost):
    # A line folded to the day is a constant, the same for every village there is.
    h = Hand()
    seen = h.up(h.define(above, "line", h.const(Type.MONEY, 300_000)), at)
    h.ask(at, h.node(tree.IsUnknown, Type.TRUTH, at, seen), seen)
    tables: dict[str, dict[str, list[str | None]]] = {
        "person": {"id": ["a", "b", "c"], "parent": ["h0", "h1", None]},
        "household": {"id": ["h0", "h1"], "parent": ["v0", None]},
        "village": {"id": ["v0"]},
    }
    made = Snapshot.from_tables(h.program(), tables, block=2)

    found = by_columns(h.program(), made)

    assert found == by_witness(h.program(), made)
    assert [id_ for (_, id_, rule), v in found.items() if (rule, v) == ("rule_0", 1)] == lost


@pytest.mark.parametrize("costs", [[200], [70_000, -3], [3_000_000_000, 1]])
def test_totals_over_places_keep_their_size_beside_a_small_constant(costs):
    h = Hand()
    total = h.agg("sum", h.fact("cost", "village"), level="population", over="village")
    known = h.node(tree.IfUnknown, Type.MONEY, "population", total, h.const(Type.MONEY, 7))
    h.ask("population", h.const(Type.TRUTH, True), known)
    ids = [f"v{n}" for n in range(len(costs))]
    made = Snapshot.from_tables(h.program(), {"village": {"id": ids, "cost": costs}})

    assert list(by_columns(h.program(), made).values()) == [1, sum(costs)]
    assert by_columns(h.program(), made) == by_witness(h.program(), made)


@pytest.mark.parametrize("op", ["min", "max", "sum", "avg", "only"])
@pytest.mark.parametrize("schools", [[0, 0, 3, 3], [3, 3, 0, 0], [0], [3], [0, None, 3], []])
def test_a_condition_may_be_settled_in_one_block_and_open_in_another(engine, op, schools):
    h = Hand()
    chosen = h.node(tree.In, Type.TRUTH, "household", h.fact("school", "household"), (0, 1, 2))
    cost = h.agg(op, h.fact("cost", "household"), chosen, level="population", over="household")
    whole = cost.type is Type.MONEY
    h.ask("population", h.const(Type.TRUTH, True), cost if whole else rounded(h, cost))
    homes = {
        "id": [f"h{n}" for n in range(len(schools))],
        "school": schools,
        "cost": [100 + n for n in range(len(schools))],
    }
    made = Snapshot.from_tables(h.program(), {"household": homes}, block=2)

    assert by_columns(h.program(), made) == by_witness(h.program(), made, engine)


def rounded(h, amount):
    return h.node(tree.Round, Type.WHOLE, amount.level, "half_up", 1, amount)
