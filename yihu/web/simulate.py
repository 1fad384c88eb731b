"""The simulator: change a line, see who moves, where, and what it costs. Nothing is written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.models import Household, Person
from yihu.check.trial import Moved, Shortfall, Table, Trial, lines_to_try, step_of, try_line
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.report.units import unit_text
from yihu.rulebook.book import LineSpec
from yihu.rulebook.compare import WORDS
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import chart_json, label, said

#: The line shown first, where the rulebook has it.
FIRST = "income"
#: File of lines → what its theme is called; a file nobody named is called by its own name.
THEMES = {
    "household": ("住房、饮水、土地、年龄", "Housing, water, land, ages"),
    "income": ("收入与贫困标准", "Income and poverty lines"),
    "monitoring": ("监测、公示与走访", "Monitoring, notices and visits"),
    "place": ("村、乡镇、县", "Village, township, county"),
    "visits": ("走访疑问", "Questions about visits"),
    "policy": ("信贷、补助与医保", "Loans, grants and insurance"),
    "work": ("数据检查的上下限", "Bounds in checks of data"),
}

#: The largest value that is tried: no line of a county is near it, and money of it is still exact.
MOST = 10**9 - 1


@signed_in
def simulate(request: DeskRequest) -> HttpResponse:
    """Choose a line and a value; with a value the answer stands below."""
    request.scope.require("simulate")
    on = request.at.today
    lines = lines_to_try(on)
    first = next((each.name for each in lines if each.name == FIRST), lines[0].name)
    name = request.GET.get("line", first)
    step, line = step_of(name, on), dictionary.active().lines[name]
    found: dict[str, Any] = {
        "themes": _themes(lines, on),
        "line": line, "now": step.value, "unit": label(unit_text(line.unit)), "on": on,
        "value": request.GET.get("value", ""), "source": label(step.source),
        "rule": request.GET.get("rule", ""),
        "crumbs": [(said("规则书", "Rulebook"), reverse("rulebook")),
                   (said("试算", "Try out"), "")],
    }  # fmt: skip
    if found["value"]:
        found |= _answer(request, name, _number(found["value"], found["unit"]), on)
    inside = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    template = "simulate/answer.html" if inside and found["value"] else "simulate/page.html"
    return render(request, template, found)


@dataclass(frozen=True, slots=True)
class Choice:
    """A line that may be chosen, with its value of today."""

    name: str
    words: str
    now: object
    unit: str
    source: str


def _themes(lines: list[LineSpec], on: date) -> list[tuple[str, list[Choice]]]:
    """The lines under the names of their themes: the files in which the rulebook keeps them."""
    grouped: dict[str, list[Choice]] = {}
    for line in lines:
        step, theme = step_of(line.name, on), PurePosixPath(line.where.partition(":")[0]).stem
        choice = Choice(line.name, label(line.title), step.value, label(unit_text(line.unit)),
                        label(step.source))  # fmt: skip
        grouped.setdefault(theme, []).append(choice)
    return [(said(*THEMES.get(theme, (theme, theme))), of) for theme, of in grouped.items()]


def _number(text: str, unit: str) -> float:
    """The value tried. Raises Problem (check.no_such_value, check.value_too_large)."""
    try:
        value = float(text.replace(",", "").replace("，", ""))
    except ValueError:
        value = math.nan
    if math.isnan(value) or value < 0:
        raise Problem("check.no_such_value", found=text[:40])
    if value > MOST:
        raise Problem("check.value_too_large", found=text[:40], most=f"{MOST:,}", unit=unit or "—")
    return int(value) if value.is_integer() else value


def _answer(request: DeskRequest, name: str, value: float, on: date) -> dict[str, Any]:
    villages = _villages(request.scope)
    trial = try_line(name, value, on=on, villages=villages)
    rows = [_row(moved) for moved in trial.moved if moved.counts.sum() > np.trace(moved.counts)]
    rows.sort(key=lambda row: (-row["level_rank"], -row["moved"]))
    shown = next(
        (r for r in rows if r["rule"] == request.GET.get("rule")), rows[0] if rows else None
    )
    return {
        "trial": trial, "rows": rows, "shown": shown, "unmoved": len(trial.moved) - len(rows),
        "below": _below(trial), **_where(shown, villages, request),
    }  # fmt: skip


def _villages(scope: Scope) -> dict[str, Place]:
    """Villages whose households may be tried on, by code."""
    rows = scope.of(Place, "simulate").filter(level="village", until=None)
    return {place.code: place for place in rows.select_related("parent")}


def _row(moved: Moved) -> dict[str, Any]:
    spec = dictionary.active().rules[moved.level, moved.rule]
    counts = moved.counts
    return {
        "rule": moved.rule, "title": label(spec.title), "target": f"{moved.level}.{moved.rule}",
        "level": said("户", "households") if moved.level == "household" else said("人", "people"),
        "level_rank": int(moved.level == "household"), "of": moved,
        "now_holds": int(counts[:, 0].sum()), "held": int(counts[0].sum()),
        "came": _into(counts, 0), "left": _out_of(counts, 0), "unknown": _into(counts, 2),
        "moved": int(counts.sum() - np.trace(counts)),
        "cost": (moved.after - moved.before) / 100 if moved.after or moved.before else None,
        "cells": [(_words(i), _words(j), int(counts[i, j]))
                  for i in range(3) for j in range(3) if i != j and counts[i, j]],
    }  # fmt: skip


def _words(place: int) -> str:
    zh = {"holds": "成立", "fails": "不成立", "unknown": "未知"}
    return said(zh[WORDS[place]], WORDS[place])


def _into(counts: Table, column: int) -> int:
    return int(counts[:, column].sum() - counts[column, column])


def _out_of(counts: Table, row: int) -> int:
    return int(counts[row].sum() - counts[row, row])


def _below(trial: Trial) -> dict[str, Any] | None:
    if trial.below is None:
        return None
    before, after = trial.below
    return {
        "before": before, "after": after, "more": after.households - before.households,
        "more_people": after.people - before.people, "cost": _wan(after) - _wan(before),
        "before_wan": _wan(before), "after_wan": _wan(after),
    }  # fmt: skip


def _wan(found: Shortfall) -> float:
    """Fen → ten thousand yuan."""
    return round(found.fen / 1_000_000, 1)


def _where(
    shown: dict[str, Any] | None, villages: dict[str, Place], request: DeskRequest
) -> dict[str, Any]:
    """Moves of one rule by township and by village, those with most first."""
    if shown is None:
        return {}
    by_village: dict[str, Table] = shown["of"].by_village
    townships: dict[str, Table] = {}
    for code, counts in by_village.items():
        above = villages[code].parent
        name = above.name if above else ""
        townships[name] = townships.get(name, 0) + counts
    top = [_place_row(name, counts) for name, counts in townships.items()]
    low = [_place_row(villages[c].name, t, villages[c].parent) for c, t in by_village.items()]
    top.sort(key=_most)
    low.sort(key=_most)
    return {"townships": top, "villages": low[:50], "more_villages": max(0, len(low) - 50),
            "chart": chart_json(_chart(top)), "address": _address(request),
            "who": _who(shown["of"], request.scope)}  # fmt: skip


def _who(moved: Moved, scope: Scope) -> list[dict[str, Any]]:
    """The families of the first that move, as far as what is sensitive of them may be seen."""
    if not scope.sees("sensitive"):
        return []
    ids = list(moved.who)
    people: dict[str, Person] = {}
    if moved.level == "person":
        people = {each.pk.hex: each for each in scope.of(Person, "simulate").filter(pk__in=ids)}
    homes = scope.of(Household, "simulate").select_related("place", "place__parent")
    wanted: set[Any] = {each.household_id for each in people.values()} or set(ids)
    found = {home.pk.hex: home for home in homes.filter(pk__in=wanted)}
    rows = []
    for id, (was, now) in moved.who.items():
        person = people.get(id)
        home = found.get(person.household_id.hex if person else id)
        if home is not None:
            words = [_words(WORDS.index(each)) for each in (was, now)]
            rows.append({"home": home, "person": person, "was": words[0], "now": words[1]})
    return rows


def _most(row: dict[str, Any]) -> tuple[int, str]:
    return (-row["came"] - row["left"], row["name"])


def _place_row(name: str, counts: Table, above: Place | None = None) -> dict[str, Any]:
    return {"name": name, "above": above.name if above else "", "came": _into(counts, 0),
            "left": _out_of(counts, 0), "unknown": _into(counts, 2)}  # fmt: skip


def _address(request: DeskRequest) -> str:
    given = {key: request.GET[key] for key in ("line", "value") if key in request.GET}
    return f"{reverse('simulate')}?{urlencode(given)}"


def _chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = [row["name"] for row in reversed(rows)]
    bars = [
        ("came", said("变为成立", "now holds"), 1),
        ("left", said("不再成立", "holds no more"), -1),
    ]
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": names},
        "series": [
            {"type": "bar", "stack": "all", "name": words, "barMaxWidth": 18,
             "data": [sign * row[key] for row in reversed(rows)]}
            for key, words, sign in bars
        ],
    }  # fmt: skip


urls = [path("rulebook/simulate/", simulate, name="simulate")]
