"""What a rule looks at beyond one county's files.

A task sees one file pair. Totals over a level that lies wholly in it are right; totals over more,
and values counted over everybody, would silently be those of one county.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from yihu.rulebook import tree
from yihu.rulebook.program import Output, Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.tree import Node


def require_inside(program: Program, whole: str) -> tuple[str, ...]:
    """Levels of places whose things must each lie in one file pair only.

    whole   the highest level whose things lie wholly in one file pair
    Raises  Refused cluster.needs_everybody: a rule looks at more; cluster.no_such_level
    """
    names = program.level_names()[:-1]
    if whole not in names:
        raise Refused("cluster.no_such_level", level=whole, known=", ".join(names))
    inside = names[: names.index(whole) + 1]
    wide = [o.name for o in program.outputs if _is_wide(o, program, frozenset(inside))]
    if wide:
        raise Refused(
            "cluster.needs_everybody", rules=", ".join(wide), count=len(wide), level=whole
        )
    return inside[2:]


def _is_wide(output: Output, program: Program, inside: AbstractSet[str]) -> bool:
    if output.level not in inside:
        return True
    roots = [output.holds, *([output.amount] if output.amount else [])]
    return any(_reaches_out(node, inside) for node in _all_in(roots, program).values())


def _reaches_out(node: Node, inside: AbstractSet[str]) -> bool:
    if isinstance(node, tree.Agg | tree.CountTest):
        return node.level not in inside
    return isinstance(node, tree.Repeats)


def _all_in(roots: list[Node], program: Program) -> Mapping[int, Node]:
    """Every node the roots use, definitions followed."""
    found: dict[int, Node] = {}
    waiting = roots
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = node
            waiting.extend(tree.parts_of(node))
            if isinstance(node, tree.Ref):
                waiting.append(program.definitions[node.level, node.name].node)
    return found
