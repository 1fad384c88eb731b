"""What Python the reference reader may print: a closed list of forms and names, and no text."""

from __future__ import annotations

import ast
import re

from yihu.rulebook.evaluate.text import Source
from yihu.rulebook.program import Program

FORMS = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.If, ast.IfExp, ast.For, ast.Break,
    ast.Compare, ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In,
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.FloorDiv, ast.RShift, ast.BitAnd, ast.Call, ast.Attribute,
    ast.Subscript, ast.Slice, ast.List, ast.Tuple, ast.Dict,
)  # fmt: skip
NAMES = re.compile(r"[dntmaK]\d+|answers_\d+|[rv]")
CALLS = frozenset(
    {"Answer", "ANSWERS", "HOLDS", "MISSING", "float", "len", "floor", "ceil", "under", "quantile"}
    | {"repeats", "identity_ok", "identity_birth", "identity_male"}
)
ATTRIBUTES = frozenset({"results", "facts", "above", "below", "id", "startswith"})


def printed(program: Program) -> str:
    """The Python of a program."""
    return Source(program).code()


def foreign(text: str) -> list[str]:
    """Everything in a printed text that is not on the list; an empty list is what must come."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, FORMS):
            found.append(type(node).__name__)
        elif isinstance(node, ast.Constant) and not isinstance(node.value, int | float | None):
            found.append(repr(node.value))
        elif isinstance(node, ast.Attribute) and node.attr not in ATTRIBUTES:
            found.append(f".{node.attr}")
        found += [n for n in _names(node) if not NAMES.fullmatch(n) and n not in CALLS]
    return found


def _names(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.FunctionDef):
        return (node.name,)
    return (node.arg,) if isinstance(node, ast.arg) else ()
