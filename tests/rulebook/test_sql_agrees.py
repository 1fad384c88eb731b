"""Random trees over random tables: the sql reader agrees with the words of the tree everywhere."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.rulebook.plain_meaning import PlainMeaning
from tests.rulebook.random_trees import cases
from yihu.rulebook import sql

QUIET = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def by_hand(program, tables):
    """The answers of the plain meaning in the form of the readers."""
    codes = {True: 1, False: 0, None: -1}
    found = {}
    for (level, rule), rows in PlainMeaning(program, tables).answers().items():
        found[level, rule] = [codes[holds] for holds, _ in rows]
        if any(o.amount for o in program.outputs if (o.level, o.name) == (level, rule)):
            found[level, rule + ".amount"] = [
                sql.NO_AMOUNT if amount is None else amount for _, amount in rows
            ]
    return found


def flat(answers):
    found = {}
    for level, of in answers.items():
        for rule, values in of.answers.items():
            found[level, rule] = values.tolist()
        for rule, values in of.amounts.items():
            found[level, rule + ".amount"] = values.tolist()
    return found


@QUIET
@given(cases())
def test_duckdb_gives_the_plain_meaning_cell_by_cell(case):
    program, tables = case

    assert flat(sql.check(program, tables)) == by_hand(program, tables)
