"""Whether a rulebook is sound: every text bound once, on a day on which it is in force.

A fault shows when the rulebook is read and not years later, on the day a text comes into force or
something it uses goes out of force.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from yihu.rulebook import asked
from yihu.rulebook.bind import Binder
from yihu.rulebook.book import AskedSpec, Dated, DerivedSpec, Rulebook, RuleSpec
from yihu.rulebook.language.layers import require_none
from yihu.rulebook.language.names import Key, uses
from yihu.rulebook.language.parse import BadText
from yihu.rulebook.refusals import Phrase, Refused

Spec = DerivedSpec | RuleSpec


def require_sound(book: Rulebook) -> None:
    """Bind every text once. Raises Refused with all faults found."""
    faults: dict[str, Refused] = {}
    bound: dict[tuple[object, ...], tuple[Key, ...]] = {}
    used, seen = _used_by_questions(book), set[tuple[str | None, ...]]([()])
    for day in sorted(_days(book)):
        binder = Binder(book, day)
        for key, spec in _specs(book):
            texts = tuple(dated.on(day) for dated in _texts(spec))
            if texts[0] is None or (isinstance(spec, RuleSpec) and not spec.in_force(day)):
                continue
            try:
                if (key, *texts) in bound:
                    _require_in_force(book, spec, bound[key, *texts], day)
                    continue
                _bind(binder, key, spec)
                bound[key, *texts] = tuple(k for t in texts if t for k in uses(book, key[0], t))
            except Refused as fault:
                faults.setdefault(str(fault), fault)
        # What questions wait for means the same as on another day while every text is the same.
        texts_now = tuple(_text_on(spec, day) for spec in (*book.asked.values(), *used))
        if texts_now not in seen:
            seen.add(texts_now)
            faults |= {str(fault): fault for fault in asked.faults(book, day)}
    require_none(book.name, list(faults.values()))


def _specs(book: Rulebook) -> Iterator[tuple[Key, Spec]]:
    yield from book.derived.items()
    yield from book.rules.items()


def _used_by_questions(book: Rulebook) -> list[Spec]:
    """Derived facts and rules that conditions of questions name, on whatever day, and theirs."""
    found: dict[Key, Spec] = {}
    waiting = [(at, text) for (at, _), spec in book.asked.items() for _, text in spec.text.texts]
    while waiting:
        at, text = waiting.pop()
        for key in _named(book, at, text):
            if key not in found:
                found[key] = book.derived.get(key) or book.rules[key]
                waiting += [(key[0], t) for d in _texts(found[key]) for _, t in d.texts]
    return list(found.values())


def _text_on(spec: Spec | AskedSpec, day: date) -> str | None:
    if isinstance(spec, AskedSpec):
        return spec.text.on(day)
    if isinstance(spec, DerivedSpec):
        return spec.value.on(day)
    return spec.holds.on(day) if spec.in_force(day) else None


def _named(book: Rulebook, at: str, text: str) -> list[Key]:
    try:
        return list(uses(book, at, text))
    except BadText:
        return []  # told where the text itself is bound


def _texts(spec: Spec) -> tuple[Dated, ...]:
    if isinstance(spec, DerivedSpec):
        return (spec.value,)
    return (spec.holds, spec.amount) if spec.amount else (spec.holds,)


def _bind(binder: Binder, key: Key, spec: Spec) -> None:
    if isinstance(spec, RuleSpec):
        binder.output(spec)
    else:
        binder.lookup(*key)
    if binder.assumed.get(key) and not spec.assumes:
        raise Refused(
            "rulebook.bad_entry",
            at=spec.where,
            what=spec.name,
            why=Phrase(
                "if_unknown is used and “assumes” does not say why",
                "用了 if_unknown 却没写 assumes",
            ),
            advice=Phrase(
                'Write assumes = "…": why this may be assumed. ', '请写 assumes = "…" 说明理由。'
            ),
        )


def _require_in_force(book: Rulebook, spec: Spec, used: tuple[Key, ...], day: date) -> None:
    """Refuse what a text bound on another day uses and what is out of force on this one."""
    for key in used:
        other = book.derived.get(key) or book.rules[key]
        if isinstance(other, RuleSpec):
            asked = other.in_force(day)
        else:
            asked = other.value.on(day) is not None
        if not asked:
            raise Refused(
                "rulebook.not_in_force", at=other.where, what=spec.name, on=day, name=key[1]
            )


def _days(book: Rulebook) -> set[date]:
    """Days on which every text is in force once, and whatever comes into force or goes out."""
    days: set[date] = set()
    for asking in book.asked.values():
        days |= {start for start, _ in asking.text.texts}
    for _, spec in _specs(book):
        starts = {start for dated in _texts(spec) for start, _ in dated.texts}
        if isinstance(spec, RuleSpec):
            if spec.since:
                starts = {max(start, spec.since) for start in starts}
            if spec.until and spec.until < date.max:
                starts.add(spec.until + timedelta(days=1))
        days |= starts
    latest = max((s for line in book.lines.values() for s, _ in line.steps), default=date.min)
    days.add(min(max(latest, date(2000, 1, 1)), date(9999, 1, 1)) + timedelta(days=1))
    # What has no first day is bound on the last of these days.
    return {day for day in days if day > date.min}
