"""A rulebook bound to a day: every text in force becomes a tree, in order of dependence.

Nothing about the day is left for the readers: lines are constants, ages are days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from yihu.rulebook.book import DerivedSpec, Rulebook, RuleSpec
from yihu.rulebook.days import month_number, number_of
from yihu.rulebook.dated import line_value, table_value
from yihu.rulebook.facts import FACT_TYPES, FactSpec, Level, Text
from yihu.rulebook.meaning import Meaning
from yihu.rulebook.parse import BadText, Syntax, parse
from yihu.rulebook.program import POPULATION, Definition, Output, Program
from yihu.rulebook.refusals import Refused, suggestion
from yihu.rulebook.tree import (
    Const,
    Fact,
    IfUnknown,
    Maker,
    Node,
    Ref,
    Type,
    parts_of,
)
from yihu.rulebook.typed import MONIES, NUMBERS, Typed, Typer

Key = tuple[str, str]
ROUND_STEPS = {"fen": 1, "yuan": 100, "whole": 1}
#: The level above all others: everybody in the run.
EVERYBODY = Level(POPULATION, Text("全体", "population"), POPULATION, ())
parsed = lru_cache(maxsize=20_000)(parse)


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
        self.amounts: dict[Key, Node] = {}
        self.assumed: dict[Key, list[Syntax]] = {}
        self.traces: dict[tuple[Key | None, int], Node] = {}
        self.under_way: list[Key] = []
        self._levels = (*(level.name for level in rulebook.levels), POPULATION)
        self._words = _level_words(rulebook)
        self._labels = _labels(rulebook)

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
        key = (level, name)
        if key not in self.rulebook.derived and key not in self.rulebook.rules:
            key = (level, self._labels.get(key, name))
        spec = self.rulebook.derived.get(key) or self.rulebook.rules.get(key)
        if spec is None:
            return None
        if key not in self.definitions:
            self._define(key, spec)
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

    def _define(self, key: Key, spec: DerivedSpec | RuleSpec) -> None:
        if key in self.under_way:
            names = [name for _, name in self.under_way[self.under_way.index(key) :]]
            raise Refused("rulebook.circle", at=spec.where, names=" → ".join([*names, key[1]]))
        dated = spec.holds if isinstance(spec, RuleSpec) else spec.value
        text = dated.on(self.on)
        if text is None or (isinstance(spec, RuleSpec) and not spec.in_force(self.on)):
            user = self.under_way[-1][1] if self.under_way else "—"
            raise Refused(
                "rulebook.not_in_force", at=spec.where, what=user, on=self.on, name=key[1]
            )
        self.under_way.append(key)
        whole = self.text(spec, text, key[0])
        if isinstance(spec, DerivedSpec):
            with _told(spec, text):
                whole = self._finished(spec, whole)
        elif whole.type is not Type.TRUTH:
            with _told(spec, text):
                self.typer.condition(whole, 0)
        self.under_way.pop()
        self.definitions[key] = whole
        self.order[key] = Definition(*key, whole.node, isinstance(spec, RuleSpec))

    def text(self, spec: DerivedSpec | RuleSpec, text: str, level: str) -> Typed:
        """A text of a spec as a typed tree. Raises Refused with file, rule, place and reason."""
        with _told(spec, text):
            return Meaning(self, self.typer, level).typed(parsed(text))

    def _finished(self, spec: DerivedSpec, whole: Typed) -> Typed:
        money = spec.unit.split("/")[0] == self.rulebook.money
        if whole.plain and money and isinstance(whole.node, Const):
            assert isinstance(whole.node.value, int | float)
            whole = self.typer.yuan(whole.node.value)
        if whole.type in (*NUMBERS, *MONIES) and money is not (whole.type in MONIES):
            raise BadText(
                f"the unit says “{spec.unit}” but the value is "
                + ("money" if whole.type in MONIES else "not money"),
                0,
                zh=f"单位是“{spec.unit}”，但值"
                + ("是金额" if whole.type in MONIES else "不是金额"),
            )
        if spec.round:
            what, mode = spec.round.split()
            whole = self.typer.rounded(whole, mode, ROUND_STEPS[what], 0)
        return self._or_given(spec, whole) if spec.given else replace(whole, plain=False)

    def _or_given(self, spec: DerivedSpec, whole: Typed) -> Typed:
        kind = Type.MONEY if whole.type is Type.MONEY_REAL else whole.type
        fact = self.make(Fact, kind, spec.level, spec.name)
        given, computed = self.typer.alike(
            Typed(fact, codes=whole.codes, low=whole.low, high=whole.high), whole, 0
        )
        node = self.make(IfUnknown, computed.type, spec.level, given.node, computed.node)
        return replace(computed, node=node, plain=False)

    def output(self, rule: RuleSpec) -> Output:
        """A rule to answer, with its amount brought to whole fen."""
        self.lookup(rule.level, rule.name)
        holds = self.definitions[rule.level, rule.name].node
        text = rule.amount.on(self.on) if rule.amount else None
        if text is None:
            return Output(rule.level, rule.name, holds)
        amount = self.text(rule, text, rule.level)
        with _told(rule, text):
            if amount.plain and isinstance(amount.node, Const):
                assert isinstance(amount.node.value, int | float)
                amount = self.typer.yuan(amount.node.value)
            if amount.type not in MONIES:
                raise BadText("an amount is money", 0, zh="金额（amount）必须是钱")
            amount = self.typer.rounded(amount, "half_up", 1, 0)
        return Output(rule.level, rule.name, holds, amount.node)

    def program(self, outputs: tuple[Output, ...]) -> Program:
        """Everything bound so far as a program."""
        nodes = [d.node for d in self.order.values()]
        nodes += [o.amount for o in outputs if o.amount]
        used = facts_in(nodes)
        specs = {(f.level, f.name): self._spec(f) for f in used}
        return Program(
            name=f"{self.rulebook.name} {self.rulebook.version} {self.rulebook.hash} {self.on}",
            on=self.on,
            levels=(*self.rulebook.levels, EVERYBODY),
            facts={k: s for k, s in specs.items() if any(_is(f, k, last=False) for f in used)},
            last_facts={k: s for k, s in specs.items() if any(_is(f, k, last=True) for f in used)},
            definitions=self.order,
            outputs=outputs,
            root=self.root,
        )

    def _spec(self, fact: Fact) -> FactSpec:
        found = self.rulebook.facts.get((fact.level, fact.name))
        if found is not None:
            return found
        derived = self.rulebook.derived[fact.level, fact.name]
        kind = next(kind for kind, type_ in FACT_TYPES.items() if type_ is fact.type)
        codes = self.definitions[fact.level, fact.name].codes
        return FactSpec(
            derived.level,
            derived.name,
            kind,
            derived.label,
            unit=derived.unit,
            codes=codes,
            columns=(derived.name, derived.label.zh),
            optional=True,
            where=derived.where,
        )


class _told:
    """Turns a BadText into a Refused that says file, rule, place and reason."""

    def __init__(self, spec: DerivedSpec | RuleSpec, text: str) -> None:
        self.spec, self.text = spec, text

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: object, trace: object) -> None:
        if isinstance(fault, BadText):
            raise bad_expression(self.spec.where, self.spec.name, self.text, fault) from None


def bad_expression(at: str, what: str, text: str, fault: BadText) -> Refused:
    """The refusal of a text, with a caret below the fault."""
    shown = " ".join(text.split("\n"))
    return Refused(
        "rulebook.bad_expression",
        at=at,
        what=what,
        column=fault.at + 1,
        why=fault.why,
        why_zh=fault.zh,
        suggestion=fault.near,
        text=shown,
        caret=" " * fault.at + "^",
    )


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


def _is(fact: Fact, key: Key, *, last: bool) -> bool:
    return (fact.level, fact.name) == key and fact.last is last


def _level_words(rulebook: Rulebook) -> Mapping[str, str]:
    words = {POPULATION: POPULATION, "全体": POPULATION}
    for level in rulebook.levels:
        for word in (level.name, level.alias, level.label.zh):
            if word:
                words.setdefault(word, level.name)
    return words


def _labels(rulebook: Rulebook) -> Mapping[Key, str]:
    """(level, Chinese label) → name, where only one thing of the level is called so."""
    found: dict[Key, str] = {}
    twice: set[Key] = set()
    for level in rulebook.levels:
        for name in rulebook.names(level.name):
            key = (level.name, rulebook.label_of(level.name, name).zh)
            (twice.add(key) if key in found else None)
            found[key] = name
    return {k: v for k, v in found.items() if k not in twice}
