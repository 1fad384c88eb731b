"""What the parts of a rulebook are called: `sections.csv` beside its rulebook.toml.

Rules and facts stand in files named for their matter. The table gives each file (its path in the
folder without ending) a title in both languages; a file that is not in it keeps its own name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from yihu.rulebook.facts import Text

TABLE = "sections.csv"


def section_titles(folders: Iterable[Path]) -> dict[str, Text]:
    """Path of a file without ending, as "guangxi/rules/duties" → its title."""
    found: dict[str, Text] = {}
    for folder in folders:
        table = folder / TABLE
        if table.is_file():
            with table.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    found[f"{folder.name}/{row['file']}"] = Text(row["zh"], row["en"])
    return found


def file_name(path: str) -> Text:
    """The name of a file where nothing better is known."""
    word = Path(path).name.replace("_", " ")
    return Text(word, word)
