"""The sql reader gives what the words of the tree say, unknown values above all."""

from __future__ import annotations

import sqlite3

import pytest

from tests.rulebook.engines import in_sqlite
from tests.rulebook.hand_trees import Hand
from tests.rulebook.plain_meaning import PlainMeaning
from yihu.rulebook import sql, tree
from yihu.rulebook.refusals import Refused
from yihu.rulebook.tree import Type

Y, N, U = True, False, None


def people(*households, fact="child", **facts):
    """Persons of households, given as lists of values of one fact."""
    rows = [(f"h{n}", value) for n, members in enumerate(households) for value in members]
    return {
        "person": {
            "id": [f"p{n}" for n in range(len(rows))],
            "parent": [home for home, _ in rows],
            fact: [value for _, value in rows],
            **facts,
        },
        "household": {"id": [f"h{n}" for n in range(len(households))]},
    }


def answers(program, tables):
    """Rule → what holds, fails or is unknown, in the order of its table."""
    words = {1: True, 0: False, sql.UNKNOWN: None}
    return {
        rule: [words[int(v)] for v in values]
        for found in sql.check(program, tables).values()
        for rule, values in found.answers.items()
    }


def answer(h, level, node, tables):
    """The answers of one condition on a level."""
    h.outputs.clear()
    h.ask(level, node)
    (found,) = answers(h.program(), tables).values()
    return found


def require_plain_meaning(program, tables):
    expected = PlainMeaning(program, tables).answers()
    assert answers(program, tables) == {
        rule: [holds for holds, _ in rows] for (_, rule), rows in expected.items()
    }


# -- people of a household ----------------------------------------------------------------------


@pytest.mark.parametrize(("op", "expected"), [("any", [Y, U, N, U, Y]), ("all", [N, N, N, U, Y])])
def test_unknown_members_leave_a_household_unknown_unless_others_decide(op, expected):
    h = Hand()

    found = answer(
        h, "household", h.agg(op, h.fact("child")), people([Y, N, U], [N, U], [N, N], [], [Y, Y])
    )

    assert found == expected


@pytest.mark.parametrize("op", ["any", "all", "count", "share", "sum", "min", "max", "avg", "only",
                                "median"])  # fmt: skip
def test_no_aggregate_is_known_over_a_household_without_people(op):
    h = Hand()
    number = h.node(tree.Number, Type.REAL, "person", h.fact("age"))
    of = {"avg": number, "median": number}.get(
        op, h.fact("child" if op in {"any", "all", "count", "share"} else "age")
    )
    where = h.const(Type.TRUTH, Y) if op == "share" else None
    node = h.node(tree.IsUnknown, Type.TRUTH, "household", h.agg(op, of, where, p=0.5))

    assert answer(h, "household", node, people([], [Y], age=[5])) == [Y, N]


def test_the_population_without_anybody_has_unknown_totals():
    h = Hand()
    total = h.agg("sum", h.fact("age"), level="population")
    node = h.node(tree.IsUnknown, Type.TRUTH, "population", total)

    assert answer(h, "population", node, people([], [])) == [Y]
    assert answer(h, "population", node, people([4], fact="age")) == [N]


def test_a_member_count_heeds_its_condition():
    h = Hand()
    two_children = h.compare("=", h.agg("count", h.fact("child")), 2)

    assert answer(h, "household", two_children, people([Y, Y, N], [Y, Y], [N, N])) == [Y, Y, N]


@pytest.mark.parametrize("op", ["=", "!=", "<", "<=", ">", ">="])
def test_a_compared_count_is_unknown_only_if_the_unknown_could_change_it(op):
    h = Hand()
    count = h.agg("count", h.fact("child"))
    for right in range(5):
        sides = count, h.const(Type.WHOLE, right)
        h.ask("household", h.node(tree.CountTest, Type.TRUTH, "household", op, *sides))
        h.ask("household", h.compare(op, count, right))

    require_plain_meaning(h.program(), people([Y, U, N], [Y, Y, Y], [U, U], [N], [], [Y, Y, U, U]))


@pytest.mark.parametrize("op", ["=", ">=", "<"])
def test_a_compared_share_counts_unknown_conditions_both_ways(op):
    h = Hand()
    share = h.agg("share", h.fact("child"), h.fact("sick"))
    for right in (0.0, 0.5, 1.0):
        sides = share, h.const(Type.REAL, right)
        h.ask("household", h.node(tree.CountTest, Type.TRUTH, "household", op, *sides))
    pairs = [(a, b) for a in (Y, N, U) for b in (Y, N, U)]
    homes = [[p, q] for p in pairs for q in pairs]
    tables = people(*([a for a, _ in home] for home in homes))
    tables["person"]["sick"] = [b for home in homes for _, b in home]

    require_plain_meaning(h.program(), tables)


