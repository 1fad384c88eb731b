"""One TOML entry with its place: what it may hold, read strictly.

Every value of a wrong kind is refused by name here, so that nothing later meets a list where a
text should be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from yihu.rulebook.book import Dated
from yihu.rulebook.facts import Text
from yihu.rulebook.language.tokens import RESERVED
from yihu.rulebook.refusals import Phrase, Refused, meant, nearest

#: Furthest from 0 a written amount, bound or threshold may be.
WIDEST_NUMBER = 10**15
_NAME = re.compile(r"[^\W\d]\w*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of TOML with its place."""

    key: str
    body: Any
    where: str
    folder: Path

    def refuse(self, why: str, zh: str, advice: Phrase | None = None) -> Refused:
        """The refusal of this entry."""
        return Refused(
            "rulebook.bad_entry",
            at=self.where,
            what=self.key,
            why=why,
            why_zh=zh,
            advice=advice or Phrase("", ""),
        )

    def inner(self, name: str, body: Any) -> Entry:
        """A piece inside this one."""
        return Entry(f"{self.key}.{name}" if name else self.key, body, self.where, self.folder)

    def only(self, *known: str, days: bool = False) -> None:
        """Refuse what is no table, and keys that mean nothing; with days, dated keys may stand."""
        if not isinstance(self.body, Mapping):
            raise self.refuse("expected a table of keys and values", "此处应为键值表")
        for key in self.body:
            if key not in known and not (days and _DAY.fullmatch(str(key))):
                near = meant(nearest(str(key), known))
                raise self.refuse(f"unknown key “{key}”{near}", f"未知键“{key}”{near.zh}")

    def need(self, key: str) -> Any:
        """A key that must be there."""
        if key not in self.body:
            raise self.refuse(f"“{key}” is missing", f"缺少“{key}”")
        return self.body[key]

    def text(self, key: str, default: str | None = "") -> str:
        """A text; with default None it must be there and not be empty."""
        value = self.need(key) if default is None else self.body.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.refuse(f"{key} is a text, not {_shown(value)}", f"{key} 应为文字")
        return value

    def choice(self, key: str, known: Collection[str], default: str = "") -> str:
        """A key whose value is one of a few words."""
        word = self.body.get(key, default)
        if word not in tuple(known) and (word or key in self.body):
            raise self.refuse(
                f"{key} = {_shown(word)}; expected one of {', '.join(known)}",
                f"{key} = {_shown(word)}，应为 {'、'.join(known)} 之一",
            )
        return str(word)

    def truth(self, key: str) -> bool:
        """A key that is true or false; false where it does not stand."""
        value = self.body.get(key, False)
        if not isinstance(value, bool):
            raise self.refuse(f"{key} is true or false", f"{key} 应为 true 或 false")
        return value

    def day(self, key: str) -> date | None:
        """A key that is a day."""
        value = self.body.get(key)
        if value is None or (isinstance(value, date) and is_day(value)):
            return value
        raise self.refuse(f"{key} is a day such as 2020-09-01", f"{key} 应为日期，如 2020-09-01")

    def words(self, key: str) -> tuple[str, ...]:
        """One word or a list of words."""
        value = self.body.get(key, ())
        parts = [value] if _is_word(value) else value
        if (
            isinstance(parts, str)
            or not isinstance(parts, Sequence)
            or not all(map(_is_word, parts))
        ):
            raise self.refuse(f"{key} is a word or a list of words", f"{key} 应为词或词的列表")
        return tuple(str(part) for part in parts)

    def both(self, key: str, default: str = "") -> Text:
        """A phrase in both languages: { zh = "…", en = "…" }."""
        body = self.body.get(key, {"zh": default, "en": default} if default else None)
        if isinstance(body, Mapping) and set(body) == {"zh", "en"}:
            zh, en = body["zh"], body["en"]
            if isinstance(zh, str) and isinstance(en, str) and zh.strip() and en.strip():
                return Text(zh, en)
        raise self.refuse(f"{key} needs {{ zh = …, en = … }}", f"{key} 需要 zh 与 en 两种文字")

    def cited(self, key: str) -> Text | None:
        """Words of who wrote the rule: one text, shown as it is, or one in each language."""
        body = self.body.get(key)
        if isinstance(body, Mapping):
            return self.both(key)
        words = self.text(key)
        return Text(words, words) if words else None

    def need_cited(self, key: str) -> Text:
        """As before, of what must say where it stands."""
        if isinstance(self.body.get(key), Mapping):
            return self.both(key)
        words = self.text(key, None)
        return Text(words, words)

    def name(self, name: str) -> str:
        """A name that rules may use. Refuses words that mean themselves."""
        if not _NAME.fullmatch(name):
            raise self.refuse(
                f"“{name}” is not a name",
                f"“{name}”不是名称",
                Phrase("Letters, figures and _ only. ", "只用字母、汉字、数字和 _。"),
            )
        if name.lower() in RESERVED:
            raise self.refuse(f"“{name}” is a word of the language", f"“{name}”是规则语言的用词")
        return name

    def dated(self, key: str) -> Dated:
        """One text, or texts by the day they come into force."""
        value = self.need(key)
        if isinstance(value, str):
            return Dated(((date.min, value),))
        if not isinstance(value, Mapping) or not value:
            raise self.refuse(
                f"{key} is a text, or texts by day", f"{key} 应为文本，或按日期的文本"
            )
        steps = []
        for day, text in value.items():
            if not isinstance(text, str):
                raise self.refuse(f"{key} of {day} is a text", f"{key} 在 {day} 的值应为文本")
            steps.append((self.day_of(day), text))
        return Dated(tuple(sorted(steps)))

    def day_of(self, key: object) -> date:
        """A key that is a day, as 2017-01-01."""
        try:
            if _DAY.fullmatch(str(key)):
                return date.fromisoformat(str(key))
        except ValueError:
            pass
        raise self.refuse(
            f"“{key}” is not a day; write 2017-01-01", f"“{key}”不是日期；请写 2017-01-01"
        )


def is_day(value: object) -> bool:
    """Whether a value is a day without a time of day."""
    return isinstance(value, date) and not isinstance(value, datetime)


def is_number(value: object) -> bool:
    """Whether a value is a number of a size that amounts and thresholds have."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= WIDEST_NUMBER


def _is_word(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, str) or is_number(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
