"""The meaning of the tree said once more, as slowly and plainly as it can be.

Every node is worked out for one thing at a time by the words in tree.py; no layers, no columns,
no sharing. Other readers are held against it on small tables.
"""

from __future__ import annotations

import math
import re
from datetime import date
from functools import singledispatchmethod

from yihu.rulebook import tree
from yihu.rulebook.program import POPULATION
from yihu.rulebook.tree import Type

FLOATS = (Type.REAL, Type.MONEY_REAL)


class PlainMeaning:
    """Answers of a program over tables: level → {"id": …, "parent": …, fact: …}."""

    def __init__(self, program, tables):
        self.program = program
        self.levels = program.level_names()
        self.tables = {level: dict(tables.get(level, {})) for level in self.levels}
        self.tables[POPULATION].setdefault("id", [POPULATION])
        parents: list[str] = []
        for level in self.levels:
            self.tables[level].setdefault("id", list(dict.fromkeys(parents)))
            parents = [p for p in self.tables[level].get("parent", []) if p is not None]
        self.known = {}

    def answers(self):
        """(level, rule) → list of (answer, amount or None), in the order of the table."""
        found = {}
        for output in self.program.outputs:
            rows = []
            for i in range(self.count(output.level)):
                amount = self.of(output.amount, output.level, i) if output.amount else None
                rows.append((self.of(output.holds, output.level, i), amount))
            found[output.level, output.name] = rows
        return found

    def count(self, level):
        return len(self.tables[level]["id"])

    def above(self, level, i, upper):
        """Place of the thing of a level above that thing i belongs to, or None."""
        if upper == POPULATION:
            return 0
        while level != upper:
            parents = self.tables[level].get("parent")
            parent = parents[i] if parents else None
            level = self.levels[self.levels.index(level) + 1]
            ids = self.tables[level]["id"]
            if parent is None or parent not in ids:
                return None
            i = ids.index(parent)
        return i

    def of(self, node, level, i):
        key = (id(node), level, i)
        if key not in self.known:
            self.known[key] = self.value(node, level, i)
        return self.known[key]

    @singledispatchmethod
    def value(self, node, level, i):
        raise TypeError(type(node).__name__)

    @value.register
    def _(self, node: tree.Const, level, i):
        return node.value

    @value.register
    def _(self, node: tree.Fact, level, i):
        column = self.tables[level].get(("last." if node.last else "") + node.name)
        return column[i] if column else None

    @value.register
    def _(self, node: tree.Ref, level, i):
        return self.of(self.program.definitions[node.level, node.name].node, level, i)

    @value.register
    def _(self, node: tree.Up, level, i):
        above = self.above(level, i, node.body.level)
        return None if above is None else self.of(node.body, node.body.level, above)

    @value.register
    def _(self, node: tree.And, level, i):
        parts = [self.of(p, level, i) for p in node.parts]
        return False if False in parts else None if None in parts else True

    @value.register
    def _(self, node: tree.Or, level, i):
        parts = [self.of(p, level, i) for p in node.parts]
        return True if True in parts else None if None in parts else False

    @value.register
    def _(self, node: tree.Not, level, i):
        body = self.of(node.body, level, i)
        return None if body is None else not body

    @value.register
    def _(self, node: tree.AtLeast, level, i):
        parts = [self.of(p, level, i) for p in node.parts]
        if parts.count(True) >= node.k:
            return True
        return False if parts.count(True) + parts.count(None) < node.k else None

    @value.register
    def _(self, node: tree.Compare, level, i):
        left, right = self.of(node.left, level, i), self.of(node.right, level, i)
        return None if left is None or right is None else compared(node.op, left, right)

    @value.register
    def _(self, node: tree.In, level, i):
        body = self.of(node.body, level, i)
        return None if body is None else body in node.values

    @value.register
    def _(self, node: tree.Has, level, i):
        body = self.of(node.body, level, i)
        return None if body is None else bool(body >> node.bit & 1)

    @value.register
    def _(self, node: tree.Arith, level, i):
        left, right = self.of(node.left, level, i), self.of(node.right, level, i)
        if left is None or right is None:
            return None
        if node.op == "/":
            return None if right == 0 else left / right
        return {"+": left + right, "-": left - right, "*": left * right}[node.op]

    @value.register
    def _(self, node: tree.FloorDiv, level, i):
        body = self.of(node.body, level, i)
        return None if body is None else body // node.by

    @value.register
    def _(self, node: tree.Number, level, i):
        body = self.of(node.body, level, i)
        return float(body) if body is not None and node.type in FLOATS else body

    @value.register
    def _(self, node: tree.Round, level, i):
        body = self.of(node.body, level, i)
        if body is None:
            return None
        steps = body if node.step == 1 else body / node.step
        whole = {
            "half_up": lambda: math.floor(steps + 0.5),
            "down": lambda: math.floor(steps),
            "up": lambda: math.ceil(steps),
        }[node.mode]()
        return whole * node.step

    @value.register
    def _(self, node: tree.Bound, level, i):
        left, right = self.of(node.left, level, i), self.of(node.right, level, i)
        if left is None or right is None:
            return None
        return min(left, right) if node.op == "most" else max(left, right)

    @value.register
    def _(self, node: tree.Case, level, i):
        for condition, value in node.arms:
            found = self.of(condition, level, i)
            if found is None:
                return None
            if found:
                return self.of(value, level, i)
        return self.of(node.otherwise, level, i)

    @value.register
    def _(self, node: tree.IfUnknown, level, i):
        body = self.of(node.body, level, i)
        return self.of(node.instead, level, i) if body is None else body

    @value.register
    def _(self, node: tree.IsUnknown, level, i):
        return self.of(node.body, level, i) is None

    # -- over a lower level -------------------------------------------------------------------

    def below(self, node, level, i):
        return [j for j in range(self.count(node.over)) if self.above(node.over, j, level) == i]

    def pairs(self, node, level, i):
        """(where, value, weight) of everybody below."""
        return [
            (
                True if node.where is None else self.of(node.where, node.over, j),
                self.of(node.value, node.over, j),
                1.0 if node.weight is None else self.of(node.weight, node.over, j),
            )
            for j in self.below(node, level, i)
        ]

    @value.register
    def _(self, node: tree.Agg, level, i):
        pairs = self.pairs(node, level, i)
        if not pairs:
            return None
        if node.op in ("any", "all"):
            values, decides = [v for _, v, _ in pairs], node.op == "any"
            return decides if decides in values else None if None in values else not decides
        if node.op == "count":
            values = [v for _, v, _ in pairs]
            return None if None in values else values.count(True)
        if node.op == "median":
            return quantile([(v, w) for d, v, w in pairs if d and None not in (v, w)], node.p)
        if any(d is None or (d and v is None) for d, v, _ in pairs):
            return None
        return over_known(node, [v for d, v, _ in pairs if d])

    @value.register
    def _(self, node: tree.CountTest, level, i):
        agg, right = node.agg, self.of(node.right, level, i)
        pairs = self.pairs(agg, level, i)
        if not pairs or right is None:
            return None
        bounds = (count_bounds if agg.op == "count" else share_bounds)([p[:2] for p in pairs])
        if bounds is None:
            return None
        low, high = bounds
        if node.op in ("=", "!="):
            if low == high == right:
                return node.op == "="
            return None if low <= right <= high else node.op == "!="
        ends = compared(node.op, low, right), compared(node.op, high, right)
        return ends[0] if ends[0] == ends[1] else None

    @value.register
    def _(self, node: tree.Repeats, level, i):
        body = self.of(node.body, level, i)
        if body is None:
            return None
        return sum(
            self.of(node.body, level, j) == body
            and (node.where is None or self.of(node.where, level, j) is True)
            for j in range(self.count(level))
        )

    # -- text ---------------------------------------------------------------------------------

    @value.register
    def _(self, node: tree.Matches, level, i):
        body = self.of(node.body, level, i)
        return None if body is None else re.fullmatch(node.pattern, body) is not None

    @value.register
    def _(self, node: tree.Length, level, i):
        body = self.of(node.body, level, i)
        return None if body is None else len(body)

    @value.register
    def _(self, node: tree.Part, level, i):
        body = self.of(node.body, level, i)
        if body is None or len(body) < node.start + node.length - 1:
            return None
        return body[node.start - 1 : node.start - 1 + node.length]

    @value.register
    def _(self, node: tree.IdentityOk, level, i):
        body = self.of(node.body, level, i)
        if body is None:
            return None
        if identity_day(body) is None:
            return False
        total = sum(int(c) * 2 ** (17 - n) for n, c in enumerate(body[:17]))
        return len(body) == 15 or (total + check_value(body[17])) % 11 == 1

    @value.register
    def _(self, node: tree.IdentityBirth, level, i):
        body = self.of(node.body, level, i)
        day = None if body is None else identity_day(body)
        return None if day is None else tree.day_number(day.year, day.month, day.day)

    @value.register
    def _(self, node: tree.IdentityMale, level, i):
        body = self.of(node.body, level, i)
        if body is None or identity_day(body) is None:
            return None
        return int(body[16] if len(body) == 18 else body[14]) % 2 == 1

    @value.register
    def _(self, node: tree.IdStarts, level, i):
        return level != POPULATION and self.tables[level]["id"][i].startswith(node.prefix)


