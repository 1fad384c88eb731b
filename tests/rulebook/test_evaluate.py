"""The reference reader gives the plain meaning of the tree, and runs nothing but its own text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.rulebook.books import ON, with_text
from tests.rulebook.hand_trees import Hand
from tests.rulebook.plain_meaning import PlainMeaning
from tests.rulebook.plain_python import foreign, printed
from tests.rulebook.random_trees import cases
from tests.soak import SOAK
from yihu.rulebook import read, tree
from yihu.rulebook.bind import bind
from yihu.rulebook.evaluate import Answer, compiled, tie, weighted_quantile
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.tree import Type, parts_of

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
LEVELS = ("person", "household", "village", "population")


def rooted(tables):
    """The tables with everybody in a household of a village: what a card can say."""
    found = {level: dict(columns) for level, columns in tables.items()}
    for level, upper in (("household", "village"), ("person", "household")):
        above, own = found[upper]["id"], found[level]
        if not above:
            own.update({name: [] for name in own})
        own["parent"] = [p if p in above else above[0] for p in own["parent"]]
    found["village"]["parent"] = [found["population"]["id"][0]] * len(found["village"]["id"])
    return found


def by_evaluate(program, tables):
    """The answers of the reference reader, in the order of each table."""
    run = compiled(program)
    rows = {}
    for level in LEVELS:
        names = [n for n in tables[level] if n not in ("id", "parent")]
        for i, id_ in enumerate(tables[level]["id"]):
            facts = {name: tables[level][name][i] for name in names}
            rows[level, id_] = run.row(level, id_, facts)
    for level, upper in pairwise(LEVELS):
        for id_ in tables[upper]["id"]:
            parents = tables[level]["parent"]
            children = [c for c, p in zip(tables[level]["id"], parents, strict=True) if p == id_]
            tie(rows[upper, id_], [rows[level, child] for child in children])
    answers = {(level, id_): run.answers(row, level) for (level, id_), row in rows.items()}
    return {
        (o.level, o.name): [answers[o.level, id_][o.name] for id_ in tables[o.level]["id"]]
        for o in program.outputs
    }


@settings(max_examples=60 * SOAK, deadline=None, suppress_health_check=SLOW)
@given(cases())
def test_the_reference_reader_gives_the_plain_meaning(case):
    program, tables = case[0], rooted(case[1])
    assume(tables["person"]["id"] or tables["household"]["id"])

    found = by_evaluate(program, tables)

    for key, rows in PlainMeaning(program, tables).answers().items():
        expected = [Answer(holds, amount if holds else None) for holds, amount in rows]
        assert found[key] == expected, key


@settings(max_examples=20 * SOAK, deadline=None, suppress_health_check=SLOW)
@given(cases())
def test_the_printed_python_is_of_the_closed_list(case):
    assert foreign(printed(case[0])) == []


@lru_cache(maxsize=4)
def shipped(name):
    return read.rulebook(name, check=False)


@pytest.mark.parametrize("name", read.shipped())
def test_the_python_of_the_shipped_rulebooks_holds_no_text_of_them(name):
    source = printed(bind(shipped(name), date(2020, 12, 31)))

    assert foreign(source) == []
    assert source.isascii()
    assert '"' not in source
    assert "'" not in source


@pytest.mark.parametrize("text", ["import os", "K1 = open('x')", "r.facts.sort()", "x = 'a'"])
def test_the_check_of_printed_python_finds_what_does_not_belong(text):
    assert foreign(text)


def test_amounts_are_whole_fen_rounded_half_up_and_only_where_the_rule_holds():
    rule = with_text("income / rooms", kind="amount")
    key, spec = next(iter(rule.rules.items()))
    held = with_text("water").rules[key].holds
    book = replace(rule, rules={key: replace(spec, holds=held)})
    card = OneCard(book, ON, "household")

    def answer(**facts):
        return card.answers(facts)["it"]

    assert answer(water=True, income=0.05, rooms=2) == Answer(True, 3)
    assert answer(water=True, income=-0.05, rooms=2) == Answer(True, -2)
    assert answer(water=True, rooms=2) == Answer(True, None)
    assert answer(water=False, income=1, rooms=2) == Answer(False, None)
    assert answer(income=1, rooms=2) == Answer(None, None)
    assert [answer(water=w).word for w in (True, False, None)] == ["holds", "fails", "unknown"]


def test_each_definition_is_worked_out_once_for_a_row():
    program = bind(with_text("any(member.sick)"), ON, root="household")
    run = compiled(program)
    home = run.row("household", "1", {})
    tie(home, [run.row("person", "1", {"sick": True})])

    assert run.value(home, "household", "it") is True
    home.below[0].facts[:] = [False]
    assert run.value(home, "household", "it") is True


@pytest.mark.parametrize(
    "asked",
    [
        lambda h, none: h.node(tree.Part, Type.TEXT, "household", none, 1, 2),
        lambda h, none: h.node(tree.Length, Type.WHOLE, "household", none),
        lambda h, none: h.node(tree.IdentityBirth, Type.DATE, "household", none),
    ],
)
def test_a_constant_that_is_unknown_can_be_cut_and_asked(asked):
    h = Hand()
    h.ask("household", asked(h, h.const(Type.TEXT, None)))
    run = compiled(h.program())

    assert run.answers(run.row("household", "1", {}), "household")["rule_0"].holds is False


def test_any_node_of_a_program_can_be_asked_alone():
    program = bind(with_text("water and rooms > 2"), ON)
    run = compiled(program)
    row = run.row("household", "1", {"water": False, "rooms": 3})
    water, rooms = parts_of(program.definitions["household", "it"].node)

    assert run.node(water)(row) is False
    assert run.node(rooms)(row) is True


@pytest.mark.parametrize(
    ("pairs", "p", "found"),
    [
        ([], 0.5, None),
        ([(3.0, 1.0)], 0.5, 3.0),
        ([(1.0, 1.0), (2.0, 1.0)], 0.5, 1.5),
        ([(1.0, 1.0), (2.0, 2.0)], 0.5, 2.0),
        ([(1.0, 0.0)], 0.5, None),
        ([(1.0, 1.0), (9.0, 1.0)], 1.0, 9.0),
        ([(1.0, 1.0), (9.0, 1.0)], 0.0, 1.0),
    ],
)
def test_a_weighted_quantile_is_that_of_laeken(pairs, p, found):
    assert weighted_quantile(pairs, p) == found
