"""Places of a snapshot: from their tables, or made from the keys of what lies in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.arrays.values import Array
from yihu.rulebook.snapshot.join import TEXT, keyed
from yihu.rulebook.snapshot.plan import Plan

#: A table may name things of a level further up: a column parent:<level>.
PARENT_OF = "parent:"


class Places:
    """The things of one level above households, by id; without a table they are made."""

    def __init__(self, ids: Iterable[str] | None) -> None:
        self.made = ids is None
        self.index = {id_: i for i, id_ in enumerate(ids or ())}
        self.keys: pa.LargeStringArray | None = None

    def places_of(self, keys: pa.LargeStringArray) -> Array:
        """Index of each key, -1 where unknown; a level without table takes in new keys."""
        if not len(keys):
            return np.empty(0, np.int32)
        coded = pc.dictionary_encode(keys, null_encoding="mask")
        words = coded.dictionary.to_pylist()
        if self.made:
            for word in words:
                self.index.setdefault(word, len(self.index))
        known = np.array([*(self.index.get(word, -1) for word in words), -1], np.int32)
        places: Array = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        return known[places]

    def ids(self) -> pa.Table:
        """The ids as a table."""
        return pa.table({"id": pa.array(list(self.index), TEXT)})


def parent_keys(plan: Plan, level: str, table: pa.Table) -> tuple[Any, str]:
    """Keys of the things above and the level these are of; (None, "") if there are none.

    That is the next level, unless a column parent:<level> names another one. Without a column,
    the first characters of the own code may name the thing above.
    """
    names = plan.level_names()
    above = (*names, "")[names.index(level) + 1]
    for name in table.column_names:
        if name.startswith(PARENT_OF):
            return keyed(table, name), name.removeprefix(PARENT_OF)
    if not above:
        return None, ""
    if "parent" in table.column_names:
        return keyed(table, "parent"), above
    length = plan.key_length(level)
    return (_first_of_code(keyed(table, "id"), length), above) if length else (None, "")


def _first_of_code(ids: pa.LargeStringArray, length: int) -> Any:
    whole = pc.greater_equal(pc.utf8_length(ids), length)
    key = pc.utf8_slice_codeunits(ids, 0, length)
    return pc.if_else(whole, key, pa.scalar(None, TEXT))
