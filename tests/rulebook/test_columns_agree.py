"""Random trees over random tables: columns give the plain meaning, cell by cell."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.rulebook.plain_meaning import PlainMeaning
from tests.rulebook.random_trees import cases
from tests.soak import SOAK
from yihu.rulebook import columns
from yihu.rulebook.arrays import members
from yihu.rulebook.columns.answers import NO_AMOUNT
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.snapshot import join as snapshot_join

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
# Shrinking two random trees takes minutes and the smallest is no easier to read.
QUICK = settings(
    max_examples=80 * SOAK, deadline=None, suppress_health_check=SLOW, phases=[Phase.generate]
)


def by_hand(program, tables):
    """(level, rule) → answers, and amounts where the rule holds; levels without rows left out."""
    codes = {True: 1, False: 0, None: -1}
    found = {}
    with_amount = {(o.level, o.name) for o in program.outputs if o.amount}
    for (level, rule), rows in PlainMeaning(program, tables).answers().items():
        found[level, rule] = [codes[holds] for holds, _ in rows]
        if (level, rule) in with_amount:
            found[level, f"{rule}.amount"] = [
                NO_AMOUNT if amount is None or holds is not True else amount
                for holds, amount in rows
            ]
    return {key: cells for key, cells in found.items() if cells}


def by_columns(program, tables, *, block, threads=1):
    return of_snapshot(program, Snapshot.from_tables(program, tables, block=block), threads)


def of_snapshot(program, snapshot, threads=1):
    """(level, rule) → answers of the columns; levels without rows left out."""
    found = {}
    for level, part in columns.check(program, snapshot, threads=threads).levels.items():
        for rule, column in part.rules.items():
            found[level, rule] = column.tolist()
        for rule, column in part.amounts.items():
            found[level, f"{rule}.amount"] = column.tolist()
    return {key: cells for key, cells in found.items() if cells}


@QUICK
@given(cases(), st.sampled_from([1, 2, 3, 50]), st.sampled_from([1, 2, 32]))
def test_columns_give_the_plain_meaning(case, block, shortest_plane):
    program, tables = case

    # These tables are small: without the patch all members would stand in the tail.
    with patch.object(members, "SHORTEST_PLANE", shortest_plane):
        found = by_columns(program, tables, block=block)

    assert found == by_hand(program, tables)


@settings(QUICK, max_examples=15 * SOAK)
@given(cases(), st.sampled_from([1, 3]))
def test_threads_and_sorting_on_disk_change_nothing(case, block):
    program, tables = case

    with patch.object(snapshot_join, "ROWS_IN_MEMORY", 0):
        found = by_columns(program, tables, block=block, threads=3)

    assert found == by_hand(program, tables)
