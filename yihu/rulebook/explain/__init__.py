"""Why a rule answers as it does for one card: the part that decided, the facts, the way out.

The deciding part of a false “and” is its false parts, of a true “or” its true parts, of an unknown
one its unknown parts; so on through derived facts and rules down to stored facts. All values come
from the reference reader; there is no second meaning here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yihu.rulebook.bind import Binder, parsed
from yihu.rulebook.book import Rulebook, RuleSpec
from yihu.rulebook.cards import Family, Reader, Thing, root_for
from yihu.rulebook.evaluate import Compiled, Row, compiled, tie
from yihu.rulebook.explain import said
from yihu.rulebook.facts import CodeList, FactSpec
from yihu.rulebook.language.parse import Among, Call, CaseOf, Name, Op, Syntax
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Refused, suggestion
from yihu.rulebook.tree import Agg, Const, CountTest, Fact, Node, Ref, Type, Up

Key = tuple[str, str]
#: Members shown one by one; of more, the number is said.
MOST_MEMBERS = 12
#: Pieces inside one another that are taken apart; what lies deeper is shown with its value.
DEEPEST_PIECE = 60


@dataclass(slots=True)
class Step:
    """A piece of the rule and its value; parts are what decided it.

    kind    rule, derived, fact, line, member or text
    syntax  the piece of text; key and row say where and of whom it is asked
    """

    kind: str
    value: Any
    type: Type
    row: Row
    syntax: Syntax | None = None
    key: Key = ("", "")
    codes: CodeList | None = None
    parts: list[Step] = field(default_factory=list)
    more: int = 0

    def walk(self) -> Iterator[Step]:
        """This step and all below it, each once, in order of reading."""
        waiting, seen = [self], set[int]()
        while waiting:
            step = waiting.pop()
            if id(step) not in seen:
                seen.add(id(step))
                yield step
                waiting += reversed(step.parts)


def _rule(rulebook: Rulebook, name: str) -> RuleSpec:
    spec = rulebook.rule(name)
    if spec is None:
        near = suggestion(name, [other for _, other in rulebook.rules])
        raise Refused("rulebook.no_such_rule", name=rulebook.name, rule=name, suggestion=near)
    return spec


class Explainer:
    """Explains rules on one day; made once, used for many cards.

    rule  the rule explained
    also  others of cards about the same kind of thing, for which nothing is made or read twice
    """

    def __init__(
        self,
        rulebook: Rulebook,
        on: date,
        rule: str,
        *,
        root: str | None = None,
        also: Sequence[str] = (),
    ) -> None:
        spec, *others = (_rule(rulebook, name) for name in (rule, *also))
        self.rulebook, self.on, self.rule = rulebook, on, spec
        card = POPULATION if spec.level == POPULATION else root_for(rulebook.levels, spec.level)
        self.root = root or card
        self.binder = Binder(rulebook, on, self.root)
        self.output = self.binder.output(spec)
        outputs = (self.output, *(self.binder.output(other) for other in others))
        self.program = self.binder.program(outputs)
        self.compiled: Compiled = compiled(self.program)
        self.reader = Reader(self.program, rulebook)
        #: Definitions whose values come from the batch reader: shown, but not taken apart.
        self.fixed: frozenset[Key] = frozenset()
        # A definition used twice is taken apart once: texts that double at each step would not end.
        self._known: dict[tuple[Key, int], Step] = {}
        self._depth = 0

    def rows(self, card: Mapping[str, Any]) -> Row:
        """The row asked about, inside the rows of its card."""
        return self.rows_of(self.reader.card(card, self.rule.level))

    def rows_of(self, family: Family) -> Row:
        """The same for a card that was read already, for several rules."""
        top = self.tied(family.top)
        below = top
        for thing in family.above:
            above = self.compiled.row(thing.level, thing.id, thing.values)
            tie(above, [below])
            below = above
        asked = top
        while self.program.levels[asked.level].name != self.rule.level:
            asked = asked.below[0]
        return asked

    def tied(self, thing: Thing) -> Row:
        """Rows of a thing and everything below it."""
        row = self.compiled.row(thing.level, thing.id, thing.values)
        tie(row, [self.tied(child) for child in thing.below])
        return row

    def explain(self, row: Row) -> Step:
        """The rule's answer for a row, with what decided it."""
        self.forget()
        return self.explain_also((self.rule.level, self.rule.name), row)

    def explain_also(self, rule: Key, row: Row) -> Step:
        """The answer of one of the rules; what it shares with others of the same rows is at hand.

        rule  (level, name)
        """
        return self._definition(rule, row)

    def anew(self) -> Explainer:
        """The same rules with no rows explained, for another card or another thread."""
        made = copy(self)
        made.forget()
        return made

    def forget(self) -> None:
        """Forget the rows that were explained, before others come."""
        self._known, self._depth = {}, 0

    # -- deciding parts ---------------------------------------------------------------------------

    def _definition(self, key: Key, row: Row) -> Step:
        found = self._known.get((key, id(row)))
        if found is None:
            found = self._known[key, id(row)] = self._taken_apart(key, row)
        return found

    def _taken_apart(self, key: Key, row: Row) -> Step:
        definition = self.program.definitions[key]
        found = self.compiled.value(row, *key)
        kind = "rule" if definition.is_rule else "derived"
        codes = self.binder.definitions[key].codes
        step = Step(kind, found, definition.type, row, key=key, codes=codes)
        spec: Any = self.rulebook.rules.get(key) or self.rulebook.derived[key]
        given = getattr(spec, "given", False) and self._given(key, row)
        if given is not False and given is not None:
            step.kind = "fact"
            return step
        if key in self.fixed:
            return step
        text = (spec.holds if isinstance(spec, RuleSpec) else spec.value).on(self.on)
        step.parts = self._parts(key, parsed(text), row)
        return step

    def _given(self, key: Key, row: Row) -> Any:
        place = self.compiled.fact_places[key[0]].get(key[1])
        return None if place is None else row.facts[place]

    def node_of(self, key: Key, syntax: Syntax) -> Node | None:
        """The node a piece of a definition's text became."""
        return self.binder.traces.get((key, id(syntax)))

    def codes_of(self, node: Node | None) -> CodeList | None:
        """The code list of a fact or derived fact, if it has one."""
        while isinstance(node, Up):
            node = node.body
        if isinstance(node, Fact):
            spec = self.rulebook.facts.get((node.level, node.name))
            return spec.codes if spec else None
        if isinstance(node, Ref):
            return self.binder.definitions[node.level, node.name].codes
        return None

    def _value(self, node: Node, row: Row) -> Any:
        return self.compiled.node(node)(row)

    def _step(self, key: Key, syntax: Syntax, row: Row) -> Step | None:
        """One piece of text with what decided it, or None for a written constant."""
        if isinstance(syntax, Name):
            return self._name(key, syntax, row)
        node = self.node_of(key, syntax)
        if node is None or (isinstance(node, Const) and node.value is not None):
            return None
        step = Step("text", self._value(node, row), node.type, row, syntax, key)
        step.parts = self._parts(key, syntax, row)
        return step

    def _steps(self, key: Key, pieces: tuple[Syntax, ...], row: Row) -> list[Step]:
        found = [self._step(key, piece, row) for piece in pieces]
        return [step for step in found if step is not None]

    def _parts(self, key: Key, syntax: Syntax, row: Row) -> list[Step]:
        if self._depth >= DEEPEST_PIECE:
            return []
        self._depth += 1
        try:
            return self._parts_of(key, syntax, row)
        finally:
            self._depth -= 1

    def _parts_of(self, key: Key, syntax: Syntax, row: Row) -> list[Step]:
        if isinstance(syntax, Name):
            step = self._name(key, syntax, row)
            return [step] if step else []
        if isinstance(syntax, CaseOf):
            return self._case(key, syntax, row)
        if isinstance(syntax, Call):
            return self._called(key, syntax, row)
        if isinstance(syntax, Op) and syntax.op in ("and", "or"):
            return self._kleene(key, syntax, row)
        if isinstance(syntax, Op) and isinstance(self.node_of(key, syntax), CountTest):
            return self._tested(key, syntax, row)
        args: tuple[Syntax, ...] = getattr(syntax, "args", ()) or (
            (syntax.body,) if isinstance(syntax, Among) else ()
        )
        return self._steps(key, args, row)

    def _called(self, key: Key, syntax: Call, row: Row) -> list[Step]:
        node = self.node_of(key, syntax)
        if isinstance(node, Agg):
            return self._members(key, syntax, node, row)
        if isinstance(node, Const) or node is None:
            # A total over an incomplete level: unknown, and nobody to look at.
            return []
        if syntax.name == ("at_least",):
            return self._deciding(key, syntax.args[1:], row, self._truth(node, row))
        return self._steps(key, syntax.args, row)

    def _tested(self, key: Key, syntax: Op, row: Row) -> list[Step]:
        """A count or share compared: those who made it reach the bound, or kept it from it."""
        node = self.node_of(key, syntax)
        steps = self._steps(key, syntax.args, row)
        whole = self._truth(node, row)
        if not isinstance(node, CountTest) or whole is None:
            return steps
        wanted = (node.op in (">", ">=")) is whole
        for step in steps:
            if not isinstance(step.syntax, Call):
                continue
            call = self.node_of(key, step.syntax)
            if isinstance(call, Agg):
                step.parts = self._members(key, step.syntax, call, row, chosen=wanted)
        return steps

    def _truth(self, node: Node | None, row: Row) -> Any:
        return None if node is None else self._value(node, row)

    def _kleene(self, key: Key, syntax: Op, row: Row) -> list[Step]:
        node = self.node_of(key, syntax)
        whole = self._truth(node, row) if node is not None else (syntax.op == "and")
        return self._deciding(key, syntax.args, row, whole)

    def _deciding(self, key: Key, pieces: tuple[Syntax, ...], row: Row, whole: Any) -> list[Step]:
        """Pieces with the value of the whole; the others are not taken apart."""
        nodes = [self.node_of(key, piece) for piece in pieces]
        same = [node is not None and self._value(node, row) is whole for node in nodes]
        decided = tuple(piece for piece, is_same in zip(pieces, same, strict=True) if is_same)
        # A written constant shows nothing; where only such decided, all is shown.
        return self._steps(key, decided, row) or self._steps(key, pieces, row)

    @staticmethod
    def _decided(steps: list[Step], whole: Any) -> list[Step]:
        """Parts with the value of the whole; a whole decided by all keeps all."""
        same = [s for s in steps if s.value is whole]
        return same or steps

    def _case(self, key: Key, syntax: CaseOf, row: Row) -> list[Step]:
        found: list[Step] = []
        for condition, value in syntax.arms:
            node = self.node_of(key, condition)
            answer = self._truth(node, row)
            if answer is False:
                continue
            return [*found, *self._steps(key, (condition, value), row)]
        return [*found, *self._steps(key, (syntax.otherwise,), row)]

    def _name(self, key: Key, syntax: Name, row: Row) -> Step | None:
        node = self.node_of(key, syntax)
        while isinstance(node, Up):
            node = node.body
            while row.above is not None and self.program.levels[row.level].name != node.level:
                row = row.above
        if isinstance(node, Ref):
            return self._definition((node.level, node.name), row)
        if isinstance(node, Fact):
            name = f"last.{node.name}" if node.last else node.name
            place = self.compiled.fact_places[node.level][name]
            spec = self.rulebook.facts.get((node.level, node.name))
            codes = spec.codes if spec else None
            return Step("fact", row.facts[place], node.type, row, syntax, (node.level, name), codes)
        if isinstance(node, Const) and syntax.parts[0] in ("line", "table"):
            return Step("line", node.value, node.type, row, syntax, ("", syntax.parts[-1]))
        return self._keyed(key, syntax, node, row)

    def _keyed(self, key: Key, syntax: Name, node: Node | None, row: Row) -> Step | None:
        if node is None or isinstance(node, Const):
            return None
        return Step("line", self._value(node, row), node.type, row, syntax, ("", syntax.parts[-1]))

    def _members(
        self, key: Key, syntax: Call, node: Agg, row: Row, chosen: bool | None = None
    ) -> list[Step]:
        whole = self._value(node, row)
        rows = self._under(row, self.compiled.ranks[node.over])
        inner = syntax.args[0]
        if self.node_of(key, inner) is None:
            return []
        steps = [Step("member", self._value(node.value, m), node.value.type, m) for m in rows]
        steps = self._chosen(node, steps, whole, chosen)
        more = len(steps) - MOST_MEMBERS
        steps = steps[:MOST_MEMBERS]
        if more > 0:
            steps[-1].more = more
        for step in steps:
            step.parts = [p for p in (self._step(key, inner, step.row),) if p is not None]
            if syntax.where is not None:
                step.parts += self._steps(key, (syntax.where,), step.row)
        return steps

    def _chosen(self, node: Agg, steps: list[Step], whole: Any, wanted: bool | None) -> list[Step]:
        if wanted is not None:
            among = [s for s in steps if node.where is None or self._value(node.where, s.row)]
            return [s for s in among if s.value is wanted] or [s for s in among if s.value is None]
        if node.op in ("any", "all"):
            return self._decided(steps, whole)
        if whole is None:
            open_ = [
                s
                for s in steps
                if s.value is None or (node.where and self._value(node.where, s.row) is None)
            ]
            return open_ or steps
        if node.op in ("count", "share"):
            return [s for s in steps if s.value is True] or steps
        return [s for s in steps if node.where is None or self._value(node.where, s.row) is True]

    def _under(self, row: Row, rank: int) -> list[Row]:
        rows = [row]
        while rows and rows[0].level > rank:
            rows = [child for r in rows for child in r.below]
        return rows


def facts_of(step: Step) -> list[Step]:
    """The stored facts that decided, once each, in order of reading."""
    found: dict[tuple[int, Key], Step] = {}
    for part in step.walk():
        if part.kind == "fact":
            found.setdefault((id(part.row), part.key), part)
    return list(found.values())


def spec_of(rulebook: Rulebook, key: Key) -> FactSpec | None:
    """Description of a stored fact, also of the period before."""
    return rulebook.facts.get((key[0], key[1].removeprefix("last.")))


def sentence_value(step: Step, rulebook: Rulebook, lang: str) -> str:
    """A step's value in words."""
    if step.kind in ("rule", "text", "member") and step.type is Type.TRUTH:
        return said.truth(step.value, lang)
    return said.value(step.value, step.type, lang, codes=step.codes, money=rulebook.money)
