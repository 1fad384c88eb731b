"""What may be written: the facts of the active rulebook, and one spelling for each value.

A value stands in the book as it stands on a card: money in yuan, days as 2020-09-01, months as
2020-09, codes by their key. Values of the class `secret` are sealed before they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings

from yihu.access.sealing import Keys, keys_in, normal
from yihu.book.models import Entry
from yihu.problems import Problem
from yihu.rulebook import read
from yihu.rulebook.book import Rulebook
from yihu.rulebook.cards import value_of
from yihu.rulebook.days import day_of, month_text
from yihu.rulebook.facts import FactSpec, Text
from yihu.rulebook.language.patterns import fits
from yihu.rulebook.refusals import Refused, meant, nearest

PERSON, HOUSEHOLD = "person", "household"


@lru_cache(maxsize=4)
def _read(name: str) -> Rulebook:
    return read.rulebook(name)


def active() -> Rulebook:
    """The rulebook in use; read once a process."""
    return _read(settings.RULEBOOK)


def keys() -> Keys:
    """The keys that seal secret values; made at the first call of an installation.

    Raises  Problem (keys.missing): values are sealed and the file is gone. New keys in its place
            would open nothing, and hide that the old ones are missing.
    """
    if not settings.KEYS.exists() and Entry.objects.filter(sealed__isnull=False).exists():
        raise Problem("keys.missing", status=500, path=settings.KEYS)
    return keys_in(settings.KEYS)


def spec_of(level: str, fact: str) -> FactSpec:
    """What the rulebook says of a fact. Raises Problem (book.unknown_fact)."""
    found = active().facts.get((level, fact))
    if found is not None:
        return found
    label = next((each.label for each in active().levels if each.name == level), None)
    phrase = meant(nearest(fact, [name for at, name in active().facts if at == level]))
    raise Problem(
        "book.unknown_fact", fact=fact, level=label.en if label else level,
        level_zh=label.zh if label else level, suggestion=phrase, suggestion_zh=phrase.zh,
    )  # fmt: skip


def is_secret(level: str, fact: str) -> bool:
    """Is the fact sealed at rest?"""
    found = active().facts.get((level, fact))
    return found is not None and found.privacy == "secret"


def written(level: str, fact: str, value: Any) -> Any:
    """A value in the one spelling of the book; None stays None (known to be not known).

    The form of a text, such as a telephone number's, is not judged here: books hold what registers
    and phones brought, and entries carry it from one book to another. What people write anew, by a
    form or a sheet, is asked for its form of that day as well: see `other_form`.

    Raises Problem (book.unknown_fact, book.bad_value)
    """
    spec = spec_of(level, fact)
    if value is None or value == "":
        return None
    try:
        found = value_of(spec, value)
    except Refused as refused:
        raise Problem(
            "book.bad_value",
            fact=spec.label.en, fact_zh=spec.label.zh, found=refused.details["found"],
            expected=refused.details["expected"],
            expected_zh=getattr(refused.details["expected"], "zh", refused.details["expected"]),
        ) from None  # fmt: skip
    return spelled(spec, found)


def require_kept(level: str, facts: Mapping[str, Any]) -> None:
    """Refuse to empty a fact whoever has it keeps: without a name nobody finds the person.

    facts   in the spelling of the book
    Raises  Problem (book.kept)
    """
    emptied = [spec_of(level, fact) for fact, value in facts.items() if value is None]
    for spec in emptied:
        if spec.keep:
            raise Problem("book.kept", fact=spec.label.en, fact_zh=spec.label.zh)


def is_kept(level: str, fact: str) -> bool:
    """Is it a fact that is corrected and never emptied?"""
    found = active().facts.get((level, fact))
    return found is not None and found.keep


def other_form(spec: FactSpec, text: str, on: date) -> Text | None:
    """The forms a text may have on a day, in words, where it has none of them.

    >>> from yihu.rulebook.facts import Form
    >>> mobile = Form("mobile", Text("11位手机号", "11 figures"), "1[3-9][0-9]{9}")
    >>> phone = FactSpec("person", "phone", "text", Text("电话", "phone"), forms=(mobile,))
    >>> other_form(phone, "123", date(2020, 6, 30)).zh
    '11位手机号'
    """
    forms = [form for form in spec.forms if form.in_use(on)]
    if not forms or any(fits(form.pattern)(text) for form in forms):
        return None
    zh, en = ([getattr(form.label, lang) for form in forms] for lang in ("zh", "en"))
    return Text("或".join(zh), " or ".join(en))


def wrong_form(level: str, fact: str, value: Any, on: date) -> Text | None:
    """The forms a text may have on a day, where somebody writes it anew in none of them.

    Raises Problem (book.unknown_fact, book.bad_value)
    """
    found = written(level, fact, value) if isinstance(value, str) else None
    return other_form(spec_of(level, fact), found, on) if isinstance(found, str) else None


def spelled(spec: FactSpec, found: Any) -> Any:
    """A value in the form of the tree → as the book writes it."""
    if found is None:
        return None
    if spec.kind == "money":
        return found // 100 if found % 100 == 0 else found / 100
    if spec.kind == "date":
        return day_of(found).isoformat()
    if spec.kind == "month":
        return month_text(found)
    if spec.kind == "code" and spec.codes:
        return spec.codes.codes[found].key
    if spec.kind == "codes" and spec.codes:
        return [code.key for place, code in enumerate(spec.codes.codes) if found >> place & 1]
    return normal(found) if spec.kind == "identity" else found


def sealed(level: str, facts: Mapping[str, Any], tokens: dict[str, str]) -> dict[str, Any]:
    """The facts with secret values as {"sealed": commitment}; their tokens are added."""
    made: dict[str, Any] = {}
    for fact, value in facts.items():
        if value is not None and is_secret(level, fact) and not isinstance(value, dict):
            commitment, tokens[commitment] = keys().seal(str(value))
            made[fact] = {"sealed": commitment}
        else:
            made[fact] = value
    return made
