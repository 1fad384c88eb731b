"""Values of facts as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from yihu.book import dictionary
from yihu.exchange.targets import KEY_NAMES
from yihu.places.models import Place
from yihu.rulebook.facts import FactSpec, Text
from yihu.web.says import label, register, said

#: Measures of the yearly plan (年度帮扶计划), as the handbook names them: kept so in the book.
MEASURES = (
    ("发展生产", "Production"), ("转移就业", "Jobs"), ("教育培训", "Schooling, training"),
    ("医疗救助", "Medical aid"), ("低保", "Dibao"), ("养老", "Pension"), ("小额信贷", "Loan"),
    ("住房改造", "House repair"), ("慰问", "Relief"), ("其他", "Other"),
)  # fmt: skip
_IN_ENGLISH = dict(MEASURES)
#: Signs of a value that was never looked at by a form; what stands in a book is far shorter.
LONGEST = 2_000


def measure_called(measure: str) -> str:
    """A measure of help in the language of the page; what was written freely as it was written.

    >>> measure_called("发展生产"), measure_called("送来三只羊")
    ('发展生产', '送来三只羊')
    """
    return said(measure, _IN_ENGLISH.get(measure, measure))


@lru_cache(maxsize=4096)
def _spec(target: str) -> FactSpec | None:
    level, _, fact = target.partition(".")
    return dictionary.active().facts.get((level, fact))


@lru_cache(maxsize=4096)
def _codes(target: str) -> dict[str, Text]:
    spec = _spec(target)
    return {code.key: code.label for code in spec.codes.codes} if spec and spec.codes else {}


@register.filter
def fact_name(target: str) -> str:
    """The label of "person.schooling"; of a key of a sheet what it is."""
    spec = _spec(target)
    text = spec.label if spec else KEY_NAMES.get(target)
    return label(text) if text else target


@register.filter
def located(place: Place) -> str:
    """Where it is: of a hamlet its village too, for in each village one is called 1屯."""
    above = place.parent if place.level == "hamlet" else None
    return f"{above.name} {place.name}" if above else place.name


@register.filter
def listed(words: Iterable[object]) -> str:
    """Several words in a row, parted as the language of the page parts them."""
    return said("、", ", ").join(map(str, words))


@register.filter
def fact_value(value: Any, target: str) -> str:
    """A value in the spelling of the book as people read it.

    >>> fact_value(True, "person.soldier"), fact_value(None, "person.name")
    ('是', '—')
    """
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return said("是", "yes") if value else said("否", "no")
    if isinstance(value, list):
        return listed(fact_value(each, target) for each in value)
    spec = _spec(target)
    if spec and spec.codes:
        found = None if isinstance(value, dict) else _codes(target).get(value)
        return label(found) if found else str(value)
    if spec and spec.unit == "year":
        return str(value)  # of the calendar: no figure of it is a thousand
    if spec and spec.kind in ("money", "number") and isinstance(value, int | float):
        with suppress(OverflowError):  # what a phone sent may be no number of this world
            return f"{value:,.10g}"
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
