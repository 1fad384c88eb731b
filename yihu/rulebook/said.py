"""Values and texts of rules as people read them, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from yihu.rulebook.days import day_of, month_text
from yihu.rulebook.facts import CodeList
from yihu.rulebook.parse import Among, Call, CaseOf, Name, Num, Op, Str, Syntax, Truth
from yihu.rulebook.tree import Type

WORDS = {
    "unknown": {"zh": "未知", "en": "unknown"},
    "holds": {"zh": "成立", "en": "holds"},
    "fails": {"zh": "不成立", "en": "fails"},
    True: {"zh": "是", "en": "yes"},
    False: {"zh": "否", "en": "no"},
}
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
        return f"{found:,.4g}" if abs(found) < 1e4 else f"{found:,.2f}"
    return str(found)


def _whole(found: int, kind: Type, lang: str, codes: CodeList | None) -> str:
    """A day, month, code, several codes, or a plain whole number."""
    if kind is Type.DATE:
        return day_of(found).isoformat()
    if kind is Type.MONTH:
        return month_text(found)
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


def text(syntax: Syntax, lang: str, named: Callable[[tuple[str, ...]], str]) -> str:
    """A piece of a rule's text written out again, its names as `named` gives them."""

    def say(part: Syntax, tight: bool = False) -> str:
        inner = text(part, lang, named)
        loose = isinstance(part, Op) and part.op in ("and", "or", "+", "-")
        return f"({inner})" if tight and loose else inner

    match syntax:
        case Name():
            found = named(syntax.parts)
        case Among():
            listed = ", ".join(say(v) for v in syntax.values)
            found = f"{say(syntax.body, True)} in ({listed})"
        case CaseOf():
            arms = " ".join(f"when {say(c)} then {say(v)}" for c, v in syntax.arms)
            found = f"case {arms} else {say(syntax.otherwise)} end"
        case Call():
            found = _call(syntax, say)
        case Op():
            found = _op(syntax, lang, say)
        case _:
            found = _constant(syntax, lang)
    return found


def _constant(syntax: Syntax, lang: str) -> str:
    if isinstance(syntax, Num):
        return syntax.text + ("%" if syntax.percent else "")
    if isinstance(syntax, Str):
        return f"‘{syntax.text}’" if lang == "zh" else f"'{syntax.text}'"
    return WORDS[syntax.value][lang] if isinstance(syntax, Truth) else ""


def _call(syntax: Call, say: Callable[..., str]) -> str:
    args = ", ".join(say(a) for a in syntax.args)
    weight = f", weight = {say(syntax.weight)}" if syntax.weight else ""
    where = f" where {say(syntax.where)}" if syntax.where else ""
    return f"{'.'.join(syntax.name)}({args}{weight}{where})"


def _op(syntax: Op, lang: str, say: Callable[..., str]) -> str:
    if syntax.op in ("and", "or"):
        return _JOINED[lang][syntax.op].join(say(a, True) for a in syntax.args)
    if syntax.op == "not":
        return ("非 " if lang == "zh" else "not ") + say(syntax.args[0], True)
    if syntax.op == "blank":
        return say(syntax.args[0], True) + (" 为空" if lang == "zh" else " is blank")
    if syntax.op == "neg":
        return "-" + say(syntax.args[0], True)
    return f"{say(syntax.args[0], True)} {syntax.op} {say(syntax.args[1], True)}"
