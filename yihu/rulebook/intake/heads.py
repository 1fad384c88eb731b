"""Members listed below the head of their household.

Many sheets name the household once, on the head's row (与户主关系 = 户主); the rows below, up to
the next head, are its members. A sheet sorted otherwise would give members to the wrong household,
so this is only done where the member's own row does not name its household.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from yihu.rulebook.intake.cells import is_blank, plain
from yihu.rulebook.intake.opened import Batch

#: Headings of the relation to the head.
RELATION = ("与户主关系", "与户主的关系", "家庭关系", "relation")
HEAD = frozenset(plain(word) for word in ("户主", "本人或户主", "户主本人", "head"))


@dataclass(frozen=True, slots=True)
class Heads:
    """relation: place of the column 与户主关系."""

    relation: int


class HeadsAbove:
    """Gives each row the household of the head above it, across batches."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._current: str | None = None

    def keys(self, raw: Batch, given: pa.Array | None, prefix: str) -> pa.Array:
        """Household of each row: its own where given, else that of the head above.

        A head without a household of its own is named by the number of its row.
        """
        relations = _cells(raw.columns[self._heads.relation])
        own = [None] * len(relations) if given is None else given.to_pylist()
        found: list[str | None] = []
        for row, relation, key in zip(raw.rows, relations, own, strict=True):
            if not is_blank(relation) and plain(str(relation)) in HEAD:
                self._current = key or (f"{prefix}{row}" if given is None else None)
            found.append(key or (None if is_blank(relation) else self._current))
        return pa.array(found, pa.large_string())


def _cells(raw: pa.Array | list[object]) -> list[object]:
    if isinstance(raw, list):
        return raw
    cells: list[object] = raw.to_pylist()
    return cells
