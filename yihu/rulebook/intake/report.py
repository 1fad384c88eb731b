"""What an intake read and how it understood it."""

from __future__ import annotations

from dataclasses import dataclass, field

from yihu.rulebook.intake.bad_cells import BadCells

Key = tuple[str, str]


@dataclass
class Report:
    """What was read and how, for the page that says so.

    columns    (level, fact) → heading it was read from
    absent     facts no file brings; they are unknown for everybody
    numbered   levels whose file has no key: rows are named by their number
    assembled  level → the level whose rows its facts were gathered from
    rows       level → rows read;  blank: rows left out because nothing stood in them
    rounded    (level, fact) → amounts of a formula or float with more than two decimals, rounded
               half up to the fen
    bad        level → bad cells that were read as unknown, where that was asked for
    """

    columns: dict[Key, str] = field(default_factory=dict)
    absent: list[Key] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)
    assembled: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    blank: dict[str, int] = field(default_factory=dict)
    rounded: dict[Key, int] = field(default_factory=dict)
    bad: dict[str, BadCells] = field(default_factory=dict)
