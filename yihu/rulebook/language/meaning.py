"""Syntax → typed tree: names found, types checked, days folded.

A rule is asked at its own level. Bare names belong to that level, names with a prefix to another;
inside an aggregate the value is asked at the level below, and what lies above is seen from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from yihu.rulebook.facts import FactSpec
from yihu.rulebook.language import functions
from yihu.rulebook.language.functions_days import days_since
from yihu.rulebook.language.kinds import FLIPPED, MONIES, NUMBERS, TYPE_WORDS, Typed
from yihu.rulebook.language.parse import (
    Among,
    BadText,
    Call,
    CaseOf,
    Name,
    Num,
    Op,
    Str,
    Syntax,
    Truth,
    children,
)
from yihu.rulebook.language.typed import Typer
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import nearest
from yihu.rulebook.tree import (
    Agg,
    Const,
    CountTest,
    Fact,
    IdStarts,
    IsUnknown,
    Maker,
    Node,
    Or,
    Ref,
    Type,
    Up,
)

#: Figures a written number may have, the point included.
MOST_FIGURES = 15


class Scope(Protocol):
    """What a text may name on the day it is bound."""

    day: int
    month: int
    year_start: int
    year_end: int

    def level_names(self) -> tuple[str, ...]:
        """Levels from the smallest up, the population last."""

    def level_named(self, word: str) -> str | None:
        """The level a word means: its name, alias or Chinese name."""

    def lookup(self, level: str, name: str) -> Typed | None:
        """A derived fact or rule as a Ref."""

    def fact(self, level: str, name: str) -> FactSpec | None:
        """A stored fact, by name or Chinese label."""

    def known(self, level: str) -> Iterable[str]:
        """All names of a level, for suggestions."""

    def line(self, name: str, meaning: Meaning, at: int) -> Typed:
        """A line's value on the day."""

    def table(self, name: str, meaning: Meaning, at: int) -> Typed:
        """A decision table's value."""

    def assume(self, syntax: Syntax) -> None:
        """Note an assumption."""

    def is_complete(self, level: str) -> bool:
        """Whether totals over what is below a level can be made."""

    def trace(self, syntax: Syntax, node: Node) -> None:
        """Note which node a piece of text became."""


