"""When a question is asked, in plain words: the condition of a fact as people would say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yihu.rulebook.book import AskedSpec, Rulebook
from yihu.rulebook.explain.said import Speaker
from yihu.rulebook.facts import CodeList, Text
from yihu.rulebook.language.names import labels, level_words, parsed
from yihu.rulebook.language.parse import Among, Call, Name, Op, Str, Syntax, Truth

_COMPARED = {
    "=": Text("等于", "is"),
    "!=": Text("不等于", "is not"),
    "<>": Text("不等于", "is not"),
    "<": Text("小于", "is below"),
    "<=": Text("不大于", "is at most"),
    ">": Text("大于", "is above"),
    ">=": Text("不小于", "is at least"),
}
_SINCE = {
    "age": Text("周岁（按{day}）", "age by {day}"),
    "months_since": Text("{day}至今的月数", "months since {day}"),
    "days_since": Text("{day}至今的天数", "days since {day}"),
}


def asked_words(book: Rulebook, spec: AskedSpec, text: str, on: date | None = None) -> Text:
    """A text of the condition in both languages: “…”为是，且“…”大于 0.

    on  the day of which lines stand there with their values; None: by their titles alone
    """
    syntax = parsed(text)
    return Text(*(_Words(book, spec.level, lang, on).of(syntax) for lang in ("zh", "en")))


def asked_since(book: Rulebook, level: str, name: str) -> list[tuple[date, Text]]:
    """When a fact is asked, in words, by the day from which it is so; [] for facts always asked."""
    spec = book.asked.get((level, name))
    return (
        [(since, asked_words(book, spec, text)) for since, text in spec.text.texts] if spec else []
    )


@dataclass(frozen=True, slots=True)
class _Words:
    book: Rulebook
    level: str
    lang: str
    on: date | None = None

    def of(self, syntax: Syntax) -> str:
        """A condition, or a value inside one."""
        match syntax:
            case Op():
                return self._op(syntax)
            case Among():
                return self._among(syntax, denied=False)
            case Name():
                return self._name(syntax, denied=False)
            case Call() if syntax.name[-1] in ("has", "has_any"):
                return self._has(syntax, denied=False)
            case Call() if syntax.name[-1] in _SINCE and len(syntax.args) == 1:
                return self._said(_SINCE[syntax.name[-1]]).format(day=self.value(syntax.args[0]))
        return self.value(syntax)

    def value(self, syntax: Syntax, beside: Syntax | None = None) -> str:
        """A value; quoted words are codes of what they stand beside."""
        if isinstance(syntax, Name):
            return self._label(syntax)
        if isinstance(syntax, Call) and syntax.name[-1] in _SINCE:
            return self.of(syntax)
        if isinstance(syntax, Truth):
            return self._said(Text("是", "yes") if syntax.value else Text("否", "no"))
        if isinstance(syntax, Str):
            name = beside if isinstance(beside, Name) else None
            return f"“{self._coded(name, syntax.text) if name else syntax.text}”"
        speaker = Speaker(self.lang, lambda parts: self._label(Name(0, parts)), self._coded)
        return speaker.text(syntax)

    def _said(self, text: Text) -> str:
        return text.zh if self.lang == "zh" else text.en

    def _op(self, syntax: Op) -> str:
        op, args = syntax.op, syntax.args
        if op in ("and", "or"):
            if between := _between(syntax):
                return self._between(*between)
            joined = {"and": Text("，且", " and "), "or": Text("，或", " or ")}[op]
            return self._said(joined).join(self._tight(arg, op) for arg in args)
        if op == "not":
            return self._denied(args[0])
        if op == "blank":
            return self.value(args[0]) + self._said(Text("还没有答案", " is not answered"))
        if op in _COMPARED:
            return self._compared(op, *args)
        return self.value(syntax)

    def _tight(self, syntax: Syntax, outer: str) -> str:
        loose = isinstance(syntax, Op) and syntax.op in ("and", "or") and syntax.op != outer
        shown = self.of(syntax)
        if not loose or (isinstance(syntax, Op) and _between(syntax)):
            return shown
        return f"（{shown}）" if self.lang == "zh" else f"({shown})"

    def _denied(self, syntax: Syntax) -> str:
        match syntax:
            case Name():
                return self._name(syntax, denied=True)
            case Among():
                return self._among(syntax, denied=True)
            case Call() if syntax.name[-1] in ("has", "has_any"):
                return self._has(syntax, denied=True)
            case Op() if syntax.op == "blank":
                known = Text("已有答案", " is answered")
                return self.value(syntax.args[0]) + self._said(known)
            case Op() if between := _between(syntax):
                return self._between(*between, denied=True)
        inner = self.of(syntax)
        return f"并非（{inner}）" if self.lang == "zh" else f"not ({inner})"

    def _between(self, body: Syntax, low: Syntax, high: Syntax, *, denied: bool = False) -> str:
        a, b = self.value(low, body), self.value(high, body)
        told = Text(f"在 {a} 到 {b} 之间", f" is between {a} and {b}")
        if denied:
            told = Text(f"不在 {a} 到 {b} 之间", f" is not between {a} and {b}")
        return self.value(body) + self._said(told)

    def _compared(self, op: str, left: Syntax, right: Syntax) -> str:
        first, second = self.value(left, right), self.value(right, left)
        word = self._said(_COMPARED[op])
        if isinstance(right, Truth) and self.lang == "zh":
            word = {"等于": "为", "不等于": "不为"}.get(word, word)
        if isinstance(right, Str) and self.lang == "zh":
            word = {"等于": "是", "不等于": "不是"}.get(word, word)
        plain = second[:1].isascii() and self.lang == "zh"
        gap = " " if self.lang == "en" else ""
        return f"{first}{gap}{word}{gap or (' ' if plain else '')}{second}"

    def _among(self, syntax: Among, *, denied: bool) -> str:
        words = [self.value(value, syntax.body) for value in syntax.values]
        verb = Text("不是", " is not ") if denied else Text("是", " is ")
        return self.value(syntax.body) + self._said(verb) + self._listed(words)

    def _has(self, syntax: Call, *, denied: bool) -> str:
        body, *codes = syntax.args
        words = [self.value(code, body) for code in codes]
        verb = Text("没有", " does not include ") if denied else Text("有", " includes ")
        return self.value(body) + self._said(verb) + self._listed(words)

    def _listed(self, words: list[str]) -> str:
        *first, last = words
        if not first:
            return last
        comma, other = (", ", " or ") if self.lang == "en" else ("、", "或")
        return comma.join(first) + other + last

    def _name(self, syntax: Name, *, denied: bool) -> str:
        of, name = self._meant(syntax)
        if (of, name) in self.book.rules:
            verb = Text("不成立", " fails") if denied else Text("成立", " holds")
        else:
            verb = Text("为否", " is no") if denied else Text("为是", " is yes")
        return self._label(syntax) + self._said(verb)

    def _label(self, syntax: Name) -> str:
        parts = syntax.parts
        if parts[0] == "line" and len(parts) == 2 and parts[1] in self.book.lines:
            line = self.book.lines[parts[1]]
            title = self._said(line.title)
            step = line.on(self.on) if self.on else None
            # Money stands in fen inside, and no condition of a question holds any up to now.
            plain = step is not None and "yuan" not in line.unit
            value = f"{step.value}" if step and plain and isinstance(step.value, int) else ""
            return f"{value}〔{title}〕" if self.lang == "zh" else f"{value} [{title}]".strip()
        of, name = self._meant(syntax)
        if name not in self.book.names(of):
            return name
        return f"“{self._said(self.book.label_of(of, name))}”"

    def _meant(self, syntax: Name) -> tuple[str, str]:
        """The level and name of a dotted name."""
        words = level_words(self.book)
        of = words.get(syntax.parts[0], self.level) if len(syntax.parts) > 1 else self.level
        name = syntax.parts[-1]
        return of, name if name in self.book.names(of) else labels(self.book).get((of, name), name)

    def _coded(self, name: Name, word: str) -> str:
        spec = self.book.facts.get(self._meant(name))
        codes: CodeList | None = spec.codes if spec else None
        place = codes.spellings().get(word) if codes else None
        return self._said(codes.codes[place].label) if codes and place is not None else word


def _between(syntax: Op) -> tuple[Syntax, Syntax, Syntax] | None:
    """“x between a and b” is read as x >= a and x <= b, of one and the same x."""
    if syntax.op != "and" or len(syntax.args) != 2:
        return None
    low, high = syntax.args
    if not (isinstance(low, Op) and isinstance(high, Op) and (low.op, high.op) == (">=", "<=")):
        return None
    return (low.args[0], low.args[1], high.args[1]) if low.args[0] is high.args[0] else None
