"""Functions of codes and texts: several codes, patterns, identity numbers, codes of places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yihu.rulebook.language.kinds import TYPE_WORDS, Typed
from yihu.rulebook.language.parse import BadText, Call, Str, Syntax
from yihu.rulebook.language.patterns import plain_pattern, starting_with
from yihu.rulebook.tree import (
    Has,
    IdentityBirth,
    IdentityMale,
    IdentityOk,
    Length,
    Matches,
    Node,
    Or,
    Part,
    Type,
)

if TYPE_CHECKING:
    from yihu.rulebook.language.meaning import Meaning

#: Characters a text may have; data has far fewer, and lengths must stay small numbers.
MOST_CHARACTERS = 1_000_000


def has(meaning: Meaning, syntax: Call) -> Typed:
    """Whether a fact of several codes contains one: has, has_any."""
    first, *rest = syntax.args
    body = meaning.typed(first)
    if body.type is not Type.CODES:
        raise BadText(
            "has(…) asks a fact with several codes; use = or in (…)",
            first.at,
            zh="has(…) 用于多项代码；单项请用 = 或 in (…)",
        )
    places = [_place(meaning, body, word) for word in rest]
    level = body.node.level
    parts = tuple(meaning.make(Has, Type.TRUTH, level, body.node, place) for place in places)
    if len(parts) == 1:
        return Typed(parts[0])
    return Typed(meaning.make(Or, Type.TRUTH, level, parts))


def _place(meaning: Meaning, body: Typed, syntax: Syntax) -> int:
    code = meaning.typer.quoted(_word(syntax), body, syntax.at).node
    value = getattr(code, "value", None)
    if not isinstance(value, int):
        raise TypeError(code)
    return value


def matches(meaning: Meaning, syntax: Call) -> Typed:
    """Whether the whole text fits a pattern: matches."""
    body, pattern = _text(meaning, syntax.args[0]), syntax.args[1]
    plain = plain_pattern(_word(pattern), pattern.at)
    return Typed(meaning.make(Matches, Type.TRUTH, body.level, body, plain))


def starts_with(meaning: Meaning, syntax: Call) -> Typed:
    """Whether a text starts with these characters: starts_with."""
    body, start = _text(meaning, syntax.args[0]), syntax.args[1]
    plain = starting_with(_word(start), start.at)
    return Typed(meaning.make(Matches, Type.TRUTH, body.level, body, plain))


def length(meaning: Meaning, syntax: Call) -> Typed:
    """How many characters: length."""
    body = _text(meaning, syntax.args[0])
    return Typed(meaning.make(Length, Type.WHOLE, body.level, body), low=0, high=MOST_CHARACTERS)


def part(meaning: Meaning, syntax: Call) -> Typed:
    """Characters from a place on: part."""
    first, second, third = syntax.args
    start, size = meaning.whole(second, 1, 1000), meaning.whole(third, 1, 1000)
    body = _text(meaning, first)
    return Typed(meaning.make(Part, Type.TEXT, body.level, body, start, size))


def identity(meaning: Meaning, syntax: Call) -> Typed:
    """What an identity number says: identity_ok, identity_birth, identity_male."""
    body = _text(meaning, syntax.args[0])
    kinds: dict[str, tuple[type[Node], Type]] = {
        "identity_ok": (IdentityOk, Type.TRUTH),
        "identity_birth": (IdentityBirth, Type.DATE),
        "identity_male": (IdentityMale, Type.TRUTH),
    }
    kind, gives = kinds[syntax.name[-1]]
    return Typed(meaning.make(kind, gives, body.level, body), low=0, high=4 * 10**6)


def place_in(meaning: Meaning, syntax: Call) -> Typed:
    """Whether the code of a place starts so: place_in."""
    words = [_word(w) for w in syntax.args]
    level = meaning.own if len(syntax.name) == 1 else meaning.level_of(syntax.name[0], syntax.at)
    return meaning.starts(level, words, syntax.at)


def _text(meaning: Meaning, syntax: Syntax) -> Node:
    body = meaning.typed(syntax)
    if body.type is not Type.TEXT or body.plain:
        raise BadText(
            f"expected a text fact, this is {TYPE_WORDS[body.type][0]}",
            syntax.at,
            zh=f"此处应为文本指标，却是{TYPE_WORDS[body.type][1]}",
        )
    return body.node


def _word(syntax: Syntax) -> str:
    if not isinstance(syntax, Str) or not syntax.text:
        raise BadText("expected quoted text", syntax.at, zh="此处应为引号中的文本")
    return syntax.text
