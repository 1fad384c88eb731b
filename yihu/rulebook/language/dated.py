"""Lines and decision tables: dated data as constants and strict cases of a day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from yihu.rulebook.book import LineSpec, Rulebook, TableSpec
from yihu.rulebook.days import number_of
from yihu.rulebook.language.kinds import MONIES, Typed
from yihu.rulebook.language.parse import BadText, Name
from yihu.rulebook.language.tables import NO, YES, bad_cell, require_few_rows, require_whole, sides
from yihu.rulebook.language.typed import Typer
from yihu.rulebook.refusals import nearest
from yihu.rulebook.tree import Type

if TYPE_CHECKING:
    from yihu.rulebook.language.meaning import Meaning


# -- lines ----------------------------------------------------------------------------------------


def line_value(rulebook: Rulebook, name: str, on: date, meaning: Meaning, at: int) -> Typed:
    """A line's value on a day: a constant, or a strict case by its key. Raises BadText."""
    line = rulebook.lines.get(name)
    if line is None:
        near = nearest(name, rulebook.lines)
        raise BadText(
            f"unknown line “line.{name}”",
            at,
            zh=f"未知标准“line.{name}”",
            near=near and f"line.{near}",
        )
    kind = line_type(rulebook, line)
    step = line.on(on)
    if step is None or step.value is None:
        return meaning.typer.constant(kind, None)
    if not isinstance(step.value, Mapping):
        return _amount(meaning.typer, kind, step.value)
    return _keyed(meaning, line, kind, step.value, at)


def line_type(rulebook: Rulebook, line: LineSpec) -> Type:
    """Type of a line's value: money by its unit, whole only if every value ever was."""
    values = [v for _, step in line.steps for v in _values(step.value)]
    if is_money(line.unit, rulebook.money):
        return _money_type(values)
    if values and all(isinstance(v, date) for v in values):
        return Type.DATE
    return Type.REAL if any(isinstance(v, float) for v in values) else Type.WHOLE


def is_money(unit: str, money: str) -> bool:
    """Whether a unit starts with the rulebook's money: yuan/person/year."""
    return unit.split("/", 1)[0] == money


def _money_type(values: list[object]) -> Type:
    fen = [Decimal(str(v)) * 100 for v in values]
    return Type.MONEY if all(f == int(f) for f in fen) else Type.MONEY_REAL


def _values(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return [] if value is None else [value]


def _amount(typer: Typer, kind: Type, value: object) -> Typed:
    if isinstance(value, date):
        return typer.constant(kind, number_of(value))
    number = Decimal(str(value)) * (100 if kind in MONIES else 1)
    whole = kind in (Type.WHOLE, Type.MONEY)
    return typer.constant(kind, int(number) if whole else float(number))


def _keyed(
    meaning: Meaning, line: LineSpec, kind: Type, values: Mapping[str, object], at: int
) -> Typed:
    typer = meaning.typer
    rest = dict(values)
    star = rest.pop("*", None)
    otherwise = _amount(typer, kind, star) if star is not None else typer.constant(kind, None)
    level = meaning.level_named(line.by)
    arms: list[tuple[Typed, Typed]] = []
    if level is not None:
        for prefix in sorted(rest, key=len, reverse=True):
            starts = meaning.starts(level, [prefix], at)
            arms.append((starts, _amount(typer, kind, rest[prefix])))
    else:
        by = meaning.name(Name(at, tuple(line.by.split("."))))
        for key, value in rest.items():
            arms.append((cell_condition(meaning, by, key, at), _amount(typer, kind, value)))
    return typer.choice(arms, otherwise, at)


# -- decision tables ------------------------------------------------------------------------------


def table_value(rulebook: Rulebook, name: str, meaning: Meaning, at: int) -> Typed:
    """A decision table as one strict case. Raises BadText for gaps and overlaps."""
    table = rulebook.tables.get(name)
    if table is None:
        near = nearest(name, rulebook.tables)
        raise BadText(
            f"unknown table “table.{name}”",
            at,
            zh=f"未知决策表“table.{name}”",
            near=near and f"table.{near}",
        )
    require_few_rows(table, at)
    keys = [_key(meaning, table, key, at) for key in table.keys]
    kind = table_type(rulebook, table)
    arms = [
        (_row_condition(meaning, keys, row, at), _amount(meaning.typer, kind, row[-1].strip()))
        for row in table.rows
    ]
    require_whole(table, keys, at)
    otherwise = (
        _amount(meaning.typer, kind, table.otherwise)
        if table.otherwise not in (None, "unknown")
        else meaning.typer.constant(kind, None)
    )
    return meaning.typer.choice(arms, otherwise, at)


def table_type(rulebook: Rulebook, table: TableSpec) -> Type:
    """Type of a table's value: money by its unit, whole only if every value is."""
    values: list[object] = [row[-1].strip() for row in table.rows]
    if table.otherwise not in (None, "unknown"):
        values.append(table.otherwise)
    if is_money(table.unit, rulebook.money):
        return _money_type(values)
    return Type.WHOLE if all(re.fullmatch(r"-?[0-9]+", str(v)) for v in values) else Type.REAL


def _key(meaning: Meaning, table: TableSpec, key: str, at: int) -> Typed:
    found = meaning.at_level(table.level, key, Name(at, (key,)), last=False)
    return meaning.seen(found, table.level, at)


def _row_condition(meaning: Meaning, keys: list[Typed], row: tuple[str, ...], at: int) -> Typed:
    cells = [
        cell_condition(meaning, key, cell, at)
        for key, cell in zip(keys, row, strict=False)
        if cell.strip() != "*"
    ]
    if not cells:
        return meaning.typer.constant(Type.TRUTH, True)
    return cells[0] if len(cells) == 1 else meaning.typer.both("and", cells, at)


def cell_condition(meaning: Meaning, key: Typed, cell: str, at: int) -> Typed:
    """A cell as a condition on its key: a code, several with |, 3..5, >= 3, 3+, 是, 否."""
    typer, text = meaning.typer, cell.strip()
    if key.type is Type.TRUTH:
        if text not in YES and text not in NO:
            raise bad_cell(text, "是 / 否", at)
        return key if text in YES else typer.negated(key, at)
    if key.type is Type.CODE:
        words = [typer.quoted(w.strip(), key, at) for w in text.split("|")]
        return typer.among(key, words, at)
    parts = [typer.compare(op, key, _plain(typer, n), at) for op, n in sides(text, at)]
    return parts[0] if len(parts) == 1 else typer.both("and", parts, at)


def _plain(typer: Typer, number: str) -> Typed:
    if re.fullmatch(r"-?[0-9]+", number):
        return typer.constant(Type.WHOLE, int(number), plain=True)
    return typer.constant(Type.REAL, float(number), plain=True)
