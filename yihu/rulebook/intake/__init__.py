"""Files people have → typed columns of each level, streamed, with every bad cell refused at once.

    data = intake(program, {"household": "户.xlsx", "person": "人.csv"})
    snapshot = snapshot.write(path, program.levels, data.tables(), …)

A file is read for one level. Levels above without a file of their own may stand in its rows, one
row per person with the household's facts repeated or on the head's row (`assembly`). Files are
opened and their headings matched at once; their rows are read when the batches are asked for, and
a file with bad cells is refused when its last row has been seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import pyarrow as pa

from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.intake.assembly import assembled
from yihu.rulebook.intake.bad_cells import BadCells
from yihu.rulebook.intake.headings import Found, Headings, Sought, detect, find, require_no_doubles
from yihu.rulebook.intake.heads import RELATION, Heads
from yihu.rulebook.intake.opened import BATCH, Table
from yihu.rulebook.intake.report import Report
from yihu.rulebook.intake.rows import Columns, LevelRows
from yihu.rulebook.intake.sources import open_table
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.refusals import Refused


def intake(
    program: Program,
    files: Mapping[str, str | Path],
    *,
    missing: Literal["refuse", "unknown"] = "refuse",
    bad: Literal["refuse", "unknown"] = "refuse",
) -> Intake:
    """Open the files for a program and match their headings.

    files    level → file or folder of files
    missing  a fact the program uses and the file of its level lacks: refuse, or read as unknown
    bad      a cell that cannot be meant: refuse the file, or read the cell as unknown and report
    Raises   Refused (intake.*)
    """
    facts = list(program.facts.values())
    return Intake(
        program.levels,
        facts,
        files,
        last=list(program.last_facts.values()),
        missing=missing,
        bad=bad,
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    level: Level
    table: Table
    found: Found
    sought: Sought


class Intake:
    """Opened files, ready to be read; see `intake`."""

    def __init__(
        self,
        levels: Sequence[Level],
        facts: Iterable[FactSpec],
        files: Mapping[str, str | Path],
        *,
        last: Iterable[FactSpec] = (),
        missing: Literal["refuse", "unknown"] = "refuse",
        bad: Literal["refuse", "unknown"] = "refuse",
    ) -> None:
        self.report = Report()
        self._levels = [level for level in levels if level.name != POPULATION]
        self._facts, self._last = list(facts), list(last)
        self._files = {name: Path(file) for name, file in files.items()}
        self._missing, self._bad = missing, bad
        self._require_known_levels()
        self._opened = {level.name: self._open(level) for level in self._own()}
        self._above = dict(self._standing_below())
        for opened in self._opened.values():
            self._require_columns(opened)
        self._note_absent()

    # -- opening -------------------------------------------------------------------------------

    def _own(self) -> list[Level]:
        """Levels with a file of their own; the same file given twice is the lower level's."""
        own, seen = [], set[Path]()
        for level in self._levels:
            file = self._files.get(level.name)
            if file is not None and file.absolute() not in seen:
                seen.add(file.absolute())
                own.append(level)
        return own

    def _require_known_levels(self) -> None:
        known = [level.name for level in self._levels]
        for name in self._files:
            if name not in known:
                raise Refused("intake.no_such_level", level=name, known=", ".join(known))

    def _open(self, level: Level) -> _Opened:
        sought = self._sought(level)
        table = open_table(self._files[level.name], lambda top: detect(top, sought))
        found = find(table.headings, sought)
        if not found.places():
            raise self._no_headings(level, table)
        require_no_doubles(table.headings, found, table.name)
        return _Opened(level, table, found, sought)

    def _no_headings(self, level: Level, table: Table) -> Refused:
        names = [*level.id, *(f.label.zh for f in self._of(level, self._facts))]
        seen = [heading.replace("\n", " ") for heading in table.headings if heading]
        return Refused(
            "intake.no_headings",
            file=table.name,
            found=", ".join(seen[:10]),
            expected=", ".join(names[:10]),
        )

    def _sought(self, level: Level) -> Sought:
        own = {one.name for one in self._own()}
        place = self._levels.index(level)
        above: dict[Level, tuple[FactSpec, ...]] = {}
        for higher in self._levels[place + 1 :]:
            if higher.name in own:
                break
            above[higher] = self._of(higher, self._facts)
        return Sought(level, self._of(level, self._facts), self._of(level, self._last), above)

    def _of(self, level: Level, facts: Iterable[FactSpec]) -> tuple[FactSpec, ...]:
        return tuple(fact for fact in facts if fact.level == level.name)

    def _standing_below(self) -> Iterator[tuple[str, _Opened]]:
        """Levels without a file whose key and facts stand in the rows of the next file below."""
        for opened in self._opened.values():
            for level in opened.sought.above:
                facts = [key for key in opened.found.facts if key[0] == level.name]
                higher = opened.found.parents.get(level.name)
                if self._key_places(opened, level) is not None and (facts or higher):
                    yield level.name, opened

    def _key_places(self, opened: _Opened, level: Level) -> tuple[int, ...] | None:
        """Where the key of a level above stands: as the parent of the level below, or as itself."""
        below = self._levels[self._levels.index(level) - 1]
        found = opened.found
        places = found.parents.get(below.name) or found.keys.get(level.name)
        if places is None and below is opened.level and self._heads(opened) is not None:
            return ()
        return places

    def _heads(self, opened: _Opened) -> Heads | None:
        """For a sheet without a household key: members belong to the head's row above them."""
        relation = Headings(opened.table.headings).place(RELATION)
        above = self._levels[self._levels.index(opened.level) + 1 :]
        if relation is None or not above or above[0].name in self._opened:
            return None
        return Heads(relation)

    # -- what is missing -----------------------------------------------------------------------

    def _require_columns(self, opened: _Opened) -> None:
        self._require_keys(opened)
        missing = [fact for fact in self._expected(opened) if not self._is_found(opened, fact)]
        for fact in missing:
            self.report.absent.append((fact.level, fact.name))
        needed = [fact for fact in missing if not fact.optional]
        if needed and self._missing == "refuse":
            raise self._missing_columns(opened, needed)
        for key, place in opened.found.facts.items():
            if key[0] == opened.level.name or key[0] in self._above:
                self.report.columns[key] = opened.table.headings[place].replace("\n", " ")

    def _expected(self, opened: _Opened) -> list[FactSpec]:
        facts = list(opened.sought.facts)
        for level, above in opened.sought.above.items():
            if self._above.get(level.name) is opened:
                facts += above
        return facts

    def _is_found(self, opened: _Opened, fact: FactSpec) -> bool:
        return (fact.level, fact.name) in opened.found.facts

    def _missing_columns(self, opened: _Opened, missing: Sequence[FactSpec]) -> Refused:
        known = Headings(opened.table.headings)
        lines: dict[str, list[str]] = {"zh": [], "en": []}
        for fact in missing:
            for lang, label in (("zh", fact.label.zh), ("en", fact.label.en)):
                near = known.nearest((fact.label.zh, *fact.columns), lang)
                lines[lang].append(f"  {fact.name} ({label}): {' / '.join(fact.columns)}{near}")
        return Refused(
            "intake.missing_columns",
            file=opened.table.name,
            count=len(missing),
            facts=[(fact.level, fact.name) for fact in missing],
            **{f"list_{lang}": "\n".join(found) for lang, found in lines.items()},
        )

    def _require_keys(self, opened: _Opened) -> None:
        level, found = opened.level, opened.found
        place = self._levels.index(level)
        if level.name not in found.keys:
            below = {one.name for one in self._levels[:place]} & set(self._opened)
            if below:
                raise self._no_key(opened, level, level.id)
            self.report.numbered.append(level.name)
        above = self._levels[place + 1 : place + 2]
        if above and above[0].name in self._opened and level.name not in found.parents:
            codes = any(parent.startswith("code:") for parent in level.parent)
            if not codes:
                raise self._no_key(opened, above[0], level.parent)

    def _no_key(self, opened: _Opened, level: Level, names: Sequence[str]) -> Refused:
        known = Headings(opened.table.headings)
        near = {f"near_{lang}": known.nearest(names, lang) for lang in ("zh", "en")}
        return Refused(
            "intake.no_key",
            file=opened.table.name,
            level_zh=level.label.zh,
            level_en=level.label.en,
            expected=" / ".join(names),
            **near,
        )

    def _note_absent(self) -> None:
        read = {*self._opened, *self._above}
        for fact in self._facts:
            if fact.level not in read:
                self.report.absent.append((fact.level, fact.name))
        self.report.assembled = {name: one.level.name for name, one in self._above.items()}

    # -- reading -------------------------------------------------------------------------------

    def levels(self) -> list[str]:
        """Levels that have rows, from the smallest up."""
        return [level.name for level in self._levels if level.name in {*self._opened, *self._above}]

    def tables(self) -> dict[str, Callable[[], Iterator[pa.RecordBatch]]]:
        """For each level with rows what reads it, as often as it is called."""
        return {name: partial(self.batches, name) for name in self.levels()}

    def batches(self, level: str, size: int = BATCH) -> Iterator[pa.RecordBatch]:
        """Record batches of a level: `id`, `parent` (if known) and its facts; unknown is null.

        Raises  Refused (intake.bad_cells, intake.broken) at the end of the file
        """
        opened = self._opened.get(level)
        if opened is not None:
            yield from self._rows(opened, opened.level).batches(size)
        else:
            yield from assembled(self._rows(self._above[level], self._level(level)), size)

    def _level(self, name: str) -> Level:
        return next(level for level in self._levels if level.name == name)

    def _rows(self, opened: _Opened, level: Level) -> LevelRows:
        found = opened.found
        own = level.name == opened.level.name
        above = self._levels[self._levels.index(opened.level) + 1 :]
        heads = self._heads(opened) if own or (above and level is above[0]) else None
        columns = Columns(
            level=level,
            key=found.keys.get(level.name) if own else self._key_places(opened, level),
            parent=found.parents.get(level.name),
            facts={k[1]: p for k, p in found.facts.items() if k[0] == level.name},
            flags={k[1]: p for k, p in found.flags.items() if k[0] == level.name},
            specs={fact.name: fact for fact in self._of(level, self._facts)}
            | {f"last.{fact.name}": fact for fact in self._of(level, self._last)},
            heads=heads,
            own=own,
        )
        bad = self.report.bad[level.name] = BadCells(opened.table.name)
        refuse = self._bad == "refuse"
        return LevelRows(opened.table, columns, bad, self.report, refuse=refuse)
