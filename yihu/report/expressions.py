"""A rule's text as coloured HTML: names linked to what they mean, in Chinese or as written.

Colours come from the words alone; a text that cannot be read is shown plain, as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import CodeList, Text
from yihu.rulebook.language.tokens import BadText, Token, tokens
from yihu.rulebook.program import POPULATION

#: A text longer than this is broken before “and”, “or”, “when” outside brackets.
ONE_LINE = 90
_BREAKS = ("and", "or", "when", "else", "end")
_DAY_WORDS = {
    "on": Text("核查日", "the day of the check"),
    "year_start": Text("当年第一天", "first day of the year"),
    "year_end": Text("当年最后一天", "last day of the year"),
}
#: What the functions of the language do, for whoever points at one.
_FUNCTIONS = {
    "any": Text("至少一个成立", "one at least holds"),
    "all": Text("每一个都成立", "every one holds"),
    "count": Text("有几个", "how many"),
    "share": Text("占多大比例", "what share"),
    "sum": Text("合计", "sum"),
    "min": Text("最小", "least"),
    "max": Text("最大", "largest"),
    "avg": Text("平均", "mean"),
    "only": Text("唯一那一个的值", "value of the only one"),
    "median": Text("中位数", "median"),
    "quantile": Text("分位数", "quantile"),
    "repeats": Text("全体中有几个相同", "how many in the population share it"),
    "at_least": Text("至少这么多项成立", "so many or more hold"),
    "if_unknown": Text("未知时取后一个值（假设）", "the second where the first is unknown"),
    "capped": Text("不超过", "at most"),
    "not_below": Text("不低于", "at least"),
    "round": Text("四舍五入", "rounded half up"),
    "round_down": Text("舍去尾数", "rounded down"),
    "round_up": Text("进位", "rounded up"),
    "age": Text("周岁", "whole years of age"),
    "months_since": Text("满几个月", "whole months since"),
    "days_since": Text("几天", "days since"),
    "has": Text("多选中有这一项", "has this code"),
    "has_any": Text("多选中有其中一项", "has one of these codes"),
    "matches": Text("整段文字符合样式", "the whole text fits the pattern"),
    "length": Text("几个字", "length"),
    "part": Text("其中一段文字", "a part of the text"),
    "starts_with": Text("开头是", "starts with"),
    "identity_ok": Text("身份证号有效", "a valid identity number"),
    "identity_birth": Text("身份证号中的出生日期", "birth in the identity number"),
    "identity_male": Text("身份证号为男", "male in the identity number"),
    "place_in": Text("位于", "lies in"),
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
        codes: CodeList | None = None
        breaks = "\n" not in text.strip() and len(text) > ONE_LINE
        for piece in pieces:
            gap = text[at : piece.start]
            if breaks and depth == 0 and piece.kind == "word" and piece.parts[0] in _BREAKS and at:
                gap = "\n"
            codes = self._codes(piece, level, codes)
            out += escape(gap if at else "") + self._piece(piece, text, level, codes)
            depth += {"(": 1, ")": -1}.get(piece.parts[0], 0) if piece.kind == "mark" else 0
            at = piece.end
        return Markup("<code class='expr'>{}</code>").format(out)

    def _codes(self, piece: _Piece, level: str, before: CodeList | None) -> CodeList | None:
        """The list whose codes the quoted words after a name are."""
        if piece.kind != "name":
            return before
        of, name = self._meant(piece.parts, level)
        fact = self.rulebook.facts.get((of, name))
        return fact.codes if fact is not None else None

    def _piece(self, piece: _Piece, text: str, level: str, codes: CodeList | None) -> Markup:
        written = text[piece.start : piece.end]
        if piece.kind == "name":
            return self._name(piece, written, level)
        if piece.kind == "word":
            zh = _KEYWORDS_ZH.get(piece.parts[0], written)
            return Markup("<b>{}</b>").format(_two(zh, written))
        if piece.kind == "text" and codes is not None and piece.parts[0] in codes.spellings():
            label = codes.codes[codes.spellings()[piece.parts[0]]].label
            return Markup("<span class='text' title='{} · {}'>{}</span>").format(
                label.zh, label.en, _two(f"‘{label.zh}’", written)
            )
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

    def _meant(self, parts: tuple[str, ...], level: str) -> tuple[str, str]:
        """The level and name a dotted name means."""
        of = self.levels[parts[0]] if len(parts) > 1 and parts[0] in self.levels else level
        return of, self.labels.get((of, parts[-1]), parts[-1])

    def _known(self, parts: tuple[str, ...], written: str, level: str) -> Markup:
        of, name = self._meant(parts, level)
        if name not in self.names.get(of, ()):
            if len(parts) == 1 and parts[0] in self.levels:
                label = self._level_label(self.levels[parts[0]])
                return _hover(label, label.zh, written)
            return _function(written)
        label = self.rulebook.label_of(of, name)
        prefix = (
            f"{self._level_label(of).zh}." if len(parts) > 1 and parts[0] in self.levels else ""
        )
        last = "上期" if "last" in parts[:-1] else ""
        return _link("name", f"{of}.{name}", label, f"{prefix}{last}{label.zh}", written)

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


def _function(written: str) -> Markup:
    says = _FUNCTIONS.get(written)
    if says is None:
        return Markup("<span class='call'>{}</span>").format(written)
    return Markup("<span class='call' title='{} · {}'>{}</span>").format(says.zh, says.en, written)


def _hover(label: Text, zh: str, written: str) -> Markup:
    return Markup("<span class='name' title='{} · {}'>{}</span>").format(
        label.zh, label.en, _two(zh, written)
    )
