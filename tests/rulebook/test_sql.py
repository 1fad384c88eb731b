"""The sql reader gives what the words of the tree say, unknown values above all."""

from __future__ import annotations

import pytest

from tests.rulebook.hand_trees import Hand
from tests.rulebook.plain_meaning import PlainMeaning
from yihu.rulebook import sql, tree
from yihu.rulebook.tree import Type

Y, N, U = True, False, None


def people(*households, **facts):
    """Persons of households given as lists of values of the fact `child`."""
    rows = [(f"h{n}", value) for n, members in enumerate(households) for value in members]
    return {
        "person": {
            "id": [f"p{n}" for n in range(len(rows))],
            "parent": [home for home, _ in rows],
            "child": [value for _, value in rows],
            **facts,
        },
        "household": {"id": [f"h{n}" for n in range(len(households))]},
    }


def answers(program, tables):
    """Rule → what holds, fails or is unknown, in the order of its table."""
    words = {1: True, 0: False, -1: None}
    return {
        rule: [words[int(v)] for v in values]
        for found in sql.check(program, tables).values()
        for rule, values in found.answers.items()
    }


def agrees(program, tables):
    expected = {
        rule: [holds for holds, _ in rows]
        for (_, rule), rows in PlainMeaning(program, tables).answers().items()
    }
    assert answers(program, tables) == expected
    return expected


@pytest.mark.parametrize(
    ("op", "expected"),
    [("any", [Y, U, N, U, Y]), ("all", [N, N, N, U, Y])],
)
def test_unknown_members_leave_a_household_unknown_unless_others_decide(op, expected):
    h = Hand()
    h.ask("household", h.agg(op, h.fact("child")))

    found = answers(h.program(), people([Y, N, U], [N, U], [N, N], [], [Y, Y]))

    assert found == {"rule_0": expected}


def test_a_household_without_people_is_unknown_in_every_aggregate():
    h = Hand()
    child, age = h.fact("child"), h.fact("age")
    for op in ("any", "all", "count", "share"):
        h.ask("household", h.agg(op, child, child if op == "share" else None))
    for op in ("sum", "min", "max", "avg", "only", "median"):
        h.ask("household", h.compare("<", h.agg(op, age, p=0.5), 10**9 if op != "avg" else 1e9))
    h.ask("household", count_test(h, ">=", 0))

    found = answers(h.program(), people([], [U]))

    assert {values[0] for rule, values in found.items() if rule != "rule_2"} <= {N, U}
    agrees(h.program(), people([], [U], age=[5]))


def count_test(h, op, right, agg=None):
    agg = agg or h.agg("count", h.fact("child"))
    right = h.const(Type.REAL if agg.op == "share" else Type.WHOLE, right)
    return h.node(tree.CountTest, Type.TRUTH, agg.level, op, agg, right)


@pytest.mark.parametrize("op", ["=", "!=", "<", "<=", ">", ">="])
def test_a_compared_count_is_unknown_only_if_the_unknown_could_change_it(op):
    h = Hand()
    for right in range(5):
        h.ask("household", count_test(h, op, right))
        h.ask("household", h.compare(op, h.agg("count", h.fact("child")), right))

    agrees(h.program(), people([Y, U, N], [Y, Y, Y], [U, U], [N], [], [Y, Y, U, U]))
