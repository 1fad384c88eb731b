"""An entry that comes again under its id: does it say what stands in the book already?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.book.says import FACTS, facts_in
from yihu.problems import Problem


class Sent(Protocol):
    """What is asked of an entry that came."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def says(self) -> dict[str, Any]: ...  # noqa: D102
    @property
    def seen_on(self) -> date: ...  # noqa: D102
    @property
    def undoes(self) -> int | None: ...  # noqa: D102
    @property
    def sealed(self) -> Mapping[str, str] | None: ...  # noqa: D102


def says_the_same(new: Sent, row: Entry) -> bool:
    """Kind, day and all that is said are those of the row; facts in any spelling."""
    if (new.kind, new.seen_on, new.undoes) != (row.kind, row.seen_on, row.undoes):
        return False
    others = {key for key in {*new.says, *row.says} if key not in FACTS}
    if any(new.says.get(key) != row.says.get(key) for key in others):
        return False
    came, stands = ({key: says.get(key) or {} for key in FACTS} for says in (new.says, row.says))
    return _in_clear(came, row, {**(row.sealed or {}), **(new.sealed or {})}) == _in_clear(
        stands, row, row.sealed or {}
    )


def _in_clear(
    says: Mapping[str, Any], row: Entry, tokens: Mapping[str, str]
) -> dict[tuple[str, str], Any]:
    """(whose, fact) → value in the spelling of the book, secret ones opened."""
    found: dict[tuple[str, str], Any] = {}
    for whose, fact, value in facts_in(says):
        if isinstance(value, dict):
            token = tokens.get(str(value.get("sealed")))
            found[whose, fact] = token and dictionary.keys().open(value["sealed"], token)
            continue
        level = "person"
        if whose in ("household", "place"):
            level = row.book.place.level if row.book.place else "household"
        try:
            found[whose, fact] = dictionary.written(level, fact, value)
        except Problem:
            # As a rulebook before today's had it.
            found[whose, fact] = value
    return found
