"""A card given by hand → rows of every level, in the form of the tree.

A card is a mapping: facts by name, those below under the plural of their level (`members`), what
is above under its level's name (`village`), values of the period before under `last`. Money is in
yuan, days are days, codes are keys of their list; None or a missing name is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from yihu.rulebook.book import Rulebook
from yihu.rulebook.days import month_number, number_of
from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.literals import day_of, month_of
from yihu.rulebook.parse import BadText
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.refusals import Refused, suggestion

Value = bool | int | float | str | None


@dataclass(slots=True)
class Thing:
    """One thing of a level with its values in the form of the tree, and those below it."""

    level: str
    id: str
    values: dict[str, Value] = field(default_factory=dict)
    below: list[Thing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Family:
    """A whole card: the chain of things above, and the top of the part that is complete."""

    above: tuple[Thing, ...]  # nearest first
    top: Thing

    def at(self, level: str) -> list[Thing]:
        """All things of a level inside the complete part, in order."""
        found = [self.top]
        while found and found[0].level != level:
            found = [child for thing in found for child in thing.below]
        return found


def root_for(program_levels: Sequence[Level], about: str) -> str:
    """The level whose card answers rules about a level: persons are asked on household cards."""
    names = [level.name for level in program_levels]
    return names[1] if about == names[0] and len(names) > 1 else about


class Reader:
    """Reads cards for a program; every name the rulebook does not know is refused."""

    def __init__(self, program: Program, rulebook: Rulebook) -> None:
        self.program = program
        self.levels = program.levels
        self.specs = {**rulebook.facts, **program.facts}
        self.last = {**rulebook.facts, **program.last_facts}
        self.may_be_given = {key for key, derived in rulebook.derived.items() if derived.given}
        self._rank = {level.name: i for i, level in enumerate(self.levels)}
        self._plural = {level.plural: level.name for level in self.levels}

    def card(self, card: Mapping[str, Any], about: str) -> Family:
        """A card for rules about a level. Raises Refused (card.*)."""
        root = root_for(self.levels, about)
        if about != root and self.levels[0].plural not in card:
            card = _as_household(card, root, self.levels[0].plural, set(self._rank) - {about})
        above = []
        for level in self.levels[self._rank[root] + 1 :]:
            body = card.get(level.name, card.get(level.alias) if level.alias else None)
            above.append(self._thing(level.name, body or {}, f"{level.name}-1", ()))
        skip = {t.level for t in above} | {level.alias for level in self.levels if level.alias}
        return Family(tuple(above), self._thing(root, card, f"{root}-1", skip))

    def _thing(
        self, level: str, body: Mapping[str, Any], id_: str, skip: Sequence[str] | set[str]
    ) -> Thing:
        thing = Thing(level, str(body.get("id", id_)))
        for name, value in body.items():
            if name in ("id", "times") or name in skip:
                continue
            if name == "last":
                for inner, old in value.items():
                    thing.values[f"last.{inner}"] = self._value(self.last, level, inner, old)
            elif name in self._plural:
                thing.below = self._children(level, self._plural[name], value, thing.id)
            else:
                thing.values[name] = self._value(self.specs, level, name, value)
        return thing

    def _children(self, level: str, below: str, bodies: Any, id_: str) -> list[Thing]:
        step = self.levels[self._rank[level] - 1].name
        if step != below:
            # A county card may list households: they lie in one unnamed village and township.
            return [Thing(step, f"{id_}/{step}", {}, self._children(step, below, bodies, id_))]
        found: list[Thing] = []
        for body in bodies:
            for _ in range(int(body.get("times", 1))):
                found.append(self._thing(below, body, f"{id_}/{len(found) + 1}", ()))
        return found

    def _value(
        self, specs: Mapping[tuple[str, str], FactSpec], level: str, name: str, value: Any
    ) -> Value:
        spec = specs.get((level, name))
        if spec is None and (level, name) in self.may_be_given:
            return None  # given, but no rule of this program asks for it
        if spec is None:
            names = [n for at, n in specs if at == level]
            raise Refused(
                "card.unknown_name", name=name, level=level, suggestion=suggestion(name, names)
            )
        return None if value is None else value_of(spec, value)


def _as_household(
    card: Mapping[str, Any], root: str, plural: str, levels: set[str]
) -> dict[str, Any]:
    """A person's own card as the card of a household of one (`household = {…}` around it)."""
    around = {k: v for k, v in card.items() if k in levels}
    inner = dict(around.pop(root, {}))
    person = {k: v for k, v in card.items() if k not in levels}
    return {**inner, **around, plural: [person, *inner.get(plural, [])]}


def value_of(spec: FactSpec, value: Any) -> Value:
    """A hand-written value in the form of the tree. Raises Refused (card.bad_value)."""
    try:
        found = _READ[spec.kind](spec, value)
    except (BadText, KeyError, TypeError, ValueError, InvalidOperation):
        raise Refused(
            "card.bad_value", name=spec.name, found=repr(value), expected=_expected(spec)
        ) from None
    for limit, outside in ((spec.low, -1), (spec.high, 1)):
        if limit is not None and isinstance(found, int | float) and found is not None:
            if (found - limit) * outside > 0:
                raise Refused(
                    "card.bad_value", name=spec.name, found=repr(value), expected=_expected(spec)
                )
    return found


def _truth(spec: FactSpec, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError


def _whole(spec: FactSpec, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError


def _money(spec: FactSpec, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError
    fen = Decimal(str(value)) * 100
    if fen != int(fen):
        raise ValueError
    return int(fen)


def _number(spec: FactSpec, value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _date(spec: FactSpec, value: Any) -> int:
    if isinstance(value, datetime):
        value = value.date()
    return number_of(value) if isinstance(value, date) else day_of(str(value))


def _month(spec: FactSpec, value: Any) -> int:
    return month_number(value) if isinstance(value, date) else month_of(str(value))


def _code(spec: FactSpec, value: Any) -> int:
    assert spec.codes is not None
    return spec.codes.spellings()[str(value)]


def _codes(spec: FactSpec, value: Any) -> int:
    if isinstance(value, str):
        raise TypeError
    mask = 0
    for word in value:
        mask |= 1 << _code(spec, word)
    return mask


def _text(spec: FactSpec, value: Any) -> str | None:
    if not isinstance(value, str):
        raise TypeError
    return value.strip() or None


_READ: dict[str, Callable[[FactSpec, Any], Value]] = {
    "yes_no": _truth, "whole": _whole, "money": _money, "number": _number, "date": _date,
    "month": _month, "code": _code, "codes": _codes, "text": _text, "identity": _text,
}  # fmt: skip


def _expected(spec: FactSpec) -> str:
    if spec.codes is not None:
        return f"{spec.kind}: {', '.join(c.key for c in spec.codes.codes)}"
    bounds = "" if spec.low is None and spec.high is None else f" ({spec.low}–{spec.high})"
    return f"{spec.kind}{bounds}"


def things_under(thing: Thing) -> Iterator[Thing]:
    """The thing and everything below it."""
    yield thing
    for child in thing.below:
        yield from things_under(child)


def is_population(level: str) -> bool:
    """Whether a level is everybody."""
    return level == POPULATION
