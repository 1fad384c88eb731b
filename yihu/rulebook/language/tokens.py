"""Text of a rule → words and marks with their places.

Nothing of what stands here has a meaning yet. A sign that the language does not know is refused,
and so is every sign that a reader of the text would not see.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


class BadText(Exception):  # noqa: N818  it is the text that is bad
    """A rule's text cannot be read; `at` is the place of the fault, counted from 0.

    near is the known word nearest to the one that was not understood, or nothing.
    """

    def __init__(self, why: str, at: int, *, zh: str = "", near: str = "") -> None:
        super().__init__(why)
        self.why, self.at, self.zh, self.near = why, at, zh or why, near


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark: kind is name, number, text, mark or end."""

    kind: str
    text: str
    at: int


_FULL_WIDTH = str.maketrans("（），＜＞＝！＋－＊／％．　", "(),<>=!+-*/%. ")
_WORDS = {"且": "and", "并且": "and", "或": "or", "或者": "or", "非": "not", "不是": "not"}
_WORDS |= {"是": "true", "否": "false"}
KEYWORDS = frozenset(
    {"and", "or", "not", "in", "between", "is", "blank", "unknown", "case", "when", "then"}
    | {"else", "end", "true", "false", "where"}
)
#: Words that always mean themselves, so that no fact, derived fact or rule may be called so.
RESERVED = KEYWORDS | {"on", "year_start", "year_end", "null", "none", "nan"}
# Figures are 0-9 alone: other writing systems' figures are signs without meaning here.
_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[^\W\d]\w*)|`(?P<quoted>[^`\n]+)`"
    r"|(?P<mark><=|>=|<>|!=|[-+*/(),.=<>%])"
)
# Control signs, signs that are not seen or turn the direction of writing, halves of a pair.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_QUOTES = {"'": "'", "‘": "’", '"': '"', "“": "”"}


def tokens(text: str) -> list[Token]:
    """All words and marks of a text, the last of kind “end”. Raises BadText."""
    _require_visible(text)
    plain = text.translate(_FULL_WIDTH)
    found: list[Token] = []
    at = 0
    while at < len(text):
        if plain[at].isspace():
            at += 1
            continue
        if text[at] in _QUOTES:
            token, at = _quoted(text, at)
        else:
            token, at = _plain(text, plain, at)
        found.append(token)
    found.append(Token("end", "", len(text)))
    return found


def _quoted(text: str, at: int) -> tuple[Token, int]:
    end = text.find(_QUOTES[text[at]], at + 1)
    if end < 0:
        raise BadText("the quote is not closed", at, zh="引号没有关闭")
    if "\n" in text[at:end] or "\r" in text[at:end] or "\t" in text[at:end]:
        raise BadText(
            "quoted text stands on one line, without tabs", at, zh="引号中的文本不能换行或含制表符"
        )
    if not text[at + 1 : end].strip():
        raise BadText(
            "there is nothing between the quotes; write “x is blank”",
            at,
            zh="引号中没有内容；请写“x is blank”",
        )
    return Token("text", text[at + 1 : end], at), end + 1


def _plain(text: str, plain: str, at: int) -> tuple[Token, int]:
    match = _TOKEN.match(plain, at)
    if match is None:
        raise BadText(
            f"the sign “{text[at]}” has no meaning here", at, zh=f"符号“{text[at]}”在此没有意义"
        )
    kind = match.lastgroup or ""
    word = match.group(kind)
    if kind == "quoted":
        # A name in backquotes keeps its own signs, full-width ones too.
        return Token("name", text[match.start(kind) : match.end(kind)].strip(), at), match.end()
    if kind == "name":
        word = _WORDS.get(word, word)
        if word.lower() in KEYWORDS:
            return Token("word", word.lower(), at), match.end()
    return Token(kind, word, at), match.end()


def _require_visible(text: str) -> None:
    # What a reviewer does not see must not be there: a text could read otherwise than it runs.
    if text.isprintable():
        return
    for at, sign in enumerate(text):
        if sign not in "\t\r\n" and unicodedata.category(sign) in _HIDDEN:
            raise BadText(
                f"a sign that cannot be seen (U+{ord(sign):04X}) stands here",
                at,
                zh=f"此处有看不见的字符（U+{ord(sign):04X}）",
            )
