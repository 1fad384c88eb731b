"""Why something was read, as the log keeps it → in the words of whoever looks at the log.

What the desk itself notes comes first, in short words and `name=value`; what somebody typed follows
and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.status import STATUSES
from yihu.exchange.out import LISTS
from yihu.exchange.returned import CALLED
from yihu.ledger.topics import department_label, topic_label
from yihu.naming import GAP_STATES
from yihu.places.models import Place
from yihu.sync.devices import ANEW, LEFT, TOO_MANY_PINS
from yihu.web.says import label, said

Pair = tuple[str, str]
#: What the desk notes of a reading: the longest that fits counts.
NOTED: dict[str, Pair] = {
    "visits due": ("走访安排", "visits due"),
    "visit rates": ("走访率", "visit rates"),
    "book entry": ("户册记录", "book entry"),
    "API": ("接口", "API"),
    "card": ("帮扶联系卡", "card"),
    "handbook": ("帮扶手册", "handbook"),
    "table": ("表格", "table"),
    "form": ("上级表样", "form"),
    "gap": ("问题", "gap"),
    "entry": ("记录", "entry"),
    "sign": ("帮扶不实线索", "sign of hollow help"),
    "notice": ("通知", "notice"),
    "phone": ("下发到手机", "carried to a phone"),
    **{name: (text.zh, text.en) for name, text in LISTS.items()},
    **{f"{name}:": (f"{zh}：", f"{en}:") for name, (zh, en) in CALLED.items()},
}
#: What is done with an account.
ACCOUNT: dict[str, Pair] = {
    "made": ("新建账号", "account made"),
    "appoint": ("任命", "appointed"),
    "end_post": ("结束岗位", "post ended"),
    "new_password": ("换一次性密码", "new one-time password"),
    "unlock": ("解除锁定", "lock lifted"),
    "second_factor": ("取消动态验证码", "second factor taken away"),
    "close": ("停用账号", "account closed"),
}
FILTERS: dict[str, Pair] = {
    "place": ("地方", "place"), "status": ("登记状态", "status"), "state": ("状态", "state"),
    "rule": ("规则", "rule"), "battle": ("战役", "topic"), "department": ("部门", "department"),
    "origin": ("来源", "origin"), "due": ("期限", "deadline"), "answer": ("结论", "answer"),
}  # fmt: skip
#: What programs and the desk note themselves; of all else the reason is somebody's own words.
NOTED_BY_DESK = ("exported", "unmasked export", "printed", "unmasked print", "evidence", "carried")


def why_said(what: str, why: str, places: Mapping[str, str] | None = None) -> str:
    """The reason of a reading.

    what, why  as the log keeps them
    places     code → name of the places its reasons may name
    """
    known = places or {}
    if why in (LEFT, TOO_MANY_PINS, ANEW):
        return said(*why.split(" / "))
    if what == "account":
        did, _, rest = why.partition(" ")
        words = [said(*ACCOUNT.get(did, (did, did)))]
        return " ".join([*words, *(_role(word, known) for word in rest.split(" "))]).strip()
    return _noted(why, known) if what in NOTED_BY_DESK else why


def places_in(whys: Iterable[str], scope: Scope) -> dict[str, str]:
    """Code → name of the places reached that reasons of the log name."""
    codes = {code for why in whys for code in _CODE.findall(why)}
    rows = scope.of(Place).filter(code__in=codes)
    return dict(rows.values_list("code", "name")) if codes else {}


_CODE = re.compile(r"\b\d{2,15}\b")


def _role(word: str, places: Mapping[str, str]) -> str:
    role = ROLES.get(word)
    return said(role.zh, role.en) if role else places.get(word, word)


def _noted(why: str, places: Mapping[str, str]) -> str:
    found, rest = [], why
    while rest:
        key = next((each for each in _LONGEST_FIRST if _begins(rest, each)), "")
        word = key or rest.partition(" ")[0]
        if not key and "=" not in word and not _is_number(word):
            break
        found.append(said(*NOTED[key]) if key else _filter(word, places))
        rest = rest[len(word) :].lstrip(" ")
    return " ".join([*found, rest]).strip()


_LONGEST_FIRST = sorted(NOTED, key=len, reverse=True)


def _begins(text: str, word: str) -> bool:
    return text == word or text.startswith(f"{word} ")


def _is_number(word: str) -> bool:
    return word.replace("-", "").isalnum() and any(sign.isdigit() for sign in word)


def _filter(word: str, places: Mapping[str, str]) -> str:
    """status=poor or state=all&battle=education, in words."""
    if "=" not in word:
        return word
    pairs = parse_qsl(word, keep_blank_values=True)
    return said("，", ", ").join(
        f"{said(*FILTERS.get(name, (name, name)))} {_value(name, value, places)}"
        for name, value in pairs
    )


def _value(name: str, value: str, places: Mapping[str, str]) -> str:
    if name == "place":
        return places.get(value, value)
    if name == "status" and value in STATUSES:
        return said(*STATUSES[value])
    if name == "state" and value in GAP_STATES:
        return said(*GAP_STATES[value])
    if name == "battle":
        return label(topic_label(value))
    if name == "department":
        return label(department_label(value))
    rule = dictionary.active().rule(value) if name == "rule" else None
    return label(rule.title) if rule else value
