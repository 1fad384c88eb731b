"""Structs in Thrift's compact protocol: as much of it as the foot of a Parquet file needs.

A struct is a list of fields: (number, value) or (number, value, "i32"). A whole number is 64 bits
wide unless marked, bytes are a binary, a tuple is a list, of structs if it is empty. Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any, TypeAlias

Struct: TypeAlias = list[tuple[Any, ...]]

I32, I64, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12


def varint(number: int) -> bytes:
    """A whole number from 0 up, seven bits a byte, the lowest first.

    >>> varint(300).hex()
    'ac02'
    """
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def encoded(struct: Struct) -> bytes:
    """The struct's bytes. Fields must come by rising number, steps of at most 15."""
    found = bytearray()
    last = 0
    for number, value, *width in struct:
        kind, body = _value(value, I32 if width else I64)
        found.append((number - last) << 4 | kind)
        found += body
        last = number
    return bytes(found) + b"\0"


def _value(value: Any, width: int) -> tuple[int, bytes]:
    if isinstance(value, int):
        return width, varint(value << 1)
    if isinstance(value, bytes):
        return BINARY, varint(len(value)) + value
    if isinstance(value, list):
        return STRUCT, encoded(value)
    items = [_value(item, width) for item in value]
    kind = items[0][0] if items else STRUCT
    few = len(items) < 15
    size = bytes([(len(items) if few else 15) << 4 | kind]) + (b"" if few else varint(len(items)))
    return LIST, size + b"".join(body for _, body in items)
