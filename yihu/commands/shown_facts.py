"""Derived facts asked for by name, and their values as people's files hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.rulebook.book import Rulebook
from yihu.rulebook.days import day_of, month_text
from yihu.rulebook.facts import CodeList
from yihu.rulebook.program import POPULATION
from yihu.rulebook.refusals import Refused, suggestion
from yihu.rulebook.tree import Type

Key = tuple[str, str]
AMOUNT = pa.decimal128(18, 2)


def facts_named(rulebook: Rulebook, names: Iterable[str]) -> list[Key]:
    """(level, name) of each derived fact; a name alone means it on every level that has it.

    Names may be Chinese labels. Raises Refused (command.no_such_fact)
    """
    found: dict[Key, None] = {}
    for name in names:
        keys = _keys(rulebook, name)
        if not keys:
            raise _no_such_fact(rulebook, name)
        found.update(dict.fromkeys(keys))
    return list(found)


def _keys(rulebook: Rulebook, name: str) -> list[Key]:
    levels = {level.name: level.name for level in rulebook.levels}
    levels |= {level.alias: level.name for level in rulebook.levels if level.alias}
    levels |= {level.label.zh: level.name for level in rulebook.levels}
    levels |= {POPULATION: POPULATION, "全体": POPULATION}
    at, dot, rest = name.partition(".")
    only = levels.get(at) if dot else None
    wanted = rest if only else name
    return [
        (level, of)
        for (level, of), spec in rulebook.derived.items()
        if wanted in (of, spec.label.zh) and only in (None, level)
    ]


def _no_such_fact(rulebook: Rulebook, name: str) -> Refused:
    known = [n for level, of in rulebook.derived for n in (of, f"{level}.{of}")]
    return Refused(
        "command.no_such_fact",
        name=rulebook.name,
        fact=name,
        suggestion=suggestion(name, known),
        suggestion_zh=suggestion(name, known, "zh"),
    )


def fact_type(kind: Type, codes: CodeList | None) -> pa.DataType:
    """The type of a fact's column in files."""
    if kind in (Type.CODE, Type.CODES):
        return pa.string() if codes is not None else pa.int64()
    return {
        Type.TRUTH: pa.bool_(),
        Type.MONEY: AMOUNT,
        Type.WHOLE: pa.int64(),
        Type.DATE: pa.date32(),
        Type.MONTH: pa.string(),
        Type.TEXT: pa.string(),
    }.get(kind, pa.float64())


def shown_values(values: Any, kind: Type, codes: CodeList | None) -> Any:
    """A derived fact's column as files hold it: yuan for fen, days, code keys; null is unknown."""
    if kind is Type.MONEY:
        fen = pc.fill_null(values.cast(pa.int64()), 0)
        return yuan(fen.to_numpy(), values.is_valid().to_numpy(zero_copy_only=False))
    if kind is Type.MONEY_REAL:
        return pc.divide(values.cast(pa.float64()), 100.0)
    writer = _WRITERS.get(kind)
    if writer is not None and (codes is not None or kind in (Type.DATE, Type.MONTH)):
        written = [None if v is None else writer(int(v), codes) for v in values.to_pylist()]
        return pa.array(written, fact_type(kind, codes))
    return values.cast(fact_type(kind, codes))


def _key(place: int, codes: CodeList) -> str:
    return codes.codes[place].key


def _chosen(mask: int, codes: CodeList) -> str:
    return ";".join(code.key for i, code in enumerate(codes.codes) if mask >> i & 1)


_WRITERS: dict[Type, Callable[[int, Any], object]] = {
    Type.DATE: lambda number, _: day_of(number),
    Type.MONTH: lambda number, _: month_text(number),
    Type.CODE: _key,
    Type.CODES: _chosen,
}


def yuan(fen: Any, known: Any) -> Any:
    """Whole fen as a decimal with two places, without going through floats or text."""
    # A 128-bit number: the low half is the fen themselves, the high half their sign.
    wide = np.empty((len(fen), 2), np.int64)
    wide[:, 0] = np.where(known, fen, 0)
    wide[:, 1] = wide[:, 0] >> 63
    valid = pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(AMOUNT, len(fen), [valid, pa.py_buffer(wide)])