class Meaning:
    """Types one text. own: level of the rule; level: where the text is asked just now."""

    def __init__(self, scope: Scope, typer: Typer, own: str, level: str = "") -> None:
        self.scope, self.typer = scope, typer
        self.own, self.level = own, level or own
        # “between” asks its left side twice: a piece typed once is typed. The piece is kept with
        # its type, so that its id stays its own.
        self._known: dict[int, tuple[Syntax, Typed]] = {}

    @property
    def make(self) -> Maker:
        """Maker of nodes."""
        return self.typer.make

    def typed(self, syntax: Syntax) -> Typed:
        """The typed node of a piece of text. Raises BadText."""
        if id(syntax) in self._known:
            return self._known[id(syntax)][1]
        found = self._typed(syntax)
        self._known[id(syntax)] = (syntax, found)
        self.scope.trace(syntax, found.node)
        return found

    def _typed(self, syntax: Syntax) -> Typed:
        match syntax:
            case Num():
                return self._number(syntax)
            case Str():
                whole = self.typer.constant(Type.TEXT, syntax.text, plain=True)
                return replace(whole, at=syntax.at)
            case Truth():
                return self.typer.constant(Type.TRUTH, syntax.value)
            case Name():
                return self.name(syntax)
            case Call():
                return self._call(syntax)
            case Op():
                return self._op(syntax)
            case Among():
                values = [self.typed(v) for v in syntax.values]
                return self.typer.among(self.typed(syntax.body), values, syntax.at)
            case CaseOf():
                arms = [(self.typed(c), self.typed(v)) for c, v in syntax.arms]
                return self.typer.choice(arms, self.typed(syntax.otherwise), syntax.at)
        raise TypeError(syntax)

    def condition(self, part: Typed, at: int) -> Typed:
        """The part, which must be a condition."""
        return self.typer.condition(part, at)

    def truth(self, syntax: Syntax) -> Node:
        """The text's node, which must be a condition."""
        return self.condition(self.typed(syntax), syntax.at).node

    def where(self, syntax: Call) -> Node | None:
        """The condition of a function's “where”, if it has one."""
        return None if syntax.where is None else self.truth(syntax.where)

    def number(self, syntax: Syntax) -> Typed:
        """The typed text, which must be a number or money."""
        part = self.typed(syntax)
        if part.type not in (*NUMBERS, *MONIES):
            raise BadText(
                f"expected a number, this is {TYPE_WORDS[part.type][0]}",
                syntax.at,
                zh=f"此处应为数，却是{TYPE_WORDS[part.type][1]}",
            )
        return part

    def fixed(self, syntax: Syntax, low: float, high: float) -> float:
        """A fixed number within bounds, both included."""
        part = self.typed(syntax)
        if part.type in NUMBERS and isinstance(part.node, Const):
            value = part.node.value
            if isinstance(value, int | float) and low <= value <= high:
                return float(value)
        raise BadText(
            f"expected a fixed number from {low:g} to {high:g}",
            syntax.at,
            zh=f"此处应为 {low:g} 到 {high:g} 的固定数",
        )

    def whole(self, syntax: Syntax, low: int, high: int) -> int:
        """A fixed whole number within bounds, both included."""
        value = self.fixed(syntax, low, high)
        if value != int(value):
            raise BadText("expected a whole number", syntax.at, zh="此处应为整数")
        return int(value)

    # -- levels -----------------------------------------------------------------------------------

    def level_named(self, word: str) -> str | None:
        """The level a word means, if any."""
        return self.scope.level_named(word)

    def level_of(self, word: str, at: int) -> str:
        """The level a word means. Raises BadText."""
        level = self.level_named(word)
        if level is None:
            near = nearest(word, self.scope.level_names())
            raise BadText(f"there is no level “{word}”", at, zh=f"没有层级“{word}”", near=near)
        return level

    def rank(self, level: str) -> int:
        """Place of a level, the smallest 0."""
        return self.scope.level_names().index(level)

    def seen(self, part: Typed, level: str, at: int) -> Typed:
        """A value of `level` as seen from where we are. Raises BadText for a level below."""
        if level == self.level or not part.node.level:
            return part
        if self.rank(level) < self.rank(self.level):
            raise BadText(
                f"“{level}.…” is below a {self.level}: ask any, all, count, sum, … of it",
                at,
                zh=f"“{level}.…”在{self.level}之下：请用 any、all、count、sum 等",
            )
        node = self.make(Up, part.type, self.level, part.node)
        return Typed(node, codes=part.codes, low=part.low, high=part.high)

    def starts(self, level: str, words: Sequence[str], at: int) -> Typed:
        """Whether the code of a level's thing starts so or so. Raises BadText for everybody."""
        if level == POPULATION:
            raise BadText("everybody together has no code", at, zh="全体没有地区代码")
        nodes = tuple(self.make(IdStarts, Type.TRUTH, level, word) for word in words)
        node = nodes[0] if len(nodes) == 1 else self.make(Or, Type.TRUTH, level, nodes)
        return self.seen(Typed(node), level, at)

    def below(self, syntax: Call) -> Meaning:
        """The meaning at the level an aggregate runs over: the lowest one named inside."""
        if self.level != self.own:
            raise BadText(
                "an aggregate inside an aggregate; give the inner one a name",
                syntax.at,
                zh="汇总之内不能再有汇总；请给里面的起个名字",
            )
        named = {
            level
            for part in (*syntax.args, syntax.where, syntax.weight)
            for word in _prefixes(part)
            if (level := self.level_named(word)) and self.rank(level) < self.rank(self.level)
        }
        if not named:
            below = self.scope.level_names()[max(self.rank(self.level) - 1, 0)]
            raise BadText(
                f"{syntax.name[-1]}(…) needs a level below, as in {below}.…",
                syntax.at,
                zh=f"{syntax.name[-1]}(…) 需要下一级的指标，例如 {below}.…",
            )
        return Meaning(self.scope, self.typer, self.own, min(named, key=self.rank))

    # -- names ------------------------------------------------------------------------------------

    def name(self, syntax: Name) -> Typed:
        """A day, line, table, fact, derived fact or rule by its name."""
        parts = syntax.parts
        if len(parts) == 1 and parts[0] in ("on", "year_start", "year_end"):
            days = {"on": self.scope.day, "year_start": self.scope.year_start}
            value = days.get(parts[0], self.scope.year_end)
            return self.typer.constant(Type.DATE, value)
        if len(parts) == 2 and parts[0] == "line":
            return self.scope.line(parts[1], self, syntax.at)
        if len(parts) == 2 and parts[0] == "table":
            return self.scope.table(parts[1], self, syntax.at)
        level, rest = self.own, parts
        if len(parts) > 1 and (prefix := self.level_named(parts[0])):
            level, rest = prefix, parts[1:]
        last = len(rest) == 2 and rest[0] == "last"
        if len(rest) != (2 if last else 1):
            raise BadText(
                f"“{'.'.join(parts)}” is not a name", syntax.at, zh=f"“{'.'.join(parts)}”不是名称"
            )
        return self.seen(self.at_level(level, rest[-1], syntax, last=last), level, syntax.at)

    def at_level(self, level: str, name: str, syntax: Name, *, last: bool) -> Typed:
        """A fact, derived fact or rule of a level. Raises BadText with the nearest name."""
        if not last and (found := self.scope.lookup(level, name)):
            return found
        fact = self.scope.fact(level, name)
        if fact is not None:
            node = self.make(Fact, fact.type, level, fact.name, last)
            low, high = fact.bounds
            return Typed(node, codes=fact.codes, low=low, high=high)
        raise self._unknown(level, name, syntax)

    def _unknown(self, level: str, name: str, syntax: Name) -> BadText:
        shown = ".".join(syntax.parts)
        if name.lower() in ("null", "none", "nan"):
            return BadText(
                "there is no null; write “x is blank”", syntax.at, zh="没有 null；请写“x is blank”"
            )
        prefix = shown.removesuffix(name)
        near = nearest(name, self.scope.known(level))
        if near:
            near = prefix + near
        elif not prefix:
            below = [at for at in self.scope.level_names() if name in self.scope.known(at)]
            near = f"{below[0]}.{name}" if below else ""
        apart = any(word in name for word in ("且", "或", "非"))
        return BadText(
            f"unknown fact “{shown}”"
            + (" (且, 或, 非 need a space on each side)" if apart else ""),
            syntax.at,
            zh=f"未知指标“{shown}”" + ("（且、或、非两边要有空格）" if apart else ""),
            near=near,
        )

    def _number(self, syntax: Num) -> Typed:
        if len(syntax.text) > MOST_FIGURES:
            raise BadText("the number is too long", syntax.at, zh="数字太长")
        if syntax.percent:
            value = float(Decimal(syntax.text) / 100)
            return self.typer.constant(Type.REAL, value, plain=True)
        if "." in syntax.text:
            return self.typer.constant(Type.REAL, float(syntax.text), plain=True)
        return self.typer.constant(Type.WHOLE, int(syntax.text), plain=True)

    # -- operators --------------------------------------------------------------------------------

    def _call(self, syntax: Call) -> Typed:
        name = syntax.name[-1]
        if name == "days_since":
            raise BadText(
                "days_since(…) is compared with a whole number, as in days_since(x) <= 30",
                syntax.at,
                zh="days_since(…) 只能与整数比较，例如 days_since(x) <= 30",
            )
        prefixed = len(syntax.name) > 1 and name != "place_in"
        if name not in functions.FUNCTIONS or len(syntax.name) > 2 or prefixed:
            near = nearest(name, functions.FUNCTIONS)
            shown = ".".join(syntax.name)
            raise BadText(
                f"there is no function “{shown}”", syntax.at, zh=f"没有函数“{shown}”", near=near
            )
        return functions.call(self, syntax)

    def _op(self, syntax: Op) -> Typed:
        op, args, at = syntax.op, syntax.args, syntax.at
        if op in ("and", "or"):
            return self.typer.both(op, [self.condition(self.typed(a), a.at) for a in args], at)
        if op == "not":
            return self.typer.negated(self.typed(args[0]), args[0].at)
        if op == "blank":
            node = self.typed(args[0]).node
            return Typed(self.make(IsUnknown, Type.TRUTH, node.level, node))
        if op == "neg":
            zero = self.typer.constant(Type.WHOLE, 0, plain=True)
            return self.typer.arithmetic("-", zero, self.typed(args[0]), at)
        if op in ("+", "-", "*", "/"):
            return self.typer.arithmetic(op, self.typed(args[0]), self.typed(args[1]), at)
        return self._compared(op, args[0], args[1], at)

    def _compared(self, op: str, first: Syntax, second: Syntax, at: int) -> Typed:
        for this, other, sign in ((first, second, op), (second, first, FLIPPED[op])):
            if isinstance(this, Call) and this.name == ("days_since",):
                return days_since(self, sign, this, other)
        left, right = self.typed(first), self.typed(second)
        for side, against, sign in ((left, right, op), (right, left, FLIPPED[op])):
            agg = self._counted(side.node)
            if agg is None or against.type not in NUMBERS:
                continue
            limit = self.typer.as_float(against) if agg.op == "share" else against
            if limit.type is agg.type:
                return Typed(self.make(CountTest, Type.TRUTH, self.level, sign, agg, limit.node))
        return self.typer.compare(op, left, right, at)

    def _counted(self, node: Node) -> Agg | None:
        # A derived fact that is nothing but a count is compared as sharply as the count itself.
        if isinstance(node, Ref) and node.level == self.level:
            definition = self.typer.definitions.get((node.level, node.name))
            node = definition.node if definition else node
        return node if isinstance(node, Agg) and node.op in ("count", "share") else None


def _prefixes(syntax: Syntax | None) -> Iterator[str]:
    """First words of all names inside a piece of text."""
    if syntax is None:
        return
    if isinstance(syntax, Name):
        yield syntax.parts[0]
    if isinstance(syntax, Call) and len(syntax.name) > 1:
        yield syntax.name[0]
    for part in children(syntax):
        yield from _prefixes(part)
