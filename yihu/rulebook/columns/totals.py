"""Aggregates over a lower level: what has to be counted, and what the counts mean.

Every aggregate is taken apart into plain reductions (any, all, count, sum, min, max over marked
rows), which planes of members or places then carry out, and put together again from their
results. So `any`, a sharp count or an unknown sum means the same seen from a household, a county
or everybody. Meaning: `Agg` and `CountTest` in tree.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.conditions import compare, not_
from yihu.rulebook.arrays.members import Members
from yihu.rulebook.arrays.texts import texts_of
from yihu.rulebook.arrays.values import (
    HOLDS,
    UNKNOWN,
    Array,
    Bools,
    Constant,
    Number,
    Truth,
    Value,
    Words,
    both,
    fixed,
    int_type,
    select,
    truth_of,
)
from yihu.rulebook.tree import Agg, CountTest, Type


class Ask(NamedTuple):
    """One plain reduction: kind is any, all, count, sum, min or max."""

    kind: str
    values: Array


Asks = dict[str, Ask]
Got = Mapping[str, Array]


class Operands(NamedTuple):
    """Value and condition of an aggregate over `rows` of the lower level.

    complete   ask for all that could be needed, not only what this block needs, because the
               results of several blocks are put together
    """

    value: Value
    where: Value
    rows: int
    complete: bool = False


def asks_for(node: Agg | CountTest, given: Operands) -> Asks:
    """The plain reductions an aggregate needs."""
    agg = node.agg if isinstance(node, CountTest) else node
    if agg.op in ("any", "all", "count"):
        return _asks_of_condition(agg.op, given)
    if isinstance(node, CountTest):
        return _asks_of_share_test(given)
    if agg.op == "share":
        return _asks_of_share(given)
    return _asks_of_values(agg, given)


def _asks_of_condition(op: str, given: Operands) -> Asks:
    if op == "count" and given.value == HOLDS and not given.complete:
        return {}
    value = truth_of(given.value, given.rows)
    sure, other = (value.no, value.yes) if op == "all" else (value.yes, value.no)
    kinds = ("count", "count") if op == "count" else ("any", "all")
    asks = {"sure": Ask(kinds[0], sure)}
    if given.complete or not value.known_all:
        asks["other"] = Ask(kinds[1], other)
    return asks


def _asks_of_share_test(given: Operands) -> Asks:
    value, where = truth_of(given.value, given.rows), truth_of(given.where, given.rows)
    asks = {"a": Ask("count", np.logical_and(where.yes, value.yes))}
    asks["d"] = Ask("count", np.logical_and(where.yes, value.no))
    if given.complete or not (value.known_all and where.known_all):
        asks["b"] = Ask("count", np.logical_not(np.logical_or(where.no, value.yes)))
        asks["c"] = Ask("count", np.logical_not(np.logical_or(where.no, value.no)))
    return asks


def _asks_of_share(given: Operands) -> Asks:
    value, where = truth_of(given.value, given.rows), truth_of(given.where, given.rows)
    asks = {
        "both": Ask("count", np.logical_and(where.yes, value.yes)),
        "meant": Ask("count", where.yes),
    }
    return asks | _asks_of_bad(where, value, given)


def _asks_of_bad(where: Truth | None, value: Value, given: Operands) -> Asks:
    """Where a row makes the whole unknown: its condition is, or its value where it is meant."""
    known = value.known if not isinstance(value, Constant) else None
    if value == UNKNOWN:
        known = np.zeros(given.rows, np.bool_)
    if where is not None and (known is not None or not where.known_all or given.complete):
        fine = where.yes if known is None else np.logical_and(where.yes, known)
        return {"bad": Ask("any", np.logical_not(np.logical_or(where.no, fine)))}
    if known is not None or given.complete:
        bad = np.zeros(given.rows, np.bool_) if known is None else np.logical_not(known)
        return {"bad": Ask("any", bad)}
    return {}


def _asks_of_values(agg: Agg, given: Operands) -> Asks:
    where = None if given.where == HOLDS else truth_of(given.where, given.rows)
    asks = _asks_of_bad(where, given.value, given)
    # Of several blocks one may know that the condition holds everywhere and another not.
    conditional = where is not None or (given.complete and agg.where is not None)
    needs_meant = agg.op in ("avg", "only") or (agg.op in ("min", "max") and conditional)
    if needs_meant and (where is not None or given.complete):
        meant = np.ones(given.rows, np.bool_) if where is None else where.yes
        asks["meant"] = Ask("count", meant)
    if agg.op == "only":
        return asks | _asks_of_only(agg, where, given)
    number = _wide(number_of(given.value, given.rows), agg, given)
    if agg.op in ("min", "max"):
        asks["total"] = Ask(agg.op, _only_meant(number.values, where, agg.op))
    else:
        asks["total"] = Ask("sum", _only_meant(number.values, where, "sum"))
    return asks


def _asks_of_only(agg: Agg, where: Truth | None, given: Operands) -> Asks:
    value = given.value
    if agg.value.type is Type.TEXT:
        return {"row": Ask("sum", _only_meant(np.arange(given.rows), where, "sum"))}
    if agg.value.type is Type.TRUTH:
        truth = truth_of(value, given.rows)
        yes = truth.yes if where is None else np.logical_and(where.yes, truth.yes)
        return {"sure": Ask("any", yes)}
    values = _wide(number_of(value, given.rows), agg, given).values
    return {"total": Ask("sum", _only_meant(values, where, "sum"))}


def _wide(number: Number, agg: Agg, given: Operands) -> Number:
    """The number in the one type that all blocks share, where blocks are put together."""
    if not given.complete:
        return number
    kind = np.float64 if agg.value.type in (Type.REAL, Type.MONEY_REAL) else np.int64
    return Number(number.values.astype(kind, copy=False), number.known)


def _only_meant(values: Array, where: Truth | None, op: str) -> Array:
    if where is None:
        return values
    kind = values.dtype
    neutral: float = 0
    if op != "sum":
        top = np.inf if kind.kind == "f" else np.iinfo(kind).max
        bottom = -np.inf if kind.kind == "f" else np.iinfo(kind).min
        neutral = top if op == "min" else bottom
    if neutral == 0 and kind.kind != "f":
        return np.multiply(values, where.yes, dtype=kind)
    return select(where.yes, values, kind.type(neutral))


def number_of(value: Value, rows: int) -> Number:
    """A number as an array of `rows`, constants spread out."""
    if isinstance(value, Number):
        return value
    one = fixed(value).value
    if one is None:
        return Number(np.zeros(rows, np.int8), np.zeros(rows, np.bool_), lo=0, hi=0)
    if isinstance(one, float):
        return Number(np.full(rows, one))
    whole = int(one)
    return Number(np.full(rows, whole, int_type(whole, whole)), lo=whole, hi=whole)


# --- putting together -------------------------------------------------------------------------


class Seen(NamedTuple):
    """Who is there, seen from above: `size` of each group; most, the size of the largest."""

    size: Array
    some_empty: bool
    most: int

    @property
    def filled(self) -> Bools | None:
        """Where somebody is; None if everywhere."""
        return np.greater(self.size, 0) if self.some_empty else None


def answer(node: Agg | CountTest, got: Got, given: Operands, seen: Seen) -> Value:
    """The aggregate from its plain reductions. For a CountTest: the count or share itself."""
    agg = node.agg if isinstance(node, CountTest) else node
    if agg.op in ("any", "all"):
        truth = _any(got, seen)
        return truth if agg.op == "any" else not_(truth)
    if agg.op == "count":
        return _count(got, seen)
    if agg.op == "share":
        known = both(np.greater(got["meant"], 0), _fine(got, seen))
        return Number(np.true_divide(got["both"], got["meant"], dtype=np.float64), known)
    return _answer_of_values(agg.op, got, given, seen)


def _any(got: Got, seen: Seen) -> Truth:
    yes = got["sure"]
    filled = seen.filled
    if "other" in got:
        return Truth(yes, got["other"] if filled is None else np.logical_and(got["other"], filled))
    return Truth(yes, None if filled is None else np.greater(filled, yes))


def _count(got: Got, seen: Seen) -> Number:
    counted = got.get("sure", seen.size)
    known = seen.filled
    if "other" in got:
        known = both(np.equal(counted + got["other"], seen.size), known)
    return Number(counted, known, lo=0 if seen.some_empty or "sure" in got else 1, hi=seen.most)


def _fine(got: Got, seen: Seen) -> Bools | None:
    fine = np.logical_not(got["bad"]) if "bad" in got else None
    return both(fine, seen.filled)


def _answer_of_values(op: str, got: Got, given: Operands, seen: Seen) -> Value:
    known = _fine(got, seen)
    meant = got.get("meant", seen.size)
    value = given.value
    lo, hi = _bounds(value)
    if op == "sum":
        return Number(got["total"], known, lo=min(0, lo * seen.most), hi=max(0, hi * seen.most))
    if op == "avg":
        known = both(known, np.greater(meant, 0))
        return Number(np.true_divide(got["total"], meant, dtype=np.float64), known)
    if op in ("min", "max"):
        if "meant" in got:
            known = both(known, np.greater(meant, 0))
        return Number(got["total"], known, lo=lo, hi=hi)
    one = np.equal(meant, 1)
    known = one if known is None else np.logical_and(known, one)
    if "row" in got:
        words = Words(texts_of(value, given.rows))
        return picked(words, np.where(known, got["row"], -1))
    if "sure" in got:
        yes = np.logical_and(got["sure"], known)
        return Truth(yes, np.logical_xor(yes, known))
    return Number(got["total"], known, lo=lo, hi=hi)


def _bounds(value: Value) -> tuple[int, int]:
    if isinstance(value, Number):
        return value.lo, value.hi
    if isinstance(value, Constant) and isinstance(value.value, int):
        return int(value.value), int(value.value)
    return 0, 0


def picked(words: Words, rows: Array) -> Words:
    """Texts at these rows, unknown at -1."""
    return Words(words.texts.take(pa.array(rows, mask=rows < 0)))


def tested(node: CountTest, got: Got, seen: Seen, right: Value) -> Truth | Constant:
    """A count or share compared: both its bounds must give the same answer."""
    low, high = _share_bounds(got) if node.agg.op == "share" else _count_bounds(got, seen)
    if low is high:
        return compare(node.op, low, right)
    rows = len(seen.size)
    if node.op in ("=", "!="):
        same = [truth_of(compare("=", side, right), rows).yes for side in (low, high)]
        above = truth_of(compare(">", low, right), rows).yes
        below = truth_of(compare("<", high, right), rows).yes
        equal = Truth(np.logical_and(*same), np.logical_or(above, below))
        return equal if node.op == "=" else not_(equal)
    last, first = (high, low) if node.op in ("<", "<=") else (low, high)
    holds = truth_of(compare(node.op, last, right), rows)
    return Truth(holds.yes, truth_of(compare(node.op, first, right), rows).no)


def _count_bounds(got: Got, seen: Seen) -> tuple[Number, Number]:
    counted = got.get("sure", seen.size)
    known = seen.filled
    low = Number(counted, known, lo=0 if seen.some_empty or "sure" in got else 1, hi=seen.most)
    if "other" not in got:
        return low, low
    return low, Number(np.subtract(seen.size, got["other"]), known, lo=0, hi=seen.most)


def _share_bounds(got: Got) -> tuple[Number, Number]:
    a, d = got["a"], got["d"]
    if "b" not in got:
        total = np.add(a, d)
        share = Number(np.true_divide(a, total, dtype=np.float64), np.greater(total, 0))
        return share, share
    least, most = np.add(a, got["b"]), np.add(got["c"], d)
    known = np.logical_and(np.greater(least, 0), np.greater(most, 0))
    low = Number(np.true_divide(a, least, dtype=np.float64), known)
    return low, Number(np.true_divide(got["c"], most, dtype=np.float64), known)


def over_members(members: Members, asks: Asks, sum_type: np.dtype[np.generic]) -> dict[str, Array]:
    """The plain reductions over the planes of one block."""
    got: dict[str, Array] = {}
    for name, (kind, values) in asks.items():
        if kind == "any":
            got[name] = members.any(values)
        elif kind == "all":
            got[name] = members.all(values)
        elif kind == "count":
            got[name] = members.count(values)
        elif kind == "sum":
            got[name] = members.sum(values, sum_type)
        else:
            got[name] = members.least(values, most=kind == "max")
    return got


def sum_type(value: Value, most: int) -> np.dtype[np.generic]:
    """The type a sum of at most so many values needs."""
    if isinstance(value, Words):
        return np.dtype(np.int64)
    if isinstance(value, Number) and value.is_float:
        return np.dtype(np.float64)
    if isinstance(value, Constant) and isinstance(value.value, float):
        return np.dtype(np.float64)
    lo, hi = _bounds(value)
    return int_type(min(0, lo * most), max(0, hi * most))
