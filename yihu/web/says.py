"""Template tags: both languages where they are used, `{% t "今日" "Today" %}`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from yihu.rulebook.facts import Text

register = template.Library()


def language() -> str:
    """The language of the page: zh or en."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def said(zh: str, en: str) -> str:
    """The phrase in the language the page is read in."""
    return en if language() == "en" else zh


@register.simple_tag
def t(zh: str, en: str, **details: Any) -> str:
    """A phrase in the language of the page; details fill its braces."""
    text = said(zh, en)
    return text.format(**details) if details else text


@register.filter
def label(text: Text) -> str:
    """A label of the rulebook in the language of the page."""
    return said(text.zh, text.en)


@register.simple_tag
def icon(name: str, words: str = "") -> SafeString:
    """A sign from desk/icons.svg; with words it is read aloud, without it is decoration."""
    spoken = format_html('role="img" aria-label="{}"', words) if words else "aria-hidden=true"
    address = f"{static('desk/icons.svg')}#{name}"
    return format_html('<svg class="icon" {}><use href="{}"/></svg>', spoken, address)


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
    return said(f"{on.year}年{on.month}月{on.day}日", f"{on.day} {MONTHS[on.month - 1]} {on.year}")


@register.filter
def moment(at: datetime | None) -> str:
    """A moment in the county's time, to the minute."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{day(local.date())} {local:%H:%M}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
