"""A rulebook bound to a day: every text in force becomes a tree, in order of dependence.

Nothing about the day is left for the readers: lines are constants, ages are days.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from unicodedata import east_asian_width

from yihu.rulebook.book import AskedSpec, DerivedSpec, Rulebook, RuleSpec
from yihu.rulebook.days import month_number, number_of
from yihu.rulebook.facts import FACT_TYPES, WIDEST, FactSpec, Level, Text
from yihu.rulebook.language.dated import is_money, line_value, table_value
from yihu.rulebook.language.kinds import MONIES, NUMBERS, Typed
from yihu.rulebook.language.meaning import Meaning
from yihu.rulebook.language.names import Key, definition, labels, level_words, parsed, uses
from yihu.rulebook.language.parse import BadText, Syntax
from yihu.rulebook.language.typed import Typer
from yihu.rulebook.program import POPULATION, Definition, Output, Program
from yihu.rulebook.refusals import Refused, meant, suggestion
from yihu.rulebook.tree import Fact, IfUnknown, Maker, Node, Ref, Type, parts_of

__all__ = ["Binder", "bind", "facts_in", "parsed"]

#: What has a text of its own.
Written = DerivedSpec | RuleSpec | AskedSpec

ROUND_STEPS = {"fen": 1, "yuan": 100, "whole": 1}
#: Values a file or card may give for a derived fact, besides those that can be computed: whole
#: numbers to a million, money to 100 million yuan, numbers to a billion, any day and month.
GIVEN: dict[str, tuple[float, float]] = {
    **WIDEST,
    "whole": (-(10**6), 10**6),
    "money": (-(10**10), 10**10),
    "number": (-1e9, 1e9),
}
#: Derived facts and rules that may use one another in a row.
MOST_STEPS = 100
#: The level above all others: everybody in the run.
EVERYBODY = Level(POPULATION, Text("全体", "population"), POPULATION, ())


def bind(
    rulebook: Rulebook,
    on: date,
    *,
    root: str = POPULATION,
    rules: Collection[str] | None = None,
    values: Iterable[Key] = (),
    make: Maker | None = None,
) -> Program:
    """The program of a day.

    root    highest level whose lower levels are complete; totals above it become unknown
    rules   names of the rules to answer (on every level that has them); None: all in force
    values  derived facts to keep besides what the rules need
    make    maker of nodes; two programs of one maker share equal trees and can be compared
    Raises  Refused (rulebook.bad_expression, .circle, .not_in_force, .no_such_rule)
    """
    binder = Binder(rulebook, on, root, make)
    wanted = _wanted(rulebook, on, rules)
    outputs = [binder.output(rulebook.rules[key]) for key in wanted]
    for key in values:
        if binder.lookup(*key) is None and binder.fact(*key) is None:
            raise _no_such(rulebook, key[1])
    return binder.program(tuple(outputs))


def _wanted(rulebook: Rulebook, on: date, rules: Collection[str] | None) -> list[Key]:
    in_force = [key for key, rule in rulebook.rules.items() if rule.in_force(on)]
    if rules is None:
        return in_force
    for name in rules:
        if rulebook.rule(name) is None:
            raise _no_such(rulebook, name)
        if not any(key[1] == name for key in in_force):
            raise Refused(
                "rulebook.not_in_force", at=rulebook.folder, what="--rules", on=on, name=name
            )
    return [key for key in in_force if key[1] in rules]


def _no_such(rulebook: Rulebook, name: str) -> Refused:
    near = suggestion(name, [n for _, n in (*rulebook.rules, *rulebook.derived)])
    return Refused("rulebook.no_such_rule", name=rulebook.name, rule=name, suggestion=near)


class Binder:
    """The scope of all texts on one day; binds what is asked for, once each."""

    def __init__(
        self, rulebook: Rulebook, on: date, root: str = POPULATION, make: Maker | None = None
    ) -> None:
        self.rulebook, self.on, self.root = rulebook, on, root
        self.day, self.month = number_of(on), month_number(on)
        self.year_start = number_of(date(on.year, 1, 1))
        self.year_end = number_of(date(on.year, 12, 31))
        self.make = make or Maker()
        self.definitions: dict[Key, Typed] = {}
        self.typer = Typer(self.make, self.definitions)
        self.order: dict[Key, Definition] = {}
        self.assumed: dict[Key, list[Syntax]] = {}
        self.traces: dict[tuple[Key | None, int], Node] = {}
        self.under_way: list[Key] = []
        self._levels = (*(level.name for level in rulebook.levels), POPULATION)
        self._words = level_words(rulebook)
        self._labels = labels(rulebook)

    # -- Scope ------------------------------------------------------------------------------------

    def level_names(self) -> tuple[str, ...]:
        """Levels from the smallest up, the population last."""
        return self._levels

    def level_named(self, word: str) -> str | None:
        """The level a word means."""
        return self._words.get(word)

    def known(self, level: str) -> Iterable[str]:
        """All names of a level."""
        return self.rulebook.names(level)

    def fact(self, level: str, name: str) -> FactSpec | None:
        """A stored fact by name or Chinese label."""
        key = (level, name)
        return self.rulebook.facts.get(key) or self.rulebook.facts.get(
            (level, self._labels.get(key, name))
        )

    def lookup(self, level: str, name: str) -> Typed | None:
        """A derived fact or rule, bound now if it was not yet."""
        key = definition(self.rulebook, level, name)
        if key is None:
            return None
        if key not in self.definitions:
            self._define_in_order(key)
        whole = self.definitions[key]
        node = self.make(Ref, whole.type, level, key[1])
        return replace(whole, node=node, plain=False)

    def line(self, name: str, meaning: Meaning, at: int) -> Typed:
        """A line's value on the day."""
        return line_value(self.rulebook, name, self.on, meaning, at)

    def table(self, name: str, meaning: Meaning, at: int) -> Typed:
        """A decision table's value."""
        return table_value(self.rulebook, name, meaning, at)

    def assume(self, syntax: Syntax) -> None:
        """Note an assumption of the definition under way."""
        if self.under_way:
            self.assumed.setdefault(self.under_way[-1], []).append(syntax)

    def trace(self, syntax: Syntax, node: Node) -> None:
        """Note which node a piece of the text under way became.

        The same text may stand in two rules; pieces live as long as the cache of parsed texts.
        """
        self.traces[self.under_way[-1] if self.under_way else None, id(syntax)] = node

    def is_complete(self, level: str) -> bool:
        """Whether everything below things of this level is there: totals above are unknown."""
        return self._levels.index(level) <= self._levels.index(self.root)

    # -- definitions ------------------------------------------------------------------------------

    def _define_in_order(self, key: Key) -> None:
        """Define a key after all it uses, the innermost first, without calls within calls."""
        path = [key]
        while path:
            now = path[-1]
            spec, text = self._in_force(now, path[-2] if len(path) > 1 else None)
            with told(spec, text):
                waiting = [
                    k for k in uses(self.rulebook, now[0], text) if k not in self.definitions
                ]
            if not waiting:
                self._define(path.pop(), spec, text)
                continue
            _require_straight([*self.under_way, *path], waiting[0], spec)
            path.append(waiting[0])

    def _in_force(self, key: Key, user: Key | None) -> tuple[DerivedSpec | RuleSpec, str]:
        """What a key is on the day, with its text. Raises Refused."""
        spec = self.rulebook.derived.get(key) or self.rulebook.rules[key]
        text = (spec.holds if isinstance(spec, RuleSpec) else spec.value).on(self.on)
        if text is None or (isinstance(spec, RuleSpec) and not spec.in_force(self.on)):
            by = user or (self.under_way[-1] if self.under_way else key)
            raise Refused(
                "rulebook.not_in_force",
                at=spec.where,
                what=by[1],
                on=self.on,
                name=key[1],
            )
        return spec, text

    def _define(self, key: Key, spec: DerivedSpec | RuleSpec, text: str) -> None:
        with self.noted(key), told(spec, text):
            whole = self.text(spec, text, key[0])
            if isinstance(spec, DerivedSpec):
                whole = self._finished(spec, whole)
            else:
                self.typer.condition(whole, 0)
        self.definitions[key] = whole
        self.order[key] = Definition(*key, whole.node, isinstance(spec, RuleSpec))

    @contextmanager
    def noted(self, key: Key) -> Iterator[None]:
        """Note what is traced and assumed meanwhile under a key."""
        self.under_way.append(key)
        try:
            yield
        finally:
            self.under_way.pop()

    def text(self, spec: Written, text: str, level: str) -> Typed:
        """A text of a spec as a typed tree. Raises Refused with file, rule, place and reason."""
        with told(spec, text):
            return Meaning(self, self.typer, level).typed(parsed(text))

    def _finished(self, spec: DerivedSpec, whole: Typed) -> Typed:
        money = is_money(spec.unit, self.rulebook.money)
        if money and whole.plain and whole.type in NUMBERS:
            whole = self.typer.as_money(whole, 0)
        if whole.type in (*NUMBERS, *MONIES):
            _require_unit(spec, money=money, found=whole.type in MONIES)
        if spec.round:
            what, mode = spec.round.split()
            if (what == "whole") is money or whole.type not in (*NUMBERS, *MONIES):
                raise BadText(
                    "money is rounded to fen or yuan, a number to whole",
                    0,
                    zh="金额取整到 fen 或 yuan，数取整到 whole",
                )
            whole = self.typer.rounded(whole, mode, ROUND_STEPS[what], 0)
        return self._or_given(spec, whole) if spec.given else replace(whole, plain=False)

    def _or_given(self, spec: DerivedSpec, whole: Typed) -> Typed:
        kind = Type.MONEY if whole.type is Type.MONEY_REAL else whole.type
        low, high = GIVEN.get(_kind_of(kind), (0, 0))
        fact = Typed(
            self.make(Fact, kind, spec.level, spec.name),
            codes=whole.codes,
            low=min(low, whole.low),
            high=max(high, whole.high),
        )
        given, computed = self.typer.alike(fact, replace(whole, plain=False), 0)
        node = self.make(IfUnknown, computed.type, spec.level, given.node, computed.node)
        return replace(given, node=node)

    def output(self, rule: RuleSpec) -> Output:
        """A rule to answer, with its amount brought to whole fen."""
        self.lookup(rule.level, rule.name)
        holds = self.definitions[rule.level, rule.name].node
        text = rule.amount.on(self.on) if rule.amount else None
        if text is None:
            return Output(rule.level, rule.name, holds)
        with self.noted((rule.level, rule.name)), told(rule, text):
            amount = self.text(rule, text, rule.level)
            if amount.plain and amount.type in NUMBERS:
                amount = self.typer.as_money(amount, 0)
            if amount.type not in MONIES:
                raise BadText("an amount is money", 0, zh="金额（amount）必须是钱")
            amount = self.typer.rounded(amount, "half_up", 1, 0)
        return Output(rule.level, rule.name, holds, amount.node)

    def program(self, outputs: tuple[Output, ...]) -> Program:
        """Everything bound so far as a program."""
        nodes = [d.node for d in self.order.values()]
        nodes += [node for o in outputs for node in (o.holds, o.amount) if node is not None]
        used = facts_in(nodes)
        specs = {(f.level, f.name): self._spec(f) for f in used}
        read = {(f.level, f.name, f.last) for f in used}
        return Program(
            name=f"{self.rulebook.name} {self.rulebook.version} {self.rulebook.hash} {self.on}",
            on=self.on,
            levels=(*self.rulebook.levels, EVERYBODY),
            facts={key: spec for key, spec in specs.items() if (*key, False) in read},
            last_facts={
                key: _as_before(spec) for key, spec in specs.items() if (*key, True) in read
            },
            definitions=self.order,
            outputs=outputs,
            root=self.root,
        )

    def _spec(self, fact: Fact) -> FactSpec:
        found = self.rulebook.facts.get((fact.level, fact.name))
        if found is not None:
            dated = found.codes is not None and found.codes.dated
            return replace(found, read_on=(self.on,)) if dated else found
        derived = self.rulebook.derived[fact.level, fact.name]
        whole, kind = self.definitions[fact.level, fact.name], _kind_of(fact.type)
        bounded = kind in WIDEST
        return FactSpec(
            derived.level,
            derived.name,
            kind,
            derived.label,
            unit=derived.unit,
            codes=whole.codes,
            low=_as(kind, whole.low) if bounded else None,
            high=_as(kind, whole.high) if bounded else None,
            columns=(derived.name, derived.label.zh),
            optional=True,
            where=derived.where,
        )


