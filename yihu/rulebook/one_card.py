"""One card by hand, one answer for each rule: the reference reader as a program would call it.

reader = OneCard(rulebook, on=date(2019, 12, 31), about="household")
reader.answers({"house_grade": "b", "members": [{"birth": "2008-03-01"}]})
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from yihu.rulebook.bind import bind
from yihu.rulebook.book import Rulebook
from yihu.rulebook.cards import Family, Reader, Thing, root_for
from yihu.rulebook.evaluate import Answer, Compiled, Row, compiled, tie
from yihu.rulebook.program import POPULATION, Program


class OneCard:
    """The reference reader for cards about one level, on one day.

    rules    names of the rules to answer; all in force unless given
    program  what is answered instead of rules, as `asked.program` gives it
    """

    def __init__(
        self,
        rulebook: Rulebook,
        on: date,
        about: str,
        rules: Collection[str] | None = None,
        *,
        program: Program | None = None,
    ) -> None:
        self.about = about
        self.root = POPULATION if about == POPULATION else root_for(rulebook.levels, about)
        self.program: Program = program or bind(rulebook, on, root=self.root, rules=rules)
        self.compiled: Compiled = compiled(self.program)
        self.reader = Reader(self.program, rulebook)

    def rows(self, card: Mapping[str, Any]) -> tuple[Family, Row, Row]:
        """The card's things, the row asked about, and the row of the card itself."""
        family = self.reader.card(card, self.about)
        return family, *self.rows_of(family)

    def rows_of(self, family: Family) -> tuple[Row, Row]:
        """The row asked about and that of the card, for a card that was read already."""
        top = self._row(family.top)
        below = top
        for thing in family.above:
            above = self.compiled.row(thing.level, thing.id, thing.values)
            tie(above, [below])
            below = above
        asked = top
        while self.program.levels[asked.level].name != self.about:
            asked = asked.below[0]
        return asked, top

    def _row(self, thing: Thing) -> Row:
        row = self.compiled.row(thing.level, thing.id, thing.values)
        tie(row, [self._row(child) for child in thing.below])
        return row

    def answers(self, card: Mapping[str, Any]) -> dict[str, Answer]:
        """Every rule about the level, for one card."""
        _, asked, _ = self.rows(card)
        return self.compiled.answers(asked, self.about)
