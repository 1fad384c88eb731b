"""Text of a rule → syntax: words, marks and their places; no names, no types, no meaning yet.

The language is closed by construction: what this small parser does not know cannot be written.
There are no attributes, indexes, strings run as code, sub-queries or statements.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yihu.rulebook.language.tokens import BadText, Token, tokens

__all__ = [
    "Among",
    "BadText",
    "Call",
    "CaseOf",
    "Name",
    "Num",
    "Op",
    "Str",
    "Syntax",
    "Truth",
    "children",
    "parse",
]

#: Longest text, deepest brackets and deepest tree accepted; real rules stay far below all three.
#: They keep every later step inside Python's own limit of calls within calls.
MAX_LENGTH = 4000
MAX_NESTING = 30
MAX_DEPTH = 100
_COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Syntax:
    """Any piece of text, with its place."""

    at: int


@dataclass(frozen=True, slots=True)
class Num(Syntax):
    """A plain number; `text` keeps its figures exactly."""

    text: str
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Str(Syntax):
    """Quoted text: a code, a text or a day, told by what it stands beside."""

    text: str


@dataclass(frozen=True, slots=True)
class Truth(Syntax):
    """true or false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Name(Syntax):
    """A name with its prefixes: ("member", "last", "age")."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call(Syntax):
    """A function; `where` and `weight` are its named parts."""

    name: tuple[str, ...]
    args: tuple[Syntax, ...]
    where: Syntax | None = None
    weight: Syntax | None = None


@dataclass(frozen=True, slots=True)
class Op(Syntax):
    """An operator with its one or more sides: and or not, + - * /, = != < <= > >=, neg, blank."""

    op: str
    args: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Among(Syntax):
    """x in (a, b, …)."""

    body: Syntax
    values: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class CaseOf(Syntax):
    """case when … then … else … end."""

    arms: tuple[tuple[Syntax, Syntax], ...]
    otherwise: Syntax


def parse(text: str) -> Syntax:
    """Read one expression. Raises BadText."""
    if len(text) > MAX_LENGTH:
        raise BadText(
            f"the text has {len(text)} characters; at most {MAX_LENGTH}; give parts of it names",
            0,
            zh=f"文本有 {len(text)} 个字符，最多 {MAX_LENGTH} 个；请给其中部分起名",
        )
    reader = _Reader(tokens(text))
    found = reader.expression()
    reader.expect_end()
    _require_shallow(found)
    return found


def children(syntax: Syntax) -> tuple[Syntax, ...]:
    """The pieces of text directly inside a piece, in the order they are written."""
    match syntax:
        case Op():
            return syntax.args
        case Call():
            return (*syntax.args, *(p for p in (syntax.where, syntax.weight) if p is not None))
        case Among():
            return (syntax.body, *syntax.values)
        case CaseOf():
            return (*(part for arm in syntax.arms for part in arm), syntax.otherwise)
    return ()


def _require_shallow(whole: Syntax) -> None:
    """Refuse what later steps could only follow by too many calls within calls."""
    depths: dict[int, int] = {}
    stack = [whole]
    while stack:
        part = stack[-1]
        inner = children(part)
        open_ = [p for p in inner if id(p) not in depths]
        if open_:
            stack.extend(open_)
            continue
        stack.pop()
        depths[id(part)] = 1 + max((depths[id(p)] for p in inner), default=0)
        if depths[id(part)] > MAX_DEPTH:
            raise _too_deep(part.at)


def _too_deep(at: int) -> BadText:
    return BadText(
        "the text has too many steps within one another; give parts of it names",
        at,
        zh="文本层层相套太深；请给其中部分起名",
    )


class _Reader:
    """Recursive descent over the tokens; one method per step of binding strength."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.i = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.i]

    @property
    def after(self) -> Token:
        """The token behind the present one; the last stays the last."""
        return self.tokens[min(self.i + 1, len(self.tokens) - 1)]

    def take(self, kind: str, *texts: str) -> Token | None:
        token = self.now
        if token.kind == kind and (not texts or token.text in texts):
            self.i += 1
            return token
        return None

    def expect(self, kind: str, text: str, what: str, zh: str) -> Token:
        token = self.take(kind, text)
        if token is None:
            raise BadText(
                f"expected {what}, found {_shown(self.now)}",
                self.now.at,
                zh=f"此处应为{zh}，却是{_shown(self.now, 'zh')}",
            )
        return token

    def expect_end(self) -> None:
        if self.now.kind != "end":
            raise BadText(
                f"{_shown(self.now)} does not belong here",
                self.now.at,
                zh=f"{_shown(self.now, 'zh')}不应出现在这里",
            )

    def expression(self) -> Syntax:
        self.deeper(self.now.at)
        found = self.chain("or", lambda: self.chain("and", self.negation))
        self.depth -= 1
        return found

    def deeper(self, at: int) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise _too_deep(at)

    def chain(self, word: str, below: Callable[[], Syntax]) -> Syntax:
        at = self.now.at
        args = [below()]
        while self.take("word", word):
            args.append(below())
        return args[0] if len(args) == 1 else Op(at, word, tuple(args))

    def negation(self) -> Syntax:
        token = self.take("word", "not")
        if token is None:
            return self.comparison()
        self.deeper(token.at)
        found = Op(token.at, "not", (self.negation(),))
        self.depth -= 1
        return found

    def comparison(self) -> Syntax:
        left = self.sum()
        at = self.now.at
        mark = self.take("mark", *_COMPARISONS)
        if mark:
            return self.compared(left, mark)
        if self.take("word", "is"):
            denied = self.take("word", "not")
            if not self.take("word", "blank", "unknown"):
                raise BadText(
                    "after “is” only “blank” or “unknown” can stand",
                    self.now.at,
                    zh="“is”之后只能是 blank 或 unknown",
                )
            return _maybe_not(Op(at, "blank", (left,)), denied)
        goes_on = self.after.kind == "word" and self.after.text in ("in", "between")
        denied = self.take("word", "not") if goes_on else None
        if self.take("word", "between"):
            low = self.sum()
            self.expect("word", "and", "“and” after the lower bound", "下限之后的“and”")
            high = self.sum()
            both = Op(at, "and", (Op(at, ">=", (left, low)), Op(at, "<=", (left, high))))
            return _maybe_not(both, denied)
        if self.take("word", "in"):
            self.expect("mark", "(", "“(”", "“(”")
            return _maybe_not(Among(at, left, tuple(self.listed())), denied)
        return left

    def compared(self, left: Syntax, mark: Token) -> Syntax:
        right = self.sum()
        if self.now.kind == "mark" and self.now.text in _COMPARISONS:
            raise BadText(
                "a comparison has two sides; write “between a and b” or join two with “and”",
                self.now.at,
                zh="比较只有两边；请写 between … and … 或用 and 连接两个比较",
            )
        return Op(mark.at, "!=" if mark.text == "<>" else mark.text, (left, right))

    def sum(self) -> Syntax:
        left = self.product()
        while mark := self.take("mark", "+", "-"):
            left = Op(mark.at, mark.text, (left, self.product()))
        return left

    def product(self) -> Syntax:
        left = self.signed()
        while mark := self.take("mark", "*", "/"):
            left = Op(mark.at, mark.text, (left, self.signed()))
        return left

    def signed(self) -> Syntax:
        minus = self.take("mark", "-")
        if minus is None:
            return self.single()
        return Op(minus.at, "neg", (self.single(),))

    def single(self) -> Syntax:
        token = self.now
        if self.take("number"):
            return Num(token.at, token.text, percent=self.take("mark", "%") is not None)
        if self.take("text"):
            return Str(token.at, token.text)
        if self.take("word", "true", "false"):
            return Truth(token.at, token.text == "true")
        if self.take("word", "case"):
            return self.case(token.at)
        if self.take("mark", "("):
            inner = self.expression()
            self.expect("mark", ")", "“)”", "“)”")
            return inner
        if token.kind == "name":
            return self.named()
        raise BadText(
            f"expected a value, found {_shown(token)}",
            token.at,
            zh=f"此处应为一个值，却是{_shown(token, 'zh')}",
        )

    def case(self, at: int) -> Syntax:
        arms: list[tuple[Syntax, Syntax]] = []
        while self.take("word", "when"):
            condition = self.expression()
            self.expect("word", "then", "“then”", "“then”")
            arms.append((condition, self.expression()))
        self.expect("word", "else", "“when” or “else”", "“when”或“else”")
        otherwise = self.expression()
        self.expect("word", "end", "“end”", "“end”")
        if not arms:
            raise BadText("a case needs at least one “when”", at, zh="case 至少要有一个 when")
        return CaseOf(at, tuple(arms), otherwise)

    def named(self) -> Syntax:
        first = self.now
        parts = [self.next_name()]
        while self.take("mark", "."):
            parts.append(self.next_name())
        if self.take("mark", "("):
            return self.call(first.at, tuple(parts))
        return Name(first.at, tuple(parts))

    def next_name(self) -> str:
        token = self.take("name")
        if token is None:
            raise BadText(
                f"expected a name, found {_shown(self.now)}",
                self.now.at,
                zh=f"此处应为名称，却是{_shown(self.now, 'zh')}",
            )
        return token.text

    def call(self, at: int, name: tuple[str, ...]) -> Syntax:
        args: list[Syntax] = []
        weight: Syntax | None = None
        if self.take("mark", ")"):
            return Call(at, name, ())
        while True:
            if weight is None and self.weight_comes():
                self.i += 2
                weight = self.sum()
            else:
                args.append(self.expression())
            if not self.take("mark", ","):
                break
        where = self.expression() if self.take("word", "where") else None
        self.expect("mark", ")", "“,” or “)”", "“,”或“)”")
        return Call(at, name, tuple(args), where, weight)

    def weight_comes(self) -> bool:
        now, after = self.now, self.after
        return (now.kind, now.text) == ("name", "weight") and (after.kind, after.text) == (
            "mark",
            "=",
        )

    def listed(self) -> list[Syntax]:
        values = [self.signed()]
        while self.take("mark", ","):
            values.append(self.signed())
        self.expect("mark", ")", "“,” or “)”", "“,”或“)”")
        return values


def _maybe_not(found: Syntax, denied: object) -> Syntax:
    return Op(found.at, "not", (found,)) if denied else found


def _shown(token: Token, lang: str = "en") -> str:
    if token.kind == "end":
        return "文本结尾" if lang == "zh" else "the end of the text"
    return f"“{token.text}”"
