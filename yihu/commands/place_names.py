"""What the places of a level are called, read from the registers where the rulebook has names."""

from __future__ import annotations

from pathlib import Path

from yihu.commands.registers import Registers
from yihu.rulebook.book import Rulebook
from yihu.rulebook.intake import Intake
from yihu.rulebook.refusals import Refused

#: The fact that holds the name of a place.
NAME = "name"


def place_names(rulebook: Rulebook, registers: Registers, level: str) -> dict[str, str]:
    """Code → name of the places of a level that have one.

    Read beside the snapshot: a name decides no rule, so it lies in none.
    """
    fact = rulebook.facts.get((level, NAME))
    if fact is None:
        return {}
    places = {at.name for at in rulebook.levels[2:]}
    files: dict[str, Path] = {at: file for at, file in registers.files.items() if at in places}
    try:
        opened = Intake(rulebook.levels, [fact], files, missing="unknown", bad="unknown")
    except Refused:
        return {}  # the file of another level, without names: codes will do
    if level not in opened.levels():
        return {}
    named: dict[str, str] = {}
    for batch in opened.batches(level):
        if NAME in batch.schema.names:
            pairs = (batch.column(column).to_pylist() for column in ("id", NAME))
            named |= {id_: name for id_, name in zip(*pairs, strict=True) if name}
    return named
