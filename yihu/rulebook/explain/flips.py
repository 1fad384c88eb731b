"""The nearest single change that would turn an answer: what to ask, what to mend.

Every stored fact that decided is tried alone, with the reference reader; nothing is guessed from
the text of the rule. Of a number the smallest change that turns the answer is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from yihu.rulebook.days import is_day, month_number, number_of
from yihu.rulebook.evaluate import Row
from yihu.rulebook.evaluate.text import MISSING
from yihu.rulebook.explain import Explainer, Step, facts_of, spec_of
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.tree import Type

INTS = (Type.WHOLE, Type.MONEY, Type.DATE, Type.MONTH)
#: No quantity: a smaller one is earlier, not less, and nothing is below the first.
TIMES = (Type.DATE, Type.MONTH)
#: Kinds of rules that ask whether what is written of who somebody is should be written otherwise.
ABOUT_WHO = ("quality", "inclusion")


@dataclass(frozen=True, slots=True)
class Flip:
    """One fact, the value it would need, and the answer that would follow."""

    step: Step
    value: Any
    answer: bool | None


def flips(explainer: Explainer, row: Row, step: Step) -> list[Flip]:
    """Single changes that turn the answer, nearest first.

    Of an unknown answer: for each unknown fact, values that settle it, the wanted answer first.
    """
    wanted = explainer.rule.wanted == "holds"
    turns: list[tuple[tuple[float, ...], Flip]] = []
    for leaf in steps_of(explainer, step):
        spec = spec_of(explainer.rulebook, leaf.key)
        trial = _Trial(explainer, row, leaf)
        for value, answer in _turns(trial, spec, step.value):
            distance = _distance(leaf, value)
            first = 0.0 if answer is wanted else 1.0
            turns.append(((first, *distance), Flip(leaf, value, answer)))
    turns.sort(key=lambda t: t[0])
    return [flip for _, flip in turns]


def steps_of(explainer: Explainer, step: Step) -> list[Step]:
    """The stored facts that decided and that asking or work can change.

    Who a family is - on the register or not, born on a day - mends nothing: of a known fact that
    is given no change is tried, unless the rule asks whether it is written as it should be.
    """
    found = facts_of(step)
    if explainer.rule.kind in ABOUT_WHO:
        return found
    specs = ((leaf, spec_of(explainer.rulebook, leaf.key)) for leaf in found)
    return [leaf for leaf, spec in specs if leaf.value is None or not (spec and spec.given)]


def is_text(leaf: Step) -> bool:
    """Is it of a kind of which no other value is tried?"""
    return leaf.type is Type.TEXT


class _Trial:
    """Answers of the rule with one fact changed; everything is put back afterwards."""

    def __init__(self, explainer: Explainer, row: Row, leaf: Step) -> None:
        self.leaf = leaf
        self.row = row
        self.on = explainer.on
        self.place = explainer.compiled.fact_places[leaf.key[0]][leaf.key[1]]
        self.ask: Callable[[Row], Any] = lambda r: explainer.compiled.value(
            r, explainer.rule.level, explainer.rule.name
        )
        self.rows = list(_all_rows(row))
        # Values of the batch reader stay: one card cannot compute them again.
        places = explainer.compiled.source.place_of
        self.fixed = [places[key] for key in explainer.fixed if key in places]

    def answer(self, value: Any) -> bool | None:
        facts = self.leaf.row.facts
        before, kept = facts[self.place], [r.results for r in self.rows]
        facts[self.place] = value
        for r in self.rows:
            r.results = self._emptied(r.results)
        try:
            found: bool | None = self.ask(self.row)
        finally:
            facts[self.place] = before
            for r, results in zip(self.rows, kept, strict=True):
                r.results = results
        return found

    def first(self, spec: FactSpec | None) -> list[Any]:
        """Values to begin with where none is known: of a time the day of the check."""
        if self.leaf.type is Type.DATE:
            return [number_of(self.on)]
        if self.leaf.type is Type.MONTH:
            return [month_number(self.on)]
        bounds = [spec.low, spec.high] if spec else []
        return [0, *(value for value in bounds if value is not None)]

    def _emptied(self, results: list[Any]) -> list[Any]:
        fresh = [MISSING] * len(results)
        for place in self.fixed:
            fresh[place] = results[place]
        return fresh


def _all_rows(row: Row) -> Iterator[Row]:
    """The rows above, and everything below each; a place may not know the card below it."""
    stack = [row]
    while stack[-1].above is not None:
        stack.append(stack[-1].above)
    seen: set[int] = set()
    while stack:
        current = stack.pop()
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            stack.extend(current.below)


def _turns(trial: _Trial, spec: FactSpec | None, now: Any) -> Iterator[tuple[Any, bool | None]]:
    leaf = trial.leaf
    if leaf.type is Type.TRUTH:
        values: list[Any] = [v for v in (True, False) if v is not leaf.value]
    elif leaf.codes is not None and leaf.type is Type.CODE:
        codes = enumerate(leaf.codes.codes)
        values = [i for i, code in codes if i != leaf.value and code.in_use(trial.on)]
    elif leaf.type in INTS or leaf.type is Type.REAL:
        yield from _numbers(trial, spec, now)
        return
    else:
        return
    settled: set[bool] = set()
    for value in values:
        answer = trial.answer(value)
        if answer is not None and answer is not now and answer not in settled:
            settled.add(answer)
            yield value, answer


def _numbers(trial: _Trial, spec: FactSpec | None, now: Any) -> Iterator[tuple[Any, bool | None]]:
    start = trial.leaf.value
    if start is None:
        start = next((v for v in trial.first(spec) if trial.answer(v) is not None), None)
        if start is None:
            return
        if trial.answer(start) is not now:
            yield start, trial.answer(start)
    at_start = trial.answer(start)
    for sign in (1, -1):
        found = _nearest(trial, start, sign, spec, at_start)
        if found is not None and trial.answer(found) is not now:
            yield found, trial.answer(found)


def _nearest(trial: _Trial, start: Any, sign: int, spec: FactSpec | None, now: Any) -> Any:
    """The value nearest to start, in one direction, with another settled answer."""
    kind = trial.leaf.type
    whole = kind in INTS

    def at(d: float) -> Any:
        value = start + sign * (int(d) if whole else d)
        return _on_the_calendar(value, sign) if kind is Type.DATE else value

    def turned(d: float) -> bool:
        answer = trial.answer(at(d))
        return answer is not None and answer is not now

    reach = abs(_limit(start, sign, spec, kind) - start)
    d = 1.0 if whole else 1 / 1024
    while d < reach and not turned(d):
        d *= 2
    d = min(d, float(reach))
    if not turned(d):
        return None
    low, high = 0.0, d
    step = 1.0 if whole else 1 / 1024
    while high - low > step:
        middle = (low + high) // 2 if whole else (low + high) / 2
        low, high = (low, middle) if turned(middle) else (middle, high)
    return at(high) if whole else start + sign * round(high, 3)


def _limit(start: Any, sign: int, spec: FactSpec | None, kind: Type) -> float:
    """How far to look: to the fact's bound, and no quantity is turned to less than nothing."""
    low, high = spec.bounds if spec else (-(2.0**40), 2.0**40)
    if sign > 0:
        return high
    return max(low, 0) if kind not in TIMES and start >= 0 else low


def _on_the_calendar(number: int, sign: int) -> int:
    """The number itself, or of the next day there is: each month has 31 numbers."""
    while not is_day(number):
        number += sign
    return number


def _distance(leaf: Step, value: Any) -> tuple[float, ...]:
    """Unknown facts are asked first, then yes/no and codes, then the smallest relative change."""
    if leaf.value is None:
        return (0.0, 0.0)
    if leaf.type in (Type.TRUTH, Type.CODE):
        return (1.0, 0.0)
    return (1.0, abs(value - leaf.value) / (abs(leaf.value) + 1.0))
