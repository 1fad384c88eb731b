"""Columns on their way into a snapshot: kept in memory, or one flat file each.

Whole numbers come block by block in the smallest type that fits the block; in the end a column
has one type, the widest of its blocks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np

from yihu.rulebook.arrays.values import Array

CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished column: its values, and for files the name and checksum."""

    values: Array
    file: str = ""
    checksum: str = ""


class Sink(Protocol):
    """Where the columns of a snapshot go."""

    def add(self, name: str, values: Array) -> None:
        """Append values to a column."""

    def finish(self, name: str, *, sentinel_is_least: bool = False) -> Stored:
        """The whole column, in the widest type of its parts.

        sentinel_is_least   the least number of each part's type means unknown and stays so
        """

    def clear(self) -> None:
        """Forget everything added so far."""


def raw_of(values: Array) -> memoryview | bytes:
    """The bytes of an array, without a copy."""
    return np.ascontiguousarray(values).data.cast("B") if len(values) else b""


def widest(kinds: list[np.dtype[Any]]) -> np.dtype[Any]:
    """The type that holds all of them."""
    return np.result_type(*kinds) if kinds else np.dtype(np.int8)


def widened(values: Array, kind: np.dtype[Any], *, sentinel_is_least: bool) -> Array:
    """Values in a wider type, the sentinel carried along."""
    if values.dtype == kind:
        return values
    wide = values.astype(kind)
    if sentinel_is_least and kind.kind == "i":
        wide[values == np.iinfo(values.dtype).min] = np.iinfo(kind).min
    return wide


class InMemory:
    """Columns kept as arrays."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}

    def add(self, name: str, values: Array) -> None:
        """Append values to a column."""
        self._parts.setdefault(name, []).append(values)

    def finish(self, name: str, *, sentinel_is_least: bool = False) -> Stored:
        """The whole column, in the widest type of its parts."""
        parts = self._parts.pop(name, [])
        kind = widest([part.dtype for part in parts])
        wide = [widened(part, kind, sentinel_is_least=sentinel_is_least) for part in parts]
        return Stored(np.concatenate(wide) if wide else np.empty(0, kind))

    def clear(self) -> None:
        """Forget everything added so far."""
        self._parts.clear()


class InFiles:
    """Columns written to flat files in a folder, one each, with a blake2b checksum."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._parts: dict[str, list[tuple[np.dtype[Any], int]]] = {}
        self._sums: dict[str, Any] = {}
        self._made = 0
        self.finished: dict[str, Stored] = {}

    def add(self, name: str, values: Array) -> None:
        """Append values to a column."""
        if name not in self._files:
            # Numbered: names of facts may be Chinese, long, or differ in case only.
            self._made += 1
            self._files[name] = (self.folder / f"{self._made:04d}.col").open("wb")
            self._parts[name] = []
            self._sums[name] = hashlib.blake2b(digest_size=16)
        raw = raw_of(values)
        self._files[name].write(raw)
        self._sums[name].update(raw)
        self._parts[name].append((values.dtype, len(values)))

    def finish(self, name: str, *, sentinel_is_least: bool = False) -> Stored:
        """The whole column, in the widest type of its parts."""
        if name not in self._files:
            self.add(name, np.empty(0, np.int8))
        parts, file, checksum = self._parts.pop(name), self._files.pop(name), self._sums.pop(name)
        file.flush()
        os.fsync(file.fileno())
        file.close()
        path = Path(file.name)
        kind = widest([part for part, _ in parts])
        if any(part != kind for part, _ in parts):
            checksum = _rewrite(path, parts, kind, sentinel_is_least)
        stored = Stored(mapped(path, kind), path.name, checksum.hexdigest())
        self.finished[name] = stored
        return stored

    def close(self) -> None:
        """Let go of the files of columns that were not finished."""
        for file in self._files.values():
            file.close()

    def clear(self) -> None:
        """Forget everything added so far."""
        self.close()
        for file in self._files.values():
            Path(file.name).unlink()
        for stored in self.finished.values():
            (self.folder / stored.file).unlink()
        self._files, self._parts, self._sums, self.finished = {}, {}, {}, {}


def _rewrite(
    path: Path, parts: list[tuple[np.dtype[Any], int]], kind: np.dtype[Any], least: bool
) -> Any:
    checksum = hashlib.blake2b(digest_size=16)
    wide_path = path.with_suffix(".wide")
    with path.open("rb") as old, wide_path.open("wb") as new:
        for part in _read_parts(old, parts):
            raw = raw_of(widened(part, kind, sentinel_is_least=least))
            new.write(raw)
            checksum.update(raw)
        new.flush()
        os.fsync(new.fileno())
    wide_path.replace(path)
    return checksum


def _read_parts(file: BinaryIO, parts: list[tuple[np.dtype[Any], int]]) -> Iterator[Array]:
    for kind, count in parts:
        left = count
        while left:
            now = min(left, CHUNK)
            yield np.frombuffer(file.read(now * kind.itemsize), kind)
            left -= now


def mapped(path: Path, kind: np.dtype[Any]) -> Array:
    """A flat file as a read-only array that is paged in as it is used."""
    if path.stat().st_size == 0:  # an empty file cannot be mapped
        return np.empty(0, kind)
    return np.memmap(path, kind, mode="r").view(np.ndarray)


def checksum_of_head(head: Mapping[str, Any]) -> str:
    """blake2b of a snapshot's description, without the checksum that stands in it."""
    plain = {name: value for name, value in head.items() if name != "checksum"}
    text = json.dumps(plain, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def checksum_of(path: Path) -> str:
    """blake2b of a file, as recorded in a snapshot."""
    checksum = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while raw := file.read(CHUNK):
            checksum.update(raw)
    return checksum.hexdigest()
