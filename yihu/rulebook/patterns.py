"""The small pattern language: what every reader's own regular expressions mean alike.

Letters, figures, `.`, `[…]`, `\\d`, `( | )` and `? * + {2,4}`; the whole text must fit. Nothing
that looks back, remembers or runs long: back-references, look-around, `\\w`, `\\b`, nested
repetition are refused, so that Python, RE2 and Java agree and no pattern can run away.
"""

from __future__ import annotations

import re

from yihu.rulebook.parse import BadText

_PIECE = re.compile(
    r"\\d|\\[.\-()\[\]{}?*+|\\^$]|\[\^?(?:\\d|\\[\-\]\\^]|[^\[\]\\])+\]"
    r"|[?*+]|\{\d{1,3}(?:,\d{0,3})?\}|[().|]|[^\\\[\](){}?*+|.^$]"
)
_REPEATS = re.compile(r"[?*+{]")


def plain_pattern(pattern: str, at: int) -> str:
    """The pattern with `\\d` written out as [0-9]. Raises BadText for anything outside."""
    pieces: list[str] = []
    i = 0
    while i < len(pattern):
        match = _PIECE.match(pattern, i)
        if match is None:
            raise _bad(pattern[i:], at)
        pieces.append(match.group())
        i = match.end()
    _require_flat_repeats(pieces, at)
    text = "".join(_written_out(p) for p in pieces)
    try:
        re.compile(text)
    except re.error:
        raise _bad(pattern, at) from None
    return text


def _written_out(piece: str) -> str:
    if piece == "\\d":
        return "[0-9]"
    return piece.replace("\\d", "0-9") if piece.startswith("[") else piece


def _require_flat_repeats(pieces: list[str], at: int) -> None:
    # (a+)+ takes exponential time in some engines: a group that repeats may hold no repeat.
    repeats_inside: list[bool] = [False]
    for i, piece in enumerate(pieces):
        if piece == "(":
            repeats_inside.append(False)
        elif piece == ")" and len(repeats_inside) > 1:
            inner = repeats_inside.pop()
            following = pieces[i + 1] if i + 1 < len(pieces) else ""
            if inner and _REPEATS.match(following):
                raise _bad("a repeated group with a repeat inside", at)
            repeats_inside[-1] = repeats_inside[-1] or inner
        elif _REPEATS.match(piece) and len(piece) > 0 and not piece.startswith("["):
            if i and _REPEATS.match(pieces[i - 1]):
                raise _bad("a repeat after a repeat", at)
            repeats_inside[-1] = True


def _bad(what: str, at: int) -> BadText:
    return BadText(
        f"the pattern has a part that is not in the pattern language: {what}",
        at,
        zh=f"模式中有不支持的部分：{what}",
    )
