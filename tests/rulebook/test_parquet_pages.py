"""Parquet written by ourselves: every reader gives back what was put in."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yihu.rulebook.columns.parquet_pages import ANSWER_WORDS, AnswerFile
from yihu.rulebook.columns.thrift import encoded, varint

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("规则", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("规则.amount", pa.int64()),
    ]
)
ROW = st.tuples(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.integers(0, 2),
    st.none() | st.integers(-(2**63), 2**63 - 1),
)


def written(path, groups):
    file = AnswerFile(path, SCHEMA)
    for rows in groups:
        ids = pa.array([id_ for id_, _, _ in rows], pa.large_string())
        places = np.array([place for _, place, _ in rows], np.uint8)
        amounts = np.array([amount or 0 for _, _, amount in rows], np.int64)
        valid = np.array([amount is not None for _, _, amount in rows], np.bool_)
        file.add([ids, places, (amounts, valid)])
    file.close()
    return [(id_, ANSWER_WORDS[place], amount) for rows in groups for id_, place, amount in rows]


@settings(max_examples=60, deadline=None)
@given(groups=st.lists(st.lists(ROW, max_size=20), max_size=4))
def test_arrow_and_duckdb_read_what_was_written(groups, tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "a.parquet"

    expected = written(path, groups)

    table = pq.read_table(path)
    assert table.schema.equals(SCHEMA)
    assert [tuple(row.values()) for row in table.to_pylist()] == expected
    assert duckdb.read_parquet(str(path)).fetchall() == expected


@pytest.mark.parametrize("size", [1, 7, 8, 9, 63, 64, 65, 70_000])
@pytest.mark.parametrize("same", [True, False])
def test_runs_of_every_length_come_back(tmp_path, size, same):
    places = np.zeros(size, np.int64) + 2 if same else np.arange(size) % 3
    rows = [(f"{i:06d}", int(place), i if i % 3 else None) for i, place in enumerate(places)]

    expected = written(tmp_path / "a.parquet", [rows])

    table = pq.read_table(tmp_path / "a.parquet")
    assert [tuple(row.values()) for row in table.to_pylist()] == expected


def test_more_rules_than_fit_a_short_list(tmp_path):
    fields = [SCHEMA.field(0), *(SCHEMA.field(1).with_name(f"r{i}") for i in range(300))]
    file = AnswerFile(tmp_path / "a.parquet", pa.schema(fields))
    file.add(
        [pa.array(["a"], pa.large_string()), *[np.array([i % 3], np.uint8) for i in range(300)]]
    )
    file.close()

    (row,) = pq.read_table(tmp_path / "a.parquet").to_pylist()

    assert row == {"id": "a", **{f"r{i}": ANSWER_WORDS[i % 3] for i in range(300)}}


def test_a_struct_in_the_compact_protocol():
    # Field 1: i32 1 (zigzag 2). Field 3: binary "ab". Field 4: list of two i64, 0 and 150.
    assert encoded([(1, 1, "i32"), (3, b"ab"), (4, (0, 150))]).hex() == "150228026162192600ac0200"
    assert varint(0) == b"\0"
