"""Which column of a file is which fact.

A heading is matched by what people mean: width, spaces and capitals do not count, and where
nothing fits otherwise, neither do a number in front and a unit behind ("3、家庭总收入（元）"). Real
sheets have title lines above the headings and headings in two lines: the lines that fit best are
taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.intake.cells import plain
from yihu.rulebook.refusals import Refused, suggestion

#: Headings are looked for in so many lines at the top.
LINES = 6
#: Words in front of a heading that make it the value of the period before.
BEFORE = ("last.", "上期", "上年")

_NUMBER_IN_FRONT = re.compile(r"^[(]?[0-9一二三四五六七八九十]{1,3}[)、.．:：]+")
_PRINTED_CODE = re.compile(r"[A-Z]{1,3}[0-9]{0,3}[a-z]?")
_COLUMN_WORDS = frozenset("甲乙丙丁戊")
_UNIT_BEHIND = re.compile(r"[(][^()]*[)]$")


def loosened(heading: str) -> str:
    """A heading without the number in front and the brackets behind.

    >>> loosened("3、家庭总收入（元）")
    '家庭总收入'
    """
    word = plain(heading)
    return _UNIT_BEHIND.sub("", _NUMBER_IN_FRONT.sub("", word)) or word


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in a file of one level.

    facts   facts of the level; last those of the period before
    above   levels above that have no file of their own, each with its facts: their values may
            stand in the rows of this file
    """

    level: Level
    facts: tuple[FactSpec, ...]
    last: tuple[FactSpec, ...] = ()
    above: Mapping[Level, tuple[FactSpec, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """Places of columns (from 0) in a file.

    facts   (level, name) → place; a fact of the period before as (level, "last." + name)
    flags   (level, name) → place of its flag column
    keys    level → places of its own key;  parents: level → places of the key above
    """

    facts: dict[tuple[str, str], int] = field(default_factory=dict)
    flags: dict[tuple[str, str], int] = field(default_factory=dict)
    keys: dict[str, tuple[int, ...]] = field(default_factory=dict)
    parents: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def places(self) -> list[int]:
        """All columns that are read, in the order of the file."""
        keys = [p for key in (*self.keys.values(), *self.parents.values()) for p in key]
        return sorted({*self.facts.values(), *self.flags.values(), *keys})


class Headings:
    """The headings of a file, ready to be looked up."""

    def __init__(self, headings: Sequence[str]) -> None:
        self.headings = list(headings)
        # Of whole headings that stand twice the first; see `require_no_doubles`.
        whole = [heading.replace("\n", "") for heading in self.headings]
        self._whole = {form: place for place, form in reversed(list(enumerate(whole))) if form}
        self._plain = self._by(plain)
        self._parts = self._by(plain, parts=True)
        self._loose = self._by(loosened, parts=True)

    def _by(self, form: Callable[[str], str], *, parts: bool = False) -> dict[str, int]:
        """Places by the form of the heading; a form that stands for two columns for neither."""
        found: dict[str, set[int]] = {}
        for place, heading in enumerate(self.headings):
            # A heading in two lines is known by each of them too: "其他\nP5".
            for part in (heading.replace("\n", ""), *(heading.split("\n") if parts else ())):
                if part:
                    found.setdefault(form(part), set()).add(place)
        return {key: places.pop() for key, places in found.items() if len(places) == 1}

    def place(self, names: Iterable[str]) -> int | None:
        """Place of the first name that is a heading; close spelling before loose spelling."""
        words = list(names)
        steps = ((self._whole, str), (self._plain, plain), (self._parts, plain))
        for index, form in (*steps, (self._loose, loosened)):
            for word in words:
                if form(word) in index:
                    return index[form(word)]
        return None

    def places(self, sets: Iterable[str]) -> tuple[int, ...] | None:
        """Places of the first key all of whose parts (joined by "+") are headings."""
        for joined in sets:
            found = [self.place([part]) for part in joined.split("+")]
            whole = [place for place in found if place is not None]
            if len(whole) == len(found):
                return tuple(whole)
        return None

    def nearest(self, names: Iterable[str], lang: str) -> str:
        """A phrase that names the heading most like one of the names."""
        for name in names:
            near = suggestion(name, self.headings, lang)
            if near:
                return near
        return ""


def find(headings: Sequence[str], sought: Sought) -> Found:
    """Where the columns sought are."""
    known, found = Headings(headings), Found()
    _find_keys(known, sought.level, found)
    _find_facts(known, sought.facts, found)
    _find_last(known, sought.last, found)
    for level, facts in sought.above.items():
        _find_keys(known, level, found)
        _find_facts(known, facts, found)
    return found


def _find_keys(known: Headings, level: Level, found: Found) -> None:
    for sets, into in ((level.id, found.keys), (level.parent, found.parents)):
        places = known.places(sets)
        if places is not None:
            into[level.name] = places


def _find_facts(known: Headings, facts: Iterable[FactSpec], found: Found) -> None:
    for fact in facts:
        place = known.place(_names(fact))
        if place is not None:
            found.facts[fact.level, fact.name] = place
        flag = known.place([fact.flag.column]) if fact.flag else None
        if flag is not None:
            found.flags[fact.level, fact.name] = flag


def _find_last(known: Headings, facts: Iterable[FactSpec], found: Found) -> None:
    for fact in facts:
        place = known.place(f"{before}{name}" for before in BEFORE for name in _names(fact))
        if place is not None:
            found.facts[fact.level, f"last.{fact.name}"] = place


def _names(fact: FactSpec) -> tuple[str, ...]:
    return tuple(dict.fromkeys((fact.name, fact.label.zh, *fact.columns, fact.label.en)))


@dataclass(frozen=True, slots=True)
class Head:
    """The heading lines of a file.

    lines   with how many lines they end
    fits    how many columns that are sought they name
    """

    lines: int
    headings: list[str]
    fits: int = 0


def detect(top: Sequence[Sequence[str]], sought: Sought) -> Head:
    """The one or two lines at the top whose headings fit best.

    Of equals one line comes before two, so that a title is not taken for an upper line, and the
    first before the second. A line of printed codes or column numbers below belongs to them.

    top   the first lines of the file, cell by cell
    """
    best, rank = Head(1, [cell.strip() for cell in top[0]]), (0, 0, 0)
    for line in range(min(LINES, len(top))):
        for lines, headings in _candidates(top, line):
            fits = len(find(headings, sought).places())
            if fits and (fits, line - lines, -line) > rank:
                best, rank = Head(lines, headings, fits), (fits, line - lines, -line)
    return best


def is_code_line(line: Sequence[str]) -> bool:
    """A line of printed codes (A1, A2, …) or of the numbers of the columns (1, 2, 3, 4, …).

    >>> is_code_line(["甲", "1", "2", "3", "4"]), is_code_line(["7", "3", "2", "1"])
    (True, False)
    """
    cells = [cell.strip() for cell in line if cell.strip()]
    numbers = [cell for cell in cells if cell.isdigit()]
    printed = [cell for cell in cells if _PRINTED_CODE.fullmatch(cell)]
    if len(numbers) >= 4 and numbers == [str(i + 1) for i in range(len(numbers))]:
        return len(numbers) + sum(cell in _COLUMN_WORDS for cell in cells) == len(cells)
    return len(printed) >= 3 and len(printed) == len(cells) and len(set(cells)) == len(cells)


def _candidates(top: Sequence[Sequence[str]], line: int) -> Iterable[tuple[int, list[str]]]:
    one = [cell.strip() for cell in top[line]]
    below = top[line + 1] if line + 1 < len(top) else []
    if not is_code_line(below):
        yield line + 1, one
    if below:
        two = [cell.strip() for cell in below]
        upper = _carried(one) + [""] * (len(two) - len(one))
        lower = two + [""] * (len(one) - len(two))
        both = [a if a == b or not b else f"{a}\n{b}" for a, b in zip(upper, lower, strict=True)]
        yield line + 2, both


def _carried(line: Sequence[str]) -> list[str]:
    """An upper heading stands over the columns to its right until the next one."""
    carried, current = [], ""
    for cell in line:
        current = cell or current
        carried.append(current)
    return carried


def require_no_doubles(headings: Sequence[str], found: Found, file: str) -> None:
    """Refuse a file in which a heading that is needed stands twice."""
    for place in found.places():
        same = [i for i, heading in enumerate(headings) if heading == headings[place]]
        if len(same) > 1:
            columns = ", ".join(str(i + 1) for i in same)
            raise Refused(
                "intake.double_heading", file=file, heading=headings[place], columns=columns
            )
