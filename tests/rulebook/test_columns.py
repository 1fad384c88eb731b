"""The batch reader: what bit others, staging over everybody, and sizes of every kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rulebook.hand_trees import Hand
from tests.rulebook.plain_meaning import PlainMeaning
from yihu.rulebook import columns, tree
from yihu.rulebook.evaluate import compiled, tie
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.tree import Type

UNKNOWN, FAILS, HOLDS = -1, 0, 1


def answers(h, tables, **options):
    """(level, rule) → answers as a list."""
    program = h.program()
    made = Snapshot.from_tables(program, tables, block=options.pop("block", 50))
    found = columns.check(program, made, **options)
    return {
        (level, rule): column.tolist()
        for level, part in found.levels.items()
        for rule, column in part.rules.items()
    }


def people(*households, **facts):
    """Persons of households of these sizes, in order."""
    parents = [str(i) for i, size in enumerate(households) for _ in range(size)]
    persons = {"id": [f"p{i}" for i in range(len(parents))], "parent": parents, **facts}
    return {"person": persons, "household": {"id": [str(i) for i in range(len(households))]}}


# --- what bit others --------------------------------------------------------------------------


def test_a_count_looks_at_its_condition():
    h = Hand()
    count = h.agg("count", h.fact("child"))
    h.ask("household", h.node(tree.CountTest, Type.TRUTH, "household", ">=", count, two(h)))
    tables = people(3, 3, child=[True, True, False, True, False, False])

    assert answers(h, tables) == {("household", "rule_0"): [HOLDS, FAILS]}


def two(h):
    return h.const(Type.WHOLE, 2)


def test_a_comparison_looks_at_its_fact_and_not_at_the_id():
    h = Hand()
    h.ask("person", h.compare("=", h.fact("age"), 7))
    tables = people(2, age=[7, 8])
    tables["person"]["id"] = ["8", "7"]

    assert answers(h, tables) == {("person", "rule_0"): [HOLDS, FAILS]}


@pytest.mark.parametrize("empty", [(0, 2), (2, 0), (0, 0, 2, 0, 0)])
def test_a_household_without_people_is_unknown_wherever_it_stands(empty):
    h = Hand()
    for op in ("any", "all"):
        h.ask("household", h.agg(op, h.fact("child")))
    everybody = h.agg("count", h.const(Type.TRUTH, True))
    h.ask("household", h.compare(">=", everybody, 0))
    h.ask("household", h.compare("=", h.agg("sum", h.fact("age")), 12))

    found = answers(h, people(*empty, child=[True, True], age=[5, 7]))

    expected = [UNKNOWN if size == 0 else HOLDS for size in empty]
    assert found == {("household", f"rule_{i}"): expected for i in range(4)}


def test_unknown_members_decide_nothing_they_cannot_decide():
    h = Hand()
    h.ask("household", h.agg("any", h.fact("child")))
    h.ask("household", h.agg("all", h.fact("child")))
    count = h.agg("count", h.fact("child"))
    h.ask("household", h.node(tree.CountTest, Type.TRUTH, "household", ">=", count, two(h)))
    tables = people(2, 2, 3, child=[None, False, None, True, True, True, None])

    found = answers(h, tables)

    assert found["household", "rule_0"] == [UNKNOWN, HOLDS, HOLDS]
    assert found["household", "rule_1"] == [FAILS, UNKNOWN, UNKNOWN]
    assert found["household", "rule_2"] == [FAILS, UNKNOWN, HOLDS]


def test_a_fact_no_file_has_is_unknown():
    h = Hand()
    h.ask("person", h.compare("=", h.fact("age"), 7))

    assert answers(h, people(1)) == {("person", "rule_0"): [UNKNOWN]}


def test_money_beyond_the_small_types_is_exact():
    h = Hand()
    total = h.agg("sum", h.fact("income"))
    h.ask("household", h.compare("=", total, 4 * (2**31 - 1)))

    assert answers(h, people(4, income=[2**31 - 1] * 4)) == {("household", "rule_0"): [HOLDS]}


@pytest.mark.parametrize("edge", [-129, -128, -127, 0, 126, 127, 128, 32767, 2**31, 2**60])
@pytest.mark.parametrize("op", ["=", "!=", "<", "<=", ">", ">="])
def test_comparisons_at_the_edges_of_the_types(op, edge):
    h = Hand()
    for beside in (edge - 1, edge, edge + 1):
        h.ask("person", h.compare(op, h.fact("income"), beside))
    values = [edge, None, 5, edge + 1, -edge]
    tables = people(len(values), income=values)

    found = answers(h, tables)

    plain = PlainMeaning(h.program(), {**tables, "village": {"id": []}}).answers()
    codes = {True: HOLDS, False: FAILS, None: UNKNOWN}
    assert found == {key: [codes[holds] for holds, _ in rows] for key, rows in plain.items()}


# --- everybody first --------------------------------------------------------------------------


def villages():
    """Five households in two villages and one without; the last has nobody."""
    tables = people(2, 1, 1, 1, 0, income=[100, 200, 300, 400, 900])
    tables["household"]["parent"] = ["v1", "v1", "v2", None, "v2"]
    tables["village"] = {"id": ["v1", "v2"], "rooms": [1, 2]}
    return tables


def test_a_line_relative_to_the_population_is_known_before_households_are_asked():
    h = Hand()
    line = h.define("population", "line", h.agg("median", real_income(h), level="population"))
    h.ask("person", h.compare("<", real_income(h), h.up(line)))
    poor = h.agg("any", h.compare("<", real_income(h), h.up(line)))
    h.ask("household", poor)

    found = answers(h, villages(), block=2)

    # Median of 100, 200, 300, 400, 900.
    assert found["person", "rule_0"] == [HOLDS, HOLDS, FAILS, FAILS, FAILS]
    assert found["household", "rule_1"] == [HOLDS, FAILS, FAILS, FAILS, UNKNOWN]


def real_income(h):
    return h.node(tree.Number, Type.MONEY_REAL, "person", h.fact("income"))


def test_a_chain_from_persons_to_the_population_and_back_takes_four_passes():
    h = Hand()
    line = h.define("population", "line", h.agg("median", real_income(h), level="population"))
    poor = h.define("household", "poor", h.agg("any", h.compare("<", real_income(h), h.up(line))))
    yes = h.const(Type.TRUTH, True)
    share = h.agg("share", poor, yes, level="village", over="household")
    rest = h.define("village", "poor_village", h.compare(">", share, h.const(Type.REAL, 0.4)))
    among = h.agg("count", h.up(rest, "household"), level="population", over="household")
    many = h.node(tree.CountTest, Type.TRUTH, "population", ">=", among, h.const(Type.WHOLE, 2))
    h.ask("village", rest)
    h.ask("population", many)
    h.ask("household", h.up(many, "household"))

    seen = []
    found = answers(h, villages(), block=2, progress=lambda done, of: seen.append((done, of)))

    # v1: one of two is poor. v2: one is not, the one without people is unknown.
    assert found["village", "rule_0"] == [HOLDS, UNKNOWN]
    assert found["population", "rule_1"] == [HOLDS]
    assert found["household", "rule_2"] == [HOLDS] * 5
    assert seen == [(i, 12) for i in range(1, 13)]


def test_values_that_repeat_are_counted_over_all_blocks():
    h = Hand()
    repeats = h.node(tree.Repeats, Type.WHOLE, "person", h.fact("number"), None)
    h.ask("person", h.compare(">", repeats, 1))
    adults = h.node(tree.Repeats, Type.WHOLE, "person", h.fact("number"), h.fact("child"))
    h.ask("person", h.compare("=", adults, 0))
    numbers = ["x", "y", "x", None, "z" * 100, "z" * 100 + "\0"]
    children = [True, False, False, True, None, True]

    found = answers(h, people(1, 2, 1, 2, number=numbers, child=children), block=1)

    twice = [HOLDS, FAILS, HOLDS, UNKNOWN, FAILS, FAILS]
    assert found["person", "rule_0"] == twice
    nobody = [FAILS, HOLDS, FAILS, UNKNOWN, HOLDS, FAILS]
    assert found["person", "rule_1"] == nobody


def test_a_line_that_turns_on_the_last_bit_is_the_same_for_all_threads_and_blocks():
    h = Hand()
    total = h.agg("sum", h.fact("hours"), level="population")
    by_village = h.agg("sum", h.fact("hours"), level="village")
    generator = np.random.default_rng(1)
    sizes = generator.integers(0, 5, 200)
    hours = (generator.random(int(sizes.sum())) * 10.0 ** generator.integers(-9, 9)).tolist()
    tables = people(*sizes.tolist(), hours=hours)
    tables["household"]["parent"] = [f"v{i % 3}" for i in range(200)]
    program_facts = [("population", "total"), ("village", "total")]
    h.define("population", "total", total)
    h.define("village", "total", by_village)
    program = h.program()

    seen = set()
    for block, threads in ((1, 1), (7, 2), (64, 3), (1000, 1)):
        made = Snapshot.from_tables(program, tables, block=block)
        found = columns.check(program, made, threads=threads, facts=program_facts)
        values = [found[level].facts["total"].to_pylist() for level, _ in program_facts]
        seen.add((values[0][0], *values[1]))

    one_by_one = 0.0
    for hour in hours:
        one_by_one += hour
    assert len(seen) == 1
    assert next(iter(seen))[0] == one_by_one


# --- sizes ------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([0, 1, 2, 3, 4, 60, 300]), min_size=1, max_size=60),
    st.integers(1, 70),
    st.randoms(use_true_random=False),
)
def test_households_of_every_size_give_what_the_reference_gives(sizes, block, chance):
    h = rules_about_members()
    tables = people(*sizes, **member_facts(sum(sizes), chance))
    program = h.program()
    reference = compiled(program)
    expected = []
    start = 0
    for size in sizes:
        household = reference.row("household", "h", {})
        rows = [
            reference.row(
                "person", "p", {n: of[i] for n, of in tables["person"].items() if n != "id"}
            )
            for i in range(start, start + size)
        ]
        tie(household, rows)
        start += size
        expected.append([reference.answers(household, "household")[f"rule_{r}"] for r in range(5)])

    found = answers(h, tables, block=block)

    codes = {True: HOLDS, False: FAILS, None: UNKNOWN}
    for rule in range(5):
        assert found["household", f"rule_{rule}"] == [codes[row[rule].holds] for row in expected]


def rules_about_members():
    h = Hand()
    old = h.compare(">=", h.fact("age"), 60)
    rules = [
        h.agg("any", h.both(h.fact("child"), old)),
        h.agg("all", h.either(h.fact("sick"), old)),
        h.node(
            tree.CountTest, Type.TRUTH, "household", ">", h.agg("count", h.fact("child")), two(h)
        ),
        h.compare(">", h.agg("sum", h.fact("hours"), old), h.const(Type.REAL, 3.0)),
        h.compare(">", h.agg("max", h.fact("income"), h.fact("child")), 100),
    ]
    for rule in rules:
        # As derived facts, so that the reference can name them.
        h.ask("household", h.define("household", f"rule_{len(h.outputs)}", rule))
    return h


def member_facts(count, chance):
    def some(*values):
        return [chance.choice(values) for _ in range(count)]

    return {
        "child": some(True, False, False, None),
        "sick": some(True, True, False, None),
        "age": some(3, 30, 60, 90, 90, None),
        "hours": some(0.1, 0.2, 0.3, 1e16, -1e16),
        "income": some(50, 150, -200, None),
    }


# --- what is asked for ------------------------------------------------------------------------


def test_only_the_rules_asked_for_are_answered():
    h = Hand()
    h.ask("person", h.fact("child"))
    h.ask("person", h.fact("sick"))

    found = answers(h, people(1, child=[True], sick=[False]), rules=["rule_1"])

    assert found == {("person", "rule_1"): [FAILS]}


def test_derived_facts_come_as_typed_columns_with_nulls():
    h = Hand()
    h.define("person", "twice", h.node(tree.Arith, Type.MONEY, "person", "+", *(income(h),) * 2))
    h.define("household", "mean", h.agg("avg", h.fact("age")))
    h.define("person", "called", h.fact("name"))
    program = h.program()
    tables = people(2, income=[70, None], age=[1, 2], name=[None, "韦月"])
    wanted = [("person", "twice"), ("household", "mean"), ("person", "called")]

    found = columns.check(program, Snapshot.from_tables(program, tables), facts=wanted)

    assert found["person"].facts["twice"].to_pylist() == [140, None]
    assert found["person"].facts["twice"].type == pa.int64()
    assert found["household"].facts["mean"].to_pylist() == [1.5]
    assert found["person"].facts["called"].to_pylist() == [None, "韦月"]


def income(h):
    return h.fact("income")


def test_an_amount_is_meant_where_the_rule_holds():
    h = Hand()
    h.ask("person", h.fact("child"), h.fact("income"))
    program = h.program()
    tables = people(4, child=[True, False, None, True], income=[100, 100, 100, None])

    found = columns.check(program, Snapshot.from_tables(program, tables))["person"]

    none = np.iinfo(np.int64).min
    assert found.amounts["rule_0"].tolist() == [100, none, none, none]
    assert found.counts() == {"rule_0": {"holds": 2, "fails": 1, "unknown": 1}}


def test_files_without_rows_give_answers_without_rows():
    h = Hand()
    h.ask("person", h.fact("child"), h.fact("income"))
    h.ask("household", h.agg("any", h.fact("child")))
    h.ask("population", h.agg("any", h.fact("child"), level="population"))

    found = answers(h, {"person": {"id": [], "parent": []}, "household": {"id": []}})

    assert found == {
        ("person", "rule_0"): [],
        ("household", "rule_1"): [],
        ("population", "rule_2"): [UNKNOWN],
    }


def test_a_rulebook_about_one_level_needs_no_household():
    h = Hand()
    h.ask("person", h.compare("=", h.fact("age"), 7))
    h.ask("population", h.agg("any", h.compare("=", h.fact("age"), 7), level="population"))
    program = replace(h.program(), levels=(h.program().levels[0], h.program().levels[-1]))
    made = Snapshot.from_tables(program, {"person": {"id": ["a", "b"], "age": [7, None]}}, block=1)

    found = columns.check(program, made)

    assert found["person"].rules["rule_0"].tolist() == [HOLDS, UNKNOWN]
    assert found["population"].rules["rule_1"].tolist() == [HOLDS]
