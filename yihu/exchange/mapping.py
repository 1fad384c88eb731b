"""Which column of a sheet is which fact: proposed from the rulebook, mended by a person, kept.

A target is written "person.schooling", "household.phone", "key.household" (户编号), "key.person"
(人编号) or "key.village" (行政村代码); "" is a column that is not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from yihu.access.models import Worker
from yihu.book import dictionary
from yihu.exchange.models import Mapping
from yihu.exchange.returned_marks import is_added
from yihu.problems import Problem
from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.intake.cells import plain
from yihu.rulebook.intake.headings import Found, Head, Headings, Sought, detect, find
from yihu.rulebook.intake.heads import RELATION
from yihu.rulebook.intake.opened import Table
from yihu.rulebook.intake.sources import open_table

KEYS = ("key.household", "key.person", "key.village")
#: Facts that number the rows of one sheet, and facts that only say where a household lives: the
#: card has its place, and a second copy of it would go stale with the first move.
NOT_TAKEN = frozenset({"person.sheet_row"})
WHERE = {
    "household.province_name": "province",
    "household.city_name": "city",
    "household.county_name": "county",
    "household.township_name": "township",
    "household.village_name": "village",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file opened: its table, and the columns as proposed, place → target.

    heads  headings of each sheet of a workbook of several
    """

    table: Table
    proposed: dict[int, str]
    heads: dict[str, list[str]]

    @property
    def shape(self) -> str:
        """What files of the same headings in the same order share."""
        return shape_of(self.table.headings)


def shape_of(headings: Sequence[str]) -> str:
    """SHA-256 of the headings, spelling aside; what we put beside returned rows does not count."""
    words = [plain(heading) for heading in headings if not is_added(heading)]
    while words and not words[-1]:
        words.pop()
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


#: Columns of a sheet. For each the page asks what it is: of thousands nobody could say it, and the
#: page would take many seconds. The widest register has some hundred.
MOST_COLUMNS = 500


def open_sheet(path: Path, sheet: str = "") -> Opened:
    """Open a file and propose what its columns are.

    sheet   of a workbook; "": the one whose headings fit best
    Raises  Refused (intake.*), Problem (exchange.no_headings, exchange.too_many_columns)
    """
    sought = _sought(dictionary.active())
    table = open_table(path, lambda top: _detect(top, sought), sheet)
    if len(table.headings) > MOST_COLUMNS:
        raise Problem(
            "exchange.too_many_columns", file=table.name, columns=f"{len(table.headings):,}",
            most=MOST_COLUMNS,
        )  # fmt: skip
    proposed = propose(table.headings)
    if not proposed:
        seen = [heading.replace("\n", " ") for heading in table.headings if heading]
        raise Problem(
            "exchange.no_headings", file=table.name, sheet=getattr(table, "sheet", "") or "1",
            found=", ".join(seen[:10]), expected="姓名, 证件号码, 户编号, 与户主关系",
        )  # fmt: skip
    heads = {name: head.headings for name, head in getattr(table, "heads", {}).items()}
    return Opened(table, proposed, heads if len(heads) > 1 else {})


def _detect(top: Sequence[Sequence[str]], sought: Sought) -> Head:
    return detect(top, sought)


@lru_cache(maxsize=4)
def _sought(rulebook: Rulebook) -> Sought:
    """All facts of people and households, and the keys of those two and of villages."""
    person, household, *above = rulebook.levels
    facts = {
        level.name: tuple(spec for spec in rulebook.facts.values() if spec.level == level.name)
        for level in (person, household)
    }
    higher: dict[Level, tuple[FactSpec, ...]] = {household: facts[household.name]}
    if above:
        higher[above[0]] = ()
    return Sought(person, facts[person.name], (), higher)


def propose(headings: Sequence[str]) -> dict[int, str]:
    """Place of a column → target, by the headings the rulebook knows. A person's fact comes first.

    >>> propose(["序号", "姓名", "户编号", "联系电话"])
    {1: 'person.name', 2: 'key.household', 3: 'household.phone'}
    """
    found = find(headings, _sought(dictionary.active()))
    made: dict[int, str] = {}
    for (level, name), place in found.facts.items():
        target = f"{level}.{name}"
        if target not in NOT_TAKEN:
            made.setdefault(place, target)
    _place_keys(found, made)
    return dict(sorted(made.items()))


def _place_keys(found: Found, made: dict[int, str]) -> None:
    keys = (
        ("key.household", found.parents.get("person") or found.keys.get("household")),
        ("key.person", found.keys.get("person")),
        ("key.village", found.parents.get("household") or found.keys.get("village")),
    )
    for target, places in keys:
        # A key of several columns joined is that of a survey, not of a register.
        if places and len(places) == 1:
            made[places[0]] = target


def relation_place(columns: MappingOf[int, str], headings: Sequence[str]) -> int | None:
    """The column 与户主关系, by what it was said to be or by its heading."""
    for place, target in columns.items():
        if target == "person.relation":
            return place
    return Headings(headings).place(RELATION)


def spec_of(target: str) -> FactSpec | None:
    """The fact of a target; None for a key. Raises Problem (book.unknown_fact)."""
    level, _, name = target.partition(".")
    return None if level == "key" else dictionary.spec_of(level, name)


def require_whole(columns: MappingOf[int, str], headings: Sequence[str]) -> None:
    """Refuse a mapping that names a fact twice, or nobody.

    Raises  Problem: exchange.mapped_twice, exchange.no_people, book.unknown_fact
    """
    seen: dict[str, int] = {}
    for place, target in columns.items():
        if target in seen:
            both = [headings[p].replace("\n", " ") for p in (seen[target], place)]
            raise Problem("exchange.mapped_twice", first=both[0], second=both[1])
        seen[target] = place
        if target not in KEYS:
            spec_of(target)
    people = {"person.name", "person.identity", "key.person"}
    if not (people | {"key.household"}) & seen.keys():
        raise Problem("exchange.no_people")


def remembered(headings: Sequence[str], department: str = "") -> dict[int, str] | None:
    """What somebody last said of headings like these; None if nobody did."""
    kept = Mapping.objects.filter(shape=shape_of(headings), department=department).first()
    if kept is None:
        return None
    return {int(place): target for place, target in kept.columns.items() if target}


def sheet_before(heads: MappingOf[str, Sequence[str]], department: str = "") -> str:
    """The sheet somebody chose in a workbook like this; "" where nobody has chosen.

    heads  name of each sheet → its headings
    """
    shapes = {name: shape_of(headings) for name, headings in heads.items()}
    rows = Mapping.objects.filter(shape__in=shapes.values(), department=department)
    chosen = dict(rows.exclude(sheet="").order_by("at").values_list("shape", "sheet"))
    known = [name for name, shape in shapes.items() if shape in chosen]
    # Sheets of the same headings are told by name; one alone may be called otherwise each month.
    same = [name for name in known if chosen[shapes[name]] == name]
    found = same or known
    return found[0] if len(found) == 1 else ""


def remember(
    headings: Sequence[str],
    columns: MappingOf[int, str],
    *,
    by: Worker,
    at: datetime,
    department: str = "",
    sheet: str = "",
) -> None:
    """Keep a mapping for the next file of the same shape.

    sheet  the sheet somebody chose, of a workbook of several
    """
    said = {str(place): columns.get(place, "") for place in range(len(headings))}
    Mapping.objects.update_or_create(
        shape=shape_of(headings), department=department,
        defaults={"columns": said, "by": by, "at": at, "sheet": sheet},
    )  # fmt: skip
