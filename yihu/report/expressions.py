"""A rule's text as coloured HTML: names linked to what they mean, in Chinese or as written.

Colours come from the words alone; a text that cannot be read is shown plain, as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import Text
from yihu.rulebook.program import POPULATION
from yihu.rulebook.tokens import BadText, Token, tokens

#: A text longer than this is broken before “and”, “or”, “when” outside brackets.
ONE_LINE = 90
_BREAKS = ("and", "or", "when", "else", "end")
_DAY_WORDS = {
    "on": Text("核查日", "the day of the check"),
    "year_start": Text("当年第一天", "first day of the year"),
    "year_end": Text("当年最后一天", "last day of the year"),
}
_KEYWORDS_ZH = {"and": "且", "or": "或", "not": "非", "true": "是", "false": "否"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A dotted name or a single mark with its place in the text."""

    kind: str
    parts: tuple[str, ...]
    start: int
    end: int


class Painter:
    """Paints the texts of one rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.levels = _level_words(rulebook)
        self.names = {level: set(rulebook.names(level)) for level in {*self.levels.values()}}
        self.labels = {
            (level, rulebook.label_of(level, name).zh): name
            for level, names in self.names.items()
            for name in names
        }

    def paint(self, text: str, level: str) -> Markup:
        """The text of a rule about a level, as HTML."""
        try:
            pieces = list(_pieces(text, tokens(text)))
        except BadText:
            return Markup("<code class='expr'>{}</code>").format(text.strip())
        out, at, depth = Markup(""), 0, 0
        breaks = "\n" not in text.strip() and len(text) > ONE_LINE
        for piece in pieces:
            gap = text[at : piece.start]
            if breaks and depth == 0 and piece.kind == "word" and piece.parts[0] in _BREAKS and at:
                gap = "\n"
            out += escape(gap if at else "") + self._piece(piece, text, level)
            depth += {"(": 1, ")": -1}.get(piece.parts[0], 0) if piece.kind == "mark" else 0
            at = piece.end
        return Markup("<code class='expr'>{}</code>").format(out)

    def _piece(self, piece: _Piece, text: str, level: str) -> Markup:
        written = text[piece.start : piece.end]
        if piece.kind == "name":
            return self._name(piece, written, level)
        if piece.kind == "word":
            zh = _KEYWORDS_ZH.get(piece.parts[0], written)
            return Markup("<b>{}</b>").format(_two(zh, written))
        if piece.kind in ("text", "number"):
            return Markup("<span class='{}'>{}</span>").format(piece.kind, written)
        return escape(written)

    def _name(self, piece: _Piece, written: str, level: str) -> Markup:
        parts = piece.parts
        if parts[0] == "line" and len(parts) == 2 and parts[1] in self.rulebook.lines:
            line = self.rulebook.lines[parts[1]]
            return _link("line", f"line.{parts[1]}", line.title, f"〔{line.title.zh}〕", written)
        if parts[0] == "table" and len(parts) == 2 and parts[1] in self.rulebook.tables:
            table = self.rulebook.tables[parts[1]]
            return _link("line", f"table.{parts[1]}", table.title, f"〔{table.title.zh}〕", written)
        if len(parts) == 1 and parts[0] in _DAY_WORDS:
            return _hover(_DAY_WORDS[parts[0]], _DAY_WORDS[parts[0]].zh, written)
        return self._known(parts, written, level)

    def _known(self, parts: tuple[str, ...], written: str, level: str) -> Markup:
        of, prefix = level, ""
        if len(parts) > 1 and parts[0] in self.levels:
            of, prefix = self.levels[parts[0]], parts[0]
        last = "last" in parts[:-1]
        name = self.labels.get((of, parts[-1]), parts[-1])
        if name not in self.names.get(of, ()):
            if len(parts) == 1 and parts[0] in self.levels:
                label = self._level_label(self.levels[parts[0]])
                return _hover(label, label.zh, written)
            return Markup("<span class='call'>{}</span>").format(written)
        label = self.rulebook.label_of(of, name)
        zh = (
            (f"{self._level_label(of).zh}." if prefix else "") + ("上期" if last else "") + label.zh
        )
        return _link("name", f"{of}.{name}", label, zh, written)

    def _level_label(self, name: str) -> Text:
        if name == POPULATION:
            return Text("全体", "everybody in the run")
        return next(level.label for level in self.rulebook.levels if level.name == name)


def _level_words(rulebook: Rulebook) -> Mapping[str, str]:
    words = {POPULATION: POPULATION, "全体": POPULATION}
    for level in rulebook.levels:
        words |= {w: level.name for w in (level.name, level.alias, level.label.zh) if w}
    return words


def _pieces(text: str, found: list[Token]) -> Iterator[_Piece]:
    """Tokens with dotted names joined, each with where it ends in the text."""
    i = 0
    while found[i].kind != "end":
        token = found[i]
        j, parts = i, [token.text]
        while (
            token.kind == "name"
            and found[j + 1].text == "."
            and found[j + 1].kind == "mark"
            and found[j + 2].kind == "name"
        ):
            j += 2
            parts.append(found[j].text)
        end = (
            len(text[: found[j + 1].at].rstrip()) if found[j + 1].kind == "end" else found[j + 1].at
        )
        end = len(text[:end].rstrip())
        yield _Piece(token.kind, tuple(parts), token.at, end)
        i = j + 1


def _two(zh: str, written: str) -> Markup:
    """The same piece in Chinese and as it is written in the file."""
    if zh == written:
        return escape(written)
    return Markup("<span class='asread'>{}</span><span class='aswritten'>{}</span>").format(
        zh, written
    )


def _link(kind: str, target: str, label: Text, zh: str, written: str) -> Markup:
    return Markup("<a class='{}' href='#{}' title='{} · {}'>{}</a>").format(
        kind, target, label.zh, label.en, _two(zh, written)
    )


def _hover(label: Text, zh: str, written: str) -> Markup:
    return Markup("<span class='name' title='{} · {}'>{}</span>").format(
        label.zh, label.en, _two(zh, written)
    )
