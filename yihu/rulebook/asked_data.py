"""A condition as plain data, for forms on phones and pages: the typed tree with nothing to look up.

Days, lines and ages are folded to figures of the day, derived facts are replaced by what they mean.
The whole shape stands in docs/sync.md; `fieldapp/src/conditions.ts` reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yihu.rulebook.asked import Condition
from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import CodeList
from yihu.rulebook.tree import (
    And,
    Arith,
    AtLeast,
    Bound,
    Case,
    Compare,
    Const,
    Fact,
    FloorDiv,
    Has,
    IfUnknown,
    In,
    IsUnknown,
    Node,
    Not,
    Number,
    Or,
    Ref,
    Round,
    Type,
    Up,
)

#: [what, its parts …]
Data = list[Any]


def as_data(book: Rulebook, condition: Condition) -> Data:
    """The condition as lists, words, numbers, true, false and null."""
    return _Writer(book, condition).of(condition.node)


class _Writer:
    """Writes the tree of one condition. Codes are written by their keys."""

    def __init__(self, book: Rulebook, condition: Condition) -> None:
        self.book, self.condition = book, condition

    def of(self, node: Node, codes: CodeList | None = None) -> Data:
        """A node; `codes` is the list that a constant beside it is of."""
        return _WRITTEN[type(node)](self, node, codes or self.codes(node))

    def codes(self, node: Node) -> CodeList | None:
        """The list that a code's value is of."""
        match node:
            case Fact():
                spec = self.book.facts.get((node.level, node.name))
                return spec.codes if spec else None
            case Up():
                return self.codes(node.body)
            case Ref():
                return self.codes(self.meant(node))
            case IfUnknown():
                return self.codes(node.body) or self.codes(node.instead)
            case Case():
                values = [*(value for _, value in node.arms), node.otherwise]
                return next((codes for v in values if (codes := self.codes(v))), None)
        return None

    def meant(self, node: Ref) -> Node:
        """What a derived fact or rule is."""
        return self.condition.meant[node.level, node.name]

    def constant(self, node: Const, codes: CodeList | None) -> Data:
        """A constant; a code by its key."""
        if node.type is Type.CODE and codes is not None and isinstance(node.value, int):
            return ["is", codes.codes[node.value].key]
        return ["is", node.value]

    def fact(self, node: Fact) -> Data:
        """A fact; of a derived fact that files may bring, forms know no value."""
        stored = (node.level, node.name) in self.book.facts
        return ["fact", node.level, node.name] if stored else ["is", None]

    def case(self, node: Case, codes: CodeList | None) -> Data:
        """The first arm whose condition holds."""
        arms = [[self.of(condition), self.of(value, codes)] for condition, value in node.arms]
        return ["case", arms, self.of(node.otherwise, codes)]

    def compared(self, node: Compare) -> Data:
        """Both sides of a comparison, their codes by key."""
        codes = self.codes(node.left) or self.codes(node.right)
        return [node.op, self.of(node.left, codes), self.of(node.right, codes)]

    def among(self, node: In, codes: CodeList | None) -> Data:
        """One of some constants."""
        values: list[Any] = list(node.values)
        if node.body.type is Type.CODE and codes is not None:
            values = [codes.codes[value].key for value in values]
        return ["in", self.of(node.body), values]

    def has(self, node: Has, codes: CodeList | None) -> Data:
        """One of several codes, by its key."""
        return ["has", self.of(node.body), codes.codes[node.bit].key if codes else None]


_WRITTEN: dict[type[Node], Callable[[_Writer, Any, CodeList | None], Data]] = {
    Const: lambda w, n, codes: w.constant(n, codes),
    Fact: lambda w, n, _: w.fact(n),
    Ref: lambda w, n, codes: w.of(w.meant(n), codes),
    Up: lambda w, n, codes: w.of(n.body, codes),
    Number: lambda w, n, _: w.of(n.body),
    And: lambda w, n, _: ["and", *(w.of(part) for part in n.parts)],
    Or: lambda w, n, _: ["or", *(w.of(part) for part in n.parts)],
    Not: lambda w, n, _: ["not", w.of(n.body)],
    AtLeast: lambda w, n, _: ["at_least", n.k, *(w.of(part) for part in n.parts)],
    Compare: lambda w, n, _: w.compared(n),
    In: lambda w, n, _: w.among(n, w.codes(n.body)),
    Has: lambda w, n, _: w.has(n, w.codes(n.body)),
    Arith: lambda w, n, _: [n.op, w.of(n.left), w.of(n.right)],
    FloorDiv: lambda w, n, _: ["whole", w.of(n.body), n.by],
    Round: lambda w, n, _: ["round", n.mode, n.step, w.of(n.body)],
    Bound: lambda w, n, _: [n.op, w.of(n.left), w.of(n.right)],
    Case: lambda w, n, codes: w.case(n, codes),
    IfUnknown: lambda w, n, codes: ["if_unknown", w.of(n.body, codes), w.of(n.instead, codes)],
    IsUnknown: lambda w, n, _: ["unknown", w.of(n.body)],
}
