"""Answers set aside on disk come back whole, in order, and a few rows at a time."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from tests.commands.registers import check, county, rows, yihu
from yihu.commands import answer_tables, waiting
from yihu.commands.waiting import Waiting
from yihu.rulebook.columns.answers import Answered
from yihu.rulebook.snapshot import Texts

IDS = ["a", "bb", "", "dddd", "e"]


def texts(words):
    data = "".join(words).encode()
    starts = np.cumsum([0, *(len(word) for word in words)])
    return Texts(starts.astype(np.int64), np.frombuffer(data, np.uint8))


def answers(ids, start):
    end = start + len(ids)
    return Answered(
        "household",
        pa.array(ids, pa.large_string()),
        {"poor": np.arange(start, end).astype(np.int8) % 3 - 1},
        {"due": np.arange(start, end) * 100},
        {"income": pa.array([None if i == 2 else float(i) for i in range(start, end)])},
    )


@pytest.mark.parametrize("order", [None, [4, 0, 3, 1, 2]])
@pytest.mark.parametrize("step", [1, 2, 100])
def test_answers_come_back_in_the_order_of_the_file(tmp_path, monkeypatch, order, step):
    monkeypatch.setattr(waiting, "ROWS", step)
    file_rows = None if order is None else np.array(order)
    place = range(5) if order is None else np.argsort(order).tolist()

    with Waiting(tmp_path, "household", texts(IDS), file_rows) as kept:
        kept.add(answers(IDS[:2], 0))
        kept.add(answers(IDS[2:], 2))
        parts = list(kept.parts())

    assert max(len(part) for part in parts) <= step
    assert [i for part in parts for i in part.ids.to_pylist()] == [IDS[i] for i in place]
    assert np.concatenate([part.rules["poor"] for part in parts]).tolist() == [
        i % 3 - 1 for i in place
    ]
    assert np.concatenate([part.amounts["due"] for part in parts]).tolist() == [
        i * 100 for i in place
    ]
    incomes = [i for part in parts for i in part.facts["income"].to_pylist()]
    assert incomes == [None if i == 2 else float(i) for i in place]


@pytest.mark.parametrize("wide", [(), ("--wide",)])
def test_a_result_does_not_depend_on_how_much_is_handed_on_at_once(tmp_path, monkeypatch, wide):
    county(tmp_path)
    persons = [f"p{i},h{i % 40},{1950 + i % 70}-01-01,primary" for i in range(200)]
    random.Random(1).shuffle(persons)
    for name, head, lines in (
        ("households.csv", "household_id,village_code,net_income",
         [f"h{i},v{i % 3},{i * 997 % 30000}" for i in range(40)]),
        ("persons.csv", "person_id,household_id,birth,schooling", persons),
    ):  # fmt: skip
        (tmp_path / name).write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    facts = ("--facts", "household.income_per_person")
    yihu(*check(tmp_path, *wide, *facts, out="whole.csv"))

    for module, name in ((waiting, "ROWS"), (answer_tables, "ROWS"), (answer_tables, "CELLS")):
        monkeypatch.setattr(module, name, 7)
    result = yihu(*check(tmp_path, *wide, *facts, out="parts.csv"))

    assert result.exit_code == 0, result.output
    assert rows(tmp_path / "parts.csv") == rows(tmp_path / "whole.csv")
    assert len(rows(tmp_path / "whole.csv")) > 40
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
