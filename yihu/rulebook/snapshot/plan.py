"""What a snapshot is to be built from: levels, descriptions of facts, the size of its blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Phrase, Refused


@dataclass(frozen=True, slots=True)
class Plan:
    """How to build.

    levels        from the smallest up; the population is left out
    specs         (level, fact) → its description; facts of the last period are last.<name>
    block         households in a block
    keep_strays   take in persons without household; otherwise they are refused
    names         level → what people call its table, as a file; told in refusals
    """

    levels: tuple[Level, ...]
    specs: Mapping[tuple[str, str], FactSpec]
    block: int
    keep_strays: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    def level_names(self) -> tuple[str, ...]:
        """Names from the smallest up, without the population."""
        return tuple(level.name for level in self.levels if level.name != POPULATION)

    @property
    def lower(self) -> str:
        """The lowest level: persons."""
        return self.level_names()[0]

    @property
    def upper(self) -> str:
        """The level above it: households; empty if there is only one level."""
        return (*self.level_names(), "")[1]

    def key_length(self, level: str) -> int:
        """How much of its own code names the thing above; 0 if it does not."""
        parent = next(at.parent for at in self.levels if at.name == level)
        code = next((p for p in parent if p.startswith("code:")), "code:0")
        return int(code.removeprefix("code:"))

    def said(self, level: str) -> dict[str, str]:
        """A level's label as the details of a refusal."""
        label = next(at.label for at in self.levels if at.name == level)
        return {"level": label.en, "level_zh": label.zh, "table": self.table(level)}

    def table(self, level: str) -> str:
        """What people call the table of a level."""
        label = next(at.label for at in self.levels if at.name == level)
        return self.names.get(level) or Phrase(f"the table of {label.en}", f"{label.zh}表")

    def stray(self, count: int, id_: object, key: object) -> Refused:
        """The refusal of things that belong nowhere; one of them as an example."""
        up = self.levels[1].label
        return Refused(
            "snapshot.stray",
            count=count,
            **self.said(self.levels[0].name),
            above=up.en,
            above_zh=up.zh,
            above_table=self.table(self.levels[1].name),
            id=id_,
            key="" if key is None else key,
        )
