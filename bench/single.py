"""What is asked for one thing at a time: one household, one explanation, one change of a line.

Every figure is a median over repeated calls in this process, after a warm-up.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from bench import equal
from bench.data import TODAY, Data
from bench.goals import COMPARED
from bench.peers import duckdb_query
from bench.peers.yihu_snapshot import kept
from yihu.rulebook import compare, read, snapshot
from yihu.rulebook.bind import bind
from yihu.rulebook.cards import Family, Thing
from yihu.rulebook.evaluate import Compiled, Row, compiled, tie
from yihu.rulebook.explain import Explainer
from yihu.rulebook.one_card import OneCard
from yihu.synthetic import county

SAMPLE = 200
#: The rule explained: the deepest of all.
EXPLAINED = "may_exit"


def timed(work: Callable[[], object], times: int) -> float:
    """Median milliseconds of a call."""
    work()
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return float(median(spent))


def all_of(data: Data, *, people_of_county: int, times: int = 200) -> dict[str, float]:
    """Name → milliseconds."""
    cards = _cards(data)
    return {
        **_reading(),
        **_one_household(data, cards, times),
        "explain one rule of one household": _explaining(cards, times),
        **_comparing(data),
        "make a synthetic county": _county(people_of_county),
    }


def _cards(data: Data) -> list[dict[str, Any]]:
    ids, _ = equal.order_of(data.households)
    chosen = ids[:: max(1, len(ids) // SAMPLE)][:SAMPLE]
    return list(equal.cards(data, chosen))


def _reading() -> dict[str, float]:
    book = read.rulebook(equal.RULEBOOK)
    program = bind(book, on=TODAY)
    found = {
        "read the benchmark's rulebook": timed(lambda: read.rulebook(equal.RULEBOOK), 5),
        "bind it to a day": timed(lambda: bind(book, on=TODAY), 5),
        "compile it for one card": timed(lambda: compiled(program), 5),
    }
    if "guangxi" in read.shipped():
        found["read the rulebook guangxi"] = timed(lambda: read.rulebook("guangxi"), 3)
    return found


# -- one household --------------------------------------------------------------------------------


def _one_household(data: Data, cards: list[dict[str, Any]], times: int) -> dict[str, float]:
    book = read.rulebook(equal.RULEBOOK)
    one = OneCard(book, TODAY, "household")
    families = cycle([one.reader.card(card, "household") for card in cards])
    given = cycle(cards)

    def from_values() -> object:
        return one.compiled.answers(rows_of(one.compiled, next(families)), "household")

    return {
        "all rules of one household, evaluate": timed(from_values, times),
        "the same, its card read first": timed(lambda: one.answers(next(given)), times),
        "the same in DuckDB, prepared": _prepared(data, cards, min(times, 30)),
    }


def rows_of(rules: Compiled, family: Family) -> Row:
    """A card that was read as rows, with what lies above it."""
    top = _tied(rules, family.top)
    below = top
    for thing in family.above:
        above = rules.row(thing.level, thing.id, thing.values)
        tie(above, [below])
        below = above
    return top


def _tied(rules: Compiled, thing: Thing) -> Row:
    row = rules.row(thing.level, thing.id, thing.values)
    tie(row, [_tied(rules, child) for child in thing.below])
    return row


def _prepared(data: Data, cards: list[dict[str, Any]], times: int) -> float:
    ids = [int(card["id"]) for card in cards]
    text = duckdb_query.query(duckdb_query.grouped()).removeprefix("WITH ")
    with duckdb.connect() as connection:
        connection.register("wanted", pa.table({"id": np.array(ids)}))
        for name in ("households", "persons"):
            path = getattr(data, name)
            connection.execute(
                f"CREATE TABLE all_{name} AS SELECT * FROM '{path}'"
                " WHERE household_id IN (SELECT id FROM wanted)"
            )
        connection.execute(f"PREPARE one AS WITH {', '.join(_only_asked())}, {text}")
        asked = cycle(ids)

        def ask() -> list[Any]:
            return connection.execute(f"EXECUTE one({next(asked)})").fetchall()

        assert len(ask()) == 1
        return timed(ask, times)


def _only_asked() -> list[str]:
    return [
        f"{name} AS (SELECT * FROM all_{name} WHERE household_id = $1)"
        for name in ("households", "persons")
    ]


def _explaining(cards: list[dict[str, Any]], times: int) -> float:
    explainer = Explainer(read.rulebook(equal.RULEBOOK), TODAY, EXPLAINED)
    given = cycle(cards)
    return timed(lambda: explainer.explain(explainer.rows(next(given))), times)


# -- many -----------------------------------------------------------------------------------------


def _comparing(data: Data) -> dict[str, float]:
    book = read.rulebook(equal.RULEBOOK)
    households = snapshot.open(kept(data))
    raised = cycle((4300, 4600, 5000))

    def change() -> object:
        other = compare.with_line(book, "income", next(raised), TODAY)
        pair = compare.pair((book, TODAY), (other, TODAY))
        return compare.moves(pair, households, place="county")

    return {COMPARED.format(households=data.households_count): timed(change, 5)}


def _county(people: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        county.make(1, people, Path(folder) / "county")
        return (time.perf_counter() - start) * 1000