def compared(op, left, right):
    return (
        {"=": left == right, "!=": left != right}[op]
        if op in ("=", "!=")
        else {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
    )


def over_known(node, values):
    if node.op == "share":
        return values.count(True) / len(values) if values else None
    if node.op == "sum":
        return total_of(node, values)
    if node.op == "only":
        return values[0] if len(values) == 1 else None
    if not values:
        return None
    if node.op == "avg":
        return total_of(node, values) / len(values)
    return min(values) if node.op == "min" else max(values)


def total_of(node, values):
    total = 0.0 if node.value.type in FLOATS else 0
    for value in values:
        total += value
    return total


def count_bounds(pairs):
    values = [v for _, v in pairs]
    return values.count(True), values.count(True) + values.count(None)


def share_bounds(pairs):
    a = pairs.count((True, True))
    b = sum(d is not False and v is not True for d, v in pairs)
    c = sum(d is not False and v is not False for d, v in pairs)
    d = pairs.count((True, False))
    return None if a + b == 0 or c + d == 0 else (a / (a + b), c / (c + d))


def quantile(pairs, p):
    pairs = sorted(pairs)
    total = sum(w for _, w in pairs)
    if not total:
        return None
    cumulated = 0.0
    for n, (value, weight) in enumerate(pairs):
        cumulated += weight
        if cumulated / total == p and n + 1 < len(pairs):
            return (value + pairs[n + 1][0]) / 2
        if cumulated / total >= p:
            return value
    return None


def identity_day(text):
    if re.fullmatch("[0-9]{15}", text):
        figures = "19" + text[6:12]
    elif re.fullmatch("[0-9]{17}[0-9Xx]", text):
        figures = text[6:14]
    else:
        return None
    try:
        return date(int(figures[:4]), int(figures[4:6]), int(figures[6:8]))
    except ValueError:
        return None


def check_value(sign):
    return 10 if sign in "xX" else int(sign)
