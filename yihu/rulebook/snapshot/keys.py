"""Texts as numbers, to find equal ones among hundreds of millions without keeping the texts.

Two independent 64-bit numbers for each text: equal texts give equal pairs, and by chance two
different ones among 10^8 do so once in 10^22 runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.arrays.texts import bytes_of_size, raw_bytes
from yihu.rulebook.arrays.values import Array
from yihu.rulebook.snapshot.files import raw_of

_SEEDS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
_ROWS = 1 << 18
#: Parts of the keys looked through one after the other: the highest three bits.
_PARTS = 8


def text_keys(texts: pa.LargeStringArray) -> tuple[Array, Array]:
    """Two uint64 arrays; unknown texts are taken as empty."""
    if not len(texts):
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    raw, starts, sizes = raw_bytes(texts)
    parts = [
        _part_keys(raw, starts[at : at + _ROWS], sizes[at : at + _ROWS])
        for at in range(0, len(texts), _ROWS)
    ]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _part_keys(raw: Array, starts: Array, sizes: Array) -> tuple[Array, Array]:
    words = max(int(sizes.max(initial=0)) + 7, 8) // 8
    table = _table(raw, starts, sizes, words * 8).view(np.uint64)
    return _mixed(table, sizes, _SEEDS[0]), _mixed(table, sizes, _SEEDS[1])


def _table(raw: Array, starts: Array, sizes: Array, width: int) -> Array:
    """Each text as one row of bytes, filled up with zeros."""
    table = np.zeros((len(starts), width), np.uint8)
    for size in (np.flatnonzero(np.bincount(sizes)[1:]) + 1).tolist():
        rows, part = bytes_of_size(raw, starts, sizes, size)
        table[rows if len(rows) < len(starts) else slice(None), :size] = part
    return table


def _mixed(table: Array, sizes: Array, seed: int) -> Array:
    # The finaliser of splitmix64 after each word; the length keeps "a" apart from "a\0".
    found = sizes.astype(np.uint64) * np.uint64(seed)
    for column in range(table.shape[1]):
        found ^= table[:, column]
        found = scrambled(found + np.uint64(seed))
    return found


def scrambled(x: Array) -> Array:
    """A one-to-one scrambling of 64-bit numbers (splitmix64)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


class Rising:
    """Whether ids went by in rising order, as registers have them: then none comes twice."""

    def __init__(self) -> None:
        self.so_far = True
        self._last = ""

    def add(self, ids: pa.LargeStringArray) -> None:
        """The next ids of the file."""
        if not self.so_far or not len(ids):
            return
        steps = pc.less(ids[:-1], ids[1:])
        inside = len(ids) == 1 or bool(pc.all(steps).as_py())
        self.so_far = inside and self._last < ids[0].as_py()
        self._last = ids[-1].as_py()


def doubled(parts: Iterable[pa.LargeStringArray], folder: Path) -> Array:
    """Keys of texts that come more than once, rising.

    The keys go to a file in the folder and are looked through part by part, so that memory stays
    small whatever the number of texts.
    """
    found = [np.empty(0, np.uint64)]
    with tempfile.TemporaryFile(dir=folder) as file:
        for texts in parts:
            file.write(raw_of(text_keys(texts)[0]))
        for part in range(_PARTS):
            file.seek(0)
            found.append(_doubled(_part(file, part)))
    return np.sort(np.concatenate(found))


def _part(file: IO[bytes], part: int) -> Array:
    """The keys of one part of all keys, by their highest bits."""
    found = [np.empty(0, np.uint64)]
    while raw := file.read(_ROWS * 8):
        keys = np.frombuffer(raw, np.uint64)
        found.append(keys[keys >> np.uint64(61) == part])
    return np.concatenate(found)


def _doubled(keys: Array) -> Array:
    keys.sort()
    return np.unique(keys[1:][keys[1:] == keys[:-1]])


def among(texts: pa.LargeStringArray, keys: Array) -> Array:
    """Rows whose first key is one of these (sorted) keys."""
    found = text_keys(texts)[0]
    at = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
    return np.flatnonzero(keys[at] == found)
