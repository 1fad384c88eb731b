"""How many hold, fail and are unknown, rule by rule, among those a worker reaches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Q, Value

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.models import Household
from yihu.check.models import HouseholdFindings, PlaceFindings, Run
from yihu.places.models import within

#: level → rule → {"holds", "fails", "unknown"}
Counts = dict[str, dict[str, dict[str, int]]]
#: Findings read at a time.
AT_ONCE = 5_000
_WORDS = ("fails", "holds", "unknown")


def counts_for(scope: Scope, *, people: bool = True) -> tuple[Counts, datetime | None]:
    """Counts over the households, people and places reached, and when they were last checked.

    Of everybody they stand in the last whole check; of a part they are added up from findings.

    Who sees nothing sensitive is told none: of few households a count is one household's answer.

    people  False: the rules about people are left out, which are the most to read
    """
    if scope.hides("HouseholdFindings"):
        return {}, None
    run = Run.objects.filter(whole=True, hash=dictionary.active().hash).order_by("-at").first()
    if run is not None and run.counts and _reaches_all(scope):
        return run.counts, run.at
    return _added_up(scope, people=people), run.at if run else None


def _reaches_all(scope: Scope) -> bool:
    reach = Q(pk__in=[])
    for path in scope.paths:
        reach |= within(path, "place_path")
    return bool(scope.paths) and not Household.objects.exclude(reach).exists()


def _added_up(scope: Scope, *, people: bool) -> Counts:
    runs = {run.pk: run for run in Run.objects.filter(hash=dictionary.active().hash)}
    made: Counts = {}
    # Runs are told apart here: asked for by run, SQLite would read the findings of everybody.
    findings = scope.of(HouseholdFindings).filter(household__closed_on=None)
    whose: Any = "people" if people else Value("{}")
    for part in _parts(findings.values_list("run_id", "answers", whose)):
        for run in {run for run, *_ in part} & runs.keys():
            rows = [(answers, theirs) for of, answers, theirs in part if of == run]
            rules = runs[run].rules
            _add(made, "household", rules["household"], [answers for answers, _ in rows])
            _add(made, "person", rules["person"], [text for _, theirs in rows for text in theirs])
    places = scope.of(PlaceFindings).filter(run__in=runs)
    for run, level, answers in places.values_list("run_id", "place__level", "answers"):
        _add(made, level, runs[run].rules.get(level, []), [answers])
    return made


def _parts(rows: object) -> Iterator[list[tuple[int, str, list[str]]]]:
    part: list[tuple[int, str, list[str]]] = []
    for run, answers, people in rows.iterator(chunk_size=AT_ONCE):  # type: ignore[attr-defined]
        of = json.loads(people) if isinstance(people, str) else people
        part.append((run, answers, list(of.values())))
        if len(part) == AT_ONCE:
            yield part
            part = []
    yield part


def _add(made: Counts, level: str, rules: list[str], texts: list[str]) -> None:
    whole = [text for text in texts if len(text) == len(rules)]
    if not rules or not whole:
        return
    table = np.frombuffer("".join(whole).encode(), np.uint8).reshape(len(whole), len(rules))
    of = made.setdefault(level, {})
    for place, rule in enumerate(rules):
        known = of.setdefault(rule, dict.fromkeys(("holds", "fails", "unknown"), 0))
        counted = np.bincount(table[:, place] - 48, minlength=3)
        for figure, word in enumerate(_WORDS):
            known[word] += int(counted[figure])
