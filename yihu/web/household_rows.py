"""Rows that a page has by the hundred, written as text at once: facts of a card, answers.

A template of its own for each row cost more than all else of the page together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from yihu.report.units import unit_text
from yihu.web.days import Days
from yihu.web.household_answers import Answered
from yihu.web.household_view import Shown
from yihu.web.says import day, icon, language, register, said

#: Stands for the name of a rule in an address; no rule is called so.
_RULE = "RULE"


@register.simple_tag
def facts(rows: Iterable[Shown], days: Days | None = None, wrote: int = 0) -> SafeString:
    """Facts with their values, and under each its day, source and entry, in the book of `days`.

    wrote  number of the entry that was written just now: what it says stands out
    """
    more = f"&amp;{escape(days.query)}" if days and days.past else ""
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
                f'<a href="?part=book{more}#entry-{known.number}">{words}</a></small>'
            )
        found.append(_fact(fact, under[key], new=known.number == wrote))
    return mark_safe("".join(found))  # noqa: S308  every text in it was escaped


def _fact(fact: Shown, under: str, *, new: bool) -> str:
    muted = " muted" if fact.hidden else ""
    unit = fact.spec.unit
    mark = f'<span class="mark mark-good">{said("刚写入", "just written")}</span> ' if new else ""
    title = _label(fact.spec.label.zh, fact.spec.label.en, language())
    return (
        f'<div class="fact{" fact-new" if new else ""}"><dt>{mark}{title}</dt>'
        f'<dd><span class="fact-value{muted}">{escape(fact.words)}</span>'
        f"{_unit(unit, language()) if unit and not fact.hidden else ''}"
        f"{' ' + icon('lock') if fact.secret else ''}{under}</dd></div>"
    )


@register.simple_tag
def answers(rows: Iterable[Answered], household: UUID, days: Days) -> SafeString:
    """Answers of the check on `days`; each tells why when it is opened."""
    # One address for all, for finding it costs more than the row.
    why = reverse("household_why", args=[household, _RULE])
    return mark_safe("".join(_answer(each, why, days.query) for each in rows))  # noqa: S308  all was escaped


def _answer(each: Answered, why: str, days: str) -> str:
    title = each.rule.title
    whose = f"{escape(each.name)} · " if each.name else ""
    asked = "&".join(filter(None, (each.person and f"person={each.person}", days)))
    address = why.replace(_RULE, each.rule.name) + (f"?{escape(asked)}" if asked else "")
    ledger = ""
    if each.gap is not None:
        address_of = reverse("gap", args=[each.gap.pk])
        ledger = f'<a class="answer-gap" href="{address_of}">{said("在台账", "in the ledger")}</a>'
    elif each.left:
        ledger = f'<small class="answer-gap muted">{escape(each.left)}</small>'
    return (
        f'<li><div><span class="mark mark-{each.mark}">{escape(each.words)}</span></div>'
        f'<details class="why"><summary hx-get="{address}" '
        f'hx-trigger="click once" hx-target="next .why-says">'
        f"{whose}{_label(title.zh, title.en, language())}</summary>"
        f'<div class="why-says"></div></details>{ledger}</li>'
    )


@lru_cache(maxsize=8192)
def _label(zh: str, en: str, lang: str) -> str:
    return escape(en if lang == "en" else zh)


@lru_cache(maxsize=1024)
def _unit(unit: str, lang: str) -> str:
    text = unit_text(unit)
    if not text.zh:
        return ""
    return f' <span class="muted">{escape(text.en if lang == "en" else text.zh)}</span>'
