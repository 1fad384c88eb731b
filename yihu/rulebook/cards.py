"""A card given by hand → rows of every level, in the form of the tree.

A card is a mapping: facts by name, those below under the plural of their level (`members`), what
is above under its level's name (`village`), values of the period before under `last`. Money is in
yuan, days are days, codes are keys of their list; None or a missing name is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yihu.rulebook.book import Rulebook
from yihu.rulebook.days import day_of as day_from
from yihu.rulebook.days import month_number, month_text, number_of
from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.language.literals import day_of, month_of
from yihu.rulebook.language.parse import BadText
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Phrase, Refused, suggestion

#: Things one card may hold, `times` counted.
MOST_THINGS = 100_000
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
        self._left = MOST_THINGS

    def card(self, card: Mapping[str, Any], about: str) -> Family:
        """A card for rules about a level. Raises Refused (card.*)."""
        _require_table(about, card)
        root = root_for(self.levels, about)
        if about != root and self.levels[0].plural not in card:
            card = _as_household(card, root, self.levels[0].plural, set(self._rank) - {about})
        above, skip = [], set()
        for level in self.levels[self._rank[root] + 1 :]:
            words = [word for word in (level.name, level.alias) if word in card]
            body = card[words[0]] if words else {}
            _require_table(level.name, body)
            above.append(self._thing(level.name, body, f"{level.name}-1", ()))
            skip.update(words)
        self._left = MOST_THINGS
        top = self._thing(root, card, f"{root}-1", skip)
        if about != root and not top.below:
            raise _bad(
                self.levels[0].plural,
                [],
                Phrase("one at least: the first is asked about", "至少一人：规则问的是第一人"),
            )
        return Family(tuple(above), top)

    def _thing(
        self, level: str, body: Mapping[str, Any], id_: str, skip: Sequence[str] | set[str]
    ) -> Thing:
        _require_table(level, body)
        thing = Thing(level, str(body.get("id", id_)))
        for name, value in body.items():
            if name in ("id", "times") or name in skip:
                continue
            if name == "last":
                _require_table("last", value)
                for inner, old in value.items():
                    thing.values[f"last.{inner}"] = self._value(self.last, level, inner, old)
            elif self._rank.get(self._plural.get(name, ""), self._rank[level]) < self._rank[level]:
                thing.below = self._children(level, self._plural[name], value, thing.id)
            else:
                thing.values[name] = self._value(self.specs, level, name, value)
        return thing

    def _children(self, level: str, below: str, bodies: Any, id_: str) -> list[Thing]:
        step = self.levels[self._rank[level] - 1].name
        if step != below:
            # A county card may list households: they lie in one unnamed village and township.
            return [Thing(step, f"{id_}/{step}", {}, self._children(step, below, bodies, id_))]
        if not isinstance(bodies, Sequence) or isinstance(bodies, str):
            raise _bad(below, bodies, Phrase("a list [ {…}, {…} ]", "列表 [ {…}, {…} ]"))
        found: list[Thing] = []
        for body in bodies:
            _require_table(below, body)
            for _ in range(self._times(body.get("times", 1))):
                found.append(self._thing(below, body, f"{id_}/{len(found) + 1}", ()))
        return found

    def _times(self, times: Any) -> int:
        if isinstance(times, bool) or not isinstance(times, int) or not 0 <= times <= self._left:
            raise _bad("times", times, Phrase(f"0–{self._left}", f"0–{self._left}"))
        self._left -= times
        return times

    def _value(
        self, specs: Mapping[tuple[str, str], FactSpec], level: str, name: str, value: Any
    ) -> Value:
        spec = specs.get((level, name))
        if spec is None and (level, name) in self.may_be_given:
            return None  # given, but no rule of this program asks for it
        if spec is None:
            names = [n for at, n in specs if at == level]
            label = self.levels[self._rank[level]].label
            raise Refused(
                "card.unknown_name",
                name=name,
                level=Phrase(label.en, label.zh),
                suggestion=suggestion(str(name), names),
            )
        return None if value is None else value_of(spec, value)


def _as_household(
    card: Mapping[str, Any], root: str, plural: str, levels: set[str]
) -> dict[str, Any]:
    """A person's own card as the card of a household of one (`household = {…}` around it)."""
    around = {k: v for k, v in card.items() if k in levels}
    inner = around.pop(root, {})
    _require_table(root, inner)
    person = {k: v for k, v in card.items() if k not in levels}
    others = inner.get(plural, [])
    if not isinstance(others, list):
        raise _bad(plural, others, Phrase("a list [ {…}, {…} ]", "列表 [ {…}, {…} ]"))
    return {**inner, **around, plural: [person, *others]}


