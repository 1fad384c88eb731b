"""Programs made by hand, node by node, for tests that must not depend on the language."""

from __future__ import annotations

from datetime import date

from yihu.rulebook import tree
from yihu.rulebook.facts import FactSpec, Level, Text
from yihu.rulebook.program import Definition, Output, Program
from yihu.rulebook.tree import Maker, Type

TODAY = date(2020, 12, 31)
LEVELS = ("person", "household", "village", "population")

KINDS = {
    "yes_no": ("child", "sick"),
    "whole": ("age", "rooms"),
    "money": ("income", "cost"),
    "number": ("hours", "weight"),
    "date": ("birth",),
    "code": ("school",),
    "codes": ("gets",),
    "text": ("name", "number"),
}
TYPES = {
    "yes_no": Type.TRUTH,
    "whole": Type.WHOLE,
    "money": Type.MONEY,
    "number": Type.REAL,
    "date": Type.DATE,
    "code": Type.CODE,
    "codes": Type.CODES,
    "text": Type.TEXT,
}
FACTS = {name: kind for kind, names in KINDS.items() for name in names}


class Hand:
    """Makes nodes in few words: `h.fact("age")`, `h.agg("any", h.fact("child"))`."""

    def __init__(self):
        self.make = Maker()
        self.definitions = {}
        self.outputs = []

    def fact(self, name, level="person", last=False):
        return self.make(tree.Fact, TYPES[FACTS[name]], level, name, last)

    def const(self, kind, value):
        return self.make(tree.Const, kind, "", value)

    def node(self, kind, type_, level, *args):
        return self.make(kind, type_, level, *args)

    def agg(self, op, value, where=None, *, level="household", over="person", weight=None, p=None):
        kind = {"any": Type.TRUTH, "all": Type.TRUTH, "count": Type.WHOLE, "share": Type.REAL}.get(
            op, value.type
        )
        if op in ("avg", "median"):
            kind = Type.MONEY_REAL if value.type in (Type.MONEY, Type.MONEY_REAL) else Type.REAL
        return self.make(tree.Agg, kind, level, op, over, value, where, weight, p)

    def up(self, body, level="person"):
        return self.make(tree.Up, body.type, level, body)

    def both(self, *parts, level="person"):
        return self.make(tree.And, Type.TRUTH, level, parts)

    def either(self, *parts, level="person"):
        return self.make(tree.Or, Type.TRUTH, level, parts)

    def negated(self, body):
        return self.make(tree.Not, Type.TRUTH, body.level, body)

    def compare(self, op, left, right):
        if not isinstance(right, tree.Node):
            right = self.const(left.type, right)
        return self.make(tree.Compare, Type.TRUTH, left.level or right.level, op, left, right)

    def define(self, level, name, node):
        self.definitions[level, name] = Definition(level, name, node, is_rule=False)
        return self.make(tree.Ref, node.type, level, name)

    def ask(self, level, node, amount=None):
        """A rule that holds where the node does, or where its value is known to be not empty."""
        if node.type is not Type.TRUTH:
            node = self.make(
                tree.Not, Type.TRUTH, level, self.make(tree.IsUnknown, Type.TRUTH, level, node)
            )
        self.outputs.append(Output(level, f"rule_{len(self.outputs)}", node, amount))

    def program(self):
        return program_of(self.definitions, self.outputs)


def program_of(definitions, outputs):
    facts = {
        (level, name): FactSpec(level, name, kind, Text(name, name))
        for level in LEVELS
        for name, kind in FACTS.items()
    }
    levels = tuple(Level(name, Text(name, name), name + "s", (name,)) for name in LEVELS)
    return Program("by hand", TODAY, levels, facts, facts, definitions, tuple(outputs))
