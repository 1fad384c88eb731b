"""Values and texts of rules as people read them, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from yihu.rulebook.days import day_of, day_said, month_said
from yihu.rulebook.facts import CodeList
from yihu.rulebook.language.parse import Among, Call, CaseOf, Name, Num, Op, Str, Syntax, Truth
from yihu.rulebook.tree import Type

WORDS = {
    "unknown": {"zh": "未知", "en": "unknown"},
    "holds": {"zh": "成立", "en": "holds"},
    "fails": {"zh": "不成立", "en": "fails"},
    True: {"zh": "是", "en": "yes"},
    False: {"zh": "否", "en": "no"},
}
#: Functions and words of the language as people say them in Chinese; English keeps its own.
_ZH_FUNCTIONS = {
    "any": "任一", "all": "全部", "count": "人数", "share": "占比", "sum": "合计", "min": "最小",
    "max": "最大", "avg": "平均", "only": "唯一", "at_least": "至少", "if_unknown": "未知时取",
    "capped": "不超过", "not_below": "不低于", "age": "周岁", "has": "包含", "has_any": "包含其一",
}  # fmt: skip
_JOINED = {"zh": {"and": " 且 ", "or": " 或 "}, "en": {"and": " and ", "or": " or "}}


def value(
    found: object, kind: Type, lang: str, *, codes: CodeList | None = None, money: str = "yuan"
) -> str:
    """A value of the tree as people write it; None is unknown.

    >>> value(280000, Type.MONEY, "en")
    '2,800.00 yuan'
    """
    if found is None or isinstance(found, bool):
        return WORDS["unknown" if found is None else found][lang]
    if kind in (Type.MONEY, Type.MONEY_REAL):
        unit = "元" if lang == "zh" and money == "yuan" else f" {money}"
        return f"{Decimal(str(found)) / 100:,.2f}{unit}"
    if isinstance(found, int):
        return _whole(found, kind, lang, codes)
    if isinstance(found, float):
        return f"{found:,.3f}".rstrip("0").rstrip(".")
    return str(found)


def whole_money(fen: float, lang: str, money: str = "yuan") -> str:
    """An amount as far as it must reach: up to the next whole unit.

    >>> whole_money(100, "en"), whole_money(123401, "zh")
    ('1 yuan', '1,235元')
    """
    unit = "元" if lang == "zh" and money == "yuan" else f" {money}"
    return f"{ceil(Decimal(str(fen)) / 100):,}{unit}"


def percent(found: float) -> str:
    """A share in per cent.

    >>> percent(0.9), percent(0.025)
    ('90%', '2.5%')
    """
    return f"{100 * found:,.2f}".rstrip("0").rstrip(".") + "%"


def _whole(found: int, kind: Type, lang: str, codes: CodeList | None) -> str:
    """A day, month, code, several codes, or a plain whole number."""
    if kind is Type.DATE:
        return day_said(day_of(found), lang)
    if kind is Type.MONTH:
        return month_said(found, lang)
    if codes is None or kind not in (Type.CODE, Type.CODES):
        return str(found)
    labels = [c.label.zh if lang == "zh" else c.label.en for c in codes.codes]
    if kind is Type.CODE:
        return labels[found]
    chosen = [label for i, label in enumerate(labels) if found >> i & 1]
    return ("、" if lang == "zh" else ", ").join(chosen)


def truth(found: object, lang: str) -> str:
    """holds, fails or unknown in words."""
    word = {True: "holds", False: "fails", None: "unknown"}[
        found if isinstance(found, bool) else None
    ]
    return WORDS[word][lang]


@dataclass(frozen=True, slots=True)
class Speaker:
    """How names and quoted codes of a text are said.

    named   parts of a name → its label
    coded   name beside which a quoted word stands, the word → the code's label, or the word
    """

    lang: str
    named: Callable[[tuple[str, ...]], str]
    coded: Callable[[Name, str], str]

    def text(self, syntax: Syntax) -> str:
        """A piece of a rule's text written out again."""
        match syntax:
            case Name():
                found = self.named(syntax.parts)
            case Among():
                listed = ", ".join(self._beside(syntax.body, v) for v in syntax.values)
                found = f"{self._tight(syntax.body)} {self._word('in', '属于')} ({listed})"
            case CaseOf():
                when, then = self._word("when", "若"), self._word("then", "则")
                arms = " ".join(
                    f"{when} {self.text(c)} {then} {self.text(v)}" for c, v in syntax.arms
                )
                found = f"{arms} {self._word('else', '否则')} {self.text(syntax.otherwise)}"
            case Call():
                found = self._call(syntax)
            case Op():
                found = self._op(syntax)
            case _:
                found = _constant(syntax, self.lang)
        return found

    def _word(self, en: str, zh: str) -> str:
        return zh if self.lang == "zh" else en

    def _tight(self, part: Syntax) -> str:
        loose = isinstance(part, Op) and part.op in ("and", "or", "+", "-")
        return f"({self.text(part)})" if loose else self.text(part)

    def _beside(self, name: Syntax, value: Syntax) -> str:
        if isinstance(name, Name) and isinstance(value, Str):
            return _constant(Str(value.at, self.coded(name, value.text)), self.lang)
        return self._tight(value)

    def _call(self, syntax: Call) -> str:
        args = ", ".join(self.text(a) for a in syntax.args)
        weight = f", weight = {self.text(syntax.weight)}" if syntax.weight else ""
        where = f" where {self.text(syntax.where)}" if syntax.where else ""
        name = syntax.name[-1]
        name = _ZH_FUNCTIONS.get(name, name) if self.lang == "zh" else name
        return f"{name}({args}{weight}{where})"

    def _op(self, syntax: Op) -> str:
        first = syntax.args[0]
        if syntax.op in ("and", "or"):
            return _JOINED[self.lang][syntax.op].join(self._tight(a) for a in syntax.args)
        if syntax.op == "not":
            return ("非 " if self.lang == "zh" else "not ") + self._tight(first)
        if syntax.op == "blank":
            return self._tight(first) + (" 为空" if self.lang == "zh" else " is blank")
        if syntax.op == "neg":
            return "-" + self._tight(first)
        second = syntax.args[1]
        return f"{self._beside(second, first)} {syntax.op} {self._beside(first, second)}"


def _constant(syntax: Syntax, lang: str) -> str:
    if isinstance(syntax, Num):
        return syntax.text + ("%" if syntax.percent else "")
    if isinstance(syntax, Str):
        return f"‘{syntax.text}’" if lang == "zh" else f"'{syntax.text}'"
    return WORDS[syntax.value][lang] if isinstance(syntax, Truth) else ""
