"""What an entry says: the shape of every kind, checked before it is written. See docs/book.md.

Every kind but `correction` and `gap` may carry facts: {"household": {fact: value}} and
{"members": {person id: {fact: value}}}, in the book of a place {"place": {fact: value}}. A value
of None takes a fact back to unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any, NoReturn
from uuid import UUID

from yihu.book.chain import canonical
from yihu.problems import Problem
from yihu.rulebook.refusals import Phrase

ACTS = ("opened", "joined", "left", "head", "moved", "closed", "reopened")
DECISIONS = ("identified", "exited", "returned", "monitored", "risk_removed", "corrected_out")
#: Categories of monitoring: poor before and not steady, at the edge, struck by sudden trouble.
MONITORED = ("unstable", "marginal", "sudden")
#: Why somebody came or went, as registers write it.
REASONS_JOINED = ("registered", "born", "married_in", "moved_in", "returned", "split", "merged")
REASONS_LEFT = ("died", "married_out", "moved_out", "split", "merged", "not_of_household")
#: Bytes of the largest entry: a form of all facts is under 20 000.
LARGEST = 256 * 1024
FACTS = ("household", "members", "place")
EARLIEST = date(1900, 1, 1)
#: Money is whole fen in 64 bits.
MOST_FEN = 2**63


@dataclass(frozen=True, slots=True)
class Form:
    """What a value must be: the test, and how it is called."""

    fits: Callable[[Any], bool]
    zh: str
    en: str


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _one_of(words: tuple[str, ...]) -> Form:
    listed = ", ".join(words)
    return Form(lambda value: value in words, f"其中之一：{listed}", f"one of {listed}")


def _is_amount(value: Any) -> bool:
    """A table whose yuan, if it says any, are whole fen that a register can hold."""
    if not isinstance(value, dict):
        return False
    yuan = value.get("yuan", 0)
    if isinstance(yuan, bool) or not isinstance(yuan, int | float) or not isfinite(yuan):
        return False
    return 0 <= yuan * 100 < MOST_FEN and round(yuan * 100) == round(yuan * 100, 4)


ID = Form(_is_id, "编号（UUID，小写）", "an id (UUID in small letters)")
WORDS = Form(lambda v: isinstance(v, str) and bool(v.strip()), "文字", "words")
ANY_WORDS = Form(lambda v: isinstance(v, str), "文字", "words")
YES_NO = Form(lambda v: isinstance(v, bool), "true 或 false", "true or false")
NUMBER = Form(
    lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0,
    "不小于 0 的整数", "a whole number, not below 0",
)  # fmt: skip
NUMBER_OF_ENTRY = Form(
    lambda _: True, "本册要撤销的那一条的编号", "the number of the entry it undoes"
)
NOTHING = Form(
    lambda v: v is None, "不填（只有更正才撤销别的记录）", "nothing: only corrections undo"
)
DAY = Form(_is_day, "日期（如 2020-09-01）", "a day like 2020-09-01")
LIST = Form(lambda v: isinstance(v, list), "列表", "a list")
TABLE = Form(lambda v: isinstance(v, dict), "名称与值", "names with values")
AMOUNT = Form(
    _is_amount, "名称与值，其中 yuan 不小于 0，最多两位小数",
    "names with values, of which yuan is not below 0 and has two decimals at most",
)  # fmt: skip
SHA256 = Form(
    lambda v: isinstance(v, str) and len(v) == 64 and set(v) <= set("0123456789abcdef"),
    "SHA-256（64 个小写十六进制字符）", "a SHA-256 (64 small hexadecimal signs)",
)  # fmt: skip

#: act → (what it must say, what it may say besides).
ACT_FORMS: dict[str, tuple[dict[str, Form], dict[str, Form]]] = {
    "opened": ({"code": WORDS, "place": WORDS}, {"from": ID}),
    "joined": (
        {"person": ID, "why": _one_of(REASONS_JOINED)}, {"from": ID, "head": YES_NO},
    ),
    "left": ({"person": ID, "why": _one_of(REASONS_LEFT)}, {"to": ID, "into": ID}),
    "head": ({"person": ID}, {}),
    "moved": ({"place": WORDS}, {"why": ANY_WORDS}),
    "closed": ({"why": WORDS}, {"into": ID}),
    "reopened": ({"why": WORDS}, {}),
}  # fmt: skip

#: kind → (what it must say, what it may say besides facts). A new kind or word is written here.
KIND_FORMS: dict[str, tuple[dict[str, Form], dict[str, Form]]] = {
    "facts": (
        {}, {"words": ANY_WORDS, "carried": TABLE, "evidence": LIST, "submission": TABLE},
    ),
    "people": ({"acts": LIST}, {"words": ANY_WORDS, "evidence": LIST}),
    "visit": (
        {}, {"words": ANY_WORDS, "with": LIST, "until": ANY_WORDS, "place_of_visit": TABLE,
             "evidence": LIST, "promised": LIST, "visit": ID, "effort": TABLE, "submission": TABLE},
    ),
    "help": (
        {}, {"words": ANY_WORDS, "measure": ANY_WORDS, "amount": AMOUNT, "programme": ANY_WORDS,
             "person": ID, "evidence": LIST},
    ),
    "decision": (
        {"did": _one_of(DECISIONS)},
        {"category": _one_of(MONITORED), "why": ANY_WORDS, "case": ANY_WORDS, "evidence": LIST,
         "words": ANY_WORDS},
    ),
    "signature": (
        {"of": WORDS}, {"person": ID, "evidence": LIST, "words": ANY_WORDS, "entries": LIST},
    ),
    "evidence": (
        {"sha256": SHA256, "type": WORDS, "size": NUMBER},
        {"name": ANY_WORDS, "words": ANY_WORDS, "person": ID, "about": TABLE},
    ),
    "correction": ({"why": WORDS}, {}),
    "import": (
        {}, {"words": ANY_WORDS, "file": ANY_WORDS, "sheet": ANY_WORDS, "row": NUMBER,
             "acts": LIST, "numbers": TABLE},
    ),
    "comparison": (
        {}, {"words": ANY_WORDS, "department": ANY_WORDS, "difference": ANY_WORDS, "why": ANY_WORDS,
             "list": ANY_WORDS, "ours": TABLE, "theirs": TABLE, "acts": LIST},
    ),
    "gap": ({"gap": ID, "did": WORDS}, {}),
}  # fmt: skip


def says_anything(says: Any) -> bool:
    """Does a value stand anywhere in it? No is one, and so is `null`, which takes a fact back."""
    if isinstance(says, dict):
        return any(says_anything(value) for value in says.values())
    if isinstance(says, list):
        return any(says_anything(value) for value in says)
    return not isinstance(says, str) or bool(says.strip())


def facts_in(says: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(whose, fact, value) of all an entry says; whose: "household", "place" or a person's id."""
    for whose in ("household", "place"):
        for fact, value in says.get(whose, {}).items():
            yield whose, fact, value
    for person, facts in says.get("members", {}).items():
        for fact, value in facts.items():
            yield person, fact, value


