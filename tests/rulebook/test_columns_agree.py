"""Random trees over random tables: columns give the plain meaning, cell by cell."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rulebook.plain_meaning import PlainMeaning
from tests.rulebook.random_trees import cases
from yihu.rulebook import columns
from yihu.rulebook.answers import NO_AMOUNT
from yihu.rulebook.snapshot import Snapshot

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def by_hand(program, tables):
    """(level, rule) → answers, and amounts where the rule holds."""
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
    return found


def by_columns(program, tables, *, block, threads):
    snapshot = Snapshot.from_tables(program, tables, block=block)
    found = {}
    for level, part in columns.check(program, snapshot, threads=threads).levels.items():
        for rule, column in part.rules.items():
            found[level, rule] = column.tolist()
        for rule, column in part.amounts.items():
            found[level, f"{rule}.amount"] = column.tolist()
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(cases(), st.sampled_from([1, 2, 3, 50]), st.sampled_from([1, 2]))
def test_columns_give_the_plain_meaning(case, block, threads):
    program, tables = case

    found = by_columns(program, tables, block=block, threads=threads)

    expected = by_hand(program, tables)
    assert {k: v for k, v in found.items() if v} == {k: v for k, v in expected.items() if v}
