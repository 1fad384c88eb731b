"""Template tags: both languages where they are used, `{% t "今日" "Today" %}`."""

from __future__ import annotations

from typing import Any

from django import template
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
