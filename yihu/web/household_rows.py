"""Rows that a page has by the hundred, written as text at once: facts of a card.

A template of its own for each row cost more than all else of the page together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from yihu.report.units import unit_text
from yihu.web.household_view import Shown
from yihu.web.says import day, icon, language, register, said


@register.simple_tag
def facts(rows: Iterable[Shown]) -> SafeString:
    """Facts with their values, and under each its day, source and entry."""
    entry = said("第 {n} 条", "entry {n}")
    under: dict[tuple[date, int, str], str] = {}
    found = []
    for fact in rows:
        known = fact.known
        key = known.seen_on, known.number, known.source
        if key not in under:
            # Facts of one entry share their last line.
            words = entry.format(n=known.number)
            under[key] = (
                f"<small>{day(known.seen_on)} · {escape(fact.source)} · "
                f'<a href="?part=book#entry-{known.number}">{words}</a></small>'
            )
        found.append(_fact(fact, under[key]))
    return mark_safe("".join(found))  # noqa: S308  every text in it was escaped


def _fact(fact: Shown, under: str) -> str:
    muted = " muted" if fact.hidden else ""
    unit = fact.spec.unit
    return (
        f'<div class="fact"><dt>{_label(fact.spec.label.zh, fact.spec.label.en, language())}</dt>'
        f'<dd><span class="fact-value{muted}">{escape(fact.words)}</span>'
        f"{_unit(unit, language()) if unit and not fact.hidden else ''}"
        f"{' ' + icon('lock') if fact.secret else ''}{under}</dd></div>"
    )


@lru_cache(maxsize=8192)
def _label(zh: str, en: str, lang: str) -> str:
    return escape(en if lang == "en" else zh)


@lru_cache(maxsize=1024)
def _unit(unit: str, lang: str) -> str:
    text = unit_text(unit)
    return f' <span class="muted">{escape(text.en if lang == "en" else text.zh)}</span>'
