"""One node after the other over columns: the trees of a program become NumPy operations.

A `Scope` is a set of rows (a block of households with their members, or all places) in which
nodes have values. Each node is computed once and dropped when its last user has had it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from yihu.rulebook.arrays import arithmetic, identities, texts
from yihu.rulebook.arrays.conditions import and_, at_least, compare, has_bit, not_, one_of, or_
from yihu.rulebook.arrays.values import UNKNOWN, Constant, Value
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.tree import (
    Agg,
    And,
    Arith,
    AtLeast,
    Bound,
    Case,
    Compare,
    Const,
    CountTest,
    Fact,
    FloorDiv,
    Has,
    IdentityBirth,
    IdentityMale,
    IdentityOk,
    IdStarts,
    IfUnknown,
    In,
    IsUnknown,
    Length,
    Matches,
    Node,
    Not,
    Number,
    Or,
    Part,
    Ref,
    Repeats,
    Round,
    Type,
    Up,
    parts_of,
)


class Resolved:
    """A program's nodes with every `Ref` led to the node it stands for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._parts: dict[int, tuple[Node, ...]] = {}

    def node(self, node: Node) -> Node:
        """The node itself, or what a `Ref` stands for."""
        while isinstance(node, Ref):
            node = self.program.definitions[node.level, node.name].node
        return node

    def looked_at(self, node: Up) -> str:
        """The level an Up looks at; "" for a constant everybody sees.

        A derived fact may be a constant on the day, and is still unknown where nothing of its
        level is above: so it is the level of the name that counts.
        """
        level = node.body.level
        return "" if level == POPULATION and not self.node(node.body).level else level

    def parts(self, node: Node) -> tuple[Node, ...]:
        """The nodes asked to compute this one, in the order of its fields."""
        if id(node) not in self._parts:
            inner = parts_of(node)
            if isinstance(node, CountTest):  # the count itself is never asked for
                inner = (*parts_of(node.agg), node.right)
            self._parts[id(node)] = tuple(self.node(part) for part in inner)
        return self._parts[id(node)]

    def reached(self, roots: Iterable[Node], stop: Callable[[Node], bool]) -> dict[int, Node]:
        """All nodes below the roots; what `stop` says is not gone into."""
        found: dict[int, Node] = {}
        waiting = [self.node(root) for root in roots]
        while waiting:
            node = waiting.pop()
            if id(node) not in found:
                found[id(node)] = node
                if not stop(node):
                    waiting.extend(self.parts(node))
        return found


class Scope(ABC):
    """Rows in which nodes have values.

    uses   how often each node will be asked for; a value is dropped after the last time
    """

    def __init__(self, resolved: Resolved, uses: Mapping[int, int] | None = None) -> None:
        self.resolved = resolved
        self._left = dict(uses) if uses is not None else {}
        self._done: dict[int, Value] = {}

    def value(self, node: Node) -> Value:
        """The node's value in every row."""
        if isinstance(node, Ref):
            node = self.resolved.node(node)
        key = id(node)
        found = self._done.get(key)
        if found is None:
            found = _COMPUTED[type(node)](self, node)
            self._done[key] = found
        left = self._left.get(key)
        if left is not None:
            self._left[key] = left - 1
            if left <= 1:
                self._done.pop(key, None)
        return found

    @abstractmethod
    def rows(self, level: str) -> int:
        """How many rows a level has."""

    @abstractmethod
    def fact(self, node: Fact) -> Value:
        """A stored fact."""

    @abstractmethod
    def seen_above(self, node: Up) -> Value:
        """The value of the thing above each row."""

    @abstractmethod
    def aggregate(self, node: Agg | CountTest) -> Value:
        """An aggregate over a level below."""

    @abstractmethod
    def repeats(self, node: Repeats) -> Value:
        """How many have the same value."""

    @abstractmethod
    def starts(self, node: IdStarts) -> Value:
        """Whether the id starts so."""


def _compare(scope: Scope, node: Compare) -> Value:
    left, right = scope.value(node.left), scope.value(node.right)
    if node.left.type is Type.TEXT:
        return texts.compare_texts(node.op, left, right)
    if node.left.type is Type.TRUTH:
        equal = arithmetic.truths_equal(left, right, scope.rows(node.level))
        return equal if node.op == "=" else not_(equal)
    return compare(node.op, left, right)


def _in(scope: Scope, node: In) -> Value:
    body = scope.value(node.body)
    if node.body.type is Type.TEXT:
        return texts.one_of_texts(body, tuple(str(v) for v in node.values))
    return one_of(body, [int(v) for v in node.values])


def _case(scope: Scope, node: Case) -> Value:
    rows = scope.rows(node.level) if node.level else 1
    result = scope.value(node.otherwise)
    for condition, value in reversed(node.arms):
        result = arithmetic.chosen(scope.value(condition), scope.value(value), result, rows)
    return result


def _if_unknown(scope: Scope, node: IfUnknown) -> Value:
    rows = scope.rows(node.level) if node.level else 1
    return arithmetic.if_unknown(scope.value(node.body), scope.value(node.instead), rows)


def _const(_: Scope, node: Const) -> Value:
    return UNKNOWN if node.value is None else Constant(node.value)


_COMPUTED: dict[type[Node], Callable[[Scope, Any], Value]] = {
    Const: _const,
    Fact: lambda s, n: s.fact(n),
    Up: lambda s, n: s.seen_above(n),
    And: lambda s, n: and_([s.value(p) for p in n.parts]),
    Or: lambda s, n: or_([s.value(p) for p in n.parts]),
    Not: lambda s, n: not_(s.value(n.body)),
    AtLeast: lambda s, n: at_least(n.k, [s.value(p) for p in n.parts]),
    Compare: _compare,
    In: _in,
    Has: lambda s, n: has_bit(s.value(n.body), n.bit),
    Arith: lambda s, n: arithmetic.arith(n.op, n.type, s.value(n.left), s.value(n.right)),
    FloorDiv: lambda s, n: arithmetic.floor_divided(s.value(n.body), n.by),
    Number: lambda s, n: arithmetic.as_number(s.value(n.body), n.type),
    Round: lambda s, n: arithmetic.rounded(s.value(n.body), n.mode, n.step),
    Bound: lambda s, n: arithmetic.bounded(n.op, s.value(n.left), s.value(n.right)),
    Case: _case,
    IfUnknown: _if_unknown,
    IsUnknown: lambda s, n: arithmetic.is_unknown(s.value(n.body)),
    Agg: lambda s, n: s.aggregate(n),
    CountTest: lambda s, n: s.aggregate(n),
    Repeats: lambda s, n: s.repeats(n),
    Matches: lambda s, n: texts.matches(s.value(n.body), n.pattern),
    Length: lambda s, n: texts.length(s.value(n.body)),
    Part: lambda s, n: texts.part(s.value(n.body), n.start, n.length),
    IdentityOk: lambda s, n: identities.identity_ok(s.value(n.body)),
    IdentityBirth: lambda s, n: identities.identity_birth(s.value(n.body)),
    IdentityMale: lambda s, n: identities.identity_male(s.value(n.body)),
    IdStarts: lambda s, n: s.starts(n),
}
