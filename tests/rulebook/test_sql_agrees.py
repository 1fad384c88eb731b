"""Random trees over random tables: every engine agrees with the words of the tree, cell by cell."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.rulebook.engines import in_spark, in_sqlite
from tests.rulebook.hand_trees import Hand
from tests.rulebook.plain_meaning import PlainMeaning
from tests.rulebook.random_trees import cases
from tests.soak import SOAK
from yihu.rulebook import sql, tree
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.tree import Type

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
#: Where a case takes long, none smaller is looked for.
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
QUIET = settings(max_examples=60 * SOAK, deadline=None, suppress_health_check=SLOW)


def by_hand(program, tables):
    """The answers of the plain meaning in the form of the readers."""
    codes = {True: 1, False: 0, None: sql.UNKNOWN}
    with_amount = {(o.level, o.name) for o in program.outputs if o.amount}
    found = {}
    for (level, rule), rows in PlainMeaning(program, tables).answers().items():
        found[level, rule] = [codes[holds] for holds, _ in rows]
        if (level, rule) in with_amount:
            found[level, f"{rule}.amount"] = [
                amount if holds is True and amount is not None else sql.NO_AMOUNT
                for holds, amount in rows
            ]
    return found


def flat(answers):
    found = {}
    for level, of in answers.items():
        for rule, values in of.answers.items():
            found[level, rule] = values.tolist()
        for rule, values in of.amounts.items():
            found[level, f"{rule}.amount"] = values.tolist()
    return found


@QUIET
@given(cases())
def test_duckdb_gives_the_plain_meaning(engine, case):
    program, tables = case

    assert flat(sql.check(program, tables, engine=engine)) == by_hand(program, tables)


def by_id(found):
    return {
        (level, name, id_): int(value)
        for level, of in found.items()
        for column in (of.answers, of.amounts)
        for name, values in column.items()
        for id_, value in zip(of.ids, values, strict=True)
    }


@settings(QUIET, max_examples=25 * SOAK, phases=NO_SHRINKING)
@given(cases(), st.sampled_from([2, 3, 65_536]))
def test_a_snapshot_gives_what_the_lists_it_was_made_from_give(engine, case, block):
    program, tables = case
    del tables["population"]  # no file brings facts of everybody
    made = Snapshot.from_tables(program, tables, block=block)

    found = by_id(sql.check(program, made, engine=engine))

    assert found == by_id(sql.check(program, tables, engine=engine))


@QUIET
@given(cases())
def test_sqlite_gives_the_plain_meaning_or_the_query_is_refused(case):
    program, tables = case

    try:
        found = in_sqlite(program, tables)
    except Refused as refused:
        assume(refused.code != "sql.not_in_dialect")
        raise

    assert found == by_hand(program, tables)


def test_spark_gives_the_plain_meaning(spark):
    # A query takes Spark a second: few cases.
    @settings(QUIET, max_examples=15, phases=NO_SHRINKING, derandomize=True)
    @given(cases())
    def agrees(case):
        program, tables = case
        assert in_spark(spark, program, tables) == by_hand(program, tables)

    agrees()


PATTERNS = ["a", "a.b", "[a&b]+", "[^a]*", "(a|b){2}", "\\\\d", "a?", ".*"]
TEXTS = ["a", "a\n", "a\rb", "a\nb", "a\u2028b", "a&b", "&", "aa", "\\d", "5", "𠀀", "a𠀀b", None]


def patterns_asked():
    h = Hand()
    for pattern in PATTERNS:
        fits = h.node(tree.Matches, Type.TRUTH, "person", h.fact("name"), pattern)
        h.ask("person", fits)
        unknown = h.node(tree.IsUnknown, Type.TRUTH, "person", fits)
        h.ask("person", h.negated(unknown))
    ids = [f"p{n}" for n in range(len(TEXTS))]
    return h.program(), {"person": {"id": ids, "name": TEXTS}}


def test_patterns_mean_the_same_in_duckdb():
    program, tables = patterns_asked()

    assert flat(sql.check(program, tables)) == by_hand(program, tables)


def test_patterns_mean_the_same_in_spark(spark):
    program, tables = patterns_asked()

    assert in_spark(spark, program, tables) == by_hand(program, tables)
