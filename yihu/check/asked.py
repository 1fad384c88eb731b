"""Which questions are asked of a household now: the conditions of facts on its card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from yihu.book import dictionary
from yihu.check.kept import BookReader
from yihu.rulebook import asked, asked_data
from yihu.rulebook.cards import Family, root_for
from yihu.rulebook.days import day_of, month_text
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.one_card import OneCard

#: (whose, fact): whose is the id a card gives a thing, as that of a person or household
Question = tuple[str, str]


@lru_cache(maxsize=8)
def _conditions(_hash: str, on: date) -> dict[tuple[str, str], asked.Condition]:
    return asked.conditions(dictionary.active(), on)


def conditions(on: date) -> Mapping[tuple[str, str], asked.Condition]:
    """The conditions of a day, by level and fact; what is not among them is asked of everybody."""
    return _conditions(dictionary.active().hash, on)


@lru_cache(maxsize=16)
def _reader(_hash: str, on: date, about: str) -> OneCard:
    book = dictionary.active()
    program = asked.program(book, on, root=root_for(book.levels, about))
    one = OneCard(book, on, about, program=program)
    one.reader = BookReader(program, book)
    return one


def answers(
    card: Mapping[str, Any] | Family, on: date, about: str = dictionary.HOUSEHOLD
) -> dict[Question, bool | None]:
    """Of each conditional question to the card's thing and those below: asked, not, not known yet.

    card    as `cards.card_of` makes it, of a household or a place; or as a reader has read it
    """
    if not dictionary.active().asked:
        return {}
    one = _reader(dictionary.active().hash, on, about)
    family = card if isinstance(card, Family) else one.reader.card(card, about)
    row, _ = one.rows_of(family)
    found = {(row.id, fact): a.holds for fact, a in one.compiled.answers(row, about).items()}
    for below in row.below:
        level = one.program.levels[below.level].name
        of = one.compiled.answers(below, level)
        found |= {(below.id, fact): answer.holds for fact, answer in of.items()}
    return found


def edges(spec: FactSpec) -> tuple[float | str | None, float | str | None]:
    """Least and greatest value of a fact as people write them; None: no bound."""
    return _edge(spec, spec.low), _edge(spec, spec.high)


def _edge(spec: FactSpec, value: float | None) -> float | str | None:
    if value is None:
        return None
    if spec.kind == "date":
        return day_of(int(value)).isoformat()
    if spec.kind == "month":
        return month_text(int(value))
    return value / 100 if spec.kind == "money" else value


def as_data(on: date) -> Mapping[str, asked_data.Data]:
    """The conditions of the forms of a household as plain data: "level.fact" → tree."""
    return _data(dictionary.active().hash, on)


# Every pull of every phone asks for it.
@lru_cache(maxsize=8)
def _data(_hash: str, on: date) -> Mapping[str, asked_data.Data]:
    book = dictionary.active()
    return {
        f"{level}.{fact}": asked_data.as_data(book, condition)
        for (level, fact), condition in conditions(on).items()
        if level in (dictionary.HOUSEHOLD, dictionary.PERSON)
    }
