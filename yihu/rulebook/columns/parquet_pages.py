"""Parquet files of answers, two bits an answer, written as fast as they are computed.

Encoding thirty columns of three words each takes a general writer three times as long as finding
the answers: it looks at every value. Here an answer is a place in a dictionary of three words,
and a whole column becomes one bit-packed run by four operations. Three kinds of columns only:
texts that are always there, answers, whole numbers that may be missing. Any reader of Parquet
reads them.
Source: https://github.com/apache/parquet-format (Thrift compact protocol, encodings, data page V1)
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.rulebook.arrays.texts import bytes_of_size, raw_bytes
from yihu.rulebook.arrays.values import Array
from yihu.rulebook.columns.thrift import Struct, encoded, varint

MAGIC = b"PAR1"
INT64, BYTE_ARRAY = 2, 6
REQUIRED, OPTIONAL = 0, 1
PLAIN, RLE, RLE_DICTIONARY = 0, 3, 8
DATA_PAGE, DICTIONARY_PAGE = 0, 2
ZSTD = 6
#: The words of an answer, and the bits that hold the place of one among them.
ANSWER_WORDS = ("holds", "fails", "unknown")
WIDTH = 2


class AnswerFile:
    """A Parquet file that takes row groups one after the other.

    schema   `id`, texts that are always there, comes first; then dictionaries (answers, never
             null) and int64 (may be null) in any order
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self._codec = pa.Codec("zstd", 1)
        self._file = path.open("wb")
        self._file.write(MAGIC)
        self._groups: list[Struct] = []
        self._rows = 0

    def add(self, columns: Sequence[Any]) -> None:
        """A row group: an Arrow array of texts, arrays of places (uint8), or (values, valid)."""
        rows = len(columns[0])
        chunks, size = [], 0
        for field, column in zip(self.schema, columns, strict=True):
            chunk, bytes_ = self._chunk(field, column, rows)
            chunks.append(chunk)
            size += bytes_
        self._groups.append([(1, tuple(chunks)), (2, size), (3, rows)])
        self._rows += rows

    def close(self) -> None:
        """Write the foot of the file."""
        if self._file.closed:
            return
        arrow = base64.b64encode(self.schema.serialize().to_pybytes())
        foot = encoded(
            [
                (1, 1, "i32"),
                (2, tuple(_schema(self.schema))),
                (3, self._rows),
                (4, tuple(self._groups)),
                (5, ([(1, b"ARROW:schema"), (2, arrow)],)),
                (6, b"yihu"),
            ]
        )
        self._file.write(foot + len(foot).to_bytes(4, "little") + MAGIC)
        self._file.close()

    def _chunk(self, field: pa.Field, column: Any, rows: int) -> tuple[Struct, int]:
        start = self._file.tell()
        dictionary: list[tuple[Any, ...]] = []
        if pa.types.is_dictionary(field.type):
            words = [word.encode() for word in ANSWER_WORDS]
            plain = b"".join(len(w).to_bytes(4, "little") + w for w in words)
            head: Struct = [(1, len(words), "i32"), (2, PLAIN, "i32")]
            whole = self._page(DICTIONARY_PAGE, (7, head), plain)
            dictionary = [(11, start)]
            page, encoding = _places(column), RLE_DICTIONARY
        elif field.nullable:
            whole, (page, encoding) = 0, (_numbers(*column), PLAIN)
        else:
            whole, (page, encoding) = 0, (_texts(column), PLAIN)
        first = self._file.tell()
        levels = [(3, RLE, "i32"), (4, RLE, "i32")]
        head = [(1, rows, "i32"), (2, encoding, "i32"), *levels]
        whole += self._page(DATA_PAGE, (5, head), page)
        kind = INT64 if field.nullable else BYTE_ARRAY
        meta: Struct = [
            (1, kind, "i32"),
            (2, tuple(sorted({PLAIN, RLE, encoding})), "i32"),
            (3, (field.name.encode(),)),
            (4, ZSTD, "i32"),
            (5, rows),
            (6, whole),
            (7, self._file.tell() - start),
            (9, first),
            *dictionary,
        ]
        return [(2, start), (3, meta)], whole

    def _page(self, kind: int, head: tuple[int, Struct], body: bytes) -> int:
        """Write a page; its size unpacked, head included."""
        packed = self._codec.compress(body, asbytes=True)
        sizes = [(2, len(body), "i32"), (3, len(packed), "i32")]
        before = encoded([(1, kind, "i32"), *sizes, head])
        self._file.write(before + packed)
        return len(before) + len(body)


def _schema(schema: pa.Schema) -> list[Struct]:
    root: Struct = [(4, b"schema"), (5, len(schema), "i32")]
    found = [root]
    for field in schema:
        kind = [(1, INT64 if field.nullable else BYTE_ARRAY, "i32")]
        place = [(3, OPTIONAL if field.nullable else REQUIRED, "i32"), (4, field.name.encode())]
        # Text: the old mark (6) and the new (10, a union whose first member is an empty struct).
        text: Struct = [] if field.nullable else [(6, 0, "i32"), (10, [(1, [])])]
        found.append([*kind, *place, *text])
    return found


def _places(places: Array) -> bytes:
    """Places 0..3 as one run: of equal values, or bit-packed."""
    rows = len(places)
    if rows and not np.any(places != places[0]):
        return bytes([WIDTH]) + varint(rows << 1) + bytes([int(places[0])])
    groups = -(-rows // 8)
    filled = np.zeros(groups * 8, np.uint8)
    filled[:rows] = places
    # Four bytes, each a place, come together in the lowest byte.
    four = filled.view("<u4")
    four = four | (four >> np.uint32(6))
    four = four | (four >> np.uint32(12))
    packed: bytes = four.astype(np.uint8).tobytes()
    return bytes([WIDTH]) + varint(groups << 1 | 1) + packed


def _numbers(values: Array, valid: Array) -> bytes:
    """Which are there, as one bit-packed run, then those that are."""
    bits = np.packbits(valid, bitorder="little").tobytes()
    run = varint(len(bits) << 1 | 1) + bits
    there: bytes = values[valid].astype("<i8").tobytes()
    return len(run).to_bytes(4, "little") + run + there


def _texts(texts: pa.LargeStringArray) -> bytes:
    """Each text after its length in four bytes."""
    raw, starts, sizes = raw_bytes(texts)
    ends = np.cumsum(sizes + 4)
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    for size in np.flatnonzero(np.bincount(sizes)).tolist() if len(sizes) else ():
        rows, part = bytes_of_size(raw, starts, sizes, size) if size else _empty(sizes)
        table = np.empty((len(rows), 4 + size), np.uint8)
        table[:, :4] = np.frombuffer(size.to_bytes(4, "little"), np.uint8)
        table[:, 4:] = part
        if len(rows) == len(sizes):
            return table.tobytes()
        out[(ends[rows] - size - 4)[:, None] + np.arange(4 + size)] = table
    return out.tobytes()


def _empty(sizes: Array) -> tuple[Array, Array]:
    rows = np.flatnonzero(sizes == 0)
    return rows, np.empty((len(rows), 0), np.uint8)
