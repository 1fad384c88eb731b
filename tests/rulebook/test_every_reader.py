"""Small things in which readers have differed once: each is asked of every reader."""

from __future__ import annotations

import pytest

from tests.rulebook.engines import in_spark, in_sqlite
from tests.rulebook.hand_trees import Hand
from tests.rulebook.test_columns_agree import by_columns
from tests.rulebook.test_evaluate import by_evaluate, rooted
from tests.rulebook.test_sql_agrees import by_hand, flat
from yihu.rulebook import sql, tree
from yihu.rulebook.language.patterns import plain_pattern
from yihu.rulebook.tree import Type

#: Python means to read these as operations on sets one day and warns of them now.
SETS = ["[a&&b]+", "[a||b]+", "[a~~b]+", r"[\[\[a]+", r"[a\-\-b]+", "[&&]", "[^a&&b]", r"[a|\-~]+"]
TEXTS = ["a", "b", "&", "|", "~", "-", "[", "[[", "a&b", "a&&b", "a||b", "a~~b", "a--b", "c", None]


def reference(program, tables):
    """The answers of the reference reader in the form of the others."""
    codes = {True: 1, False: 0, None: sql.UNKNOWN}
    found = by_evaluate(program, tables)
    return {key: [codes[answer.holds] for answer in answers] for key, answers in found.items()}


@pytest.mark.parametrize("called", ["population", "451022"])
def test_everybody_together_has_no_code(called):
    h = Hand()
    for text in ("pop", "4510"):
        starts = h.node(tree.IdStarts, Type.TRUTH, "population", text)
        h.ask("population", h.either(starts, h.fact("sick", "population"), level="population"))
        h.ask("household", h.up(starts, "household"))
    tables: dict[str, dict[str, list[object]]] = {"person": {"id": [], "parent": []}}
    tables["village"] = {"id": ["v0"], "parent": [None]}
    tables["household"] = {"id": ["h0"], "parent": ["v0"]}
    tables["population"] = {"id": [called], "sick": [False]}
    program = h.program()

    found = flat(sql.check(program, tables))

    assert {value for values in found.values() for value in values} == {0}
    assert found == by_hand(program, tables) == in_sqlite(program, tables)
    assert found == by_columns(program, tables, block=2)
    assert found == reference(program, rooted(tables))


def sets_asked():
    h = Hand()
    for pattern in SETS:
        name = h.fact("name", "household")
        written = plain_pattern(pattern, 0)
        h.ask("household", h.node(tree.Matches, Type.TRUTH, "household", name, written))
    homes = {"id": [f"h{n}" for n in range(len(TEXTS))], "name": TEXTS}
    homes["parent"] = ["v0"] * len(TEXTS)
    people: dict[str, list[object]] = {"id": [], "parent": []}
    tables = {"person": people, "household": homes, "village": {"id": ["v0"]}}
    return h.program(), tables | {"population": {"id": ["population"]}}


def test_signs_that_mean_sets_elsewhere_are_signs_in_every_reader():
    program, tables = sets_asked()

    found = flat(sql.check(program, tables))

    # by_hand compiles each pattern with Python's re: a warning would be an error here.
    assert found == by_hand(program, tables)
    assert found == by_columns(program, tables, block=4)
    assert found == reference(program, rooted(tables))
    fitted = {pattern: [t for t, fits in zip(TEXTS, cells, strict=True) if fits == 1]
              for pattern, cells in zip(SETS, found.values(), strict=True)}  # fmt: skip
    assert fitted["[a&&b]+"] == ["a", "b", "&", "a&b", "a&&b"]
    assert fitted["[a||b]+"] == ["a", "b", "|", "a||b"]
    assert fitted[r"[\[\[a]+"] == ["a", "[", "[["]


def test_signs_that_mean_sets_elsewhere_are_signs_in_spark(spark):
    program, tables = sets_asked()

    assert in_spark(spark, program, tables) == by_hand(program, tables)