def test_fractions_are_added_from_left_to_right():
    # In another order 1e16 swallows the ones, or does not.
    h = Hand()
    node = h.compare("=", h.agg("sum", h.fact("hours")), 0.0)

    assert answer(h, "household", node, people([1e16, 1.0, -1e16], [1e16, -1e16, 1.0],
                                               fact="hours")) == [Y, N]  # fmt: skip


def test_a_very_large_household_is_counted_to_the_last_person():
    h = Hand()
    members = [n % 3 == 0 for n in range(20_000)]
    node = h.compare("=", h.agg("count", h.fact("child")), sum(members))

    assert answer(h, "household", node, people(members, [])) == [Y, U]


@pytest.mark.parametrize(
    ("values", "p", "middle"),
    [
        ([3, 1, 2], 0.5, 2.0),
        ([4, 1, 3, 2], 0.5, 2.5),
        ([1, 1, 1, 9], 0.5, 1.0),
        ([7], 0.5, 7.0),
        ([5, None, 5], 0.5, 5.0),
        ([1, 2, 3], 0.0, 1.0),
        ([1, 2, 3], 1.0, 3.0),
    ],
)
def test_the_middle_is_the_smallest_value_with_more_than_half_the_weight(values, p, middle):
    h = Hand()
    number = h.node(tree.Number, Type.REAL, "person", h.fact("age"))
    node = h.compare("=", h.agg("median", number, p=p), middle)

    assert answer(h, "household", node, people(values, fact="age")) == [Y]


# -- levels above -------------------------------------------------------------------------------


def test_facts_above_are_unknown_where_nothing_is_above():
    h = Hand()
    seen = h.up(h.fact("sick", "household"))
    tables = people([Y], [Y])
    tables["household"]["sick"] = [Y, N]
    tables["person"] = {"id": ["p0", "p1", "p2", "p3"], "parent": ["h0", "h1", None, "nowhere"]}

    assert answer(h, "person", seen, tables) == [Y, N, U, U]


def test_a_level_without_a_table_is_made_from_the_parents_below():
    h = Hand()
    h.ask("village", h.agg("any", h.fact("child"), level="village"))
    tables = people([Y], [N], [Y], [U])
    tables["household"]["parent"] = ["v1", "v1", "v2", None]

    found = sql.check(h.program(), tables)["village"]

    assert found.ids == ["v1", "v2"]
    assert found.answers["rule_0"].tolist() == [1, 1]


def test_rows_come_in_the_order_of_the_table_with_amounts():
    h = Hand()
    homes = [f"h{n}" for n in range(50, 0, -1)]
    h.ask("household", h.const(Type.TRUTH, Y), h.fact("cost", "household"))
    tables = {"household": {"id": homes, "cost": [*range(49), None]}}

    found = sql.check(h.program(), tables)["household"]

    assert found.ids == homes
    assert found.amounts["rule_0"].tolist() == [*range(49), sql.NO_AMOUNT]


def test_a_value_a_file_may_bring_is_taken_before_the_computed_one():
    h = Hand()
    given = h.fact("cost", "household")
    value = h.node(tree.IfUnknown, Type.MONEY, "household", given, h.const(Type.MONEY, 7))
    cost = h.define("household", "cost", value)

    node = h.compare("=", cost, 7)

    assert answer(h, "household", node, {"household": {"id": ["a", "b"], "cost": [5, None]}}) == [
        N, Y,
    ]  # fmt: skip


# -- text -------------------------------------------------------------------------------------

IDENTITIES = [
    ("11010519491231002X", Y, "1949-12-31", N),
    ("11010519491231002x", Y, "1949-12-31", N),
    ("110105194912310021", N, "1949-12-31", N),
    ("450922200002290011", Y, "2000-02-29", Y),
    ("450922190002290015", N, None, None),
    ("450922200402290013", N, "2004-02-29", Y),
    ("450922200302290013", N, None, None),
    ("450922200004310013", N, None, None),
    ("450922200013010013", N, None, None),
    ("450922200000010013", N, None, None),
    ("450922000001010013", N, None, None),
    ("110105491231003", Y, "1949-12-31", Y),
    ("110105490229002", N, None, None),
    ("1101051949123100２X", N, None, None),
    ("11010519491231002XX", N, None, None),
    ("x", N, None, None),
    (None, U, None, None),
]


def test_identity_numbers_give_validity_day_and_sex():
    h = Hand()
    number = h.fact("number")
    h.ask("person", h.node(tree.IdentityOk, Type.TRUTH, "person", number))
    male = h.node(tree.IdentityMale, Type.TRUTH, "person", number)
    h.ask("person", male, h.node(tree.IdentityBirth, Type.DATE, "person", number))
    h.ask("person", h.const(Type.TRUTH, Y),
          h.node(tree.IdentityBirth, Type.DATE, "person", number))  # fmt: skip
    tables = people([text for text, *_ in IDENTITIES], fact="number")

    found = sql.check(h.program(), tables)["person"]

    rules = answers(h.program(), tables)
    assert rules["rule_0"] == [ok for _, ok, _, _ in IDENTITIES]
    assert rules["rule_1"] == [sex for *_, sex in IDENTITIES]
    assert found.amounts["rule_2"].tolist() == [
        sql.NO_AMOUNT if day is None else tree.day_number(*map(int, day.split("-")))
        for _, _, day, _ in IDENTITIES
    ]


