"""Which fields of a form are asked: said beside them, followed in the browser, judged when sent.

A new answer to a question whose condition fails is refused with the reason. An answer that stands
stays, and may be taken back. While a condition is unknown, whoever knows the answer may write it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from yihu.book import dictionary
from yihu.card.fold import Known
from yihu.check import asked
from yihu.problems import Problem
from yihu.rulebook import asked_data
from yihu.rulebook.explain.asked_words import asked_words
from yihu.rulebook.facts import FactSpec, Text
from yihu.rulebook.refusals import Refused
from yihu.web.household_themes import Theme, theme_of, themes
from yihu.web.says import label, language

if TYPE_CHECKING:
    from yihu.web.household_forms import Field

#: Nobody writes of days before, and no condition looks at them.
FIRST_DAY = date(1949, 10, 1)
#: level → what is known at that level of the thing the form is about
Around = Mapping[str, Mapping[str, Known]]


@dataclass(frozen=True, slots=True)
class When:
    """When a field is asked: in words, and the forms where that is answered, if elsewhere.

    elsewhere   address and title of each
    """

    words: str
    elsewhere: list[tuple[str, str]]


def say_when(
    fields: Iterable[Field], asking: Theme, on: date, address: Callable[[Theme], str]
) -> None:
    """Say at each field that is not asked of everybody when it is.

    address   of the form of another theme, of the same thing
    """
    for field in fields:
        words = _words(field.spec, on)
        if words is not None:
            others = _elsewhere(field.spec, asking, on)
            field.when = When(label(words), [(address(one), label(one.title)) for one in others])


def _words(spec: FactSpec, on: date) -> Text | None:
    book = dictionary.active()
    found = book.asked.get((spec.level, spec.name))
    text = found.text.on(on) if found else None
    return asked_words(book, found, text, on) if found and text is not None else None


def _elsewhere(spec: FactSpec, asking: Theme, on: date) -> list[Theme]:
    """The themes of the same level that hold what the field waits for, but for its own."""
    facts = dictionary.active().facts
    waits = asked.conditions(on)[spec.level, spec.name].waits
    names = {theme_of(facts[key]) for key in waits if key[0] == spec.level} - {asking.name}
    return [each for each in themes(spec.level) if each.name in names]


def data_for(fields: Sequence[Field], around: Around, on: date) -> dict[str, Any]:
    """What the browser needs to show fields as answers change; {} where all are asked anyway.

    conditions  field → tree, as docs/sync.md has it
    facts       "level.fact" → how its values are read, of all that conditions look at
    known       "level.fact" → value, of those that are no field of this form
    """
    book, found = dictionary.active(), asked.conditions(on)
    shown = {(field.spec.level, field.spec.name) for field in fields}
    here = {key: found[key] for key in shown & found.keys()}
    waits = sorted({key for condition in here.values() for key in condition.waits})
    return {} if not here else {
        "conditions": {key[1]: asked_data.as_data(book, each) for key, each in here.items()},
        "facts": {f"{level}.{name}": _read(book.facts[level, name]) for level, name in waits},
        "known": {
            f"{level}.{name}": known.value
            for level, name in waits
            if (level, name) not in shown and (known := around.get(level, {}).get(name))
        },
    }  # fmt: skip


def _read(spec: FactSpec) -> dict[str, Any]:
    codes = [{"key": code.key} for code in (spec.codes.codes if spec.codes else ())]
    low, high = asked.edges(spec)
    return {"kind": spec.kind, "low": low, "high": high, "codes": codes}


def require_asked(
    fields: Iterable[Field], new: Mapping[str, Any], around: Around, *, on: date, today: date
) -> None:
    """Refuse new answers to questions that are not asked, each field with its reason.

    new      fact → the answer as it would be written; None takes an answer back
    on       the day the answers are of; what was asked then may be answered now
    Raises   Problem (household.not_asked)
    """
    idle = [field for field in fields if new.get(field.spec.name) is not None]
    for day in dict.fromkeys((today, on)):
        idle = [field for field in idle if field.spec.name in _not_asked(idle, new, around, day)]
    refusals = [(field, _refusal(field.spec, today)) for field in idle]
    for field, refused in refusals:
        field.wrong = refused.sentence(language())
    if refusals:
        raise refusals[0][1]


def _not_asked(
    fields: Sequence[Field], new: Mapping[str, Any], around: Around, day: date
) -> set[str]:
    if not fields or day < FIRST_DAY:
        return set()
    level = fields[0].spec.level
    values = {at: {name: known.value for name, known in of.items()} for at, of in around.items()}
    values[level] = {**values.get(level, {}), **new}
    about = dictionary.HOUSEHOLD if level == dictionary.PERSON else level
    card: dict[str, Any] = {**values.get(about, {}), "id": "top"}
    if about == dictionary.HOUSEHOLD:
        card["members"] = [{**values.get(dictionary.PERSON, {}), "id": "whose"}]
    try:
        answers = asked.answers(card, day, about)
    except Refused:
        return set()  # The rulebook says nothing of a day so long ago.
    whose = "whose" if level == dictionary.PERSON else "top"
    return {fact for (of, fact), answer in answers.items() if of == whose and answer is False}


def _refusal(spec: FactSpec, on: date) -> Problem:
    words = _words(spec, on) or Text("", "")
    return Problem(
        "household.not_asked", fact=spec.label.en, fact_zh=spec.label.zh, when=words.en,
        when_zh=words.zh,
    )  # fmt: skip
