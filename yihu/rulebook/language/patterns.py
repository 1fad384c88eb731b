r"""The small pattern language: what every reader's own regular expressions mean alike.

Letters, figures, `.`, `[…]`, `\d`, `( | )` and `? * + {2,4}`; the whole text must fit. Nothing
that looks back, remembers or runs long: back-references, look-around, `\w`, `\b` and repeats of
repeats are refused. The pattern is written out anew from what was understood, every sign in it
escaped, so that Python, RE2 and Java agree on it.

`fits` matches without going back: its time is bounded by the text's length times the pattern's
size, where Python's own `re` can need years for “(a|a)*b”.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from yihu.rulebook.language.tokens import BadText

#: Longest pattern, and most places in it once its counted repeats are written out.
MAX_PATTERN = 200
MAX_STATES = 1000
#: Longest pattern once it is written out anew.
MAX_WRITTEN = 4 * MAX_PATTERN + 10
_SPECIAL = frozenset(".-()[]{}?*+|\\^$&~#")
_REPEAT = re.compile(r"[?*+]|\{([0-9]{1,3})(,([0-9]{0,3}))?\}")


@dataclass(frozen=True, slots=True)
class Signs:
    """A place for one character: any, or one in these ranges, or one outside them."""

    ranges: tuple[tuple[str, str], ...]
    outside: bool = False

    def takes(self, sign: str) -> bool:
        """Whether the character may stand here."""
        return any(low <= sign <= high for low, high in self.ranges) is not self.outside


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces one after another."""

    parts: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several pieces."""

    parts: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Often:
    """A piece least to most times; most None is without end."""

    part: Piece
    least: int
    most: int | None


Piece = Signs | Row | Either | Often
#: What `.` stands for: everything but the end of a line, as in every engine.
ANY = Signs((("\n", "\n"),), outside=True)
FIGURE = Signs((("0", "9"),))


def plain_pattern(pattern: str, at: int) -> str:
    r"""The pattern written out anew, `\d` as [0-9]. Raises BadText for anything outside."""
    return _written(_Reader(pattern, at).whole())


def starting_with(text: str, at: int) -> str:
    """The pattern of all texts that start so. Raises BadText if it is too long."""
    if len(text) > MAX_PATTERN:
        raise _bad("…", at)
    return _written(Row(tuple(Signs(((c, c),)) for c in text))) + ".*"


class _Reader:
    """Recursive descent over the pattern."""

    def __init__(self, pattern: str, at: int) -> None:
        self.pattern, self.at, self.i, self.depth = pattern, at, 0, 0

    def whole(self, longest: int = MAX_PATTERN) -> Piece:
        if len(self.pattern) > longest:
            raise _bad(f"… ({len(self.pattern)} > {longest})", self.at)
        found = self.either()
        if self.i < len(self.pattern):
            raise self.bad()
        if _size(found) > MAX_STATES:
            raise _bad(self.pattern, self.at)
        return found

    def bad(self) -> BadText:
        return _bad(self.pattern[self.i :], self.at)

    def take(self, sign: str) -> bool:
        if self.pattern.startswith(sign, self.i):
            self.i += len(sign)
            return True
        return False

    def either(self) -> Piece:
        self.depth += 1
        if self.depth > 20:
            raise self.bad()
        parts = [self.row()]
        while self.take("|"):
            parts.append(self.row())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def row(self) -> Piece:
        parts: list[Piece] = []
        while self.i < len(self.pattern) and self.pattern[self.i] not in "|)":
            parts.append(self.often())
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def often(self) -> Piece:
        start = self.i
        part = self.single()
        match = _REPEAT.match(self.pattern, self.i)
        if match is None:
            return part
        if _repeats(part):
            self.i = start
            raise self.bad()
        self.i = match.end()
        if _REPEAT.match(self.pattern, self.i):
            raise self.bad()
        counts = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        if match[0] in counts:
            return Often(part, *counts[match[0]])
        least = int(match[1])
        most = None if match[2] == "," else int(match[3] or match[1])
        if most is not None and most < least:
            raise self.bad()
        return Often(part, least, most)

    def single(self) -> Piece:
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise self.bad()
            return inner
        if self.take("["):
            return self.signs()
        if self.take("."):
            return ANY
        if self.take("\\d"):
            return FIGURE
        sign = self.sign("()[]{}?*+|^$")
        return Signs(((sign, sign),))

    def sign(self, special: str) -> str:
        """One character: itself, or escaped where it would mean something else."""
        escaped = self.take("\\")
        sign = self.pattern[self.i : self.i + 1]
        if not sign or (sign not in _SPECIAL if escaped else sign in special):
            raise self.bad()
        self.i += 1
        return sign

    def signs(self) -> Signs:
        outside = self.take("^")
        ranges: list[tuple[str, str]] = []
        while not self.take("]"):
            if self.take("\\d"):
                ranges.append(("0", "9"))
                continue
            last = self.pattern.startswith("-]", self.i)
            low = high = self.sign("[]^" if last or not ranges else "[]^-")
            if self.pattern[self.i : self.i + 1] == "-" and self.pattern[self.i + 1 :][:1] != "]":
                self.i += 1
                high = self.sign("[]^-")
            if high < low:
                raise self.bad()
            ranges.append((low, high))
        if not ranges:
            raise self.bad()
        return Signs(tuple(ranges), outside)


def _bad(what: str, at: int) -> BadText:
    return BadText(
        f"the pattern has a part that is not in the pattern language: {what}",
        at,
        zh=f"模式中有不支持的部分：{what}",
    )


def _repeats(piece: Piece) -> bool:
    if isinstance(piece, Often):
        return True
    return not isinstance(piece, Signs) and any(_repeats(part) for part in piece.parts)


def _size(piece: Piece) -> int:
    if isinstance(piece, Signs):
        return 1
    if isinstance(piece, Often):
        return _size(piece.part) * max(piece.most or 1, piece.least)
    return sum(_size(part) for part in piece.parts)


def _written(piece: Piece) -> str:
    if isinstance(piece, Signs):
        return _written_signs(piece)
    if isinstance(piece, Either):
        return f"({'|'.join(_written(part) for part in piece.parts)})"
    if isinstance(piece, Row):
        return "".join(_written(part) for part in piece.parts)
    body = _written(piece.part)
    times = {(0, 1): "?", (0, None): "*", (1, None): "+"}.get((piece.least, piece.most))
    if times is None:
        most = "" if piece.most is None else piece.most
        times = f"{{{piece.least},{most}}}" if piece.least != piece.most else f"{{{piece.least}}}"
    return f"{f'({body})' if isinstance(piece.part, Row) else body}{times}"


def _written_signs(signs: Signs) -> str:
    if signs == ANY:
        return "."
    ((low, high), *more) = signs.ranges
    if not more and low == high and not signs.outside:
        return _escaped(low)
    inside = "".join(
        _escaped(a) if a == b else f"{_escaped(a)}-{_escaped(b)}" for a, b in signs.ranges
    )
    return f"[{'^' if signs.outside else ''}{inside}]"


def _escaped(sign: str) -> str:
    return f"\\{sign}" if sign in _SPECIAL else sign


# -- matching -------------------------------------------------------------------------------------

#: Sets of states remembered for one pattern before they are forgotten again.
_MOST_KNOWN = 2000
_END = 0


class _Machine:
    """The pattern as states: a state takes a character and goes on, or goes on to several."""

    def __init__(self, piece: Piece) -> None:
        self.signs: list[Signs | None] = [None]
        self.after: list[tuple[int, ...]] = [()]
        self.start = self.closed({self.built(piece, _END)})

    def state(self, signs: Signs | None, *after: int) -> int:
        self.signs.append(signs)
        self.after.append(after)
        return len(self.signs) - 1

    def built(self, piece: Piece, after: int) -> int:
        """The first state of a piece that `after` follows."""
        if isinstance(piece, Signs):
            return self.state(piece, after)
        if isinstance(piece, Either):
            return self.state(None, *(self.built(part, after) for part in piece.parts))
        if isinstance(piece, Row):
            for part in reversed(piece.parts):
                after = self.built(part, after)
            return after
        return self.repeated(piece, after)

    def repeated(self, piece: Often, after: int) -> int:
        first = after
        if piece.most is None:
            first = self.state(None)
            self.after[first] = (self.built(piece.part, first), after)
        else:
            for _ in range(piece.most - piece.least):
                first = self.state(None, self.built(piece.part, first), after)
        for _ in range(piece.least):
            first = self.built(piece.part, first)
        return first

    def closed(self, states: set[int]) -> frozenset[int]:
        """The states that take a character, or the end, reached from these without one."""
        found: set[int] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                waiting.extend(self.after[state] if self.signs[state] is None else ())
        return frozenset(s for s in found if s == _END or self.signs[s] is not None)

    def step(self, states: frozenset[int], sign: str) -> frozenset[int]:
        """The states after one more character."""
        found: set[int] = set()
        for state in states:
            signs = self.signs[state]
            if signs is not None and signs.takes(sign):
                found.update(self.after[state])
        return self.closed(found)


@lru_cache(maxsize=1000)
def fits(pattern: str) -> Callable[[str], bool]:
    """A test whether a whole text fits a pattern that `plain_pattern` or `starting_with` wrote."""
    machine = _Machine(_Reader(pattern, 0).whole(MAX_WRITTEN))
    known: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def test(text: str) -> bool:
        now = machine.start
        for sign in text:
            after = known.get((now, sign))
            if after is None:
                if len(known) > _MOST_KNOWN:
                    known.clear()
                after = known[now, sign] = machine.step(now, sign)
            now = after
        return _END in now

    return test
