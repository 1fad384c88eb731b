"""Random programs over random small tables.

Trees are well typed; whole numbers stay small, so that no sum leaves 64 bits and no quotient
leaves the whole numbers a float holds.
"""

from __future__ import annotations

import random

from hypothesis import strategies as st

from tests.rulebook.hand_trees import FACTS, TYPES, Hand
from tests.rulebook.random_tables import CELLS, UPPER, tables
from yihu.rulebook import tree
from yihu.rulebook.tree import Type

PATTERNS = ["[0-9]{5,6}", "a|b", "[^0-9]+", ".*月", "(a|A)?", "", "[a-z]*", "\\\\[a-z]", "O'.*"]
KIND_OF = {
    Type.WHOLE: "whole",
    Type.MONEY: "money",
    Type.REAL: "number",
    Type.DATE: "date",
    Type.CODE: "code",
    Type.TEXT: "text",
}


class Grower:
    """Draws typed nodes. Depth falls towards the leaves."""

    def __init__(self, chance):
        self.chance, self.h = chance, Hand()
        self.refs = []  # made before: nodes by (level, type)

    def ask(self, level):
        """A rule; the most telling ones show a value as it is, as their amount."""
        kind = self.pick(None, None, Type.WHOLE, Type.MONEY, Type.DATE, Type.REAL, Type.MONEY_REAL)
        if kind is None:
            amount = self.value(Type.MONEY, level, 2) if self.pick(True, False) else None
            self.h.ask(level, self.truth(level, 3), amount)
            return
        amount = self.value(kind, level, 3)
        if kind in (Type.REAL, Type.MONEY_REAL):
            thousands = self.h.node(tree.Arith, kind, level, "*", amount, self.h.const(kind, 1e3))
            small = self._small(thousands, level)
            amount = self.h.node(tree.Round, Type.WHOLE, level, "half_up", 1, small)
        self.h.ask(level, self.h.const(Type.TRUTH, True), amount)

    def pick(self, *choices):
        return self.chance.choice(choices)

    def truth(self, level, depth):
        kinds = (
            ["fact", "const"]
            if depth <= 0
            else [
                "fact",
                "and",
                "or",
                "not",
                "at_least",
                "compare",
                "in",
                "has",
                "is_unknown",
                "any",
                "count_test",
                "share_test",
                "case",
                "if_unknown",
                "only",
                "up",
                "text",
                "id",
                "ref",
            ]
        )
        return getattr(self, f"_truth_{self.pick(*kinds)}")(level, depth - 1)

    def _truth_fact(self, level, depth):
        return self.h.fact(self.pick("child", "sick"), level, last=self.pick(False, False, True))

    def _truth_const(self, level, depth):
        return self.h.const(Type.TRUTH, self.pick(True, False, None))

    def _parts(self, level, depth):
        return tuple(self.truth(level, depth) for _ in range(self.pick(2, 2, 3)))

    def _truth_and(self, level, depth):
        return self.h.both(*self._parts(level, depth), level=level)

    def _truth_or(self, level, depth):
        return self.h.either(*self._parts(level, depth), level=level)

    def _truth_not(self, level, depth):
        return self.h.node(tree.Not, Type.TRUTH, level, self.truth(level, depth))

    def _truth_at_least(self, level, depth):
        k = self.pick(0, 1, 2, 3)
        return self.h.node(tree.AtLeast, Type.TRUTH, level, k, self._parts(level, depth))

    def _truth_compare(self, level, depth):
        kind = self.pick(
            Type.WHOLE, Type.MONEY, Type.REAL, Type.MONEY_REAL, Type.DATE, Type.CODE, Type.TEXT
        )
        ordered = kind not in (Type.CODE, Type.TEXT)
        op = self.pick("=", "!=", *(("<", "<=", ">", ">=") if ordered else ()))
        sides = (self.value(kind, level, depth), self.value(kind, level, depth))
        return self.h.node(tree.Compare, Type.TRUTH, level, op, *sides)

    def _truth_in(self, level, depth):
        kind = self.pick(Type.WHOLE, Type.CODE, Type.TEXT)
        values = tuple({self.pick(*CELLS[KIND_OF[kind]]) for _ in range(self.pick(0, 1, 2, 3))})
        return self.h.node(tree.In, Type.TRUTH, level, self.value(kind, level, depth), values)

    def _truth_has(self, level, depth):
        return self.h.node(
            tree.Has, Type.TRUTH, level, self.h.fact("gets", level), self.pick(0, 1, 3)
        )

    def _truth_is_unknown(self, level, depth):
        kind = self.pick(Type.WHOLE, Type.REAL, Type.TRUTH, Type.TEXT)
        return self.h.node(tree.IsUnknown, Type.TRUTH, level, self.value(kind, level, depth))

    def _below(self, level):
        """A level below this one, or None."""
        order = ["person", "household", "village", "population"]
        lower = order[: order.index(level)]
        return self.pick(*lower) if lower else None

    def _truth_any(self, level, depth):
        over = self._below(level)
        if over is None:
            return self._truth_fact(level, depth)
        return self.h.agg(self.pick("any", "all"), self.truth(over, depth), level=level, over=over)

    def _where(self, over, depth):
        return self.truth(over, depth) if self.pick(True, False) else None

    def _truth_count_test(self, level, depth):
        over = self._below(level)
        if over is None:
            return self._truth_fact(level, depth)
        agg = self.h.agg("count", self.truth(over, depth), level=level, over=over)
        right = self.value(Type.WHOLE, level, 0)
        op = self.pick("=", "!=", "<", "<=", ">", ">=")
        return self.h.node(tree.CountTest, Type.TRUTH, level, op, agg, right)

    def _truth_share_test(self, level, depth):
        over = self._below(level)
        if over is None:
            return self._truth_fact(level, depth)
        where = (
            self.truth(over, depth) if self.pick(True, False) else (self.h.const(Type.TRUTH, True))
        )
        agg = self.h.agg("share", self.truth(over, depth), where, level=level, over=over)
        right = self.h.const(Type.REAL, self.pick(0.0, 0.5, 1.0, 1 / 3, None))
        op = self.pick("=", "!=", "<", "<=", ">", ">=")
        return self.h.node(tree.CountTest, Type.TRUTH, level, op, agg, right)

    def _truth_case(self, level, depth):
        return self._case(Type.TRUTH, level, depth)

    def _truth_if_unknown(self, level, depth):
        parts = self.truth(level, depth), self.truth(level, depth)
        return self.h.node(tree.IfUnknown, Type.TRUTH, level, *parts)

    def _truth_only(self, level, depth):
        over = self._below(level)
        if over is None:
            return self._truth_fact(level, depth)
        where = self._where(over, depth)
        return self.h.agg("only", self.truth(over, depth), where, level=level, over=over)

    def _truth_up(self, level, depth):
        return self._up(Type.TRUTH, level, depth) or self._truth_fact(level, depth)

    def _truth_ref(self, level, depth):
        return self._ref(Type.TRUTH, level) or self._truth_fact(level, depth)

    def _truth_text(self, level, depth):
        body = self.value(Type.TEXT, level, depth)
        kind = self.pick(tree.Matches, tree.IdentityOk, tree.IdentityMale)
        args = (body, self.pick(*PATTERNS)) if kind is tree.Matches else (body,)
        return self.h.node(kind, Type.TRUTH, level, *args)

    def _truth_id(self, level, depth):
        starts = self.pick("p", "p1", "h1", "v", "4", "pop")
        return self.h.node(tree.IdStarts, Type.TRUTH, level, starts)

    # -- values ---------------------------------------------------------------------------------

    def value(self, kind, level, depth):
        if kind is Type.TRUTH:
            return self.truth(level, depth)
        found = self._ref(kind, level) if self.pick(True, False, False) else None
        if found is not None:
            return found
        if depth <= 0 or self.pick(True, False, False, False):
            return self._leaf(kind, level)
        makers = {
            Type.WHOLE: self._whole,
            Type.MONEY: self._money,
            Type.REAL: self._real,
            Type.MONEY_REAL: self._money_real,
            Type.DATE: self._date,
            Type.TEXT: self._text,
        }
        general = self.pick(
            self._case,
            self._up,
            self._if_unknown_of,
            self._over,
            self._over,
            self._over,
            makers.get(kind, self._case),
            makers.get(kind, self._case),
        )
        return general(kind, level, depth - 1) or self._leaf(kind, level)

    def _leaf(self, kind, level):
        if kind is Type.MONEY_REAL:
            return self.h.node(tree.Number, kind, level, self._leaf(Type.MONEY, level))
        if self.pick(True, True, False):
            names = [n for n, k in FACTS.items() if TYPES[k] is kind]
            return self.h.fact(self.pick(*names), level)
        value = self.pick(*CELLS[KIND_OF[kind]]) if self.chance.random() < 0.9 else None
        return self.h.const(kind, value)

    def _ref(self, kind, level):
        fitting = [r for r in self.refs if r.level == level and r.type is kind]
        return self.pick(*fitting) if fitting else None

    def _up(self, kind, level, depth):
        uppers = []
        upper = UPPER.get(level)
        while upper:
            uppers.append(upper)
            upper = UPPER.get(upper)
        if not uppers:
            return None
        body = self.value(kind, self.pick(*uppers), depth)
        return self.h.up(body, level) if body.level else None

    def _case(self, kind, level, depth):
        arms = tuple(
            (self.truth(level, depth), self.value(kind, level, depth))
            for _ in range(self.pick(1, 1, 2))
        )
        return self.h.node(tree.Case, kind, level, arms, self.value(kind, level, depth))

    def _if_unknown_of(self, kind, level, depth):
        parts = self.value(kind, level, depth), self.value(kind, level, depth)
        return self.h.node(tree.IfUnknown, kind, level, *parts)

    def _over(self, kind, level, depth):
        over = self._below(level)
        if over is None:
            return None
        ops = ["only"]
        if kind in (Type.WHOLE, Type.MONEY, Type.REAL, Type.MONEY_REAL):
            ops += ["sum", "min", "max"]
        elif kind is Type.DATE:
            ops += ["min", "max"]
        if kind in (Type.REAL, Type.MONEY_REAL):
            ops += ["avg", "avg", "median"]
        op = self.pick(*ops)
        value, where = self.value(kind, over, depth), self._where(over, depth)
        if op == "median":
            weight = self.pick(
                None, self.h.node(tree.Number, Type.REAL, over, self.h.fact("rooms", over))
            )
            # A weight below nought has no meaning.
            weight = weight and self.h.node(
                tree.Bound, Type.REAL, over, "least", weight, self.h.const(Type.REAL, 0.0)
            )
            p = self.pick(0.0, 0.25, 0.5, 0.9, 1.0)
            return self.h.agg(op, value, where, level=level, over=over, weight=weight, p=p)
        return self.h.agg(op, value, where, level=level, over=over)

    def _whole(self, kind, level, depth):
        form = self.pick("arith", "count", "repeats", "years", "length", "round", "bound")
        if form == "arith":
            parts = self.value(kind, level, 0), self.value(kind, level, depth)
            return self.h.node(tree.Arith, kind, level, self.pick("+", "-", "*"), *parts)
        if form == "count" and (over := self._below(level)):
            return self.h.agg("count", self.truth(over, depth), level=level, over=over)
        if form == "repeats":
            body = self.value(self.pick(Type.TEXT, Type.WHOLE, Type.CODE), level, depth)
            if body.level:
                where = self._where(level, depth)
                return self.h.node(tree.Repeats, kind, level, body, where)
        if form == "years":
            day = self.h.node(tree.Number, kind, level, self.value(Type.DATE, level, depth))
            rest = self.h.node(tree.Arith, kind, level, "-", self.h.const(kind, 751_480), day)
            return self.h.node(tree.FloorDiv, kind, level, rest, self.pick(31, 372))
        if form == "length":
            return self.h.node(tree.Length, kind, level, self.value(Type.TEXT, level, depth))
        if form == "bound":
            return self._bound(kind, level, depth)
        body = self.value(Type.REAL, level, depth)
        mode = self.pick("half_up", "down", "up")
        small = self._small(body, level)
        return self.h.node(tree.Round, kind, level, mode, self.pick(1, 10), small)

    def _small(self, body, level):
        # Rounding what is beyond 64 bits has no meaning in the language.
        limit = self.h.const(body.type, 1e9)
        least = self.h.const(body.type, -1e9)
        capped = self.h.node(tree.Bound, body.type, level, "most", body, limit)
        return self.h.node(tree.Bound, body.type, level, "least", capped, least)

    def _bound(self, kind, level, depth):
        parts = self.value(kind, level, depth), self.value(kind, level, depth)
        return self.h.node(tree.Bound, kind, level, self.pick("most", "least"), *parts)

    def _money(self, kind, level, depth):
        if self.pick(True, False):
            parts = self.value(kind, level, depth), self.value(kind, level, depth)
            return self.h.node(tree.Arith, kind, level, self.pick("+", "-"), *parts)
        body = self._small(self.value(Type.MONEY_REAL, level, depth), level)
        mode = self.pick("half_up", "down", "up")
        return self.h.node(tree.Round, kind, level, mode, self.pick(1, 100), body)

    def _real(self, kind, level, depth):
        form = self.pick("number", "arith", "bound", "share")
        if form == "number":
            return self.h.node(tree.Number, kind, level, self.value(Type.WHOLE, level, depth))
        if form == "share" and (over := self._below(level)):
            where = self._where(over, depth)
            return self.h.agg("share", self.truth(over, depth), where, level=level, over=over)
        if form == "bound":
            return self._bound(kind, level, depth)
        parts = self.value(kind, level, 0), self.value(kind, level, depth)
        return self.h.node(tree.Arith, kind, level, self.pick("+", "-", "*", "/"), *parts)

    def _money_real(self, kind, level, depth):
        if self.pick(True, False):
            return self.h.node(tree.Number, kind, level, self.value(Type.MONEY, level, depth))
        left, right = self.value(kind, level, depth), self.value(Type.REAL, level, depth)
        return self.h.node(tree.Arith, kind, level, self.pick("*", "/"), left, right)

    def _date(self, kind, level, depth):
        body = self.value(Type.TEXT, level, depth)
        return self.h.node(tree.IdentityBirth, kind, level, body)

    def _text(self, kind, level, depth):
        body = self.value(kind, level, depth)
        return self.h.node(tree.Part, kind, level, body, self.pick(1, 2, 7), self.pick(1, 3))


@st.composite
def cases(draw):
    """A program with derived facts and rules on all levels, and tables for it.

    Drawn by a seed, not choice by choice: Hypothesis' own choices come out mostly alike and its
    cells mostly blank, and then a reader that adds in the wrong order, counts what is unknown or
    loses a member is not noticed.
    """
    chance = random.Random(draw(st.integers(0, 2**64)))
    grower = Grower(chance)
    for n in range(chance.randint(0, 4)):
        level = grower.pick("person", "household", "village", "population")
        kind = grower.pick(Type.TRUTH, Type.WHOLE, Type.MONEY, Type.REAL, Type.MONEY_REAL)
        grower.refs.append(grower.h.define(level, f"derived_{n}", grower.value(kind, level, 2)))
    for _ in range(chance.randint(1, 3)):
        grower.ask(grower.pick("household", "household", "person", "village", "population"))
    return grower.h.program(), tables(chance)