def value_of(spec: FactSpec, value: Any) -> Value:
    """A hand-written value in the form of the tree. Raises Refused (card.bad_value)."""
    try:
        found = _READ[spec.kind](spec, value)
    except (ArithmeticError, BadText, KeyError, TypeError, ValueError):
        raise _bad(spec.name, value, _other_days(spec, value) or _expected(spec)) from None
    if isinstance(found, int | float) and spec.type.value in _BOUNDED:
        low, high = spec.bounds
        if not low <= found <= high:
            raise _bad(spec.name, value, _expected(spec))
    return found


_BOUNDED = ("whole", "money", "real", "date", "month")


def _bad(name: str, found: object, expected: object) -> Refused:
    shown = repr(found)
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return Refused("card.bad_value", name=name, found=shown, expected=expected)


def _require_table(name: str, body: object) -> None:
    if not isinstance(body, Mapping):
        raise _bad(name, body, Phrase("a table { fact = value }", "键值表 { 指标 = 值 }"))


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError
    if not math.isfinite(value):
        raise ValueError
    return Decimal(str(value))


def _money(value: Any) -> int:
    fen = _decimal(value) * 100
    if fen != int(fen):
        raise ValueError
    return int(fen)


def _number(value: Any) -> float:
    return float(_decimal(value))


def _date(value: Any) -> int:
    if isinstance(value, datetime):
        value = value.date()
    return number_of(value) if isinstance(value, date) else day_of(value)


def _month(value: Any) -> int:
    return month_number(value) if isinstance(value, date) else month_of(value)


def _code(spec: FactSpec, value: Any) -> int:
    if spec.codes is None:
        raise TypeError
    return spec.spellings()[str(value)]


def _codes(spec: FactSpec, value: Any) -> int:
    if isinstance(value, str):
        raise TypeError
    mask = 0
    for word in value:
        mask |= 1 << _code(spec, word)
    return mask


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        raise TypeError
    return value.strip() or None


_READ: dict[str, Callable[[FactSpec, Any], Value]] = {
    "yes_no": lambda _, value: _truth(value),
    "whole": lambda _, value: _whole(value),
    "money": lambda _, value: _money(value),
    "number": lambda _, value: _number(value),
    "date": lambda _, value: _date(value),
    "month": lambda _, value: _month(value),
    "code": _code,
    "codes": _codes,
    "text": lambda _, value: _text(value),
    "identity": lambda _, value: _text(value),
}
_EXPECTED = {
    "yes_no": Phrase("true or false", "true 或 false"),
    "whole": Phrase("a whole number", "整数"),
    "money": Phrase("money in yuan, to the fen", "金额（元，精确到分）"),
    "number": Phrase("a number", "数"),
    "date": Phrase("a day such as 2020-09-01", "日期，如 2020-09-01"),
    "month": Phrase('a month such as "2020-09"', '月份，如 "2020-09"'),
    "code": Phrase("one of", "以下之一"),
    "codes": Phrase("a list of", "以下各项的列表"),
    "text": Phrase("text", "文本"),
    "identity": Phrase("an identity number as text", "证件号码文本"),
}


def _other_days(spec: FactSpec, value: Any) -> Phrase | None:
    """What to say of a code that is in use on other days."""
    for word in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
        days = None if str(word) in spec.spellings() else spec.other_days(str(word))
        if days is not None:
            on = spec.read_on[-1]
            return Phrase(
                f"a code in use on {on}: “{word}” is one {days.en}",
                f"{on} 使用的代码：“{word}”用于 {days.zh}",
            )
    return None


def _expected(spec: FactSpec) -> Phrase:
    kind = _EXPECTED[spec.kind]
    rest = ""
    if spec.codes is not None:
        places = dict.fromkeys(spec.spellings().values())
        rest = f": {', '.join(spec.codes.codes[p].key for p in [*places][:MOST_SHOWN])}"
    elif spec.low is not None or spec.high is not None:
        rest = f" ({_shown(spec, spec.low)}–{_shown(spec, spec.high)})"
    return Phrase(f"{kind}{rest}", f"{kind.zh}{rest}")


#: Codes named in a refusal.
MOST_SHOWN = 40


def _shown(spec: FactSpec, bound: float | None) -> str:
    """A bound as it is written on a card."""
    if bound is None:
        return "…"
    if spec.kind == "money":
        return f"{Decimal(int(bound)) / 100:f}"
    if spec.kind == "date":
        return str(day_from(int(bound)))
    return month_text(int(bound)) if spec.kind == "month" else f"{bound:.15g}"


def things_under(thing: Thing) -> Iterator[Thing]:
    """The thing and everything below it."""
    yield thing
    for child in thing.below:
        yield from things_under(child)
