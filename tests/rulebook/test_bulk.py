"""Answers of very many, written as they are computed: complete and readable, or not there."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rulebook.hand_trees import Hand
from yihu.rulebook import columns
from yihu.rulebook.columns import bulk
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Snapshot


def case(rules=3):
    h = Hand()
    for i in range(rules):
        h.ask("person", h.compare(">=", h.fact("age"), i), h.fact("income") if i == 1 else None)
    h.ask("household", h.agg("any", h.fact("child")))
    h.define("household", "oldest", h.agg("max", h.fact("age")))
    persons: dict[str, list[Any]] = {
        "id": ["a", "b", "c", "d"],
        "parent": ["1", "1", "2", "2"],
        "age": [0, 1, None, 2],
        "child": [True, None, False, False],
        "income": [5, 6, 7, None],
    }
    program = h.program()
    tables: dict[str, dict[str, list[Any]]] = {
        "person": persons,
        "household": {"id": ["1", "2", "3"]},
    }
    return program, Snapshot.from_tables(program, tables, block=2)


def test_parquet_has_a_row_a_thing_and_a_word_a_rule(tmp_path):
    program, made = case()
    shown = [("household", "oldest")]

    rows = bulk.check_to(program, made, tmp_path / "out", facts=shown)

    assert rows == {"person": 4, "household": 3}
    assert pq.read_table(tmp_path / "out" / "person").to_pylist()[1:3] == [
        {
            "id": "b",
            "rule_0": "holds",
            "rule_1": "holds",
            "rule_1.amount": 6,
            "rule_2": "fails",
        },
        {
            "id": "c",
            "rule_0": "unknown",
            "rule_1": "unknown",
            "rule_1.amount": None,
            "rule_2": "unknown",
        },
    ]
    households = pq.read_table(tmp_path / "out" / "household").to_pydict()
    assert households == {
        "id": ["1", "2", "3"],
        "rule_3": ["holds", "fails", "unknown"],
        "oldest": [1, None, None],
    }


@pytest.mark.parametrize("rules", [1, 8, 9, 64, 65, 130])
def test_packed_answers_are_those_in_memory(tmp_path, rules):
    program, made = case(rules)

    bulk.check_to(program, made, tmp_path / "out", form="packed", facts=[("household", "oldest")])

    expected = columns.check(program, made)
    for level in ("person", "household"):
        found = bulk.packed_answers(tmp_path / "out", level)
        assert found.ids.to_pylist() == expected[level].ids.to_pylist()
        assert list(found.rules) == list(expected[level].rules)
        for rule, answers in expected[level].rules.items():
            assert found.rules[rule].tolist() == answers.tolist()
        for rule, amounts in expected[level].amounts.items():
            assert found.amounts[rule].tolist() == amounts.tolist()
    facts = pq.read_table(tmp_path / "out" / "household.facts")
    assert facts["oldest"].to_pylist() == [1, None, None]


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=64))
def test_the_first_mask_stands_in_the_lowest_bit(masks):
    words = bulk.packed([np.array(mask) for mask in masks])

    assert words.tolist() == [
        sum(mask[row] << i for i, mask in enumerate(masks)) for row in (0, 1, 2)
    ]


def test_a_result_says_what_it_is_of(tmp_path):
    program, made = case()

    bulk.check_to(program, made, tmp_path / "out")

    head = json.loads((tmp_path / "out" / "check.json").read_text())
    assert head == {
        "program": "by hand",
        "on": "2020-12-31",
        "snapshot": "",
        "form": "parquet",
        "rows": {"person": 4, "household": 3},
    }


@pytest.mark.parametrize("form", ["parquet", "packed"])
def test_an_earlier_result_is_never_touched(tmp_path, form):
    program, made = case()
    (tmp_path / "out").mkdir()

    with pytest.raises(Refused) as fault:
        bulk.check_to(program, made, tmp_path / "out", form=form)

    assert fault.value.code == "bulk.exists"
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("form", ["parquet", "packed"])
@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_result_leaves_nothing(tmp_path, form, fault):
    program, made = case()

    with (
        patch("yihu.rulebook.columns.answers.answers_of", side_effect=fault),
        pytest.raises((KeyboardInterrupt, Refused)) as seen,
    ):
        bulk.check_to(program, made, tmp_path / "out", form=form)

    assert list(tmp_path.iterdir()) == []
    if isinstance(seen.value, Refused):
        assert seen.value.code == "bulk.unwritable"
        assert "No space left" in seen.value.sentence("en")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    program, made = case()
    (tmp_path / "file").write_text("")

    with pytest.raises(Refused) as fault:
        bulk.check_to(program, made, tmp_path / "file" / "out")

    assert fault.value.code == "bulk.unwritable"


def test_a_folder_without_packed_answers_is_refused(tmp_path):
    with pytest.raises(Refused) as fault:
        bulk.packed_answers(tmp_path, "person")

    assert fault.value.code == "bulk.not_found"