def test_characters_are_counted_and_cut_whole():
    h = Hand()
    name = h.fact("name")
    length = h.node(tree.Length, Type.WHOLE, "person", name)
    h.ask("person", h.compare("=", length, 4))
    h.ask("person", h.compare("=", h.node(tree.Part, Type.TEXT, "person", name, 2, 2), "册𠀀"))
    tables = people(["户册𠀀e", "户册𠀀", "户册", "eeee", None], fact="name")

    assert answers(h.program(), tables) == {
        "rule_0": [Y, N, N, Y, U],
        "rule_1": [Y, Y, U, N, U],
    }
    assert in_sqlite(h.program(), tables)["person", "rule_1"] == [1, 1, -1, 0, -1]


# -- text of the query --------------------------------------------------------------------------


def test_definitions_are_layered_and_never_written_inside_each_other():
    h = Hand()
    node = h.fact("rooms", "household")
    for n in range(40):
        doubled = h.node(tree.Arith, Type.WHOLE, "household", "+", node, node)
        least = h.node(tree.Bound, Type.WHOLE, "household", "most", doubled, h.const(Type.WHOLE, 9))
        node = h.define("household", f"step_{n}", least)

    found = answer(h, "household", h.compare("=", node, 9), {
        "household": {"id": ["a", "b", "c"], "rooms": [1, None, 0]}
    })  # fmt: skip

    assert found == [Y, U, N]
    assert len(sql.query(h.program())["household"]) < 20_000


@pytest.mark.parametrize("text", ["'; drop table person; --", "\\'", '"', "a''b", "%", ":x", "?"])
def test_text_of_a_rule_stays_text(text):
    h = Hand()
    h.ask("person", h.compare("=", h.fact("name"), text))
    h.ask("person", h.node(tree.In, Type.TRUTH, "person", h.fact("name"), (text, "z")))
    tables = people([text, "b"], fact="name")

    assert answers(h.program(), tables) == {"rule_0": [Y, N], "rule_1": [Y, N]}
    assert in_sqlite(h.program(), tables) == {("person", "rule_0"): [1, 0],
                                              ("person", "rule_1"): [1, 0]}  # fmt: skip


@pytest.mark.parametrize("value", [0.1, 1 / 3, 2 / 3 * 1e-7, 123456789.123456789, 5e-324, 1e300])
def test_fractions_reach_every_engine_to_the_last_bit(value):
    h = Hand()
    h.ask("person", h.compare("=", h.fact("hours"), value))
    tables = people([value], fact="hours")

    assert answers(h.program(), tables) == {"rule_0": [Y]}
    assert in_sqlite(h.program(), tables) == {("person", "rule_0"): [1]}


# -- other engines ------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["matches", "a sum of fractions"])
def test_what_was_not_tested_on_an_engine_is_refused_with_a_sentence(what):
    h = Hand()
    node = h.node(tree.Matches, Type.TRUTH, "person", h.fact("name"), "[0-9]+")
    if what != "matches":
        node = h.compare("=", h.agg("sum", h.fact("hours")), 1.0)
    h.ask(node.level, node)

    with pytest.raises(Refused, match=f"uses “{what}”, which is not tested on sqlite") as refused:
        sql.query(h.program(), "sqlite")

    assert "sqlite" in refused.value.sentence("zh")
    assert sql.query(h.program(), "spark")


def test_an_engine_nobody_knows_is_refused():
    with pytest.raises(Refused, match=r"oracle.*duckdb, sqlite, spark"):
        sql.query(Hand().program(), "oracle")


def test_sqlite_is_new_enough_for_the_query():
    # Table expressions used twice are computed once from 3.35 on.
    assert sqlite3.sqlite_version_info >= (3, 35)


def test_programs_on_one_engine_see_nothing_of_each_other(engine):
    h = Hand()
    h.ask("household", h.fact("sick", "household"))
    homes: list[dict[str, list[object]]] = [
        {"id": ["h0"], "sick": [True]},
        {"id": ["h1", "h2"], "sick": [False, None]},
    ]

    found = [sql.check(h.program(), {"household": home}, engine=engine) for home in homes]

    assert [answers["household"].ids for answers in found] == [["h0"], ["h1", "h2"]]
    assert [level["household"].answers["rule_0"].tolist() for level in found] == [[1], [0, -1]]
    assert engine.execute("SHOW TABLES").fetchall() == []