def require_shape(kind: str, says: Any, *, of_place: bool) -> None:
    """Refuse what is not of the shape of its kind.

    of_place  the entry is for the book of a place, not of a household
    Raises    Problem: book.bad_shape, book.bad_text
    """
    if kind not in KIND_FORMS:
        _refuse("kind", kind, _one_of(tuple(KIND_FORMS)))
    if not TABLE.fits(says):
        _refuse("says", says, TABLE)
    _require_signs(kind, says)
    must, may = KIND_FORMS[kind]
    if kind == "gap":
        _require(says, must, {key: Form(lambda _: True, "", "") for key in says}, kind)
        return
    facts = () if kind == "correction" else (("place",) if of_place else FACTS[:2])
    _require(says, must, may | dict.fromkeys(facts, TABLE), kind)
    for person, of in says.get("members", {}).items():
        if not _is_id(person):
            _refuse(f"{kind}.members", person, ID)
        if not TABLE.fits(of):
            _refuse(f"{kind}.members.{person}", of, TABLE)
    for act in says.get("acts", ()):
        _require_act(kind, act, of_place=of_place)
    if kind == "decision" and (says["did"] == "monitored") != ("category" in says):
        _refuse("decision.category", says.get("category"), may["category"])


def require_undoes(kind: str, undoes: int | None) -> None:
    """A correction names the entry it undoes, and nothing else does. Raises Problem."""
    if (kind == "correction") != (undoes is not None and undoes >= 1):
        _refuse(f"{kind}.undoes", undoes, NUMBER_OF_ENTRY if kind == "correction" else NOTHING)


def _require_act(kind: str, act: Any, *, of_place: bool) -> None:
    if of_place or not TABLE.fits(act) or act.get("did") not in ACT_FORMS:
        _refuse(f"{kind}.acts", act, _one_of(() if of_place else ACTS))
    must, may = ACT_FORMS[act["did"]]
    _require(act, {"did": WORDS, **must}, may, f"{kind}.acts.{act['did']}")


def _require(
    says: Mapping[str, Any], must: Mapping[str, Form], may: Mapping[str, Form], at: str
) -> None:
    for key, form in must.items():
        if key not in says or not form.fits(says[key]):
            _refuse(f"{at}.{key}", says.get(key), form)
    for key, value in says.items():
        if key in must:
            continue
        if key not in may:
            _refuse(at, key, _one_of((*must, *may)))
        if not may[key].fits(value):
            _refuse(f"{at}.{key}", value, may[key])


def require_writable(kind: str, says: dict[str, Any]) -> None:
    """Refuse what the chain or one of the databases cannot keep, in its final spelling.

    Raises  Problem: book.bad_text, book.too_long
    """
    try:
        size = len(canonical(says))
    except (TypeError, ValueError) as wrong:
        # A number that is none, a thing that is no text, number, list or table.
        raise Problem("book.bad_text", kind=kind, found=str(wrong)[:100]) from None
    if size > LARGEST:
        raise Problem("book.too_long", kind=kind, size=size, most=LARGEST)


#: Control signs but tab and the ends of lines, and those that turn the direction of reading.
_STEERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _require_signs(kind: str, value: Any) -> None:
    """Refuse signs nobody types.

    PostgreSQL keeps no NUL, half a sign has no spelling in UTF-8, and what steers a screen or turns
    the order of reading makes a text seem to say another thing than it does.
    """
    if isinstance(value, str):
        if _STEERS.search(value) or _has_half_signs(value):
            raise Problem("book.bad_text", kind=kind, found=ascii(value)[:80])
    elif isinstance(value, dict):
        for key, of in value.items():
            _require_signs(kind, key)
            _require_signs(kind, of)
    elif isinstance(value, list):
        for of in value:
            _require_signs(kind, of)


def _has_half_signs(text: str) -> bool:
    """Whether half of a sign of two halves stands alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _refuse(at: str, found: Any, form: Form) -> NoReturn:
    shown = "—" if found is None else str(found)[:80]
    raise Problem("book.bad_shape", at=at, found=shown, expected=Phrase(form.en, form.zh))
