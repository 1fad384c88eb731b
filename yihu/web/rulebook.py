"""The rulebook to read: rules by theme with what they found, and each name with its meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe

from yihu.book import dictionary
from yihu.check.counted import counts_for
from yihu.ledger.topics import department_label
from yihu.problems import Problem
from yihu.report.expressions import Painter
from yihu.report.kinds import KINDS
from yihu.report.rulebook_page import ANSWERS, MARKS, TYPES
from yihu.report.section_titles import file_name, section_titles
from yihu.report.units import unit_text
from yihu.rulebook.book import Dated, DerivedSpec, LineSpec, RuleSpec, TableSpec
from yihu.rulebook.explain.asked_words import asked_since
from yihu.rulebook.facts import FactSpec, Text
from yihu.rulebook.language.entries_sources import named_in
from yihu.rulebook.language.layers import SHIPPED
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import label, said

_LINKS = re.compile(r"href='#([^']+)'")


@signed_in
def rulebook(request: DeskRequest) -> HttpResponse:
    """All rules by theme, with how many hold, fail and are unknown among those reached."""
    book = dictionary.active()
    counts, at = counts_for(request.scope)
    themes: dict[str, list[dict[str, Any]]] = {}
    for spec in book.rules.values():
        if spec.in_force(request.at.today):
            found = counts.get(spec.level, {}).get(spec.name)
            themes.setdefault(_theme(spec), []).append(_row(spec, found))
    return render(
        request, "rulebook/rules.html",
        {"book": book, "themes": list(themes.items()), "counted_at": at,
         "lines": len(book.lines), "may_simulate": request.scope.may("simulate")},
    )  # fmt: skip


def _theme(spec: RuleSpec) -> str:
    file = spec.where.rpartition(":")[0].removesuffix(".toml")
    return label(_titles().get(file) or file_name(file))


@lru_cache(maxsize=1)
def _titles() -> dict[str, Text]:
    return section_titles(sorted(SHIPPED.iterdir()))


def _row(spec: RuleSpec, found: dict[str, int] | None) -> dict[str, Any]:
    return {
        "target": f"{spec.level}.{spec.name}",
        "title": label(spec.title),
        "kind": label(KINDS[spec.kind]),
        "owner": label(department_label(spec.owner)) if spec.owner else "",
        "wanted": spec.wanted,
        "found": found,
        "bar": _bar(spec, found) if found else None,
    }


def _bar(spec: RuleSpec, found: dict[str, int]) -> list[tuple[str, float, float]]:
    """(colour word, start, width) of 100 for what is good, what is unknown, what is bad."""
    bad = "fails" if spec.wanted == "holds" else "holds"
    total = sum(found.values()) or 1
    made, at = [], 0.0
    for word, mark in ((spec.wanted, "good"), ("unknown", "ask"), (bad, "bad")):
        wide = found[word] * 100 / total
        made.append((mark, round(at, 2), round(wide, 2)))
        at += wide
    return made


@signed_in
def lines(request: DeskRequest) -> HttpResponse:
    """All lines with their values by date."""
    book, today = dictionary.active(), request.at.today
    rows = [
        {"line": line, "now": _value(line, today), "unit": label(unit_text(line.unit)),
         "steps": len(line.steps)}
        for line in book.lines.values()
    ]  # fmt: skip
    return render(
        request, "rulebook/lines.html",
        {"rows": rows, "crumbs": _crumbs(said("标准线", "Lines")),
         "may_simulate": request.scope.may("simulate")},
    )  # fmt: skip


def _value(line: LineSpec, on: date) -> str:
    step = line.on(on)
    return "" if step is None else shown(step.value)


def shown(value: object) -> str:
    """A line's value as people read it; by key where it has several.

    >>> shown({"1": 3000, "2": 5000})
    '1: 3,000；2: 5,000'
    """
    if value is None:
        return ""
    if isinstance(value, dict):
        return "；".join(f"{key}: {shown(each)}" for key, each in value.items())
    return f"{value:,}" if isinstance(value, int | float) else str(value)


@signed_in
def named(request: DeskRequest, target: str) -> HttpResponse:
    """One rule, derived fact, fact, line or table: what it says, since when, from where."""
    book = dictionary.active()
    kind, _, name = target.partition(".")
    if kind == "line" and name in book.lines:
        return _line_page(request, book.lines[name])
    if kind == "table" and name in book.tables:
        table = book.tables[name]
        return _page(
            request, "table", {"table": table, "title": label(table.title), "unit": _unit(table)}
        )
    key = (kind, name)
    if key in book.rules:
        return _rule_page(request, book.rules[key])
    if key in book.derived:
        spec = book.derived[key]
        texts = _texts(spec.value, spec.level)
        return _page(
            request, "derived",
            {"spec": spec, "title": label(spec.label), "texts": texts, "unit": _unit(spec)},
        )  # fmt: skip
    if key in book.facts:
        fact = book.facts[key]
        return _page(
            request, "fact",
            {
                "spec": fact, "title": label(fact.label), "type": label(TYPES[fact.kind]),
                "unit": _unit(fact), **_asked(kind, name),
            },
        )  # fmt: skip
    raise Problem("access.not_yours", status=404)


def _unit(spec: FactSpec | DerivedSpec | TableSpec) -> str:
    return label(unit_text(spec.unit)) if spec.unit else ""


def _asked(level: str, name: str) -> dict[str, Any]:
    """When a fact is asked at all: in words and as it is written, since when, from where."""
    spec = dictionary.active().asked.get((level, name))
    if spec is None:
        return {}
    words = [label(words) for _, words in asked_since(dictionary.active(), level, name)]
    return {
        "asked": spec, "asked_texts": zip(_texts(spec.text, level), words, strict=True),
        "asked_mark": label(MARKS[spec.mark]) if spec.mark in MARKS else "",
    }  # fmt: skip


def _rule_page(request: DeskRequest, spec: RuleSpec) -> HttpResponse:
    counts, at = counts_for(request.scope)
    lang, named = said("zh", "en"), named_in(spec.source, dictionary.active().sources)
    return _page(
        request, "rule",
        {
            "spec": spec, "title": label(spec.title), "texts": _texts(spec.holds, spec.level),
            "amounts": _texts(spec.amount, spec.level) if spec.amount else [],
            "row": _row(spec, counts.get(spec.level, {}).get(spec.name)), "counted_at": at,
            "wanted": label(ANSWERS[spec.wanted]),
            "mark": label(MARKS[spec.mark]) if spec.mark in MARKS else "",
            "examples": [(e, label(ANSWERS[e.answer])) for e in spec.examples],
            "sources": [(label(s.labels), s.said(lang)) for s in named],
        },
    )  # fmt: skip


def _line_page(request: DeskRequest, line: LineSpec) -> HttpResponse:
    steps = [
        {"since": None if day == date.min else day, "value": shown(step.value),
         "source": label(step.source),
         "mark": label(MARKS[step.mark]) if step.mark in MARKS else ""}
        for day, step in line.steps
    ]  # fmt: skip
    number = isinstance((line.on(request.at.today) or line.steps[-1][1]).value, int | float)
    return _page(
        request, "line",
        {"line": line, "title": label(line.title), "unit": label(unit_text(line.unit)),
         "steps": steps, "users": users_of(f"line.{line.name}"),
         "may_simulate": request.scope.may("simulate") and number and not line.by},
    )  # fmt: skip


def users_of(name: str) -> list[tuple[str, str]]:
    """Rules and derived facts whose text speaks of a name: target and title."""
    book = dictionary.active()
    word = re.compile(rf"\b{re.escape(name)}\b")
    texts: list[tuple[str, str, Dated]] = [
        *((f"{s.level}.{s.name}", label(s.title), s.holds) for s in book.rules.values()),
        *((f"{s.level}.{s.name}", label(s.label), s.value) for s in book.derived.values()),
    ]
    return [(at, t) for at, t, dated in texts if any(word.search(x) for _, x in dated.texts)]


def _texts(dated: Dated, level: str) -> list[tuple[date | None, SafeString]]:
    return [(None if day == date.min else day, painted(text, level)) for day, text in dated.texts]


def painted(text: str, level: str) -> SafeString:
    """A text of the rulebook in colours, its names leading to their pages."""
    top = reverse("rulebook")
    markup = str(_painter(dictionary.active().hash).paint(text, level))
    return mark_safe(_LINKS.sub(lambda m: f"href='{top}{m[1]}/'", markup))  # noqa: S308  Painter escapes


@lru_cache(maxsize=2)
def _painter(_hash: str) -> Painter:
    return Painter(dictionary.active())


def _page(request: DeskRequest, kind: str, found: dict[str, Any]) -> HttpResponse:
    crumbs = _crumbs(str(found["title"]))
    return render(request, f"rulebook/{kind}.html", {**found, "crumbs": crumbs})


def _crumbs(here: str) -> Sequence[tuple[str, str]]:
    return [(said("规则书", "Rulebook"), reverse("rulebook")), (here, "")]


urls = [
    path("rulebook/", rulebook, name="rulebook"),
    path("rulebook/lines/", lines, name="lines"),
    path("rulebook/<str:target>/", named, name="named"),
]
