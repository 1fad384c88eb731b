"""Template tags: both languages where they are used, `{% t "今日" "Today" %}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from yihu.rulebook.days import day_said
from yihu.rulebook.facts import Text

register = template.Library()
_WHOLE = re.compile(r"(-?)([0-9]{1,30})")


def language() -> str:
    """The language of the page: zh or en."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def said(zh: str, en: str) -> str:
    """The phrase in the language the page is read in."""
    return en if language() == "en" else zh


class Phrase(template.Node):
    """A phrase of a template that nothing is filled into, escaped when the template is read."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = escape(zh), escape(en)

    def render(self, context: template.Context) -> SafeString:
        """The phrase in the language of the page."""
        return self.en if language() == "en" else self.zh


#: A brace that is filled, or the two endings of a word of which a number chooses one.
_PARTS = re.compile(r"\{(\w+)[^}]*\}|\[([^\[\]|]*)\|?([^\[\]|]*)\]")


def phrase(zh: str, en: str, **details: Any) -> str:
    """A phrase in the language of the page; details fill its braces.

    The number before an ending in brackets, or else the first detail, chooses it: what stands for
    many and, after a stroke, for one.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     phrase("{n} 条", "{n} entr[ies|y] and {m} photo[s]", n=1, m=2)
    '1 entry and 2 photos'
    """
    if language() != "en":
        return zh.format(**details) if details else zh
    if "[" in en and details:
        en = _numbered(en, details)
    return en.format(**details) if details else en


def _numbered(text: str, details: dict[str, Any]) -> str:
    """The text with the endings its numbers choose; they are chosen before anything is filled."""
    counted = next(iter(details))

    def chosen(found: re.Match[str]) -> str:
        nonlocal counted
        if found[1] is not None:
            counted = found[1]
            return found[0]
        return found[3] if str(details.get(counted)) == "1" else found[2]

    return _PARTS.sub(chosen, text)


_filled = template.Library()
_filled.simple_tag(phrase, name="t")


@register.tag
def t(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    """A phrase in both languages: `{% t "今日" "Today" %}`; details fill its braces."""
    given = token.split_contents()[1:]
    if len(given) == 2 and all(len(text) > 1 and text[0] == text[-1] in "'\"" for text in given):
        return Phrase(given[0][1:-1], given[1][1:-1])
    made: template.Node = _filled.tags["t"](parser, token)
    return made


@register.filter
def label(text: Text) -> str:
    """A label of the rulebook in the language of the page."""
    return said(text.zh, text.en)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, words: str = "") -> SafeString:
    """A sign from desk/icons.svg; with words it is read aloud, without it is decoration."""
    spoken = format_html('role="img" aria-label="{}"', words) if words else "aria-hidden=true"
    address = f"{static('desk/icons.svg')}#{name}"
    return format_html('<svg class="icon" {}><use href="{}"/></svg>', spoken, address)


@register.simple_tag
def options(pairs: Iterable[tuple[str, str]], chosen: str | None = "") -> SafeString:
    """`<option>`s of a list of (value, words); hundreds of places cost a template as many steps."""
    made = (
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(words)}</option>"
        for value, words in pairs
    )
    return mark_safe("".join(made))  # noqa: S308  each part was escaped


@register.filter
def day(on: date | str | None) -> str:
    """A day as people write it.

    >>> day(None)
    ''
    """
    if not on:
        return ""
    if isinstance(on, datetime):
        on = timezone.localtime(on).date()
    elif isinstance(on, str):
        on = date.fromisoformat(on[:10])
    return day_said(on, language())


@register.filter
def grouped(number: object) -> str:
    """A number with its thousands apart, in both languages: Django knows no such rule for Chinese.

    >>> [grouped(each) for each in (67798, "-1234.5", -0.5, "3.90", "—", None)]
    ['67,798', '-1,234.5', '-0.5', '3.90', '—', '']
    """
    text = "" if number is None else str(number)
    whole, dot, rest = text.partition(".")
    found = _WHOLE.fullmatch(whole)
    return f"{found[1]}{int(found[2]):,}{dot}{rest}" if found else text


@register.filter
def moment(at: datetime | str | None) -> str:
    """A moment in the county's time, to the minute. at: also as text, in ISO 8601."""
    if not at:
        return ""
    local = timezone.localtime(datetime.fromisoformat(at) if isinstance(at, str) else at)
    return f"{day(local.date())} {local:%H:%M}"


def chart_json(option: object) -> SafeString:
    """An option of a chart for its data block; no text in it can end the block."""
    text = json.dumps(option, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate({60: "\\u003c", 62: "\\u003e", 38: "\\u0026"}))  # noqa: S308


@register.filter
def control(field: BoundField) -> SafeString:
    """The input of a form field, dressed; a wrong one is said to be wrong."""
    kind = {"checkbox": "form-check-input", "select": "form-select"}
    attrs: dict[str, str | bool] = {"class": kind.get(field.widget_type, "form-control")}
    if field.widget_type not in ("checkbox", "select"):
        attrs["placeholder"] = ""
    return field.as_widget(attrs=attrs)