def _as_before(spec: FactSpec) -> FactSpec:
    """The fact of the period before: its codes may be those of the year before, too."""
    if not spec.read_on:
        return spec
    before = date(max(spec.read_on[0].year - 1, 1), 12, 31)
    return replace(spec, read_on=(before, *spec.read_on))


@contextmanager
def told(spec: Written, text: str) -> Iterator[None]:
    """Turn a BadText into a Refused that says file, rule, place and reason."""
    try:
        yield
    except BadText as fault:
        raise bad_expression(spec.where, spec.name, text, fault) from None


def bad_expression(at: str, what: str, text: str, fault: BadText) -> Refused:
    """The refusal of a text, with a caret below the fault."""
    # Chinese signs are two places wide on most screens; the caret moves with them.
    before = ("　" if east_asian_width(sign) in "WF" else " " for sign in text[: fault.at])
    return Refused(
        "rulebook.bad_expression",
        at=at,
        what=what,
        column=fault.at + 1,
        why=fault.why,
        why_zh=fault.zh,
        suggestion=meant(fault.near),
        text=re.sub(r"[\t\r\n]", " ", text),
        caret="".join(before) + "^",
    )


def _require_unit(spec: DerivedSpec, *, money: bool, found: bool) -> None:
    if money is not found:
        en = "money" if found else "not money"
        raise BadText(
            f"the unit says “{spec.unit}” but the value is {en}",
            0,
            zh=f"单位是“{spec.unit}”，但值{'是' if found else '不是'}金额",
        )
    if not spec.unit:
        raise BadText("a number needs a unit", 0, zh="数值需要单位（unit）")


def _require_straight(path: list[Key], again: Key, spec: DerivedSpec | RuleSpec) -> None:
    """Refuse a circle, and a row of uses that is too long."""
    if again in path:
        names = [name for _, name in path[path.index(again) :]]
        raise Refused("rulebook.circle", at=spec.where, names=" → ".join([*names, again[1]]))
    if len(path) >= MOST_STEPS:
        raise Refused("rulebook.too_deep", at=spec.where, what=path[0][1], most=MOST_STEPS)


def _kind_of(type_: Type) -> str:
    return next(kind for kind, of in FACT_TYPES.items() if of is type_)


def _as(kind: str, bound: float) -> float:
    return bound if kind == "number" else int(bound)


def facts_in(nodes: Iterable[Node]) -> list[Fact]:
    """Every stored fact the nodes read, once each."""
    seen: set[int] = set()
    found: dict[int, Fact] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Fact):
            found[id(node)] = node
        stack.extend(parts_of(node))
    return sorted(found.values(), key=lambda f: (f.level, f.name, f.last))
