"""Conditions of a search: “a fact, a comparison, a value”, or “a rule = its answer”.

Names are those of the rulebook, in either language. A household is found when it, or one of its
people, meets the condition; a blank value means that nothing is known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.models import Person, Sealed
from yihu.check.models import HouseholdFindings
from yihu.check.queries import runs_in_use
from yihu.problems import Problem
from yihu.rulebook.book import Rulebook, RuleSpec
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.refusals import meant, nearest
from yihu.web.typed_in import typed_in

_SHAPE = re.compile(r"^(.+?)\s*(<=|>=|!=|≤|≥|≠|<|>|=|＜|＞|＝)\s*(.*)$")
_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "＜": "<", "＞": ">", "＝": "="}
_LOOKUP = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_ORDERED = ("whole", "money", "number", "date", "month")
_ANSWERS = {
    "0": ("fails", "不成立", "no", "否"),
    "1": ("holds", "成立", "yes", "是"),
    "2": ("unknown", "未知", "不明", ""),
}


def condition(text: str, scope: Scope) -> Q:
    """The condition on households that a text says.

    Raises  Problem: search.unread, search.no_such_name, search.only_equal, book.bad_value
    """
    shape = _SHAPE.match(text.strip())
    if shape is None:
        raise Problem("search.unread", found=text)
    name, sign, value = shape[1].strip(), _SIGNS.get(shape[2], shape[2]), shape[3].strip()
    found = names(dictionary.active()).get(name.casefold())
    if isinstance(found, FactSpec) and scope.sees(found.privacy):
        return _fact(found, sign, value, scope)
    # An answer says of a family what the facts behind it do.
    if isinstance(found, RuleSpec) and scope.sees("sensitive"):
        return _rule(found, sign, value, text, scope)
    raise _no_such_name(name)


def _no_such_name(name: str) -> Problem:
    phrase = meant(nearest(name, list(names(dictionary.active()))))
    return Problem(
        "search.no_such_name", found=name, suggestion=phrase, suggestion_zh=phrase.zh
    )  # fmt: skip


@lru_cache(maxsize=4)
def names(rulebook: Rulebook) -> dict[str, FactSpec | RuleSpec]:
    """Everything a condition may name, in small letters: labels first, then names."""
    found: dict[str, FactSpec | RuleSpec] = {}
    levels = (dictionary.HOUSEHOLD, dictionary.PERSON)
    facts = [spec for level in levels for (at, _), spec in rulebook.facts.items() if at == level]
    rules = [rule for (level, _), rule in rulebook.rules.items() if level in levels]
    for spec in facts:
        for word in (spec.label.zh, spec.label.en, spec.name):
            found.setdefault(word.casefold(), spec)
    for rule in rules:
        for word in (rule.title.zh, rule.title.en, rule.name):
            found.setdefault(word.casefold(), rule)
    return found


def _fact(spec: FactSpec, sign: str, value: str, scope: Scope) -> Q:
    if sign in _LOOKUP and spec.kind not in _ORDERED:
        raise Problem("search.only_equal", fact=spec.label.en, fact_zh=spec.label.zh)
    if spec.privacy == "secret":
        return _sealed(spec, sign, value, scope)
    found = dictionary.written(spec.level, spec.name, typed_in(spec, value))
    field = f"facts__{spec.name}"
    if found is None:
        missing = Q(**{f"{field}__isnull": True})
        return _whose(spec, ~missing if sign == "!=" else missing, scope)
    if sign in _LOOKUP:
        return _whose(spec, Q(**{f"{field}__{_LOOKUP[sign]}": found}), scope)
    same = Q(**{field: found})
    # Unlike a value, but known: what is not known is not unlike anything.
    other = Q(**{f"{field}__isnull": False}) & ~same
    return _whose(spec, other if sign == "!=" else same, scope)


def _whose(spec: FactSpec, which: Q, scope: Scope) -> Q:
    if spec.level == dictionary.HOUSEHOLD:
        return which
    people = scope.of(Person).filter(which, left_on=None)
    return Q(pk__in=people.values("household_id"))


def _sealed(spec: FactSpec, sign: str, value: str, scope: Scope) -> Q:
    if sign != "=" or not value:
        raise Problem("search.only_equal", fact=spec.label.en, fact_zh=spec.label.zh)
    index = dictionary.keys().blind(value)
    rows = scope.of(Sealed).filter(index=index, fact=spec.name)
    return Q(pk__in=rows.values("household_id"))


def _rule(rule: RuleSpec, sign: str, value: str, text: str, scope: Scope) -> Q:
    word = value.casefold()
    figure = next((f for f, words in _ANSWERS.items() if word in words), None)
    if figure is None or sign not in ("=", "!="):
        raise Problem("search.unread", found=text)
    found = _answered(rule, figure, scope)
    return ~found if sign == "!=" else found


def _answered(rule: RuleSpec, figure: str, scope: Scope) -> Q:
    """Households whose newest answer, or a person's, is the figure."""
    which = Q(pk__in=[])
    for run in runs_in_use():
        asked: list[str] = run.rules.get(rule.level, [])
        if rule.name not in asked:
            continue
        at = asked.index(rule.name)
        which |= Q(
            pk__in=_in_run(scope.of(HouseholdFindings).filter(run=run), rule.level, at, figure)
        )
    return which


def _in_run(rows: QuerySet[HouseholdFindings], level: str, at: int, figure: str) -> Any:
    if level == dictionary.HOUSEHOLD:
        rows = rows.annotate(figure=Substr("answers", at + 1, 1)).filter(figure=figure)
        return rows.values("household_id")
    # People's answers stand under their ids, each text as long as the list of rules.
    pattern = rf'"[0-9a-f-]{{36}}": ?"[0-2]{{{at}}}{figure}'
    return rows.filter(people__iregex=pattern).values("household_id")
