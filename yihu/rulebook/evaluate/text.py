"""Trees printed as Python: one function for each derived fact and rule, straight through.

Every value is computed into a numbered local once. Members are walked in a loop in which their
own locals are computed. `None` is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yihu.rulebook.evaluate.nodes import PRINTERS
from yihu.rulebook.program import POPULATION, Output, Program
from yihu.rulebook.tree import Agg, Const, Fact, IdStarts, Node, Ref

#: A result not computed yet (None is a value: unknown).
MISSING = object()


class Source:
    """The text of a program; `names` is where it will run and where its constants are kept."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.ranks = {level.name: i for i, level in enumerate(program.levels)}
        self.fact_places = _fact_places(program)
        self.place_of = {key: i for i, key in enumerate(program.definitions)}
        self.places = len(self.place_of)
        self.names: dict[str, Any] = {}
        self._kept: dict[tuple[type, object], str] = {}
        self._late: dict[str, object] = {}
        self._nodes: dict[int, str] = {}
        self._texts: list[str] = []
        self._numbers = 0

    def function_of(self, level: str, name: str) -> str:
        """Name of the function of a derived fact or rule."""
        return f"d{self.place_of[level, name]}"

    def code(self) -> str:
        """The whole program."""
        for key, definition in self.program.definitions.items():
            self._texts.append(self._definition(self.place_of[key], definition.node))
        for level in self.program.levels:
            outputs = [o for o in self.program.outputs if o.level == level.name]
            self._texts.append(self._answers(self.ranks[level.name], outputs))
        return self.last_code()

    def last_code(self) -> str:
        """What was written since the last call; its constants are put in place."""
        text = "\n".join(self._texts)
        self._texts.clear()
        self.names.update(self._late)
        self._late.clear()
        return text

    def keep(self, value: object) -> str:
        """A constant kept beside the text, by a numbered name. Equal ones of one type are one."""
        key = (type(value), value)
        if key not in self._kept:
            self._kept[key] = f"K{len(self._kept)}"
            self._late[self._kept[key]] = value
        return self._kept[key]

    def number(self) -> int:
        """A number not used before in this text."""
        self._numbers += 1
        return self._numbers

    def function_for(self, node: Node) -> str:
        """Name of a function for a node that has none of its own, written when first asked."""
        if id(node) not in self._nodes:
            name = f"n{len(self._nodes)}"
            self._nodes[id(node)] = name
            body = Body(self, "r")
            result = body.value(node)
            self._texts.append(_function(name, [*body.lines, f"return {result}"]))
        return self._nodes[id(node)]

    def _definition(self, place: int, node: Node) -> str:
        body = Body(self, "r")
        result = body.value(node)
        lines = [
            "v = r.results",
            f"if v[{place}] is not MISSING: return v[{place}]",
            *body.lines,
            f"v[{place}] = {result}",
            f"return v[{place}]",
        ]
        return _function(f"d{place}", lines)

    def _answers(self, rank: int, outputs: list[Output]) -> str:
        lines, pairs = [], []
        for output in outputs:
            key = (output.level, output.name)
            holds = (
                self.function_of(*key) if key in self.place_of else self.function_for(output.holds)
            )
            answer = f"ANSWERS[{holds}(r)]"
            if output.amount is not None:
                local = f"a{self.number()}"
                amount = f"{self.function_for(output.amount)}(r)"
                lines += [
                    f"{local} = {answer}",
                    f"if {local} is HOLDS: {local} = Answer(True, {amount})",
                ]
                answer = local
            pairs.append(f"{self.keep(output.name)}: {answer}")
        return _function(f"answers_{rank}", [*lines, f"return {{{', '.join(pairs)}}}"])


def _function(name: str, lines: list[str]) -> str:
    return f"def {name}(r):\n" + "\n".join(f"    {line}" for line in lines) + "\n"


def _fact_places(program: Program) -> dict[str, dict[str, int]]:
    places: dict[str, dict[str, int]] = {level.name: {} for level in program.levels}
    for level, name in program.facts:
        places[level][name] = len(places[level])
    for level, name in program.last_facts:
        places[level][f"last.{name}"] = len(places[level])
    return places


class Body:
    """Lines of one function or loop. row: the variable that holds the row asked."""

    def __init__(self, source: Source, row: str) -> None:
        self.source, self.row = source, row
        self.lines: list[str] = []
        self.done: dict[int, str] = {}
        self._above: dict[int, str] = {0: row}

    def value(self, node: Node) -> str:
        """A local or constant holding the node's value; its lines are written before."""
        if id(node) not in self.done:
            self.done[id(node)] = PRINTERS[type(node)](self, node)
        return self.done[id(node)]

    def put(self, text: str) -> str:
        """A new local with this value."""
        name = f"t{self.source.number()}"
        self.lines.append(f"{name} = {text}")
        return name

    def above(self, steps: int) -> str:
        """A local with the row so many levels above, None where there is none."""
        if steps not in self._above:
            below = self.above(steps - 1)
            text = f"{below}.above" if steps == 1 else f"None if {below} is None else {below}.above"
            self._above[steps] = self.put(text)
        return self._above[steps]

    def asked(self, node: Node, row: str) -> str:
        """The text that asks a node of another row."""
        if isinstance(node, Fact):
            name = f"last.{node.name}" if node.last else node.name
            return f"{row}.facts[{self.source.fact_places[node.level][name]}]"
        if isinstance(node, Ref):
            return f"{self.source.function_of(node.level, node.name)}({row})"
        if isinstance(node, IdStarts) and node.level == POPULATION:
            return "False"
        if isinstance(node, IdStarts):
            return f"{row}.id.startswith({self.source.keep(node.prefix)})"
        return f"{self.source.function_for(node)}({row})"

    def known(self, text: str, *nodes: Node) -> str:
        """A local with the text's value, unknown where one of the nodes is."""
        names = [self.value(n) for n in nodes if not _is_known(n)]
        if not names:
            return self.put(text)
        unknown = " or ".join(f"{n} is None" for n in names)
        return self.put(f"None if {unknown} else {text}")

    def members(self, node: Agg, inner: Callable[[Body], list[str]]) -> None:
        """A loop over those below; `inner` writes its last lines."""
        body = Body(self.source, f"m{self.source.number()}")
        last = inner(body)
        depth = self.source.ranks[node.level] - self.source.ranks[node.over]
        among = f"{self.row}.below" if depth == 1 else f"under({self.row}, {depth})"
        self.lines.append(f"for {body.row} in {among}:")
        self.lines += [f"    {line}" for line in (*body.lines, *last)]


def _is_known(node: Node) -> bool:
    return isinstance(node, Const) and node.value is not None
